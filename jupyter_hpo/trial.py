"""The record of one trial."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .blobs import Blob

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRADIENT: Final = "gradient_"  # what names of derivatives in a trial's `info` begin with
SLOPES: Final = "gradient:"  # and names in its `arrays`
# further names in a trial's `info`:
RUN_AGAIN: Final = "run_again"  # the error of a first run, if it was repeated
ORIGIN: Final = "origin"  # what an optimizer noted of its proposal
SEED: Final = "seed"  # that of the study when it began, if the study has another now
TURN: Final = "turn"  # when it ended or was set aside last, counted in such events from 0
WAITING: Final = "waiting"  # true while it is set aside
SET_ASIDE: Final = "set_aside"  # after how many reports it was, each time
FORECAST: Final = "forecast"  # what it was expected to come to when it ended early or was set aside
REPORTED: Final = "reported"  # how often it reported, if that is more than was kept
RAN: Final = "ran"  # from when to when it ran, once it was, s since the epoch; null: until now


class TrialState(StrEnum):
    """What became of a trial; the words are those of the dataframe."""

    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    PRUNED = "PRUNED"
    SKIPPED = "SKIPPED"
    FAIL = "FAIL"
    INTERRUPTED = "INTERRUPTED"

    @property
    def finished(self) -> bool:
        """Whether the trial counts towards ``--trials`` and is told to the optimizer."""
        return self not in (TrialState.RUNNING, TrialState.INTERRUPTED)


class Report(NamedTuple):
    """An intermediate value of the objective: `value` at `step` (counted from 0)."""

    step: int
    value: float


@dataclass(frozen=True)
class Trial:
    """One trial, as far as it got. Immutable: a change makes a new one.

    Attributes
    ----------
    number : place in the study, from 0; trial 0 is the baseline.
    state : see `TrialState`.
    assignment : values of the active hyperparameters by key of the search space.
    value : the objective, in the user's own sign; None unless it was reached.
    reports : intermediate values, in order of their steps.
    started : seconds since the epoch.
    duration : seconds the trial ran.
    peak_memory : bytes, the largest resident size of the process during the trial;
        None where the system cannot tell.
    peak_memory_cuda : bytes, the largest allocation on the trial's CUDA device.
    error : why it failed, as text, the traceback included; `reason` is it in one line.
    info : what the optimizer or runner noted about it, plain JSON.
    log : what the cell logged with ``trial.log(...)``, plain JSON.
    output : what the cell printed, its middle left out when long.
    arrays : what it has of large arrays: tensors that an optimizer has made for it, by the name
        of the variable, and what else is to be kept under names that no variable can have:
        ``gradient:NAME``, the derivative of the objective by one.
    namespace : the variables named by ``--keep``; held for the best trial only.
    """

    number: int
    state: TrialState
    assignment: Mapping[str, Any]
    value: float | None = None
    reports: tuple[Report, ...] = ()
    started: float | None = None
    duration: float | None = None
    peak_memory: int | None = None
    peak_memory_cuda: int | None = None
    error: str | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    log: Mapping[str, Any] = field(default_factory=dict)
    output: str = ""
    arrays: Mapping[str, Blob] = field(default_factory=dict)
    namespace: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def params(self) -> dict[str, Any]:
        """Values of the active hyperparameters by the name the cell knows them by."""
        return {key.partition("#")[0]: value for key, value in self.assignment.items()}

    @property
    def tensors(self) -> list[str]:
        """Names of the variables that it had tensors of its own for."""
        return [name for name in self.arrays if name.isidentifier()]

    @property
    def weights(self) -> dict[str, NDArray[Any]]:
        """The tensors it ran with in place of the notebook's, by name, as numpy arrays.

        Raises
        ------
        StoreError
            If they cannot be read from the study's file.
        """
        return {name: self.arrays[name].array() for name in self.tensors}

    @property
    def origin(self) -> Mapping[str, Any]:
        """What the optimizer noted of its proposal; empty if it did not make it."""
        noted = self.info.get(ORIGIN)
        return noted if isinstance(noted, dict) else {}

    @property
    def seed(self) -> int | None:
        """The seed it began with, if the study has another one now."""
        seed = self.info.get(SEED)  # perhaps stored by another program
        return seed if type(seed) is int and seed >= 0 else None

    @property
    def turn(self) -> int | None:
        """Its place among the trials that ended or were set aside, if they did so out of order."""
        noted = self.info.get(TURN)
        return noted if type(noted) is int else None

    @property
    def set_aside(self) -> list[int]:
        """After how many reports it was set aside, each time."""
        noted = self.info.get(SET_ASIDE)
        return noted if isinstance(noted, list) and all(type(n) is int for n in noted) else []

    @property
    def forecast(self) -> float | None:
        """What the objective of a trial that is not complete was expected to come to, if known."""
        noted = self.info.get(FORECAST)
        return noted if isinstance(noted, float) and math.isfinite(noted) else None

    @property
    def reported(self) -> int:
        """How often it has reported; of many reports not all are kept."""
        noted = self.info.get(REPORTED)
        return max(noted if type(noted) is int else 0, len(self.reports))

    @property
    def ran(self) -> list[tuple[float, float | None]]:
        """From when to when it ran, seconds since the epoch; None: until now.

        Empty if it was never set aside: then it ran from `started` on.
        """
        noted = self.info.get(RAN)
        try:
            return [(float(a), None if b is None else float(b)) for a, b in noted or ()]
        except (TypeError, ValueError):  # a stranger's
            return []

    def rests(self, now: float) -> list[list[float | None]]:
        """`ran`, with an end of what was under way."""
        pieces = self.ran or [(now if self.started is None else self.started, None)]
        return [[a, round(now, 3) if b is None else b] for a, b in pieces]

    def moves(self, now: float) -> list[list[float | None]]:
        """`ran`, with another piece that has begun."""
        return [*self.rests(now), [round(now, 3), None]]

    @property
    def waits(self) -> bool:
        """Whether it is set aside."""
        return self.state is TrialState.RUNNING and self.info.get(WAITING) is True

    @property
    def reason(self) -> str:
        """Why it failed or ended early, in one line; empty if it did not."""
        lines = (self.error or "").strip().splitlines()
        return str(self.info.get("reason") or (lines[-1] if lines else ""))

    def minimised(self, maximize: bool) -> Trial:
        """The trial as optimizers see it: smaller values are better."""
        if not maximize:
            return self
        return replace(
            self,
            info={
                name: -value if name.startswith(GRADIENT) or name == FORECAST else value
                for name, value in self.info.items()
            },
            arrays={
                name: -blob if name.startswith(SLOPES) else blob
                for name, blob in self.arrays.items()
            },
            value=None if self.value is None else -self.value,
            reports=tuple(Report(step, -value) for step, value in self.reports),
        )

"""The record of one trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

GRADIENT: Final = "gradient_"  # what names of derivatives in a trial's `info` begin with
RUN_AGAIN: Final = (
    "run_again"  # the error of a first run, in the `info` of a trial that was repeated
)
ORIGIN: Final = "origin"  # what an optimizer noted of its proposal, in a trial's `info`


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
    namespace: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def params(self) -> dict[str, Any]:
        """Values of the active hyperparameters by the name the cell knows them by."""
        return {key.partition("#")[0]: value for key, value in self.assignment.items()}

    @property
    def origin(self) -> Mapping[str, Any]:
        """What the optimizer noted of its proposal; empty if it did not make it."""
        noted = self.info.get(ORIGIN)
        return noted if isinstance(noted, dict) else {}

    @property
    def reason(self) -> str:
        """Why it failed, in one line; empty if it did not."""
        lines = (self.error or "").strip().splitlines()
        return str(self.info.get("reason") or lines[-1]) if lines else ""

    def minimised(self, maximize: bool) -> Trial:
        """The trial as optimizers see it: smaller values are better."""
        if not maximize:
            return self
        return replace(
            self,
            info={
                name: -value if name.startswith(GRADIENT) else value
                for name, value in self.info.items()
            },
            value=None if self.value is None else -self.value,
            reports=tuple(Report(step, -value) for step, value in self.reports),
        )

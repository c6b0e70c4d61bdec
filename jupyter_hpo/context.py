"""``trial``: what the code of a trial talks to."""

from __future__ import annotations

import math
import operator
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import StudyError
from .randomness import generator
from .scalar import as_report
from .trial import Report

if TYPE_CHECKING:
    import numpy as np

LARGEST_LOG = 1_000  # characters of a logged value that is not a number


class TrialContext:
    """A running trial, seen from its code.

    Attributes
    ----------
    number : from 0; trial 0 runs the defaults.
    assignment : values by key of the search space; after the run, the active ones.
    params : the same by name.
    device : where to put the model, "cuda", "mps" or "cpu", or what ``--device`` says.
    """

    def __init__(
        self,
        number: int,
        assignment: Mapping[str, Any],
        *,
        seed: int = 0,
        device: str | None = None,
        metric: str = "the value",
        directory: Path | None = None,
        on_report: Callable[[Report], None] = lambda report: None,
    ) -> None:
        self.number, self.assignment = number, dict(assignment)
        self.params = {key.partition("#")[0]: value for key, value in assignment.items()}
        self.reports: dict[int, float] = {}
        self.logged: dict[str, Any] = {}
        self._seed, self._device, self._metric = seed, device, metric
        self._directory, self._on_report = directory, on_report
        self._rng: np.random.Generator | None = None
        self._by_hand = False

    @property
    def device(self) -> str:
        """Where to put the model and the data."""
        return self._device or default_device()

    @property
    def rng(self) -> np.random.Generator:
        """A numpy Generator of this trial's own, made from the study's seed and the number."""
        if self._rng is None:
            self._rng = generator(self._seed, self.number, stream=1)
        return self._rng

    @property
    def directory(self) -> Path:
        """A folder of this trial's own, for checkpoints; made when first asked for."""
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix=f"trial-{self.number}-"))
        self._directory.mkdir(parents=True, exist_ok=True)
        return self._directory

    def report(self, value: Any, step: int | None = None, **extra: Any) -> None:
        """Note an intermediate value of the objective.

        The first call ends the automatic reports of the trial. A second value
        for a step takes the place of the first; `extra` values are logged.

        Raises
        ------
        StudyError
            If `value` is no number or `step` no whole number from 0.
        """
        number = as_report(value, self._metric)
        if number is None:
            raise StudyError(f"trial.report() takes a number, not {type(value).__name__}")
        self._by_hand = True
        self._note(number, step)
        self.log(**extra)

    def automatic(self, value: Any, step: int) -> None:
        """The metric at the end of iteration `step` of the reporting loop."""
        number = None if self._by_hand else as_report(value, self._metric)
        if number is not None:
            self._note(number, step)

    def _note(self, number: float, step: int | None) -> None:
        if step is None:
            step = max(self.reports, default=-1) + 1
        try:
            step = operator.index(step)
        except TypeError:
            raise StudyError(f"step is a whole number, not {step!r}") from None
        if step < 0:
            raise StudyError(f"steps count from 0, and this one is {step}")
        self.reports[step] = number
        self._on_report(Report(step, number))

    def log(self, **values: Any) -> None:
        """Note other values of the trial; the last of each name is kept with it."""
        for name, value in values.items():
            self.logged[name] = _plain(value)


class _StandIn(TrialContext):
    """``trial`` outside a study, so that the plain cell still runs."""

    def __init__(self) -> None:
        super().__init__(0, {})


def _plain(value: Any) -> Any:
    """A value as a JSON scalar."""
    if value is None or isinstance(value, (bool, str)):
        return value[:LARGEST_LOG] if isinstance(value, str) else value
    number = as_report(value, "value")
    if number is None:
        return repr(value)[:LARGEST_LOG]
    if not math.isfinite(number):
        return str(number)
    return int(number) if isinstance(value, int) else number


def default_device() -> str:
    """The accelerator torch has, if torch is imported; else "cpu"."""
    torch = sys.modules.get("torch")
    if torch is None:
        return "cpu"
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


class TrialProxy:
    """The name ``trial``: the running trial, or a harmless stand-in between studies."""

    def __init__(self) -> None:
        object.__setattr__(self, "_current", None)
        object.__setattr__(self, "_stand_in", None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._target(), name)

    def _target(self) -> TrialContext:
        if self._current is not None:
            current: TrialContext = self._current
            return current
        if self._stand_in is None:
            object.__setattr__(self, "_stand_in", _StandIn())
        stand_in: TrialContext = self._stand_in
        return stand_in

    def __dir__(self) -> list[str]:
        return ["device", "directory", "log", "number", "params", "report", "rng"]

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"trial.{name} cannot be set; use trial.log({name}=…)")

    def __repr__(self) -> str:
        if self._current is None:
            return "<trial: no study is running>"
        return f"<trial {self._current.number}: {self._current.params}>"


trial = TrialProxy()


@contextmanager
def running(context: TrialContext) -> Iterator[None]:
    """Make a trial the current one."""
    object.__setattr__(trial, "_current", context)
    try:
        yield
    finally:
        object.__setattr__(trial, "_current", None)


def inside_trial() -> bool:
    """Whether a trial is running."""
    return trial._current is not None


def refuse_inside_trial(what: str) -> None:
    """Raise StudyError if a trial is running."""
    if inside_trial():
        raise StudyError(f"{what} cannot be used inside a trial: the study is already running it")

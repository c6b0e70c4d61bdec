"""``trial``: what the code of a trial talks to."""

from __future__ import annotations

import copy
import math
import operator
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import StudyError
from .layers import Layer
from .protocols import HearsReports
from .randomness import generator
from .scalar import as_report
from .trial import Report

if TYPE_CHECKING:
    import numpy as np

    from .protocols import WorksInside

LONGEST_CURVE = 2_000  # automatic reports kept of a trial
LARGEST_LOG = 1_000  # characters of a logged value that is not a number


class TrialContext:
    """A running trial, seen from its code.

    Attributes
    ----------
    number : from 0; trial 0 runs the defaults.
    assignment : values by key of the search space; after the run, the active ones.
    values : copies of them for the trial's code, or what an optimizer has bound in their place.
    params : the copies by name.
    point : a place where the trial may be parked or ended; called after its reports.
    laid : variables that are laid over the notebook's beside the hyperparameters, by name.
    seed : of the study when the trial began; its random number generators follow from it.
    inside : the optimizer, if it works inside trials.
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
        point: Callable[[], None] = lambda: None,
        inside: WorksInside | None = None,
        laid: Mapping[str, Any] = {},
    ) -> None:
        self.number, self.assignment = number, dict(assignment)
        # a choice may be a list or a module: what one trial does to it is not the next one's
        self.values = {key: _own(value) for key, value in assignment.items()}
        self.params = self._by_name()
        self.laid = dict(laid)
        self.inside = inside
        listener: Any = inside
        self._hears: HearsReports | None = listener if isinstance(listener, HearsReports) else None
        self.reports: dict[int, float] = {}
        self.logged: dict[str, Any] = {}
        self.seed, self._device, self._metric = seed, device, metric
        self._directory, self._on_report, self.point = directory, on_report, point
        self._rng: np.random.Generator | None = None
        self._by_hand = False
        self.reported = 0  # reports, those that were let go of among them
        self._next_step = 0
        self._stride = 1
        self._latest: int | None = None

    def bind(self, objects: Mapping[str, Any]) -> None:
        """Give the trial's variables other objects, by key; `params` keeps the values."""
        for key, held in objects.items():
            (self.values if key in self.values else self.laid)[key] = held

    @property
    def bound(self) -> dict[str, Any]:
        """What the trial's variables are bound to, by name."""
        return {**self._by_name(), **self.laid}

    def _by_name(self) -> dict[str, Any]:
        return {key.partition("#")[0]: value for key, value in self.values.items()}

    @property
    def device(self) -> str:
        """Where to put the model and the data."""
        return self._device or default_device()

    @property
    def rng(self) -> np.random.Generator:
        """A numpy Generator of this trial's own, made from the study's seed and the number."""
        if self._rng is None:
            self._rng = generator(self.seed, self.number, stream=1)
        return self._rng

    @property
    def directory(self) -> Path:
        """A folder of this trial's own, for checkpoints; made when first asked for."""
        if self._directory is not None:
            with suppress(OSError):  # beside a notebook that may be read only
                self._directory.mkdir(parents=True, exist_ok=True)
                return self._directory
        self._directory = Path(tempfile.mkdtemp(prefix=f"trial-{self.number}-"))
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
        self.point()

    def automatic(self, value: Any, step: int) -> None:
        """The metric at the end of iteration `step` of the reporting loop.

        A loop over batches makes more of them than anybody looks at: beyond
        `LONGEST_CURVE` every second one is let go of, the latest excepted.
        """
        number = None if self._by_hand else as_report(value, self._metric)
        if number is None:
            return
        if self._latest is not None and self._latest % self._stride:
            self.reports.pop(self._latest, None)
        self._latest = step
        self._note(number, step)
        if len(self.reports) > LONGEST_CURVE:
            self._stride *= 2
            kept = {s: v for s, v in self.reports.items() if s % self._stride == 0 or s == step}
            self.reports = kept

    def _note(self, number: float, step: int | None) -> None:
        if step is None:
            step = self._next_step
        try:
            step = operator.index(step)
        except TypeError:
            raise StudyError(f"step is a whole number, not {step!r}") from None
        if step < 0:
            raise StudyError(f"steps count from 0, and this one is {step}")
        self._next_step = max(self._next_step, step + 1)
        self.reported += step not in self.reports
        self.reports[step] = number
        if self._hears is not None:
            self._hears.reported(step)
        self._on_report(Report(step, number))

    def so_far(self) -> Mapping[str, Any]:
        """What an optimizer inside knows of a trial that does not come to its end."""
        return {} if self._hears is None else self._hears.so_far()

    def log(self, **values: Any) -> None:
        """Note other values of the trial; the last of each name is kept with it."""
        for name, value in values.items():
            self.logged[name] = _plain(value)


class _StandIn(TrialContext):
    """``trial`` outside a study, so that the plain cell still runs."""

    def __init__(self) -> None:
        super().__init__(0, {})


def _own(value: Any) -> Any:
    """A copy of a choice that can be changed; itself if it cannot be copied."""
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001  # a module, a generator, a class of the user's
        return value


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
        object.__setattr__(self, "_elders", frozenset())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._target(), name)

    def _target(self) -> TrialContext:
        # a thread that outlives its trial must not report to the next one
        if self._current is not None and threading.get_ident() not in self._elders:
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


class Running(Layer):
    """Makes a trial the current one, for its own threads and not for those that it found."""

    def __init__(self, context: TrialContext) -> None:
        self._context = context
        self._elders: frozenset[int | None] = frozenset()
        self._known: frozenset[int | None] = frozenset()  # when it was parked last

    def enter(self) -> None:
        self._elders |= _threads() - self._known  # of the user's cells meanwhile, too
        object.__setattr__(trial, "_elders", self._elders)
        object.__setattr__(trial, "_current", self._context)

    def leave(self) -> None:
        self._known = _threads()
        object.__setattr__(trial, "_current", None)


def _threads() -> frozenset[int | None]:
    """All threads but this one."""
    return frozenset(t.ident for t in threading.enumerate()) - {threading.get_ident()}


def own_threads() -> frozenset[int | None]:
    """Threads that the running trial has started."""
    return _threads() - trial._elders if trial._current is not None else frozenset()


def inside_trial() -> bool:
    """Whether this thread is inside a trial: it runs one, or one has started it."""
    return trial._current is not None and threading.get_ident() not in trial._elders


def refuse_inside_trial(what: str) -> None:
    """Raise StudyError if this thread is inside a trial."""
    if inside_trial():
        raise StudyError(f"{what} cannot be used inside a trial: the study is already running it")

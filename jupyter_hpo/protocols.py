"""What the parts of a study ask of each other. Third parties implement these too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from .controls import Controls
from .trial import Trial

if TYPE_CHECKING:
    import numpy as np

    from .context import TrialContext


@dataclass
class Outcome:
    """How a trial ended: with a `value`, or with an `exception`.

    Attributes
    ----------
    value : the objective as a float, in the user's sign.
    exception : what ended it instead; `error` is it as text, `reason` in one line.
    seconds, peak_memory, peak_memory_cuda, output : see `Trial`.
    graph : whether the objective was a tensor holding its whole computation.
    """

    value: float | None = None
    exception: BaseException | None = None
    error: str | None = None
    reason: str = ""
    seconds: float = 0.0
    peak_memory: int | None = None
    peak_memory_cuda: int | None = None
    output: str = ""
    graph: bool = False


@runtime_checkable
class Optimizer(Protocol):
    """Proposes configurations and learns from their outcome; always minimises.

    Its state is a function of the trials told so far, in the order told: a
    study that is resumed tells them again and must get the same proposals.
    It is never pickled.
    """

    def ask(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any] | None:
        """The assignment of trial `number`.

        Parameters
        ----------
        number : the trial's number, from 0.
        rng : made from the study's seed and `number`; the only source of chance.
        running : assignments of the trials that have been started and not told yet.

        Returns
        -------
        Values by key of the search space, active parameters only; None if there
        is nothing left to try, which ends the study.
        """

    def tell(self, trial: Trial) -> None:
        """Learn from a finished trial; called once for each, failed and pruned ones too.

        ``trial.value`` is to be minimised; it may be infinite, and is None for
        trials that did not reach one.
        """


class Output(Protocol):
    """What a trial printed."""

    @property
    def text(self) -> str:
        """Standard output and error as text, its middle left out when long."""


class Host(Protocol):
    """The place trials run in: a kernel, or plain Python."""

    @property
    def headless(self) -> bool:
        """Whether nobody is there to answer (nbconvert, papermill, a script)."""

    def capture(self, *, show: bool) -> AbstractContextManager[Output]:
        """Take what is printed and displayed inside; `show` also lets it through."""

    def listen(self, controls: Controls) -> AbstractContextManager[None]:
        """Around a study: turn ■ into ``controls.interrupt()``."""

    def interruptible(self) -> AbstractContextManager[None]:
        """Inside, and only there, ■ raises KeyboardInterrupt too."""

    def title(self, filename: str) -> str | None:
        """What tracebacks call a file: "Cell In[3]" for a cell, None for any other."""


class Body(Protocol):
    """The code of a trial: a cell, or a Python function."""

    def run(self, context: TrialContext, interruptible: AbstractContextManager[None]) -> Any:
        """Run it once and return the objective as the user gave it.

        Parameters
        ----------
        interruptible : to be entered around the user's code and nothing else.
        """

    def release(self, keep: Sequence[str] = ()) -> dict[str, Any]:
        """Let go of everything the last run made; return the variables named in `keep`."""

    def expose(self) -> None:
        """Leave the run's variables where the code put them, as a plain cell would."""


class Executor(Protocol):
    """Runs trials."""

    def run(self, context: TrialContext, *, show: bool) -> Outcome:
        """Run one trial to its end; never raises for what the trial's code does."""

    def release(self, outcome: Outcome, keep: Sequence[str] = ()) -> dict[str, Any]:
        """Let go of all the trial made; return the variables named in `keep`."""

    def expose(self) -> None:
        """Leave the trial's variables where its code put them, for the debugger."""

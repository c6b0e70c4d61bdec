"""What the parts of a study ask of each other. Third parties implement these too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from .trial import Trial

if TYPE_CHECKING:
    import numpy as np


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


class Host(Protocol):
    """The place trials run in: a kernel, or plain Python."""

    def capture(self, *, show: bool) -> AbstractContextManager[Output]:
        """Take what is printed and displayed inside; `show` also lets it through."""

    def interruptible(self) -> AbstractContextManager[None]:
        """Let ■ raise KeyboardInterrupt inside; outside it only sets the study's flag."""

    @property
    def headless(self) -> bool:
        """Whether nobody is there to answer (nbconvert, papermill, a script)."""


class Output(Protocol):
    """What a trial printed."""

    @property
    def text(self) -> str:
        """Standard output and error as text, its middle left out when long."""


class Body(Protocol):
    """The code of a trial: a cell, or a Python function."""

    def run(self, context: Context) -> Any:
        """Run it once and return the objective as the user gave it."""

    def release(self, keep: Sequence[str] = ()) -> dict[str, Any]:
        """Let go of everything the last run made; return the variables named in `keep`."""


class Context(Protocol):
    """What a running trial offers its code; ``trial`` in the cell."""

    number: int
    assignment: Mapping[str, Any]

    def report(self, value: Any, step: int | None = None, **extra: Any) -> None:
        """Note an intermediate value."""

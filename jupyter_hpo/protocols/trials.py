"""What runs a trial, and where."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import CodeType
from typing import TYPE_CHECKING, Any, Protocol

from ..controls import Controls
from ..interrupts import Arm, Steering
from ..layers import Layer

if TYPE_CHECKING:
    from ..context import TrialContext
    from ..parking import Standing


@dataclass
class Outcome:
    """How a trial ended: with a `value`, or with an `exception`.

    Attributes
    ----------
    value : the objective as a float, in the user's sign.
    exception : what ended it instead; `error` is it as text, `reason` in one line.
    seconds, peak_memory, peak_memory_cuda, output : see `Trial`.
    graph : whether the objective was a tensor holding its whole computation, to no use.
    info : what an optimizer that works inside trials noted, plain JSON.
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
    info: Mapping[str, Any] = field(default_factory=dict)


class Output(Layer, ABC):
    """Takes what a trial prints, while it is entered."""

    @property
    @abstractmethod
    def text(self) -> str:
        """Standard output and error as text, its middle left out when long."""


class Host(Protocol):
    """The place trials run in: a kernel, or plain Python."""

    @property
    def headless(self) -> bool:
        """Whether nobody is there to answer (nbconvert, papermill, a script)."""

    def captured(self, *, show: bool) -> Output:
        """A layer that takes what a trial prints and displays; `show` also lets it through."""

    def listen(self, *controls: Controls, presses: bool = True) -> AbstractContextManager[None]:
        """Around a study: turn ■ into ``controls.press()``, if `presses`."""

    def steered(self, arm: Arm | None) -> Steering:
        """Around a trial's own code: what is asked of it ends it there, or calls `arm`."""

    def nudge(self) -> None:
        """Make the trial look at what is asked of it; from any thread."""

    def is_users(self, code: CodeType) -> bool:
        """Whether a trial may be parked on the lines of some code."""

    def soon(self, action: Callable[[], None], seconds: float = 0) -> bool:
        """Have an action called on the main thread once no cell blocks it; from any thread.

        Returns
        -------
        False if there is no event loop to call it.
        """

    @property
    def busy(self) -> bool:
        """Whether a cell of the user's runs now."""

    def place(self, frames: Sequence[tuple[str, str, int]]) -> str:
        """Where user's frames stand (file, function and line, the innermost first), in words."""

    def addressee(self) -> Callable[[], AbstractContextManager[None]]:
        """Sends what is printed and displayed to the cell that runs now, whenever that is."""

    def attending(self) -> AbstractContextManager[None]:
        """While a cell blocks this thread: keep the front end's buttons alive."""

    def title(self, filename: str) -> str | None:
        """What tracebacks call a file: "Cell In[3]" for a cell, None for any other."""


class Body(Protocol):
    """The code of a trial: a cell, or a Python function."""

    def run(self, context: TrialContext, steered: AbstractContextManager[None]) -> Any:
        """Run it once and return the objective as the user gave it.

        Parameters
        ----------
        steered : to be entered around the user's code and nothing else.
        """

    def beside(self) -> Body:
        """The same code, for a run while this one stands still."""

    def variables(self) -> dict[str, Any]:
        """What the last run made, by name; empty once it is released."""

    def others(self) -> list[Any]:
        """What the code finds around it and is not of the run, which stands still."""

    def leave(self) -> None:
        """The run is parked: its variables are taken out of the notebook."""

    def enter(self) -> None:
        """The run goes on: they are put back; nothing if it was not parked."""

    def release(self, keep: Sequence[str] = ()) -> dict[str, Any]:
        """Let go of everything the last run made; return the variables named in `keep`."""

    def expose(self) -> None:
        """Leave the run's variables where the code put them, as a plain cell would."""


class Executor(Protocol):
    """Runs trials."""

    def run(self, context: TrialContext, parking: Standing, *, show: bool) -> Outcome:
        """Run one trial to its end; never raises for what the trial's code does.

        Parameters
        ----------
        parking : where it stands still, or learns that it must end.
        show : whether its output is let through.
        """

    def beside(self) -> Executor:
        """Another one, for a trial that runs while that of this one stands still."""

    def held(self) -> tuple[list[Any], list[Any]]:
        """What a trial that stands still holds in variables of its own, and what is not its own."""

    def output(self) -> str:
        """What the trial has printed so far, "" if none runs; from any thread."""

    def seconds(self) -> float:
        """Seconds the trial has run so far, 0 if none runs; from any thread."""

    def release(self, outcome: Outcome, keep: Sequence[str] = ()) -> dict[str, Any]:
        """Let go of all the trial made; return the variables named in `keep`."""

    def expose(self) -> None:
        """Leave the trial's variables where its code put them, for the debugger."""

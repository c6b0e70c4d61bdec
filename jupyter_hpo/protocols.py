"""What the parts of a study ask of each other. Third parties implement these too."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import CodeType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from .controls import Controls
from .interrupts import Arm, Steering
from .layers import Layer
from .trial import Trial

if TYPE_CHECKING:
    import numpy as np

    from .context import TrialContext
    from .curves import Curve, Curves
    from .parking import Standing
    from .space import Space


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


@runtime_checkable
class Adapts(Protocol):
    """An optimizer that goes on when the search space is edited; others are made anew."""

    def space_changed(self, space: Space) -> None:
        """From now on propose configurations of this space only.

        Its parameters are those of before, with other bounds or choices. Nothing is told
        again: trials told already may lie outside.
        """


@runtime_checkable
class Learns(Protocol):
    """An optimizer that learns from other studies."""

    def prior(self, trials: Sequence[Trial]) -> None:
        """Learn from finished trials of another study of this space; before any of its own is told.

        Values are to be minimised, perhaps on another scale. Trials that do not fit the space
        are left out.
        """


@runtime_checkable
class Notes(Protocol):
    """An optimizer that keeps with each trial what it made the proposal from."""

    def notes(self) -> Mapping[str, Any]:
        """Of what `ask` proposed last: plain JSON, which `tell` finds as `Trial.origin`.

        Trials that the user enqueued, the baseline, and those of an earlier optimizer have none
        or others. ``generation``, a number, and ``parents``, numbers of trials, are columns of
        the study's frame.
        """


@runtime_checkable
class Explains(Protocol):
    """An optimizer with a model of the objective, or a population, that can be looked at."""

    def explain(self, query: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the model says along one parameter or over two, in at most 50 ms.

        On any thread, also while a trial runs, but never while `ask` or `tell` does.

        Parameters
        ----------
        query : ``{"x": key, "y": key, "points": n, "at": assignment}``: a grid of about `n`
            by `n` values of two parameters, all others as in the assignment; without
            ``y`` a line of about `n` values of one.

        Returns
        -------
        ``{"x": values, "y": values, "mean": rows, "std": rows}``, plain lists: the values of
        the grid, m and n of them, and n rows of m numbers, smaller being better; along one
        parameter m numbers instead of rows. Also ``"acquisition"``, of the same shape,
        larger being tried sooner, where the optimizer has such a function.
        ``{"none": sentence}`` where there is no model, or nothing to say yet.

        With or without a model, ``"population"`` is the state of one that evolves:
        ``{"generation": n, "size": n, "individuals": [{"trial": number, "generation": n,
        "parents": numbers of trials, "at": places, "velocity": steps}]}``; and where it draws
        from a normal distribution, its ``"mean"``, places, and ``"covariance"``, a square
        matrix. Places are those of the asked parameters in the unit interval, x first, as
        ``Domain.encode`` gives them; velocities and covariances are of the same scale.
        """


@runtime_checkable
class Pruner(Protocol):
    """Says which running trials are not worth finishing.

    Its answers depend on what it is asked about alone, so that a resumed study gets the same.
    """

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Why the trial is to end here, one sentence; empty if it is to go on.

        Asked after each report of every trial but the baseline, so it should take
        at most some 50 µs.

        Parameters
        ----------
        trial : what it has reported so far, at least once; to be minimised.
        peers : what the trials that have ended, complete or pruned, reported.
        """


@runtime_checkable
class Promotes(Protocol):
    """A pruner that sets trials aside on their way, and goes on with the most promising of them.

    A trial that is set aside stands still where it is, with its model, until it is chosen again
    or the study is over; it is then pruned. As a pruner's, the answers depend on what it is asked
    about alone. Trial 0 and the baseline always run to their end, before any other begins.
    """

    def sets_aside(self, trial: Curve, peers: Curves, waiting: Sequence[Curve]) -> bool:
        """Whether the running trial is to be set aside here.

        Asked after each report that did not end it, in at most some 50 µs.

        Parameters
        ----------
        trial : what it has reported so far, at least once; to be minimised.
        peers : what the trials that have ended, complete or pruned, reported.
        waiting : what those that are set aside have reported, in the order they were.
        """

    def promote(self, waiting: Sequence[Curve], peers: Curves, fresh: int | None) -> int | None:
        """The number of the trial to go on with; None to begin a new one.

        Asked whenever no trial runs, and some are set aside.

        Parameters
        ----------
        waiting, peers : as above.
        fresh : how many trials can still be begun; None if there is no limit. Where it is 0,
            None prunes all that are set aside, and ends the study.
        """


@runtime_checkable
class WorksInside(Protocol):
    """An optimizer that works inside trials: it binds their variables and sees what they leave.

    What it learns there it returns as plain JSON, which is kept in ``Trial.info`` and comes
    back with `Optimizer.tell`: its state stays a function of the trials told. One trial is
    inside at a time; what `enter` begins, `leave` or the next `enter` ends. Names under
    ``gradient_`` are derivatives of the objective; their sign turns with that of the value.
    """

    def enter(self, assignment: Mapping[str, Any]) -> Mapping[str, Any]:
        """A trial is about to run.

        Returns
        -------
        What the variables of some hyperparameters are bound to in place of their values, by
        key. The trial is recorded with the values.
        """

    def around(self) -> Layer:
        """What is in force while the code of the trial runs, and put aside while it is parked."""

    def leave(self, namespace: Mapping[str, Any], objective: Any) -> Mapping[str, Any]:
        """The code has come to its end; called before anything of it is let go of.

        Parameters
        ----------
        namespace : the variables that the code made, by name.
        objective : as it left it, in the user's sign; a number, or an array of one element.

        Returns
        -------
        What is to be known of the trial, by name. What is raised instead fails the trial.
        """

    def failed(self, error: Exception) -> bool:
        """The code has raised; whether to run it again at once, from another `enter`.

        Asked of that run, too, if it raises, which is then not repeated.
        """

    def verify(self, run: Callable[[Mapping[str, Any]], float | None]) -> Mapping[str, Any]:
        """The trial is complete and its variables are gone; it may be compared with other runs.

        Parameters
        ----------
        run : runs the trial's code once more, with the same seeds and other values, bound as
            they are; gives the objective, or None if it came to none. These runs are no trials.

        Returns
        -------
        What else is to be known of the trial.
        """


@runtime_checkable
class HearsReports(Protocol):
    """An optimizer that works inside trials, and is told when the one inside reports."""

    def reported(self, step: int) -> None:
        """The trial has reported its value at a step; called very often, so it takes some µs."""


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

    def variables(self) -> dict[str, Any]:
        """What the last run made, by name; empty once it is released."""

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

    def output(self) -> str:
        """What the trial has printed so far, "" if none runs; from any thread."""

    def seconds(self) -> float:
        """Seconds the trial has run so far, 0 if none runs; from any thread."""

    def release(self, outcome: Outcome, keep: Sequence[str] = ()) -> dict[str, Any]:
        """Let go of all the trial made; return the variables named in `keep`."""

    def expose(self) -> None:
        """Leave the trial's variables where its code put them, for the debugger."""

"""What a study asks of its optimizer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ..layers import Layer
from ..trial import Trial

if TYPE_CHECKING:
    import numpy as np

    from ..blobs import Blob
    from ..space import Space


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
class Watches(Protocol):
    """An optimizer that makes use of what trials have reported that are set aside."""

    def watch(self, trials: Sequence[Trial]) -> None:
        """Called before each `ask` while a study has such trials, and once when it has none left.

        They are those that `ask` is told of as running. What is learnt of them counts for that
        `ask` alone: they are told when they end.

        Parameters
        ----------
        trials : their reports are to be minimised, and so is ``Trial.forecast``, what they are
            expected to come to.
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
class Carries(Protocol):
    """An optimizer that proposes tensors of the notebook beside the hyperparameters.

    They are kept in `Trial.arrays`, with which trials are told.
    """

    def arrays(self, assignment: Mapping[str, Any]) -> Mapping[str, Blob]:
        """Those of a trial that is about to begin, by the name of the variable.

        The assignment is what `ask` proposed last, the baseline, or enqueued by the user.
        """

    def lay(self, trial: Trial) -> Mapping[str, Any]:
        """The variables of a run of a trial, by name: they are laid over the notebook's.

        Called before every run, also one to verify or to replay, and before `enter`. Raises
        StudyError if what the trial began with is kept no longer.
        """

    def found(self) -> Mapping[str, Blob]:
        """What the run that has just ended adds to the arrays of its trial."""

    def spent(self) -> Mapping[int, Collection[str]]:
        """Names of arrays that are to be kept no longer, by the trial; asked after each `tell`."""


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
        key. The trial is recorded with the values. What is no key is the name of a variable that
        is laid over the notebook's.
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
            they are; what is no hyperparameter is a variable, laid over the notebook's. Gives the
            objective, or None if it came to none. These runs are no trials.

        Returns
        -------
        What else is to be known of the trial.
        """


@runtime_checkable
class HearsReports(Protocol):
    """An optimizer that works inside trials, and is told when the one inside reports."""

    def reported(self, step: int) -> None:
        """The trial has reported its value at a step; called very often, so it takes some µs."""

    def so_far(self) -> Mapping[str, Any]:
        """The trial is being ended before its end, or has raised: what is to be known of it.

        Asked in place of `WorksInside.leave`.
        """

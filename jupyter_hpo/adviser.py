"""What a study asks its optimizer, and tells it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from . import editing
from .blobs import Blob
from .domains.base import short
from .errors import StudyError
from .journal import Journal
from .protocols import Carries, Explains, Notes, Optimizer, Watches, WorksInside
from .randomness import generator
from .space import Space
from .trial import ORIGIN, Trial
from .view.words import count

PATIENCE: Final = 0.5  # s that a question waits for the optimizer to be done with its work


class Adviser:
    """The optimizer of a study, in the user's own sign and with its mistakes refused.

    It works on the thread that runs the study; any other may have it explain
    itself meanwhile.

    Parameters
    ----------
    named : whether it was asked for by the name that `StudyInfo` has, rather than
        given as an object.
    variables : of the notebook, for an optimizer that is made anew.
    """

    def __init__(
        self,
        journal: Journal,
        optimizer: Optimizer,
        *,
        named: bool = True,
        variables: Mapping[str, Any] = {},
    ) -> None:
        self.optimizer, self._variables = optimizer, variables
        self._journal, self._named = journal, named
        self._thinking = threading.Lock()  # held while the optimizer works
        self._watching = False

    @property
    def _space(self) -> Space:
        assert self._journal.space is not None  # of a study that is only loaded
        return self._journal.space

    def ask(self, number: int, running: Sequence[Trial] = ()) -> dict[str, Any] | None:
        """The assignment of a trial; None if there is nothing left to try.

        Parameters
        ----------
        running : the trials that are set aside; those outside of an edited space are left out.

        Raises
        ------
        StudyError
            If the optimizer proposes what is not of the search space.
        """
        seed = self._journal.record.info.seed
        running = [trial for trial in running if self._space.fits(trial.assignment)]
        with self._thinking:
            assigned = [dict(trial.assignment) for trial in running]
            self._watch(running)
            asked = self.optimizer.ask(number, generator(seed, number), assigned)
        if asked is None:
            return None
        if not isinstance(asked, Mapping) or not self._space.fits(asked):
            raise StudyError(
                f"the optimizer {type(self.optimizer).__name__} proposed {short(asked)}, which is "
                "not a configuration of this search space; this is a mistake in the optimizer"
            )
        return self._space.load(self._space.dump(asked))  # numpy's scalars become Python's

    @property
    def watches(self) -> bool:
        """Whether the optimizer makes use of trials that are set aside."""
        return isinstance(self.optimizer, Watches)

    def _watch(self, running: Sequence[Trial]) -> None:
        if (running or self._watching) and isinstance(self.optimizer, Watches):
            maximize = self._journal.record.info.maximize
            self.optimizer.watch([trial.minimised(maximize) for trial in running])
        self._watching = bool(running)

    def notes(self) -> dict[str, Any]:
        """What the optimizer keeps with the trial it was asked for last, as `Trial.info` has it.

        Raises
        ------
        StudyError
            If that is not plain JSON.
        """
        if not isinstance(self.optimizer, Notes) or not callable(self.optimizer.notes):
            return {}
        noted = self.optimizer.notes()
        try:
            plain = json.loads(json.dumps(dict(noted), allow_nan=False))
        except (TypeError, ValueError) as error:
            raise StudyError(
                f"the optimizer {type(self.optimizer).__name__} notes {short(noted)}, which is "
                f"not plain JSON ({error}); this is a mistake in the optimizer"
            ) from None
        return {ORIGIN: plain} if plain else {}

    @property
    def inside(self) -> WorksInside | None:
        """The optimizer, if it works inside trials."""
        return self.optimizer if isinstance(self.optimizer, WorksInside) else None

    @property
    def _carrier(self) -> Carries | None:
        return self.optimizer if isinstance(self.optimizer, Carries) else None

    def exhausted(self, tried: int) -> str:
        """Why the optimizer has nothing left to propose after so many trials."""
        if because := str(getattr(self.optimizer, "ended", "")):
            return because
        trials = count(tried, "trial")
        there, grid = self._space.size, getattr(self.optimizer, "size", None)
        if grid is not None and grid != there:
            return f"every configuration of the grid was tried ({trials})"
        if there is None or not self._named:
            return f"the optimizer has nothing left to propose ({trials})"
        return f"every configuration of the search space was tried ({trials})"

    def equipped(self, trial: Trial) -> Trial:
        """A trial that is about to begin, with the arrays proposed for it; see `Carries`."""
        carrier = self._carrier
        return trial if carrier is None else replace(trial, arrays=carrier.arrays(trial.assignment))

    def lay(self, trial: Trial) -> Mapping[str, Any]:
        """The variables of a run of a trial beside its hyperparameters."""
        return self._carrier.lay(trial) if self._carrier is not None else {}

    def found(self) -> Mapping[str, Blob]:
        """What the run that has just ended adds to the arrays of its trial."""
        return self._carrier.found() if self._carrier is not None else {}

    def tell(self, trial: Trial) -> None:
        """Tell the optimizer of a trial that has ended; note what it then has to say."""
        with self._thinking:
            self.optimizer.tell(trial.minimised(self._journal.record.info.maximize))
        for sentence in editing.learned(self.optimizer):
            self._journal.note(sentence)
        if self._carrier is not None:
            for number, names in self._carrier.spent().items():
                self._journal.let_go(number, names)

    def restore(self, trials: Sequence[Trial]) -> int:
        """Tell the optimizer what an earlier sitting found, in the order it was found.

        Returns
        -------
        Number of trials that the search space, since narrowed, no longer holds.

        Raises
        ------
        StoreError, StudyError
            If what they carry cannot be read, or is of another notebook; the study is let go of.
        """
        finished = [trial for trial in trials if trial.state.finished]
        inside = [trial for trial in finished if self._space.fits(trial.assignment)]
        try:
            for trial in inside:
                self.tell(trial)
        except BaseException:
            self._journal.release()
            raise
        return len(finished) - len(inside)

    def explain(self, query: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the optimizer's model says, see `protocols.Explains`; from any thread.

        ``{"none": sentence}`` if it has no model, or is at work this very moment.
        """
        if not isinstance(self.optimizer, Explains):
            name = short(self._journal.record.info.optimizer)
            return {"none": f"{name} has no model of the objective"}
        if not self._thinking.acquire(timeout=PATIENCE):
            return {"none": "the optimizer is at work"}
        try:
            return self.optimizer.explain(query)
        finally:
            self._thinking.release()

    def resize(self, was: int | None, trials: Sequence[Trial]) -> None:
        """The study has another total; see `editing.resized`. As `edit` otherwise."""
        if self._named and self.inside is None:  # that one is in the middle of its walk
            with self._thinking:
                self.optimizer = editing.resized(
                    self._journal, self.optimizer, was, trials, self._variables
                )
                self._watching = False

    def refuse_edits(self) -> None:
        """Raise StudyError if the optimizer cannot go on with another search space."""
        if not self._named:
            editing.refuse_unless_it_adapts(self.optimizer)

    def edit(self, space: Space) -> None:
        """Search `space`, an edited version of the study's, from the next trial on.

        Between two trials or while one is parked, on the thread that runs them.
        """
        try:
            if editing.differ(space, self._space):
                with self._thinking:
                    self.optimizer = editing.search(
                        self._journal, self.optimizer, space, self._variables
                    )
        finally:
            self._journal.coming = self._space  # also if it could not be done

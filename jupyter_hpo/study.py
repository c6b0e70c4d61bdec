"""`Study`: what the user holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import tuned
from .context import inside_trial, refuse_inside_trial
from .errors import StudyError
from .frame import frame
from .journal import Journal
from .record import Changes, StudyRecord, StudyState
from .sitting import Sitting
from .trial import Trial
from .view.text import summary

if TYPE_CHECKING:
    import pandas as pd


LATER = {
    "importances": "trials_dataframe() has what it would be computed from",
    "edit_space": "change the declaration and run the cell with --resume",
    "export": "trials_dataframe() has every trial",
}


class Study:
    """Trials of one cell or function, and the best of them.

    Made by ``%%tune`` or `tune`; not to be constructed by hand.
    """

    def __init__(
        self,
        journal: Journal,
        sitting: Sitting | None = None,
        bind: Callable[[Mapping[str, Any]], None] | None = None,
    ) -> None:
        self._journal, self._sitting, self._bind = journal, sitting, bind
        self.view: object = None  # what shows it live

    @property
    def record(self) -> StudyRecord:
        """The trials and all else that is known, for views."""
        return self._journal.record

    @property
    def name(self) -> str:
        """The study's name, and the variable it is bound to."""
        return self.record.info.name

    @property
    def state(self) -> str:
        """``running``, ``paused``, ``finished``, ``stopped`` or ``failed``."""
        return str(self.record.info.state)

    @property
    def trials(self) -> list[Trial]:
        """All trials, by number."""
        return self.record.trials

    @property
    def best_trial(self) -> Trial:
        """The complete trial with the best value; StudyError if there is none yet."""
        if self.record.best is None:
            raise StudyError(f"study {self.name!r} has no complete trial yet")
        return self.record.best

    @property
    def best_params(self) -> dict[str, Any]:
        """Hyperparameters of the best trial, by name."""
        return self.best_trial.params

    @property
    def best_value(self) -> float:
        """The objective of the best trial."""
        value = self.best_trial.value
        assert value is not None
        return value

    def trials_dataframe(self) -> pd.DataFrame:
        """One row per trial; columns as Optuna names them, see `frame.frame`."""
        return frame(self.record)

    def enqueue(self, params: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Try a configuration next; hyperparameters not given take their defaults.

        Raises
        ------
        SpaceError
            If a name is unknown or a value outside its range.
        StudyError
            If the study was loaded from the store only.
        """
        space = self._journal.space
        if space is None:
            raise StudyError(
                f"study {self.name!r} is only loaded; run its cell with --resume, then enqueue"
            )
        assignment = space.dump(space.assign({**(params or {}), **more}))
        queue = (*self.record.info.queue, assignment)
        if self._sitting is not None and self._sitting.live:
            self._journal.update(queue=queue)
            return
        self._journal.hold()
        try:
            self._journal.update(queue=queue)
        finally:
            self._journal.release()

    def apply(self) -> dict[str, Any]:
        """Bind the best hyperparameters as variables of the notebook, and return them.

        Raises
        ------
        StudyError
            If no trial is complete, or the study is running this very moment.
        """
        params = self.best_params
        if inside_trial():
            raise StudyError("apply() inside a trial would be undone at its end; call it after")
        if self._bind is not None:
            self._bind(params)
        return params

    def code(self) -> str:
        """A plain cell with the tuned values and, above them, the evidence."""
        trial, space = self.best_trial, self._journal.space
        stored = trial.assignment if space is None else space.dump(trial.assignment)
        return tuned.code(self.record, trial, stored)

    def pause(self) -> None:
        """Park the running trial where it stands, at the next line of notebook code.

        Nothing happens if the study does not run.
        """
        self._here().pause()

    def resume(self) -> None:
        """Go on from the very line where the study was paused, in the background.

        Raises
        ------
        StudyError
            If the study has ended.
        """
        refuse_inside_trial("resume()")
        self._here().resume()

    def skip(self) -> None:
        """End the running trial, or the parked one; the study goes on, or stays paused."""
        self._here().skip()

    def stop(self) -> None:
        """End the study and keep everything; a running or parked trial is INTERRUPTED."""
        if self._sitting is not None and self._sitting.live:
            self._sitting.stop()
        elif self.record.info.state is StudyState.PAUSED:
            self._journal.hold()
            try:
                self._journal.update(state=StudyState.STOPPED, message="stopped by the user")
            finally:
                self._journal.release()

    def wait(self, timeout: float | None = None) -> None:
        """Return when the study has ended or is paused, or after `timeout` seconds.

        A background study has this cell all to itself meanwhile.
        """
        refuse_inside_trial("wait()")
        if self._sitting is not None:
            self._sitting.wait(timeout)

    def _here(self) -> Sitting:
        if self._sitting is None:
            raise StudyError(
                f"study {self.name!r} is only loaded; run its cell with --resume first"
            )
        return self._sitting

    def replay(self, number: int) -> float:
        """Run a trial again with its hyperparameters and seed, in the open.

        What it prints is shown; what it raises is raised, so that ``%debug``
        works. The study is not changed.

        Returns
        -------
        The objective's value of this run.
        """
        refuse_inside_trial("replay()")
        trial = self.record.get(number)
        if trial is None:
            raise StudyError(f"study {self.name!r} has no trial {number}")
        sitting = self._here()
        if sitting.parking.occupied:
            raise StudyError(
                f"trial {sitting.controls.running} of study {self.name!r} is under way and its "
                "variables are in use; skip it or wait for its end first"
            )
        return sitting.runner.replay(trial)

    def changes_since(self, version: int) -> Changes:
        """What changed after a version of the record; for views."""
        return self.record.changes_since(version)

    @property
    def sitting(self) -> Sitting:
        """What drives the study in this process; StudyError if it is only loaded."""
        return self._here()

    def suspend(self) -> None:
        """End a parked trial and let another kernel go on with the study."""
        if self._sitting is not None:
            self._sitting.suspend()

    @property
    def live(self) -> bool:
        """Whether the study runs in this process, or can go on where it was paused."""
        return self._sitting is not None and self._sitting.live

    def __getattr__(self, name: str) -> Any:
        if name in LATER:
            raise AttributeError(f"study.{name}() is not in this version: {LATER[name]}")
        raise AttributeError(f"a Study has no attribute {name!r}")

    def __repr__(self) -> str:
        return summary(self.record)

    def __len__(self) -> int:
        return len(self.record.trials)

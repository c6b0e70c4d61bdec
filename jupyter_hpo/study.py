"""`Study`: what the user holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import tuned
from .analysis import importances
from .context import inside_trial, refuse_inside_trial
from .domains import Domain
from .errors import StudyError
from .frame import frame
from .journal import Journal
from .record import Changes, StudyRecord, StudyState
from .sitting import Sitting
from .space import Space
from .store import Store
from .trial import Trial
from .view.text import summary

if TYPE_CHECKING:
    import pandas as pd


PATIENCE = 1.0  # s that `apply_soon` waits for a kernel that is free
LATER = {
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
        self._editing = threading.RLock()
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

    def importances(self) -> dict[str, float]:
        """How much each hyperparameter matters: by name, largest first, summing to 1.

        Of the complete trials: PED-ANOVA where they were spread evenly, else fANOVA, see
        `analysis.importances`.

        Raises
        ------
        StudyError
            If the trials do not tell, say because there are too few of them.
        """
        info = self.record.info
        found = importances(info.searched, self.record.trials, info.maximize, even=info.even)
        if not found.values:
            raise StudyError(f"study {self.name!r}: {found.note}")
        return found.values

    def enqueue(self, params: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Try a configuration next; hyperparameters not given take their defaults.

        Raises
        ------
        SpaceError
            If a name is unknown or a value outside its range.
        StudyError
            If the study was loaded from the store only.
        """
        space = self._journal.coming
        if space is None:
            raise StudyError(
                f"study {self.name!r} is only loaded; run its cell with --resume, then enqueue"
            )
        assignment = space.dump(space.assign({**(params or {}), **more}))
        self._write(lambda: self._journal.update(queue=(*self.record.info.queue, assignment)))

    def edit_space(self, /, **domains: Domain) -> None:
        """Search other bounds or choices from the next trial on: ``edit_space(lr=Float(…))``.

        The trials there are stay, and those that still fit tell the optimizer what they
        told before. Conditions stay; so do defaults, unless they are outside. A name that
        is declared in several branches is edited by its key, ``**{"width#2": Int(…)}``.

        Raises
        ------
        SpaceError
            If a name is unknown, or its hyperparameter is of another kind.
        StudyError
            If the study was loaded from the store only, or its optimizer is an object
            without ``space_changed(space)``.
        """
        runner, best = self._here().runner, self.record.best
        runner.adviser.refuse_edits()
        with self._editing:
            space = self._journal.coming or runner.space
            coming = space.edited(domains, best.assignment if best else {})
            self._journal.coming = coming
            try:
                self._write(lambda: runner.adviser.edit(coming))
            except BaseException:
                self._journal.coming = self._journal.space
                raise

    @property
    def space(self) -> Space | None:
        """The search space as it is now; None if the study is only loaded."""
        return self._journal.space

    @property
    def stored(self) -> bool:
        """Whether there is a file that it is stored in, and can be resumed from."""
        return self.store is not None

    @property
    def store(self) -> Store | None:
        """Where it is stored; None: in memory alone."""
        return self._journal.store

    def kept_in(self, store: Store | None) -> bool:
        """Whether this store has it."""
        mine, known = self.store, self._journal.study_id is not None
        return mine is not None and store is not None and known and mine.path == store.path

    def store_again(self) -> str:
        """Try anew to store what could not be stored, of a study that has ended; why it cannot."""
        if self.record.unsaved:
            self._journal.update()
            self._journal.release()
        return self.record.unsaved

    def _write(self, act: Callable[[], None]) -> None:
        """Write something into the journal, on the thread that runs the study."""
        if self._sitting is not None and self._sitting.live:
            # by the time it is done the study may have ended
            self._sitting.soon(lambda: act() if self.live else self._held(act))
        else:
            self._held(act)

    def _held(self, act: Callable[[], None]) -> None:
        """Do something with a study that does not run here, as its one writer."""
        self._journal.hold()
        try:
            act()
        finally:
            self._journal.release()

    def apply(self) -> dict[str, Any]:
        """Bind the best hyperparameters as variables of the notebook, and return them.

        So are tensors that the trials had of their own (`Trial.weights`): each as a new one, of
        the kind and device of that in the notebook, which stays as it was. They are returned as
        numpy arrays.

        Raises
        ------
        StudyError
            If no trial is complete, or the study is running this very moment.
        """
        params = {**self.best_params, **self.best_trial.weights}
        if inside_trial():
            raise StudyError("apply() inside a trial would be undone at its end; call it after")
        if self._bind is not None:
            self._bind(params)
        return params

    def apply_soon(self) -> bool:
        """`apply` from any thread: now, or else as soon as no cell and no trial has the kernel.

        Returns
        -------
        Whether the variables are bound now.
        """
        if self._sitting is None or self._sitting.idle:
            self.apply()
            return True
        _ = self.best_params  # StudyError now, not later
        done, host = threading.Event(), self._sitting.host

        def later() -> None:
            self.apply_soon()
            done.set()

        if not host.soon(later):
            raise StudyError("the notebook's variables cannot be set from here; call apply()")
        # a kernel that no cell keeps busy does it at once, a background study's after its slice
        return not host.busy and done.wait(PATIENCE)

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
            self._held(
                lambda: self._journal.update(
                    state=StudyState.STOPPED, message="stopped by the user"
                )
            )

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

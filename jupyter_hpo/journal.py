"""The record of a study and its file, kept the same: each event is stored as it happens."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import Any

from .errors import StoreError, StudyError
from .record import StudyInfo, StudyRecord
from .space import Space
from .store import Store
from .trial import Trial


class Journal:
    """Writes every event of a study to memory and, if there is a store, to disk.

    If the disk refuses (full, read-only, locked), the study goes on in memory,
    ``record.unsaved`` says why, and each later event tries to store all that is
    missing.
    """

    def __init__(
        self, record: StudyRecord, space: Space | None, store: Store | None, study_id: int | None
    ) -> None:
        self.record, self.space, self.store, self.study_id = record, space, store, study_id
        self.coming = space  # what it will be when the edits that were asked for are made
        self._pending: dict[int, Trial] = {}
        self._info_pending = False

    @classmethod
    def begin(cls, info: StudyInfo, space: Space, store: Store | None) -> Journal:
        """Start the journal of a new study, as the next run of its name."""
        record = StudyRecord(info)
        journal = cls(record, space, store, None)
        journal._create()
        return journal

    def _create(self) -> None:
        if self.store is None:
            return
        try:
            self.study_id, info = self.store.create(self.record.info)
            self.record.update(run=info.run)
            self.store.hold(self.study_id)
        except StoreError as error:
            self._info_pending = True
            self.record.mark_unsaved(str(error))

    def put(self, trial: Trial) -> None:
        """Note a trial's new state."""
        self.record.put(trial)
        if self.store is not None:
            self._pending[trial.number] = trial
            self._flush()

    def let_go(self, number: int, names: Collection[str]) -> None:
        """Arrays of a trial are needed no more."""
        trial = self.record.get(number)
        if trial is not None and not trial.arrays.keys().isdisjoint(names):
            kept = {name: blob for name, blob in trial.arrays.items() if name not in names}
            self.put(replace(trial, arrays=kept))

    def update(self, **changes: Any) -> None:
        """Note a change of the study's own data."""
        self.record.update(**changes)
        self._info_pending = True
        self._flush()

    def edit(self, space: Space, **changes: Any) -> None:
        """Note that another version of the search space is searched from now on."""
        self.space = space
        self.update(**changes)

    def note(self, sentence: str) -> None:
        """Note something the user should know."""
        before = self.record.info.notes
        self.record.note(sentence)
        if self.record.info.notes != before:
            self._info_pending = True
            self._flush()

    def _flush(self) -> None:
        if self.store is None:
            return
        if self.study_id is None:
            self._create()
        if self.study_id is None:
            return
        info = self.record.info if self._info_pending else None
        try:
            self.store.save(self.study_id, info, [self._stored(t) for t in self._pending.values()])
        except StoreError as error:
            self.record.mark_unsaved(str(error))
        else:
            self._settle()
            self._pending.clear()
            self._info_pending = False
            self.record.mark_unsaved("")

    def _settle(self) -> None:
        """Large arrays that are stored are held no longer."""
        for trial in self._pending.values():
            for blob in trial.arrays.values():
                blob.settle(partial(self.store.array, blob.digest))  # type: ignore[union-attr]

    def _stored(self, trial: Trial) -> Trial:
        if self.space is None:
            return trial
        return replace(trial, assignment=self.space.dump(trial.assignment))

    def hold(self) -> None:
        """Become the study's one writer.

        Raises
        ------
        StoreError
            If it is running in another kernel.
        StudyError
            If another kernel has gone on with it: what is known here is out of date.
        """
        if self.store is None or self.study_id is None:
            return
        self.store.hold(self.study_id)
        if self.record.unsaved:
            return
        try:
            stored, _ = self.store.load(self.study_id)
            if stored.elapsed > self.record.info.elapsed:
                raise StudyError(
                    f"study {stored.name!r} has gone on in another kernel and is {stored.state} "
                    "there; run its cell with --resume to have it here"
                )
        except BaseException:
            self.store.release(self.study_id)
            raise

    def release(self) -> None:
        """Let others write the study."""
        if self.store is not None and self.study_id is not None:
            self.store.release(self.study_id)

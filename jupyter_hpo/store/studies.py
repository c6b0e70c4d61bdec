"""The store's public face: create, save, load, find, list, delete, hold."""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from ..errors import StoreError
from ..record import StudyInfo
from ..trial import Trial
from . import arrays
from .database import Database
from .locks import Locks
from .readonly import ReadOnly
from .rows import (
    DAMAGE,
    StudySummary,
    damaged_summary,
    read_info,
    read_summary,
    text,
)
from .trials import converted_study, converted_trial, ended, put_trial, read_trials
from .trouble import explained

FILE: Final = "studies.db"

# the method `list` hides the type inside the class
_Trials: TypeAlias = list[Trial]
_Summaries: TypeAlias = list[StudySummary]
_Leaders: TypeAlias = list[tuple[int, float]]


class Store:
    """The studies of a notebook's folder, in one SQLite file.

    Each method is one transaction. One process at a time *holds* a study and
    saves to it, any number of processes and threads read it. Every failure
    is a StoreError whose text is a sentence for the user; the store remains
    usable, and nothing is left half-written.

    Parameters
    ----------
    path : the file, or a folder for its ``studies.db``. File and folder are
        made by the first `create`; until then the store is empty.
    read_only : whether nothing is to be written, not even a lock: what a server
        reads for others, or a stranger's file. Methods that read may then
        raise `Overtaken`.
    """

    def __init__(self, path: Path | str, *, read_only: bool = False) -> None:
        path = Path(path)
        self.path = path / FILE if os.path.isdir(path) else path
        # beside files of other names in the same folder, whose studies have the same ids
        locks = "locks" if self.path.name == FILE else f"{self.path.name}.locks"
        self._database = ReadOnly(self.path) if read_only else Database(self.path)
        self._locks = Locks(self.path.parent / locks, read_only=read_only)

    def create(self, info: StudyInfo) -> tuple[int, StudyInfo]:
        """Add a study as the next run of its name in its notebook.

        Returns
        -------
        Its id, and `info` with the run it was given.
        """
        row = converted_study(info)
        with self._database.transaction("create") as db:
            (run,) = db.execute(
                "SELECT coalesce(max(run), 0) + 1 FROM studies"
                " WHERE notebook = :notebook AND name = :name",
                row,
            ).fetchone()
            cursor = db.execute(
                """
                INSERT INTO studies (
                    notebook, name, run, metric, maximize, optimizer, seed, total, space,
                    source, cell, created, state, message, notes, queue, elapsed, edits,
                    pruner, even, budget
                ) VALUES (
                    :notebook, :name, :run, :metric, :maximize, :optimizer, :seed, :total, :space,
                    :source, :cell, :created, :state, :message, :notes, :queue, :elapsed, :edits,
                    :pruner, :even, :budget
                )
                """,
                {**row, "run": run},
            )
        return int(cursor.lastrowid or 0), replace(info, run=run)

    def save(
        self, study_id: int, info: StudyInfo | None = None, trials: Iterable[Trial] = ()
    ) -> None:
        """Store what changed in a study, all of it or nothing.

        Parameters
        ----------
        study_id : from `create`.
        info : its new state; notebook, name and run are not changed by it.
        trials : new trials, or new versions of stored ones; assignments as
            ``Space.dump`` gives them. The reports stored for a trial become those
            given. The variables of ``--keep`` are not stored.
        """
        row = None if info is None else converted_study(info)
        trials = list(trials)
        records = [converted_trial(study_id, trial) for trial in trials]
        with self._database.transaction("write") as db:
            if not db.execute("SELECT 1 FROM studies WHERE id = ?", (study_id,)).fetchone():
                raise self._missing(study_id)
            if row is not None:
                db.execute(
                    """
                    UPDATE studies SET
                        metric = :metric, maximize = :maximize, optimizer = :optimizer,
                        seed = :seed, total = :total, space = :space, source = :source,
                        cell = :cell, created = :created, state = :state, message = :message,
                        notes = :notes, queue = :queue, elapsed = :elapsed, edits = :edits,
                        pruner = :pruner, even = :even, budget = :budget
                    WHERE id = :id
                    """,
                    {**row, "id": study_id},
                )
            for trial, (columns, reports) in zip(trials, records, strict=True):
                put_trial(db, columns, reports)
                arrays.put(db, (study_id, trial.number), trial.arrays)

    def load(self, study_id: int) -> tuple[StudyInfo, _Trials]:
        """A study and its trials by number, assignments as they were saved.

        Of a study that says it runs but that nobody holds, the kernel died: it
        comes back paused, its running trials interrupted.

        Raises
        ------
        StoreError
            If there is no such study or its rows are damaged.
        """
        alive = self.alive(study_id)  # asked first: a study that ends after it says so itself
        if not self._database.exists:
            raise self._missing(study_id)
        with self._database.transaction("read") as db:
            study = db.execute("SELECT * FROM studies WHERE id = ?", (study_id,)).fetchone()
            if study is None:
                raise self._missing(study_id)
            trials = db.execute(
                "SELECT * FROM trials WHERE study_id = ? ORDER BY number", (study_id,)
            ).fetchall()
            reports = db.execute(
                "SELECT number, step, value FROM reports WHERE study_id = ?", (study_id,)
            ).fetchall()
            blobs = arrays.rows(db, study_id)
        try:
            held = arrays.read(blobs, self.array)
            found = read_info(study), read_trials(trials, reports, held)
        except DAMAGE as error:
            raise StoreError(self._damage(study, error)) from error
        return found if alive else ended(*found)

    def array(self, digest: str) -> Any:
        """The array that trials have under this digest, a numpy array that is read-only.

        Raises
        ------
        StoreError
            If it is not there, or is not what it was.
        """
        if not self._database.exists:
            raise StoreError(f"the study file {self.path} does not exist any more")
        with self._database.transaction("read") as db:
            row = arrays.one(db, digest)
        try:
            return arrays.content(row, digest)
        except DAMAGE as error:
            raise StoreError(f"{self.path}: {error}") from error

    def rename(self, old: str, new: str) -> None:
        """A notebook has another name; of studies that it has already, the old ones stay."""
        if not self._database.exists:
            return
        with self._database.transaction("write") as db:
            db.execute(
                """
                UPDATE studies SET notebook = :new WHERE notebook = :old AND name NOT IN (
                    SELECT name FROM studies WHERE notebook = :new
                )
                """,
                {"old": text(old), "new": text(new)},
            )

    def find(self, name: str, notebook: str, run: int | None = None) -> int | None:
        """The id of a study, of its latest run if none is given; None if there is none."""
        if not self._database.exists:
            return None
        with self._database.transaction("read") as db:
            row = db.execute(
                """
                SELECT id FROM studies
                WHERE notebook = :notebook AND name = :name AND coalesce(run = :run, TRUE)
                ORDER BY run DESC LIMIT 1
                """,
                {"notebook": text(notebook), "name": text(name), "run": run},
            ).fetchone()
        return None if row is None else int(row["id"])

    def list(self, notebook: str | None = None, limit: int | None = None) -> _Summaries:
        """The studies of a notebook, or of all, newest first; damaged ones say so.

        Parameters
        ----------
        limit : how many at most; None: all.
        """
        if not self._database.exists:
            return []
        with self._database.transaction("read") as db:
            rows = db.execute(
                """
                SELECT
                    studies.id, notebook, name, run, studies.state, created, total, metric,
                    maximize,
                    count(*) FILTER (
                        WHERE trials.state IN ('COMPLETE', 'PRUNED', 'SKIPPED', 'FAIL')
                    ) AS finished,
                    min(value) FILTER (WHERE trials.state = 'COMPLETE') AS smallest,
                    max(value) FILTER (WHERE trials.state = 'COMPLETE') AS largest
                FROM studies LEFT JOIN trials ON study_id = studies.id
                WHERE studies.id IN (
                    SELECT id FROM studies WHERE coalesce(notebook = ?, TRUE)
                    ORDER BY id DESC LIMIT ?
                )
                GROUP BY studies.id
                ORDER BY studies.id DESC
                """,
                (
                    None if notebook is None else text(notebook),
                    -1 if limit is None else limit,
                ),
            ).fetchall()
        return [self._summary(row) for row in rows]

    def leaders(self, study_ids: Iterable[int]) -> dict[int, _Leaders]:
        """Trials that had the best value when they ended: number and value, by number, by study.

        Studies without a complete trial are left out.
        """
        if not self._database.exists:
            return {}
        found: defaultdict[int, _Leaders] = defaultdict(list)
        with self._database.transaction("read") as db:
            for study_id in study_ids:
                rows = db.execute(
                    """
                    SELECT number, value FROM (
                        SELECT number, value, iif(maximize, -value, value) AS cost, min(
                            iif(maximize, -value, value)
                        ) OVER (
                            ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                        ) AS least
                        FROM trials JOIN studies ON studies.id = study_id
                        WHERE study_id = ? AND trials.state = 'COMPLETE'
                            AND typeof(value) = 'real' AND typeof(number) = 'integer'
                    ) WHERE least IS NULL OR cost < least ORDER BY number
                    """,
                    (study_id,),
                )
                found[study_id].extend((row["number"], row["value"]) for row in rows)
        return {key: value for key, value in found.items() if value}

    def delete(self, study_id: int) -> None:
        """Delete a study with its trials; StoreError while it is held."""
        name = self._name(study_id)
        with explained(self._locks.folder):
            if study_id in self._locks.own or not self._locks.take(study_id):
                raise StoreError(f"study {name!r} runs or is paused; stop it before you delete it")
        try:
            with self._database.transaction("write") as db:
                db.execute("DELETE FROM studies WHERE id = ?", (study_id,))
                arrays.sweep(db)
        finally:
            self._locks.give(study_id, remove=True)
        if isinstance(self._database, Database):  # one that is only read refuses before
            self._database.shrink(arrays.EMPTY)

    def hold(self, study_id: int) -> None:
        """Become the one that runs a study, until `release` or the end of the process.

        Trials that a dead kernel left running are stored as interrupted.

        Raises
        ------
        StoreError
            If it is held already, by another process or another `Store`.
        """
        name = self._name(study_id)
        if study_id in self._locks.own:
            return
        with explained(self._locks.folder):
            if not self._locks.take(study_id):
                raise StoreError(f"study {name!r} is running in another kernel")
        try:
            with self._database.transaction("write") as db:
                db.execute(
                    "UPDATE trials SET state = 'INTERRUPTED'"
                    " WHERE study_id = ? AND state = 'RUNNING'",
                    (study_id,),
                )
        except BaseException:
            self._locks.give(study_id)
            raise
        self._database.keep_open = True

    def release(self, study_id: int) -> None:
        """Let others run the study; nothing happens if it is not held by this store."""
        with explained(self._locks.folder):
            self._locks.give(study_id)
        if not self._locks.own:
            self._database.keep_open = False
            self._database.close()

    def alive(self, study_id: int) -> bool:
        """Whether anyone holds the study, this process included."""
        return self._locks.taken(study_id)

    def _summary(self, row: sqlite3.Row) -> StudySummary:
        alive = self.alive(row["id"])
        try:
            return read_summary(row, alive)
        except DAMAGE as error:
            return damaged_summary(row, alive, self._damage(row, error))

    def _name(self, study_id: int) -> str:
        if not self._database.exists:
            raise self._missing(study_id)
        with self._database.transaction("read") as db:
            row = db.execute("SELECT name FROM studies WHERE id = ?", (study_id,)).fetchone()
        if row is None:
            raise self._missing(study_id)
        return str(row["name"])

    def _missing(self, study_id: int) -> StoreError:
        return StoreError(f"there is no study {study_id} in {self.path} (any more)")

    def _damage(self, row: sqlite3.Row, error: Exception) -> str:
        return f"study {row['name']!r} in {self.path} is damaged: {error}"

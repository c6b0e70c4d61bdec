"""What is stored beside the notebooks of a folder, as pages get it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from ..errors import StoreError
from ..places import FILE, FOLDER
from ..record import StudyRecord
from ..store import Overtaken, Store, StudySummary
from ..view.brief import leading
from ..view.kept import bundle, code
from ..view.kept import importance as importance_of
from ..view.wire import JSON, LONGEST_LABEL, detail, named
from ..view.words import short

LISTED: Final = 300  # studies of a folder, the newest, unless more are asked for
_TRIES: Final = 5
_Found = TypeVar("_Found")


class Shelf:
    """The studies of a folder. Methods raise StoreError with a sentence that names no place.

    Parameters
    ----------
    folder : where notebooks are.
    shown : what the folder is called to the user.
    """

    def __init__(self, folder: Path, shown: str) -> None:
        self._path = folder / FOLDER / FILE
        self._shown = "/".join(filter(None, [shown, FOLDER, FILE]))

    def list(self, count: int = LISTED) -> JSON:
        """A line for each of the newest studies, and whether there are more."""

        def look(store: Store) -> tuple[list[StudySummary], dict[int, list[tuple[int, float]]]]:
            found = store.list(limit=count + 1)
            return found, store.leaders(each.id for each in found[:count] if not each.error)

        found, leaders = self._read(look)
        lines = [_line(each, leaders.get(each.id, [])) for each in found[:count]]
        for line in lines:
            line["message"] = self._named(line["message"])
        return {"studies": lines, "more": len(found) > count}

    def study(self, study_id: int) -> JSON:
        """All of a study as notebooks keep it, but for importances, which take longer."""
        return self._told(study_id, lambda record: bundle(record, None, weighed=False))

    def trial(self, study_id: int, number: int) -> JSON:
        """What a study's bundle leaves out of a trial."""

        def look(record: StudyRecord) -> JSON:
            trial = record.get(number)
            if trial is None:
                raise StoreError(f"there is no trial {number}")
            return detail(trial, code(record, trial, None))

        return self._told(study_id, look)

    def importance(self, study_id: int) -> JSON:
        """How much each hyperparameter matters; imports scikit-learn."""
        return self._told(study_id, importance_of)

    def _told(self, study_id: int, look: Callable[[StudyRecord], JSON]) -> JSON:
        info, trials = self._read(lambda store: store.load(study_id))
        try:
            record = StudyRecord(info)
            for trial in trials:
                record.put(trial)
            return look(record)
        except StoreError:
            raise
        except Exception as error:  # a stranger's file may hold anything
            told = f"study {info.name!r} in {self._shown} is damaged: {error!r:.200}"
            raise StoreError(told) from error

    def _read(self, look: Callable[[Store], _Found]) -> _Found:
        try:
            if os.path.islink(self._path.parent):  # it may lead to what the server does not serve
                raise StoreError(f"{self._path.parent} is a link, which is not followed here")
            store = Store(self._path, read_only=True)
            for _ in range(_TRIES - 1):
                try:
                    return look(store)
                except Overtaken:
                    continue
            return look(store)
        except StoreError as error:
            raise StoreError(self._named(str(error))) from error

    def _named(self, told: str) -> str:
        """A sentence without the folders above the server's root."""
        shown = told.replace(str(self._path), self._shown)
        return shown.replace(str(self._path.parent), self._shown.rpartition("/")[0])


def _line(summary: StudySummary, leaders: list[tuple[int, float]]) -> JSON:
    return {
        **named(summary.notebook, summary.name, summary.created),
        "id": summary.id,
        "run": summary.run,
        "metric": short(summary.metric, LONGEST_LABEL),
        "maximize": summary.maximize,
        "aim": summary.total,
        "state": str(summary.state),
        "message": short(summary.error, 500),
        "broken": bool(summary.error),
        "done": summary.finished,
        **leading([number for number, _ in leaders], [value for _, value in leaders]),
        "alive": summary.alive,
    }

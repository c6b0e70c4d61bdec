"""Studies and trials as rows of the tables, and back.

JSON is that of Python's `json`: infinities and NaN are written as JSON5 has
them. A text with lone surrogates (an undecodable file name, say), which no
UTF-8 can hold, becomes a BLOB. What is read is a stranger's until proven
otherwise: every value is checked and nothing is evaluated.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..blobs import Blob
from ..record import StudyInfo, StudyState
from ..trial import Report, Trial, TrialState

ENDED: Final = "the kernel ended while it ran"
# what a damaged row raises when it is read
DAMAGE: Final = (ValueError, TypeError, LookupError, OverflowError, RecursionError)


@dataclass(frozen=True)
class StudySummary:
    """One line of the list of stored studies.

    Attributes
    ----------
    id : of the study in its file.
    notebook, name, run, total, metric, maximize, created : see `StudyInfo`.
    state : see `StudyState`; a study whose kernel died is paused.
    finished : trials that count towards the total.
    best : value of the best complete trial; None if there is none.
    alive : whether a kernel holds the study now.
    error : why the study cannot be read; empty if it can.
    """

    id: int
    notebook: str
    name: str
    run: int
    state: StudyState
    created: float
    finished: int
    total: int | None
    best: float | None
    metric: str
    maximize: bool
    alive: bool
    error: str = ""


def study_row(info: StudyInfo) -> dict[str, Any]:
    """Values of the columns of ``studies``, without the id."""
    return {
        "notebook": text(info.notebook),
        "name": text(info.name),
        "run": int(info.run),
        "metric": text(info.metric),
        "maximize": int(bool(info.maximize)),
        "optimizer": text(info.optimizer),
        "seed": _any_size(info.seed),
        "total": None if info.total is None else int(info.total),
        "space": _dump(list(info.space)),
        "source": text(info.source),
        "cell": text(info.cell),
        "created": float(info.created),
        "state": info.state.value,
        "message": text(info.message),
        "notes": _dump(list(info.notes)),
        "queue": _dump([dict(params) for params in info.queue]),
        "elapsed": float(info.elapsed),
        "pruner": text(info.pruner),
        "even": int(info.even),
        "budget": text(info.budget),
        "edits": _dump({key: dict(entry) for key, entry in info.edits.items()}),
    }


def trial_row(study_id: int, trial: Trial) -> dict[str, Any]:
    """Values of the columns of ``trials``."""
    return {
        "study_id": study_id,
        "number": int(trial.number),
        "state": trial.state.value,
        "value": None if trial.value is None else float(trial.value),
        "params": _dump(dict(trial.assignment)),
        "started": None if trial.started is None else float(trial.started),
        "duration": None if trial.duration is None else float(trial.duration),
        "peak_memory": None if trial.peak_memory is None else int(trial.peak_memory),
        "peak_memory_cuda": None if trial.peak_memory_cuda is None else int(trial.peak_memory_cuda),
        "error": None if trial.error is None else text(trial.error),
        "info": _dump(dict(trial.info)),
        "log": _dump(dict(trial.log)),
        "output": text(trial.output),
    }


def report_rows(study_id: int, trial: Trial) -> list[tuple[Any, ...]]:
    """Rows of ``reports``; SQLite itself stores a NaN as NULL."""
    number = int(trial.number)
    return [(study_id, number, _any_size(step), float(value)) for step, value in trial.reports]


def read_info(row: sqlite3.Row) -> StudyInfo:
    """The study of a row of ``studies``; one of `DAMAGE` if it is none."""
    return StudyInfo(
        name=_text(row["name"]),
        metric=_text(row["metric"]),
        maximize=_flag(row["maximize"]),
        optimizer=_text(row["optimizer"]),
        seed=_whole(row["seed"]),
        total=_whole_or_none(row["total"]),
        space=[_parameter(entry) for entry in _load(row["space"], list)],
        notebook=_text(row["notebook"]),
        run=_whole(row["run"]),
        source=_text(row["source"]),
        cell=_text(row["cell"]),
        created=_real(row["created"]),
        state=StudyState(row["state"]),
        message=_text(row["message"]),
        notes=tuple(_text(note) for note in _load(row["notes"], list)),
        queue=tuple(_is(params, dict) for params in _load(row["queue"], list)),
        elapsed=_real(row["elapsed"]),
        pruner=_text(row["pruner"]),
        even=_flag(row["even"]),
        budget=_text(row["budget"]),
        edits={key: _is(entry, dict) for key, entry in _load(row["edits"], dict).items()},
    )


def read_name(stored: Any) -> str:
    """A text as `text` made it; one of `DAMAGE` if it is none."""
    return _text(stored)


def read_trial(
    row: sqlite3.Row, reports: Iterable[Report], arrays: Mapping[str, Blob] = {}
) -> Trial:
    """The trial of a row of ``trials``; one of `DAMAGE` if it is none."""
    return Trial(
        number=_whole(row["number"]),
        state=TrialState(row["state"]),
        assignment=_load(row["params"], dict),
        value=_real_or_none(row["value"]),
        reports=tuple(sorted(reports)),
        started=_real_or_none(row["started"]),
        duration=_real_or_none(row["duration"]),
        peak_memory=_whole_or_none(row["peak_memory"]),
        peak_memory_cuda=_whole_or_none(row["peak_memory_cuda"]),
        error=None if row["error"] is None else _text(row["error"]),
        info=_load(row["info"], dict),
        log=_load(row["log"], dict),
        output=_text(row["output"]),
        arrays=arrays,
    )


def read_report(row: sqlite3.Row) -> Report:
    """The report of a row of ``reports``; one of `DAMAGE` if it is none."""
    value = _real_or_none(row["value"])
    return Report(_whole(row["step"]), math.nan if value is None else value)


def read_summary(row: sqlite3.Row, alive: bool) -> StudySummary:
    """One line of the list; one of `DAMAGE` if the row is none."""
    state = StudyState(row["state"])
    maximize = _flag(row["maximize"])
    return StudySummary(
        id=_whole(row["id"]),
        notebook=_text(row["notebook"]),
        name=_text(row["name"]),
        run=_whole(row["run"]),
        state=StudyState.PAUSED if state is StudyState.RUNNING and not alive else state,
        created=_real(row["created"]),
        finished=_whole(row["finished"]),
        total=_whole_or_none(row["total"]),
        best=_real_or_none(row["largest" if maximize else "smallest"]),
        metric=_text(row["metric"]),
        maximize=maximize,
        alive=alive,
    )


def damaged_summary(row: sqlite3.Row, alive: bool, error: str) -> StudySummary:
    """A line of the list for a study that cannot be read."""
    return StudySummary(
        id=int(row["id"]),
        notebook=str(row["notebook"]),
        name=str(row["name"]),
        run=row["run"] if isinstance(row["run"], int) else 0,
        state=StudyState.FAILED,
        created=0.0,
        finished=0,
        total=None,
        best=None,
        metric="",
        maximize=False,
        alive=alive,
        error=error,
    )


def text(value: str) -> str | bytes:
    """A text as SQLite takes it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
    return value


def _any_size(number: int) -> int | str:
    number = int(number)
    return number if -(2**63) <= number < 2**63 else str(number)


def _dump(value: Any) -> str | bytes:
    return text(json.dumps(value, ensure_ascii=False))


def _is(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{value!r:.60} is no {kind.__name__}")
    return value


def _load(stored: Any, kind: type) -> Any:
    return _is(json.loads(_text(stored)), kind)


def _text(stored: Any) -> str:
    if isinstance(stored, bytes):
        return stored.decode("utf-8", "surrogatepass")
    return str(_is(stored, str))


def _parameter(entry: Any) -> dict[str, Any]:
    parameter: dict[str, Any] = _is(entry, dict)
    _text(parameter["key"])
    _text(parameter["name"])
    return parameter


def _flag(stored: Any) -> bool:
    return bool((0, 1).index(stored))


def _whole(stored: Any) -> int:
    return int(stored) if isinstance(stored, str) else int(_is(stored, int))


def _whole_or_none(stored: Any) -> int | None:
    return None if stored is None else _whole(stored)


def _real(stored: Any) -> float:
    return float(stored) if isinstance(stored, int) else float(_is(stored, float))


def _real_or_none(stored: Any) -> float | None:
    return None if stored is None else _real(stored)

"""A study as plain JSON, for the view in the browser and for what a notebook keeps of it.

The browser's half is ``labextension/src/view/protocol.ts``; a change here is a change there.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..budget import Budget
from ..record import StudyInfo, StudyRecord
from ..trial import Report, Trial, TrialState
from . import words

JSON = dict[str, Any]

TARGET: Final = "jupyter_hpo.study"  # the comms that our own extension opens
PANEL: Final = "jupyter_hpo.studies"  # the comm that a kernel with studies opens to it
MIME: Final = "application/vnd.jupyter-hpo.study+json"
FORMAT: Final = 1  # of the bundle under `MIME`
POINTS: Final = 60  # reports of a trial that are sent at most
FEWEST: Final = 8  # that many are sent of each, however many trials there are
IN_ALL: Final = 30_000  # reports of all trials together, but for that
DIGITS: Final = 6  # significant, of reports; values and hyperparameters are sent as they are
DETAILED: Final = 60  # trials of which a notebook keeps output and traceback
DETAILS_ROOM: Final = 200_000  # characters of them in all
LONGEST: Final = 4_000  # characters of one of them
LONGEST_LABEL: Final = 200
WAITING: Final = "WAITING"  # state of a running trial that is set aside


def real(x: float) -> float | str:
    """A float as JSON can hold it: what is not finite is a word."""
    if math.isfinite(x):
        return x
    return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"


def scalar(x: Any) -> Any:
    """A dumped value of a hyperparameter; long text is cut."""
    if isinstance(x, float):
        return real(x)
    return words.short(x, LONGEST_LABEL) if isinstance(x, str) else x


def curve(reports: Sequence[Report], limit: int | None = None) -> list[list[Any]]:
    """Steps and values of reports, at most `limit` and the first, the last one among them."""
    if limit is not None and len(reports) > limit:
        stride = -(-len(reports) // limit)
        some = dict.fromkeys((*reports[:1], *reversed(reports[::-stride])))
        reports = list(some)
    return [
        [report.step for report in reports],
        [real(float(f"{report.value:.{DIGITS}g}")) for report in reports],
    ]


def trial_row(trial: Trial, stored: Mapping[str, Any], limit: int | None) -> JSON:
    """A trial in short names, without what it lacks.

    Parameters
    ----------
    stored : its assignment as `Space.dump` writes it.
    limit : reports at most; None: all, as for a running trial that more will be added to.
    """
    info = trial.info
    complete = trial.state is TrialState.COMPLETE
    moving = trial.state is TrialState.RUNNING and not trial.waits
    optional = {
        "v": real(trial.value) if complete and trial.value is not None else None,
        "t": None if trial.started is None else round(trial.started, 3),
        # of one that was set aside and goes on, it is how long it had run by then
        "d": None if trial.duration is None or moving else round(trial.duration, 4),
        "m": trial.peak_memory,
        "g": trial.peak_memory_cuda,
        "r": curve(trial.reports, limit) if trial.reports else None,
        "k": trial.reported or None,
        "e": words.short(trial.reason, 300) if trial.reason else None,
        "b": True if info.get("baseline") else None,
        "q": True if info.get("enqueued") else None,
        "z": info.get("parked") or None,
        "w": trial.ran or None,
        "a": trial.set_aside[-1] if trial.waits and trial.set_aside else None,
    }
    params = {key: scalar(value) for key, value in stored.items()}
    state = WAITING if trial.waits else str(trial.state)
    row = {"n": trial.number, "s": state, "p": params}
    return row | {key: value for key, value in optional.items() if value is not None}


def uid(info: StudyInfo) -> str:
    """Names a study to the page: no other has the same."""
    return uid_of(info.name, info.created)


def uid_of(name: str, created: float) -> str:
    """The same, of what it goes by; a notebook can be renamed."""
    told = f"{name}\0{created}"
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:16]


def named(notebook: str, name: str, created: float) -> JSON:
    """Which study it is."""
    return {
        "uid": uid_of(name, created),
        "name": words.short(name, LONGEST_LABEL),
        "notebook": words.short(notebook, LONGEST_LABEL),
        "created": created,
    }


def study_info(
    record: StudyRecord, now: float, *, live: bool = False, asked: str = "", stored: bool = True
) -> JSON:
    """The study apart from its trials.

    Parameters
    ----------
    now : seconds since the epoch.
    live : whether this kernel can steer it.
    asked : what it was asked to do and has not done yet: "pause", "skip", "stop" or "".
    stored : whether there is a file that it can be resumed from.
    """
    info = record.info
    budget = Budget.of(info.budget) if info.budget else Budget()
    return {
        "uid": uid(info),
        "name": words.short(info.name, LONGEST_LABEL),
        "notebook": words.short(info.notebook, LONGEST_LABEL),
        "run": info.run,
        "metric": words.short(info.metric, LONGEST_LABEL),
        "maximize": info.maximize,
        "optimizer": words.short(info.optimizer, LONGEST_LABEL),
        "seed": str(info.seed),  # of any size
        "aim": info.aim,
        "budget": {"seconds": budget.seconds, "epochs": budget.epochs} if info.budget else None,
        "state": str(info.state),
        "message": words.short(info.message or record.doing(), 500),
        "stored": stored,
        "unsaved": words.short(record.unsaved, 500),
        "notes": [words.short(note, 500) for note in info.notes],
        "queue": [{key: scalar(value) for key, value in each.items()} for each in info.queue],
        "elapsed": round(info.ran(now), 2),
        "ticking": info.since is not None,
        "created": info.created,
        "params": [parameter(row, edited=row["key"] in info.edits) for row in info.searched],
        "live": live,
        "asked": asked,
    }


def parameter(row: Mapping[str, Any], *, edited: bool = False) -> JSON:
    """A dimension of the search space, from its entry in `StudyInfo.searched`."""
    held: JSON = {
        "key": row["key"],
        "name": row["name"],
        "type": row.get("type", "Float"),
        "default": scalar(row.get("default")),
        "condition": words.short(row.get("condition") or "", LONGEST_LABEL),
        "dynamic": bool(row.get("dynamic")),
    }
    if edited:
        held["edited"] = True
    choices = row.get("choices")
    if choices is not None:
        return held | {"choices": [scalar(choice) for choice in choices]}
    return held | {name: row.get(name) for name in ("low", "high", "log", "step")}


def limit_for(trials: int) -> int:
    """Reports that are sent of each trial, in a study of so many."""
    return max(FEWEST, min(POINTS, IN_ALL // max(trials, 1)))


def detail(trial: Trial, code: str, output: str | None = None) -> JSON:
    """All there is to say of a trial that its row leaves out.

    Parameters
    ----------
    code : its hyperparameters as lines of Python, to be pasted into a cell.
    output : what it has printed so far, if it runs.
    """
    return {
        "number": trial.number,
        "r": curve(trial.reports),
        "error": words.clean(trial.error or ""),
        "output": words.clean(trial.output if output is None else output),
        "log": {words.short(str(key), 100): scalar(value) for key, value in trial.log.items()},
        "info": {str(key): scalar(value) for key, value in trial.info.items() if _is_plain(value)},
        "code": words.clean(code),
    }


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)

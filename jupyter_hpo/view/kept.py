"""What a notebook keeps of a study, to be shown by the same view without a kernel."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ..analysis import importances
from ..record import StudyRecord
from ..space import Space
from ..study import Study
from ..trial import Trial, TrialState
from ..tuned import assignments
from .feed import dumped
from .static import html
from .text import summary
from .wire import (
    DETAILED,
    DETAILS_ROOM,
    FORMAT,
    JSON,
    LONGEST,
    MIME,
    detail,
    limit_for,
    real,
    study_info,
    trial_row,
)


def mimebundle(study: Study, *, live: bool = False) -> JSON:
    """A study as what notebooks keep: for our own view, for browsers, for terminals.

    Parameters
    ----------
    live : whether it will soon be displayed anew; then only the short forms are in it.
    """
    record = study.record
    shown: JSON = {
        "text/html": _drawn(lambda: html(record, live=live)),
        "text/plain": summary(record),
    }
    if not live:
        try:
            shown[MIME] = bundle(record, study.space, stored=study.stored)
        except Exception as error:  # noqa: BLE001  # as below
            record.note(f"The notebook keeps less of the study: {error!r}.")
    return shown


def _drawn(render: Callable[[], str]) -> str:
    try:
        return render()
    except Exception as error:  # noqa: BLE001  # a bad picture must not cost a trial
        return f"(the view cannot be drawn: {error!r})"


def bundle(
    record: StudyRecord,
    space: Space | None,
    *,
    stored: bool = True,
    now: float | None = None,
    weighed: bool = True,
) -> JSON:
    """The data of `wire.MIME`.

    Every trial is in it, its reports thinned; output and tracebacks are of
    those that one looks at first, and bounded.

    Parameters
    ----------
    space : its search space; None if the study is only loaded.
    stored : whether there is a file that it can be resumed from.
    now : seconds since the epoch; None: the clock's.
    weighed : whether importances are worked out, too.
    """
    now = time.time() if now is None else now
    trials = record.trials
    limit = limit_for(len(trials))
    info = study_info(record, now, stored=stored)
    return {
        "format": FORMAT,
        "now": now,
        "info": info | {"ticking": False, "parked": None},
        "trials": [trial_row(each, dumped(space, each.assignment), limit) for each in trials],
        "details": dict(_details(record, trials, space)),
        "importance": importance(record) if weighed else None,
    }


def _details(
    record: StudyRecord, trials: list[Trial], space: Space | None
) -> Iterator[tuple[str, JSON]]:
    room = DETAILS_ROOM
    for trial in _worth_a_look(record, trials):
        told = detail(trial, code(record, trial, space))
        told |= {name: _ends(told[name]) for name in ("error", "output")}
        del told["r"]  # as in its row
        room -= len(told["error"]) + len(told["output"]) + len(told["code"])
        if room < 0:
            return
        yield str(trial.number), told


def code(record: StudyRecord, trial: Trial, space: Space | None) -> str:
    """The hyperparameters of a trial as lines of Python."""
    return assignments(record, trial, dumped(space, trial.assignment))


def _worth_a_look(record: StudyRecord, trials: list[Trial]) -> list[Trial]:
    """The best trial, the default, failures each of another kind, then the latest."""
    failed: dict[str, Trial] = {}
    for trial in trials:
        if trial.state is TrialState.FAIL:
            failed.setdefault(trial.reason, trial)
    first = [each for each in (record.best, record.baseline) if each is not None]
    some = (*first, *failed.values(), *reversed(trials[-DETAILED:]))
    return list({trial.number: trial for trial in some}.values())[:DETAILED]


def _ends(text: str) -> str:
    """The start and the end of a long text."""
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]}\n… {len(text) - LONGEST} characters left out …\n{text[-half:]}"


def importance(record: StudyRecord) -> JSON:
    """How much each hyperparameter matters, and what the figures rest on."""
    info = record.info
    found = importances(info.searched, record.trials, info.maximize, even=info.even)
    values = {name: real(value) for name, value in found.values.items()}
    return {"method": found.method, "trials": found.trials, "values": values, "note": found.note}

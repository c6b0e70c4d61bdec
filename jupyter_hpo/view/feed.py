"""What the view in the browser is told, and when: all of a study once, then what has changed.

Messages are numbered by versions of the study's record. A page that has missed one says hello
and is told everything again; what it knows already does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ..errors import SpaceError
from ..record import StudyRecord
from ..space import Space
from ..trial import Report, Trial, TrialState
from . import ahead, words
from .wire import JSON, curve, limit_for, study_info, trial_row

PART: Final = 500  # trials in one message
SIGN_OF_LIFE: Final = 1.0  # s after which a running study is heard of, whatever happens
TAIL: Final = 4_000  # characters of the running trial's output
TAIL_PERIOD: Final = 0.5  # s between two tails


class Running(NamedTuple):
    """The trial under way.

    Attributes
    ----------
    printed : what it has printed so far.
    parked : from when to when it was parked, seconds since the epoch; None: until now.
    seconds : that it has run.
    moving : whether it runs this moment, rather than stand still.
    """

    number: int
    printed: str = ""
    parked: Sequence[tuple[float, float | None]] = ()
    seconds: float = 0.0
    moving: bool = False


def nobody() -> Running | None:
    """No trial is under way."""
    return None


class Feed:
    """Says what pages have not been told yet.

    Parameters
    ----------
    record : of the study; read from any thread.
    space : gives its search space as it is now; None: it is only loaded.
    asked : gives what the study was asked to do and has not done yet.
    live : gives whether this kernel can steer it.
    running : gives the trial under way, if there is one.
    stored : whether there is a file that it can be resumed from.
    """

    def __init__(
        self,
        record: StudyRecord,
        space: Callable[[], Space | None],
        *,
        asked: Callable[[], str] = str,
        live: Callable[[], bool] = bool,
        running: Callable[[], Running | None] = nobody,
        stored: bool = True,
    ) -> None:
        self._record, self._space = record, space
        self._asked, self._live, self._running = asked, live, running
        self._stored = stored
        self._version = -1  # what pages know
        self._info: JSON = {}
        self._steps: dict[int, list[int]] = {}  # reports of running trials that pages know
        self._tail, self._tail_due = "", 0.0  # the last one told; monotonic, s
        self._left, self._left_due = "", 0.0  # the same
        self._spoke = 0.0  # monotonic, s

    def everything(self) -> Iterator[JSON]:
        """The messages that tell all of the study."""
        now = time.time()
        changes = self._record.changes_since(-1)
        running = self._running()
        self._version, self._info, self._steps = changes.version, self._told_info(now, running), {}
        rows = self._rows(changes.trials, len(changes.trials))
        parts = [rows[i : i + PART] for i in range(0, len(rows), PART)] or [[]]
        for number, part in enumerate(parts):
            message = {
                "kind": "all",
                "part": number,
                "parts": len(parts),
                "version": self._version,
                "now": now,
                "info": self._info,
                "trials": part,
            }
            if number == len(parts) - 1:
                self._tail = ""
                message |= self._new_tail(running) | _clock(running)
                self._left = ""
                message |= {"left": ""} | self._new_left(now)
            yield message
        self._spoke = time.monotonic()

    def news(self) -> JSON | None:
        """What has changed since the last message; None if there is nothing to say."""
        if self._version < 0:
            return None  # nobody has asked yet
        now = time.time()
        changes = self._record.changes_since(self._version)
        message: JSON = {}
        running = self._running()
        info = self._told_info(now, running)
        if self._differs(info):
            message["info"] = self._info = info
        curves = [c for trial in changes.trials if (c := self._growth(trial)) is not None]
        grown = {each["n"] for each in curves}
        others = [trial for trial in changes.trials if trial.number not in grown]
        if curves:
            message["curves"] = curves
        if others:
            message["trials"] = self._rows(others, self._record.finished)
        if time.monotonic() >= self._tail_due:
            message |= self._new_tail(running)
        if time.monotonic() >= self._left_due or "info" in message:
            message |= self._new_left(now)
        alive = info["state"] == "running" and time.monotonic() - self._spoke >= SIGN_OF_LIFE
        former, self._version = self._version, changes.version
        if not message and not alive:
            return None
        self._spoke = time.monotonic()
        head = {"kind": "delta", "from": former, "version": self._version, "now": now}
        return head | _clock(running) | message

    def _told_info(self, now: float, running: Running | None) -> JSON:
        info = study_info(
            self._record, now, live=self._live(), asked=self._asked(), stored=self._stored
        )
        parked = list(running.parked) if running is not None else []
        return info | {"parked": {"n": running.number, "z": parked} if running and parked else None}

    def _differs(self, info: JSON) -> bool:
        """Whether there is news in it; pages count the seconds themselves."""
        return info | {"elapsed": 0} != self._info | {"elapsed": 0}

    def _rows(self, trials: Sequence[Trial], total: int) -> list[JSON]:
        space, limit = self._space(), limit_for(total)
        rows = []
        for trial in trials:
            running = trial.state is TrialState.RUNNING and not trial.waits
            if running:
                self._steps[trial.number] = [report.step for report in trial.reports]
            else:
                self._steps.pop(trial.number, None)
            stored = dumped(space, trial.assignment)
            rows.append(trial_row(trial, stored, None if running else limit))
        return rows

    def _growth(self, trial: Trial) -> JSON | None:
        """The reports that a running trial has added; None if its whole row is to be sent."""
        known = self._steps.get(trial.number)
        if known is None or trial.state is not TrialState.RUNNING or trial.waits:
            return None
        steps = [report.step for report in trial.reports]
        # the last one may have been replaced, and the one before it let go of
        at = max(len(known) - 2, 0)
        if len(steps) <= at or steps[:at] != known[:at]:
            return None
        self._steps[trial.number] = steps
        new: Sequence[Report] = trial.reports[at:]
        return {"n": trial.number, "at": at, "r": curve(new)}

    def _new_left(self, now: float) -> JSON:
        """When the study will end, if it is another time than the last."""
        self._left_due = time.monotonic() + SIGN_OF_LIFE
        left = ahead.said(self._record.info, self._record.trials, now)
        if left == self._left:
            return {}
        self._left = left
        return {"left": left}

    def _new_tail(self, running: Running | None) -> JSON:
        """The end of the running trial's output, if it is another than the last."""
        self._tail_due = time.monotonic() + TAIL_PERIOD
        if running is None:
            return {}
        text = words.clean(running.printed[-TAIL:])
        told = f"{running.number}\0{text}"
        if told == self._tail:
            return {}
        self._tail = told
        return {"tail": {"n": running.number, "text": text}}


def _clock(running: Running | None) -> JSON:
    """How long the running trial has run, and whether its clock runs."""
    if running is None:
        return {}
    ran = {"n": running.number, "s": round(running.seconds, 2), "moving": running.moving}
    return {"ran": ran}


def dumped(space: Space | None, assignment: Mapping[str, Any]) -> dict[str, Any]:
    """An assignment as JSON scalars, also where the space holds it no more."""
    stored = {}
    for key, value in assignment.items():
        try:
            label = space[key].domain.dump(value) if space and key in space else value
        except SpaceError:
            label = value
        plain = isinstance(label, bool | int | float | str | None)
        stored[key] = label if plain else words.value(value)
    return stored

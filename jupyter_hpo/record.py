"""A study in memory: what is known of it, its trials, and what changed since when."""

from __future__ import annotations

import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

from .trial import Report, Trial, TrialState


class StudyState(StrEnum):
    """Where a study stands."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class StudyInfo:
    """What is known of a study apart from its trials; all of it plain JSON.

    Attributes
    ----------
    name : the study's name and the variable it is bound to.
    notebook : file name of the notebook it was started from, "" if there is none.
    run : 1 for the first study of this name in this notebook, and so on.
    metric : name of the objective's variable; "_" is the last expression's value.
    maximize : whether larger values of it are better.
    optimizer : the optimizer as asked for, with its options.
    seed : of the study.
    total : trials it is to have, None where the optimizer says when to end.
    expected : about how many it will have then, if the optimizer knows; not stored.
    space : `Space.to_json` of the space as it was declared.
    edits : what of it has been edited since: its domains by key, as `domains.edits.stored`
        writes them.
    pruner : the pruner as asked for, with its options.
    budget : what it may spend beside its `total`, see `budget.Budget`; empty: no limit.
    even : whether the optimizer spreads trials over the space, whatever they find.
    source : the cell apart from its declarations, normalised: what must not change on resume.
    cell : the cell as the user wrote it, with the ``%%tune`` line.
    created : seconds since the epoch.
    state : see `StudyState`.
    message : why it stands there, one sentence; empty if there is nothing to say.
    notes : what the user should know (hints, the optimizer chosen), one sentence each.
    queue : configurations the user wants tried next, as `Space.dump` writes them.
    elapsed : seconds it ran in earlier sittings.
    since : seconds since the epoch at which this sitting began; None if it does not run here.
    """

    name: str
    metric: str
    maximize: bool
    optimizer: str
    seed: int
    total: int | None
    space: list[dict[str, Any]]
    notebook: str = ""
    run: int = 1
    source: str = ""
    cell: str = ""
    created: float = 0.0
    state: StudyState = StudyState.RUNNING
    message: str = ""
    notes: tuple[str, ...] = ()
    queue: tuple[Mapping[str, Any], ...] = ()
    elapsed: float = 0.0
    since: float | None = None
    expected: int | None = None
    edits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pruner: str = "none"
    even: bool = False
    budget: str = ""

    @property
    def searched(self) -> list[dict[str, Any]]:
        """The space as it is searched now: as declared, with what has been edited since."""
        return [{**row, **self.edits.get(row["key"], {})} for row in self.space]

    @property
    def aim(self) -> int | None:
        """How many trials it will have, as far as is known."""
        return self.expected if self.total is None else self.total

    def ran(self, now: float) -> float:
        """Seconds it has run, over all sittings, up to `now` (seconds since the epoch)."""
        return self.elapsed + (0.0 if self.since is None else max(now - self.since, 0.0))

    @property
    def columns(self) -> list[str]:
        """Names of the hyperparameters, each once, in order."""
        return list(dict.fromkeys(row["name"] for row in self.space))


class Changes(NamedTuple):
    """What changed in a study: its `info` as it is now, and the `trials` that are new or other."""

    version: int
    info: StudyInfo
    trials: list[Trial]


@dataclass
class StudyRecord:
    """The trials of a study. One thread writes, any thread may read.

    ``unsaved`` says why the last events are in memory only; empty if all are stored.
    ``doing()`` says what a request, or the study itself, waits for; empty if nothing.
    """

    info: StudyInfo
    unsaved: str = ""
    doing: Callable[[], str] = lambda: ""
    version: int = 0
    best: Trial | None = None
    _trials: dict[int, Trial] = field(default_factory=dict)
    _changed: OrderedDict[int, int] = field(default_factory=OrderedDict)
    _states: Counter[TrialState] = field(default_factory=Counter)
    _followed: dict[int, Mapping[int, float]] = field(default_factory=dict)
    _lowest: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def put(self, trial: Trial) -> None:
        """Add a trial, or put it in the place of its earlier record."""
        with self._lock:
            former = self._trials.get(trial.number)
            if former is not None:
                self._states[former.state] -= 1
            self._states[trial.state] += 1
            self._trials[trial.number] = trial
            self._followed.pop(trial.number, None)
            self._touch(trial.number)
            if self.would_lead(trial):
                self._crown(trial)

    def _touch(self, number: int) -> None:
        self.version += 1
        self._changed[number] = self.version
        self._changed.move_to_end(number)

    def follow(self, number: int, reports: Mapping[int, float]) -> None:
        """A running trial has reported: `reports` (value by step) is its own, growing mapping.

        Readers make a record of it when they look; the cost to the trial does not
        grow with what it has reported.
        """
        with self._lock:
            self._followed[number] = reports
            self._touch(number)

    def _now(self, trial: Trial) -> Trial:
        live = self._followed.get(trial.number)
        if live is None:
            return trial
        return replace(trial, reports=reports_of(live))

    def would_lead(self, trial: Trial) -> bool:
        """Whether a trial is, or would be, the best."""
        return self._beats(trial, self.best)

    def _beats(self, trial: Trial, other: Trial | None) -> bool:
        if trial.state is not TrialState.COMPLETE or trial.value is None or math.isnan(trial.value):
            return False
        if other is None or other.value is None or other.number == trial.number:
            return True
        return trial.value > other.value if self.info.maximize else trial.value < other.value

    def _crown(self, trial: Trial) -> None:
        fallen = self.best
        if fallen is not None and fallen.number != trial.number and fallen.namespace is not None:
            # the variables of --keep may be a whole model: only the incumbent's are held
            self._trials[fallen.number] = replace(fallen, namespace=None)
        self.best = trial

    def update(self, **changes: Any) -> None:
        """Change fields of `info`."""
        with self._lock:
            self.version += 1
            self.info = replace(self.info, **changes)

    def note(self, sentence: str) -> None:
        """Add a sentence to the notes, once."""
        if sentence and sentence not in self.info.notes:
            self.update(notes=(*self.info.notes, sentence))

    def mark_unsaved(self, reason: str) -> None:
        """Say why events are in memory only ("" when they are stored again)."""
        with self._lock:
            if reason != self.unsaved:
                self.version += 1
                self.unsaved = reason

    @property
    def trials(self) -> list[Trial]:
        """All trials, by number."""
        with self._lock:
            return [self._now(self._trials[number]) for number in sorted(self._trials)]

    def get(self, number: int) -> Trial | None:
        """The trial of that number with what it has reported so far, if it has been started."""
        with self._lock:
            trial = self._trials.get(number)
            return None if trial is None else self._now(trial)

    @property
    def baseline(self) -> Trial | None:
        """Trial 0 if it ran the defaults."""
        first = self._trials.get(0)
        return first if first is not None and first.info.get("baseline") else None

    @property
    def finished(self) -> int:
        """Number of trials that count towards the total."""
        with self._lock:
            return sum(self._states[state] for state in TrialState if state.finished)

    def count(self, state: TrialState) -> int:
        """Number of trials in a state."""
        return self._states[state]

    def next_number(self) -> int:
        """The lowest number of no trial that is finished or waits: interrupted ones run again."""
        while (trial := self._trials.get(self._lowest)) is not None and trial.state.finished:
            self._lowest += 1
        number = self._lowest
        while (trial := self._trials.get(number)) is not None and (
            trial.state.finished or trial.waits
        ):
            number += 1
        return number

    def changes_since(self, version: int) -> Changes:
        """What changed after `version`; the cost is that of the changes, not of the study."""
        with self._lock:
            changed = []
            for number in reversed(self._changed):
                if self._changed[number] <= version:
                    break
                changed.append(self._now(self._trials[number]))
            changed.sort(key=lambda trial: trial.number)
            return Changes(self.version, self.info, changed)


def reports_of(values: Mapping[int, float]) -> tuple[Report, ...]:
    """Reports in the order of their steps, from values by step."""
    return tuple(Report(step, value) for step, value in sorted(dict(values).items()))

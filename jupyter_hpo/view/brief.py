"""A study in a line, for lists of them: the panel "Studies" and the status bar."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from ..record import StudyRecord
from ..trial import TrialState
from . import words
from .wire import JSON, LONGEST_LABEL, named, real

POINTS: Final = 40  # of the line that best values make, at most


class Leaders:
    """Trials that led when they ended, by number; the last one has the best value."""

    def __init__(self, maximize: bool) -> None:
        self._sign = -1.0 if maximize else 1.0
        self.numbers: list[int] = []
        self.values: list[float] = []

    def add(self, number: int, value: float) -> None:
        """Count a complete trial in, in whatever order trials end."""
        if math.isnan(value):
            return
        at = bisect_left(self.numbers, number)
        if at > 0 and not self._better(value, self.values[at - 1]):
            return
        end = at
        while end < len(self.numbers) and (
            self.numbers[end] == number or not self._better(self.values[end], value)
        ):
            end += 1
        self.numbers[at:end], self.values[at:end] = [number], [value]

    def _better(self, value: float, other: float) -> bool:
        return self._sign * value < self._sign * other


class Brief:
    """What a list tells of a study that a kernel has; it looks at changed trials only."""

    def __init__(self, record: StudyRecord) -> None:
        self._record, self._version = record, -1
        self._leaders = Leaders(record.info.maximize)

    def told(self, *, live: bool, asked: str, stored: bool) -> JSON:
        """The line as JSON, see `labextension/src/lab/studies/brief.ts`.

        Parameters
        ----------
        live, asked, stored : as for `wire.study_info`.
        """
        record = self._record
        changes = record.changes_since(self._version)
        self._version = changes.version
        for trial in changes.trials:
            if trial.state is TrialState.COMPLETE and trial.value is not None:
                self._leaders.add(trial.number, trial.value)
        info = changes.info
        return {
            **named(info.notebook, info.name, info.created),
            "run": info.run,
            "metric": words.short(info.metric, LONGEST_LABEL),
            "maximize": info.maximize,
            "aim": info.aim,
            "state": str(info.state),
            "message": words.short(info.message or record.doing(), 500),
            "done": record.finished,
            "failed": record.count(TrialState.FAIL),
            **leading(self._leaders.numbers, self._leaders.values),
            "elapsed": round(info.elapsed, 2),
            "since": info.since,
            "live": live,
            "asked": asked,
            "stored": stored,
        }


def leading(numbers: Sequence[int], values: Sequence[float]) -> JSON:
    """The best value, and the way there: numbers and values of trials that led."""
    stride = max(-(-(len(numbers) - 1) // (POINTS - 1)), 1)
    kept = sorted({0, *range(len(numbers) - 1, 0, -stride)}) if numbers else []
    return {
        "best": real(values[-1]) if values else None,
        "leaders": [[numbers[i] for i in kept], [real(values[i]) for i in kept]],
    }

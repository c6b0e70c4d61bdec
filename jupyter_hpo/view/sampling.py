"""Which of many trials are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..trial import Trial
from .glance import Glance

POINTS = 400  # values drawn at most, incumbents apart
COLUMNS = 500  # of incumbents that share a column of the drawing, the last stands for all


@dataclass(frozen=True)
class Sample:
    """The trials that are drawn for their value: those that once led the study, and others."""

    incumbents: Sequence[Trial]
    others: Sequence[Trial]

    @cached_property
    def trials(self) -> list[Trial]:
        """All of them, by number."""
        return sorted((*self.incumbents, *self.others), key=lambda trial: trial.number)

    @cached_property
    def values(self) -> list[float]:
        """Their finite values."""
        values = (trial.value for trial in self.trials)
        return [value for value in values if value is not None and math.isfinite(value)]


def sample(seen: Glance) -> Sample:
    """All complete trials if they are few, else some of them and the incumbents."""
    crowned = {trial.number for trial in seen.incumbents}
    others = [
        trial
        for trial in thin(seen.complete, POINTS)
        if trial.number not in crowned and trial.value is not None and not math.isnan(trial.value)
    ]
    return Sample(_columns(seen.incumbents), others)


def thin(trials: Sequence[Trial], limit: int) -> Sequence[Trial]:
    """At most `limit` of `trials`, evenly; the strides are such that points stay as more come."""
    if len(trials) <= limit:
        return trials
    stride = 2 ** math.ceil(math.log2(len(trials) / limit))
    return trials[::stride]


def _columns(incumbents: list[Trial]) -> list[Trial]:
    """The first incumbent, and one in each column (they are in order, so the best of it)."""
    if len(incumbents) <= COLUMNS:
        return incumbents
    last = incumbents[-1].number
    columns = {trial.number * COLUMNS // (last + 1): trial for trial in incumbents[1:]}
    return [incumbents[0], *columns.values()]

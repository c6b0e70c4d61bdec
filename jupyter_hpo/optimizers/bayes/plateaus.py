"""Where the objective is flat, and one more trial would show what is known already.

Many objectives are made of steps: a number is rounded, or only the nearest power of two
counts, or so few examples are scored that a small change changes none of the scores. A smooth
model sees no steps; wherever it thinks the best one to be, it would try that one over and over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .arrays import Array, Truth
from .coordinates import Coordinates

REACH: Final = 0.15  # of a range: trials further apart are not thought to be on one step
LEAST: Final = 0.02  # of a range that is passed over beside a step
USUAL: Final = 0.8  # quantile of the steps' widths that counts for the width of steps
BEYOND: Final = 1.5  # times that width are passed over beside a step, once beside a trial
LOOKED_AT: Final = 20  # steps, and trials, the best ones; to others the search does not come
SLACK: Final = 1e-9


@dataclass(frozen=True)
class Box:
    """Rows between two corners, both of shape (len(space),), and the value of trials in it."""

    value: float
    low: Array
    high: Array

    def holds(self, rows: Array) -> Truth:
        """Which of the rows, shape (m, len(space)), are inside."""
        over_low, under_high = rows >= self.low - SLACK, rows <= self.high + SLACK
        return np.asarray((over_low & under_high).all(axis=1))

    def joined(self, row: Array) -> Box:
        """The smallest one that holds a row, too."""
        return Box(self.value, np.minimum(self.low, row), np.maximum(self.high, row))

    def away(self, row: Array) -> Array:
        """How far outside a row is along each parameter; at most 0 if it is not."""
        return np.maximum(self.low - row, row - self.high)

    def short_of(self, row: Array, inner: Box) -> Box:
        """Cut halfway between `inner` and a row outside that, where the gap is the widest."""
        k = int(np.argmax(inner.away(row)))
        low, high = self.low.copy(), self.high.copy()
        if row[k] < inner.low[k]:
            low[k] = 0.5 * (row[k] + inner.low[k])
        else:
            high[k] = 0.5 * (row[k] + inner.high[k])
        return Box(self.value, low, high)


class Plateaus:
    """Learns from trials that came to exactly the same value how wide the steps are.

    Trials of one value lie on one step if they are near each other and no trial between
    them has another value; where the objective is noisy or has no steps there are
    none. About as much beside a step as steps have been found to be wide is taken to belong to it,
    and, once steps have been found, beside any good trial. That is little: one parameter that
    differs by more is enough to be elsewhere.

    Parameters
    ----------
    coordinates : of the search space.
    """

    def __init__(self, coordinates: Coordinates) -> None:
        self._smooth = coordinates.smooth
        self._reach = np.where(coordinates.nominal, SLACK, REACH)
        self._rows: Array = np.zeros((0, len(coordinates.each)))
        self._values: Array = np.zeros(0)
        self._steps: list[Box] = []
        self._known: tuple[Array, Array] | None = None  # lower and upper corners of boxes

    def tell(self, row: Array, value: float) -> None:
        """Learn of a trial that was complete, and of its value, which is minimised."""
        same = self._rows[self._values == value]
        self._rows = np.concatenate([self._rows, row[None]])
        self._values = np.append(self._values, value)
        self._steps = [s for s in self._steps if s.value == value or not s.holds(row[None])[0]]
        wider = [s for s in self._steps if s.value == value]
        for near in [*wider, *(Box(value, one, one) for one in same)]:
            step = near.joined(row)
            if (near.away(row) <= self._reach).all() and not self._others_in(step).size:
                self._steps = [s for s in self._steps if s is not near] + [step]
                break
        self._known = None

    def know(self, rows: Array) -> Truth:
        """Which of the rows, shape (m, len(space)), would most likely show nothing new."""
        if self._known is None:
            boxes = self._boxes()
            none = np.zeros((0, rows.shape[1]))
            self._known = (
                np.array([box.low for box in boxes] or none) - SLACK,
                np.array([box.high for box in boxes] or none) + SLACK,
            )
        low, high = self._known
        each = rows[:, None, :]
        inside: Truth = np.all((each >= low) & (each <= high), axis=2)
        return np.asarray(np.any(inside, axis=1))

    def _boxes(self) -> list[Box]:
        if not self._steps:
            return []
        width = _usual(np.array([step.high - step.low for step in self._steps]))
        steps = sorted(self._steps, key=lambda step: step.value)[:LOOKED_AT]
        best = np.argsort(self._values, kind="stable")[:LOOKED_AT].tolist()
        trials = [Box(float(self._values[k]), self._rows[k], self._rows[k]) for k in best]
        # a step is as wide at least as has been seen of it
        beside = [
            self._beside(step, np.maximum(BEYOND * width, step.high - step.low)) for step in steps
        ]
        return beside + [self._beside(trial, width) for trial in trials]

    def _beside(self, inner: Box, margin: Array) -> Box:
        """With a margin, but no further than towards trials of another value."""
        margin = np.where(self._smooth, np.clip(margin, LEAST, REACH), 0.0)
        box = Box(inner.value, inner.low - margin, inner.high + margin)
        others = self._others_in(box)
        while len(others):
            box = box.short_of(others[0], inner)
            others = others[1:][box.holds(others[1:])]
        return box

    def _others_in(self, box: Box) -> Array:
        """Rows inside of trials that have another value."""
        return np.asarray(self._rows[(self._values != box.value) & box.holds(self._rows)])


def _usual(widths: Array) -> Array:
    """Of each parameter, shape (len(space),), of widths of shape (k, len(space)); 0 is none."""
    seen = [column[column > 0.0] for column in widths.T]
    return np.array([np.quantile(column, USUAL) if len(column) else 0.0 for column in seen])

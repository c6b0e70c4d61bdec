"""One descent: from a point, its value and gradient to the next point."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from .coordinates import LIMIT, Array

MOMENTS: Final = (0.5, 0.6)  # of Adam; shorter memories than in training, as steps are few
GROWTH, SHRINK = 1.2, 0.5  # of a coordinate's step where its slope keeps or turns its sign
LONGEST: Final = 1.0  # step of a coordinate
CLIP: Final = 5.0  # times the median length of the gradients so far
WORSE: Final = 2  # steps in a row that may lead up before the descent goes back
BACK: Final = 0.25  # what a step is shortened to when the descent goes back
BACKS: Final = 3  # times in a row
FINEST: Final = 2e-3  # step of a coordinate that is worth a trial
EXPLODED: Final = 10.0  # times the spread of values above the best that is an explosion


class Spot(NamedTuple):
    """A point that was visited, shape (d,), with its value and gradient there."""

    point: Array
    value: float
    gradient: Array


class Progress:
    """Whether values still fall by so much that it is worth the trials.

    Attributes
    ----------
    first, best : values; None before the first.
    stalled : values in a row that have not come to an improvement, several small ones together.
    """

    def __init__(self) -> None:
        self.first = self.best = math.inf
        self.stalled = 0
        self._stood = math.inf  # the last that was one

    def tell(self, value: float) -> None:
        """Note a finite value."""
        if self.best == math.inf:
            self.first = self.best = self._stood = value
            return
        # small beside those so far it is none
        least = max(1e-3 * abs(self.best), 2e-3 * (self.first - self.best))
        if value < self._stood - least:
            self.stalled, self._stood = 0, value
        else:
            self.stalled += 1
        self.best = min(self.best, value)

    def explodes(self, value: float) -> bool:
        """Whether a value is far above all that there was to be gained."""
        if self.best == math.inf:
            return False
        spread = max(self.first - self.best, 0.1 * abs(self.best), 1e-12)
        return value > self.best + EXPLODED * spread


class Descent:
    """Adam in coordinates without bounds, with a step of its own for each.

    A coordinate's step grows while its slope keeps its sign and shrinks where it turns. A
    gradient much longer than those before is clipped. After a value that is no number, an
    explosion, or two values in a row above the best, it goes back to the best point and on in
    shorter steps.

    Parameters
    ----------
    point : where it starts, shape (d,).
    rate : length of the first step in each coordinate.
    steps : it ends after so many.
    patience : and after so many without an improvement.
    limit : of the coordinates, on both sides of 0.

    Attributes
    ----------
    point : where the objective is to be looked at next.
    back : whether that is a step from the best point, not from the last one.
    over : whether there is no such point any more.

    References
    ----------
    D. P. Kingma and J. Ba, "Adam", ICLR 2015, algorithm 1. M. Riedmiller and H. Braun, "A
    direct adaptive method for faster backpropagation learning: the RPROP algorithm", 1993:
    growth and shrinking by sign.
    """

    def __init__(
        self, point: Array, *, rate: float, steps: int, patience: int, limit: float = LIMIT
    ) -> None:
        self.point, self.over, self.back = point, False, False
        self.best: Spot | None = None
        self.scale = np.full(len(point), rate)
        self._steps, self._patience, self._limit = steps, patience, limit
        self._taken = self._worse = self._backs = 0
        self._lengths: list[float] = []
        self._progress = Progress()
        self._forget()

    def _forget(self) -> None:
        """Start Adam's averages anew."""
        self._mean, self._square = np.zeros((2, len(self.point)))
        self._count = 0
        self._slope = np.zeros(len(self.point))

    def tell(self, value: float | None, gradient: Array) -> None:
        """Note value and gradient at `point`, and move on."""
        self._taken += 1
        self.back = False
        if value is None or not self._sound(value, gradient):
            self._back()
        else:
            self._note(value, gradient)
            if self._worse >= WORSE:
                self._back()
            else:
                self._move(self.point, gradient)
        if self._taken >= self._steps or self._progress.stalled >= self._patience:
            self.over = True

    def _sound(self, value: float, gradient: Array) -> bool:
        """Whether these are numbers, and the value is no explosion."""
        if not math.isfinite(value) or not np.isfinite(gradient).all():
            return False
        return not self._progress.explodes(value)

    def _note(self, value: float, gradient: Array) -> None:
        known = self._progress.best
        self._progress.tell(value)
        self._worse = 0 if value < known else self._worse + 1
        if value < known:
            self._backs = 0
            self.best = Spot(self.point, value, gradient)

    def _back(self) -> None:
        """Go on from the best point in shorter steps."""
        self._backs += 1
        self._worse, self.back = 0, True
        if self.best is None or self._backs > BACKS:
            self.over = True
            return
        self.scale = np.maximum(self.scale * BACK, FINEST)
        self._forget()
        self._move(self.best.point, self.best.gradient)

    def _move(self, start: Array, gradient: Array) -> None:
        outward = (np.abs(start) >= self._limit) & (np.sign(start) == -np.sign(gradient))
        slope = np.where(outward, 0.0, self._clipped(gradient))
        signs = np.sign(slope) * np.sign(self._slope)
        self.scale = np.clip(
            self.scale * np.where(signs > 0, GROWTH, np.where(signs < 0, SHRINK, 1.0)),
            FINEST / 2,
            LONGEST,
        )
        # a coordinate that has turned forgets where it came from
        self._mean = np.where(signs < 0, 0.0, self._mean)
        self._slope, self._count = slope, self._count + 1
        first, second = MOMENTS
        self._mean = first * self._mean + (1 - first) * slope
        self._square = second * self._square + (1 - second) * slope**2
        mean = self._mean / (1 - first**self._count)
        root = np.sqrt(self._square / (1 - second**self._count))
        step = self.scale * np.divide(mean, root, out=np.zeros_like(mean), where=root > 0)
        self.point = np.clip(start - step, -self._limit, self._limit)
        if np.abs(self.point - start).max(initial=0.0) < FINEST:
            self.over = True

    def _clipped(self, gradient: Array) -> Array:
        length = float(np.linalg.norm(gradient))
        longest = CLIP * float(np.median(self._lengths)) if self._lengths else math.inf
        self._lengths.append(length)
        return gradient * (longest / length) if length > longest > 0 else gradient

"""One descent by slopes that can be relied on: the next point by a model of how they change."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from .coordinates import LIMIT, Array
from .descent import BACK, BACKS, FINEST, Progress, Spot

GROWTH, SHRINK = 1.5, 0.4  # of a coordinate's reach after a step that was foretold, or not
GOOD, BAD = 0.6, 0.25  # shares of the foretold fall
LONGEST: Final = 1.5  # reach
CURVED: Final = 0.2  # share of its curvature that the model keeps at least along a step
SWEEPS: Final = 30  # over the coordinates, for the lowest point within reach


class Newton:
    """Quasi-Newton steps within a reach, from the best point so far.

    The model of the objective is quadratic; its curvature is learned from slopes at the ends of
    each step (BFGS, damped where the objective curves downwards). Before there are any, it is such
    that each coordinate goes as far as it can reach. The next point is the lowest of the model
    within reach. A coordinate's reach grows while the objective falls as foretold; where it does
    not, that of coordinates whose slope has turned shrinks, or of all if none has. A value that is
    no number, or an explosion, shortens all and teaches nothing.

    With six numbers and a smooth objective this comes as near in ten steps as Adam in twenty.

    Parameters
    ----------
    point : where it starts, shape (d,).
    rate : reach of each coordinate at first.
    steps, patience : see `descent.Descent`.

    Attributes
    ----------
    point, over, best, scale : see `descent.Descent`; the last is the reach.

    References
    ----------
    J. Nocedal and S. J. Wright, "Numerical optimization", 2006, algorithm 4.1 (trust region) and
    procedure 18.2 (damped BFGS).
    """

    def __init__(self, point: Array, *, rate: float, steps: int, patience: int) -> None:
        self.point, self.over = point, False
        self.best: Spot | None = None
        self.scale = np.full(len(point), rate)
        self._steps, self._patience = steps, patience
        self._taken = self._backs = 0
        self._progress = Progress()
        self._curvature = np.eye(len(point))

    def tell(self, value: float | None, gradient: Array) -> None:
        """Note value and gradient at `point`, and move on."""
        self._taken += 1
        numbers = value is not None and math.isfinite(value) and bool(np.isfinite(gradient).all())
        if value is None or not numbers or self._progress.explodes(value):
            self._backs += 1
            self.scale = np.maximum(self.scale * BACK, FINEST)
        else:
            self._backs = 0
            self._learn(Spot(self.point, value, gradient))
        if self.best is None or self._backs > BACKS:
            self.over = True
            return
        step = self._step(self.best)
        self.point = np.clip(self.best.point + step, -LIMIT, LIMIT)
        near = float(np.abs(self.point - self.best.point).max(initial=0.0)) < FINEST
        stalled = self._progress.stalled >= self._patience
        self.over = near or stalled or self._taken >= self._steps

    def _learn(self, spot: Spot) -> None:
        """Take a point in: the curvature, how far to reach, and whether it is the best."""
        self._progress.tell(spot.value)
        before = self.best
        if before is None:
            slopes = np.maximum(np.abs(spot.gradient), 1e-12)
            self._curvature = np.diag(slopes / self.scale)
            self.best = spot
            return
        step = spot.point - before.point
        foretold = -float(before.gradient @ step + step @ self._curvature @ step / 2)
        share = (before.value - spot.value) / foretold if foretold > 0 else -math.inf
        turned = np.sign(spot.gradient) * np.sign(before.gradient) < 0
        if share < BAD:
            shorter = turned if turned.any() else np.ones_like(turned)
            self.scale = np.where(shorter, np.maximum(self.scale * SHRINK, FINEST / 2), self.scale)
        elif share > GOOD:
            longer = np.minimum(self.scale * GROWTH, LONGEST)
            self.scale = np.where(turned, self.scale, np.maximum(longer, self.scale))
        self._bend(step, spot.gradient - before.gradient)
        if spot.value < before.value:
            self.best = spot

    def _bend(self, step: Array, change: Array) -> None:
        """Have the model's slopes change as they did over a step."""
        along = self._curvature @ step
        curved, seen = float(step @ along), float(step @ change)
        if curved <= 0:
            return
        if seen < CURVED * curved:
            share = (1 - CURVED) * curved / (curved - seen)
            change = share * change + (1 - share) * along
            seen = float(step @ change)
        if seen > 0 and np.isfinite(change).all():
            self._curvature = (
                self._curvature - np.outer(along, along) / curved + np.outer(change, change) / seen
            )

    def _step(self, start: Spot) -> Array:
        """To the lowest point of the model within reach, one coordinate at a time."""
        low = np.maximum(-self.scale, -LIMIT - start.point)
        high = np.minimum(self.scale, LIMIT - start.point)
        step = np.zeros_like(start.point)
        own = np.maximum(np.diag(self._curvature), 1e-12)
        for _ in range(SWEEPS):
            before = step.copy()
            for k in range(len(step)):
                slope = start.gradient[k] + float(self._curvature[k] @ step)
                step[k] = min(max(step[k] - slope / own[k], low[k]), high[k])
            if float(np.abs(step - before).max(initial=0.0)) < FINEST / 10:
                break
        return step

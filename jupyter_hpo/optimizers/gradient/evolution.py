"""A gradient from values alone: pairs of trials on opposite sides of a point."""

from __future__ import annotations

import math

import numpy as np

from .coordinates import LIMIT, Array


class Pairs:
    """Antithetic estimates of the gradient at one point.

    For each direction the objective is looked at on both sides of the point; the gradient is
    the mean of the directions, each times its difference quotient. This is the gradient of the
    objective smoothed over the width of the pairs.

    Parameters
    ----------
    centre : the point, shape (d,).
    width : distance of a trial from the point in each coordinate, in the mean over them.
    count : pairs.
    rng : chooses the directions.

    References
    ----------
    T. Salimans et al., "Evolution strategies as a scalable alternative to reinforcement
    learning", 2017, sections 2 and 2.1 (mirrored sampling).
    """

    def __init__(self, centre: Array, width: float, count: int, rng: np.random.Generator) -> None:
        d = len(centre)
        # room for both sides also at a bound
        self.centre = np.clip(centre, width - LIMIT, LIMIT - width)
        raw = rng.standard_normal((count, d))
        lengths = np.linalg.norm(raw, axis=1, keepdims=True)
        directions = raw * (math.sqrt(d) / np.maximum(lengths, 1e-12))
        ends = self.centre + width * np.concatenate([directions, -directions])
        self.points = np.clip(ends, -LIMIT, LIMIT)  # (2 count, d): the second half is opposite
        self.values: dict[int, float] = {}
        self._count = count

    def tell(self, place: int, value: float | None) -> None:
        """Note the value at ``points[place]``; None and NaN: the trial came to none."""
        none = value is None or math.isnan(value)
        self.values[place] = math.inf if value is None or none else value

    @property
    def complete(self) -> bool:
        """Whether all values are there."""
        return len(self.values) == 2 * self._count

    def estimate(self) -> tuple[float | None, Array]:
        """Mean value, None if there is none, and gradient, shape (d,)."""
        finite = [value for value in self.values.values() if math.isfinite(value)]
        gradient = np.zeros(len(self.centre))
        if not finite:
            return None, gradient
        # what failed or exploded is worse than all others, by as much as they differ
        ceiling = max(finite) + (max(finite) - min(finite) or abs(max(finite)) or 1.0)
        floor = min(finite)
        for k in range(self._count):
            one, other = (
                min(max(self.values[place], floor), ceiling) for place in (k, k + self._count)
            )
            apart = self.points[k] - self.points[k + self._count]
            square = float(apart @ apart)
            if square > 0:
                gradient += (one - other) / square * apart * len(apart) / self._count
        return sum(finite) / len(finite), gradient

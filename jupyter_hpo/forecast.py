"""What learning curves come to: a power law for each trial, pooled over all of them.

The level of trial n at x, its share of a whole trial's reports, is

    f_n(x) = c_n + a_n b(x) + d_n(x),    b(x) = (x^-g - 1) / (x0^-g - 1),

a power law, which is 1 at the first rung x0 and 0 at the end, and what it misses: d is an
Ornstein-Uhlenbeck process of log x. Over the trials c and a are normal, so that a new one
is known, too, before it has begun; reports are normal around the levels. As all trials
have the same covariance, one factorisation of a matrix of at most `RUNGS` + 1 rows serves all,
whatever got how far. Its parameters maximise the likelihood of all curves, along one after
the other on a small grid; means of c and a, and the scale of it all, are closed forms.

Levels are logarithms of the distance to a little less than the best ever seen, which makes the
scale of the reports irrelevant, and what is far off unimportant.

References
----------
K. Swersky, J. Snoek, R. P. Adams, "Freeze-thaw Bayesian optimization", arXiv:1406.3896 (2014): one
process for all curves, with a prior of asymptotes; here they follow a power law, not an
exponential one, as in T. Domhan, J. T. Springenberg, F. Hutter, "Speeding up automatic
hyperparameter optimization of deep neural networks by extrapolation of learning curves", IJCAI
2015, table 1 ("pow3"), and configurations are not looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np

from .curves import Curve, Curves
from .rungs import first_rung

RUNGS: Final = 12
FITTED: Final = 64  # curves at most that parameters are chosen on: those that got furthest
BELOW: Final = 0.3  # of the distance from the best to the median: what levels are distances to
HIGHEST: Final = 1.0  # a level; what is not finite has it
HUGE: Final = 1e100  # what is above counts as infinite: squares of it overflow
UNSURE: Final = 2.0
WEIGHT: Final = 1.0  # of the prior of shapes
FEWEST: Final = 3  # complete trials that say how values depend on reports


@dataclass(frozen=True)
class Shape:
    """Of the curves: `power` is g; standard deviations are in units of that of c."""

    power: float = 0.3
    noise: float = 0.1  # of a report
    missed: float = 0.7  # of d
    fall: float = 0.7  # of a
    tie: float = -0.5  # correlation of c and a
    memory: float = 3.0  # of d, in units of log x


GRID: Final = {
    "noise": (0.01, 0.03, 0.1, 0.3, 1.0),
    "missed": (0.2, 0.4, 0.7, 1.2),
    "power": (-1.0, -0.3, 0.0, 0.3, 0.7, 1.2),
    "fall": (0.3, 0.7, 1.5),
}


def unusual(shape: Shape) -> float:
    """Minus the logarithm of the prior: of few curves nothing extreme is believed."""
    apart = math.log(shape.missed / 0.7) ** 2 + math.log(shape.fall / 0.7) ** 2
    return WEIGHT * (apart + (shape.power - 0.3) ** 2)


@lru_cache(maxsize=16)
def rungs(longest: int) -> list[int]:
    """Counts of reports, up to all of a whole trial, at which its level is looked at."""
    first = first_rung(longest)
    if longest <= first:
        return [max(longest, 1)]
    return sorted({round(v) for v in np.geomspace(first, longest, RUNGS).tolist()})


class Levels:
    """The levels of curves at the rungs.

    Parameters
    ----------
    ends : values, on the scale of the reports, that have levels, too: a single report may be
        better than the mean of those between any two rungs.

    Attributes
    ----------
    rows : an array of curves by rungs; 0 where a curve did not get.
    reached : how many rungs each curve got to.
    """

    def __init__(
        self,
        curves: Sequence[Curve],
        counts: Sequence[int],
        *,
        folds: bool,
        ends: Sequence[float] = (),
    ) -> None:
        self.counts, self._folds = counts, folds
        raw = [self._means(curve) for curve in curves]
        self.reached = np.array([len(each) for each in raw])
        latest = np.array([each[-1] for each in raw if each and math.isfinite(each[-1])] or [0.0])
        ends = [v for v in ends if abs(v) <= HUGE]
        all_of_them = [*ends, *(v for each in raw for v in each if math.isfinite(v))] or [0.0]
        best, middle = min(all_of_them), float(np.median(latest))
        middle = middle if middle > best else max(all_of_them)
        spread = middle - best if middle > best else max(abs(best), 1e-12)
        self._zero = best - BELOW * spread
        self._unit = (1.0 + BELOW) * spread
        self.rows = np.zeros((len(raw), len(counts)))
        for row, each in zip(self.rows, raw, strict=True):
            row[: len(each)] = [self.level(v) for v in each]

    def _means(self, curve: Curve) -> list[float]:
        """Of the reports between rungs; of folds, of all up to each."""
        found, before = [], 0
        for count in self.counts:
            if count > len(curve):
                break
            some = curve.values[0 if self._folds else before : count]
            mean = sum(some) / len(some)
            found.append(mean if abs(mean) <= HUGE else math.inf)
            before = count
        return found

    def level(self, value: float) -> float:
        """Of a value that was reported."""
        share = (value - self._zero) / self._unit
        if not share < math.exp(HIGHEST):
            return HIGHEST
        return math.log(max(share, 1e-3))

    def value(self, level: float) -> float:
        """The value of a level."""
        return self._zero + self._unit * math.exp(min(level, 9.0))


class Forecast:
    """What trials come to.

    Attributes
    ----------
    counts : the rungs, in reports.
    prior : mean and standard deviation of the last level of a new trial.
    spread : by how many rungs a trial got to: the standard deviation of what its last level
        is then, that is of the error of its forecast.
    """

    def __init__(self, curves: Iterable[Curve], peers: Curves) -> None:
        self._curves = [curve for curve in curves if len(curve)]
        self.counts = rungs(peers.longest)
        places = {curve.number: place for place, curve in enumerate(self._curves)}
        self._places = places
        self._complete = [curve for curve in peers.complete if curve.number in places]
        self._direct = peers.folds or all(
            math.isclose(curve.value or 0.0, curve.values[-1], rel_tol=1e-9)
            for curve in peers.complete
            if len(curve)
        )
        self._last = self._direct and not peers.folds  # whether a value is that last reported
        ends = [_value(curve) for curve in self._complete] if self._direct else []
        self.levels = Levels(self._curves, self.counts, folds=peers.folds, ends=ends)
        self._fit()

    def _fit(self) -> None:
        rows, reached = self.levels.rows, self.levels.reached
        chosen = np.argsort(-reached, kind="stable")[:FITTED]
        likelihood = Likelihood(self.counts, rows[chosen], reached[chosen])
        shape = Shape()
        best = likelihood.of(shape)
        for name, values in GRID.items():
            for value in values:
                tried = replace(shape, **{name: value})
                found = likelihood.of(tried)
                if found[0] > best[0] + 1e-9:
                    best, shape = found, tried
        self.shape = shape
        _, mean, scale = best
        covariance, basis = likelihood.covariance(shape), likelihood.basis(shape)
        expected = basis @ mean
        count = len(self.counts)
        factor = np.linalg.cholesky(covariance[:count, :count])
        white = np.linalg.solve(factor, covariance[:count, count])
        residual = np.linalg.solve(factor, (rows - expected[:count]).T)
        residual[np.arange(count)[:, None] >= reached] = 0.0
        self._means = expected[count] + white @ residual
        left = covariance[count, count] - np.concatenate([[0.0], np.cumsum(white**2)])
        # the value is a report as noisy as others, which luck may make the best one
        left = np.maximum(left, 1e-12) + (shape.noise**2 if self._last else 0.0)
        ended = int((reached == count).sum())  # what few trials say of the end may be chance
        self.spread = np.sqrt((1.0 + UNSURE / (1.0 + ended)) * scale * left)
        self.prior = float(expected[count]), float(self.spread[0])

    @cached_property
    def best(self) -> float:
        """The last level of the best complete trial."""
        leader = min(self._complete, key=_value, default=None)
        if leader is None:
            return HIGHEST
        if self._direct and leader.value is not None:
            return self.levels.level(leader.value)
        return self.last_level(leader)[0]

    @cached_property
    def tail(self) -> float:
        """By how much the normal distribution of a new trial has too much below `best`.

        The best of n trials is better than the next one with a probability of n in n + 1,
        however their values are distributed.
        """
        z = (self.best - self.prior[0]) / self.prior[1]
        normal = max(0.5 * math.erfc(-z / math.sqrt(2.0)), 1e-12)
        return min(1.0 / (len(self._curves) + 1) / normal, 1.0)

    def value(self, curve: Curve) -> tuple[float, float] | None:
        """Mean and standard deviation of the value of a trial at its end; see `predict`."""
        level, spread = self.last_level(curve)
        mean = self.levels.value(level)
        low, high = (self.levels.value(level + side * spread) for side in (-1.0, 1.0))
        if self._direct:
            return mean, 0.5 * (high - low)
        known = [each for each in self._complete if abs(_value(each)) <= HUGE]
        if len(known) < FEWEST:
            return None
        x = np.array([self.levels.value(self.last_level(each)[0]) for each in known])
        y = np.array([_value(each) for each in known])
        # a slope as of one more trial, in the middle of the others, that says nothing
        apart, unit = x - x.mean(), float(np.var(x)) or 1.0
        slope = float(apart @ (y - y.mean())) / (float(apart @ apart) + unit)
        rest = y - y.mean() - slope * apart
        error = float(rest @ rest) / max(len(known) - 2, 1)
        spread = math.hypot(slope * 0.5 * (high - low), math.sqrt(error))
        return float(y.mean()) + slope * (mean - float(x.mean())), spread

    def last_level(self, curve: Curve) -> tuple[float, float]:
        """Mean and standard deviation of the level of a trial at its end."""
        place = self._places[curve.number]
        return float(self._means[place]), float(self.spread[self.levels.reached[place]])


def _value(curve: Curve) -> float:
    value = curve.value
    return math.inf if value is None or math.isnan(value) else value


def predict(curve: Curve, peers: Curves) -> tuple[float, float] | None:
    """Mean and standard deviation of the value that a trial has at its end; to be minimised.

    Parameters
    ----------
    curve : what it has reported so far; reports and values may be on different scales.
    peers : what the trials that have ended, complete or pruned, reported.

    Returns
    -------
    None if nothing can be said: without a complete trial, or before the first rung; and where the
    values are not those last reported, before three trials are complete.
    """
    if not peers.complete or len(curve) < rungs(peers.longest)[0]:
        return None
    others = [each for each in peers if each.number != curve.number]
    return Forecast([*others, curve], peers).value(curve)


class Likelihood:
    """Of curves, whatever their shape is; the last row and column of a covariance are the end."""

    def __init__(self, counts: Sequence[int], rows: Any, reached: Any) -> None:
        self._x = np.array([count / counts[-1] for count in counts])
        width = np.diff([0, *counts])
        self._middle = np.log(np.append(self._x - width / counts[-1] * 0.5, 1.0))
        self._middle[-1] = 0.0
        self._noise = np.append(1.0 / width, 0.0)
        self._first = max(-float(self._middle[0]), 1e-3)
        self._rows = rows.T
        self._there = np.arange(len(counts))[:, None] < reached
        self._count = max(int(self._there.sum()), 1)
        self._logs = self._there.sum(1)
        self._apart = np.abs(self._middle[:, None] - self._middle)

    def basis(self, shape: Shape) -> Any:
        """Columns of 1 and b, at each rung and at the end."""
        g = shape.power
        if g == 0.0:
            falling = -self._middle / self._first
        else:
            falling = np.expm1(-g * self._middle) / np.expm1(g * self._first)
        return np.column_stack([np.ones_like(falling), falling])

    def covariance(self, shape: Shape) -> Any:
        """Of the levels, in units of the variance of c."""
        basis = self.basis(shape)
        tie = shape.tie * shape.fall
        both = np.array([[1.0, tie], [tie, shape.fall**2]])
        missed = shape.missed**2 * np.exp(-self._apart / shape.memory)
        return basis @ both @ basis.T + missed + np.diag(shape.noise**2 * self._noise + 1e-6)

    def of(self, shape: Shape) -> tuple[float, Any, float]:
        """Logarithm of the likelihood, up to a constant; the means of c and a; the scale."""
        count = len(self._rows)
        factor = np.linalg.cholesky(self.covariance(shape)[:count, :count])
        basis = self.basis(shape)[:count]
        white = np.linalg.solve(factor, np.column_stack([self._rows, basis]))
        curves, regressors = np.where(self._there, white[:, :-2], 0.0), white[:, -2:]
        # weak priors: the means are about 0 and 0.5, the scale about 1
        normal = (regressors * self._logs[:, None]).T @ regressors + np.diag([0.1, 0.1])
        mean = np.linalg.solve(normal, regressors.T @ curves.sum(1) + [0.0, 0.05])
        rest = np.where(self._there, curves - (regressors @ mean)[:, None], 0.0)
        scale = (float((rest**2).sum()) + 1.0) / (self._count + 1)
        logs = float(self._logs @ np.log(np.diag(factor)))
        likelihood = -0.5 * (self._count + 1) * math.log(scale) - logs
        return likelihood - unusual(shape), mean, scale

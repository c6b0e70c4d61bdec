"""From what became of trials to numbers that a Gaussian process can be fitted to.

They are maximised here, as everywhere in bayesian-optimization.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Final

import numpy as np

from .arrays import Array

Variances = Callable[[Array], Array]  # of k versions of n outcomes, shape (n, k), to shape (k,)

LAMBDAS: Final = np.linspace(0.0, 4.0, 41)
FEWEST: Final = 4  # outcomes whose distribution says anything
LARGEST: Final = sys.float_info.max
OUTLYING: Final = 10  # times as far below the median as the best is above it


class Scale:
    """A power transform that makes outcomes as normal as it can: mean 0, variance 1.

    I.-K. Yeo and R. A. Johnson, "A new family of power transformations to improve
    normality or symmetry", Biometrika 87 (2000), eq. 2.1.

    Parameters
    ----------
    targets : outcomes, shape (n,); infinite ones count as the worst or best finite one, and
        far outliers among the bad as ten times as bad as the best is good.
    power : the exponent; None: under which they are most probably normal (eq. 3.2), on a grid.

    Attributes
    ----------
    count : of the outcomes it is made for.
    """

    def __init__(self, targets: Array, power: float | None = None) -> None:
        self.count = len(targets)
        finite = targets[np.isfinite(targets)]
        self._low, self._high = _range(finite) if len(finite) else (0.0, 0.0)
        # in units of the largest, whose square may be too large for a float
        self._unit = max(abs(self._low), abs(self._high)) or 1.0
        self._center, self._spread, self._power = 0.0, 1.0, 1.0
        self._middle, self._width = 0.0, 1.0
        known = self._known(targets)
        spread = float(known.std()) if len(known) else 0.0
        if spread > 0.0:
            self._center, self._spread = float(known.mean()), spread
            z = (known - self._center) / spread
            self._power = _most_probable(z, _variances) if power is None else power
            moved = yeo_johnson(z, self._power)
            self._middle, self._width = float(moved.mean()), float(moved.std()) or 1.0

    def _known(self, targets: Array) -> Array:
        return np.clip(targets, self._low, self._high) / self._unit

    def likeliest_power(self, targets: Array, variances: Variances) -> float:
        """The exponent under which outcomes are most probable by a model of them.

        E. Snelson, C. E. Rasmussen and Z. Ghahramani, "Warped Gaussian processes", 2003,
        eq. 7, with the variance profiled out, as `_most_probable` has it.
        """
        return _most_probable((self._known(targets) - self._center) / self._spread, variances)

    def __call__(self, targets: Array) -> Array:
        """The outcomes on the model's scale."""
        z = (self._known(targets) - self._center) / self._spread
        return (yeo_johnson(z, self._power) - self._middle) / self._width

    def back(self, values: Array) -> Array:
        """From the model's scale to finite outcomes, no further than a spread beyond those seen."""
        low, high = self._low / self._unit, self._high / self._unit
        z = inverse_yeo_johnson(values * self._width + self._middle, self._power)
        found = np.nan_to_num(z * self._spread + self._center)
        with np.errstate(over="ignore"):
            outcomes = np.clip(found, 2 * low - high, 2 * high - low) * self._unit
        return np.asarray(np.clip(outcomes, -LARGEST, LARGEST))


def _range(finite: Array) -> tuple[float, float]:
    """Between which outcomes count as they are: one that diverged must not hide the others."""
    low, high = float(finite.min()), float(finite.max())
    with np.errstate(over="ignore"):
        median = float(np.median(finite))
    reach = OUTLYING * (high - median)
    return (max(low, median - reach), high) if 0.0 < reach < math.inf else (low, high)


def yeo_johnson(z: Array, power: float) -> Array:
    """The transform of `z`, of any shape."""
    up, down = np.maximum(z, 0.0), np.maximum(-z, 0.0)
    return _box_cox(up, power) - _box_cox(down, 2.0 - power)


def inverse_yeo_johnson(t: Array, power: float) -> Array:
    """What `yeo_johnson` was given; infinite where nothing is transformed that far."""
    up, down = np.maximum(t, 0.0), np.maximum(-t, 0.0)
    return _inverse_box_cox(up, power) - _inverse_box_cox(down, 2.0 - power)


def _box_cox(u: Array, power: float) -> Array:
    if abs(power) < 1e-9:
        return np.log1p(u)
    return np.asarray(np.expm1(power * np.log1p(u)) / power)


def _inverse_box_cox(t: Array, power: float) -> Array:
    if abs(power) < 1e-9:
        return np.expm1(t)
    inside = np.maximum(power * t, -1.0 + 1e-12)
    return np.asarray(np.expm1(np.log1p(inside) / power))


def _variances(outcomes: Array) -> Array:
    return np.asarray(outcomes.var(axis=0))


def _most_probable(z: Array, variances: Variances) -> float:
    """The exponent under which `z`, shape (n,), is most probable; 1 if there are too few.

    With independent normal outcomes that is the likelihood of Yeo and Johnson, and with those of
    a Gaussian process that of a warped one.
    """
    if len(z) < FEWEST:
        return 1.0
    jacobian = float((np.sign(z) * np.log1p(np.abs(z))).sum())
    with np.errstate(over="ignore", invalid="ignore"):
        moved = np.stack([yeo_johnson(z, power) for power in LAMBDAS.tolist()], axis=1)
        usual = _variances(moved)
    fit = (usual > 1e-12) & (usual < math.inf)
    if not fit.any():
        return 1.0
    powers = LAMBDAS[fit]
    score = (powers - 1.0) * jacobian - 0.5 * len(z) * np.log(variances(moved[:, fit]))
    return float(powers[np.argmax(score)])

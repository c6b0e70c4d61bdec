"""Trials that leave the range of what makes sense."""

from __future__ import annotations

import math

from ..curves import Curve, Curves
from ..errors import UsageError


class Threshold:
    """Ends a trial that reports NaN, an infinite value, or one outside two limits.

    Parameters
    ----------
    lower, upper : the limits, of the objective as the cell computes it.

    Raises
    ------
    UsageError
        If the lower limit is above the upper one.
    """

    def __init__(
        self, *, lower: float | None = None, upper: float | None = None, maximize: bool = False
    ) -> None:
        self._lower = -math.inf if lower is None else lower
        self._upper = math.inf if upper is None else upper
        self._sign = -1.0 if maximize else 1.0
        if not self._lower <= self._upper:
            raise UsageError(f"threshold: lower={lower} is above upper={upper}")

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Whether the last report is outside."""
        value = self._sign * trial.values[-1]
        if not math.isfinite(value):
            return f"reported {value} at step {trial.steps[-1]}"
        if self._lower <= value <= self._upper:
            return ""
        limit = self._lower if value < self._lower else self._upper
        side = "below" if value < self._lower else "above"
        return f"reported {value:.4g} at step {trial.steps[-1]}, {side} {limit:g}"

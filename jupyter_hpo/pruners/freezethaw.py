"""Trials stand still and go on as their learning curves promise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from ..curves import Curve, Curves, EndsDiverging
from ..errors import UsageError
from ..forecast import Forecast, rungs

ROOT: Final = math.sqrt(2.0)
EAGER: Final = 0.5  # of what a new trial promises: with all of it many are begun, and few finished


class FreezeThaw(EndsDiverging):
    """Trials are set aside after ever more reports; the one that promises most goes on.

    What each one comes to is forecast from its reports and the curves of all others (see
    `forecast`). Of each, and of a new one, we know for every rung ahead how likely its
    forecast is to be better there than the best value so far, and by how much on average. If it
    goes on to that rung, and to its end if so, this is won for so many reports; what counts is the
    most that is won for a report, at whichever rung, and half of that of a new one.

    When no new trial can begin, the most promising go on until the chance that any of those that
    are left wins, summed over them, is below `chance`.

    Parameters
    ----------
    chance : from 0 to 1.

    Raises
    ------
    UsageError
        If `chance` is out of range.

    Notes
    -----
    `EAGER` and `chance` were chosen on the dev tasks of ``tests/benchmarks/pruning``.

    References
    ----------
    K. Swersky, J. Snoek, R. P. Adams, "Freeze-thaw Bayesian optimization", arXiv:1406.3896 (2014),
    section 4: a basket of trials that stand still, and new ones. There entropy search
    chooses; here it is expected improvement for each report, as in J. Snoek et al., "Practical
    Bayesian optimization of machine learning algorithms", NIPS 2012, section 3.2, at the
    best time to stop, as the index of J. C. Gittins, "Bandit processes and dynamic allocation
    indices", J. R. Statist. Soc. B 41 (1979).
    """

    def __init__(self, *, chance: float = 0.1) -> None:
        if not 0.0 <= chance <= 1.0:
            raise UsageError(f"freezethaw: chance is from 0 to 1, not {chance}")
        self._chance = chance

    def sets_aside(self, trial: Curve, peers: Curves, waiting: Sequence[Curve]) -> bool:
        """Whether it is at a rung, and not as long as a whole trial."""
        return len(trial) < peers.longest and len(trial) in rungs(peers.longest)

    def promote(self, waiting: Sequence[Curve], peers: Curves, fresh: int | None) -> int | None:
        """What promises most."""
        forecast = Forecast([*peers, *waiting], peers)
        levels = [(*forecast.last_level(curve), curve) for curve in waiting]
        if fresh == 0:
            left = sum(chances(forecast, mean, spread)[2] for mean, spread, _ in levels)
            if left < self._chance:
                return None
        leading: dict[float, tuple[float, int, Curve]] = {}
        for mean, spread, curve in levels:  # of those whose forecasts are as sure the best one
            mine = (mean, curve.number, curve)
            leading[spread] = min(leading.get(spread, mine), mine)
        won, number = max(
            (promise(forecast, mean, spread, len(curve)), -number)
            for spread, (mean, number, curve) in leading.items()
        )
        if fresh == 0 or won >= EAGER * promise(forecast, *forecast.prior, 0):
            return -number
        return None


def chances(forecast: Forecast, mean: float, spread: float) -> tuple[float, float, float]:
    """How a level compares with the best one: how many spreads it is below.

    Then the chance that it is better, were it normal, and as much of it as the tail has.
    """
    z = (forecast.best - mean) / spread
    normal = max(0.5 * math.erfc(-z / ROOT), 1e-12)
    return z, normal, forecast.tail * normal / (forecast.tail * normal + 1.0 - normal)


def promise(forecast: Forecast, mean: float, spread: float, reports: int) -> float:
    """What is won for a report, at the best time to stop."""
    counts, whole = forecast.counts, forecast.counts[-1]
    most = 0.0
    for rung, count in enumerate(counts, start=1):
        if count <= reports and count < whole:
            continue
        left = 0.0 if count == whole else float(forecast.spread[rung])
        seen = math.sqrt(max(spread**2 - left**2, 1e-12))
        z, normal, chance = chances(forecast, mean, seen)
        won = seen * (z * normal + math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi))
        cost = max(count - reports, 1) + chance * (whole - count)
        most = max(most, won * chance / normal / cost)
    return most

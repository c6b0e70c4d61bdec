"""Trials that are worse than the best one, fold by fold."""

from __future__ import annotations

import math
from statistics import fmean

from ..curves import Curve, Curves
from ..errors import UsageError

FEWEST = 4  # pairs; of 3 that all speak against it the p-value is 1/8


class Wilcoxon:
    """Ends a trial whose reports are, step by step, significantly worse than the incumbent's.

    For objectives that are means of independent parts, such as the folds of a
    cross-validation, of which each is reported; of a learning curve the steps are not
    independent, and it ends trials that start slowly. A one-sided signed-rank test after
    each report; about 0.3 ms.

    Parameters
    ----------
    p : the probability of so much difference by chance, below which a trial ends, from 0 to 1.

    Raises
    ------
    UsageError
        If `p` is out of range.

    References
    ----------
    F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945).
    """

    def __init__(self, *, p: float = 0.1) -> None:
        if not 0.0 <= p <= 1.0:
            raise UsageError(f"wilcoxon: p is from 0 to 1, not {p}")
        self._p = p

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Whether the differences at the steps that both have are no chance."""
        if peers.incumbent is None:
            return ""
        best = dict(zip(peers.incumbent.steps, peers.incumbent.values, strict=True))
        pairs = [(v, best[s]) for s, v in zip(trial.steps, trial.values, strict=True) if s in best]
        differences = [value - other for value, other in pairs]
        if len(pairs) < FEWEST or not all(map(math.isfinite, differences)):
            return ""
        if not any(differences) or fmean(differences) <= 0.0:
            return ""
        from scipy.stats import wilcoxon

        p = float(wilcoxon(differences, alternative="greater", zero_method="zsplit").pvalue)
        if p >= self._p:
            return ""
        return f"worse than trial {peers.incumbent.number} in {len(pairs)} folds (p = {p:.2g})"

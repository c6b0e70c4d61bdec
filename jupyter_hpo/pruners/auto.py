"""The default: what suits the reports that trials make."""

from __future__ import annotations

from typing import Final

from ..curves import Curve, Curves
from . import create

STARTUP: Final = 5  # complete trials before any is pruned
EARLIEST: Final = 0.25  # of the reports of a complete trial


class Auto:
    """Ends trials that diverge, and once five are complete those that are not worth finishing.

    These are trials that are worse than half of the others after a quarter of their
    reports, and those that do not improve any more. Where the reports are folds of a
    cross-validation, which shows in that the objective is their mean, they are compared
    with those of the best trial instead, fold by fold.
    """

    def __init__(self) -> None:
        self._diverging, self._folds = create("threshold"), create("wilcoxon")
        self._median, self._patience = create("median", startup=STARTUP), create("patience")

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Whether one of them says so."""
        diverged = self._diverging.prune(trial, peers)
        if diverged or len(peers.complete) < STARTUP:
            return diverged
        if peers.folds:
            return self._folds.prune(trial, peers)
        usual = len(peers.complete[-1])
        if len(trial) < max(2, EARLIEST * usual):
            return ""
        return self._median.prune(trial, peers) or self._patience.prune(trial, peers)

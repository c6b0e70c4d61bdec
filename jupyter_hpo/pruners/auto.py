"""The default: what suits the reports that trials make."""

from __future__ import annotations

from typing import Final

from ..curves import Curve, Curves, diverged, is_rung
from . import create

STARTUP: Final = 5  # complete trials before one is compared: a study of a few runs them all
RUNGS: Final = 3  # compared after 3, 9, 27, … reports: each time, chance may end a good trial
EARLIEST: Final = 0.05  # of the reports of the longest complete trial: those before say little
PATIENCE: Final = 0.25  # of them
LEAST: Final = 5  # reports of patience
LATE: Final = 0.5  # of the longest: where trials differ in length, a long one starts more slowly


class Auto:
    """Ends trials that diverge, and once five are complete those that are not worth finishing.

    These are trials that are worse than half of the others that got as far, and those that
    have not improved for a quarter of the reports of the longest complete one. They are compared
    after 3, 9, 27, … reports only, by the mean of the last third of them, for reports
    are noisy; where complete trials differ in length, in the second half of the longest only.
    A trial that is as long as the longest complete one is left to end by itself.

    A trial diverges if it reports NaN or an infinite value, which no complete trial did.

    Where the reports are folds of a cross-validation, which shows in that the objective is
    their mean, they are compared with those of the best trial instead, fold by fold.

    Notes
    -----
    Chosen on the dev tasks of ``tests/benchmarks/pruning``: to find a good model in few epochs
    without losing more of it for the same number of trials.
    """

    def __init__(self) -> None:
        self._folds = create("wilcoxon")
        self._waiting, self._patience = create("patience", patience=LEAST), LEAST

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Whether one of them says so."""
        because = diverged(trial, peers)
        if because or len(peers.complete) < STARTUP:
            return because
        if peers.folds:
            return self._folds.prune(trial, peers)
        earliest = EARLIEST if peers.shortest == peers.longest else LATE
        if not earliest * peers.longest <= len(trial) < peers.longest:
            return ""
        return _poor(trial, peers) or self._waits(trial, peers)

    def _waits(self, trial: Curve, peers: Curves) -> str:
        patience = max(LEAST, round(PATIENCE * peers.longest))
        if patience != self._patience:
            self._waiting, self._patience = create("patience", patience=patience), patience
        return self._waiting.prune(trial, peers)


def _poor(trial: Curve, peers: Curves) -> str:
    if not is_rung(len(trial), RUNGS, RUNGS):
        return ""
    step = trial.steps[-1]
    recent, others = trial.recent_at(step), peers.recent_at(step)
    if recent is None or not others or recent <= others[len(others) // 2]:
        return ""
    return f"worse than the median of {len(others)} trials at step {step}"

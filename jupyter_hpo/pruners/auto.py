"""The default: what suits the reports that trials make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..curves import Curve, Curves, diverged, is_rung
from ..protocols import Pruner
from ..rungs import promotable
from . import create

STARTUP: Final = 5  # complete trials before one is compared: a study of a few runs them all
RUNGS: Final = 3  # compared after 3, 9, 27, … reports: each time, chance may end a good trial
EARLIEST: Final = 0.05  # of the reports of the longest complete trial: those before say little
PATIENCE: Final = 0.25  # of them
LEAST: Final = 5  # reports of patience
LATE: Final = 0.5  # of the longest: where trials differ in length, a long one starts more slowly
GOES_ON: Final = 1 / 3  # of the trials that got to a rung
FINISHED: Final = 2.0  # at last, of those at each rung 1 in so many goes on, and so many at least


def auto(*, promote: bool = False) -> Pruner:
    """Ends trials that diverge, and spares the reports of those that are not worth finishing.

    Parameters
    ----------
    promote : whether trials that are not among the best third are set aside, to go on when they
        are, or in the end; otherwise those that are worse than half of the others end.
    """
    return Promoting() if promote else Stopping()


class Promoting:
    """Sets aside, from the first complete trial on, what is not among the best third.

    They are compared as `Stopping` does: after 3, 9, 27, … reports, by the mean of the last third
    of them. One that is among the best third later, when others have got there, goes on.
    When no new trial can begin, the better half at each rung does. Folds are compared as there.

    Notes
    -----
    Chosen on the dev tasks of ``tests/benchmarks/pruning``, all kinds of reports.
    """

    def __init__(self) -> None:
        self._folds = create("wilcoxon")

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Whether it diverges, or is worse fold by fold."""
        because = diverged(trial, peers)
        if because or not peers.folds or len(peers.complete) < STARTUP:
            return because
        return self._folds.prune(trial, peers)

    def sets_aside(self, trial: Curve, peers: Curves, waiting: Sequence[Curve]) -> bool:
        """Whether it is at a rung and not among the best third there."""
        if peers.folds or not _is_looked_at(trial, peers) or not is_rung(len(trial), RUNGS, RUNGS):
            return False
        step = trial.steps[-1]
        recent, others = trial.recent_at(step), _recent(peers, waiting, step)
        return recent is not None and bool(others) and recent > others[int(len(others) * GOES_ON)]

    def promote(self, waiting: Sequence[Curve], peers: Curves, fresh: int | None) -> int | None:
        """One that is among the best third by now, the longest first; at last, the better half."""
        if fresh == 0:
            found = promotable(waiting, peers, FINISHED, least=int(FINISHED))
            return None if found is None else found.number
        limits: dict[int, float] = {}
        for curve in sorted(waiting, key=lambda each: (-len(each), each.number)):
            step = curve.steps[-1]
            if step not in limits:
                there = _recent(peers, waiting, step)
                limits[step] = there[int((len(there) - 1) * GOES_ON)]
            recent = curve.recent_at(step)
            if recent is not None and recent <= limits[step]:
                return curve.number
        return None


def _recent(peers: Curves, waiting: Sequence[Curve], step: int) -> list[float]:
    """Of each trial that got to a step, in ascending order; see `Curve.recent_at`."""
    aside = (curve.recent_at(step) for curve in waiting)
    return sorted([*peers.recent_at(step), *(each for each in aside if each is not None)])


def _is_looked_at(trial: Curve, peers: Curves) -> bool:
    """Whether it is long enough to be compared, and not as long as a whole trial."""
    earliest = EARLIEST if peers.shortest == peers.longest else LATE
    return earliest * peers.longest <= len(trial) < peers.longest


class Stopping:
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
        if not _is_looked_at(trial, peers):
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

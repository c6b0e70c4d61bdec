"""Trials that are worse than half of the others were."""

from __future__ import annotations

from ..curves import Curve, Curves
from ..errors import UsageError


class Median:
    """Ends a trial whose best value so far is worse than the median of the others' up to that step.

    Compared are all trials that got to the step, those that were pruned later included.

    Parameters
    ----------
    startup : complete trials there must be first, at least 1.
    warmup : reports that each trial may make first.

    Raises
    ------
    UsageError
        If a number is out of range.

    References
    ----------
    D. Golovin et al., "Google Vizier: a service for black-box optimization", KDD 2017,
    section 3.5.2: the median stopping rule. There it is the average so far that is compared.
    """

    def __init__(self, *, startup: int = 5, warmup: int = 0) -> None:
        if startup < 1 or warmup < 0:
            raise UsageError(
                f"median: startup is at least 1 and warmup at least 0, not {startup} and {warmup}"
            )
        self._startup, self._warmup = startup, warmup

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Whether it is worse than half of those that got this far."""
        if len(peers.complete) < self._startup or len(trial) <= self._warmup:
            return ""
        step, best = trial.steps[-1], trial.best[-1]
        others = peers.best_at(step)
        if not others or best <= others[len(others) // 2]:
            return ""
        return f"worse than the median of {len(others)} trials at step {step}"

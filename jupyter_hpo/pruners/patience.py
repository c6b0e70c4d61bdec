"""Trials that get no better."""

from __future__ import annotations

from ..curves import Curve, Curves
from ..errors import UsageError


class Patience:
    """Ends a trial that has not improved for a while and does not lead.

    A trial whose best value is better than that of the best complete one is never ended: the
    value of a pruned trial does not count.

    Parameters
    ----------
    patience : reports without a new best value, at least 1.
    improvement : by how much a value has to be below the best one to be new.

    Raises
    ------
    UsageError
        If a number is out of range.

    References
    ----------
    L. Prechelt, "Early stopping - but when?", Neural Networks: Tricks of the Trade (1998).
    """

    def __init__(self, *, patience: int = 5, improvement: float = 0.0) -> None:
        if patience < 1 or not improvement >= 0.0:
            raise UsageError(
                "patience: patience is at least 1 and improvement at least 0, not "
                f"{patience} and {improvement}"
            )
        self._patience, self._improvement = patience, improvement

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Whether the best of the last reports is none at all."""
        leader = peers.incumbent
        if leader is None or leader.value is None or len(trial) <= self._patience:
            return ""
        before, now = trial.best[-1 - self._patience], trial.best[-1]
        if now < leader.value or before - now > self._improvement:
            return ""
        return f"no better for {self._patience} reports"

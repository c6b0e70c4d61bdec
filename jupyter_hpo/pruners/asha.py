"""Successive halving without waiting."""

from __future__ import annotations

from ..curves import Curve, Curves, is_rung
from ..errors import UsageError


class Asha:
    """Asynchronous successive halving, in its stopping form.

    After `first` reports, and after each `reduction` times as many, a trial goes on only if its
    best value so far is among the best 1 in `reduction` of all trials that got there.

    Parameters
    ----------
    first : reports of a trial before it is compared, at least 1.
    reduction : of the trials at each rung, above 1; also how much longer the next rung is.

    Raises
    ------
    UsageError
        If a number is out of range.

    References
    ----------
    L. Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020: algorithm 2,
    there with promotion; the stopping form is that of its section 3.2.
    """

    def __init__(self, *, first: int = 1, reduction: float = 3.0) -> None:
        if first < 1 or not reduction > 1.0:
            raise UsageError(
                f"asha: first is at least 1 and reduction above 1, not {first} and {reduction}"
            )
        self._first, self._reduction = first, reduction

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Whether it is at a rung and not among the best there."""
        if not is_rung(len(trial), self._first, self._reduction):
            return ""
        step, best = trial.steps[-1], trial.best[-1]
        others = peers.best_at(step)
        room = max(int((len(others) + 1) / self._reduction), 1)
        if len(others) < room or best <= others[room - 1]:
            return ""
        return f"not among the best {room} of {len(others) + 1} trials at step {step}"

"""Successive halving without waiting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..curves import Curve, Curves, EndsDiverging, is_rung
from ..errors import UsageError
from ..protocols import Pruner
from ..rungs import first_rung, promotable

LEAST: Final = 3  # trials that go on at each rung, once no new one can begin


def asha(*, promote: bool = True, first: int | None = None, reduction: float = 3.0) -> Pruner:
    """Asynchronous successive halving.

    Trials are compared after `first` reports, and after each `reduction` times as many, with all
    that got there.

    Parameters
    ----------
    promote : whether trials are set aside there, and the most promising ones gone on with;
        otherwise those that are not among the best end.
    first : reports of a trial before it is compared, at least 1; by default 1 where trials
        end, and a 27th of the reports of the longest complete trial where they are set aside.
    reduction : 1 in so many of the trials at each rung goes on, above 1; also how much longer
        the next rung is.

    Raises
    ------
    UsageError
        If a number is out of range.

    References
    ----------
    L. Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020: algorithm 2
    for one worker, and the stopping form of its section 3.2.
    """
    if (first is not None and first < 1) or not reduction > 1.0:
        raise UsageError(
            f"asha: first is at least 1 and reduction above 1, not {first} and {reduction}"
        )
    return Promoting(first, reduction) if promote else Stopping(first or 1, reduction)


class Promoting(EndsDiverging):
    """Its promotion form: a trial may be among the best later, when others were seen.

    The highest rung comes first; if nobody there is to go on, nor below, a new trial begins. When
    none can, the best at each rung go on nevertheless, three at least, and the others end.
    A trial that diverges, which no complete one did, ends at once.
    """

    def __init__(self, first: int | None, reduction: float) -> None:
        self._first, self._reduction = first, reduction

    def sets_aside(self, trial: Curve, peers: Curves, waiting: Sequence[Curve]) -> bool:
        """Whether it is at a rung, and not as long as a whole trial."""
        first = self._first or first_rung(peers.longest)
        return len(trial) < peers.longest and is_rung(len(trial), first, self._reduction)

    def promote(self, waiting: Sequence[Curve], peers: Curves, fresh: int | None) -> int | None:
        """The best of the highest rung where one is to go on."""
        found = promotable(waiting, peers, self._reduction)
        if found is None and fresh == 0:
            found = promotable(waiting, peers, self._reduction, least=LEAST)
        return None if found is None else found.number


class Stopping:
    """Its stopping form: a trial goes on only if its best value so far is among the best."""

    def __init__(self, first: int, reduction: float) -> None:
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

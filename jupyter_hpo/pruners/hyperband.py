"""Successive halving that begins early with most trials, and later with some."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from ..curves import Curve, Curves, EndsDiverging, is_rung
from ..errors import UsageError
from ..rungs import first_rung, promotable

LEAST: Final = 3  # trials that go on at each rung, once no new one can begin


class Hyperband(EndsDiverging):
    """Trials are set aside as by `asha`, but from which rung on depends on their bracket.

    A trial that starts slowly is lost to a short first rung. So there are brackets, whose first
    rungs are all those of `asha`, and one whose trials run to their end; each gets about the same
    number of reports. A trial's bracket is told by its number, the one of the most trials first (of
    27 reports: 27 trials as by `asha`, then 12, 6 and 4, and so on from the beginning), and it is
    compared with those of its own bracket.

    Parameters
    ----------
    first : reports of a trial of the first bracket before it is compared, at least 1; by default
        a 27th of those of the longest complete trial.
    reduction : 1 in so many of the trials at each rung goes on, above 1; also how much longer
        the next rung is.

    Raises
    ------
    UsageError
        If a number is out of range.

    References
    ----------
    L. Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization", JMLR 18
    (2018): algorithm 1; "A system for massively parallel hyperparameter tuning", MLSys 2020,
    section 3.3: brackets of asynchronous halving.
    """

    def __init__(self, *, first: int | None = None, reduction: float = 3.0) -> None:
        if (first is not None and first < 1) or not reduction > 1.0:
            raise UsageError(
                f"hyperband: first is at least 1 and reduction above 1, not {first} and {reduction}"
            )
        self._first, self._reduction = first, reduction

    def sets_aside(self, trial: Curve, peers: Curves, waiting: Sequence[Curve]) -> bool:
        """Whether it is at a rung of its bracket, and not as long as a whole trial."""
        if len(trial) >= peers.longest:
            return False
        lowest = self._rung(trial.number, peers.longest)
        return is_rung(len(trial), lowest, self._reduction)

    def promote(self, waiting: Sequence[Curve], peers: Curves, fresh: int | None) -> int | None:
        """The best of the highest rung of any bracket, where one is to go on."""
        found = self._promotable(waiting, peers, 0)
        if found is None and fresh == 0:
            found = self._promotable(waiting, peers, LEAST)
        return None if found is None else found.number

    def _promotable(self, waiting: Sequence[Curve], peers: Curves, least: int) -> Curve | None:
        rungs = {curve.number: self._rung(curve.number, peers.longest) for curve in waiting}
        ended = [(self._rung(curve.number, peers.longest), curve) for curve in peers]
        found = []
        for lowest in set(rungs.values()):
            mine = [curve for curve in waiting if rungs[curve.number] == lowest]
            theirs = [curve for rung, curve in ended if rung == lowest]
            found.append(promotable(mine, theirs, self._reduction, least=least))
        return max(filter(None, found), key=lambda c: (len(c), -c.number), default=None)

    def _rung(self, number: int, longest: int) -> int:
        """The first rung of a trial's bracket, in reports."""
        first = self._first or first_rung(longest)
        highest = max(int(math.log(max(longest / first, 1.0), self._reduction) + 1e-9), 0)
        sizes = [
            math.ceil((highest + 1) / (s + 1) * self._reduction**s) for s in range(highest, -1, -1)
        ]
        place = number % sum(sizes)
        bracket = next(k for k in range(len(sizes)) if place < sum(sizes[: k + 1]))
        return int(first * self._reduction**bracket)

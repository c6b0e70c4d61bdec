"""Pruners that set trials aside, for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jupyter_hpo.curves import Curve, Curves


class Rounds:
    """Sets every trial aside at its reports; those that wait go on in turn.

    Parameters
    ----------
    aside : whether to, at a report.
    chosen : place among those that wait of the one that goes on, by how many there are.
    first : how many trials are begun before one goes on.
    """

    def __init__(
        self,
        aside: Callable[[Curve], bool] = lambda trial: True,
        chosen: Callable[[int], int] = lambda waiting: 0,
        first: int = 100,
    ) -> None:
        self._aside, self._chosen, self._first = aside, chosen, first
        self.asked: list[tuple[list[int], int | None]] = []

    def prune(self, trial: Curve, peers: Curves) -> str:
        return ""

    def sets_aside(self, trial: Curve, peers: Curves, waiting: Sequence[Curve]) -> bool:
        return self._aside(trial)

    def promote(self, waiting: Sequence[Curve], peers: Curves, fresh: int | None) -> int | None:
        self.asked.append(([curve.number for curve in waiting], fresh))
        if fresh and len(waiting) < self._first:
            return None
        return waiting[self._chosen(len(waiting)) % len(waiting)].number

"""A look at every trial, then the best few to the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..curves import Curve, Curves, EndsDiverging
from ..errors import UsageError
from ..rungs import promotable

NINTH: Final = 9


class Screen(EndsDiverging):
    """Each trial makes a few reports and is set aside; then the best few run to their end.

    Where the number of trials has no limit, one goes to its end as soon as it is among the best
    1 in `share` so far.

    Parameters
    ----------
    first : reports of each trial, at least 1; by default a ninth of those of the longest
        complete one.
    share : 1 in so many trials runs to its end, above 1.
    least : trials that do so at least, at least 1.

    Raises
    ------
    UsageError
        If a number is out of range.
    """

    def __init__(self, *, first: int | None = None, share: float = 10.0, least: int = 3) -> None:
        if (first is not None and first < 1) or not share > 1.0 or least < 1:
            raise UsageError(
                "screen: first and least are at least 1 and share above 1, not "
                f"{first}, {least} and {share}"
            )
        self._first, self._share, self._least = first, share, least

    def sets_aside(self, trial: Curve, peers: Curves, waiting: Sequence[Curve]) -> bool:
        """Whether it has made so many reports."""
        first = self._first or max(round(peers.longest / NINTH), 1)
        return len(trial) < peers.longest and len(trial) == first

    def promote(self, waiting: Sequence[Curve], peers: Curves, fresh: int | None) -> int | None:
        """The next of the best few, when it is time."""
        if fresh:
            return None
        least = 0 if fresh is None else self._least
        found = promotable(waiting, peers, self._share, least=least)
        return None if found is None else found.number

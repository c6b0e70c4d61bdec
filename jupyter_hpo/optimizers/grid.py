"""Grid search: every combination of evenly spread values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..distinct import Seen
from ..errors import UsageError
from ..space import Space
from ..trial import Trial

if TYPE_CHECKING:
    import numpy as np


class Grid:
    """Tries the configurations of a grid in order, the last parameter changing fastest.

    A configuration that has been tried already, the baseline for one, is not
    tried again. The study ends when all of them have been.

    Parameters
    ----------
    space : the search space.
    points : values per parameter at most; by default every value of a finite
        one, and 5 of a continuum or a logarithmic scale.

    Attributes
    ----------
    size : number of configurations of the grid; where conditions make more than
        100,000 of them, an upper bound.
    notice : what the user should know; nothing.

    Raises
    ------
    UsageError
        If `points` is below 1.
    """

    notice = ""
    even = True  # trials are spread over the space, whatever they find

    def __init__(self, space: Space, *, points: int | None = None) -> None:
        if points is not None and points < 1:
            raise UsageError(f"a grid has at least 1 point per parameter, not points={points!r}")
        self.size = space.count(points)
        self._space = space
        self._told = Seen(space)
        self._ahead = space.enumerate(points)
        # taken from the iterator but not told yet: a trial may be interrupted and asked again
        self._waiting: list[dict[str, Any]] = []

    def ask(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any] | None:
        """The first configuration of the grid that is neither told nor running."""
        now = Seen(self._space, running)
        self._waiting = [one for one in self._waiting if not self._told.covers(one)]
        for assignment in self._waiting:
            if not now.covers(assignment):
                return dict(assignment)
        for assignment in self._ahead:
            if not self._told.covers(assignment):
                self._waiting.append(assignment)
                if not now.covers(assignment):
                    return dict(assignment)
        return None

    def tell(self, trial: Trial) -> None:
        """Note what has been tried; the outcome does not matter to a grid."""
        self._told.add(trial.assignment)

"""Sobol' points: a sequence that covers the space more evenly than chance does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..distinct import Distinct
from ..errors import UsageError
from ..sequence import DIMENSIONS, Points
from ..space import Space
from ..trial import Trial

if TYPE_CHECKING:
    import numpy as np

FURTHER: Final = 21  # points looked at; each repeat so far has moved the new ones on by one


class Sobol:
    """Trial `n` takes point `n` of a Sobol' sequence that is scrambled by the study's seed.

    No configuration is tried twice while a finite space has untried ones: a
    point that falls on a tried one gives way to one of the next 20, else to a
    random one. When all have been tried, the study ends.

    Parameters
    ----------
    space : the search space, of at most 21,201 parameters.
    seed : of the scrambling.
    scramble : without it the sequence is the same for every seed, and starts
        with the lowest value of every parameter.

    Raises
    ------
    UsageError
        If the space has too many parameters.

    References
    ----------
    S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better
    two-dimensional projections", SIAM J. Sci. Comput. 30 (2008): the direction numbers.
    A. B. Owen, "Scrambling Sobol and Niederreiter-Xing points", J. Complexity 14
    (1998): why to scramble. The matrix scrambling used is that of J. Matoušek,
    "On the L2-discrepancy for anchored boxes", ibid.
    """

    notice = ""
    even = True  # trials are spread over the space, whatever they find

    def __init__(self, space: Space, *, seed: int = 0, scramble: bool = True) -> None:
        if len(space) > DIMENSIONS:
            raise UsageError(
                f"sobol covers at most {DIMENSIONS:,} parameters, and the space has "
                f"{len(space):,}; write random"
            )
        self._space = space
        self._distinct = Distinct(space)
        self._points = Points(len(space), seed if scramble else None)

    def ask(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any] | None:
        """Point `number` of the sequence, unless it is told or running."""
        return self._distinct.choose(self._draws(number, rng), rng, running)

    def _draws(self, number: int, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
        for place in range(number, number + FURTHER):
            yield self._space.decode(self._points[place])
        while True:
            yield self._space.sample(rng)

    def tell(self, trial: Trial) -> None:
        """Note what has been tried."""
        self._distinct.tell(trial.assignment)

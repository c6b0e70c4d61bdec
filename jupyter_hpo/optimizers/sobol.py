"""Sobol' points: a sequence that covers the space more evenly than chance does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..distinct import Distinct
from ..errors import UsageError
from ..space import Space
from ..trial import Trial

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK: Final = 256  # points made at a time; a power of 2, as the sequence is balanced over those
FURTHER: Final = 21  # points looked at; each repeat so far has moved the new ones on by one
DIMENSIONS: Final = 21_201  # of the direction numbers of Joe and Kuo


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

    def __init__(self, space: Space, *, seed: int = 0, scramble: bool = True) -> None:
        if len(space) > DIMENSIONS:
            raise UsageError(
                f"sobol covers at most {DIMENSIONS:,} parameters, and the space has "
                f"{len(space):,}; write random"
            )
        self._space = space
        self._distinct = Distinct(space)
        self._points = _Points(len(space), seed if scramble else None)

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


class _Points:
    """The sequence by position; two blocks of it are in memory at a time."""

    def __init__(self, dimensions: int, seed: int | None) -> None:
        self._dimensions, self._seed = dimensions, seed
        self._blocks: dict[int, NDArray[np.float64]] = {}
        self._engine: Any = None
        self._next = 0  # the block that the engine is at

    def __getitem__(self, place: int) -> NDArray[np.float64]:
        block, row = divmod(place, BLOCK)
        if block not in self._blocks:
            # two, since a place near the end of one looks for further points in the next
            self._blocks = {k: v for k, v in self._blocks.items() if k == block - 1}
            self._blocks[block] = self._make(block)
        point: NDArray[np.float64] = self._blocks[block][row, : self._dimensions]
        return point

    def _make(self, block: int) -> NDArray[np.float64]:
        import numpy as np
        from scipy.stats import qmc

        if self._engine is None or block < self._next:
            rng = None if self._seed is None else np.random.default_rng(self._seed)
            self._engine = qmc.Sobol(max(self._dimensions, 1), scramble=rng is not None, rng=rng)
            self._next = 0
        if block > self._next:
            self._engine.fast_forward((block - self._next) * BLOCK)
        self._next = block + 1
        points: NDArray[np.float64] = self._engine.random(BLOCK)
        return points

"""Points of a Sobol' sequence by their position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK: Final = 256  # points made at a time; a power of 2, as the sequence is balanced over those
DIMENSIONS: Final = 21_201  # of the direction numbers of Joe and Kuo


class Points:
    """The sequence, of which two blocks are in memory at a time.

    Parameters
    ----------
    dimensions : of a point, at most `DIMENSIONS`.
    seed : of the scrambling; None: it is not scrambled.

    References
    ----------
    See `optimizers.sobol.Sobol`.
    """

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

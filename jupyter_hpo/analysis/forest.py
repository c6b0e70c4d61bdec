"""Main effects on a random forest: what the trials would say had they been spread evenly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from .axes import Axis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

METHOD: Final = "fANOVA"
TREES: Final = 100
LEAF: Final = 2  # trials in the smallest leaf
POINTS: Final = 2_048  # at which the forest is asked
BINS: Final = 16
WORST: Final = 95  # percentile
MOST: Final = 1_000  # trials that it is grown on


def scores(axes: Sequence[Axis], losses: NDArray[np.float64]) -> list[float]:
    """The variance of the objective that each hyperparameter alone explains.

    A random forest is grown on the trials and asked at points spread evenly over the
    space: an optimizer that looked at one place most of the time has not made the others less
    important. The variance between the means along one axis is its main effect (F. Hutter,
    H. Hoos, K. Leyton-Brown: An Efficient Approach for Assessing Hyperparameter Importance.
    ICML 2014, eq. 6, of order one and by sampling); that of as many points without any effect
    is subtracted. A hyperparameter that is absent from a share of the trials counts for the rest.
    The worst twentieth of the trials, which may have diverged, counts as the next worse.

    Parameters
    ----------
    axes : the cells of the trials, one axis for each row of the space.
    losses : smaller is better; infinite ones are the worst. Shape (trials,).
    """
    import numpy as np
    from sklearn.ensemble import RandomForestRegressor

    places = np.linspace(0, len(losses) - 1, min(len(losses), MOST)).astype(int)
    # absence is told by what it depends on
    cells = np.stack(
        [np.where(axis.cells < 0, (axis.size - 1) / 2, axis.cells)[places] for axis in axes], axis=1
    )
    finite = losses[np.isfinite(losses)]
    values = np.minimum(losses[places], np.percentile(finite, WORST))
    values = (values - values.min()) / (np.ptp(values) or 1.0)
    forest = RandomForestRegressor(TREES, min_samples_leaf=LEAF, random_state=0)
    rng = np.random.default_rng(0)
    points = np.stack([rng.integers(max(axis.size, 1), size=POINTS) for axis in axes], axis=1)
    found = forest.fit(cells, values).predict(points)
    return [
        float((axis.cells >= 0).mean()) * _between(points[:, k], axis, found)
        for k, axis in enumerate(axes)
    ]


def _between(cells: NDArray[np.intp], axis: Axis, values: NDArray[np.float64]) -> float:
    import numpy as np

    if axis.size < 2:
        return 0.0
    bins = cells * min(axis.size, BINS) // axis.size if axis.ordered else cells
    counts = np.bincount(bins)
    known = counts > 0
    means = np.bincount(bins, values)[known] / counts[known]
    between = float(counts[known] @ (means - values.mean()) ** 2) / len(values)
    chance = float(values.var()) * (known.sum() - 1) / len(values)
    return max(float(between - chance), 0.0)

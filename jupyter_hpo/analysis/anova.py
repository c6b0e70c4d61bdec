"""Main effects on a model of the trials: what they would say had they been spread evenly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from .axes import Axis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[Any]

METHOD: Final = "fANOVA"
TREES: Final = 100
LEAF: Final = 2  # trials in the smallest leaf
POINTS: Final = 2_048  # at which the model is asked
BINS: Final = 16
WORST: Final = 95  # percentile
MOST: Final = 1_000  # trials that it is grown on
FEW: Final = 100  # trials up to which a Gaussian process is the model
NOMINAL: Final = 64  # choices of one hyperparameter up to which it can be


def scores(axes: Sequence[Axis], losses: NDArray[np.float64]) -> list[float]:
    """The variance of the objective that each hyperparameter alone explains.

    A model is fitted to the trials and asked at points spread evenly over the space: an
    optimizer that looked at one place most of the time has not made the others less
    important. The variance between the means along one axis is its main effect (F. Hutter,
    H. Hoos, K. Leyton-Brown: An Efficient Approach for Assessing Hyperparameter Importance.
    ICML 2014, eq. 6, of order one and by sampling); that of as many points without any effect
    is subtracted. A hyperparameter that is absent from a share of the trials counts for the rest.
    The model is a random forest as there; of few trials a Gaussian process, which by its
    smoothness tells from trials close to each other what stands out, where a forest would go
    by the few that are far off.
    The worst twentieth of the trials, which may have diverged, counts as the next worse.

    Parameters
    ----------
    axes : the cells of the trials, one axis for each row of the space.
    losses : smaller is better; infinite ones are the worst. Shape (trials,).
    """
    import numpy as np

    places = np.linspace(0, len(losses) - 1, min(len(losses), MOST)).astype(int)
    # absence is told by what it depends on
    cells = np.stack(
        [np.where(axis.cells < 0, (axis.size - 1) / 2, axis.cells)[places] for axis in axes], axis=1
    )
    finite = losses[np.isfinite(losses)]
    values = np.minimum(losses[places], np.percentile(finite, WORST))
    values = (values - values.min()) / (np.ptp(values) or 1.0)
    rng = np.random.default_rng(0)
    points = np.stack([rng.integers(max(axis.size, 1), size=POINTS) for axis in axes], axis=1)
    nominal = max((axis.size for axis in axes if not axis.ordered), default=0)
    smooth = len(places) <= FEW and nominal <= NOMINAL
    found = (_process if smooth else _forest)(axes, cells, values, points)
    return [
        float((axis.cells >= 0).mean()) * _between(points[:, k], axis, found)
        for k, axis in enumerate(axes)
    ]


def _forest(axes: Sequence[Axis], cells: Places, values: Floats, points: Places) -> Floats:
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(TREES, min_samples_leaf=LEAF, random_state=0)
    found: Floats = forest.fit(cells, values).predict(points)
    return found


def _process(axes: Sequence[Axis], cells: Places, values: Floats, points: Places) -> Floats:
    from scipy.optimize import minimize
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    x, asked = _coordinates(axes, cells), _coordinates(axes, points)
    signal = ConstantKernel(1.0, (1e-2, 1e2)) * Matern([0.5] * x.shape[1], (0.05, 20.0), nu=2.5)
    kernel = signal + WhiteKernel(1e-2, (1e-6, 1.0))
    # Fitted here: its own optimizer warns of each hyperparameter without effect, and to silence it
    # is to change the filters of the whole process, perhaps beside a running trial.
    process = GaussianProcessRegressor(kernel, optimizer=None, normalize_y=True).fit(x, values)

    def loss(theta: Floats) -> tuple[float, Floats]:
        value, slope = process.log_marginal_likelihood(theta, eval_gradient=True)
        return -value, -slope

    best = minimize(loss, kernel.theta, jac=True, method="L-BFGS-B", bounds=kernel.bounds)
    fitted = process.set_params(kernel=kernel.clone_with_theta(best.x)).fit(x, values)
    found: Floats = fitted.predict(asked)
    return found


def _coordinates(axes: Sequence[Axis], cells: Places) -> Floats:
    """Cells as numbers that differ as their values do, shape (len(cells), columns)."""
    import numpy as np

    columns = []
    for place, axis in zip(cells.T, axes, strict=True):
        if axis.ordered:
            columns.append(((place + 0.5) / max(axis.size, 1))[:, None])
        else:
            # as far apart as the ends of a range
            corners = math.sqrt(0.5) * np.eye(max(axis.size, 1))
            columns.append(corners[np.rint(place).astype(int)])
    return np.concatenate(columns, axis=1)


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

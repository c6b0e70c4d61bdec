"""Where in a mixed, conditional space a function is largest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.optimize import minimize

from .arrays import Array, Truth
from .coordinates import ABSENT, Coordinates

Function = Callable[[Array], Array]

ANYWHERE: Final = 300  # rows drawn from all over the space
AROUND: Final = 300  # rows drawn around good ones
REACHES: Final = (0.3, 0.1, 0.03, 0.01)  # standard deviations of the steps to these
ROUNDS: Final = 3
PARENTS: Final = 6  # rows that a round goes on from
CHILDREN: Final = 20  # of each of them
CLIMBED: Final = 2  # rows from which the gradient is followed
STEPS: Final = 20  # of the gradient
WIDEST: Final = 50  # smooth parameters; with more of them a gradient costs too much
DELTA: Final = 1e-5


def maximise(
    function: Function, coordinates: Coordinates, good: Array, rng: np.random.Generator
) -> Array:
    """Rows with large values, the largest first, shape (m, len(space)).

    Random rows and steps from good ones, then a few generations of steps from the best, which
    never stall: one that leads nowhere is replaced by a leap to anywhere. At last the gradient
    in the continuous parameters.

    Parameters
    ----------
    function : of settled rows, shape (m, len(space)), to values, shape (m,).
    good : rows to look around of, shape (k, len(space)), k > 0.
    """
    d = len(coordinates.each)
    reach = rng.choice(REACHES, size=(AROUND, 1))
    around = good[rng.integers(len(good), size=AROUND)]
    rows = np.concatenate(
        [
            coordinates.settled(rng.random((ANYWHERE, d))),
            stepped(coordinates, around, reach, max(0.2, 3.0 / d), rng),
        ]
    )
    rows, values = _best(rows, function(rows), PARENTS)
    for reach_of_round in 0.1 * 0.4 ** np.arange(ROUNDS):
        parents = np.repeat(rows, CHILDREN, axis=0)
        reach = reach_of_round * np.exp(rng.uniform(-2.0, 0.5, size=(len(parents), 1)))
        children = stepped(coordinates, parents, reach, 1.5 / d, rng)
        both = np.concatenate([rows, children])
        rows, values = _best(both, np.concatenate([values, function(children)]), PARENTS)
    if coordinates.smooth.any():
        climbed = np.array([_climbed(function, coordinates, row) for row in rows[:CLIMBED]])
        both = np.concatenate([climbed, rows])
        rows, _ = _best(both, np.concatenate([function(climbed), values]), len(both))
    return rows


def _best(rows: Array, values: Array, count: int) -> tuple[Array, Array]:
    """The best different rows and their values, the best first."""
    order = np.argsort(-values, kind="stable")
    kept: dict[bytes, int] = {}
    for place in order.tolist():
        kept.setdefault(rows[place].tobytes(), place)
        if len(kept) == count:
            break
    places = list(kept.values())
    return rows[places], values[places]


def stepped(
    coordinates: Coordinates, rows: Array, reach: Array, share: float, rng: np.random.Generator
) -> Array:
    """One changed copy of each row.

    Parameters
    ----------
    rows : shape (m, len(space)).
    reach : standard deviation of the steps of numbers, shape (m, 1).
    share : of the parameters that are changed, one at least.
    """
    m, d = rows.shape
    changed = rng.random((m, d)) < share
    changed[np.arange(m), rng.integers(d, size=m)] = True
    start = np.where(rows == ABSENT, rng.random((m, d)), rows)
    moved = start + reach * rng.standard_normal((m, d))
    moved = 1.0 - np.abs(1.0 - np.abs(moved) % 2.0)  # reflected at the bounds
    anew, up = rng.random((m, d)), rng.random((m, d)) < 0.5
    for k, each in enumerate(coordinates.each):
        if each.nominal:
            moved[:, k] = anew[:, k]
        elif each.size is not None and not coordinates.smooth[k]:
            moved[:, k] = _another(start[:, k], moved[:, k], up[:, k], each.size)
    out = coordinates.settled(np.where(changed, moved, start))
    still = np.flatnonzero((out == rows).all(axis=1))  # too short a step between whole numbers
    out[still] = coordinates.settled(rng.random((len(still), d)))
    return out


def _another(start: Array, moved: Array, up: Truth, size: int) -> Array:
    """Places of finite sets, at least one value away from where they were."""
    before, after = np.floor(start * size), np.floor(moved * size)
    after = np.where(after == before, before + np.where(up, 1, -1), after)
    after = np.where(after < 0, before + 1, np.where(after >= size, before - 1, after))
    return (np.clip(after, 0, size - 1) + 0.5) / size


def _climbed(function: Function, coordinates: Coordinates, row: Array) -> Array:
    """Where the gradient leads from a row, by L-BFGS; all its differences are taken at once."""
    free = np.flatnonzero(coordinates.smooth & (row != ABSENT))
    if not 0 < len(free) <= WIDEST:
        return row
    each = np.arange(len(free))

    def descent(u: Array) -> tuple[float, Array]:
        rows = np.repeat(row[None], 1 + len(free), axis=0)
        rows[:, free] = u
        step = np.where(u + DELTA > 1.0, -DELTA, DELTA)
        rows[1 + each, free] += step
        values = -function(rows)
        return float(values[0]), (values[1:] - values[0]) / step

    bounds = [(0.0, 1.0)] * len(free)
    found = minimize(
        descent, row[free], jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS}
    )
    climbed = row.copy()
    climbed[free] = found.x
    return np.asarray(coordinates.settled(climbed[None])[0])

"""What the model says along one hyperparameter, or over two, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from .acquisition import Mixed
from .arrays import Array
from .coordinates import Coordinates
from .surrogate import Surrogate

MOST: Final = 4_000  # points that are predicted at a time
FEW: Final = "the model needs a few more trials"


def explanation(
    query: Mapping[str, Any], coordinates: Coordinates, model: Surrogate, acquisition: Mixed
) -> dict[str, Any]:
    """The answer to `query`, see `protocols.Explains`; `model` and `acquisition` are up to date."""
    space = coordinates.space
    keys = [query[axis] for axis in ("x", "y") if query.get(axis) is not None]
    unknown = [key for key in keys if key not in space]
    if unknown or not keys:
        return {"none": f"there is no hyperparameter {unknown[0] if unknown else ''}".strip()}
    most = int(MOST ** (1 / len(keys)))
    points = max(2, min(int(query["points"]), most))
    axes = [_thinned(space[key].domain.grid(points), most) for key in keys]
    rows = _rows(coordinates, query["at"], keys, axes)
    settled = coordinates.settled(rows)
    for key in keys:
        if (settled[:, _place(coordinates, key)] < 0.0).all():
            return {"none": f"{key} does not exist with the best trial's values"}
    mean, std = model.predict(settled, return_std=True)
    middle = model.scale.back(mean)
    # one standard deviation up and down, which the power transform makes unequal
    up, down = (0.5 * model.scale.back(mean + side * std) for side in (1.0, -1.0))
    spread = up - down  # of halves, which cannot overflow
    shape = [len(axis) for axis in reversed(axes)]
    grids = {"mean": -middle, "std": spread, "acquisition": acquisition.value(model, settled)}
    found = {name: grid.reshape(shape).tolist() for name, grid in grids.items()}
    return {**dict(zip(("x", "y"), axes, strict=False)), **found}


def _thinned(values: Sequence[Any], most: int) -> list[Any]:
    """At most so many of them: a grid has every choice."""
    return list(values)[:: -(-len(values) // most)]


def _place(coordinates: Coordinates, key: str) -> int:
    return [each.name for each in coordinates.each].index(key)


def _rows(
    coordinates: Coordinates, at: Mapping[str, Any], keys: Sequence[str], axes: list[list[Any]]
) -> Array:
    """A row for each point of the grid, the first axis changing fastest."""
    space = coordinates.space
    base = np.full(len(space), 0.5)  # of what does not exist at `at` but may on the grid
    for place, parameter in enumerate(space):
        if parameter.key in at and parameter.domain.holds(at[parameter.key]):
            base[place] = parameter.domain.encode(at[parameter.key])
    rows = np.repeat(base[None], int(np.prod([len(axis) for axis in axes])), axis=0)
    places = [[space[k].domain.encode(v) for v in axis] for k, axis in zip(keys, axes, strict=True)]
    for key, grid in zip(keys, np.meshgrid(*places), strict=True):
        rows[:, _place(coordinates, key)] = grid.ravel()
    return rows

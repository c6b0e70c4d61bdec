"""Coordinates without bounds, in which the descent goes.

A value's place `u` in the unit interval (on the scale of its declaration, logarithmic where
``log=True``) becomes ``z = logit(EDGE + (1 - 2 EDGE) u)``. The bounds lie at ``z = ± LIMIT``: so
near that they can be reached, and so far that steps towards them grow short.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...domains import UNSET, Float
from ...space import Parameter, Space

Array = NDArray[np.float64]

EDGE: Final = 0.01
LIMIT: Final = math.log((1 - EDGE) / EDGE)


def smooth(parameter: Parameter) -> bool:
    """Whether a hyperparameter has derivatives: a Float without step, of more than one value."""
    return isinstance(parameter.domain, Float) and parameter.domain.size is None


def place(domain: Any, value: float) -> float:
    """The coordinate of a value, in [-LIMIT, LIMIT]."""
    share = EDGE + (1 - 2 * EDGE) * domain.encode(value)
    return min(max(math.log(share / (1 - share)), -LIMIT), LIMIT)


def value(domain: Any, z: float) -> float:
    """The value at a coordinate; beyond the limits that of the bound."""
    share = 1 / (1 + math.exp(-z))
    inside = (share - EDGE) / (1 - 2 * EDGE)
    # at the limits exactly the bounds
    found: float = domain.decode(0.0 if z <= -LIMIT else 1.0 if z >= LIMIT else inside)
    return found


def rate(domain: Any, held: float) -> float:
    """Change of the value per unit of its coordinate, at a value."""
    share = EDGE + (1 - 2 * EDGE) * domain.encode(held)
    per_share: float = share * (1 - share) / (1 - 2 * EDGE)
    low, high = float(domain.low), float(domain.high)
    width: float = held * (math.log(high) - math.log(low)) if domain.log else high - low
    return width * per_share


def places(space: Space, assignment: Mapping[str, Any], keys: Iterable[str]) -> Array:
    """Coordinates of some hyperparameters of an assignment, shape (d,)."""
    return np.array([place(space[key].domain, assignment[key]) for key in keys])


def moved(
    space: Space, assignment: Mapping[str, Any], keys: Iterable[str], point: Array
) -> dict[str, Any]:
    """The assignment with the hyperparameters at `keys` at a point, shape (d,).

    What exists only there, or did not show before, takes its default or a middle value.
    """
    there = {key: value(space[key].domain, float(z)) for key, z in zip(keys, point, strict=True)}
    known = {**assignment, **there}
    found: dict[str, Any] = {}
    by_name: dict[str, Any] = {}
    for parameter in space:
        if parameter.exists(by_name):
            key, domain = parameter.key, parameter.domain
            middle = domain.decode(0.5) if domain.default is UNSET else domain.default
            found[key] = by_name[parameter.name] = known.get(key, middle)
    return found

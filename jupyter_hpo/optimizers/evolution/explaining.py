"""The state of a population as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .population import Evolution, Individual


def explanation(query: Mapping[str, Any], evolution: Evolution) -> dict[str, Any]:
    """The answer to `query`, see `protocols.Explains`."""
    keys = [query[axis] for axis in ("x", "y") if query.get(axis) is not None]
    unknown = [key for key in keys if not isinstance(key, str) or key not in evolution.space]
    if unknown or not keys:
        return {"none": f"there is no hyperparameter {unknown[0] if unknown else ''}".strip()}
    order = [parameter.key for parameter in evolution.space]
    places = [order.index(key) for key in keys]
    population: dict[str, Any] = {
        "generation": evolution.generation,
        "size": evolution.members,
        "individuals": [_individual(each, places) for each in evolution.living()],
    }
    distribution = evolution.distribution()
    if distribution is not None:
        mean, covariance = distribution
        population["mean"] = mean[places].tolist()
        population["covariance"] = covariance[np.ix_(places, places)].tolist()
    return {"none": f"{evolution.name} has no model of the objective", "population": population}


def _individual(individual: Individual, places: list[int]) -> dict[str, Any]:
    return {
        "trial": individual.number,
        "generation": individual.generation,
        "parents": list(individual.parents),
        "at": individual.genes[places].tolist(),
        "velocity": individual.velocity[places].tolist(),
    }

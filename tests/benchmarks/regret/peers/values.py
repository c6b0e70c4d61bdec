"""From what a peer suggests to an assignment of our space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from jupyter_hpo.domains import Categorical, Domain, Int
from jupyter_hpo.space import Space


def active(space: Space, flat: Mapping[str, Any]) -> dict[str, Any]:
    """The values that exist, as our domains hold them; the others are ignored."""
    assignment: dict[str, Any] = {}
    for parameter in space:
        if parameter.exists(assignment):
            assignment[parameter.key] = held(parameter.domain, flat[parameter.key])
    return assignment


def held(domain: Domain, value: Any) -> Any:
    """The value without numpy's types and without what rounding puts outside the bounds."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(domain, Categorical):
        return domain.check(value)
    value = min(max(value, domain.low), domain.high)
    if isinstance(domain, Int):
        value = round(value)
    return domain.decode(domain.encode(value)) if domain.step is not None else value


def filled(space: Space, assignment: Mapping[str, Any]) -> dict[str, Any]:
    """A flat configuration: what does not exist has the middle of its range."""
    return {p.key: assignment.get(p.key, p.domain.decode(0.5)) for p in space}


def steps(domain: Domain) -> int | None:
    """How many evenly spaced values or choices it has; None of a continuum or a log scale."""
    return None if getattr(domain, "log", False) else domain.size


def step(domain: Domain, place: int) -> Any:
    """The value at that place of the `steps`."""
    return domain.decode((place + 0.5) / domain.size)

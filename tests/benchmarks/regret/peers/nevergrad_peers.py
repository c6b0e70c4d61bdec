"""Particle swarm of nevergrad, in its own words for ranges, log scales and choices.

Steps are rounded to. Conditions it could only have as nested choices: values
that do not exist are suggested and ignored. What a failed trial costs is what it
makes of infinity. It needs an environment of its own: see the README.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import nevergrad as ng
import numpy as np

from jupyter_hpo.domains import Categorical, Domain, Int
from jupyter_hpo.space import Space

from .values import active


class Swarm:
    """An optimizer of nevergrad by ask and tell."""

    def __init__(self, space: Space, seed: int, trials: int) -> None:
        warnings.filterwarnings("ignore")  # of infinite values
        self.space = space
        self.starts = trials  # it takes no values of trials that it has not asked for
        searched = ng.p.Dict(**{p.key: _parameter(p.domain) for p in space})
        searched.random_state = np.random.RandomState(seed)
        self.optimizer = ng.optimizers.PSO(searched, budget=trials)
        self.asked: Any = None

    def ask(self) -> dict[str, Any]:
        self.asked = self.optimizer.ask()
        return active(self.space, self.asked.value)

    def tell(self, assignment: Mapping[str, Any], value: float | None) -> None:
        self.optimizer.tell(self.asked, np.inf if value is None else value)


def _parameter(domain: Domain) -> Any:
    if isinstance(domain, Categorical):
        return ng.p.Choice(domain.choices)
    kind = ng.p.Log if domain.log else ng.p.Scalar
    parameter = kind(lower=domain.low, upper=domain.high)
    return parameter.set_integer_casting() if isinstance(domain, Int) else parameter


def pso(space: Space, seed: int, trials: int) -> Swarm:
    """The swarm of 40 particles; on dev, smaller ones are worse on bbob and alike on tables."""
    return Swarm(space, seed, trials)

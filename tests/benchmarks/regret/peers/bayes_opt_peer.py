"""The package bayesian-optimization as shipped: UCB on a Gaussian process.

As its README has it: five random points, then suggestions. It knows neither
log scales nor conditions nor steps, so ranges are linear, values that do not
exist are suggested and ignored, and steps are rounded to. It has no failed
trials either; one counts as the worst value so far.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from bayes_opt import BayesianOptimization
from bayes_opt.parameter import CategoricalParameter

from jupyter_hpo.domains import Categorical, Domain, Int
from jupyter_hpo.space import Space

from .values import active, filled

STARTS = 5


class BayesOpt:
    """Maximises, so it is told values with the sign changed."""

    def __init__(self, space: Space, seed: int) -> None:
        warnings.filterwarnings("ignore")
        self.space = space
        bounds = {p.key: _bounds(p.key, p.domain) for p in space}
        self.optimizer = BayesianOptimization(None, bounds, random_state=seed, verbose=0)
        self.asked: Mapping[str, Any] | None = None
        self.told = 0
        self.worst: float | None = None

    def ask(self) -> dict[str, Any]:
        started = self.told >= STARTS
        self.asked = self.optimizer.suggest() if started else self.optimizer.random_sample(1)[0]
        return active(self.space, self.asked)

    def tell(self, assignment: Mapping[str, Any], value: float | None) -> None:
        flat = filled(self.space, assignment) if self.asked is None else self.asked
        self.asked = None
        self.told += 1
        if value is not None:
            self.worst = value if self.worst is None else max(self.worst, value)
        # `maximize` takes a point it has seen from its cache; `register` would raise
        new = self.optimizer.space.params_to_array(flat) not in self.optimizer.space
        if new and self.worst is not None:
            self.optimizer.register(flat, -(self.worst if value is None else value))


def _bounds(key: str, domain: Domain) -> Any:
    if isinstance(domain, Categorical):
        return CategoricalParameter(key, domain.choices)
    return (domain.low, domain.high, int) if isinstance(domain, Int) else (domain.low, domain.high)


def make(space: Space, seed: int, trials: int) -> BayesOpt:
    """The optimizer of bayesian-optimization."""
    return BayesOpt(space, seed)

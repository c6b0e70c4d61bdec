"""Differential evolution of SciPy, which calls the objective: a greenlet turns that around.

Whole numbers, steps and choices are integers to it, log scales and ranges the
unit interval. Conditions it has none: values that do not exist are suggested
and ignored. A failed trial is infinitely bad. It does not polish, for which it
would follow gradients, and does not stop before the trials are used up.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from greenlet import getcurrent, greenlet
from scipy.optimize import differential_evolution

from jupyter_hpo.space import Space

from .values import active, step, steps


class Evolution:
    """Its greenlet is left in the objective, and entered again with the value."""

    def __init__(self, space: Space, seed: int, trials: int, each: int = 15) -> None:
        warnings.filterwarnings("ignore")  # of differences between infinite values
        self.space, self.seed, self.each = space, seed, each
        self.starts = trials  # it takes no values of trials that it has not asked for
        self.steps = [steps(p.domain) for p in space]
        self.greenlet = greenlet(self._run)
        self.value: float | None = None

    def ask(self) -> dict[str, Any] | None:
        self.greenlet.parent = getcurrent()
        return None if self.greenlet.dead else self.greenlet.switch()

    def tell(self, assignment: Mapping[str, Any], value: float | None) -> None:
        self.value = value

    def _run(self) -> None:
        differential_evolution(
            self._objective,
            [(0, 1 if count is None else count - 1) for count in self.steps],
            popsize=self.each,
            maxiter=10**6,
            tol=0,
            atol=-1,  # a spread of 0 is no end: of a table, equal values are many
            rng=self.seed,
            polish=False,
            integrality=[count is not None for count in self.steps],
        )

    def _objective(self, x: Any) -> float:
        flat = {
            p.key: p.domain.decode(u) if count is None else step(p.domain, round(u))
            for p, count, u in zip(self.space, self.steps, map(float, x), strict=True)
        }
        getcurrent().parent.switch(active(self.space, flat))
        return np.inf if self.value is None else self.value


def de(space: Space, seed: int, trials: int) -> Evolution:
    """Differential evolution with a population of 15 for each hyperparameter."""
    return Evolution(space, seed, trials)


def de_small(space: Space, seed: int, trials: int) -> Evolution:
    """The same with a population near 10: of 5 to 30 the best, on the whole, on dev."""
    return Evolution(space, seed, trials, max(1, round(10 / len(space))))

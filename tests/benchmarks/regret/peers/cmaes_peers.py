"""CMA-ES of the package cmaes: CMA where all is continuous, else CatCMA with margin.

Both start in the middle of the unit cube with their default populations. Whole
numbers and steps are the integers of the latter, those on a log scale with the
distances of that scale. Conditions they have none: values that do not exist are
suggested and ignored. A failed trial is infinitely bad.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from cmaes import CMA, CatCMAwM

from jupyter_hpo.domains import Categorical
from jupyter_hpo.space import Space

from .values import active, step

SIGMA = 1 / 6  # three of it reach from the middle to the bounds, as Optuna has it


class Cma:
    """Hands a generation back when all its values are there."""

    def __init__(self, space: Space, seed: int, trials: int) -> None:
        warnings.filterwarnings("ignore")  # of differences between infinite values
        self.space = space
        self.starts = trials  # it takes no values of trials that it has not asked for
        self.choices = [p for p in space if isinstance(p.domain, Categorical)]
        self.whole = [p for p in space if p.domain.size is not None and p not in self.choices]
        self.real = [p for p in space if p.domain.size is None]
        self.optimizer: Any = self._mixed(seed) if self.choices or self.whole else self._pure(seed)
        self.asked: Any = None
        self.told: list[tuple[Any, float]] = []

    def ask(self) -> dict[str, Any]:
        self.asked = asked = self.optimizer.ask()
        if isinstance(asked, np.ndarray):
            return self.space.decode(asked)
        flat = {}
        for group, found in ((self.real, asked.x), (self.whole, asked.z)):
            flat |= {p.key: p.domain.decode(float(found[k])) for k, p in enumerate(group)}
        for k, p in enumerate(self.choices):
            flat[p.key] = step(p.domain, int(asked.c[k].argmax()))
        return active(self.space, flat)

    def tell(self, assignment: Mapping[str, Any], value: float | None) -> None:
        self.told.append((self.asked, np.inf if value is None else value))
        if len(self.told) == self.optimizer.population_size:
            self.optimizer.tell(self.told)
            self.told = []

    def _pure(self, seed: int) -> CMA:
        bounds = np.tile([0.0, 1.0], (len(self.space), 1))
        return CMA(np.full(len(self.space), 0.5), SIGMA, bounds, seed=seed)

    def _mixed(self, seed: int) -> CatCMAwM:
        grids = [p.domain.grid(p.domain.size) for p in self.whole]
        return CatCMAwM(
            x_space=[[0.0, 1.0] for _ in self.real] or None,
            z_space=[
                [p.domain.encode(value) for value in grid]
                for p, grid in zip(self.whole, grids, strict=True)
            ]
            or None,
            c_space=[p.domain.size for p in self.choices] or None,
            seed=seed,
        )


def make(space: Space, seed: int, trials: int) -> Cma:
    """CMA-ES for that space."""
    return Cma(space, seed, trials)

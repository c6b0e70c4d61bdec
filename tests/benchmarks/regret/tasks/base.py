"""What a task is, and how the conditions of its search space are declared.

Conditions are data, so that every optimizer gets them in its own words: ours
calls them, SMAC makes them conditions of ConfigSpace.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from jupyter_hpo.domains import Domain
from jupyter_hpo.space import Parameter, Space

Assignment = Mapping[str, Any]
Objective = Callable[[Assignment, np.random.Generator], float]

REFERENCES = Path(__file__).parent.parent / "references.json"
FLOOR = 1e-8  # of bbob: a regret below is none, as everywhere in that suite
SPLITS = 20  # data splits over which the true value of a noisy task is the mean


@dataclass(frozen=True)
class Among:
    """The condition that `parent` exists and has one of `values`."""

    parent: str
    values: tuple[Any, ...]

    def __call__(self, above: Mapping[str, Any]) -> bool:
        return self.parent in above and above[self.parent] in self.values


def space(domains: Mapping[str, Domain], conditions: Mapping[str, Among] = {}) -> Space:
    """A search space whose conditions can be read off its parameters."""
    return Space([Parameter(key, domain, conditions.get(key)) for key, domain in domains.items()])


@dataclass(frozen=True)
class Task:
    """Something to minimise.

    Attributes
    ----------
    name, suite, split : `split` is ``dev`` to choose on or ``test`` to report on.
    space : what is searched.
    objective : the value of one trial, from its assignment and a generator that is the
        only source of noise; NaN is a failed trial.
    noisy : whether `objective` uses the generator.
    failed : what a split counts for in the true value if training fails on it.
    reseed : the objective of a seed, where seeds mean different functions.
    """

    name: str
    suite: str
    split: str
    space: Space
    objective: Objective
    noisy: bool = False
    failed: float = np.nan
    reseed: Callable[[int], Objective] | None = None
    _true: dict[Any, float] = field(default_factory=dict, compare=False)

    def at(self, seed: int) -> Task:
        """The task as it is for that seed of the optimizer."""
        return self if self.reseed is None else replace(self, objective=self.reseed(seed))

    @property
    def optimum(self) -> float:
        """The best value known."""
        return 0.0 if self.suite == "bbob" else _reference(self.name)["best"]

    @property
    def median(self) -> float:
        """The true value of the median random configuration; of bbob, which needs none, 1."""
        return 1.0 if self.suite == "bbob" else _reference(self.name)["median"]

    def true(self, assignment: Assignment, splits: int = SPLITS) -> float:
        """The value without noise: the mean over fixed data splits."""
        if not self.noisy:
            return self.objective(assignment, np.random.default_rng(0))
        key = (self.space.identity(assignment), splits)
        if key not in self._true:
            rngs = (np.random.default_rng([7919, split]) for split in range(splits))
            values = np.array([self.objective(assignment, rng) for rng in rngs])
            self._true[key] = float(np.where(np.isnan(values), self.failed, values).mean())
        return self._true[key]

    def regret(self, assignment: Assignment) -> float:
        """How far the true value is from the best known: 1 is the median configuration.

        Of bbob it is the distance itself. It may be below 0 where the best is not proved.
        """
        value = self.true(assignment)
        if self.suite == "bbob":
            return max(value, FLOOR)
        return (value - self.optimum) / (self.median - self.optimum)


@cache
def _references() -> dict[str, dict[str, float]]:
    return json.loads(REFERENCES.read_text()) if REFERENCES.exists() else {}


def _reference(name: str) -> dict[str, float]:
    if name not in _references():
        raise KeyError(f"references.json has no {name!r}; run references.py")
    return _references()[name]

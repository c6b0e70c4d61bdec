"""Genetic algorithm, particle swarm and differential evolution of pymoo, by ask and tell.

The swarm and differential evolution are for real numbers only: they search the
unit cube, in which a choice is a share of an axis. So does the genetic algorithm
where all is continuous; else it is the one for mixed variables. None knows
conditions: values that do not exist are suggested and ignored. A failed trial
is infinitely bad.

Each with its default population, and with a small one: of 5, 8, 10, 15, 20 and
30 the best, on the whole, on dev's bbob and tables after 50 and 100 trials.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from pymoo.algorithms.soo.nonconvex.de import DE
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.algorithms.soo.nonconvex.pso import PSO
from pymoo.config import Config
from pymoo.core.evaluator import Evaluator
from pymoo.core.mixed import MixedVariableGA
from pymoo.core.problem import Problem
from pymoo.core.variable import Binary, Choice, Integer, Real, Variable
from pymoo.problems.static import StaticProblem

from jupyter_hpo.domains import Bool, Categorical, Domain
from jupyter_hpo.space import Space

from .values import active, step, steps

Config.warnings["not_compiled"] = False


class Pymoo:
    """Hands out a generation one by one, and hands it back when all its values are there."""

    def __init__(self, space: Space, seed: int, trials: int, algorithm: Any, mixed: bool) -> None:
        warnings.filterwarnings("ignore")  # of differences between infinite values
        self.space, self.algorithm = space, algorithm
        self.starts = trials  # it takes no values of trials that it has not asked for
        if mixed:
            self.problem = Problem(vars={p.key: _variable(p.domain) for p in space}, n_obj=1)
        else:
            self.problem = Problem(n_var=len(space), n_obj=1, xl=0.0, xu=1.0)
        algorithm.setup(self.problem, seed=seed)
        self.generation: Any = ()
        self.values: list[float] = []

    def ask(self) -> dict[str, Any] | None:
        if len(self.values) == len(self.generation):
            self._next()
        if self.generation is None:  # of a finite space, no configuration is left
            return None
        x = self.generation[len(self.values)].X
        if not isinstance(x, dict):
            return self.space.decode(x)
        return active(self.space, {p.key: _value(p.domain, x[p.key]) for p in self.space})

    def tell(self, assignment: Mapping[str, Any], value: float | None) -> None:
        self.values.append(np.inf if value is None else value)

    def _next(self) -> None:
        if self.values:
            told = StaticProblem(self.problem, F=np.array(self.values)[:, None])
            Evaluator().eval(told, self.generation)
            self.algorithm.tell(infills=self.generation)
        self.generation, self.values = self.algorithm.ask(), []


def _variable(domain: Domain) -> Variable:
    if isinstance(domain, Bool):
        return Binary()
    count = steps(domain)
    if isinstance(domain, Categorical):
        return Choice(options=range(domain.size))  # of the choices themselves, numpy makes text
    return Real(bounds=(0.0, 1.0)) if count is None else Integer(bounds=(0, count - 1))


def _value(domain: Domain, x: Any) -> Any:
    if isinstance(domain, Bool):
        return bool(x)
    return domain.decode(float(x)) if steps(domain) is None else step(domain, int(x))


def _genetic(space: Space, seed: int, trials: int, size: int | None) -> Pymoo:
    mixed = any(p.domain.size is not None for p in space)
    options = {} if size is None else {"pop_size": size}
    algorithm = MixedVariableGA(**options) if mixed else GA(**options)
    return Pymoo(space, seed, trials, algorithm, mixed)


def ga(space: Space, seed: int, trials: int) -> Pymoo:
    """The genetic algorithm: a population of 100, of mixed variables 50."""
    return _genetic(space, seed, trials, None)


def ga_small(space: Space, seed: int, trials: int) -> Pymoo:
    """The genetic algorithm with a population of 10."""
    return _genetic(space, seed, trials, 10)


def pso(space: Space, seed: int, trials: int) -> Pymoo:
    """The adaptive swarm of 25 particles."""
    return Pymoo(space, seed, trials, PSO(), False)


def pso_small(space: Space, seed: int, trials: int) -> Pymoo:
    """The adaptive swarm of 10 particles."""
    return Pymoo(space, seed, trials, PSO(pop_size=10), False)


def de(space: Space, seed: int, trials: int) -> Pymoo:
    """Differential evolution with a population of 100."""
    return Pymoo(space, seed, trials, DE(), False)


def de_small(space: Space, seed: int, trials: int) -> Pymoo:
    """Differential evolution with a population of 5."""
    return Pymoo(space, seed, trials, DE(pop_size=5), False)

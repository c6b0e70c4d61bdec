"""Optuna's TPE, GP and CMA-ES samplers with their default settings.

The space is defined by running, as its users do it, so that conditions are its own.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import optuna
from optuna import distributions as kinds
from optuna.trial import TrialState

from jupyter_hpo.domains import Categorical, Domain, Int
from jupyter_hpo.space import Space

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


class Optuna:
    """A study of Optuna, in memory."""

    def __init__(self, space: Space, sampler: optuna.samplers.BaseSampler) -> None:
        self.space = space
        self.study = optuna.create_study(sampler=sampler)
        self.asked: optuna.Trial | None = None

    def ask(self) -> dict[str, Any]:
        self.asked = trial = self.study.ask()
        assignment: dict[str, Any] = {}
        for parameter in self.space:
            if parameter.exists(assignment):
                value = trial._suggest(parameter.key, _distribution(parameter.domain))
                assignment[parameter.key] = value
        return assignment

    def tell(self, assignment: Mapping[str, Any], value: float | None) -> None:
        state = TrialState.FAIL if value is None else TrialState.COMPLETE
        if self.asked is not None:
            self.study.tell(self.asked, value, state)
            self.asked = None
            return
        domains = {key: _distribution(self.space[key].domain) for key in assignment}
        self.study.add_trial(
            optuna.trial.create_trial(
                state=state, value=value, params=dict(assignment), distributions=domains
            )
        )


def _distribution(domain: Domain) -> kinds.BaseDistribution:
    if isinstance(domain, Categorical):
        return kinds.CategoricalDistribution(domain.choices)
    if isinstance(domain, Int):
        return kinds.IntDistribution(domain.low, domain.high, domain.log, domain.step or 1)
    return kinds.FloatDistribution(domain.low, domain.high, domain.log, domain.step)


def tpe(space: Space, seed: int, trials: int) -> Optuna:
    """The tree-structured Parzen estimator, Optuna's default."""
    return Optuna(space, optuna.samplers.TPESampler(seed=seed))


def gp(space: Space, seed: int, trials: int) -> Optuna:
    """The Gaussian process sampler."""
    return Optuna(space, optuna.samplers.GPSampler(seed=seed))


def cmaes(space: Space, seed: int, trials: int) -> Optuna:
    """CMA-ES; choices, and what does not exist in every trial, it samples at random."""
    return Optuna(space, optuna.samplers.CmaEsSampler(seed=seed))

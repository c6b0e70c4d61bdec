"""SMAC3's facade for hyperparameters: random forests, conditions of ConfigSpace.

It is told that the objective is deterministic, also where it is not: else it
spends trials on repeating configurations, which nobody else here does. A failed
trial costs the worst value so far: its default, infinity, ends in an error of
its forest.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import Any

from ConfigSpace import (
    CategoricalHyperparameter,
    Configuration,
    ConfigurationSpace,
    InCondition,
    OrdinalHyperparameter,
    UniformFloatHyperparameter,
    UniformIntegerHyperparameter,
)
from smac import HyperparameterOptimizationFacade, Scenario
from smac.runhistory.dataclasses import TrialInfo, TrialValue
from smac.runhistory.enumerations import StatusType

from jupyter_hpo.domains import Categorical, Domain, Int
from jupyter_hpo.space import Space

from .values import active

UNKNOWN = 1e3  # what a failed trial costs while there is no value to compare it with


class Smac:
    """The facade by ask and tell; its files go to a folder that is removed."""

    def __init__(self, space: Space, seed: int, trials: int) -> None:
        self.space, self.seed = space, seed
        self.folder = tempfile.TemporaryDirectory(prefix="smac-")
        self.configs = _translated(space)
        scenario = Scenario(
            self.configs,
            deterministic=True,
            n_trials=trials,
            seed=seed,
            output_directory=self.folder.name,
        )
        self.facade = HyperparameterOptimizationFacade(
            scenario, _never_called, overwrite=True, logging_level=50
        )
        self.starts = len(self.facade._initial_design.select_configurations())
        self.asked: TrialInfo | None = None
        self.worst: float | None = None

    def ask(self) -> dict[str, Any]:
        self.asked = self.facade.ask()
        return active(self.space, dict(self.asked.config))

    def tell(self, assignment: Mapping[str, Any], value: float | None) -> None:
        info = self.asked or TrialInfo(Configuration(self.configs, dict(assignment)), seed=0)
        if value is not None:
            self.worst = value if self.worst is None else max(self.worst, value)
        cost = value if value is not None else self.worst if self.worst is not None else UNKNOWN
        status = StatusType.CRASHED if value is None else StatusType.SUCCESS
        self.facade.tell(info, TrialValue(cost=cost, status=status), save=False)
        self.asked = None


def _translated(space: Space) -> ConfigurationSpace:
    configs = ConfigurationSpace(seed=0)
    configs.add([_hyperparameter(p.key, p.domain) for p in space])
    configs.add(
        [
            InCondition(configs[p.key], configs[p.when.parent], list(p.when.values))
            for p in space
            if p.when is not None
        ]
    )
    return configs


def _hyperparameter(key: str, domain: Domain) -> Any:
    if isinstance(domain, Categorical):
        return CategoricalHyperparameter(key, list(domain.choices))
    if domain.step is not None:
        return OrdinalHyperparameter(key, list(domain.grid()))
    kind = UniformIntegerHyperparameter if isinstance(domain, Int) else UniformFloatHyperparameter
    return kind(key, domain.low, domain.high, log=domain.log)


def _never_called(config: Configuration, seed: int = 0) -> float:
    raise TypeError("trials are asked for and told")


def make(space: Space, seed: int, trials: int) -> Smac:
    """SMAC for a study of that many trials."""
    return Smac(space, seed, trials)

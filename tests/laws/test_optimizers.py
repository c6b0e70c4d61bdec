"""Every optimizer of the name table keeps to the published contract, on every kind of space."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from by_hand import OPTIMIZERS

from jupyter_hpo.optimizers import create
from jupyter_hpo.protocols import Optimizer
from jupyter_hpo.space import Space
from jupyter_hpo.testing import OptimizerContract, spaces


class TestTable(OptimizerContract):
    @pytest.fixture(autouse=True, params=OPTIMIZERS)
    def _name(self, request: pytest.FixtureRequest) -> None:
        self.name = request.param

    def make(self, space: Space, seed: int, trials: int | None) -> Optimizer:
        return create(self.name, space, seed=seed, trials=trials)


class TestUnscrambled(OptimizerContract):
    def make(self, space: Space, seed: int, trials: int | None) -> Optimizer:
        return create("sobol", space, seed=seed, trials=trials, scramble=False)


class TestCoarseGrid(OptimizerContract):
    def make(self, space: Space, seed: int, trials: int | None) -> Optimizer:
        return create("grid", space, points=2)


class TestWithoutTrials(OptimizerContract):
    def make(self, space: Space, seed: int, trials: int | None) -> Optimizer:
        return create("auto", space, seed=seed)


class TestOptuna(OptimizerContract):
    trials = 16  # several generations of those that have them

    @pytest.fixture(
        autouse=True,
        params=[
            "optuna:TPE(multivariate=True, group=True, n_startup_trials=3)",
            "optuna:Random",
            "optuna:CmaEs(popsize=4)",
            "optuna:CmaEs(popsize=4, with_margin=True)",
            "optuna:NSGAII(population_size=4)",
            "optuna:NSGAIII(population_size=4)",
            "optuna:QMC",
            "optuna:QMC(scramble=True, qmc_type='halton')",
        ],
    )
    def _name(self, request: pytest.FixtureRequest) -> None:
        self.name = request.param

    def make(self, space: Space, seed: int, trials: int | None) -> Optimizer:
        return create(self.name, space, seed=seed, trials=trials)


class TestOptunaGP(OptimizerContract):
    trials = 4  # a tenth of a second each, and more where others run

    def make(self, space: Space, seed: int, trials: int | None) -> Optimizer:
        return create("optuna:GP(n_startup_trials=2)", space, seed=seed)

    def spaces(self) -> Mapping[str, Space]:
        every = spaces()
        return {name: every[name] for name in ("whole numbers", "conditional", "dynamic", "finite")}


class TestOptunaBruteForce(OptimizerContract):
    def make(self, space: Space, seed: int, trials: int | None) -> Optimizer:
        return create("optuna:BruteForce", space, seed=seed)

    def spaces(self) -> Mapping[str, Space]:
        every = spaces()
        return {
            name: every[name]
            for name in ("steps", "odd choices", "a name in two branches", "one value", "finite")
        }

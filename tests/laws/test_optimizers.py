"""Every optimizer of the name table keeps to the published contract, on every kind of space."""

from __future__ import annotations

import pytest

from jupyter_hpo.optimizers import TABLE, create
from jupyter_hpo.protocols import Optimizer
from jupyter_hpo.space import Space
from jupyter_hpo.testing import OptimizerContract


class TestTable(OptimizerContract):
    @pytest.fixture(autouse=True, params=TABLE)
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

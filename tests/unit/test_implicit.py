"""Gradients by the implicit function theorem, after ordinary training."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from differences import X_VAL, Y_VAL, Values, X, Y, difference, within
from parked import Notebook
from torch import Tensor, nn
from torch.optim import LBFGS, SGD, Adam, RMSprop

from jupyter_hpo.errors import GradientError, UsageError
from jupyter_hpo.optimizers import create
from jupyter_hpo.space import Space
from jupyter_hpo.unrolled.implicit import Implicit, conjugate, neumann

VALUES = {"penalty": 0.1, "scale": 1.2}


class Fitted:
    """A small network trained to its minimum, by any optimizer; keeps its training loss."""

    def __init__(self, kind: Any = LBFGS, steps: int = 15, stale: bool = False) -> None:
        self.kind, self.steps, self.stale = kind, steps, stale
        self.namespace: dict[str, Any] = {}

    def inner(self, model: nn.Module, v: Values) -> Tensor:
        squares = sum((p**2).sum() for p in model.parameters())
        return ((model(X * v["scale"]) - Y) ** 2).mean() + v["penalty"] * squares

    def __call__(self, v: Values) -> Any:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(5, 3), nn.Tanh(), nn.Linear(3, 1)).double()
        options = {} if self.kind is not LBFGS else {"tolerance_grad": 0, "tolerance_change": 0}
        optimizer = self.kind(model.parameters(), lr=1.0 if self.kind is LBFGS else 0.05, **options)

        def closure() -> Tensor:
            optimizer.zero_grad()
            loss = self.inner(model, v)
            loss.backward()
            self.namespace["train_loss"] = loss
            return loss

        for _ in range(self.steps):
            optimizer.step(closure)
        if not self.stale:
            self.namespace["train_loss"] = self.inner(model, v)
        model.eval()
        with torch.no_grad():
            return ((model(X_VAL) - Y_VAL) ** 2).mean().item()


@pytest.mark.parametrize(("solver", "iterations"), [("cg", 100), ("neumann", 4000)])
def test_it_agrees_with_finite_differences(solver: Any, iterations: int) -> None:
    fitted = Fitted()
    run = Implicit(VALUES, "train_loss", solver, iterations)
    found = within(run, fitted, fitted.namespace)
    assert found.uphill is not None and found.uphill < 1e-7
    for name in VALUES:
        expected = difference(Fitted(), VALUES, name)
        assert found.gradients[name] == pytest.approx(expected, rel=1e-5), name


def test_the_derivative_of_ridge_regression() -> None:
    def ridge(v: Values) -> Any:
        weights = nn.Parameter(torch.zeros(5, 1, dtype=torch.float64))
        optimizer = Adam([weights], lr=v["lr"])
        for k in range(1500):
            for group in optimizer.param_groups:
                group["lr"] = 0.05 * 0.995**k
            optimizer.zero_grad()
            loss = ((X @ weights - Y) ** 2).mean() + v["penalty"] * (weights**2).sum()
            loss.backward()
            optimizer.step()
        kept["loss"] = ((X @ weights - Y) ** 2).mean() + v["penalty"] * (weights**2).sum()
        return ((X_VAL @ weights - Y_VAL) ** 2).mean()

    kept: dict[str, Any] = {}
    found = within(Implicit({"penalty": 0.3, "lr": 0.05}, "loss"), ridge, kept)
    penalty = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    system = X.T @ X / len(X) + penalty * torch.eye(5, dtype=torch.float64)
    solved = torch.linalg.solve(system, X.T @ Y / len(X))
    (expected,) = torch.autograd.grad(((X_VAL @ solved - Y_VAL) ** 2).mean(), penalty)
    assert found.gradients == {"penalty": pytest.approx(expected.item(), rel=1e-5)}


def test_both_solvers_solve() -> None:
    matrix = torch.tensor([[3.0, 1.0], [1.0, 2.0]], dtype=torch.float64)
    right = [torch.tensor([1.0, -1.0], dtype=torch.float64)]
    expected = torch.linalg.solve(matrix, right[0])
    for solve, iterations in ((conjugate, 2), (neumann, 200)):
        (solution,) = solve(lambda v: [matrix @ v[0]], right, iterations)
        torch.testing.assert_close(solution, expected)
    nothing = conjugate(lambda v: [-v[0]], right, 5)[0]  # a maximum: there is nothing to solve
    assert torch.equal(nothing, torch.zeros(2, dtype=torch.float64))
    assert torch.equal(neumann(lambda v: [0 * v[0]], right, 5)[0], nothing)


@pytest.mark.parametrize(
    ("namespace", "says"),
    [
        ({}, "leaves no `train_loss` behind"),
        ({"train_loss": 0.5}, "no loss with its graph"),
        ({"train_loss": torch.ones(3, requires_grad=True)}, "no loss with its graph"),
    ],
)
def test_a_loss_that_is_none_is_named(namespace: dict[str, Any], says: str) -> None:
    found = within(Implicit(VALUES, "train_loss"), Fitted(SGD, 2), namespace)
    assert not found.gradients and says in str(found.cut)


def test_a_loss_of_before_the_last_step_is_named() -> None:
    fitted = Fitted(RMSprop, 3, stale=True)
    found = within(Implicit(VALUES, "train_loss"), fitted, fitted.namespace)
    assert "calculate it once more after training" in str(found.cut)


CELL = """
penalty: Float(1e-4, 1e1, log=True) = 1.0
lr: Float(1e-3, 1e-1, log=True) = 1e-2
weights = torch.nn.Parameter(torch.zeros(5, 1, dtype=torch.float64))
optimizer = RMSprop([weights], lr=lr)
schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.98)
for epoch in range(400):
    optimizer.zero_grad()
    train_loss = ((X @ weights - Y) ** 2).mean() + penalty * (weights ** 2).sum()
    train_loss.backward()
    optimizer.step()
    schedule.step()
train_loss = ((X @ weights - Y) ** 2).mean() + penalty * (weights ** 2).sum()
with torch.no_grad():
    loss = ((X_VAL @ weights - Y_VAL) ** 2).mean().item()
"""


def test_a_cell_that_trains_with_any_optimizer() -> None:
    notebook = Notebook()
    notebook.names.update(torch=torch, RMSprop=RMSprop, X=X, Y=Y, X_VAL=X_VAL, Y_VAL=Y_VAL)
    how = 'gradient(inner_loss="train_loss")'
    sitting = notebook.study(CELL, optimizer=how, trials=6)
    sitting.drive()
    trials = sitting.runner.record.trials
    assert all(t.info["training_slope"] < 0.1 and "gradient_penalty" in t.info for t in trials)
    assert all("gradient_lr" not in t.info for t in trials)
    assert trials[0].info["checked"] == "penalty"
    assert trials[0].info["finite_difference_ratio"] == pytest.approx(1.0, abs=0.02)
    values = [t.value for t in trials if t.value is not None]
    assert min(values) < values[0]


def test_statistics_and_weights_changed_in_place_are_values_like_any_other() -> None:
    fitted = Fitted(Adam, steps=30)

    def training(v: Values, scale: Any) -> Any:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(5, 3), nn.BatchNorm1d(3), nn.Linear(3, 1)).double()
        with torch.no_grad():
            for each in model.parameters():
                each.mul_(scale)
        optimizer = Adam(model.parameters(), lr=0.05)
        for _ in range(30):
            optimizer.zero_grad()
            fitted.inner(model, v).backward()
            optimizer.step()
        fitted.namespace["train_loss"] = fitted.inner(model, v)
        model.eval()
        with torch.no_grad():
            return ((model(X_VAL) - Y_VAL) ** 2).mean().item()

    def gradients(training: Any) -> Any:
        run = Implicit(VALUES, "train_loss")
        with run:
            return run.find(training(run.bound), fitted.namespace).gradients

    found = gradients(lambda v: training(v, v["scale"]))
    assert found == gradients(lambda v: training(v, VALUES["scale"]))
    assert found.keys() == VALUES.keys()


def test_options_that_do_not_go_together() -> None:
    space = Space.of({})
    with pytest.raises(UsageError, match="leave out horizon"):
        create('gradient(inner_loss="loss", horizon=3)', space)
    with pytest.raises(UsageError, match="solver must be 'cg' or 'neumann'"):
        create('gradient(inner_loss="loss", solver="lu")', space)


def test_strict_says_what_is_missing() -> None:
    notebook = Notebook()
    notebook.names.update(torch=torch, RMSprop=RMSprop, X=X, Y=Y, X_VAL=X_VAL, Y_VAL=Y_VAL)
    how = 'gradient(inner_loss="other", strict=True)'
    sitting = notebook.study(CELL.replace(".item()", ""), optimizer=how)
    with pytest.raises(GradientError, match="leaves no `other` behind"):
        sitting.drive()

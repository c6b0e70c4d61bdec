"""Training runs of a few steps in double precision, and their derivatives by finite differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from jupyter_hpo.unrolled.run import Found, Run

Values = Mapping[str, Any]
Training = Callable[[Values], Any]

STEP = 1e-5  # of a central difference, as a share of the value


def data(rows: int = 40, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Inputs of shape (rows, 5) and targets of shape (rows, 1)."""
    made = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, 5, generator=made, dtype=torch.float64)
    return x, (x.sum(1, keepdim=True)).sin()


X, Y = data()
X_VAL, Y_VAL = data(30, seed=1)


def network(*layers: nn.Module) -> nn.Sequential:
    """A network of one hidden layer, the same at every call."""
    torch.manual_seed(0)
    inner = layers or (nn.Tanh(),)
    return nn.Sequential(nn.Linear(5, 8), *inner, nn.Linear(8, 1)).double()


def loss_of(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """The mean squared error."""
    return ((model(x) - y) ** 2).mean()


def follow(
    train: Training, values: Mapping[str, float], horizon: int | None = None, **options: float
) -> Found:
    """Run it with leaves in place of the values."""
    return within(Run(values, horizon, **options), train)


def within(run: Run, train: Training, namespace: Mapping[str, Any] = {}) -> Found:
    """Run it followed by `run`; it leaves `namespace` behind."""
    with run:
        return run.find(train(dict(run.bound)), namespace)


def difference(train: Training, values: Mapping[str, float], name: str) -> float:
    """The derivative by one value, by a central difference."""
    h = STEP * abs(values[name])
    up, down = ({**values, name: values[name] + sign * h} for sign in (1, -1))
    return (number(train(up)) - number(train(down))) / (2 * h)


class Held:
    """Counts the numbers that autograd keeps for the way back, while it is entered."""

    def __init__(self) -> None:
        self.now = self.peak = 0
        self._hooks = torch.autograd.graph.saved_tensors_hooks(self._keep, lambda kept: kept.tensor)

    def _keep(self, tensor: Tensor) -> _Kept:
        return _Kept(self, tensor)

    def __enter__(self) -> Held:
        self._hooks.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._hooks.__exit__(*error)


class _Kept:
    def __init__(self, held: Held, tensor: Tensor) -> None:
        # without its graph, whose node holds this
        self.held, self.tensor, self.size = held, tensor.detach(), tensor.numel()
        held.now += self.size
        held.peak = max(held.peak, held.now)

    def __del__(self) -> None:
        self.held.now -= self.size


def number(value: Any) -> float:
    return float(value.detach()) if isinstance(value, Tensor) else float(value)


def agree(train: Training, values: Mapping[str, float], within: float = 1e-5) -> None:
    """Raise AssertionError unless the gradients are those of finite differences."""
    found = follow(train, values)
    assert found.gradients.keys() == values.keys(), found
    for name, gradient in found.gradients.items():
        expected = difference(train, values, name)
        error = abs(gradient - expected) / abs(expected)
        assert error <= within, f"{name}: {gradient} instead of {expected}, {error:.1e} off"

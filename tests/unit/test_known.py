"""Hyperparameters in a trial that is followed: floats to everybody, tensors to torch."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import pickle
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from differences import X_VAL, Y_VAL, X, Y, agree, difference, follow, loss_of, network
from hypothesis import given
from hypothesis import strategies as st
from parked import Notebook
from torch import nn
from torch.optim import SGD

from jupyter_hpo import Float, tune
from jupyter_hpo.unrolled.run import Run

VALUE = 0.0123


@pytest.fixture
def lr() -> Iterator[Any]:
    run = Run({"lr": VALUE})
    with run:
        yield run.bound["lr"]


AS_A_NUMBER: list[Callable[[Any], Any]] = [
    str,
    repr,
    "{:.3e}".format,
    lambda v: f"{v:.3g} {v}",
    lambda v: "%.4f %s" % (v, v),  # noqa: UP031  # users write it
    lambda v: {0.0123: "found"}[v],
    lambda v: {v: 1} == {0.0123: 1},
    lambda v: (v == 0.0123, v < 1, v >= 0.5, v in (0.1, 0.0123), sorted([v, 0.001])),
    lambda v: (isinstance(v, float), np.isscalar(v), float(v), int(v), bool(v)),
    lambda v: (round(v), round(v, 3), math.floor(v), v.is_integer()),
    lambda v: (json.dumps({"lr": v}), json.dumps([v], indent=2)),
    lambda v: (math.sqrt(v), math.isfinite(v), max(v, 0.1), min(v, 0.1), abs(-v)),
    lambda v: (np.asarray([v, 1]).tolist(), np.asarray(v).dtype, float(np.float64(v))),
    lambda v: (v * np.arange(3), np.arange(3) * v, np.linspace(0, v, 3)),
    lambda v: (
        *map(float, (np.log10(v), np.sqrt(v))),
        2 * v + 1,
        10**v,
        v**2,
        v / 3,
        3 / v,
        1 - v,
        -v,
        +v,
    ),
    lambda v: copy.deepcopy({"lr": v}),
    lambda v: pickle.loads(pickle.dumps(v)),
    lambda v: list(range(int(v * 300))),
]


@pytest.mark.parametrize("use", AS_A_NUMBER, ids=range(len(AS_A_NUMBER)))
def test_it_is_its_number(lr: Any, use: Callable[[Any], Any]) -> None:
    expected, found = use(VALUE), use(lr)
    assert str(found) == str(expected)
    assert type(found) is type(expected) or isinstance(found, float)


def test_what_it_cannot_do_it_refuses_as_a_float_does(lr: Any) -> None:
    for wrong in (lambda v: range(v), lambda v: [1][v], lambda v: v + "a", lambda v: v["a"]):
        with pytest.raises(TypeError):
            wrong(lr)


@given(
    st.floats(0.1, 10),
    st.floats(0.1, 10),
    st.sampled_from(
        [
            lambda a, b: a * b + 1,
            lambda a, b: (3 - a) / (2 * b) - b,
            lambda a, b: a**b + 2**a,
            lambda a, b: np.sqrt(a) * np.log(b) + np.exp(-a),
            lambda a, b: np.float64(2) * a - abs(-b),
        ]
    ),
)
def test_arithmetic_keeps_the_gradient(a: float, b: float, act: Callable[..., Any]) -> None:
    found = follow(lambda v: act(v["a"], v["b"]), {"a": a, "b": b})
    for name in ("a", "b"):
        expected = difference(lambda v: act(v["a"], v["b"]), {"a": a, "b": b}, name)
        assert found.gradients[name] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_torch_calculates_with_its_tensor() -> None:
    def train(v: Mapping[str, Any]) -> Any:
        size = torch.full((3,), v["a"], dtype=torch.float64) * torch.tensor(
            [1.0, v["a"], v["b"]], dtype=torch.float64
        )
        leaky = nn.functional.leaky_relu(X, negative_slope=v["b"]).mean()
        summed = torch.add(X, Y, alpha=v["a"]).square().mean()
        pulled = torch.lerp(X, Y.expand_as(X), v["b"]).sin().mean()
        rest = torch.exp(torch.as_tensor(v["a"], dtype=torch.float64)) * v["b"]
        assert torch.as_tensor(v["a"]).dtype == torch.tensor([v["b"], 1]).dtype == torch.float32
        return size.sum() + leaky + summed + pulled + rest

    agree(train, {"a": 0.7, "b": 0.3})


def test_the_smoothing_of_labels() -> None:
    target = (Y_VAL[:, 0] > 0).long()

    def train(v: Mapping[str, Any]) -> Any:
        torch.manual_seed(0)
        model = nn.Linear(5, 2).double()
        criterion = nn.CrossEntropyLoss(label_smoothing=v["smoothing"])
        optimizer = SGD(model.parameters(), lr=0.5)
        for _ in range(4):
            optimizer.zero_grad()
            criterion(model(X_VAL), target).backward()
            optimizer.step()
        return nn.functional.cross_entropy(model(X_VAL), target)

    agree(train, {"smoothing": 0.2})


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_weights_of_classes(reduction: str) -> None:
    target = (Y_VAL[:, 0] > 0).long()
    target[3] = -1

    def train(v: Mapping[str, Any]) -> Any:
        torch.manual_seed(0)
        model = nn.Linear(5, 2).double()
        weights = torch.tensor([v["first"], 1.0], dtype=torch.float64)
        criterion = nn.CrossEntropyLoss(weight=weights, reduction=reduction, ignore_index=-1)
        optimizer = SGD(model.parameters(), lr=0.02)
        for _ in range(4):
            optimizer.zero_grad()
            criterion(model(X_VAL), target).backward()
            optimizer.step()
        return nn.functional.cross_entropy(model(X_VAL), target, ignore_index=-1)

    agree(train, {"first": 2.0})


def test_a_metric_that_is_read_changes_no_training() -> None:
    """A loss divided by its own value, say: that is a number to the training."""

    def train(v: Mapping[str, Any]) -> Any:
        model = network()
        optimizer = SGD(model.parameters(), lr=v["lr"])
        for _ in range(3):
            optimizer.zero_grad()
            loss = loss_of(model, X, Y)
            (loss / loss.item()).backward()
            optimizer.step()
        return list(model.parameters())

    run = Run({"lr": 0.05})
    with run:
        followed = train(run.bound)
    for ours, theirs in zip(followed, train({"lr": 0.05}), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)


def test_after_the_trial_it_is_a_number() -> None:
    run = Run({"lr": 0.5})
    with run:
        kept = run.bound["lr"] * 2
    assert (torch.ones(2) * kept).tolist() == [1.0, 1.0]
    assert torch.full((2,), kept).tolist() == [1.0, 1.0]
    optimizer = SGD([torch.ones(1, requires_grad=True)], lr=kept)
    assert optimizer.param_groups[0]["lr"] == 1.0


def test_configurations_of_all_kinds_take_it() -> None:
    @dataclasses.dataclass
    class Config:
        lr: float
        momentum: float = 0.5

    def objective(params: Mapping[str, Any], trial: Any) -> Any:
        config = Config(**params)
        settings = copy.deepcopy(dataclasses.asdict(config))
        (trial.directory / "config.json").write_text(json.dumps(settings, indent=2))
        assert isinstance(config.lr, float)
        trial.log(lr=config.lr, doubled=config.lr * 2)
        model = network()
        optimizer = SGD(model.parameters(), **settings)
        for _ in range(3):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        return loss_of(model, X_VAL, Y_VAL).item()

    study = tune(objective, {"lr": Float(0.01, 0.5, default=0.05)}, optimizer="gradient", trials=2)
    first = study.trials[0]
    assert "gradient_lr" in first.info and "run_again" not in first.info
    assert dict(first.log) == {"lr": 0.05, "doubled": 0.1}
    assert all(type(value) is float for value in first.log.values())


def test_variables_that_are_kept() -> None:
    notebook = Notebook()
    sitting = notebook.study(
        "\nlr: Float(0.1, 1.0) = 0.5\nconfig = {'lr': lr}\nloss = (lr - 0.3) ** 2\n",
        optimizer="gradient",
        keep=["lr", "config"],
    )
    sitting.drive()
    kept = sitting.runner.record.trials[0].namespace
    assert json.dumps(kept["config"]) == '{"lr": 0.5}' and kept["lr"] == 0.5

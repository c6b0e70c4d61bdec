"""`jupyter_hpo.train`: training as a function that can be differentiated."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from differences import (
    X_VAL,
    Y_VAL,
    Held,
    Values,
    X,
    Y,
    agree,
    difference,
    follow,
    loss_of,
    network,
    number,
)
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW
from torch.utils.data import DataLoader, TensorDataset

import jupyter_hpo
from jupyter_hpo import Float, tune
from jupyter_hpo.errors import UsageError
from jupyter_hpo.unrolled.training import Trained, train

BATCHES = list(zip(X.split(10), Y.split(10), strict=True))
STEPS = 11


def mse(model: Any, x: Tensor, y: Tensor) -> Tensor:
    return ((model(x) - y) ** 2).mean()


SETTINGS: dict[str, tuple[dict[str, float], dict[str, Any]]] = {
    "sgd": ({"lr": 0.05, "momentum": 0.8, "weight_decay": 0.02}, {}),
    "nesterov": ({"lr": 0.05, "momentum": 0.8}, {"nesterov": True}),
    "adam": ({"lr": 0.02, "weight_decay": 0.02}, {"betas": (0.8, 0.98)}),
    "amsgrad": ({"lr": 0.02, "eps": 1e-3}, {"amsgrad": True}),
    "adamw": ({"lr": 0.02, "weight_decay": 0.02}, {}),
}
KINDS = {"nesterov": "sgd", "amsgrad": "adam"}
TORCHS: dict[str, Any] = {"sgd": SGD, "adam": Adam, "adamw": AdamW}


def trained(name: str, values: Values, **more: Any) -> Trained:
    fixed = SETTINGS[name][1]
    kind: Any = KINDS.get(name, name)
    return train(
        network(), mse, BATCHES, optimizer=kind, steps=STEPS, **{**fixed, **values}, **more
    )


@pytest.mark.parametrize("checkpoint", [True, False, 1, 4, 100])
@pytest.mark.parametrize("name", SETTINGS)
def test_it_agrees_with_finite_differences(name: str, checkpoint: Any) -> None:
    def metric(values: Values) -> Tensor:
        return mse(trained(name, values, checkpoint=checkpoint), X_VAL, Y_VAL)

    agree(metric, SETTINGS[name][0])


def test_betas_and_what_the_loss_is_calculated_with() -> None:
    def metric(v: Values) -> Tensor:
        penalty = v["penalty"] * 2

        def loss(model: Any, x: Tensor, y: Tensor) -> Tensor:
            return mse(model, x * v["scale"], y) + penalty * model(x).square().mean()

        betas = (v["first"], 0.98)
        return mse(
            train(network(), loss, BATCHES, optimizer="adam", steps=8, lr=0.02, betas=betas),
            X_VAL,
            Y_VAL,
        )

    agree(metric, {"penalty": 0.1, "scale": 1.2, "first": 0.8})


@pytest.mark.parametrize("name", SETTINGS)
def test_its_weights_are_those_of_torch(name: str) -> None:
    values, fixed = SETTINGS[name]
    kind = KINDS.get(name, name)
    ours = trained(name, values)
    model = network()
    optimizer = TORCHS[kind](model.parameters(), **fixed, **values)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(model, *BATCHES[step % 4])
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    assert ours.losses == pytest.approx(losses, rel=1e-10)
    for (name, weights), held in zip(
        model.named_parameters(), ours.model.parameters(), strict=True
    ):
        torch.testing.assert_close(weights, held, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(weights.data, ours.weights[name], rtol=1e-10, atol=1e-12)


def test_dropout_and_batch_norm_are_calculated_again_as_they_were() -> None:
    def run(v: Values) -> Trained:
        torch.manual_seed(0)
        model = network(nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.3))
        torch.manual_seed(5)
        return train(model, mse, BATCHES, steps=9, momentum=0.5, lr=v["lr"])

    agree(lambda v: mse(run(v), X_VAL, Y_VAL), {"lr": 0.05})
    rate = torch.tensor(0.05, dtype=torch.float64, requires_grad=True)
    followed, after = run({"lr": rate}), torch.get_rng_state()
    plain = run({"lr": 0.05})
    assert torch.equal(after, torch.get_rng_state())
    for one, other in zip(followed.model.buffers(), plain.model.buffers(), strict=True):
        torch.testing.assert_close(one, other)
    mse(followed, X_VAL, Y_VAL).backward()
    assert all(p.grad is None for p in followed.model.parameters())


def test_frozen_weights_stay() -> None:
    model = network()
    model[0].weight.requires_grad_(False)
    before = model[0].weight.clone()
    train(model, mse, BATCHES, lr=torch.tensor(0.1, requires_grad=True))
    assert torch.equal(model[0].weight, before) and not model[0].weight.requires_grad


def test_plain_numbers_leave_no_graph() -> None:
    done = trained("sgd", SETTINGS["sgd"][0])
    assert not any(weights.requires_grad for weights in done.weights.values())


def test_the_horizon_cuts_and_warns() -> None:
    rate = torch.tensor(0.05, dtype=torch.float64, requires_grad=True)
    with pytest.warns(UserWarning, match="looks back over 3 of 11 steps"):
        short = trained("sgd", {"lr": rate}, horizon=3)
    mse(short, X_VAL, Y_VAL).backward()

    def late(v: Values) -> Tensor:
        first = train(network(), mse, BATCHES, steps=8, lr=0.05)
        return mse(
            train(first.model, mse, [BATCHES[k % 4] for k in range(8, 11)], lr=v["lr"]),
            X_VAL,
            Y_VAL,
        )

    assert number(rate.grad) == pytest.approx(difference(late, {"lr": 0.05}, "lr"), rel=1e-6)


def test_batches_of_every_kind() -> None:
    loader: Any = DataLoader(TensorDataset(X, Y), batch_size=10)
    by_step = [BATCHES[k % 4] for k in range(6)]
    runs = [
        train(network(), mse, loader, steps=6, lr=0.1),
        train(network(), mse, by_step, lr=0.1),
        train(network(), mse, lambda step: BATCHES[step % 4], steps=6, lr=0.1),
        train(network(), mse, iter(by_step), lr=0.1),
        train(
            network(),
            lambda model, xy: mse(model, xy[:, :5], xy[:, 5:]),
            [torch.cat(batch, 1) for batch in by_step],
            lr=0.1,
        ),
    ]
    for run in runs:
        assert run.losses == pytest.approx(runs[0].losses) and len(run.losses) == 6


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"optimizer": "rmsprop"}, "there are 'sgd', 'adam', 'adamw'"),
        ({"rate": 0.1}, "no option 'rate'"),
        ({"lr": -1.0}, "must be 0 or more"),
        ({"nesterov": True}, "needs a momentum"),
        ({"betas": (0.9, 1.0)}, "below 1"),
        ({"horizon": 0}, "at least 1"),
        ({"checkpoint": 0}, "at least 1"),
        ({"steps": 0}, "at least one step"),
    ],
)
def test_mistakes(options: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        train(network(), mse, BATCHES, **options)
    with pytest.raises(UsageError, match="needs steps"):
        train(network(), mse, lambda step: BATCHES[0])
    with pytest.raises(UsageError, match="no batch"):
        train(network(), mse, [])


def held_graph(steps: int, checkpoint: bool) -> int:
    """Numbers kept at the peak of a way there and back."""
    rate = torch.tensor(0.05, dtype=torch.float64, requires_grad=True)
    with Held() as held:
        done = train(network(), mse, BATCHES, steps=steps, lr=rate, checkpoint=checkpoint)
        mse(done, X_VAL, Y_VAL).backward()
    return held.peak


def test_memory_grows_with_the_square_root_of_the_steps() -> None:
    few, many = held_graph(16, checkpoint=True), held_graph(256, checkpoint=True)
    assert many < 5.5 * few  # 4 for the root, and 16 for all
    assert held_graph(256, checkpoint=False) > 12 * held_graph(16, checkpoint=False)


def test_in_a_study_it_gives_the_gradient_of_each_trial() -> None:
    def objective(params: Any) -> Any:
        done = jupyter_hpo.train(network(), mse, BATCHES, steps=8, lr=params["lr"])
        return mse(done, X_VAL, Y_VAL)

    space = {"lr": Float(1e-3, 1.0, log=True, default=0.01)}
    study = tune(objective, space, optimizer="gradient(strict=True)", trials=3)
    assert study.trials[0].info["finite_difference_ratio"] == pytest.approx(1.0, abs=1e-5)
    found = follow(objective, {"lr": 0.01})
    assert found.gradients["lr"] == study.trials[0].info["gradient_lr"]
    plain = tune(objective, space, optimizer="random", trials=1)
    assert plain.trials[0].value == pytest.approx(study.trials[0].value)


def test_it_is_differentiated_by_the_hyperparameters_of_a_trial() -> None:
    def loss(model: Any, x: Any, y: Any, penalty: Any, size: Any) -> Any:
        return ((model(x * size) - y) ** 2).mean() + penalty * model(x).abs().mean()

    def training(v: Any) -> Any:
        def inner(model: Any, x: Any, y: Any) -> Any:
            return loss(model, x, y, v["penalty"], v["size"])

        trained = train(
            network(),
            inner,
            [(X, Y)],
            steps=9,
            optimizer="adam",
            lr=v["lr"],
            betas=(v["beta"], 0.99),
        )
        with torch.no_grad():
            return ((trained(X_VAL) - Y_VAL) ** 2).mean().item()

    agree(training, {"lr": 0.02, "beta": 0.8, "penalty": 0.1, "size": 1.2})

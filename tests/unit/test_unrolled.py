"""Ordinary training loops of torch, differentiated as they stand."""

from __future__ import annotations

import copy
import gc
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
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
from torch import nn
from torch.optim import SGD, Adam, AdamW, RMSprop, lr_scheduler, swa_utils
from torch.overrides import _get_current_function_mode_stack

from jupyter_hpo.unrolled.run import Run

LR = {"lr": 0.05}
SGD_VALUES = {"lr": 0.05, "momentum": 0.8, "decay": 0.02}
ADAM_VALUES = {"lr": 0.02, "first": 0.8, "second": 0.98, "decay": 0.02}

OPTIMIZERS: dict[str, tuple[dict[str, float], Callable[[Any, Values], Any]]] = {
    "sgd": (LR, lambda ps, v: SGD(ps, lr=v["lr"])),
    "momentum": (
        SGD_VALUES,
        lambda ps, v: SGD(ps, v["lr"], momentum=v["momentum"], weight_decay=v["decay"]),
    ),
    "nesterov": (
        SGD_VALUES,
        lambda ps, v: SGD(
            ps, v["lr"], momentum=v["momentum"], weight_decay=v["decay"], nesterov=True
        ),
    ),
    "dampening": (
        {"lr": 0.05, "dampening": 0.3},
        lambda ps, v: SGD(ps, v["lr"], momentum=0.9, dampening=v["dampening"]),
    ),
    "adam": (
        ADAM_VALUES,
        lambda ps, v: Adam(ps, v["lr"], (v["first"], v["second"]), weight_decay=v["decay"]),
    ),
    "one beta": (
        {"lr": 0.02, "first": 0.8},
        lambda ps, v: Adam(ps, lr=v["lr"], betas=(v["first"], 0.99)),
    ),
    "eps": ({"eps": 1e-3}, lambda ps, v: Adam(ps, eps=v["eps"])),
    "amsgrad": (
        ADAM_VALUES,
        lambda ps, v: Adam(
            ps, v["lr"], (v["first"], v["second"]), weight_decay=v["decay"], amsgrad=True
        ),
    ),
    "adamw": (
        ADAM_VALUES,
        lambda ps, v: AdamW(ps, v["lr"], (v["first"], v["second"]), weight_decay=v["decay"]),
    ),
}


def trained(
    values: Values,
    make: Callable[[Any, Values], Any] | None = None,
    model: nn.Module | None = None,
    steps: int = 8,
    each: Callable[[nn.Module, Any], None] = lambda model, optimizer: None,
) -> nn.Module:
    """A network after so many steps of an ordinary loop; `each` comes before every step."""
    model = network() if model is None else model
    make = make or OPTIMIZERS["momentum" if "momentum" in values else "sgd"][1]
    optimizer = make(model.parameters(), values)
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(model, X, Y).backward()
        each(model, optimizer)
        optimizer.step()
    return model


def metric(model: nn.Module) -> torch.Tensor:
    return loss_of(model, X_VAL, Y_VAL)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_agree_with_finite_differences(name: str) -> None:
    values, make = OPTIMIZERS[name]
    agree(lambda v: metric(trained(v, make)), values)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_weights_are_those_of_torch(name: str) -> None:
    values, make = OPTIMIZERS[name]
    run = Run(values)
    with run:
        followed = trained(dict(run.bound), make)
    plain = trained(values, make)
    for ours, theirs in zip(followed.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)


SCHEDULES: dict[str, Callable[[Any], Any]] = {
    "steps": lambda optimizer: lr_scheduler.StepLR(optimizer, 3, 0.5),
    "cosine": lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, 10),
    "exponential": lambda optimizer: lr_scheduler.ExponentialLR(optimizer, 0.9),
    "lambda": lambda optimizer: lr_scheduler.LambdaLR(optimizer, lambda k: 1 / (1 + k)),
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("kind", ["momentum", "adamw"])
def test_schedules_of_the_learning_rate(name: str, kind: str) -> None:
    values, make = OPTIMIZERS[kind]

    def train(v: Values) -> Any:
        model = network()
        optimizer = make(model.parameters(), v)
        schedule = SCHEDULES[name](optimizer)
        for _ in range(8):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
            schedule.step()
        return metric(model)

    agree(train, values)


def test_a_schedule_whose_factor_is_a_hyperparameter() -> None:
    def train(v: Values) -> Any:
        model = network()
        optimizer = SGD(model.parameters(), lr=v["lr"])
        schedule = lr_scheduler.StepLR(optimizer, 3, v["gamma"])
        for _ in range(8):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
            schedule.step()
        return metric(model)

    agree(train, {"lr": 0.05, "gamma": 0.5})


def test_a_schedule_written_by_hand() -> None:
    def train(v: Values) -> Any:
        model = network()
        rate = v["lr"]
        optimizer = SGD(model.parameters(), lr=rate)
        for _ in range(6):
            rate *= 0.8
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        assert number(v["lr"]) != number(rate)
        return metric(model)

    agree(train, LR)


def clip_norm(model: nn.Module, optimizer: Any) -> None:
    nn.utils.clip_grad_norm_(model.parameters(), 0.1)


def clip_value(model: nn.Module, optimizer: Any) -> None:
    nn.utils.clip_grad_value_(model.parameters(), 0.05)


def by_hand(model: nn.Module, optimizer: Any) -> None:
    with torch.no_grad():
        norm = torch.sqrt(sum((p.grad**2).sum() for p in model.parameters()))  # type: ignore[operator,arg-type]
        for p in model.parameters():
            p.grad.mul_(0.1 / norm)  # type: ignore[union-attr]


@pytest.mark.parametrize("clip", [clip_norm, clip_value, by_hand])
def test_gradients_that_are_clipped(clip: Callable[[nn.Module, Any], None]) -> None:
    agree(lambda v: metric(trained(v, each=clip)), SGD_VALUES)


def test_the_norm_that_gradients_are_clipped_to() -> None:
    def training(v: Values) -> Any:
        def clip(model: nn.Module, optimizer: Any) -> None:
            nn.utils.clip_grad_norm_(model.parameters(), v["norm"])

        return metric(trained(v, each=clip))

    agree(training, {**SGD_VALUES, "norm": 0.1})
    assert vars(nn.utils.clip_grad).get("float", float) is float  # torch's own again


def test_gradients_that_add_up_over_batches() -> None:
    def train(v: Values) -> Any:
        model = network()
        optimizer = SGD(model.parameters(), lr=v["lr"], momentum=0.9)
        for _ in range(5):
            optimizer.zero_grad(set_to_none=False)
            for x, y in zip(X.split(20), Y.split(20), strict=True):
                (loss_of(model, x, y) / 2).backward()
            optimizer.step()
        return metric(model)

    agree(train, LR)


def test_one_gradient_of_several_parameters() -> None:
    def train(v: Values) -> Any:
        made = torch.ones(5, 1, dtype=torch.float64)
        one, other = nn.Parameter(made), nn.Parameter(-made / 2)
        optimizer = SGD([one, other], lr=v["lr"], momentum=0.5)
        for _ in range(4):
            optimizer.zero_grad()
            ((X @ (one + other) - Y) ** 2).mean().backward()
            nn.utils.clip_grad_norm_([one, other], 0.5)
            optimizer.step()
        return ((X_VAL @ (one * other) - Y_VAL) ** 2).mean()

    agree(train, LR)


def test_a_closure() -> None:
    def train(v: Values) -> Any:
        model = network()
        optimizer = SGD(model.parameters(), lr=v["lr"])

        def closure() -> torch.Tensor:
            optimizer.zero_grad()
            loss = loss_of(model, X, Y)
            loss.backward()
            return loss

        for _ in range(5):
            assert optimizer.step(closure) is not None
        return metric(model)

    agree(train, LR)


def test_groups_of_parameters_with_options_of_their_own() -> None:
    def train(v: Values) -> Any:
        model = network()
        groups = [
            {"params": model[0].parameters(), "lr": v["low"]},
            {"params": model[2].parameters(), "weight_decay": v["decay"]},
        ]
        optimizer = SGD(groups, lr=v["high"])
        for _ in range(5):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        return metric(model)

    agree(train, {"low": 0.02, "high": 0.1, "decay": 0.01})


def test_hyperparameters_of_the_loss_and_of_the_model() -> None:
    def train(v: Values) -> Any:
        model = network()
        optimizer = Adam(model.parameters(), lr=0.02)
        penalty = 2 * v["penalty"]  # made once and used in every step
        for _ in range(6):
            optimizer.zero_grad()
            squares = sum((p**2).sum() for p in model.parameters())
            loss = ((model(X * v["scale"]) - Y) ** 2).mean() + penalty * squares
            loss.backward()
            optimizer.step()
        return metric(model)

    agree(train, {"penalty": 0.01, "scale": 1.3})


def test_two_optimizers_that_play_against_each_other() -> None:
    def train(v: Values) -> Any:
        model, other = network(), network()
        first, second = SGD(model.parameters(), v["lr"]), Adam(other.parameters(), v["rate"])
        for _ in range(4):
            for optimizer, sign in ((first, 1), (second, -1)):
                optimizer.zero_grad()
                loss = loss_of(model, X, Y) + 0.1 * (model(X) * other(X)).mean() * sign
                (loss + 0.01 * sum((p**2).sum() for p in other.parameters())).backward()
                optimizer.step()
        return metric(model) + metric(other)

    agree(train, {"lr": 0.05, "rate": 0.02})


def test_dropout_norms_and_recurrent_layers() -> None:
    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.GRU(5, 4, batch_first=True)
            self.norm, self.out = nn.LayerNorm(4), nn.Linear(4, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            hidden, _ = self.inner(x[:, None])
            return self.out(nn.functional.dropout(self.norm(hidden[:, 0]), 0.2))  # type: ignore[no-any-return]

    def train(v: Values) -> Any:
        torch.manual_seed(3)
        return metric(trained(v, model=Recurrent().double()))

    agree(train, SGD_VALUES)


def test_weights_that_are_frozen_or_not_trained_at_all() -> None:
    def train(v: Values) -> Any:
        torch.manual_seed(0)
        model = network(nn.Tanh(), nn.Linear(8, 8))
        model[0].weight.requires_grad_(False)
        optimizer = SGD(model[2:].parameters(), lr=v["lr"])  # model[0].bias is none of its own
        for _ in range(5):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        assert model[0].bias.grad.grad_fn is None  # no graph that grows with the steps
        return metric(model)

    agree(train, LR)


# -- what is changed in place ---------------------------------------------------------------------


def test_weights_that_are_clamped_between_steps() -> None:
    def clamped(model: nn.Module, optimizer: Any) -> None:
        with torch.no_grad():
            model[0].weight.clamp_(-0.3, 0.3)  # type: ignore[index,union-attr]
            for p in model.parameters():
                p.mul_(0.99)

    agree(lambda v: metric(trained(v, each=clamped)), SGD_VALUES)


def test_a_mean_of_the_weights_over_the_steps() -> None:
    def train(v: Values) -> Any:
        model = network()
        averaged = copy.deepcopy(model).requires_grad_(v["decay"] > 1)
        second = copy.deepcopy(model)
        optimizer = SGD(model.parameters(), lr=v["lr"])
        for _ in range(6):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
            with torch.no_grad():
                for p, a, b in zip(
                    model.parameters(), averaged.parameters(), second.parameters(), strict=True
                ):
                    a.mul_(v["decay"]).add_(p, alpha=1 - v["decay"])
                    b.lerp_(p, 1 - v["decay"])
        return metric(averaged) + metric(second)

    agree(train, {"lr": 0.05, "decay": 0.8})


def test_averages_of_torch_over_a_network_with_running_statistics() -> None:
    def train(v: Values) -> Any:
        model = network(nn.Tanh(), nn.BatchNorm1d(8))
        averaged = swa_utils.AveragedModel(model)
        moving = swa_utils.AveragedModel(
            model, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(0.7), use_buffers=True
        )
        optimizer = SGD(model.parameters(), lr=v["lr"])
        for step in range(7):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
            moving.update_parameters(model)
            if step > 3:
                averaged.update_parameters(model)
        swa_utils.update_bn(X.split(20), averaged)
        averaged.eval(), moving.eval()
        with torch.no_grad():
            return metric(averaged).item() + metric(moving).item()

    agree(train, LR)


@pytest.mark.parametrize("momentum", [0.1, None])
def test_running_statistics(momentum: float | None) -> None:
    def train(v: Values) -> Any:
        model = network(nn.BatchNorm1d(8, momentum=momentum), nn.Tanh())
        optimizer = SGD(model.parameters(), lr=v["lr"], momentum=v["momentum"])
        found = []
        for _ in range(5):
            model.train()
            for part in range(2):  # of one step
                x, y = X[part::2], Y[part::2]
                loss_of(model, x, y).backward()
            optimizer.step()
            optimizer.zero_grad()
            model.eval()
            with torch.no_grad():
                found.append(metric(model).item())
        return sum(found)

    values = {"lr": 0.05, "momentum": 0.5}
    agree(train, values)
    run = Run(values)
    with run:
        assert float(train(dict(run.bound))) == pytest.approx(train(values), rel=1e-12)


def reloaded(load: Callable[[nn.Module, Any], nn.Module], save: Callable[[nn.Module], Any]) -> None:
    def train(v: Values) -> Any:
        model = network(nn.Tanh(), nn.BatchNorm1d(8))
        optimizer = Adam(model.parameters(), lr=v["lr"])
        best, kept = math.inf, None
        for step in range(7):
            model.train()
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
            model.eval()
            with torch.no_grad():
                value = metric(model).item() + (step > 3)
            if value < best:
                best, kept = value, save(model)
        model = load(model, kept).eval()
        with torch.no_grad():
            return metric(model).item()

    agree(train, {"lr": 0.02})


def load(model: nn.Module, kept: Any) -> nn.Module:
    model.load_state_dict(kept)
    return model


def load_elsewhere(model: nn.Module, kept: Any) -> nn.Module:
    other = network(nn.Tanh(), nn.BatchNorm1d(8))
    other.load_state_dict(kept)
    return other


@pytest.mark.parametrize("load", [load, load_elsewhere])
def test_the_best_weights_and_statistics_are_loaded_again(
    load: Callable[[nn.Module, Any], nn.Module], tmp_path: Path
) -> None:
    def saved(model: nn.Module) -> Any:
        torch.save(model.state_dict(), tmp_path / "best.pt")
        return torch.load(tmp_path / "best.pt")

    reloaded(load, lambda model: copy.deepcopy(model.state_dict()))
    reloaded(load, lambda model: {k: v.cpu().clone() for k, v in model.state_dict().items()})
    reloaded(load, saved)


def test_the_best_model_is_a_copy() -> None:
    reloaded(lambda model, kept: kept, copy.deepcopy)


def test_a_copy_that_is_trained_on() -> None:
    def train(v: Values) -> Any:
        return metric(trained(v, model=copy.deepcopy(trained(v, steps=3)), steps=3))

    agree(train, SGD_VALUES)


def test_training_by_hand() -> None:
    def train(v: Values) -> Any:
        weights = torch.ones(5, 1, dtype=torch.float64, requires_grad=True)
        bias = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        for _ in range(6):
            loss = ((X @ weights + bias - Y) ** 2).mean() + v["decay"] * (weights**2).sum()
            loss.backward()
            with torch.no_grad():
                weights -= v["lr"] * weights.grad
                bias -= v["lr"] * bias.grad
            weights.grad.zero_()
            bias.grad.zero_()
        return ((X_VAL @ weights + bias - Y_VAL) ** 2).mean().item()

    values = {"lr": 0.05, "decay": 0.02}
    agree(train, values)
    assert follow(train, values).steps == 6
    assert follow(train, values, horizon=2).forgotten == 4


def test_training_by_hand_of_a_network_in_place() -> None:
    def train(v: Values) -> Any:
        model = network()
        for _ in range(4):
            loss_of(model, X, Y).backward()
            with torch.no_grad():
                for p in model.parameters():
                    p.add_(p.grad, alpha=-v["lr"])
                    p.mul_(1 - v["decay"])
            model.zero_grad()
        return metric(model)

    agree(train, {"lr": 0.05, "decay": 0.02})


# -- how the metric is read -----------------------------------------------------------------------


def item(model: nn.Module) -> Any:
    return metric(model).item()


@torch.no_grad()
def without_gradients(model: nn.Module) -> Any:
    model.eval()
    return metric(model).item()


def in_batches(model: nn.Module) -> Any:
    total, count = 0.0, 0
    with torch.inference_mode():
        for x, y in zip(X_VAL.split(8), Y_VAL.split(8), strict=True):
            total += loss_of(model, x, y).item() * len(x)
            count += len(x)
    return total / count


def as_float(model: nn.Module) -> Any:
    with torch.no_grad():
        return float(metric(model))


def best_of_history(model: nn.Module) -> Any:
    history = [metric(model).item() + 1, metric(model).item()]
    return min(history)


def running_mean(model: nn.Module) -> Any:
    with torch.no_grad():
        total = torch.zeros((), dtype=torch.float64)
        for x, y in zip(X_VAL.split(15), Y_VAL.split(15), strict=True):
            total += loss_of(model, x, y)
        return -(1 - (total / 2).item() ** 0.5)


READ = [item, without_gradients, in_batches, as_float, best_of_history, running_mean]


@pytest.mark.parametrize("read", READ)
def test_a_metric_that_was_read_as_a_number_keeps_its_gradient(
    read: Callable[[nn.Module], Any],
) -> None:
    agree(lambda v: read(trained(v)), SGD_VALUES)
    found = follow(lambda v: read(trained(v)), SGD_VALUES)
    assert found.through is not None and found.cut is None


def test_what_is_read_is_a_number_in_every_other_way() -> None:
    def train(v: Values) -> Any:
        model = trained(v)
        with torch.no_grad():
            loss = metric(model)
            single = torch.zeros((), dtype=torch.float32)
            single += loss
            assert single.dtype == torch.float32
            value = loss.item()
            assert np.isfinite(loss.numpy()) and loss.tolist() == value
            assert copy.deepcopy(loss) == loss
        assert isinstance(value, float) and repr(value) == repr(float(value))
        assert type(copy.deepcopy(value)) is float and type(value + 1j) is complex
        assert math.log(value) < value < 10
        return value

    assert follow(train, LR).gradients


def test_losses_that_are_logged_hold_no_graphs() -> None:
    run = Run(LR)
    with run:
        model = network()
        optimizer = SGD(model.parameters(), lr=run.bound["lr"])
        logged = []
        for _ in range(5):
            optimizer.zero_grad()
            loss = loss_of(model, X, Y)
            logged.append(loss.item())
            loss.backward()
            optimizer.step()
    assert [value.reading.tensor for value in logged] == [None] * 5


# -- where it ends --------------------------------------------------------------------------------


def test_the_horizon_is_how_far_it_looks_back() -> None:
    def late(v: Values) -> Any:
        model = network()
        optimizer = SGD(model.parameters(), lr=LR["lr"], momentum=0.5)
        for step in range(8):
            if step == 5:
                optimizer.param_groups[0]["lr"] = v["lr"]
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        return metric(model)

    def train(v: Values) -> Any:
        return metric(trained(v, lambda ps, v: SGD(ps, lr=v["lr"], momentum=0.5)))

    found = follow(train, LR, horizon=3)
    assert (found.steps, found.forgotten) == (8, 5)
    expected = follow(late, LR)
    assert found.gradients["lr"] == pytest.approx(expected.gradients["lr"], rel=1e-12)
    assert found.gradients["lr"] != pytest.approx(follow(train, LR).gradients["lr"], rel=0.1)


def held_by(steps: int, horizon: int | None) -> int:
    """Numbers kept at the peak of a loop that looks back so far."""
    with Held() as held:
        follow(lambda v: without_gradients(trained(v, steps=steps)), LR, horizon)
    return held.peak


def test_memory_grows_with_the_steps_up_to_the_horizon() -> None:
    few, more = held_by(10, None), held_by(40, None)
    assert more == pytest.approx(4 * few, rel=0.1)
    assert held_by(40, 10) == pytest.approx(held_by(80, 10), rel=0.01)
    assert held_by(80, 10) < 1.3 * few


def test_where_memory_runs_short_old_steps_are_let_go_of() -> None:
    # more is held than may be, from the first step on
    found = follow(lambda v: metric(trained(v)), LR, share=-1.0)
    assert 1 <= found.forgotten < found.steps and found.gradients


def test_where_memory_runs_short_an_evaluation_keeps_no_graph() -> None:
    def evaluated(v: Values) -> Any:
        model = trained(v, steps=1)
        with torch.no_grad():
            return sum(metric(model).item() for _ in range(100)) / 100

    assert follow(evaluated, LR).gradients
    assert not follow(evaluated, LR, share=-1.0).gradients


def test_an_optimizer_that_is_not_known_is_named() -> None:
    def train(v: Values) -> Any:
        return metric(trained(v, lambda ps, v: RMSprop(ps, lr=v["lr"])))

    found = follow(train, LR)
    assert not found.gradients
    assert "torch.optim.RMSprop" in str(found.cut) and "RMSprop(ps, lr=v" in str(found.cut)


def halved(parameter: Any) -> None:
    parameter.data.mul_(0.5)


def replaced(parameter: Any) -> None:
    parameter.data = parameter.data / 2


@pytest.mark.parametrize("change", [halved, replaced])
def test_weights_that_are_changed_through_data_are_seen(change: Callable[[Any], None]) -> None:
    def train(v: Values) -> Any:
        model = trained(v)
        for p in model.parameters():
            change(p)
        return metric(model)

    found = follow(train, LR)
    assert not found.gradients and found.cut is not None
    assert "parameter.data" in found.cut.code  # the line that does it, not one that meets with it
    assert number(train(LR)) == pytest.approx(number(train({"lr": LR["lr"]})))


def test_the_best_weights_so_far_are_loaded_again() -> None:
    def train(v: Values) -> Any:
        model = network()
        optimizer = Adam(model.parameters(), lr=v["lr"])
        best, kept = math.inf, model.state_dict()
        for step in range(8):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
            with torch.no_grad():
                value = metric(model).item() + (step > 4)
            if value < best:
                best, kept = value, copy.deepcopy(model.state_dict())
        model.load_state_dict(kept)
        return metric(model)

    agree(train, {"lr": 0.02})


def test_attention_is_differentiated_twice() -> None:
    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.out = nn.Linear(5, 8), nn.Linear(8, 1)
            self.layer = nn.TransformerEncoderLayer(
                8, 2, 8, dropout=0.0, activation="gelu", batch_first=True
            )

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.out(self.layer(self.inner(x).view(-1, 5, 8))[:, 0])  # type: ignore[no-any-return]

    def train(v: Values) -> Any:
        torch.manual_seed(0)
        model = Attention().double()
        optimizer = AdamW(model.parameters(), lr=v["lr"])
        for _ in range(4):
            optimizer.zero_grad()
            loss_of(model, X, Y[::5]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            return loss_of(model, X_VAL, Y_VAL[::5]).item()

    before = torch.backends.cuda.flash_sdp_enabled()
    agree(train, {"lr": 0.01})
    assert torch.backends.cuda.flash_sdp_enabled() == before


def test_what_torch_cannot_differentiate_twice_is_said_and_fails_no_trial() -> None:
    class Distances(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cdist(x, torch.ones(8, 8, dtype=x.dtype), p=3.0)

    found = follow(lambda v: metric(trained(v, model=network(Distances()))), LR)
    assert "cannot go back through the training" in str(found.cut)


def test_weights_that_are_loaded_before_training_lose_nothing() -> None:
    start = network(nn.ReLU()).state_dict()

    def train(v: Values) -> Any:
        model = network()
        optimizer = SGD(model.parameters(), lr=v["lr"])
        model.load_state_dict(start)
        nn.init.ones_(model[2].bias)
        for _ in range(4):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        return metric(model)

    agree(train, LR)


@pytest.mark.parametrize(
    ("read", "how"),
    [
        (lambda loss: loss.detach(), ".detach()"),
        (lambda loss: loss.data, ".data"),
        (lambda loss: float(loss.detach().numpy()), ".detach()"),
        (lambda loss: np.float32(loss.item()), ".item()"),
    ],
)
def test_the_line_that_cut_the_graph_is_named(read: Callable[[Any], Any], how: str) -> None:
    def train(v: Values) -> Any:
        loss = metric(trained(v))
        return read(loss)

    found = follow(train, LR)
    assert not found.gradients and found.cut is not None
    assert found.cut.how == how and found.cut.file == __file__
    assert "lambda loss:" in found.cut.code


def test_a_hyperparameter_that_torch_takes_as_a_number_only() -> None:
    def train(v: Values) -> Any:
        torch.manual_seed(1)
        model = network(nn.Dropout(v["share"]))
        return metric(trained(v, model=model))

    found = follow(train, {"lr": 0.05, "momentum": 0.5, "decay": 0.01, "share": 0.3})
    assert found.gradients.keys() == {"lr", "momentum", "decay"}
    assert "takes a number" in str(found.lost["share"])


def test_what_outlives_the_trial_is_plain() -> None:
    for name in ("momentum", "adam"):
        values, make = OPTIMIZERS[name]

        def train(v: Values, make: Any = make) -> tuple[Any, Any, Any]:
            model = network()
            optimizer = make(model.parameters(), v)
            for _ in range(4):
                optimizer.zero_grad()
                loss_of(model, X, Y).backward()
                optimizer.step()
            with torch.no_grad():
                value = metric(model).item() / 2
            return model, optimizer, value

        def go_on(model: Any, optimizer: Any) -> list[float]:
            for _ in range(3):
                optimizer.zero_grad()
                loss_of(model, X, Y).backward()
                optimizer.step()
            assert model[0].weight.grad.grad_fn is None
            return metric(model).tolist()  # type: ignore[no-any-return]

        run = Run(values)
        with run:
            model, optimizer, value = train(dict(run.bound))
            assert run.find(value, {}).gradients
        assert value.reading.tensor is None and model[0].weight.grad.grad_fn is None
        assert all(
            type(o) in (float, bool, tuple, type(None), int, list)
            for group in optimizer.param_groups
            for o in group.values()
        )
        plain = train(values)
        assert go_on(model, optimizer) == pytest.approx(go_on(*plain[:2]), rel=1e-10)
        assert len(run.tape) == 0


def test_nothing_of_torch_is_left_behind() -> None:
    before = torch.optim.Optimizer.__init__, Adam.__init__, torch.autograd.backward
    follow(lambda v: metric(trained(v)), LR)
    assert (torch.optim.Optimizer.__init__, Adam.__init__, torch.autograd.backward) == before
    assert not _get_current_function_mode_stack()
    gc.collect()
    model = network()
    optimizer = SGD(model.parameters(), lr=0.1)
    assert "step" not in vars(optimizer)
    loss_of(model, X, Y).backward()
    assert model[0].weight.grad is not None and model[0].weight.grad.grad_fn is None


def test_weights_that_something_else_trains_are_trained_all_the_same() -> None:
    def train(v: Values, optimizer: Any = None) -> Any:
        model = network()
        steps = SGD(model[0].parameters(), lr=0.05)
        kept = []
        for _ in range(4):
            model.zero_grad()
            loss_of(model, X, Y).backward()
            steps.step()
            with torch.no_grad():  # the rest by hand, or by an optimizer of one's own
                for p in model[2].parameters():
                    p.add_(p.grad + 0.01 * p, alpha=-v["lr"])
            kept.append(metric(model).item())
        return kept[-1]

    found = follow(train, LR)
    assert not found.gradients and "weights changed in place in line" in str(found.cut)
    assert "p.add_(p.grad" in str(found.cut)
    run = Run(LR)
    with run:
        assert float(train(run.bound)) == pytest.approx(train(LR), rel=1e-12)


def test_what_is_compiled_is_followed_as_it_was_written() -> None:
    def train(v: Values) -> Any:
        model = torch.compile(network())

        @torch.compile(mode="max-autotune")
        def loss(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return loss_of(model, x, y)

        optimizer = SGD(model.parameters(), lr=v["lr"])
        for _ in range(3):
            optimizer.zero_grad()
            loss(X, Y).backward()
            optimizer.step()
        return metric(model)

    before = torch.compile
    assert follow(train, LR).gradients
    assert torch.compile is before


def test_weights_that_are_drawn_anew() -> None:
    def train(v: Values) -> Any:
        torch.manual_seed(1)
        model = network(nn.Linear(8, 8), nn.LeakyReLU())
        optimizer = SGD(model.parameters(), lr=v["lr"])
        for layer in (model[0], model[1]):
            nn.init.kaiming_uniform_(layer.weight, a=v["leak"])
            nn.init.normal_(layer.bias, std=v["leak"])
        for _ in range(3):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        return metric(model)

    values = {"lr": 0.05, "leak": 0.3}
    found = follow(train, values)
    assert found.gradients["lr"] == pytest.approx(difference(train, values, "lr"), rel=1e-5)
    assert "kaiming_uniform_() takes a number" in str(found.lost["leak"])


def test_an_initial_scale_is_a_hyperparameter_of_the_weights() -> None:
    def train(v: Values, make: Any = SGD) -> Any:
        model = network()
        with torch.no_grad():
            for p in model.parameters():
                p.mul_(v["scale"])
        optimizer = make(model.parameters(), lr=0.05)
        for _ in range(3):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        return metric(model)

    agree(train, {"scale": 0.7})
    run = Run({"scale": 0.7})
    with run:  # of an optimizer that is not followed the steps are those of torch
        found = train(run.bound, RMSprop).item()
    assert found == pytest.approx(train({"scale": 0.7}, RMSprop).item(), rel=1e-12)

"""Derivatives carried forwards: those of the way back, in memory that steps do not add to."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import test_train
import torch
from differences import (
    X_VAL,
    Y_VAL,
    Held,
    Values,
    X,
    Y,
    difference,
    follow,
    loss_of,
    network,
    within,
)
from test_train import BATCHES, SETTINGS, mse
from test_unrolled import LR, OPTIMIZERS, SCHEDULES, metric, trained
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.optim import SGD, RMSprop, swa_utils

from jupyter_hpo import Float, train, tune
from jupyter_hpo.errors import GradientError, UsageError
from jupyter_hpo.optimizers.gradient.words import why
from jupyter_hpo.unrolled.forward import FEW, Forward
from jupyter_hpo.unrolled.run import Found

SAME = 1e-10  # of both ways, which sum up in another order


def forward(training: Callable[[Values], Any], values: Any) -> Found:
    return within(Forward(values, always=True), training)


def agrees(training: Callable[[Values], Any], values: Any) -> None:
    """Raise AssertionError unless it is the gradient of the way back, and of differences."""
    found, back = forward(training, values), follow(training, values)
    assert found.carried == found.steps > 0 and not found.forgotten
    assert found.gradients == pytest.approx(back.gradients, rel=SAME)
    for name, gradient in found.gradients.items():
        assert gradient == pytest.approx(difference(training, values, name), rel=1e-5)


# -- ordinary loops -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps(name: str) -> None:
    values, make = OPTIMIZERS[name]
    agrees(lambda v: metric(trained(v, make)), values)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_clipping_and_a_history_of_evaluations(name: str) -> None:
    values, make = OPTIMIZERS["momentum"]

    def training(v: Values) -> Any:
        model, losses = network(), []
        optimizer = make(model.parameters(), v)
        schedule = SCHEDULES[name](optimizer)
        for _ in range(7):
            optimizer.zero_grad()
            loss = loss_of(model, X, Y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            optimizer.step()
            schedule.step()
            with torch.no_grad():
                parts = zip(X_VAL.split(10), Y_VAL.split(10), strict=True)
                losses.append(sum(loss_of(model, *part).item() for part in parts) / 3)
        return min(losses) + sum(losses) / len(losses)

    agrees(training, values)


def test_what_the_loss_is_calculated_with_and_a_schedule_by_hand() -> None:
    def training(v: Values) -> Any:
        torch.manual_seed(0)
        model = network(nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2))
        rate = v["lr"]
        optimizer = SGD(model.parameters(), lr=rate, momentum=0.5)
        for _ in range(6):
            rate = rate * 0.9
            optimizer.param_groups[0]["lr"] = rate
            optimizer.zero_grad()
            penalty = sum((p**2).sum() for p in model.parameters())
            (loss_of(model, X * v["scale"], Y) + v["penalty"] * penalty).backward()
            optimizer.step()
        return metric(model) * v["scale"]

    agrees(training, {"lr": 0.05, "scale": 1.2, "penalty": 0.01})


def held_graph(training: Callable[[int], object], steps: int) -> int:
    """Numbers kept for the way back at the peak."""
    with Held() as held:
        training(steps)
    return held.peak


def evaluated(v: Values, steps: int) -> Any:
    """A loop that evaluates after each step, and whose rate has a history of its own."""
    model = network()
    optimizer = SGD(model.parameters(), lr=v["lr"], momentum=0.5)
    schedule = SCHEDULES["exponential"](optimizer)
    loss = 0.0
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(model, X, Y).backward()
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            loss = metric(model).item()
    return loss


def test_training_by_hand() -> None:
    def training(v: Values) -> Any:
        weights = torch.zeros(5, 1, dtype=torch.float64, requires_grad=True)
        for _ in range(6):
            loss = ((X @ weights - Y) ** 2).mean() + v["decay"] * (weights**2).sum()
            loss.backward()
            with torch.no_grad():
                weights -= v["lr"] * weights.grad
            weights.grad = None
        return ((X_VAL @ weights - Y_VAL) ** 2).mean().item()

    agrees(training, {"lr": 0.05, "decay": 0.02})


def test_running_statistics_and_averages_of_the_weights() -> None:
    def training(v: Values) -> Any:
        model = network(nn.Tanh(), nn.BatchNorm1d(8))
        averaged = swa_utils.AveragedModel(model)
        optimizer = SGD(model.parameters(), lr=v["lr"])
        losses = []
        for _ in range(4):
            model.train()
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
            averaged.update_parameters(model)
            model.eval()
            with torch.no_grad():
                losses.append(metric(model).item())
        averaged.eval()
        with torch.no_grad():
            return float(np.mean(losses)) if v["alone"] < 0.5 else metric(averaged).item()

    for alone in (0.0, 1.0):
        agrees(lambda v, alone=alone: training({**v, "alone": alone}), LR)  # type: ignore[misc]


def test_what_was_read_before_training_depends_on_nothing() -> None:
    def training(v: Values) -> Any:
        model = network()
        before = metric(model).item()
        optimizer = SGD(model.parameters(), lr=v["lr"])
        loss_of(model, X, Y).backward()
        optimizer.step()
        return before

    found = forward(training, LR)
    assert not found.gradients and "nothing of torch leads" in str(found.cut)


def saved(model: nn.Module) -> io.BytesIO:
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return file


def load(model: nn.Module, best: Any) -> None:
    model.load_state_dict(best)


def load_saved(model: nn.Module, best: io.BytesIO) -> None:
    best.seek(0)
    model.load_state_dict(torch.load(best, weights_only=True))


def load_each(model: nn.Module, best: Any) -> None:
    for parameter, values in zip(model.parameters(), best, strict=True):
        parameter.data.copy_(torch.as_tensor(values))


KEPT: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], None]]] = {
    "deepcopy": (lambda model: copy.deepcopy(model.state_dict()), load),
    "clone": (lambda model: {k: v.cpu().clone() for k, v in model.state_dict().items()}, load),
    "data": (lambda model: [p.data.clone() for p in model.parameters()], load_each),
    "numpy": (lambda model: [p.detach().numpy().copy() for p in model.parameters()], load_each),
    "file": (saved, load_saved),
}


def best_again(
    save: Callable[[Any], Any], put_back: Callable[[Any, Any], None], steps: int = 6, at: int = 2
) -> Callable[[Values], Any]:
    """A loop that keeps all weights up to one step, and in the end goes back to those of it."""

    def training(v: Values) -> Any:
        model = network()
        optimizer = SGD(model.parameters(), lr=v["lr"], momentum=0.5)
        for step in range(steps):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
            if step <= at:
                best = save(model)
        put_back(model, best)
        return metric(model)

    return training


@pytest.mark.parametrize("name", KEPT)
def test_the_best_weights_are_known_again(name: str) -> None:
    training = best_again(*KEPT[name])
    found, back = forward(training, LR), follow(training, LR)
    assert found.gradients == pytest.approx(back.gradients, rel=SAME) and found.carried == 6
    assert found.gradients["lr"] == pytest.approx(difference(training, LR, "lr"), rel=1e-5)
    short = within(Forward(LR, share=-1.0), training)
    assert short.gradients == pytest.approx(back.gradients, rel=SAME)


def test_weights_that_the_cell_keeps_nowhere_are_not_known_again() -> None:
    files: list[io.BytesIO] = []

    def save(model: nn.Module) -> io.BytesIO:
        files.append(saved(model))  # what stands for the last one is kept, for no others
        return files[0]

    found = forward(best_again(save, load_saved), LR)
    assert not found.gradients and found.cut is not None
    assert "changed in place while derivatives go forwards in line" in str(found.cut)
    assert "load_state_dict(torch.load(best" in str(found.cut)
    assert "best = copy.deepcopy(model.state_dict())" in why(found.cut)


def test_best_weights_do_not_add_to_its_memory_by_steps() -> None:
    def of(steps: int) -> None:
        training = best_again(*KEPT["deepcopy"], steps=steps, at=steps)
        assert forward(training, LR).carried == steps

    assert held_graph(of, 60) < 1.05 * held_graph(of, 5)


def test_steps_do_not_add_to_its_memory() -> None:
    def of(steps: int) -> None:
        assert forward(lambda v: evaluated(v, steps), LR).carried == steps

    few, many = held_graph(of, 5), held_graph(of, 60)
    assert many < 1.05 * few
    back = [held_graph(lambda n: follow(lambda v: evaluated(v, n), LR), n) for n in (5, 60)]
    assert back[1] > 8 * back[0]


def test_where_memory_runs_short_it_is_gone_forward_and_nothing_is_lost() -> None:
    values = {"lr": 0.05, "momentum": 0.8, "decay": 0.02}
    training: Callable[[Values], Any] = lambda v: metric(trained(v))  # noqa: E731
    enough, short = Forward(values), Forward(values, share=-1.0)
    whole, carried = within(enough, training), within(short, training)
    assert (whole.carried, carried.carried, carried.forgotten) == (0, 8, 0)
    assert carried.gradients == pytest.approx(whole.gradients, rel=SAME)


def test_evaluations_of_long_before_count_also_where_memory_is_short() -> None:
    def training(v: Values) -> Any:
        model, losses = network(), []
        optimizer = SGD(model.parameters(), lr=v["lr"])
        for _ in range(5):
            with torch.no_grad():
                losses.append(metric(model).item())
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        return sum(losses) / 5

    short = within(Forward(LR, share=-1.0), training)
    assert short.gradients == pytest.approx(follow(training, LR).gradients, rel=SAME)


def test_of_many_hyperparameters_old_steps_are_let_go_of() -> None:
    values = {"lr": 0.05, **{f"h{k}": 1.0 for k in range(FEW)}}
    found = within(Forward(values, share=-1.0), lambda v: metric(trained(v)))
    assert found.forgotten > 0 == found.carried


class Once(torch.autograd.Function):
    """Twice the input, whose slope has a slope and no other one beyond."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return 2 * x

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> Tensor:
        made: Tensor = Twice.apply(slope)
        return made


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, slope: Tensor) -> Tensor:
        return 2 * slope

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> Tensor:
        return 2 * slope


def halved(v: Values, function: Any = Once) -> Any:
    model = network()
    optimizer = SGD(model.parameters(), lr=v["lr"])
    for _ in range(3):
        optimizer.zero_grad()
        (function.apply(model(X)) - Y).square().mean().backward()
        optimizer.step()
    return metric(model)


def test_a_step_that_cannot_be_differentiated_so_often_is_named() -> None:
    assert follow(halved, LR).gradients
    found = forward(halved, LR)
    assert not found.gradients and "carry derivatives through this step" in str(found.cut)
    assert "optimizer.step()" in str(found.cut)
    # by itself it goes back instead, as far as the memory goes
    short = within(Forward(LR, share=-1.0), halved)
    assert short.gradients and 0 < short.forgotten <= 3 and not short.carried


def test_a_function_that_can_be_differentiated_once_is_named_either_way() -> None:
    for found in (follow(lambda v: halved(v, Twice), LR), forward(lambda v: halved(v, Twice), LR)):
        assert not found.gradients and "marked @once_differentiable" in str(found.cut)


def test_an_optimizer_that_is_not_known_is_named() -> None:
    found = forward(lambda v: metric(trained(v, lambda ps, v: RMSprop(ps, lr=v["lr"]))), LR)
    assert not found.gradients and "torch.optim.RMSprop" in str(found.cut)


# -- train() --------------------------------------------------------------------------------------


def through(name: str, mode: Any, **more: Any) -> Callable[[Values], Tensor]:
    return lambda v: mse(test_train.trained(name, v, mode=mode, **more), X_VAL, Y_VAL)


def slopes_of(training: Callable[[Values], Tensor], values: Any) -> dict[str, float]:
    leaves = {
        name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
        for name, value in values.items()
    }
    training(leaves).backward()
    return {name: float(leaf.grad) for name, leaf in leaves.items()}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SETTINGS)
def test_train_goes_forward_to_the_same_digits(name: str) -> None:
    values = SETTINGS[name][0]
    found = slopes_of(through(name, "forward"), values)
    assert found == pytest.approx(slopes_of(through(name, "reverse"), values), rel=SAME)
    for key, slope in found.items():
        expected = difference(through(name, "forward"), values, key)
        assert slope == pytest.approx(expected, rel=1e-5)


def test_train_forward_with_dropout_batch_norm_frozen_weights_and_vectors() -> None:
    def run(mode: Any) -> tuple[Any, ...]:
        torch.manual_seed(0)
        model = network(nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.3))
        model[0].bias.requires_grad_(False)
        scales = torch.linspace(0.5, 1.5, 5, dtype=torch.float64, requires_grad=True)
        rate = torch.tensor(0.05, dtype=torch.float64, requires_grad=True)

        def loss(model: Any, x: Tensor, y: Tensor) -> Tensor:
            return mse(model, x * scales, y)

        done = train(model, loss, BATCHES, steps=9, lr=rate * 2, momentum=0.5, mode=mode)
        mse(done, X_VAL, Y_VAL).backward()
        return rate.grad, scales.grad, done.losses, list(model.state_dict().values())

    for ours, theirs in zip(run("forward"), run("reverse"), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


def test_trains_memory_does_not_grow_with_steps() -> None:
    def of(mode: str) -> Callable[[int], object]:
        def run(steps: int) -> None:
            rate = torch.tensor(0.05, dtype=torch.float64, requires_grad=True)
            done = train(network(), mse, BATCHES, steps=steps, lr=rate, mode=mode)  # type: ignore[arg-type]
            mse(done, X_VAL, Y_VAL).backward()

        return run

    assert held_graph(of("forward"), 64) <= held_graph(of("forward"), 4)
    assert held_graph(of("reverse"), 64) > 2 * held_graph(of("reverse"), 4)


def test_auto_goes_forward_over_a_long_way_by_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_hpo.unrolled.training.LONG", 6)

    def kept(values: Any, **options: Any) -> int:
        """Numbers that are kept once the training is done, for the way back."""
        with Held() as held:
            made = through("sgd", "auto", **options)(
                {k: torch.tensor(v, requires_grad=True) for k, v in values.items()}
            )
            assert made.requires_grad
        return held.peak

    few, many = {"lr": 0.05, "momentum": 0.5}, {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.1}
    assert kept(few) > 2 * kept(many)  # going back, the training itself keeps nothing yet
    assert kept(few, checkpoint=3) == kept(many)


def test_auto_goes_back_where_a_step_cannot_be_differentiated_so_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jupyter_hpo.unrolled.training.LONG", 1)

    def loss(model: Any, x: Tensor, y: Tensor) -> Tensor:
        return ((Once.apply(model(x)) - y) ** 2).mean()

    def run(mode: Any) -> tuple[float, Any, Any]:
        torch.manual_seed(0)
        model = network(nn.BatchNorm1d(8), nn.Dropout(0.3))
        rate = torch.tensor(0.05, dtype=torch.float64, requires_grad=True)
        done = train(model, loss, BATCHES, steps=5, lr=rate, mode=mode)
        mse(done, X_VAL, Y_VAL).backward()
        assert rate.grad is not None
        return rate.grad.item(), done.losses, model[1].running_mean

    torch.testing.assert_close(run("auto"), run("reverse"))
    with pytest.raises(GradientError, match="cannot carry derivatives through a step"):
        run("forward")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"mode": "backward"}, "'auto', 'forward' and 'reverse'"),
        ({"mode": "forward", "horizon": 3}, "leave out horizon="),
        ({"mode": "forward", "checkpoint": 2}, "checkpoint="),
        ({"mode": "forward", "optimizer": "rmsprop"}, "there are 'sgd', 'adam', 'adamw'"),
    ],
)
def test_mistakes_in_train(options: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        train(network(), mse, BATCHES, **options)


# -- the optimizer --------------------------------------------------------------------------------

SPACE = {"lr": Float(1e-3, 1.0, log=True, default=0.01)}


def objective(params: Any) -> Any:
    return metric(trained(params)).item()


def test_a_study_by_either_mode() -> None:
    back, onward = (
        tune(objective, SPACE, optimizer=f"gradient(mode='{mode}')", trials=4)
        for mode in ("reverse", "forward")
    )
    for one, other in zip(back.trials, onward.trials, strict=True):
        assert one.params["lr"] == pytest.approx(other.params["lr"], rel=1e-8)
        assert one.info["gradient_lr"] == pytest.approx(other.info["gradient_lr"], rel=1e-6)
    assert onward.trials[0].info["steps_carried_forward"] == 8
    assert onward.trials[0].info["finite_difference_ratio"] == pytest.approx(1.0, abs=1e-4)
    assert "steps_carried_forward" not in back.trials[0].info


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("mode='forward', horizon=3", "leave out horizon="),
        ("mode='forward', inner_loss='loss'", "leave one of them out"),
        ("mode='sideways'", "mode"),
    ],
)
def test_mistakes_in_the_optimizers_options(options: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        tune(objective, SPACE, optimizer=f"gradient({options})", trials=1)


def test_strict_says_why_nothing_can_be_carried_forwards() -> None:
    with pytest.raises(GradientError, match="cannot carry derivatives"):
        tune(halved, SPACE, optimizer="gradient(mode='forward', strict=True)", trials=1)

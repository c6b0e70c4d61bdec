"""Hyperparameters adapted while a trial trains: by the published rules, within their ranges."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from differences import X_VAL, Y_VAL, X, Y, loss_of, network
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, RMSprop, lr_scheduler

from jupyter_hpo import Float, Int, tune
from jupyter_hpo.errors import GradientError, UsageError
from jupyter_hpo.unrolled.adapted import Adapted
from jupyter_hpo.unrolled.online import Online, Range

CURVED = torch.diag(torch.tensor([1.0, 4.0, 9.0], dtype=torch.float64))
START = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
WIDE = Range(1e-8, 1e8, log=True)
STEPS = 12
Make = Callable[[Any, Mapping[str, Any]], Any]


def quadratic(weights: Tensor) -> Tensor:
    return 0.5 * weights @ CURVED @ weights


def cosine(one: Tensor, other: Tensor) -> float:
    return float(one @ other / (one.norm() * other.norm()))


def adapted(
    make: Make, online: Online, steps: int = STEPS, after: Callable[[Any], Any] = lambda o: None
) -> tuple[Tensor, list[dict[str, float]]]:
    """The weights after so many steps on the quadratic, and the values that each was made with."""
    path = []
    with online:
        weights = START.clone().requires_grad_()
        optimizer = make([weights], online.numbers)
        for _ in range(steps):
            optimizer.zero_grad()
            quadratic(weights).backward()
            optimizer.step()
            path.append(dict(online.values))
            after(optimizer)
    return weights.detach(), path


# -- the rule -------------------------------------------------------------------------------------


def test_sgd_by_the_published_rule() -> None:
    """Baydin et al.: a_t = a_(t-1) (1 + β cos(∇f(w_(t-1)), ∇f(w_(t-2)))), and then the step."""
    online = Online({"lr": 0.01}, {"lr": WIDE}, 0.1)
    weights, path = adapted(lambda ps, v: SGD(ps, lr=v["lr"]), online)
    expected, rate, before, rates = START.clone(), 0.01, None, []
    for _ in range(STEPS):
        slope = CURVED @ expected
        if before is not None:
            rate *= 1 + 0.1 * cosine(slope, before)
        before, expected = slope, expected - rate * slope
        rates.append(rate)
    assert [each["lr"] for each in path] == pytest.approx(rates, rel=1e-12)
    torch.testing.assert_close(weights, expected, rtol=1e-12, atol=0)
    assert rates[-1] > 1.5 * rates[0]


def test_adam_by_the_derivative_of_its_step() -> None:
    online = Online({"lr": 0.01}, {"lr": WIDE}, 0.1)
    weights, path = adapted(lambda ps, v: Adam(ps, lr=v["lr"], betas=(0.8, 0.9)), online)
    expected, rate, along = START.clone(), 0.01, None
    mean, square = torch.zeros(3).double(), torch.zeros(3).double()
    for t in range(1, STEPS + 1):
        slope = CURVED @ expected
        if along is not None:
            rate *= 1 - 0.1 * cosine(slope, along)
        mean, square = 0.8 * mean + 0.2 * slope, 0.9 * square + 0.1 * slope**2
        along = -(mean / (1 - 0.8**t)) / ((square / (1 - 0.9**t)).sqrt() + 1e-8)
        expected = expected + rate * along
        assert path[t - 1]["lr"] == pytest.approx(rate, rel=1e-12)
    torch.testing.assert_close(weights, expected, rtol=1e-12, atol=0)


def test_weight_decay_is_adapted_by_steps_of_its_range() -> None:
    """SGD: the weights' derivative by the decay is -lr times the weights before the step."""
    scale = Range(0.0, 2.0, log=False)
    online = Online({"decay": 0.5}, {"decay": scale}, 0.2)
    weights, path = adapted(lambda ps, v: SGD(ps, lr=0.05, weight_decay=v["decay"]), online)
    expected, decay, before = START.clone(), 0.5, None
    for values in path:
        slope = CURVED @ expected
        if before is not None:
            decay -= 0.2 * 0.1 * 2.0 * cosine(slope, -before)
        before, expected = expected, expected - 0.05 * (slope + decay * expected)
        assert values["decay"] == pytest.approx(decay, rel=1e-12)
    torch.testing.assert_close(weights, expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("kind", ["nesterov", "amsgrad", "adamw", "maximize"])
def test_any_option_by_a_finite_difference_of_one_step(kind: str) -> None:
    """β c is what the difference quotient of the next loss by the option says, made a cosine."""
    makes: dict[str, Make] = {
        "nesterov": lambda ps, v: SGD(
            ps, v["lr"], momentum=0.8, nesterov=True, weight_decay=v["decay"]
        ),
        "amsgrad": lambda ps, v: Adam(ps, v["lr"], eps=0.5, amsgrad=True, weight_decay=v["decay"]),
        "adamw": lambda ps, v: AdamW(ps, v["lr"], weight_decay=v["decay"]),
        "maximize": lambda ps, v: SGD(ps, v["lr"], maximize=True, weight_decay=v["decay"]),
    }
    start, wide = {"lr": 0.02, "decay": 0.1}, {"lr": WIDE, "decay": WIDE}
    path = adapted(makes[kind], Online(start, wide, 0.1), steps=2)[1]

    def once(values: Mapping[str, float]) -> Tensor:
        weights = START.clone().requires_grad_()
        quadratic(weights).backward()
        makes[kind]([weights], values).step()
        return weights.detach()

    sign = -1 if kind == "maximize" else 1
    for key, value in start.items():
        up, down = (once({**start, key: value * (1 + h)}) for h in (1e-6, -1e-6))
        change = 1 - 0.1 * sign * cosine(CURVED @ once(start), up - down)
        assert path[1][key] == pytest.approx(value * change, rel=1e-6)


def test_bounds_are_kept() -> None:
    tight = Range(0.009, 0.011, log=True)
    for start, end in ((0.0101, 0.011), (0.0099, 0.011)):
        online = Online({"lr": start}, {"lr": tight}, 0.5)
        path = adapted(lambda ps, v: SGD(ps, lr=v["lr"]), online)[1]
        assert all(0.009 <= each["lr"] <= 0.011 for each in path) and path[-1]["lr"] == end


@pytest.mark.parametrize("slots", [["lr"], ["lr", "weight_decay"]])
@pytest.mark.parametrize("name", ["momentum", "adam", "adamw"])
def test_hardly_adapted_it_trains_as_torch_does(name: str, slots: list[str]) -> None:
    makes: dict[str, Make] = {
        "momentum": lambda ps, v: SGD(ps, v["lr"], momentum=0.9, weight_decay=v["decay"]),
        "adam": lambda ps, v: Adam(ps, v["lr"], weight_decay=v["decay"]),
        "adamw": lambda ps, v: AdamW(ps, v["lr"], weight_decay=v["decay"]),
    }

    def trained(values: Mapping[str, Any]) -> Any:
        model = network()
        optimizer = makes[name](model.parameters(), values)

        def closure() -> Any:
            optimizer.zero_grad(set_to_none=False)
            loss = loss_of(model, X, Y)
            loss.backward()
            return loss

        for _ in range(8):
            assert optimizer.step(closure) > 0
        return model

    values = {"lr": 0.02, "decay": 0.0}
    online = Online(values, {"lr": WIDE, "decay": Range(0.0, 1.0, log=False)}, 1e-14, slots)
    with online:
        ours = trained(online.numbers)
    for one, other in zip(ours.parameters(), trained(values).parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


# -- what the cell makes of the number ------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "factor"),
    [
        (lambda o: lr_scheduler.ExponentialLR(o, 0.9), lambda t: 0.9**t),
        (lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + t)), lambda t: 1 / (1 + t)),
        (lambda o: lr_scheduler.StepLR(o, 3, 0.5), lambda t: 0.5 ** (t // 3)),
        (
            lambda o: lr_scheduler.CosineAnnealingLR(o, 20),
            lambda t: (1 + math.cos(math.pi * t / 20)) / 2,
        ),
    ],
)
def test_a_schedule_goes_on_around_the_adapted_rate(schedule: Any, factor: Any) -> None:
    online, rates, made = Online({"lr": 0.01}, {"lr": WIDE}, 0.1), [], []

    def make(ps: Any, v: Any) -> Any:
        optimizer = SGD(ps, lr=v["lr"], momentum=0.5)
        made.append(schedule(optimizer))
        return optimizer

    def after(optimizer: Any) -> None:
        rates.append(float(optimizer.param_groups[0]["lr"]))
        made[0].step()

    path = adapted(make, online, after=after)[1]
    assert len({each["lr"] for each in path}) == STEPS
    expected = [each["lr"] * factor(t) for t, each in enumerate(path)]
    assert rates == pytest.approx(expected, rel=1e-10)


def test_groups_with_shares_of_the_rate() -> None:
    online = Online({"lr": 0.02}, {"lr": WIDE}, 0.1)
    with online:
        model = network()
        rate = online.numbers["lr"]
        groups = [
            {"params": model[0].parameters(), "lr": np.float64(0.1) * rate},
            {"params": model[2].parameters()},
        ]
        optimizer = Adam(groups, lr=rate / 2)
        for _ in range(5):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        now = online.values["lr"]
        assert now > 0.021
        assert [g["lr"] for g in optimizer.param_groups] == pytest.approx([0.1 * now, now / 2])
    assert all(type(group["lr"]) is float for group in optimizer.param_groups)
    assert "step" not in vars(optimizer)
    optimizer.step()  # torch's own


def test_what_is_not_adapted_is_named() -> None:
    online = Online({"lr": 0.01}, {"lr": WIDE}, 0.1)
    adapted(lambda ps, v: RMSprop(ps, lr=v["lr"]), online)
    assert not online.adapted and "torch.optim.RMSprop is none of SGD" in str(online.cuts["lr"])

    def plainly(optimizer: Any) -> None:
        optimizer.param_groups[0]["lr"] = 0.005

    online = Online({"lr": 0.01}, {"lr": WIDE}, 0.1)
    weights, path = adapted(lambda ps, v: SGD(ps, lr=v["lr"]), online, after=plainly)
    assert {each["lr"] for each in path} == {0.01}
    assert "a plain number from here on in line" in str(online.cuts["lr"])
    expected = adapted(lambda ps, v: SGD(ps, lr=0.005), online, steps=STEPS - 1)[0]
    one_step = adapted(lambda ps, v: SGD(ps, lr=0.01), online, steps=1)[0]
    torch.testing.assert_close(weights, expected / START * one_step, rtol=1e-12, atol=0)


NUMBERS = st.floats(0.01, 100.0)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_its_arithmetic_is_that_of_floats_and_follows_the_hyperparameter(
    h: float, then: float, a: float, b: float
) -> None:
    def used(x: Any) -> list[Any]:
        many = [x + a, a + x, x - a, a - x, x * a, a * x, x / a, -x, +x, np.float64(a) * x]
        return [*many, (x * a + b) / 3 - x, max(x * a, 0.0), x + x * b]

    number = Adapted.of(h, 0.0, {"h": 1.0})
    assert used(number) == used(h)
    for one, other in zip(used(number), used(then), strict=True):
        assert one.at({"h": then}) == pytest.approx(other, rel=1e-9, abs=1e-9)
    for curved in (lambda x: a / x, lambda x: x**2, lambda x: x * x, lambda x: x / (x + a)):
        made: Any = curved(number)
        step = 1e-6 * h
        slope = (curved(h + step) - curved(h - step)) / (2 * step)
        assert made == curved(h) and made.at({"h": h}) == pytest.approx(made, rel=1e-9)
        assert made.slopes["h"] == pytest.approx(slope, rel=1e-5)


def test_to_all_others_it_is_a_float() -> None:
    number = Adapted.of(0.5, 0.0, {"h": 1.0})
    assert type(pickle.loads(pickle.dumps(number))) is float
    assert copy.deepcopy([number])[0] is number
    assert json.dumps(number) == "0.5" and f"{number:.2f}" == "0.50" and str(number) == "0.5"
    assert np.log(number) == np.log(0.5) and np.array([number]).dtype == np.float64
    assert type(number * np.ones(2)) is np.ndarray and number * 1j == 0.5j
    assert type(number * torch.ones(2)) is Tensor and round(number) == 0
    with pytest.raises(TypeError):
        number + "x"
    with pytest.raises(ZeroDivisionError):
        number / 0


# -- in a study -----------------------------------------------------------------------------------

SPACE = {
    "lr": Float(1e-3, 0.5, log=True, default=2e-3),
    "decay": Float(1e-6, 1e-1, log=True, default=1e-3),
    "width": Int(4, 8, default=8),
    "scale": Float(0.5, 2.0, default=1.0),
}


def objective(params: Mapping[str, Any], trial: Any) -> Any:
    assert all(isinstance(params[name], float) for name in ("lr", "decay"))
    model = network()
    optimizer = SGD(model.parameters(), params["lr"], momentum=0.9, weight_decay=params["decay"])
    value = 0.0
    for epoch in range(4):
        for _ in range(5):
            optimizer.zero_grad()
            loss_of(model, X, Y).backward()
            optimizer.step()
        with torch.no_grad():
            value = loss_of(model, X_VAL, Y_VAL).item()
        trial.report(value, step=2 * epoch)
    return value


def study_of(how: str = "online=True", trials: int = 4, code: Any = objective) -> Any:
    return tune(code, SPACE, optimizer=f"gradient({how})", trials=trials)


def test_trials_have_their_start_and_the_path_by_report() -> None:
    study = study_of()
    for trial in study.trials:
        path = trial.info["path_lr"]
        assert [step for step, _ in path] == [report.step for report in trial.reports]
        assert all(1e-3 <= value <= 0.5 for _, value in path)
        assert path[-1][1] == trial.info["online_lr"] != trial.params["lr"]
        assert type(trial.params["lr"]) is float and "path_decay" not in trial.info
        json.dumps(dict(trial.info))
    assert study.trials[0].params == {"lr": 2e-3, "decay": 1e-3, "width": 8, "scale": 1.0}
    fixed = tune(objective, SPACE, optimizer="random", trials=1)
    assert study.trials[0].value < fixed.trials[0].value  # its rate is too small
    notes = " ".join(study.record.info.notes)
    assert "adapts learning rates among lr, decay and scale while each trial trains" in notes
    assert "Not adapted" not in notes
    assert "training took lr from 0.002 to" in notes
    assert study.trials_dataframe()["info_online_lr"].notna().all()


class Early:
    """A pruner that ends the second trial."""

    def prune(self, trial: Any, peers: Any) -> str:
        return "early" if trial.number == 1 and len(trial) == 2 else ""


def ended(params: Mapping[str, Any], trial: Any) -> Any:
    value = objective(params, trial)
    if trial.number == 2:
        raise ValueError("at the end")
    return value


def test_trials_that_do_not_come_to_their_end_have_their_path_too() -> None:
    study = tune(ended, SPACE, optimizer="gradient(online=True)", trials=4, pruner=Early())
    states = [trial.state.name for trial in study.trials]
    assert states == ["COMPLETE", "PRUNED", "FAIL", "COMPLETE"]
    for trial in study.trials:
        path = trial.info["path_lr"]
        assert [step for step, _ in path] == [report.step for report in trial.reports]
        assert path[-1][1] == trial.info["online_lr"] and "not_adapted" not in trial.info


def test_the_same_seed_gives_the_same_path_and_another_rate_another_one() -> None:
    one, same, other = study_of(), study_of(), study_of("online=0.01")
    paths = [[trial.info["path_lr"] for trial in study.trials] for study in (one, same, other)]
    assert paths[0] == paths[1] and paths[0][0] != paths[2][0]


def test_a_weight_decay_is_adapted_if_it_is_named() -> None:
    study = study_of("online=True, differentiate=['decay']", trials=2)
    info = study.trials[0].info
    assert info["online_decay"] != 1e-3 and "online_lr" not in info


def without_optimizer(params: Mapping[str, Any]) -> Any:
    return params["lr"] ** 2 + params["decay"]


def test_where_nothing_is_adapted_the_study_says_so() -> None:
    study = study_of(trials=2, code=without_optimizer)
    assert type(study.best_value) is float
    assert "has one of them as its learning rate" in study.trials[0].info["not_adapted"]
    assert "Not adapted while a trial trained" in " ".join(study.record.info.notes)
    with pytest.raises(GradientError, match="not adapted"):
        study_of("online=True, strict=True", code=without_optimizer)


def test_what_is_named_and_not_adapted_is_told() -> None:
    study = study_of("online=True, differentiate=['lr', 'scale']", 1, scaled)
    info = study.trials[0].info
    assert "online_lr" in info and "scale: no optimizer has it" in info["not_adapted"]


def scaled(params: Mapping[str, Any]) -> Any:
    weights = START.clone().requires_grad_()
    optimizer = SGD([weights], lr=params["lr"])
    for _ in range(4):
        optimizer.zero_grad()
        (params["scale"] * quadratic(weights)).backward()
        optimizer.step()
    return quadratic(weights)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("online=1.5", "above 0 and below 1"),
        ("online=True, horizon=3", "has no horizon="),
        ("online=True, mode='forward'", "has no mode="),
        ("online=True, rate=1", "has no rate="),
        ("online=True, inner_loss='loss'", "has no inner_loss="),
    ],
)
def test_mistakes(how: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        study_of(how)

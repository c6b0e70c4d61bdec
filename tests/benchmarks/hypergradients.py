"""What hypergradients cost, and how few trials they need.

    python tests/benchmarks/hypergradients.py [cost] [modes] [torchopt] [trials] [online]

cost : seconds of computing and memory of a trial with its gradient, next to a plain one, by
    steps.
modes : forward mode next to reverse mode, by the number of hyperparameters: seconds as multiples of
    a plain training's.
torchopt : next to TorchOpt's MetaSGD and MetaAdam (pip install torchopt): seconds as multiples of a
    plain training's, and how far its gradient is from ours.
trials : trainings until `gradient` reaches what random search reaches in 100, on three problems of
    five and more continuous hyperparameters, with the best of both after its budget.
online : the validation loss after one training with a fixed learning rate, and with one that is
    adapted from there, by where it starts.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from jupyter_hpo import Float, train, tune
from jupyter_hpo.resources import measure, resident
from jupyter_hpo.unrolled.forward import Forward
from jupyter_hpo.unrolled.online import Online, Range
from jupyter_hpo.unrolled.run import Run

Params = Mapping[str, Any]
RANDOM = 100  # trials of random search
BUDGET = 40  # of ours
SEEDS = (0, 1, 2)


def split(x: Any, y: Any, kind: torch.dtype) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Standardised inputs and targets: half to train on, half for validation."""
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))[:600]
    inputs, targets = torch.tensor(x)[order].float(), torch.tensor(y)[order].to(kind)
    inputs = (inputs - inputs.mean(0)) / (inputs.std(0) + 1e-6)
    half = len(inputs) // 2
    return inputs[:half], targets[:half], inputs[half:], targets[half:]


def layers(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, outputs))


def digits(p: Params) -> Any:
    """A network with a rate and a decay for each layer."""
    x, y, x_val, y_val = DIGITS
    model = layers(64, 32, 10)
    groups = [
        {"params": model[0].parameters(), "lr": p["lr1"], "weight_decay": p["decay1"]},
        {"params": model[2].parameters(), "lr": p["lr2"], "weight_decay": p["decay2"]},
    ]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=p["momentum"])
    for _ in range(60):
        optimizer.zero_grad()
        cross_entropy(model(x * p["scale"]), y).backward()
        optimizer.step()
    with torch.no_grad():
        return cross_entropy(model(x_val * p["scale"]), y_val).item()


def penalties(p: Params) -> Any:
    """Logistic regression with a penalty for each of six groups of features."""
    x, y, x_val, y_val = CANCER
    model = nn.Linear(30, 2)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    optimizer = torch.optim.Adam(model.parameters(), lr=p["lr"])
    strength = torch.cat([p[f"penalty{k}"] * torch.ones(5) for k in range(6)])
    for _ in range(60):
        optimizer.zero_grad()
        loss = cross_entropy(model(x), y) + (strength * model.weight**2).sum()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return cross_entropy(model(x_val), y_val).item()


def regression(p: Params) -> Any:
    """A network trained by AdamW, with the betas, the decay and the width of its loss."""
    x, y, x_val, y_val = DIABETES
    model = layers(10, 24, 1)
    betas = (p["beta1"], p["beta2"])
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=p["lr"], betas=betas, weight_decay=p["decay"]
    )
    for _ in range(60):
        optimizer.zero_grad()
        error = model(x)[:, 0] - y
        (p["width"] ** 2 * ((1 + (error / p["width"]) ** 2).sqrt() - 1)).mean().backward()
        optimizer.step()
    with torch.no_grad():
        return ((model(x_val)[:, 0] - y_val) ** 2).mean().item()


DIGITS = split(*load_digits(return_X_y=True), torch.long)
CANCER = split(*load_breast_cancer(return_X_y=True), torch.long)
DIABETES = split(*load_diabetes(return_X_y=True), torch.float32)
DIABETES = (DIABETES[0], DIABETES[1] / 100 - 1.5, DIABETES[2], DIABETES[3] / 100 - 1.5)

RATE = Float(1e-4, 1.0, log=True, default=1e-2)
DECAY = Float(1e-6, 1.0, log=True, default=1e-4)
PROBLEMS: dict[str, tuple[Callable[[Params], Any], dict[str, Float]]] = {
    "digits": (
        digits,
        {
            "lr1": RATE,
            "lr2": RATE,
            "decay1": DECAY,
            "decay2": DECAY,
            "momentum": Float(0.0, 0.99, default=0.5),
            "scale": Float(0.1, 10.0, log=True, default=1.0),
        },
    ),
    "penalties": (penalties, {"lr": RATE, **{f"penalty{k}": DECAY for k in range(6)}}),
    "regression": (
        regression,
        {
            "lr": RATE,
            "beta1": Float(0.5, 0.99, default=0.9),
            "beta2": Float(0.8, 0.999, default=0.99),
            "decay": DECAY,
            "width": Float(0.1, 10.0, log=True, default=1.0),
        },
    ),
}


def loop(rate: Any, steps: int, penalties: Sequence[Any] = ()) -> Any:
    """An ordinary loop; each of the penalties is on the weights of one layer."""
    x, y, x_val, y_val = DIGITS
    model = layers(64, 32, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.8)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = cross_entropy(model(x), y)
        for k, penalty in enumerate(penalties):
            loss = loss + penalty * (model[2 * (k % 2)].weight ** 2).sum()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return cross_entropy(model(x_val), y_val).item()


def followed(run: Run, steps: int) -> None:
    with run:
        rate, *others = run.leaves.values()
        GRADIENTS.append(run.find(loop(rate, steps, others), {}).gradients["lr"])


def with_train(steps: int, mode: Any = "reverse") -> None:
    x, y, x_val, y_val = DIGITS
    rate = torch.tensor(0.05, dtype=torch.float64, requires_grad=True)
    done = train(
        layers(64, 32, 10),
        lambda model, a, b: cross_entropy(model(a), b),
        [(x, y)],
        steps=steps,
        lr=rate,
        momentum=0.8,
        mode=mode,
    )
    cross_entropy(done(x_val), y_val).backward()
    GRADIENTS.append(float(rate.grad))


def with_torchopt(steps: int) -> None:
    """The same training with TorchOpt, if it is installed (pip install torchopt)."""
    GRADIENTS.append(meta(meta_momentum, 0.05, steps))


def meta_momentum(model: Any, **options: Any) -> Any:
    import torchopt as peer

    return peer.MetaSGD(model, momentum=0.8, **options)


GRADIENTS: list[float] = []  # by the learning rate, that they can be compared
WAYS: dict[str, Callable[[int], object]] = {
    "plain": lambda steps: loop(0.05, steps),
    "loop": lambda steps: followed(Run({"lr": 0.05}), steps),
    "forward": lambda steps: followed(Forward({"lr": 0.05}, always=True), steps),
    "train()": with_train,
    "train fwd": lambda steps: with_train(steps, "forward"),
}
if find_spec("torchopt"):
    WAYS["torchopt"] = with_torchopt


def computed(way: Callable[[], object]) -> float:
    """Seconds of computing, which other processes on the same cores do not add to."""
    begin = time.process_time()
    way()
    return time.process_time() - begin


def median_of(way: Callable[[], object]) -> float:
    """Of its seconds of computing."""
    return statistics.median(computed(way) for _ in range(3))


def measured(way: str, steps: int) -> tuple[float, float]:
    """Median of the seconds, and the megabytes that the first run adds, in a fresh process."""
    torch.set_num_threads(1)
    WAYS[way](2)  # what is imported and allocated once
    before = resident() or 0
    seconds = []
    with measure() as usage:
        seconds.append(computed(lambda: WAYS[way](steps)))
    seconds += [computed(lambda: WAYS[way](steps)) for _ in range(2)]
    return statistics.median(seconds), ((usage.peak_memory or 0) - before) / 1e6


def cost() -> None:
    """Seconds and peak memory by steps."""
    print("steps" + "".join(f"{way:>12} s {way:>10} MB" for way in WAYS) + "   loop / plain")
    fresh = multiprocessing.get_context("spawn")
    for steps in (50, 100, 200, 400, 800):
        with fresh.Pool(1, maxtasksperchild=1) as pool:
            found = pool.starmap(measured, [(way, steps) for way in WAYS], chunksize=1)
        row = "".join(f"{seconds:14.3f} {megabytes:13.1f}" for seconds, megabytes in found)
        print(f"{steps:5}{row} {found[1][0] / found[0][0]:14.1f}")


def modes() -> None:
    """Seconds of computing in both modes, by the number of hyperparameters."""
    print("hyperparameters   reverse   forward   times a plain training, 60 steps")
    for count in (1, 2, 4, 8, 16):
        values = {"lr": 0.05, **{f"penalty{k}": 1e-4 for k in range(count - 1)}}

        plain = median_of(lambda v=values: loop(v["lr"], 60, list(v.values())[1:]))
        back = median_of(lambda v=values: followed(Run(v), 60))
        onward = median_of(lambda v=values: followed(Forward(v, always=True), 60))
        print(f"{count:15} {back / plain:9.1f} {onward / plain:9.1f}", flush=True)


def ordinary(make: Callable[..., Any], rate: Any, steps: int) -> Any:
    """The loop again, by another optimizer."""
    x, y, x_val, y_val = DIGITS
    model = layers(64, 32, 10)
    optimizer = make(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        cross_entropy(model(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        return cross_entropy(model(x_val), y_val).item()


def meta(make: Callable[..., Any], rate: float, steps: int) -> float:
    """The slope by the rate with an optimizer of TorchOpt, whose rates are schedules."""
    x, y, x_val, y_val = DIGITS
    leaf = torch.tensor(rate, requires_grad=True)
    model = layers(64, 32, 10)
    optimizer = make(model, lr=lambda count: leaf, moment_requires_grad=True)
    for _ in range(steps):
        optimizer.step(cross_entropy(model(x), y))
    cross_entropy(model(x_val), y_val).backward()
    return float(leaf.grad) if leaf.grad is not None else 0.0


def ours(make: Callable[..., Any], rate: float, steps: int) -> float:
    run = Run({"lr": rate})
    with run:
        return run.find(ordinary(make, run.bound["lr"], steps), {}).gradients["lr"]


def torchopt() -> None:
    """Seconds of computing, and the slopes."""
    import torchopt as peer

    def momentum(parameters: Any, lr: Any) -> Any:
        return torch.optim.SGD(parameters, lr=lr, momentum=0.8)

    def meta_adam(model: Any, **options: Any) -> Any:
        # by its defaults the slope is NaN, of weights whose gradient is 0
        return peer.MetaAdam(model, eps_root=1e-20, **options)

    print("optimizer  steps  ours  TorchOpt   times a plain training   slopes, relative difference")
    pairs = {
        "SGD": (momentum, meta_momentum, 0.05),
        "Adam": (torch.optim.Adam, meta_adam, 3e-3),
    }
    for name, (make, make_meta, rate) in pairs.items():
        for steps in (50, 200):
            slopes = ours(make, rate, steps), meta(make_meta, rate, steps)
            ways = (ordinary, make), (ours, make), (meta, make_meta)
            plain, mine, theirs = (median_of(partial(*way, rate, steps)) for way in ways)
            apart = abs(slopes[1] - slopes[0]) / abs(slopes[0])
            print(
                f"{name:9} {steps:6} {mine / plain:5.1f} {theirs / plain:9.1f} {apart:42.1e}",
                flush=True,
            )


def batches(make: Callable[..., Any], seed: int) -> Callable[[Params], Any]:
    """Twelve epochs of small batches on the digits."""

    def training(p: Params) -> Any:
        x, y, x_val, y_val = DIGITS
        model = layers(64, 32, 10)
        optimizer = make(model.parameters(), lr=p["lr"])
        shuffled = torch.Generator().manual_seed(seed)
        for _ in range(12):
            for batch in torch.randperm(len(x), generator=shuffled).split(32):
                optimizer.zero_grad()
                cross_entropy(model(x[batch]), y[batch]).backward()
                optimizer.step()
        with torch.no_grad():
            return cross_entropy(model(x_val), y_val).item()

    return training


def online() -> None:
    """Validation loss at a fixed rate / adapted from there (and the rate it ends with)."""
    defaults = {
        name: {key: torch.tensor(each.default) for key, each in space.items()}
        for name, (_, space) in PROBLEMS.items()
    }
    problems: dict[str, list[Callable[[Params], Any]]] = {
        **{name: [objective] for name, (objective, _) in PROBLEMS.items()},
        "digits, sgd": [batches(torch.optim.SGD, seed) for seed in SEEDS],
        "digits, adam": [batches(torch.optim.Adam, seed) for seed in SEEDS],
    }
    starts = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
    print(f"{'start':14}" + "".join(f"{start:>27.0e}" for start in starts) + "   best fixed")
    for name, trainings in problems.items():
        rates = ["lr1", "lr2"] if name == "digits" else ["lr"]
        row, fixed = f"{name:14}", []
        for start in starts:
            values = {**defaults.get(name, {}), **dict.fromkeys(rates, start)}
            plain, adapted, ends = [], [], []
            for training in trainings:
                plain.append(float(training(values)))
                ranges = dict.fromkeys(rates, Range(1e-4, 1.0, log=True))
                run = Online(dict.fromkeys(rates, start), ranges, 0.05, ("lr",))
                with run:
                    adapted.append(float(training({**values, **run.numbers})))
                ends.append(run.values[rates[0]])
            fixed.append(statistics.median(plain))
            ours, end = statistics.median(adapted), statistics.median(ends)
            row += f"{fixed[-1]:9.3f} / {ours:.3f} ({end:.0e})"
        print(f"{row} {min(fixed):10.3f}", flush=True)


def trials() -> None:
    """Trainings to reach what random search reaches, the runs for the check not counted."""
    print("problem       dims  random 100   ours 10   ours 40   reached in trials (by seed)   s")
    for name, (objective, space) in PROBLEMS.items():
        aims, tens, ends, reached = [], [], [], []
        begin = time.perf_counter()
        for seed in SEEDS:
            aim = tune(objective, space, optimizer="random", trials=RANDOM, seed=seed).best_value
            study = tune(objective, space, optimizer="gradient", trials=BUDGET, seed=seed)
            values = [trial.value for trial in study.trials if trial.value is not None]
            first = next((n + 1 for n, value in enumerate(values) if value <= aim), None)
            aims.append(aim)
            tens.append(min(values[:10]))
            ends.append(min(values))
            reached.append(first)
        middle = [statistics.median(each) for each in (aims, tens, ends)]
        print(
            f"{name:12} {len(space):5} {middle[0]:11.4f} {middle[1]:9.4f} {middle[2]:9.4f}"
            f"   {reached}   {time.perf_counter() - begin:.0f}"
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    parts = {
        "cost": cost,
        "modes": modes,
        **({"torchopt": torchopt} if find_spec("torchopt") else {}),
        "trials": trials,
        "online": online,
    }
    for what in sys.argv[1:] or parts:
        parts[what]()

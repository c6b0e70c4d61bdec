"""Small networks and how they are trained: everything drawn at random."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import torch
from tasks import Task
from torch import nn
from torch.nn import functional as f

EPOCHS: Final = 27
Drawn = dict[str, Any]


def draw(rng: np.random.Generator) -> Drawn:
    """A configuration."""
    method = str(rng.choice(["sgd", "momentum", "adam", "rmsprop"]))
    fast = 1.0 if method in ("sgd", "momentum") else 0.1
    return {
        "method": method,
        "lr": fast * 10 ** rng.uniform(-4, 0.3),
        "batch": int(2 ** rng.uniform(4, 8)),
        "width": int(2 ** rng.uniform(2, 7)),
        "depth": int(rng.integers(1, 4)),
        "decay": 10 ** rng.uniform(-6, -1),
        "dropout": float(max(rng.uniform(-0.3, 0.6), 0.0)),
        "schedule": str(rng.choice(["none", "cosine", "steps", "warm"])),
        "tanh": bool(rng.random() < 0.3),
        "norm": bool(rng.random() < 0.3),
    }


def record(task: Task, seed: int, number: int) -> dict[str, Any]:
    """Train one of them: after each epoch its loss on a batch and what it reports; the truth.

    The truth is that after each epoch; trials that are shorter need it.
    """
    rng = np.random.default_rng([seed, number])
    drawn = draw(rng)
    torch.manual_seed(int(rng.integers(2**31)))
    parts, outputs = _data(task)
    net = _net(task, drawn, parts[0][0].shape[1:], outputs)
    optimizer = _optimizer(net, drawn)
    curve: dict[str, Any] = {"batch": [], "held": [], "true": []}
    for epoch in range(EPOCHS):
        for group in optimizer.param_groups:
            group["lr"] = drawn["lr"] * _share(drawn["schedule"], epoch)
        curve["batch"].append(_epoch(net, optimizer, parts[0], drawn["batch"]))
        curve["held"].append(_score(net, task.metric, parts[1]))
        curve["true"].append(_score(net, task.metric, parts[2]))
    return curve


def _data(task: Task) -> tuple[list[tuple[Any, Any]], int]:
    x, y = task.load()
    order = np.random.default_rng(0).permutation(len(y))
    inputs = torch.tensor(x, dtype=torch.float32)
    targets = torch.tensor(y, dtype=torch.float32 if y.dtype.kind == "f" else torch.int64)
    if targets.is_floating_point() and targets.ndim == 1:
        targets = targets[:, None]
    first, second = task.sizes[0], sum(task.sizes)
    places = order[:first], order[first:second], order[second:]
    outputs = targets.shape[1] if targets.is_floating_point() else int(y.max()) + 1
    return [(inputs[each], targets[each]) for each in places], outputs


def _net(task: Task, drawn: Drawn, shape: Any, outputs: int) -> nn.Module:
    act = nn.Tanh if drawn["tanh"] else nn.ReLU
    layers: list[nn.Module] = []
    width, channels = drawn["width"], shape[0]
    if task.net == "cnn":
        for _ in range(drawn["depth"]):
            narrow = max(width // 8, 2)
            layers += [nn.Conv2d(channels, narrow, 3, padding=1), act()]
            channels = narrow
        layers += [nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(drawn["dropout"])]
        return nn.Sequential(*layers, nn.Linear(16 * channels, outputs))
    for _ in range(drawn["depth"]):
        layers += [nn.Linear(channels, width)]
        layers += [nn.LayerNorm(width)] if drawn["norm"] else []
        layers += [act(), nn.Dropout(drawn["dropout"])]
        channels = width
    return nn.Sequential(*layers, nn.Linear(channels, outputs))


def _optimizer(net: nn.Module, drawn: Drawn) -> Any:
    options = {"lr": drawn["lr"], "weight_decay": drawn["decay"]}
    if drawn["method"] == "adam":
        return torch.optim.AdamW(net.parameters(), **options)
    if drawn["method"] == "rmsprop":
        return torch.optim.RMSprop(net.parameters(), **options)
    momentum = 0.9 if drawn["method"] == "momentum" else 0.0
    return torch.optim.SGD(net.parameters(), momentum=momentum, **options)


def _share(schedule: str, epoch: int) -> float:
    if schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * epoch / EPOCHS))
    if schedule == "steps":
        return 0.2 ** (epoch * 3 // EPOCHS)
    if schedule == "warm":  # up, then down to nothing
        top = EPOCHS // 3
        return (epoch + 1) / (top + 1) if epoch <= top else (EPOCHS - epoch) / (EPOCHS - top)
    return 1.0


def _criterion(out: Any, targets: Any) -> Any:
    if targets.is_floating_point():
        return f.mse_loss(out, targets)
    return f.cross_entropy(out, targets)


def _epoch(net: nn.Module, optimizer: Any, part: tuple[Any, Any], size: int) -> float:
    """Loss of one of its batches."""
    net.train()
    inputs, targets = part
    last = math.nan
    for places in torch.randperm(len(targets)).split(size):
        optimizer.zero_grad(set_to_none=True)
        loss = _criterion(net(inputs[places]), targets[places])
        loss.backward()
        optimizer.step()
        last = float(loss.detach())
    return last


@torch.no_grad()
def _score(net: nn.Module, metric: str, part: tuple[Any, Any]) -> float:
    net.eval()
    out = net(part[0])
    if metric == "error":
        wrong = float((out.argmax(1) != part[1]).float().mean())
        return wrong if bool(out.isfinite().all()) else math.nan
    return float(_criterion(out, part[1]))

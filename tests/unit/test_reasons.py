"""Why there is no gradient, in words that name the line at fault; and where there is one."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from differences import X_VAL, Y_VAL, Values, X, Y, agree, loss_of, network
from torch.optim import SGD

from jupyter_hpo import Float, tune


def trained(v: Values) -> torch.nn.Module:
    model = network()
    optimizer = SGD(model.parameters(), lr=v["lr"])
    for _ in range(4):
        optimizer.zero_grad()
        loss_of(model, X, Y).backward()
        optimizer.step()
    return model


def losses(model: torch.nn.Module) -> list[float]:
    """As they are mostly made: one a batch, read by ``.item()``."""
    with torch.no_grad():
        return [
            loss_of(model, x, y).item() for x, y in zip(X_VAL.split(7), Y_VAL.split(7), strict=True)
        ]


FOUND: dict[str, Callable[[list[float]], Any]] = {
    "np.mean": np.mean,
    "np.average": np.average,
    "statistics": statistics.fmean,
    "array": lambda read: np.array(read).mean(),
    "root": lambda read: np.sqrt(np.mean(read)),
    "math.sqrt": lambda read: math.sqrt(sum(read) / len(read)),
    "perplexity": lambda read: math.exp(np.mean(read)),
    "negative": lambda read: -np.mean(read),
    "pandas": lambda read: pd.DataFrame({"loss": read})["loss"].min(),
    "np.min": np.min,
    "latest": lambda read: np.array(read)[-1],
    "rounded": lambda read: round(sum(read), 12),
    "of a list of all": lambda read: np.mean([0.3, *read][-len(read) :]),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_other_libraries_make_of_losses_has_a_gradient(name: str) -> None:
    agree(lambda v: FOUND[name](losses(trained(v))), {"lr": 0.05})


def reason(read: Callable[[torch.nn.Module], Any]) -> str:
    def objective(params: Values) -> Any:
        return read(trained(params))

    study = tune(objective, {"lr": Float(0.01, 0.1)}, optimizer="gradient", trials=1)
    return " ".join(study.record.info.notes)


def accuracy(model: torch.nn.Module) -> Any:
    loss = loss_of(model, X_VAL, Y_VAL).item()  # which is printed, say
    with torch.no_grad():
        predicted = torch.cat([model(X_VAL), -model(X_VAL)], 1).argmax(1)  # the choice
    assert loss > 0
    return (predicted == 1).sum().item() / len(X_VAL)


def accuracy_by_maximum(model: torch.nn.Module) -> Any:
    with torch.no_grad():
        logits = torch.cat([model(X_VAL), -model(X_VAL)], 1)
        _, predicted = torch.max(logits, 1)  # the choice
    return (predicted == 1).double().mean()


def accuracy_of_tutorials(model: torch.nn.Module) -> Any:
    correct = total = 0
    with torch.no_grad():
        for x, y in zip(X_VAL.split(7), Y_VAL.split(7), strict=True):
            outputs = torch.cat([model(x), -model(x)], 1)
            _, predicted = torch.max(outputs.data, 1)  # the choice
            total += y.size(0)
            correct += (predicted == (y[:, 0] > 0).long()).sum().item()
    return 100 * correct / total


def accuracy_of_one_class(model: torch.nn.Module) -> Any:
    hits = (model(X_VAL) > 0).float()  # the choice
    return hits.mean().item()


def in_numpy(model: torch.nn.Module) -> Any:
    predicted = model(X_VAL).detach().numpy()  # the choice
    return float(((predicted - Y_VAL.numpy()) ** 2).mean())


def listed(model: torch.nn.Module) -> Any:
    predicted = model(X_VAL).flatten().tolist()  # the choice
    return statistics.median(predicted)


@pytest.mark.parametrize(
    ("read", "how"),
    [
        (accuracy, "argmax()"),
        (accuracy_by_maximum, "max()"),
        (accuracy_of_tutorials, "max()"),
        (accuracy_of_one_class, ">"),
        (in_numpy, ".detach()"),
        (listed, ".tolist()"),
    ],
)
def test_the_line_at_fault_is_named(read: Callable[[Any], Any], how: str) -> None:
    said = reason(read)
    assert f"{how} in line" in said and "# the choice" in said
    if how in ("argmax()", "max()", ">"):
        assert "changes in jumps" in said and "such as cross-entropy" in said
    else:
        assert "calculated outside torch" in said and "keep to tensors" in said


def test_what_torch_does_for_itself_is_not_blamed() -> None:
    def with_state(model: torch.nn.Module) -> Any:
        predicted = model(X_VAL).tolist()  # the choice
        model.state_dict()
        return predicted[0][0] // 0.001

    assert ".tolist() in line" in reason(with_state)


def test_a_number_that_is_the_same_by_chance_is_not_taken_for_a_loss() -> None:
    def counted(model: torch.nn.Module) -> Any:
        (loss_of(model, X_VAL, Y_VAL) * 0 + 3).item()
        return 3.0

    assert "There is no gradient" in reason(counted)


def test_a_line_of_a_library_is_not_the_users() -> None:
    from sklearn.linear_model import Ridge

    def objective(params: Values) -> Any:
        model = Ridge(alpha=params["lr"])
        model.fit(X.numpy(), Y.numpy())  # the fit
        return float(np.mean((model.predict(X_VAL.numpy()) - Y_VAL.numpy()) ** 2))

    study = tune(objective, {"lr": Float(0.01, 0.1)}, optimizer="gradient", trials=3)
    said = " ".join(study.record.info.notes)
    assert "There is no gradient" in said and "run_again" not in study.trials[0].info
    assert "site-packages" not in said and (" in line" not in said or "# the fit" in said)

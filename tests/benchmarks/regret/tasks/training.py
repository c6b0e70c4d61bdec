"""Real training on data that comes with scikit-learn: mixed, conditional and noisy.

Each trial trains and scores on a random split of its own, or on several where
one would say too little of so few data; what counts is the mean over fixed
splits. The networks fail where they diverge.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from sklearn import datasets

from jupyter_hpo.domains import Bool, Categorical, Domain, Float, Int

from . import models, net
from .base import Among, Assignment, Task, space

Score = Callable[[Assignment, Any, Any, Any, Any, int], float]


def tasks() -> list[Task]:
    """All of them, those to choose on first."""
    return [
        _task("digits-models", "dev", _DIGITS, "digits", 300, 600, _error, 0.9),
        _task("diabetes-models", "dev", _DIABETES, "diabetes", 220, 222, _squares, 1.0, 2),
        _task("cancer-net", "dev", _CANCER_NET, "breast_cancer", 120, 400, _loss(25), 0.6931),
        _task("wine-models", "dev", _WINE, "wine", 50, 128, _error, 0.6, 4),
        _task("digits-net", "test", _DIGITS_NET, "digits", 400, 600, _net_error(10), 0.9),
        _task("cancer-models", "test", _CANCER, "breast_cancer", 100, 469, _error, 0.37, 3),
        _task("alcohol-models", "test", _ALCOHOL, "alcohol", 100, 78, _squares, 1.0, 4),
        _task("digits-parity", "test", _PARITY, "parity", 300, 600, _features_error, 0.5),
    ]


Declared = tuple[dict[str, Domain], dict[str, Among]]


def _on(parent: str, *values: Any, **domains: Domain) -> Declared:
    """Hyperparameters that exist only where `parent` has one of `values`."""
    return domains, dict.fromkeys(domains, Among(parent, values))


def _declared(*parts: Mapping[str, Domain] | Declared) -> Declared:
    domains: dict[str, Domain] = {}
    conditions: dict[str, Among] = {}
    for part in parts:
        more, conditional = part if isinstance(part, tuple) else (part, {})
        domains |= more
        conditions |= conditional
    return domains, conditions


_PROJECT = (
    {"project": Bool()},
    _on("project", True, directions=Int(1, 12), whiten=Bool()),
)
_DIGITS = _declared(
    {"model": Categorical("svm", "logistic", "neighbours", "trees"), "scale": Bool()},
    _on("model", "svm", C=Float(1e-2, 1e3, log=True), kernel=Categorical("rbf", "poly")),
    _on("model", "svm", gamma=Float(1e-5, 1.0, log=True)),
    _on("kernel", "poly", degree=Int(2, 5)),
    _on("model", "logistic", strength=Float(1e-5, 1e2, log=True)),
    _on("model", "neighbours", neighbours=Int(1, 40, log=True)),
    _on("model", "neighbours", weights=Categorical("uniform", "distance")),
    _on("model", "neighbours", metric=Categorical("euclidean", "manhattan", "chebyshev")),
    _on("model", "trees", trees=Int(5, 40, log=True), depth=Int(2, 16), share=Float(0.02, 1.0)),
)
_DIABETES = _declared(
    {"model": Categorical("ridge", "kernel", "boosting")},
    _on("model", "ridge", alpha=Float(1e-3, 1e4, log=True), order=Int(1, 3)),
    _on("model", "kernel", strength=Float(1e-4, 1e2, log=True)),
    _on("model", "kernel", gamma=Float(1e-2, 1e3, log=True)),
    _on("model", "kernel", kernel=Categorical("rbf", "laplacian", "sigmoid")),
    _on("model", "boosting", rounds=Int(5, 80, log=True), rate=Float(0.01, 1.0, log=True)),
    _on("model", "boosting", depth=Int(1, 5), subsample=Float(0.3, 1.0)),
)
_NET = (
    {"lr": Float(1e-4, 10.0, log=True), "method": Categorical("sgd", "adam")},
    _on("method", "sgd", momentum=Float(0.0, 0.99)),
    _on("method", "adam", beta1=Float(0.5, 0.99)),
    {"width": Int(4, 64, log=True), "activation": Categorical("relu", "tanh")},
    {"batch": Int(8, 128, log=True), "decay": Float(1e-6, 1.0, log=True)},
    {"scale": Float(0.1, 10.0, log=True)},
)
_CANCER_NET = _declared(*_NET, {"standardise": Bool()})
_DIGITS_NET = _declared(*_NET, {"layers": Int(1, 3)})
_WINE = _declared(
    {"model": Categorical("svm", "bayes", "neighbours", "logistic")},
    {"scaler": Categorical("none", "standard", "minmax")},
    *_PROJECT,
    _on("model", "svm", C=Float(1e-3, 1e3, log=True), kernel=Categorical("rbf", "linear")),
    _on("kernel", "rbf", gamma=Float(1e-5, 10.0, log=True)),
    _on("model", "bayes", smoothing=Float(1e-12, 1.0, log=True)),
    _on("model", "neighbours", neighbours=Int(1, 30), metric=Categorical("euclidean", "manhattan")),
    _on("model", "neighbours", weights=Categorical("uniform", "distance")),
    _on("model", "logistic", strength=Float(1e-5, 1e3, log=True)),
)
_CANCER = _declared(
    {"model": Categorical("sgd", "svm", "trees"), "scaler": Categorical("none", "standard")},
    _on("model", "sgd", loss=Categorical("hinge", "log_loss", "modified_huber")),
    _on("model", "sgd", alpha=Float(1e-6, 1.0, log=True), average=Bool()),
    _on("model", "sgd", penalty=Categorical("l2", "l1", "elasticnet")),
    _on("penalty", "elasticnet", l1_ratio=Float(0.0, 1.0)),
    _on("model", "sgd", schedule=Categorical("optimal", "constant", "invscaling")),
    _on("schedule", "constant", "invscaling", eta0=Float(1e-4, 1.0, log=True)),
    _on("model", "svm", C=Float(1e-3, 1e3, log=True), kernel=Categorical("rbf", "poly", "sigmoid")),
    _on("model", "svm", gamma=Float(1e-5, 1.0, log=True)),
    _on("kernel", "poly", degree=Int(2, 4)),
    _on("kernel", "poly", "sigmoid", coef0=Float(-1.0, 1.0)),
    _on("model", "trees", trees=Int(4, 30, log=True), depth=Int(1, 12), share=Float(0.05, 1.0)),
    _on("model", "trees", leaf=Int(1, 20, log=True), bootstrap=Bool()),
)
_ALCOHOL = _declared(
    {"model": Categorical("elastic", "svm", "trees"), "scale": Bool()},
    _on("model", "elastic", alpha=Float(1e-5, 1.0, log=True), l1_ratio=Float(0.0, 1.0)),
    _on("model", "svm", C=Float(1e-2, 1e3, log=True), epsilon=Float(1e-3, 1.0, log=True)),
    _on("model", "svm", gamma=Float(1e-5, 1.0, log=True), shrinking=Bool()),
    _on("model", "trees", trees=Int(4, 30, log=True), depth=Int(1, 12), share=Float(0.05, 1.0)),
    _on("model", "trees", leaf=Int(1, 20, log=True), bootstrap=Bool()),
)
_PARITY = _declared(
    {"scaler": Categorical("none", "standard", "minmax"), **_PROJECT[0]},
    _on("project", True, directions=Int(2, 60, log=True), whiten=Bool()),
    {"kernel": Categorical("rbf", "laplacian", "poly"), "gamma": Float(1e-5, 1.0, log=True)},
    _on("kernel", "poly", degree=Int(1, 4)),
    {"components": Int(5, 200, log=True), "alpha": Float(1e-4, 1e3, log=True), "balanced": Bool()},
)


def _task(
    name: str,
    split: str,
    declared: Declared,
    data: str,
    train: int,
    held: int,
    score: Score,
    failed: float,
    splits: int = 1,
) -> Task:
    def objective(assignment: Assignment, rng: np.random.Generator) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of convergence: part of the game
            return float(np.mean([once(assignment, rng) for _ in range(splits)]))

    def once(assignment: Assignment, rng: np.random.Generator) -> float:
        x, y = _data(data)
        order = rng.permutation(len(y))
        a, b = order[:train], order[train : train + held]
        return score(assignment, x[a], y[a], x[b], y[b], int(rng.integers(2**31)))

    return Task(f"training-{name}", "training", split, space(*declared), objective, True, failed)


@cache
def _data(name: str) -> tuple[Any, Any]:
    if name == "alcohol":  # of a wine, from what else is known of it
        x = datasets.load_wine().data
        return x[:, 1:], (x[:, 0] - x[:, 0].mean()) / x[:, 0].std()
    loaded = getattr(datasets, "load_" + {"parity": "digits"}.get(name, name))()
    y = loaded.target % 2 if name == "parity" else loaded.target
    return loaded.data, (y - y.mean()) / y.std() if name == "diabetes" else y


def _error(p: Assignment, x: Any, y: Any, held: Any, labels: Any, seed: int) -> float:
    return float(np.mean(models.classifier(p, seed).fit(x, y).predict(held) != labels))


def _features_error(p: Assignment, x: Any, y: Any, held: Any, labels: Any, seed: int) -> float:
    return float(np.mean(models.features(p, seed).fit(x, y).predict(held) != labels))


def _squares(p: Assignment, x: Any, y: Any, held: Any, labels: Any, seed: int) -> float:
    error = models.regressor(p, seed).fit(x, y).predict(held) - labels
    return float(np.mean(error**2) / np.var(labels))


def _loss(epochs: int) -> Score:
    """Log loss of the network."""

    def score(p: Assignment, x: Any, y: Any, held: Any, labels: Any, seed: int) -> float:
        chances = _chances(p, x, y, held, epochs, seed)
        if chances is None:
            return np.nan
        return float(-np.log(np.clip(chances[np.arange(len(labels)), labels], 1e-4, 1)).mean())

    return score


def _net_error(epochs: int) -> Score:
    """Share of errors of the network."""

    def score(p: Assignment, x: Any, y: Any, held: Any, labels: Any, seed: int) -> float:
        chances = _chances(p, x, y, held, epochs, seed)
        return np.nan if chances is None else float(np.mean(chances.argmax(axis=1) != labels))

    return score


def _chances(p: Assignment, x: Any, y: Any, held: Any, epochs: int, seed: int) -> Any:
    low, spread = (x.mean(0), x.std(0) + 1e-9) if p.get("standardise") else (0.0, x.max())
    x, held = (((one - low) / spread).astype(np.float32) for one in (x, held))
    return net.probabilities(dict(p), x, y, held, epochs, seed)

"""Models of the training tasks, made from the values of a trial.

Every function takes the active values `p` and a seed, and returns an
estimator; which values exist is declared beside the tasks in `training`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingRegressor,
)
from sklearn.kernel_approximation import Nystroem
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import (
    ElasticNet,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, SVR

P = Mapping[str, Any]
SCALERS = {"none": None, "standard": StandardScaler, "minmax": MinMaxScaler}


def classifier(p: P, seed: int) -> Any:
    """One of several kinds of classifiers, perhaps behind a scaler and a projection."""
    return _pipeline(p, seed, _CLASSIFIERS[p["model"]](p, seed))


def regressor(p: P, seed: int) -> Any:
    """One of several kinds of regressors."""
    return _pipeline(p, seed, _REGRESSORS[p["model"]](p, seed))


def features(p: P, seed: int) -> Any:
    """A linear classifier on approximate kernel features."""
    kernel = Nystroem(
        kernel=p["kernel"],
        n_components=p["components"],
        gamma=p["gamma"],
        degree=p.get("degree", 3),
        random_state=seed,
    )
    linear = RidgeClassifier(alpha=p["alpha"], class_weight="balanced" if p["balanced"] else None)
    return _pipeline(p, seed, make_pipeline(kernel, linear))


def _pipeline(p: P, seed: int, model: Any) -> Any:
    scaler = SCALERS[p.get("scaler", "standard" if p.get("scale") else "none")]
    steps = [] if scaler is None else [scaler()]
    if p.get("project"):
        steps.append(PCA(p["directions"], random_state=seed, whiten=p["whiten"]))
    return make_pipeline(*steps, model)


def _svc(p: P, seed: int) -> SVC:
    return SVC(
        C=p["C"],
        kernel=p["kernel"],
        gamma=p.get("gamma", "scale"),
        degree=p.get("degree", 3),
        coef0=p.get("coef0", 0.0),
        max_iter=20_000,
    )


def _sgd(p: P, seed: int) -> SGDClassifier:
    return SGDClassifier(
        loss=p["loss"],
        penalty=p["penalty"],
        alpha=p["alpha"],
        l1_ratio=p.get("l1_ratio", 0.15),
        learning_rate=p["schedule"],
        eta0=p.get("eta0", 0.01),
        average=p["average"],
        max_iter=20,
        tol=None,
        random_state=seed,
    )


def _trees(kind: Any, p: P, seed: int) -> Any:
    return kind(
        n_estimators=p["trees"],
        max_depth=p["depth"],
        max_features=p["share"],
        min_samples_leaf=p.get("leaf", 1),
        bootstrap=p.get("bootstrap", False),
        random_state=seed,
    )


_CLASSIFIERS = {
    "svm": _svc,
    "sgd": _sgd,
    "logistic": lambda p, seed: LogisticRegression(C=p["strength"], max_iter=60),
    "bayes": lambda p, seed: GaussianNB(var_smoothing=p["smoothing"]),
    "neighbours": lambda p, seed: KNeighborsClassifier(
        min(p["neighbours"], 40), weights=p["weights"], metric=p["metric"]
    ),
    "trees": lambda p, seed: _trees(ExtraTreesClassifier, p, seed),
}

_REGRESSORS = {
    "ridge": lambda p, seed: make_pipeline(
        PolynomialFeatures(p["order"], include_bias=False), StandardScaler(), Ridge(p["alpha"])
    ),
    "elastic": lambda p, seed: ElasticNet(alpha=p["alpha"], l1_ratio=p["l1_ratio"], max_iter=500),
    "kernel": lambda p, seed: KernelRidge(
        alpha=p["strength"], kernel=p["kernel"], gamma=p["gamma"]
    ),
    "svm": lambda p, seed: SVR(
        C=p["C"], epsilon=p["epsilon"], gamma=p["gamma"], shrinking=p["shrinking"], max_iter=20_000
    ),
    "boosting": lambda p, seed: GradientBoostingRegressor(
        n_estimators=p["rounds"],
        learning_rate=p["rate"],
        max_depth=p["depth"],
        subsample=p["subsample"],
        random_state=seed,
    ),
    "trees": lambda p, seed: _trees(ExtraTreesRegressor, p, seed),
}

"""What the networks are trained on: data that come with scikit-learn, and one synthetic task.

Each is split once into a part to train on, one to validate on, which trials report,
and one that says the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn import datasets


@dataclass(frozen=True)
class Task:
    """One of them.

    Attributes
    ----------
    split : "dev", to choose constants on, or "test", to report.
    load : gives inputs and targets; targets that are no classes are standardised floats.
    net : "mlp" or "cnn".
    metric : reported and true: "error" (share of the cases), "loss" (cross entropy) or
        "squares" (mean square error).
    sizes : cases to train and to validate on; the others say the truth.
    """

    name: str
    split: str
    load: Callable[[], tuple[Any, Any]]
    net: str
    metric: str
    sizes: tuple[int, int]


def _standard(x: Any) -> Any:
    return (x - x.mean(0)) / (x.std(0) + 1e-9)


def _digits() -> tuple[Any, Any]:
    data = datasets.load_digits()
    return data.data / 16.0, data.target


def _images() -> tuple[Any, Any]:
    x, y = _digits()
    return x.reshape(-1, 1, 8, 8), y


def _cancer() -> tuple[Any, Any]:
    data = datasets.load_breast_cancer()
    return _standard(data.data), data.target


def _wine() -> tuple[Any, Any]:
    data = datasets.load_wine()
    return _standard(data.data), data.target


def _diabetes() -> tuple[Any, Any]:
    data = datasets.load_diabetes()
    return _standard(data.data), _standard(data.target)


def _colour(name: str) -> tuple[Any, Any]:
    """Colours of a photograph by the place, which waves of some lengths describe."""
    image = datasets.load_sample_image(name)[:256, :256] / 255.0
    rng = np.random.default_rng(0)
    places = rng.integers(0, 256, (2400, 2))
    at = places / 128.0 - 1.0
    waves = [wave(np.pi * 2**k * at) for k in range(4) for wave in (np.sin, np.cos)]
    return np.concatenate([at, *waves], axis=1), _standard(image[places[:, 0], places[:, 1]])


def _classes() -> tuple[Any, Any]:
    x, y = datasets.make_classification(
        n_samples=2000,
        n_features=20,
        n_informative=8,
        n_redundant=4,
        n_classes=4,
        n_clusters_per_class=3,
        flip_y=0.1,
        class_sep=1.5,
        random_state=0,
    )
    return _standard(x), y


TASKS: Final = (
    Task("digits-mlp", "dev", _digits, "mlp", "error", (700, 300)),
    Task("cancer-mlp", "dev", _cancer, "mlp", "loss", (150, 210)),
    Task("diabetes-mlp", "dev", _diabetes, "mlp", "squares", (150, 146)),
    Task("china-mlp", "dev", lambda: _colour("china.jpg"), "mlp", "squares", (800, 300)),
    Task("digits-cnn", "test", _images, "cnn", "error", (500, 300)),
    Task("wine-mlp", "test", _wine, "mlp", "loss", (50, 64)),
    Task("classes-mlp", "test", _classes, "mlp", "error", (800, 300)),
    Task("flower-mlp", "test", lambda: _colour("flower.jpg"), "mlp", "squares", (800, 300)),
)

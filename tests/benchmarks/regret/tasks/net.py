"""A small network in numpy, which diverges as a real one does.

Written here because its training takes milliseconds and is given up where its
weights explode, as a careful user's would be: failed trials that depend on
several hyperparameters at once.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
EXPLODED = 10.0  # a weight of the last layer beyond it: training is given up


def probabilities(
    p: dict[str, Any], x: Array, y: NDArray[np.int64], held_out: Array, epochs: int, seed: int
) -> Array | None:
    """Class probabilities of `held_out` after training on `x` and `y`; None if it diverged."""
    rng = np.random.default_rng(seed)
    widths = [x.shape[1], *[p["width"]] * p.get("layers", 1), int(y.max()) + 1]
    weights = [
        (rng.standard_normal((a, b)) * p["scale"] / np.sqrt(a)).astype(np.float32)
        for a, b in pairwise(widths)
    ]
    state = [weights, [np.zeros(b, np.float32) for b in widths[1:]]]
    moments = [[np.zeros_like(one) for one in part] for part in state]
    squares = [[np.zeros_like(one) for one in part] for part in state]
    batch, step = min(p["batch"], len(x)), 0
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            order = rng.permutation(len(x))
            for start in range(0, len(x) - batch + 1, batch):
                step += 1
                rows = order[start : start + batch]
                gradients = _gradients(p, state, x[rows], y[rows])
                for k in (0, 1):
                    for j, gradient in enumerate(gradients[k]):
                        moved = _step(p, gradient, moments[k][j], squares[k][j], step)
                        decay = p["lr"] * p["decay"] * state[k][j] if k == 0 else 0.0
                        state[k][j] -= moved + decay
            if not np.abs(state[0][-1]).max() < EXPLODED:  # NaN included
                return None
        result = _forward(p, state, held_out)[-1]
    return result if np.isfinite(result).all() else None


def _forward(p: dict[str, Any], state: list[list[Array]], x: Array) -> list[Array]:
    layers = [x]
    for weight, bias in zip(*state, strict=True):
        x = layers[-1] @ weight + bias
        if len(layers) < len(state[0]):
            layers.append(np.tanh(x) if p["activation"] == "tanh" else np.maximum(x, 0))
    odds = np.exp(x - x.max(axis=1, keepdims=True))
    return [*layers, odds / odds.sum(axis=1, keepdims=True)]


def _gradients(
    p: dict[str, Any], state: list[list[Array]], x: Array, y: NDArray[np.int64]
) -> tuple[list[Array], list[Array]]:
    *layers, delta = _forward(p, state, x)
    delta[np.arange(len(y)), y] -= 1.0
    delta /= len(y)
    of_weights, of_biases = [], []
    for k in range(len(layers) - 1, -1, -1):
        of_weights.append(layers[k].T @ delta)
        of_biases.append(delta.sum(axis=0))
        slope = 1.0 - layers[k] ** 2 if p["activation"] == "tanh" else layers[k] > 0
        delta = (delta @ state[0][k].T) * slope
    return of_weights[::-1], of_biases[::-1]


def _step(p: dict[str, Any], gradient: Array, moment: Array, square: Array, step: int) -> Any:
    if p["method"] == "sgd":
        moment *= p["momentum"]
        moment += gradient
        return p["lr"] * moment
    moment += (1 - p["beta1"]) * (gradient - moment)
    square += 0.001 * (gradient**2 - square)
    corrected = np.sqrt(square / (1 - 0.999**step)) + 1e-8
    return p["lr"] * moment / (1 - p["beta1"] ** step) / corrected

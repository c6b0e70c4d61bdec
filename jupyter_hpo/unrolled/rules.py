"""Steps of SGD, Adam and AdamW as functions: nothing is changed in place.

Each takes the weights, their gradient, the optimizer's state of these weights and its options,
which may be tensors of one element, and returns new weights and new state. Shapes are those of
the weights. The formulas are those of ``torch.optim``, in its order of operations.

References
----------
I. Sutskever et al., "On the importance of initialization and momentum in deep learning",
ICML 2013 (SGD as torch has it, without the learning rate in the buffer). D. P. Kingma and
J. Ba, "Adam", ICLR 2015, algorithm 1. S. J. Reddi et al., "On the convergence of Adam and
beyond", ICLR 2018 (amsgrad). I. Loshchilov and F. Hutter, "Decoupled weight decay
regularization", ICLR 2019, algorithm 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch import Tensor

State = Mapping[str, Tensor]
Rule = Callable[[Tensor, Tensor, State, Mapping[str, Any]], tuple[Tensor, dict[str, Tensor]]]


def sgd(
    weights: Tensor, gradient: Tensor, state: State, options: Mapping[str, Any]
) -> tuple[Tensor, dict[str, Tensor]]:
    """SGD with momentum, perhaps Nesterov's; state: ``momentum_buffer``."""
    gradient = _signed(gradient, options)
    decay, momentum = _like(options["weight_decay"], weights), _like(options["momentum"], weights)
    if _matters(decay):
        gradient = gradient + decay * weights
    new: dict[str, Tensor] = {}
    if _matters(momentum):
        before = state.get("momentum_buffer")
        damped = 1 - _like(options["dampening"], weights)
        buffer = gradient if before is None else momentum * before + damped * gradient
        new["momentum_buffer"] = buffer
        gradient = gradient + momentum * buffer if options["nesterov"] else buffer
    return weights - _like(options["lr"], weights) * gradient, new


def adam(
    weights: Tensor, gradient: Tensor, state: State, options: Mapping[str, Any]
) -> tuple[Tensor, dict[str, Tensor]]:
    """Adam, with weight decay in the gradient; state: ``step``, two averages, their maximum."""
    decay = _like(options["weight_decay"], weights)
    gradient = _signed(gradient, options)
    if _matters(decay) and not options.get("decoupled_weight_decay", False):
        gradient = gradient + decay * weights
    return _adaptive(weights, gradient, state, options)


def adamw(
    weights: Tensor, gradient: Tensor, state: State, options: Mapping[str, Any]
) -> tuple[Tensor, dict[str, Tensor]]:
    """AdamW: Adam whose weights decay by themselves."""
    decay, rate = _like(options["weight_decay"], weights), _like(options["lr"], weights)
    if _matters(decay):
        weights = weights * (1 - rate * decay)
    return _adaptive(weights, _signed(gradient, options), state, options)


def _adaptive(
    weights: Tensor, gradient: Tensor, state: State, options: Mapping[str, Any]
) -> tuple[Tensor, dict[str, Tensor]]:
    first, second = options["betas"]
    slow, fast = _like(second, weights), _like(first, weights)
    zero = torch.zeros_like(weights, requires_grad=False)
    # the count itself has no gradient; as a tensor it is what torch's own state holds
    step = state["step"].detach() + 1 if "step" in state else torch.tensor(1.0)
    count = float(step)
    mean = fast * state.get("exp_avg", zero) + (1 - fast) * gradient
    square = slow * state.get("exp_avg_sq", zero) + (1 - slow) * gradient * gradient
    new = {"step": step, "exp_avg": mean, "exp_avg_sq": square}
    if options["amsgrad"]:
        before = state.get("max_exp_avg_sq")
        square = square if before is None else torch.maximum(before, square)
        new["max_exp_avg_sq"] = square
    # the corrections in full precision, as torch computes them in Python
    size = _like(options["lr"] / (1 - first**count), weights)
    root = _like((1 - second**count) ** 0.5, weights)
    return weights - size * mean / (_root(square) / root + _like(options["eps"], weights)), new


RULES: Final[Mapping[str, Rule]] = {"sgd": sgd, "adam": adam, "adamw": adamw}
OPTIONS: Final[Mapping[str, Any]] = {
    "lr": 1e-3,
    "momentum": 0.0,
    "dampening": 0.0,
    "nesterov": False,
    "betas": (0.9, 0.999),
    "eps": 1e-8,
    "weight_decay": 0.0,
    "amsgrad": False,
    "maximize": False,
}


def _signed(gradient: Tensor, options: Mapping[str, Any]) -> Tensor:
    return -gradient if options.get("maximize", False) else gradient


def _root(square: Tensor) -> Tensor:
    """The square root, whose derivative at 0 is taken to be 0: a weight without gradient."""
    nothing = square == 0
    return torch.where(nothing, 0.0, torch.where(nothing, 1.0, square).sqrt())


def _like(value: Any, weights: Tensor) -> Any:
    """An option in the weights' own precision, so that it changes none of their types."""
    return value.to(weights.dtype) if isinstance(value, Tensor) else value


def _matters(value: Any) -> bool:
    """Whether an option is in use; one with a gradient is, also at 0."""
    return value.requires_grad or bool(value != 0) if isinstance(value, Tensor) else value != 0

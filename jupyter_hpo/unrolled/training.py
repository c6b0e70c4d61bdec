"""`train`: a training loop as a function, differentiable by its hyperparameters."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ..errors import GradientError, UsageError
from .abreast import abreast
from .known import tensors
from .pieces import Moment, Pieces
from .rules import OPTIONS, RULES
from .tape import leaves

# Going forward took 1.1 to 1.5 times as long as going back by one hyperparameter, 1.3 to 1.7 by
# two, and 2 to 2.5 by four; a way back over n steps holds the graphs of √n, and as many weights.
FEW: Final = 2
LONG: Final = 1000

Batches = Iterable[Any] | Callable[[int], Any]


class Trained:
    """A model with the weights that `train` gave it; called as the model is.

    Attributes
    ----------
    model : the module, which holds the same weights without their graph.
    weights : by name, with the graph that leads to the hyperparameters.
    losses : of the training, one a step.
    """

    def __init__(self, model: nn.Module, weights: dict[str, Tensor], losses: list[float]) -> None:
        self.model, self.weights, self.losses = model, weights, losses

    def __call__(self, *inputs: Any, **keywords: Any) -> Any:
        return functional_call(self.model, self.weights, inputs, keywords)


def train(
    model: nn.Module,
    loss: Callable[..., Tensor],
    batches: Batches,
    *,
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd",
    steps: int | None = None,
    horizon: int | None = None,
    checkpoint: int | bool = True,
    mode: Literal["auto", "forward", "reverse"] = "auto",
    **options: Any,
) -> Trained:
    """Train a model so that its weights can be differentiated by the hyperparameters.

    Any of them may be a tensor with a gradient: options of the optimizer, and whatever `loss`
    calculates with. The weights before training have none.

    Parameters
    ----------
    model : any module; left with the trained weights.
    loss : ``loss(model, *batch)``, the loss of a step; its `model` is called as the module is.
    batches : a batch for each step, a tuple or one tensor. A list is gone through again if there
        are more steps, as is a `DataLoader`, whose batches are then all kept; a function is
        given the step, from 0, and must give the same batch for it again.
    optimizer : whose steps; options are those of torch: ``lr``, ``momentum``, ``dampening``,
        ``nesterov``, ``betas``, ``eps``, ``weight_decay``, ``amsgrad``, ``maximize``.
    steps : how many; by default as many as there are batches.
    horizon : the gradient looks back over the last so many steps; by default all.
    checkpoint : steps whose graph is held at a time. True: the square root of the steps, so that
        memory grows with it; each step is then calculated twice. False: all are held.
    mode : ``reverse`` goes back through the steps when the gradient is asked for; ``forward``
        carries the derivatives along with them, in memory that steps do not add to and time that
        each hyperparameter adds to (each element, of a larger tensor). ``auto`` goes forward
        where that saves most of the memory and takes at most half as long again: over a thousand
        steps and more (`LONG`) by one or two of them (`FEW`), unless a horizon or a checkpoint
        is given or torch cannot differentiate a step so often.

    Raises
    ------
    UsageError
        If an option is unknown or a number out of range.
    GradientError
        With ``mode="forward"``, if torch cannot differentiate a step so often.

    References
    ----------
    L. Franceschi et al., "Forward and reverse gradient-based hyperparameter optimization", ICML
    2017, sections 3.1 and 3.2.
    T. Chen et al., "Training deep nets with sublinear memory cost", 2016: pieces of √n steps.
    A. Shaban et al., "Truncated back-propagation for bilevel optimization", AISTATS 2019: the
    horizon.
    """
    used = _options(optimizer, options)
    if mode not in ("auto", "forward", "reverse"):
        raise UsageError(f"train(mode={mode!r}): there are 'auto', 'forward' and 'reverse'")
    if mode == "forward" and (horizon is not None or checkpoint is not True):
        raise UsageError(
            "train(mode='forward') carries derivatives through all steps and keeps none; leave out "
            "horizon= and checkpoint=, or go back by mode='reverse'"
        )
    at, total = _numbered(batches, steps)
    if total < 1 or (horizon is not None and horizon < 1):
        raise UsageError("train() needs at least one step, and a horizon of at least 1")
    size = _size(checkpoint, total if horizon is None else min(horizon, total))
    with torch._C.DisableTorchFunction():
        pieces = Pieces(model, loss, at, RULES[optimizer], used, leaves)
        moment = Moment({n: p.detach().clone() for n, p in model.named_parameters()}, {}, 0)
        seen = total if horizon is None else min(horizon, total)
        moment = pieces.plainly(moment, total - seen)
        if seen < total:
            warnings.warn(
                f"the gradient looks back over {seen} of {total} steps; a short horizon favours "
                "small learning rates (Wu et al., ICLR 2018)",
                stacklevel=2,
            )
        if mode == "auto" and (horizon is not None or checkpoint is not True):
            mode = "reverse"
        weights = _differentiable(pieces, moment, seen, size, mode)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(weights[name])
    return Trained(model, weights, pieces.losses)


def _differentiable(
    pieces: Pieces, moment: Moment, steps: int, size: int, mode: str
) -> dict[str, Tensor]:
    """The weights so many steps on, with their derivatives."""
    outside, inside = pieces.sources(moment)
    if not outside and not inside:
        return pieces.plainly(moment, steps).weights
    few = sum(each.numel() for each in (*outside, *inside)) <= FEW
    if mode == "forward" or (mode == "auto" and few and steps >= LONG):
        try:
            return abreast(pieces, moment, steps, outside, inside)
        except GradientError:
            if mode == "forward":
                raise
    return pieces.followed(moment, steps, size, outside, inside)


def _options(optimizer: str, given: dict[str, Any]) -> dict[str, Any]:
    if optimizer not in RULES:
        raise UsageError(f"train(optimizer={optimizer!r}): there are {', '.join(map(repr, RULES))}")
    unknown = [name for name in given if name not in OPTIONS]
    if unknown:
        raise UsageError(f"train() has no option {unknown[0]!r}; there are {', '.join(OPTIONS)}")
    used = {**OPTIONS, **{name: tensors(value) for name, value in given.items()}}
    for name in ("lr", "momentum", "eps", "weight_decay"):
        if not used[name] >= 0:
            raise UsageError(f"train({name}={used[name]!r}): it must be 0 or more")
    if used["nesterov"] and (not used["momentum"] > 0 or used["dampening"] != 0):
        raise UsageError("train(nesterov=True) needs a momentum above 0 and no dampening")
    if not all(0 <= beta < 1 for beta in used["betas"]):
        raise UsageError(f"train(betas={used['betas']!r}): both must be from 0 to below 1")
    return used


def _numbered(batches: Batches, steps: int | None) -> tuple[Callable[[int], Any], int]:
    """The batch of each step, and the number of steps."""
    if callable(batches):
        if steps is None:
            raise UsageError("train(batches=a function) needs steps=")
        return batches, steps
    if not isinstance(batches, Sequence):
        again = itertools.chain.from_iterable(itertools.repeat(batches))
        batches = list(batches if steps is None else itertools.islice(again, steps))
    held: Sequence[Any] = batches
    if not held:
        raise UsageError("train() was given no batch")
    return lambda step: held[step % len(held)], len(held) if steps is None else steps


def _size(checkpoint: int | bool, steps: int) -> int:
    """Steps of a piece."""
    if checkpoint is True:
        return max(1, round(math.sqrt(steps)))
    if checkpoint is False:
        return steps
    if checkpoint < 1:
        raise UsageError(f"train(checkpoint={checkpoint}): steps of a piece, at least 1")
    return checkpoint

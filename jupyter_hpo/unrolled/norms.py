"""Batch normalisation whose running statistics are part of the graph.

Torch itself takes them for constants: it writes them in place while a model trains, and what
is evaluated by them later does not lead back to the weights and hyperparameters they came from.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class Same(torch.autograd.Function):
    """The second tensor, with the graph of the first, which is the same but for rounding."""

    @staticmethod
    def forward(ctx: Any, graph: Tensor, values: Tensor) -> Tensor:
        return values.clone()

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None]:
        return slope, None


def same(graph: Tensor, values: Tensor) -> Tensor:
    """`values` with the graph of a tensor that equals them."""
    made: Tensor = Same.apply(graph, values.detach())  # type: ignore[no-untyped-call]
    return made


def moved(inputs: Tensor, mean: Tensor, var: Tensor, momentum: Any) -> tuple[Tensor, Tensor]:
    """Running statistics after a batch.

    Parameters
    ----------
    inputs : shape (n, channels, …).
    mean, var : as they were before, shape (channels,).
    """
    over = [0, *range(2, inputs.dim())]
    values = inputs.to(mean.dtype)
    return (
        (1 - momentum) * mean + momentum * values.mean(over),
        (1 - momentum) * var + momentum * values.var(over, unbiased=True),
    )


def evaluated(
    inputs: Tensor,
    mean: Tensor,
    var: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
) -> Tensor:
    """Inputs normalised by running statistics that may have a graph; bit for bit as torch does."""
    shape = [1, -1, *[1] * (inputs.dim() - 2)]
    with torch.no_grad():
        values = torch.nn.functional.batch_norm(inputs, mean, var, weight, bias, False, 0.0, eps)
    made = (inputs - mean.view(shape)) / (var.view(shape) + eps).sqrt()
    if weight is not None:
        made = made * weight.view(shape)
    if bias is not None:
        made = made + bias.view(shape)
    return same(made.to(values.dtype), values)

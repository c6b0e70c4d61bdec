"""A training run whose derivatives go forwards with it, in memory that steps do not add to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..errors import GradientError
from .pieces import Moment, Pieces, Weights, random_state, set_random_state, with_leaves
from .tangents import End, Tangents, carried


def abreast(
    pieces: Pieces, moment: Moment, steps: int, outside: list[Tensor], inside: list[Tensor]
) -> Weights:
    """The weights so many steps on, with their derivatives by the `Pieces.sources`.

    Raises
    ------
    GradientError
        If torch cannot differentiate a step so often; all is then as it was before.
    """
    random, buffers = random_state(), {n: held.clone() for n, held in pieces.buffers().items()}
    given = [each.detach().requires_grad_() for each in outside]
    try:
        with torch.enable_grad():
            moment, known = _run(pieces, moment, steps, given, inside)
    except GradientError:
        set_random_state(random)
        pieces.losses.clear()
        with torch.no_grad():
            for name, held in pieces.buffers().items():
                held.copy_(buffers[name])
        raise
    made: tuple[Tensor, ...] = _Attached.apply(  # type: ignore[no-untyped-call]
        list(moment.weights.values()), known[: len(moment.weights)], *outside, *inside
    )
    return dict(zip(moment.weights, made, strict=True))


def _run(
    pieces: Pieces, moment: Moment, steps: int, given: list[Tensor], inside: list[Tensor]
) -> tuple[Moment, list[Tangents]]:
    """The last moment, and the tangents of its `tensors`."""
    options = with_leaves(pieces.options, iter(given))
    sources = _units([*given, *inside])
    count = len(sources[0].tangents)
    known: list[Tangents] = [[None] * count for _ in moment.tensors]
    for step in range(steps):
        begin = pieces.all_leaves(moment)
        before = [End(*each) for each in zip(begin.tensors, known, strict=True)]
        after = pieces.step(begin, options, pieces.buffers(), graph=True)
        try:
            known = _carried(after.tensors, [*before, *sources], count, careful=step < 2)
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise GradientError(
                "train(mode='forward'): torch cannot carry derivatives through a step "
                f"({reason}); go back through them by mode='reverse'"
            ) from error
        moment = after.with_tensors([tensor.detach() for tensor in after.tensors])
    return moment, known


def _carried(
    made: Sequence[Tensor], sources: list[End], count: int, *, careful: bool
) -> list[Tangents]:
    """The tangents of all that a step made; weights that do not train have none."""
    moved = [tensor for tensor in made if tensor.requires_grad]
    live = [end for end in sources if isinstance(end.place, Tensor) and end.place.requires_grad]
    found = iter(carried(moved, live, count, careful=careful))
    return [next(found) if tensor.requires_grad else [None] * count for tensor in made]


def _units(tensors: Sequence[Tensor]) -> list[End]:
    """Tensors with their tangents by their own elements, one after the other."""
    count = sum(tensor.numel() for tensor in tensors)
    found, begin = [], 0
    for tensor in tensors:
        own = torch.eye(tensor.numel(), dtype=tensor.dtype, device=tensor.device)
        tangents: list[Tensor | None] = [None] * count
        tangents[begin : begin + len(own)] = [row.reshape(tensor.shape) for row in own]
        found.append(End(tensor, tangents))
        begin += len(own)
    return found


class _Attached(torch.autograd.Function):
    """Weights, which have derivatives that are known."""

    @staticmethod
    def forward(
        ctx: Any, weights: list[Tensor], known: list[Tangents], *inputs: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.known, ctx.inputs = known, inputs
        return tuple(each.clone() for each in weights)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor | None) -> tuple[Tensor | None, ...]:
        known: list[Tangents] = ctx.known
        totals: list[Tensor | None] = []
        begin = 0
        for each in ctx.inputs:
            total = torch.zeros(each.numel(), dtype=each.dtype)
            for k in range(each.numel()):
                for slope, tangents in zip(slopes, known, strict=True):
                    tangent = tangents[begin + k]
                    if slope is not None and tangent is not None:
                        total[k] += (slope * tangent).sum().to(total)
            totals.append(total.reshape(each.shape).to(each.device))
            begin += each.numel()
        return (None, None, *totals)

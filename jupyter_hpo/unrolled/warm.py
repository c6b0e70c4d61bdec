"""Training that begins with the weights an earlier trial has trained.

Which weights are which is told by the order in which the cell gives them to its optimizers, and
by their shapes. Buffers (running means of a BatchNorm) and the optimizers' own state begin anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..errors import GradientError


def load(start: Sequence[Tensor], place: int, weights: Sequence[Tensor]) -> None:
    """Give weights, the first of which is number `place` of all, the values they begin with.

    Raises
    ------
    GradientError
        If these are those of another model.
    """
    part = start[place : place + len(weights)]
    before, now = ([tuple(p.shape) for p in each] for each in (part, weights))
    if before != now:
        one, other = next(
            pair
            for pair in zip([*before, "nothing"], [*now, "nothing"], strict=False)
            if pair[0] != pair[1]
        )
        raise GradientError(
            "warm=True: the earlier trial has trained other weights than this one makes "
            f"({one} in place of {other}); make the same model in every trial, or leave warm= out"
        )
    with torch.no_grad():
        for weight, values in zip(weights, part, strict=True):
            weight.copy_(values)

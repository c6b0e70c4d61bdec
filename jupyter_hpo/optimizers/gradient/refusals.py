"""Options that are out of range, or go with none of the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from ...domains.base import short
from ...errors import UsageError
from .adapting import refuse_others
from .ways import Mode, refuse_mode


class Options(NamedTuple):
    """What `optimizer.Gradient` is given under these names."""

    weights: Sequence[str] | None
    weights_rate: float
    warm: bool
    horizon: int | None
    mode: Mode
    online: bool | float
    inner_loss: str | None
    iterations: int
    rate: float
    steps: int | None
    outer: str | None


def refuse(options: Options, rate: float) -> None:
    """Raise UsageError if options are out of range, or cannot be used together.

    Parameters
    ----------
    rate : the one that is taken where none is given.
    """
    if options.inner_loss is not None and options.horizon is not None:
        raise UsageError("gradient: inner_loss= looks back over no steps; leave out horizon=")
    refuse_mode(options.mode, options.horizon, options.inner_loss, options.weights)
    if options.online:
        others: dict[str, Any] = {
            name: getattr(options, name)
            for name in ("horizon", "mode", "inner_loss", "steps", "rate", "weights")
        }
        refuse_others({**others, "rate": None if options.rate == rate else options.rate})
    for name in ("horizon", "steps", "iterations"):
        number = getattr(options, name)
        if number is not None and number < 1:
            raise UsageError(f"gradient: {name} must be at least 1, not {number}")
    if not 0 < options.rate <= 5:
        raise UsageError(f"gradient: rate must be above 0 and at most 5, not {short(options.rate)}")
    if not 0 < options.weights_rate < math.inf:
        raise UsageError(
            f"gradient: weights_rate must be above 0, not {short(options.weights_rate)}"
        )
    if options.warm and options.inner_loss is None:
        raise UsageError(
            "gradient: warm=True goes with inner_loss=; a gradient through the steps of "
            "training would not see where its first weights come from"
        )
    if (options.outer or "").partition("(")[0].strip() == "gradient":
        raise UsageError("gradient: outer= is another optimizer, which says where walks start")

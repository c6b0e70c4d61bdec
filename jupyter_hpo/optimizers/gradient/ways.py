"""How the derivatives of a trial are found: back through its training, or along with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from ...errors import UsageError

if TYPE_CHECKING:
    from ...unrolled.run import Run

Mode = Literal["auto", "forward", "reverse"]


def refuse_mode(
    mode: Mode, horizon: int | None, inner_loss: str | None, weights: Sequence[str] | None = None
) -> None:
    """Raise UsageError if a mode goes with none of the other options."""
    if mode == "forward" and weights:
        raise UsageError(
            "gradient: mode='forward' takes one more training for each entry of weights=; leave "
            "one of them out"
        )
    if mode == "forward" and horizon is not None:
        raise UsageError(
            "gradient: mode='forward' looks back over all steps, whatever their number; leave out "
            "horizon="
        )
    if mode != "auto" and inner_loss is not None:
        raise UsageError(
            f"gradient: mode={mode!r} is about following the steps of training, and with "
            "inner_loss= none is followed; leave one of them out"
        )


def following(values: Mapping[str, float], mode: Mode, horizon: int | None) -> Run:
    """What follows a trial, to be differentiated by these values.

    By itself it goes back, and where the memory does not hold all steps of the training, and the
    hyperparameters are few, forwards (`unrolled.forward`). Where it always goes forwards it sees
    all steps, also where an earlier study's check has chosen a `horizon`.
    """
    from ...unrolled.forward import Forward
    from ...unrolled.run import Run

    if mode == "reverse" or (mode == "auto" and horizon is not None):
        return Run(values, horizon)
    return Forward(values, always=mode == "forward")

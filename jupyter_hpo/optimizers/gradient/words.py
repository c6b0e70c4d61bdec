"""What the user is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ...trial import Trial
    from ...unrolled.places import Cut
    from ...unrolled.run import Found

NORM: Final = "norm_gradient_"  # what names of lengths of gradients by tensors begin with
NAMED: Final = 6  # hyperparameters that are listed in a sentence

_INSTEAD = {
    ".item()": "leave the tensor itself, without .item()",
    "float()": "leave the tensor itself, without float()",
    ".tolist()": "leave the tensor itself, without .tolist()",
    ".numpy()": "stay with tensors",
    "numpy": "stay with tensors",
    ".detach()": "leave the tensor itself, without .detach()",
    ".data": "leave the tensor itself, without .data",
    "no_grad()": "evaluate outside torch.no_grad() and leave the tensor itself, without .item()",
    "inference_mode()": (
        "evaluate outside torch.inference_mode() and leave the tensor itself, without .item()"
    ),
}


def cut_off(cut: Cut) -> str:
    """Why there is no gradient, and what to write instead."""
    instead = _INSTEAD.get(cut.how)
    advice = f"; {instead}, or drop strict=True" if instead else "; or drop strict=True"
    return f"the objective has no gradient of its own: {cut}{advice}"


def missing(key: str, found: Found) -> str:
    """A hyperparameter that the gradient does not reach, and why if that is known."""
    name, cut = key.partition("#")[0], found.lost.get(key)
    return name if cut is None else f"{name}: {cut}"


def no_slope_of(name: str, cut: Cut | None, *, unrolls: bool) -> str:
    """Why a tensor has no gradient, and what to write instead."""
    if cut is not None:
        return f"there is no gradient by `{name}`: {cut}"
    if unrolls:
        return (
            f"the objective does not depend on `{name}`; use it in the loss of the training, as in "
            f"`(torch.sigmoid({name}) * losses).mean()`"
        )
    return (
        f"neither the objective nor the loss named by inner_loss= depends on `{name}`; calculate "
        f"that loss with it, as in `(torch.sigmoid({name}) * losses).mean()`"
    )


def listed(names: Sequence[str]) -> str:
    """``a, b and c``; of many the first few."""
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1:,} others"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def plan(smooth: Sequence[str], others: Sequence[str], outer: str) -> str:
    """What is going to be done with the hyperparameters of a space; no `outer`: with tensors."""
    if not outer:
        return f"gradient goes down {listed(smooth)}."
    rest = f", and {outer} proposes {listed(others)} and" if others else f", and {outer} proposes"
    return f"gradient goes down {listed(smooth)}{rest} the starting points."


def remarks(trial: Trial, names: Sequence[str]) -> dict[str, str]:
    """Sentences about what a trial has shown, by subject; each subject is told once."""
    info, says = trial.info, {}
    if why := info.get("plain_numbers"):
        says["none"] = _by_pairs(names, f"the cell takes plain numbers only ({why})")
    elif why := info.get("no_gradient"):
        says["none"] = _by_pairs(names, str(why))
    if why := info.get("no_gradient_of"):
        says["some"] = (
            f"The gradient does not reach every hyperparameter ({why}); such a one stays as it "
            "is proposed while the others go down."
        )
    if lost := info.get("steps_out_of_sight"):
        seen = info.get("unrolled_steps", 0)
        says["horizon"] = (
            f"The gradient looks back over the last {seen} of {seen + lost} steps of training. "
            "Short horizons favour small learning rates, by orders of magnitude (Wu et al., "
            "ICLR 2018); gradient(horizon=…) or more memory lets it see more."
        )
    if "finite_difference_ratio" in info:
        says["check"] = _checked(trial, info["finite_difference_ratio"])
    return says


def _by_pairs(names: Sequence[str], why: str) -> str:
    return (
        f"There is no gradient: {why}. {listed(names)} go{'es' if len(names) == 1 else ''} down by "
        "pairs of trials instead (an evolution strategy), which takes more of them."
    )


def _checked(trial: Trial, ratio: Any) -> str:
    name = trial.info.get("checked")
    about = f"The gradient by {name} in trial {trial.number}"
    if not isinstance(ratio, int | float):
        return f"{about} could not be compared with a finite difference: a run for it failed."
    if abs(ratio - 1) <= 0.1:
        return f"{about} was checked: {ratio:.4g} times the finite difference."
    if slope := trial.info.get("training_slope"):
        return (
            f"{about} is {ratio:.3g} times the finite difference: it holds where training has come "
            f"to its minimum, and the slope of the training loss is still {slope:.2g} at its end."
        )
    return (
        f"{about} is {ratio:.3g} times the finite difference: it does not see all of the cell, "
        "whose runs may also differ by chance, or the objective is rough."
    )

"""What the user is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ...trial import RUN_AGAIN, SLOPES, TrialState
from .trust import agrees

if TYPE_CHECKING:
    from ...trial import Trial
    from ...unrolled.places import Cut
    from ...unrolled.run import Found

NEAR: Final = 0.1  # of a ratio from 1 that is not worth a word
NORM: Final = "norm_gradient_"  # what names of lengths of gradients by tensors begin with
NAMED: Final = 6  # hyperparameters that are listed in a sentence

_READ = "keep to tensors, or make the mean of such numbers by + and /"
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
_JUMPS = frozenset({"argmax()", "argmin()", "max()", "min()", "topk()", "argsort()", "sort()"})
_COUNTS = frozenset({"==", "!=", ">", ">=", "<", "<="})
LOSS: Final = "with a loss as the objective, such as cross-entropy, there is one"


def cut_off(cut: Cut) -> str:
    """Why there is no gradient, and what to write instead."""
    instead = _INSTEAD.get(cut.how)
    if cut.how in _JUMPS | _COUNTS:
        instead = "leave a loss as the objective, such as cross-entropy"
    advice = f"; {instead}, or drop strict=True" if instead else "; or drop strict=True"
    return f"the objective has no gradient of its own: {cut}{advice}"


def why(cut: Cut) -> str:
    """Why there is no gradient where one was looked for, and what would give one."""
    from ...unrolled.forward import BEHIND

    if cut.how in _JUMPS | _COUNTS:
        return f"what is counted or chosen changes in jumps, by {cut}; {LOSS}"
    if cut.how == BEHIND:
        return (
            f"{cut}; if these are the weights of an earlier step, keep them as tensors, as in "
            '`best = copy.deepcopy(model.state_dict())`, or take mode="reverse"'
        )
    if cut.how in _INSTEAD:
        return f"the objective is calculated outside torch, after {cut}; {_READ}"
    return str(cut)


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


def adapting(names: Sequence[str], outer: str, *, decay: bool) -> str:
    """What is going to be done with hyperparameters that are adapted while a trial trains."""
    what = "learning rates and weight decays" if decay else "learning rates"
    return (
        f"gradient adapts {what} among {listed(names)} while each trial trains, and {outer} "
        "proposes where trials start."
    )


def remarks(trial: Trial, names: Sequence[str]) -> dict[str, str]:
    """Sentences about what a trial has shown, by subject; each subject is told once."""
    info, says = trial.info, {}
    if why := info.get("plain_numbers"):
        again = f"; trial {trial.number} ran twice for it" if RUN_AGAIN in info else ""
        says["none"] = _by_pairs(names, f"the cell takes plain numbers only ({why}{again})")
    elif RUN_AGAIN in info and trial.state is TrialState.FAIL:
        says["again"] = (
            f"Trial {trial.number} failed and was run once more with plain numbers in place of "
            f"tensors, as {info[RUN_AGAIN]} may come from these; that failed, too."
        )
    elif why := info.get("no_gradient"):
        says["none"] = _by_pairs(names, str(why))
    if why := info.get("no_gradient_of"):
        says["some"] = (
            f"The gradient does not reach every hyperparameter ({why}); such a one stays as it "
            "is proposed while the others go down."
        )
    if info.get("trust") == "horizon":
        says["horizon"] = ""  # it is said below
    elif lost := info.get("steps_out_of_sight"):
        seen = info.get("unrolled_steps", 0)
        says["horizon"] = (
            f"The gradient looks back over the last {seen} of {seen + lost} steps of training. "
            "Short horizons favour small learning rates, by orders of magnitude (Wu et al., "
            f"ICLR 2018); {_further(trial)}."
        )
    says |= _adapted(trial)
    if "finite_difference_ratio" in info:
        says["check"] = _checked(trial, info["finite_difference_ratio"], names)
    return says


def _further(trial: Trial) -> str:
    if any(name.startswith(SLOPES) for name in trial.arrays):
        return "gradient(horizon=…) or more memory lets it see more"
    return 'gradient(mode="forward") sees all of them, in more time'


def _adapted(trial: Trial) -> dict[str, str]:
    """What a trial has shown whose hyperparameters were adapted while it trained."""
    says = {}
    if why := trial.info.get("not_adapted"):
        says["not adapted"] = f"Not adapted while a trial trained: {why}."
    went = [
        f"{name} from {start:.3g} to {trial.info['online_' + name]:.3g}"
        for name, start in trial.params.items()
        if isinstance(trial.info.get("online_" + name), int | float)
    ]
    if went:
        says["adapted"] = (
            f"In trial {trial.number} training took {listed(went)}, by the training loss one step "
            "ahead. Trials are recorded with the values that they start from; the values by "
            "report are path_NAME of a trial's info."
        )
    return says


def misled(trial: Trial, start: int) -> str:
    """A walk whose gradients were of no use."""
    return (
        f"From trial {start} on the gradients did not say how the objective would change: it is "
        f"too rough there. From trial {trial.number + 1} on that way down goes by pairs of trials."
    )


def _by_pairs(names: Sequence[str], why: str) -> str:
    return f"There is no gradient: {why}. {_pairs(names)}, which takes more of them."


def _pairs(names: Sequence[str]) -> str:
    goes = "goes" if len(names) == 1 else "go"
    return f"{listed(names)} {goes} down by pairs of trials instead (an evolution strategy)"


def _checked(trial: Trial, ratio: Any, names: Sequence[str]) -> str:
    info = trial.info
    about = f"The gradient by {info.get('checked')} in trial {trial.number}"
    if not isinstance(ratio, int | float):
        return f"{about} could not be compared with a finite difference: a run for it failed."
    if abs(ratio - 1) <= NEAR and "trust" not in info:
        return f"{about} was checked: {ratio:.4g} times the finite difference."
    unlike = f"{about} is {ratio:.3g} times the finite difference"
    if coarse := info.get("coarse_ratio"):
        unlike += f" over a small step, and {coarse:.3g} times it over a larger one"
    trust, blame = info.get("trust"), _blame(trial)
    if trust == "horizon":
        return (
            f"{unlike}, and {info['horizon_ratio']:.3g} times it where it looks back over the last "
            f"{info['horizon']} steps of training only: long training is chaotic. So it looks back "
            "over these from now on, though short horizons favour small learning rates (Wu et al., "
            "ICLR 2018)."
        )
    if trust == "pairs":
        return f"{unlike} and does not lead down: {blame}. {_pairs(names)}, without gradients."
    if trust == "down":
        return f"{unlike}: {blame}. It leads down, and is followed."
    agreed = agrees(info.get("coarse_ratio", ratio)) and "training_slope" not in info
    return f"{unlike}." if agreed else f"{unlike}: {blame}."


def _blame(trial: Trial) -> str:
    """Why a gradient is not what the objective does."""
    if slope := trial.info.get("training_slope"):
        return (
            "it holds where training has come to its minimum, and the slope of the training loss "
            f"is still {slope:.2g} at its end"
        )
    return (
        "it does not see all of the cell, whose runs may also differ by chance, or the objective "
        "is rough, as it is after long training"
    )

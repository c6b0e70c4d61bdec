"""One trial whose training is followed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.overrides import _get_current_function_mode

from ..layers import Layer
from ..resources import available, resident
from .following import FORCED, Following
from .known import Hyper, Known, ignore
from .places import Cut, here
from .stepping import Stepping, bare
from .tape import Joint, Tape, leaf_of
from .traced import Readings
from .weights import Weights

GROWN: Final = 1.02  # times what was held when steps were let go of: then more are
SHARE: Final = 0.5
PARTS: Final = (2, 4, 8, 16)  # of the steps that shorter horizons are
SHORTEST: Final = 5  # steps of one


@dataclass
class Found:
    """What is known of the gradient of an objective.

    Attributes
    ----------
    gradients : by key, in natural units: change of the objective per unit of the
        hyperparameter; keys of those that it does not reach are missing.
    vectors : by name, change of the objective per unit of each entry of a tensor.
    steps, forgotten : of the training; the gradient does not go back to the latter.
    cut : where the objective lost its graph, if it has none.
    through : where a number was taken or the graph switched off, and followed nevertheless.
    lost : by key, where a hyperparameter was taken as a bare number.
    exact : whether the objective is in double precision.
    carried : how many of the steps the derivatives were carried through forwards.
    horizons : gradients that look back over fewer steps, by the number of steps.
    uphill : length of the training loss's gradient by the weights, which is 0 at a minimum;
        None if that was not asked.
    """

    gradients: dict[str, float] = field(default_factory=dict)
    vectors: dict[str, Tensor] = field(default_factory=dict)
    steps: int = 0
    forgotten: int = 0
    carried: int = 0
    cut: Cut | None = None
    through: Cut | None = None
    lost: dict[str, Cut] = field(default_factory=dict)
    exact: bool = False
    horizons: dict[int, dict[str, float]] = field(default_factory=dict)
    uphill: float | None = None


class Run(Layer):
    """Makes the training of a trial differentiable; as a layer, in force while the trial runs.

    Parameters
    ----------
    values : hyperparameters to be differentiated by, by key.
    horizon : steps that the gradient looks back; None: as many as memory allows.
    share : of the memory that is free when the trial begins, for its graph.

    Attributes
    ----------
    leaves, bound : tensors of the hyperparameters, and the numbers that know them, by key.
    unrolls : whether the steps of training are followed.
    vectors : leaves for tensors of the notebook, by name, see `hold`.
    optimized : whether the cell has made an optimizer, and does not train by hand.
    """

    unrolls = True

    def __init__(
        self, values: Mapping[str, float], horizon: int | None = None, share: float = SHARE
    ) -> None:
        self.tape, self.readings = Tape(horizon), Readings()
        self.weights = Weights(self._changed)
        self.following = Following(self.weights, self.readings, self._rewritten, self._crowded)
        with torch._C.DisableTorchFunction():
            self.leaves = {
                key: leaf_of(torch.tensor(value, dtype=torch.float64, device="cpu"))
                for key, value in values.items()
            }
        self.vectors: dict[str, Tensor] = {}
        self.bound = {key: Hyper.of(values[key], leaf) for key, leaf in self.leaves.items()}
        self.optimized = False
        self._stepping = Stepping(self)
        self._begun = False
        self._limits = [n + share * free for n, free in zip(_held(), _free(), strict=True)]

    def hold(self, tensors: Mapping[str, Tensor]) -> None:
        """Differentiate by every entry of some tensors, too."""
        with torch._C.DisableTorchFunction():
            self.vectors = {name: leaf_of(tensor) for name, tensor in tensors.items()}

    def enter(self) -> None:
        self._stepping.enter()
        Known.noted = self.following.note
        if not self._begun:  # over a park, torch's stack of modes is put aside and brought back
            self._begun = True
            self.following.__enter__()  # type: ignore[no-untyped-call]  # torch's

    def leave(self) -> None:
        self._stepping.leave()
        Known.noted = ignore

    def end(self) -> None:
        self.leave()
        # below modes that the cell has left behind, it goes with all that the thread had
        self._stepping.release()
        with torch._C.DisableTorchFunction():
            self.weights.release()
        self.readings.close()
        # a trial that has not come to its end still has its graph, and what torch has cached while
        # its functions were ours may hold this object for as long as the process lives
        self.tape.forget(len(self.tape))
        self.following.forget()
        top: Any = _get_current_function_mode()  # type: ignore[no-untyped-call]  # torch's
        if self._begun and top is self.following:
            self.following.__exit__(None, None, None)

    def stepped(self, made: list[Joint], options: list[Joint]) -> None:
        """An optimizer has made a step."""
        self.tape.add(made + self.weights.cut(), options)
        self._crowded()

    def train(self, parameters: Iterable[Tensor]) -> None:
        """An optimizer trains these."""
        self.optimized = True
        joints = self.weights.add(parameters)
        if joints:
            self.tape.change(joints)

    def _rewritten(self, joints: list[Joint]) -> None:
        """The cell has changed weights in place, which may be a step of training by hand."""
        self.tape.change(joints, step=self.tape.fresh)
        self.tape.fresh = False

    def _crowded(self) -> bool:
        """Where memory runs short, let go of old steps; whether there is nothing left to let go."""
        held = _held()
        if all(n <= limit for n, limit in zip(held, self._limits, strict=False)):
            return False
        freed = self._make_room()
        if freed:  # what is freed stays with the process, and is used again before it grows
            self._limits = [
                max(n * GROWN, limit) for n, limit in zip(held, self._limits, strict=False)
            ]
        return not freed

    def _make_room(self) -> bool:
        """Let go of the older half of the steps; whether there were any."""
        self.readings.forget()
        half = len(self.tape) // 2
        self.tape.forget(half)
        return half > 0

    def _changed(self, parameter: Tensor) -> None:
        where = self.following.where_changed(parameter)
        self.following.cuts["in place"] = where or here("weights changed in place before")

    def plain(self, optimizer: Optimizer) -> None:
        """An optimizer is made whose steps are not known here."""
        self.optimized = True
        for group in optimizer.param_groups:
            self.weights.leave(group["params"])
        bare(optimizer)
        self.following.cuts["optimizer"] = here(
            f"torch.optim.{type(optimizer).__name__} is none of SGD, Adam and AdamW, whose steps "
            "can be followed"
        )

    def find(self, objective: Any, namespace: Mapping[str, Any]) -> Found:
        """The gradient of the objective; the graph is gone afterwards.

        Parameters
        ----------
        namespace : the variables that the cell has left, by name.
        """
        with torch._C.DisableTorchFunction(), torch.enable_grad():
            return self._find(objective, namespace)

    def _find(self, objective: Any, namespace: Mapping[str, Any]) -> Found:
        found = Found(steps=self.tape.steps, forgotten=self.tape.forgotten)
        reading = self.readings.of(objective)
        tensor = objective if isinstance(objective, Tensor) else reading and reading.tensor
        if isinstance(objective, Hyper):
            tensor = objective.graph
        if isinstance(tensor, Tensor) and tensor.requires_grad:
            if reading is not None:
                found.through = reading.cut
            elif hasattr(tensor, FORCED):
                found.through = getattr(tensor, FORCED)
            for leaf in (*self.leaves.values(), *self.vectors.values()):
                leaf.grad = None  # what the cell's own backward passes have left there
            found.exact = tensor.dtype == torch.float64
            found.cut = self._pull(tensor.reshape(()), found, namespace)
        elif reading is not None and reading.tensor is None:
            found.cut = replace(reading.cut, how="memory ran short of the graph of what was read")
        else:
            found.cut = self._why(linked=False)
        for key, leaf in self.leaves.items():
            if id(leaf) in self.following.lost:
                found.lost[key] = self.following.lost[id(leaf)]
        self.tape.forget(len(self.tape))
        return found

    def _pull(self, tensor: Tensor, found: Found, namespace: Mapping[str, Any]) -> Cut | None:
        """Fill in the gradients; why there are none."""
        for kind in ("in place", "by hand"):  # what is left would be a part of the gradient
            if kind in self.following.cuts:
                return self.following.cuts[kind]
        try:
            self.tape.pull(tensor, self._looks(found))
        except RuntimeError as error:  # some functions can be differentiated once only
            return Cut(f"torch cannot go back through the training: {error}".splitlines()[0])
        found.gradients = self._carried()
        for name, leaf in self.vectors.items():
            if leaf.grad is not None:
                found.vectors[name], leaf.grad = leaf.grad, None
        if found.gradients or found.vectors:
            return None
        if any(leaf.grad is not None for leaf in self.leaves.values()):
            return Cut("the gradient is not a finite number")
        return self._why(linked=True)

    def _looks(self, found: Found) -> dict[int, Callable[[], None]]:
        """What notes the gradient over shorter horizons, by their lengths."""

        def note(steps: int) -> None:
            found.horizons[steps] = self._carried()

        lengths = {len(self.tape) // part for part in PARTS}
        return {steps: partial(note, steps) for steps in lengths if steps >= SHORTEST}

    def _carried(self) -> dict[str, float]:
        """Those that have been carried back so far, if they are numbers."""
        grads = {
            key: leaf.grad.item() for key, leaf in self.leaves.items() if leaf.grad is not None
        }
        return {key: gradient for key, gradient in grads.items() if math.isfinite(gradient)}

    def _why(self, *, linked: bool) -> Cut:
        """Why the objective has no gradient, as far as can be told.

        Parameters
        ----------
        linked : whether it is known from which tensor it comes.
        """
        cuts, lost = self.following.cuts, list(self.following.lost.values())
        known = [cuts[kind] for kind in ("optimizer", "in place", "by hand") if kind in cuts]
        if linked:
            known += [
                *lost,
                Cut("nothing of torch leads from the hyperparameters to the objective"),
            ]
        else:  # a loss that was read is mostly found again; what was counted is not
            known += [cuts["flat"]] if "flat" in cuts else []
            known += [
                *reversed(cuts.values()),
                *lost,
                Cut("torch does not calculate the objective"),
            ]
        return known[0]


def _held() -> list[float]:
    """Bytes that this process holds: of main memory, and of the CUDA device if it is in use."""
    held: list[float] = [resident() or 0]
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]  # torch's
        held.append(torch.cuda.memory_allocated())
    return held


def _free() -> list[float]:
    """Bytes that may still be taken, in the same order."""
    main = available()
    free: list[float] = [math.inf if main is None else main]
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        free.append(torch.cuda.mem_get_info()[0])
    return free

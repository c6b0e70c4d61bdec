"""Hyperparameters that go downhill while a model trains: online hypergradient descent.

A step of training makes weights w(h) with the hyperparameter h. The gradient of the training loss
at these weights, which the next step needs anyway, says whether h should have been larger:

    dL/dh = ∇L(w) · ∂w/∂h

by which h is moved before that next step. Only one step is looked back over, whatever h did to
the weights before.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MethodType
from typing import Any, Final

import torch
from torch import Tensor
from torch.optim import Optimizer

from ..layers import Layer
from .adapted import Adapted
from .places import Cut, here
from .rules import Rule
from .stepping import FOLLOWED
from .tangents import End, Tangents, carried

SLOTS: Final = ("lr", "weight_decay")  # options of an optimizer that can be adapted
TENTH: Final = 0.1  # of a range: the unit of steps that are no factors


@dataclass(frozen=True)
class Range:
    """Where a hyperparameter may go, and whether by factors."""

    low: float
    high: float
    log: bool

    def moved(self, value: float, amount: float) -> float:
        """A value moved by `amount` on its own scale, from -1 to 1, and kept inside."""
        new = value * (1 + amount) if self.log else value + amount * TENTH * (self.high - self.low)
        return min(max(new, self.low), self.high)


class Online(Layer):
    """Moves hyperparameters while a trial trains; as a layer, in force while the trial runs.

    SGD, Adam and AdamW are stepped by `rules`, all other optimizers by torch. After a step with h,
    the next one uses

        h (1 - β c),    c = cos ∠(∇L(w), ∂w/∂h)

    or, where h has no logarithmic scale, h - β c / 10 of its range. For SGD's learning rate this
    is the multiplicative rule of Baydin et al.; that a loss or its gradient is multiplied by a
    number changes nothing. ∂w/∂h is found by differentiating the step (Chandra et al.); by the
    learning rate that is the step itself, but for its length.

    Parameters
    ----------
    values, ranges : of hyperparameters, by key.
    rate : β, in (0, 1).
    slots : options of optimizers that are adapted, of `SLOTS`.

    Attributes
    ----------
    numbers : what the trial's variables are bound to, by key.
    values : where the hyperparameters are now.
    adapted : keys of those that have been in use so far.
    cuts : why others are not, or no longer, by key.

    References
    ----------
    A. G. Baydin et al., "Online learning rate adaptation with hypergradient descent", ICLR 2018.
    K. Chandra et al., "Gradient descent: the ultimate optimizer", NeurIPS 2022.
    """

    def __init__(
        self,
        values: Mapping[str, float],
        ranges: Mapping[str, Range],
        rate: float,
        slots: Sequence[str] = SLOTS,
    ) -> None:
        self.values, self._ranges, self._rate = dict(values), ranges, rate
        self.numbers = {key: Adapted.of(value, 0.0, {key: 1.0}) for key, value in values.items()}
        self.adapted: set[str] = set()
        self.cuts: dict[str, Cut] = {}
        self._slots = slots
        self._adopted: weakref.WeakSet[Optimizer] = weakref.WeakSet()
        self._plain = Optimizer.__init__

    def enter(self) -> None:
        Optimizer.__init__ = _making(self._plain, self)  # type: ignore[method-assign]

    def leave(self) -> None:
        Optimizer.__init__ = self._plain  # type: ignore[method-assign]

    def end(self) -> None:
        self.leave()
        for optimizer in self._adopted:  # those that outlive the trial step as torch's own
            vars(optimizer).pop("step", None)
            for options in (optimizer.defaults, *optimizer.param_groups):
                options.update({n: float(o) for n, o in options.items() if isinstance(o, Adapted)})

    def adopt(self, optimizer: Optimizer) -> None:
        """Step a new optimizer from now on, if its rule is known."""
        rule = FOLLOWED.get(type(optimizer))
        if rule is None:
            name = type(optimizer).__name__
            cut = here(f"torch.optim.{name} is none of SGD, Adam and AdamW, whose steps are known")
            for key in self._keys(optimizer):
                self.cuts[key] = cut
            return
        self._adopted.add(optimizer)
        method: Callable[..., Any] = _stepping(self, rule, optimizer)
        optimizer.step = MethodType(method, optimizer)  # type: ignore[method-assign]

    def _keys(self, optimizer: Optimizer) -> set[str]:
        """Hyperparameters that the optimizer would adapt now."""
        options = [group.get(slot) for group in optimizer.param_groups for slot in self._slots]
        return {key for each in options if isinstance(each, Adapted) for key in each.slopes}

    def step(self, optimizer: Optimizer, rule: Rule, last: Last) -> bool:
        """Move the hyperparameters, and make a step; False: it depends on none of them."""
        keys = self._keys(optimizer)
        for key in last.keys - keys:
            self.cuts[key] = here("the optimizer's option is a plain number from here on")
        last.keys = keys
        if not keys:
            return False
        self.adapted |= keys
        for key, cosine in last.cosines().items():
            self.values[key] = self._ranges[key].moved(self.values[key], -self._rate * cosine)
        last.tangents.clear()
        order = sorted(keys)
        for group in optimizer.param_groups:
            self._move(optimizer, rule, group, order, last)
        return True

    def _move(
        self, optimizer: Optimizer, rule: Rule, group: dict[str, Any], keys: list[str], last: Last
    ) -> None:
        """Make the step of one group of weights."""
        for name, option in group.items():
            if isinstance(option, Adapted):
                now = option.at(self.values)
                group[name] = now if now >= 0 else Adapted.of(0.0, now.rest, now.slopes)
        sign = -1.0 if group.get("maximize") else 1.0
        moving = [parameter for parameter in group["params"] if parameter.grad is not None]
        if self._rate_alone(group):
            found = self._by_the_rate(optimizer, rule, group, moving, keys)
        else:
            found = self._by_autograd(optimizer, rule, group, moving, keys)
        for parameter, tangents in zip(moving, found, strict=True):
            last.tangents.append((parameter, sign, dict(zip(keys, tangents, strict=True))))

    def _rate_alone(self, group: Mapping[str, Any]) -> bool:
        """Whether nothing but the learning rate is adapted, and is not 0."""
        adapted = [s for s in self._slots if isinstance(group.get(s), Adapted) and group[s].slopes]
        return adapted == ["lr"] and group["lr"] > 0

    def _by_the_rate(
        self,
        optimizer: Optimizer,
        rule: Rule,
        group: Mapping[str, Any],
        moving: list[Tensor],
        keys: list[str],
    ) -> list[Tangents]:
        """The step, and its derivatives by the rate: the step itself, which is a multiple of it."""
        rate: Adapted = group["lr"]
        plain = {name: float(o) if isinstance(o, Adapted) else o for name, o in group.items()}
        found: list[Tangents] = []
        with torch.no_grad():
            for parameter in moving:
                state, slope = optimizer.state[parameter], _dense(parameter)
                new, changed = rule(parameter, slope, state, plain)
                state.update(_own(changed, slope))
                along = (new - parameter) / float(rate)
                parameter.copy_(new)
                found.append([along * rate.slopes[k] if k in rate.slopes else None for k in keys])
        return found

    def _by_autograd(
        self,
        optimizer: Optimizer,
        rule: Rule,
        group: Mapping[str, Any],
        moving: list[Tensor],
        keys: list[str],
    ) -> list[Tangents]:
        """The step, and its derivatives by all options that are adapted."""
        used, sources = self._leaves(group, keys)
        made: list[Tensor] = []
        for parameter in moving:
            state, slope = optimizer.state[parameter], _dense(parameter)
            new, changed = rule(parameter.detach(), slope, state, used)
            made.append(new)
            state.update(_own(changed, slope))
        found = carried(made, sources, len(keys))
        with torch.no_grad():
            for parameter, new in zip(moving, made, strict=True):
                parameter.copy_(new)
        return found

    def _leaves(
        self, group: Mapping[str, Any], keys: list[str]
    ) -> tuple[dict[str, Any], list[End]]:
        """The options with leaves for those that are adapted, and their slopes by `keys`."""
        used: dict[str, Any] = dict(group)
        sources = []
        for slot in self._slots:
            option = group.get(slot)
            if isinstance(option, Adapted) and option.slopes:
                used[slot] = torch.tensor(float(option), dtype=torch.float64, requires_grad=True)
                slopes: Tangents = [
                    torch.tensor(option.slopes[key], dtype=torch.float64)
                    if key in option.slopes
                    else None
                    for key in keys
                ]
                sources.append(End(used[slot], slopes))
        return used, sources


class Last:
    """The last step of one optimizer.

    Attributes
    ----------
    keys : of the hyperparameters it was made with.
    tangents : of each parameter: 1, or -1 if its gradient is gone up; the derivatives by key.
    """

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.tangents: list[tuple[Tensor, float, dict[str, Tensor | None]]] = []

    def cosines(self) -> dict[str, float]:
        """Of the angle between the gradient now and the derivative of the weights, by key.

        Left out where there is none: one of the two is zero, or no finite number.
        """
        return {key: c for key in self.keys if math.isfinite(c := self._cosine(key)) and c}

    def _cosine(self, key: str) -> float:
        total: Tensor | None = None
        for parameter, sign, tangents in self.tangents:
            along = tangents.get(key)
            if parameter.grad is not None and along is not None:
                slope = _dense(parameter)
                parts = (sign * (slope * along).sum(), slope.square().sum(), along.square().sum())
                three = torch.stack(parts)
                total = three if total is None else total + three.to(total)
        if total is None:
            return 0.0
        dot, one, other = total.tolist()
        length = math.sqrt(one) * math.sqrt(other)
        return float(dot / length) if length > 0 else 0.0


def _dense(parameter: Tensor) -> Tensor:
    """The gradient of a parameter, without its graph."""
    assert parameter.grad is not None
    slope = parameter.grad.detach()
    return slope.to_dense() if slope.is_sparse else slope


def _own(state: Mapping[str, Tensor], slope: Tensor) -> dict[str, Tensor]:
    """New state, without graph; a first momentum is the gradient, which the cell may set to 0."""
    return {n: slope.clone() if t is slope else t.detach() for n, t in state.items()}


def _making(original: Callable[..., None], online: Online) -> Callable[..., None]:
    def init(self: Optimizer, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        online.adopt(self)

    return init


def _stepping(online: Online, rule: Rule, optimizer: Optimizer) -> Callable[..., Any]:
    last, plainly = Last(), type(optimizer).step

    def step(self: Optimizer, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.enable_grad():
            if not online.step(self, rule, last):
                plainly(self)
        return loss

    return step

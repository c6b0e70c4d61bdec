"""The weights of a model, and the leaves that stand for them from step to step.

A parameter keeps its identity and its values; calculations that use it are given a leaf with
these values in its place. What a step computes is copied into the parameter, so that whatever
looks at it directly sees the right numbers.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any, Final

import torch
from torch import Tensor

from .tape import leaf_of

_OWNER: Final = "_jupyter_hpo_weight"


class Weight:
    """One parameter and its leaf of this step."""

    def __init__(self, parameter: Tensor) -> None:
        self.parameter = parameter
        self.leaf = parameter
        self.moved = False  # whether a step has computed it
        self.suspect = False  # whether the cell holds its bare data
        self._past: list[weakref.ref[Tensor]] = []  # leaves of earlier steps
        self.renew()

    def renew(self) -> None:
        """Start from the parameter's values; how they came about is not known."""
        self.leaf = leaf_of(self.parameter.detach().clone())
        self.version = self.parameter._version
        self.moved = self.suspect = False

    def recall(self) -> bool:
        """Go on from the earlier step that has just these values: the cell has loaded its best."""
        now = self.parameter.detach()
        for reference in reversed(self._past):
            leaf = reference()
            if leaf is not None and leaf.device == now.device and torch.equal(leaf, now):
                self.leaf, self.version, self.suspect = leaf, self.parameter._version, False
                return True
        return False

    def put(self, leaf: Tensor) -> None:
        """A step has computed new values."""
        with torch.no_grad():
            self.parameter.copy_(leaf)
        self.leaf, self.version, self.moved = leaf, self.parameter._version, True
        self._past.append(weakref.ref(leaf))

    def release(self) -> None:
        """Leave the parameter as torch itself would."""
        if self.parameter.grad is not None:
            self.parameter.grad = self.parameter.grad.detach()

    def add_gradient(self, new: Tensor) -> None:
        """Add to the parameter's ``grad``, with the graph of both."""
        before = self.parameter.grad
        total = new if before is None else before + new
        if hasattr(total, _OWNER):  # one tensor is the gradient of several parameters
            total = total.clone()
        setattr(total, _OWNER, self)
        self.parameter.grad = total

    @property
    def changed(self) -> bool:
        """Whether the cell has changed the parameter by itself since the last step."""
        parameter, leaf = self.parameter, self.leaf
        if parameter._version != self.version:
            return True
        if parameter.device != leaf.device or parameter.dtype != leaf.dtype:
            return True
        return self.suspect and not torch.equal(parameter, leaf)


class Weights:
    """All parameters of the trial's optimizers.

    Parameters
    ----------
    lost : called with one that the cell has changed after it was trained.
    """

    def __init__(self, lost: Callable[[Tensor], None]) -> None:
        self._lost = lost
        self._all: dict[int, Weight] = {}

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, tensor: object) -> bool:
        return id(tensor) in self._all

    def add(self, parameters: Iterable[Tensor]) -> None:
        """Follow these from now on."""
        for parameter in parameters:
            if id(parameter) not in self._all:
                self._all[id(parameter)] = Weight(parameter)

    def get(self, parameter: Tensor) -> Weight:
        """What is known of a parameter, up to date."""
        weight = self._all[id(parameter)]
        if weight.changed and not weight.recall():
            if weight.moved:
                self._lost(parameter)
            weight.renew()
        return weight

    def suspect(self, tensor: object) -> None:
        """The cell was given the bare data of a tensor, by which it can be changed unseen."""
        if id(tensor) in self._all:
            self._all[id(tensor)].suspect = True

    def release(self) -> None:
        """The trial is over."""
        for weight in self._all.values():
            weight.release()
        self._all.clear()

    def by_leaf(self) -> dict[int, Weight]:
        """The weights by the ``id`` of their leaf."""
        return {id(weight.leaf): weight for weight in self._all.values()}

    def stand_in(self, value: Any) -> Any:
        """`value`, or the leaf if it is a parameter that trains; lists and tuples with theirs."""
        if id(value) in self._all:
            return self.get(value).leaf if value.requires_grad else value
        kind = type(value)
        if kind is list or kind is tuple:
            stood = [self.stand_in(each) for each in value]
            if any(new is not old for new, old in zip(stood, value, strict=True)):
                return kind(stood)
        return value


def renewed(value: Any) -> Any:
    """A gradient that is about to be changed in place, or a list of some, as copies.

    The copies become their parameters' gradients: the tensors themselves may be part of the
    graph with the values they have, as they are when gradients are clipped by their norm.
    """
    if type(value) in (list, tuple):
        return type(value)(map(renewed, value))
    weight: Weight | None = getattr(value, _OWNER, None)
    if weight is None or weight.parameter.grad is None:
        return value
    with torch.enable_grad():
        copy = weight.parameter.grad.clone()
    setattr(copy, _OWNER, weight)
    weight.parameter.grad = copy
    return copy

"""The weights of a model, and the leaves that stand for them from step to step.

A parameter keeps its identity and its values; calculations that use it are given a leaf with
these values in its place. What a step computes is copied into the parameter, so that whatever
looks at it directly sees the right numbers. The same goes for what no optimizer trains and the
cell makes of weights in place: running statistics, averages of weights, copies of the best ones.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, Final

import torch
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from .known import Hyper
from .tape import Joint, leaf_of

_OWNER: Final = "_jupyter_hpo_weight"


class Weight:
    """One parameter, or buffer, and what stands for it now.

    Parameters
    ----------
    trained : whether gradients are added to it. Of others, what stands may have a graph.
    itself : whether it stands for itself until it is changed: calculations have used it so.

    Attributes
    ----------
    written : what stood for it when the cell wrote it to a file, the last time.
    """

    def __init__(self, parameter: Tensor, *, trained: bool = True, itself: bool = False) -> None:
        self.parameter, self.trained = parameter, trained
        self.leaf = parameter
        self.version = parameter._version
        self.moved = False  # whether its values are those of a step, or of a change in place
        self.suspect = False  # whether the cell holds its bare data
        self.written: Tensor | None = None
        self._past: list[weakref.ref[Tensor]] = []  # what stood for it before
        if not itself:
            self.renew()

    def renew(self) -> None:
        """Start from the parameter's values; how they came about is not known."""
        if self.parameter.grad_fn is not None:  # unless it has a graph itself
            self.stand(self.parameter)
            return
        values = self.parameter.detach().clone()
        self.leaf = leaf_of(values) if self.trained else values
        self.version = self.parameter._version
        self.moved = self.suspect = False
        self._past.append(weakref.ref(self.leaf))

    def past(self, values: Tensor) -> Tensor | None:
        """What stood for it, the latest, when it had just these values."""
        for reference in reversed(self._past):
            made = reference()
            if made is not None and _alike(made, values) and torch.equal(made, values):
                return made
        return None

    def recall(self) -> bool:
        """Go on from the earlier step that has just these values: the cell has loaded its best."""
        made = self.past(self.parameter.detach())
        if made is not None:
            self.leaf, self.version, self.suspect = made, self.parameter._version, False
        return made is not None

    def put(self, leaf: Tensor) -> None:
        """New values, which a step or a change has computed."""
        with torch.no_grad():
            self.parameter.copy_(leaf)
        self.stand(leaf)

    def stand(self, leaf: Tensor) -> None:
        """The same, where the parameter has the values already."""
        self.leaf, self.version, self.moved = leaf, self.parameter._version, True
        self._past.append(weakref.ref(leaf))

    def release(self) -> None:
        """Leave the parameter as torch itself would."""
        if self.trained and self.parameter.grad is not None:
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
        # tensors that share a weight's values, with it; copies of these, with what stood for them
        self._aside: MutableMapping[Tensor, Weight | Tensor] = WeakTensorKeyDictionary()

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, tensor: object) -> bool:
        return id(tensor) in self._all

    def add(self, parameters: Iterable[Tensor]) -> list[Joint]:
        """Train these from now on; joints of those that had a graph before."""
        joints = []
        for parameter in parameters:
            known = self._all.get(id(parameter))
            if known is None:
                self._all[id(parameter)] = Weight(parameter)
            elif not known.trained:
                made = self.get(parameter).leaf
                known.trained = True
                if made.requires_grad:
                    joints.append(_joint(known))
                else:
                    known.renew()
        return joints

    def by_hand(self, parameters: Iterable[Tensor]) -> None:
        """Train these from now on, which have been calculated with already."""
        for parameter in parameters:
            if id(parameter) not in self._all:
                self._all[id(parameter)] = Weight(parameter, itself=True)

    def beside(self, tensor: Tensor) -> Weight:
        """What is known of one that need not be trained, up to date."""
        if id(tensor) not in self._all:
            self._all[id(tensor)] = Weight(tensor, trained=False)
        return self.get(tensor)

    def leave(self, parameters: Iterable[Tensor]) -> None:
        """Something else trains these: they are as they are, and how they came about is lost."""
        for parameter in parameters:
            known = self._all.get(id(parameter))
            if known is not None and not known.trained:
                del self._all[id(parameter)]

    def drop(self, weight: Weight, values: Tensor) -> None:
        """Leave one to itself, with new values."""
        weight.put(values)
        del self._all[id(weight.parameter)]

    def copied(self, copy: Tensor, original: Tensor) -> None:
        """`copy` has the values of `original`, and its graph."""
        if id(original) in self._all and copy.is_floating_point():
            source = self.get(original)
            if source.moved:
                self.beside(copy).stand(source.leaf)

    def loaded(self, tensor: Tensor) -> None:
        """The cell has copied values into a tensor: perhaps those that weights had before."""
        if id(tensor) in self._all and self._all[id(tensor)].recall():
            return
        for weight in list(self._all.values()):
            if weight.moved and (made := weight.past(tensor.detach())) is not None:
                self.beside(tensor).stand(made)
                return

    def get(self, parameter: Tensor) -> Weight:
        """What is known of a parameter, up to date."""
        weight = self._all[id(parameter)]
        if weight.changed and not weight.recall():
            if weight.moved:
                self._lost(parameter)
            weight.renew()
        return weight

    def cut(self) -> list[Joint]:
        """Joints of all that is not trained: the graph of a step ends with it."""
        others = [weight for weight in self._all.values() if not weight.trained]
        return [_joint(weight) for weight in others if weight.leaf.grad_fn is not None]

    def suspect(self, tensor: object) -> None:
        """The cell was given the bare data of a tensor, by which it can be changed unseen."""
        if id(tensor) in self._all:
            self._all[id(tensor)].suspect = True

    def share(self, tensor: Tensor, source: Tensor) -> None:
        """`tensor` shares the values of `source`: perhaps the cell is putting weights aside."""
        held = self._all.get(id(source)) or self._aside.get(source)
        if held is not None:
            self._aside[tensor] = held

    def shared_by(self, tensor: object) -> Tensor | None:
        """The parameter whose values it is known to share."""
        held = self._aside.get(tensor) if isinstance(tensor, Tensor) else None
        return held.parameter if isinstance(held, Weight) else None

    def put_aside(self, copy: Tensor, source: Tensor) -> None:
        """The cell has copied what may share a weight's values.

        As long as the copy lives, so does what stands for them. A tape keeps that as long as it
        has the step; where steps are let go of, the best weights could not be known again.
        """
        held = None if copy is source else self._aside.get(source)
        if held is not None:
            self._aside[copy] = held.leaf if isinstance(held, Weight) else held

    def written(self, tensor: object) -> None:
        """Or has written it to a file, say, which nobody knows how long it will last."""
        held = self._aside.get(tensor) if isinstance(tensor, Tensor) else None
        if isinstance(held, Weight):
            held.written = held.leaf

    def release(self) -> None:
        """The trial is over."""
        for weight in self._all.values():
            weight.release()
        self._all.clear()
        self._aside.clear()

    def by_leaf(self) -> dict[int, Weight]:
        """Those that train by the ``id`` of their leaf."""
        return {id(weight.leaf): weight for weight in self._all.values() if weight.trained}

    def stand_in(self, value: Any) -> Any:
        """`value`, or the tensor that stands for it; lists and tuples with theirs."""
        if id(value) in self._all:
            weight = self._all[id(value)]
            stands = value.requires_grad if weight.trained else weight.moved
            return self.get(value).leaf if stands else value
        if isinstance(value, Hyper):
            return value.graph
        kind = type(value)
        if kind is list or kind is tuple:
            stood = [self.stand_in(each) for each in value]
            if any(new is not old for new, old in zip(stood, value, strict=True)):
                return kind(stood)
        return value


def _alike(one: Tensor, other: Tensor) -> bool:
    return (one.shape, one.dtype, one.device) == (other.shape, other.dtype, other.device)


def _joint(weight: Weight) -> Joint:
    joint = Joint(weight.leaf, leaf_of(weight.leaf))
    weight.stand(joint.leaf)
    return joint


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

"""What a cell changes in place, as new values with a graph: weights, averages, statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import batch_norm

from .norms import evaluated, moved, same
from .places import Cut, here
from .tape import Joint, leaf_of
from .weights import Weights

IN_PLACE: Final = "weights changed in place"


class Change(NamedTuple):
    """A function of torch that changes `targets`, which its first argument is or has."""

    func: Any
    targets: list[Tensor]
    args: tuple[Any, ...]
    options: dict[str, Any]

    @property
    def carries(self) -> bool:
        """Whether there is a gradient by the other arguments."""
        return any(t.requires_grad for t in tensors_in((self.args[1:], self.options)))


class Changes:
    """Makes changes, and notes them.

    Parameters
    ----------
    noted : told of new weights that train.
    run : calls a function of torch, with a graph also where the cell keeps none.
    by_hand : told of a change of weights that are trained by something that is not followed.

    Attributes
    ----------
    where : by the ``id`` of weights, the line that changed them last.
    """

    def __init__(
        self,
        weights: Weights,
        noted: Callable[[list[Joint]], None],
        run: Callable[[Any, tuple[Any, ...], dict[str, Any]], Any],
        by_hand: Callable[[], None],
    ) -> None:
        self._weights, self._noted, self._run, self._by_hand = weights, noted, run, by_hand
        self.where: dict[int, Cut] = {}

    def note(self, target: object) -> None:
        """Weights may be changed behind the back of torch here, by their bare data."""
        if target is not None and target in self._weights:
            self.where[id(target)] = here(IN_PLACE)

    def concerns(self, change: Change) -> bool:
        """Whether it is of weights, or of arrays where the cell keeps no graph, as averages are."""
        targets = change.targets
        if any((t.is_leaf and t.requires_grad) or t in self._weights for t in targets):
            return True
        if torch.is_grad_enabled() or change.func is Tensor.__setitem__:
            return False
        return change.carries and all(t.is_leaf and t.dim() for t in targets)

    def make(self, change: Change, *, allowed: bool) -> Any:
        """Make it; `allowed` also where a graph is kept, which torch forbids."""
        func, targets, args, options = change
        loads = func is Tensor.copy_ and not change.carries
        alien = any(t not in self._weights and t.is_leaf and t.grad is not None for t in targets)
        forbidden = torch.is_grad_enabled() and not allowed
        if forbidden and any(t.is_leaf and t.requires_grad for t in targets):
            return func(*args, **options)  # torch's own error
        if alien and change.carries:
            self._by_hand()
        unknown = not any(t in self._weights for t in targets)
        if alien or loads or (unknown and not change.carries):
            made = self._run(func, args, options) if alien else func(*args, **options)
            self.where.update((id(t), here(IN_PLACE)) for t in targets)
            if loads:
                self._weights.loaded(targets[0])
            return made
        self._follow(change)
        return args[0]

    def _follow(self, change: Change) -> None:
        func, targets, args, options = change
        with torch.inference_mode(False), torch.enable_grad():
            before = [t in self._weights for t in targets]
            held = [self._weights.beside(t) for t in targets]
            copies = [weight.leaf.clone() for weight in held]
            first = copies if isinstance(args[0], list | tuple) else copies[0]
            self._run(func, (first, *args[1:]), options)
        joints = []
        for weight, made, was in zip(held, copies, before, strict=True):
            if weight.trained and made.requires_grad:
                joints.append(Joint(made, leaf_of(made)))
                weight.put(joints[-1].leaf)
            elif made.requires_grad or was:
                weight.put(made)
            else:  # nothing to follow after all
                self._weights.drop(weight, made)
        if joints:
            self._noted(joints)

    def copy(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """``copy.deepcopy`` of a tensor."""
        original, *rest = args
        if not original.is_leaf:
            return func(original.detach(), *rest, **options)
        copy = func(original, *rest, **options)
        self._weights.copied(copy, original)
        self._weights.put_aside(copy, original)
        return copy

    def normalise(
        self,
        inputs: Tensor,
        mean: Tensor | None,
        var: Tensor | None,
        weight: Any = None,
        bias: Any = None,
        training: bool = False,
        momentum: Any = 0.1,
        eps: float = 1e-5,
    ) -> Any:
        """Batch normalisation, whose running statistics are changed unseen."""
        inputs, weight, bias = self._weights.stand_in((inputs, weight, bias))
        if mean is None or var is None:
            args = (inputs, mean, var, weight, bias, training, momentum, eps)
            return self._run(batch_norm, args, {})
        kept = [self._weights.beside(mean), self._weights.beside(var)]
        before = [each.leaf for each in kept]
        # copies, which stay with the graph as they are while training goes on
        bare = [each.parameter.detach().clone() for each in kept]
        if not training and any(each.requires_grad for each in before):
            return self._run(evaluated, (inputs, *before, weight, bias, eps), {})
        options = (weight, bias, training, momentum, eps)
        made = self._run(batch_norm, (inputs, *bare, *options), {})
        if training:
            after = self._run(moved, (inputs, *before, momentum), {})
            for each, graph, values in zip(kept, after, bare, strict=True):
                each.put(self._run(same, (graph, values), {}))
        return made


def tensors_in(value: Any) -> Iterator[Tensor]:
    """All tensors in lists, tuples and dicts."""
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, Tensor):
            yield each
        elif isinstance(each, (list, tuple, dict)):
            yield from tensors_in(each)

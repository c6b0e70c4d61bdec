"""The steps of a training run, each a piece of graph of its own, and the way back through them.

After a step the weights that it computed are replaced by a leaf of the same values: a *joint*.
The next step's graph ends there, so that a backward pass of the training loop stays within its
step, and old steps can be let go of. The way back goes through one piece after the other, from
the last to the first, and carries the gradient over from each leaf to what it stands for
(reverse mode; D. Maclaurin et al., ICML 2015, section 2, without reversing the dynamics).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor

from .tangents import DEAD_END

MARK: Final = "_jupyter_hpo_leaf"


class Joint(NamedTuple):
    """A leaf that stands for what was `made`."""

    made: Tensor
    leaf: Tensor


def leaf_of(made: Tensor) -> Tensor:
    """A leaf with the values of `made`, and its memory."""
    leaf = made.detach().requires_grad_()
    setattr(leaf, MARK, True)
    return leaf


def leaves(made: Iterable[Tensor], *, careful: bool = False) -> list[Tensor]:
    """All leaves that the graphs of some tensors end in, each once.

    Raises
    ------
    RuntimeError
        If `careful`, at a dead end, beyond which torch would see zeros.
    """
    found: dict[int, Tensor] = {}
    seen: set[Any] = set()
    stack: list[Any] = []
    for tensor in made:
        if tensor.grad_fn is not None:
            stack.append(tensor.grad_fn)
        elif tensor.requires_grad:
            found[id(tensor)] = tensor
    while stack:
        for node, _ in stack.pop().next_functions:
            if node is None or node in seen:
                continue
            seen.add(node)
            variable = getattr(node, "variable", None)
            if variable is None:
                if careful and node.name() == DEAD_END:
                    raise RuntimeError("a function in it is marked @once_differentiable")
                stack.append(node)
            else:
                found[id(variable)] = variable
    return list(found.values())


class Tape:
    """The joints of a run, step by step.

    Parameters
    ----------
    horizon : steps that are kept, the last ones; None: all of them.

    Attributes
    ----------
    steps : taken so far.
    forgotten : how many of them are no longer kept.
    """

    def __init__(self, horizon: int | None = None) -> None:
        self.horizon = horizon
        self.steps = self.forgotten = 0
        self._pieces: deque[list[Joint]] = deque()
        self._options: deque[list[Joint]] = deque()

    def __len__(self) -> int:
        return len(self._pieces)

    def add(self, made: list[Joint], options: list[Joint]) -> None:
        """Note a step: the weights and state it made, and the options it used."""
        self.steps += 1
        self._pieces.append(made)
        self._options.append(options)
        while self.horizon is not None and len(self._pieces) > self.horizon:
            self.forget(1)

    def forget(self, count: int) -> None:
        """Let go of the oldest steps; the gradient will not go back to them."""
        for _ in range(min(count, len(self._pieces))):
            self._pieces.popleft()
            self._options.popleft()
            self.forgotten += 1

    def clear(self) -> None:
        """Let go of all that is kept; nothing more will be asked of it."""
        self.forgotten += len(self._pieces)
        self._pieces.clear()
        self._options.clear()

    def pull(self, objective: Tensor) -> None:
        """Leave the gradient of `objective` in ``grad`` of all marked leaves it reaches.

        The tape is empty afterwards. Roots are marked by `leaf_of`, too.
        """
        _backward([objective], [torch.ones_like(objective)])
        used: list[Joint] = []
        while self._pieces:
            _carry(self._pieces.pop())
            used += self._options.pop()
        _carry(used)  # a schedule's chain of learning rates is gone through once, not once a step


def _carry(joints: Sequence[Joint]) -> None:
    """Hand the gradients of leaves on to what they stand for."""
    reached = [(made, leaf.grad) for made, leaf in joints if leaf.grad is not None]
    for joint in joints:
        joint.leaf.grad = None
    alive = [(made, grad) for made, grad in reached if made.requires_grad]
    if alive:
        _backward([made for made, _ in alive], [grad for _, grad in alive])


def _backward(made: Sequence[Tensor], seeds: Sequence[Tensor | None]) -> None:
    ours = [leaf for leaf in leaves(made, careful=True) if hasattr(leaf, MARK)]
    if ours:
        # pieces may share a part that the cell computed once, so no graph is freed on the way
        torch.autograd.backward(list(made), list(seeds), retain_graph=True, inputs=ours)

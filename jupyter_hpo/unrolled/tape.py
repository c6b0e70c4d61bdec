"""The steps of a training run, each a piece of graph of its own, and the way back through them.

After a step the weights that it computed are replaced by a leaf of the same values: a *joint*.
The next step's graph ends there, so that a backward pass of the training loop stays within its
step, and old steps can be let go of. The way back goes through one piece after the other, from
the last to the first, and carries the gradient over from each leaf to what it stands for
(reverse mode; D. Maclaurin et al., ICML 2015, section 2, without reversing the dynamics).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
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


class Piece(NamedTuple):
    """What was made in a step from what there was before it.

    ``options`` are joints of the hyperparameters that it used; ``step`` is False of what was
    changed in between.
    """

    made: list[Joint]
    options: list[Joint]
    step: bool


class Tape:
    """The joints of a run, step by step.

    Parameters
    ----------
    horizon : steps that are kept, the last ones; None: all of them.

    Attributes
    ----------
    steps : taken so far.
    forgotten : how many of them are no longer kept.
    fresh : whether weights that are now changed by hand begin a step.
    """

    def __init__(self, horizon: int | None = None) -> None:
        self.horizon = horizon
        self.steps = self.forgotten = 0
        self.fresh = False
        self._pieces: deque[Piece] = deque()
        self._kept = 0  # steps among them

    def __len__(self) -> int:
        return self._kept

    def add(self, made: list[Joint], options: list[Joint]) -> None:
        """Note a step: the weights and state it made, and the options it used."""
        self._add(Piece(made, options, step=True))

    def change(self, made: list[Joint], *, step: bool = False) -> None:
        """Note weights that were changed in place, which may be a step of training by hand."""
        last = self._pieces[-1] if self._pieces and not step else None
        before = {id(joint.leaf) for joint in last.made} if last else set()
        if last and not any(id(leaf) in before for leaf in leaves([m for m, _ in made])):
            last.made.extend(made)
        else:
            self._add(Piece(made, [], step))

    def _add(self, piece: Piece) -> None:
        self._pieces.append(piece)
        self.steps += piece.step
        self._kept += piece.step
        while self.horizon is not None and self._kept > self.horizon:
            self.forget(1)

    def forget(self, count: int) -> None:
        """Let go of the oldest steps; the gradient will not go back to them."""
        count = min(count, self._kept)
        self._kept -= count
        self.forgotten += count
        while self._pieces and (count or not self._kept):
            count -= self._pieces.popleft().step

    def pull(self, objective: Tensor, looks: Mapping[int, Callable[[], None]]) -> None:
        """Leave the gradient of `objective` in ``grad`` of all marked leaves it reaches.

        The tape is empty afterwards. Roots are marked by `leaf_of`, too.

        Parameters
        ----------
        looks : called with the gradient as it is when it has looked back over so many steps.
        """
        _backward([objective], [torch.ones_like(objective)])
        used: list[Joint] = []
        back = 0
        while self._pieces:
            piece = self._pieces.pop()
            _carry(piece.made)
            used += piece.options
            back += piece.step
            if piece.step and back in looks:
                _carry(used)
                used.clear()
                looks[back]()
        _carry(used)  # a schedule's chain of learning rates is gone through once, not once a step
        self._kept = 0


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

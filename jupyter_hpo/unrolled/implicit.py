"""Gradients by the implicit function theorem, after ordinary training to its end.

Where the weights w minimise a training loss L(w, h), a metric M(w, h) changes with the
hyperparameters h as

    dM/dh = ∂M/∂h - (∂M/∂w) (∂²L/∂w²)⁻¹ ∂²L/∂w∂h

whatever optimizer has found them and in how many steps.

References
----------
Y. Bengio, "Gradient-based optimization of hyperparameters", Neural Computation 12 (2000).
F. Pedregosa, "Hyperparameter optimization with approximate gradient", ICML 2016 (conjugate
gradients). J. Lorraine, P. Vicol and D. Duvenaud, "Optimizing millions of hyperparameters by
implicit differentiation", AISTATS 2020, algorithm 3 (the Neumann series).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

import torch
from torch import Tensor
from torch.optim import Optimizer

from . import warm
from .places import Cut
from .run import Found, Run
from .stepping import bare

Vector = list[Tensor]
Solver = Literal["cg", "neumann"]

EXACT: Final = 1e-12  # residual, as a share of the right side, at which the solution is there
POWER: Final = 20  # iterations that find the largest curvature
MARGIN: Final = 1.1  # by which it may have been found too small


class Implicit(Run):
    """A trial whose training is left alone, and differentiated as a minimum.

    Parameters
    ----------
    values : hyperparameters to be differentiated by, by key.
    loss : name of what the cell leaves behind: the training loss at the trained weights, a
        tensor with its graph.
    solver : ``cg``, conjugate gradients, or ``neumann``, the Neumann series.
    iterations : of it, each of which takes about two backward passes of the loss.
    start : values of the weights that training begins with in place of the cell's, in the order
        of its optimizers; see `warm`.
    """

    unrolls = False

    def __init__(
        self,
        values: Mapping[str, float],
        loss: str,
        solver: Solver = "cg",
        iterations: int = 50,
        start: Sequence[Tensor] | None = None,
    ) -> None:
        super().__init__(values)
        # nor does it know of what weights and running statistics were before their last values
        self.following.keeps_changes = False
        self._loss, self._solver, self._iterations = loss, solver, iterations
        self._start = start
        self._trained: dict[int, Tensor] = {}

    def plain(self, optimizer: Optimizer) -> None:
        """Note what it trains; its options are numbers, of which the minimum knows nothing."""
        new = [
            p
            for group in optimizer.param_groups
            for p in group["params"]
            if id(p) not in self._trained
        ]
        if self._start is not None:
            warm.load(self._start, len(self._trained), new)
        self._trained.update({id(p): p for p in new})
        bare(optimizer)

    @property
    def trained(self) -> list[Tensor]:
        """The weights that optimizers have been given, in order."""
        return list(self._trained.values())

    def _pull(self, tensor: Tensor, found: Found, namespace: Mapping[str, Any]) -> Cut | None:
        weights = [p for p in self._trained.values() if p.requires_grad]
        if not weights:
            return Cut("the cell trains nothing with an optimizer of torch")
        inner = namespace.get(self._loss)
        if inner is None:
            return Cut(f"the cell leaves no `{self._loss}` behind, the loss that it minimises")
        try:
            if not isinstance(inner, Tensor) or not inner.requires_grad or inner.numel() != 1:
                return Cut(f"`{self._loss}` is no loss with its graph; leave the tensor itself")
            self._differentiate(tensor, inner.reshape(()), weights, found)
        except RuntimeError as error:
            if "modified by an inplace" in str(error) or "second time" in str(error):
                return Cut(
                    f"`{self._loss}` is of before the last step; calculate it once more after "
                    "training"
                )
            return Cut(f"torch cannot differentiate `{self._loss}` twice: {error}".splitlines()[0])
        found.gradients = {k: g for k, g in found.gradients.items() if math.isfinite(g)}
        return None if found.gradients or found.vectors else self._why(linked=True)

    def _differentiate(self, metric: Tensor, inner: Tensor, weights: Vector, found: Found) -> None:
        """Fill in the gradients, as they are."""
        leaves = [*self.leaves.values(), *self.vectors.values()]
        both: Sequence[Tensor | None] = torch.autograd.grad(
            metric, [*weights, *leaves], allow_unused=True, retain_graph=True
        )
        direct = both[len(weights) :]
        slopes: Sequence[Tensor | None] = torch.autograd.grad(
            inner, weights, create_graph=True, allow_unused=True
        )
        # weights that the loss does not read, or reads linearly, are where they are by chance
        used = [k for k, slope in enumerate(slopes) if slope is not None and slope.requires_grad]
        bend = [slope for k in used if (slope := slopes[k]) is not None]
        places = [weights[k] for k in used]
        right = [_or_zero(both[k], weights[k]) for k in used]
        found.uphill = math.sqrt(float(_dot(bend, bend).detach())) if bend else 0.0

        def curved(vector: Vector) -> Vector:
            """The Hessian times a vector (B. Pearlmutter, 1994)."""
            product: Sequence[Tensor | None] = torch.autograd.grad(
                bend, places, vector, retain_graph=True, allow_unused=True
            )
            return [_or_zero(part, place) for part, place in zip(product, places, strict=True)]

        solve = conjugate if self._solver == "cg" else neumann
        mixed: Sequence[Tensor | None] = [None] * len(leaves)
        if bend:
            solution = solve(curved, right, self._iterations)
            mixed = torch.autograd.grad(bend, leaves, solution, allow_unused=True)
        for place, (key, one, other) in enumerate(
            zip((*self.leaves, *self.vectors), direct, mixed, strict=True)
        ):
            if one is None and other is None:
                continue
            total = _or_zero(one, leaves[place]) - _or_zero(other, leaves[place])
            if place < len(self.leaves):
                found.gradients[key] = float(total)
            else:
                found.vectors[key] = total


def conjugate(curved: Callable[[Vector], Vector], right: Vector, iterations: int) -> Vector:
    """The solution of H x = right by conjugate gradients, as far as curvature is positive.

    References
    ----------
    J. Nocedal and S. Wright, "Numerical Optimization", 2006, algorithm 5.2.
    """
    solution = [torch.zeros_like(part) for part in right]
    residual, direction = list(right), list(right)
    square = start = float(_dot(residual, residual))
    for _ in range(iterations):
        if square <= start * EXACT**2:
            break
        product = curved(direction)
        curvature = float(_dot(direction, product))
        if not curvature > 0:  # a saddle: this way there is no minimum to move with
            break
        step = square / curvature
        solution = _add(solution, step, direction)
        residual = _add(residual, -step, product)
        before, square = square, float(_dot(residual, residual))
        direction = _add(residual, square / before, direction)
    return solution


def neumann(curved: Callable[[Vector], Vector], right: Vector, iterations: int) -> Vector:
    """The first terms of step · Σ (I - step · H)ᵏ right, with a step below 1 / |H|."""
    vector = list(right)
    largest = 0.0
    for _ in range(POWER):
        size = math.sqrt(float(_dot(vector, vector)))
        if size == 0.0:
            break
        vector = curved([part / size for part in vector])
        largest = math.sqrt(float(_dot(vector, vector)))
    if largest == 0.0:
        return [torch.zeros_like(part) for part in right]
    step = 1 / (MARGIN * largest)
    term = list(right)
    total = list(right)
    for _ in range(iterations):
        term = _add(term, -step, curved(term))
        total = _add(total, 1.0, term)
    return [step * part for part in total]


def _dot(one: Vector, other: Vector) -> Tensor:
    total = torch.zeros((), dtype=torch.float64)
    for a, b in zip(one, other, strict=True):
        total = total + (a * b).sum().to(total)
    return total


def _add(one: Vector, factor: float, other: Vector) -> Vector:
    return [a + factor * b for a, b in zip(one, other, strict=True)]


def _or_zero(part: Tensor | None, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if part is None else part.detach()

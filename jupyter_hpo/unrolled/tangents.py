"""Derivatives that are carried forwards: of tensors, by each of a few hyperparameters.

The derivative of a tensor by a hyperparameter, its *tangent*, has the tensor's shape. Where a
graph leads from leaves with known tangents to new tensors, those have the tangents

    t_new = (∂new/∂leaf) t_leaf        summed over the leaves.

Torch multiplies by transposed Jacobians, uᵀ ∂new/∂leaf. That product is linear in u, so that its
own derivative by u, taken backwards, is the product with the Jacobian itself. This asks of the
calculations what the way back asks of them, and no forward derivatives of their own.

References
----------
L. Franceschi et al., "Forward and reverse gradient-based hyperparameter optimization", ICML
2017, section 3.2, equation 13. J. Townsend, "A new trick for calculating Jacobian vector
products", 2017.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge

Tangents = Sequence[Tensor | None]  # one for each hyperparameter; None: zero
DEAD_END: Final = "torch::autograd::Error"  # what functions that are once_differentiable leave
NAME: Final = "_jupyter_hpo_tangents"  # of leaves, and in the metadata of nodes of a graph


class End(NamedTuple):
    """Where a graph comes from, with what is known there."""

    place: Tensor | GradientEdge
    tangents: Tangents


def mark(leaf: Tensor, tangents: Tangents) -> None:
    """Note the tangents of a leaf; they live as long as it does."""
    if any(tangent is not None for tangent in tangents):
        setattr(leaf, NAME, tangents)


def mark_node(node: Any, number: int, tangents: Tangents) -> None:
    """Note those of what a node of a graph has made: ways to it end there from now on."""
    if node is not None and not hasattr(node, "variable"):
        node.metadata.setdefault(NAME, {})[number] = tangents


def known(leaf: Tensor) -> Tangents | None:
    """The tangents of a leaf, if it has any."""
    noted: Tangents | None = getattr(leaf, NAME, None)
    return noted


def ends(made: Iterable[Tensor]) -> list[End]:
    """Where the graphs of some tensors come from, as far as tangents are known, each once."""
    found: dict[Any, End] = {}
    seen: set[Any] = set()
    stack: list[Any] = []

    def visit(node: Any, number: int) -> None:
        variable = getattr(node, "variable", None)
        if variable is not None:
            if hasattr(variable, NAME):
                found[id(variable)] = End(variable, getattr(variable, NAME))
            return
        noted: Mapping[int, Tangents] = node.metadata.get(NAME, {})
        if number in noted:
            found[node, number] = End(GradientEdge(node, number), noted[number])
        elif node not in seen:
            seen.add(node)
            stack.append(node)

    for tensor in made:
        if tensor.grad_fn is not None:
            visit(tensor.grad_fn, tensor.output_nr)
        elif hasattr(tensor, NAME):
            found[id(tensor)] = End(tensor, getattr(tensor, NAME))
    while stack:
        for node, number in stack.pop().next_functions:
            if node is not None:
                visit(node, number)
    return list(found.values())


def carried(
    made: Sequence[Tensor], sources: Sequence[End], count: int, *, careful: bool = False
) -> list[Tangents]:
    """The tangents of tensors of any shapes, by `count` hyperparameters.

    Parameters
    ----------
    careful : whether to look for dead ends in the graph, beyond which torch would see zeros.

    Raises
    ------
    RuntimeError
        Of torch: if a calculation cannot be differentiated so often.
    """
    nothing: list[Tangents] = [[None] * count for _ in made]
    if not sources or not made:
        return nothing
    along = [torch.zeros_like(each, requires_grad=True) for each in made]
    places: Any = [end.place for end in sources]
    back: Sequence[Tensor | None] = torch.autograd.grad(
        list(made), places, along, create_graph=True, allow_unused=True
    )
    if careful:
        _refuse_dead_ends([product for product in back if product is not None])
    columns: list[Sequence[Tensor | None]] = []
    for k in range(count):
        pairs = [
            (product, tangent)
            for product, end in zip(back, sources, strict=True)
            if product is not None
            and product.requires_grad
            and (tangent := end.tangents[k]) is not None
        ]
        columns.append(_column(pairs, along))
    return list(zip(*columns, strict=True)) if columns else nothing


def _refuse_dead_ends(made: Iterable[Tensor]) -> None:
    seen: set[Any] = set()
    stack = [tensor.grad_fn for tensor in made if tensor.grad_fn is not None]
    while stack:
        node = stack.pop()
        if node.name() == DEAD_END:
            raise RuntimeError("a function in it is marked @once_differentiable")
        if node not in seen:
            seen.add(node)
            stack += [before for before, _ in node.next_functions if before is not None]


def _column(pairs: list[tuple[Tensor, Tensor]], along: Sequence[Tensor]) -> Sequence[Tensor | None]:
    """The tangents by one hyperparameter."""
    if not pairs:
        return [None] * len(along)
    found: Sequence[Tensor | None] = torch.autograd.grad(
        [product for product, _ in pairs],
        along,
        [tangent for _, tangent in pairs],
        retain_graph=True,
        allow_unused=True,
    )
    return found


def slopes(value: Tensor, sources: Sequence[End], count: int) -> list[Tensor | None]:
    """The tangents of a tensor of one element: numbers, by one way back through its graph."""
    if not sources:
        return [None] * count
    places: Any = [end.place for end in sources]
    found: Sequence[Tensor | None] = torch.autograd.grad(
        value, places, torch.ones_like(value), retain_graph=True, allow_unused=True
    )
    return [
        _sum(
            (gradient * tangent).sum().cpu().double()
            for gradient, end in zip(found, sources, strict=True)
            if gradient is not None and (tangent := end.tangents[k]) is not None
        )
        for k in range(count)
    ]


def _sum(parts: Iterable[Tensor]) -> Tensor | None:
    total: Tensor | None = None
    for part in parts:
        total = part if total is None else total + part
    return total

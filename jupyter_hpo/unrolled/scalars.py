"""Functions of torch that take plain numbers, for hyperparameters that are tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional as f

from .known import Hyper
from .norms import same

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def _scaled(args: tuple[Any, ...], options: dict[str, Any]) -> Arguments:
    """``a.add(b, alpha=t)`` is ``a.add(t * b)``."""
    factor = options.pop("alpha")
    return (args[0], (factor * args[1]).to(args[0].dtype)), options


def _typed(args: tuple[Any, ...], options: dict[str, Any]) -> Arguments:
    """The weight of ``a.lerp(b, t)`` in the type of `a`."""
    if len(args) == 3:
        return (*args[:2], args[2].to(args[0])), options
    return args, {**options, "weight": options["weight"].to(args[0])}


_SUMS: Final = {"add", "add_", "sub", "sub_"}
_MEANS: Final = {"lerp", "lerp_"}


def rewritten(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Arguments:
    """Arguments of a function of torch, by its name, that keep the graph of a number among them."""
    if name in _SUMS and _has_graph(options.get("alpha")) and isinstance(args[0], Tensor):
        return _scaled(args, options)
    if name in _MEANS and _has_graph(options.get("weight", args[-1])):
        return _typed(args, options)
    return args, options


def _full(size: Any, fill_value: Tensor, **options: Any) -> Any:
    """``torch.full((3,), t)``."""
    value = fill_value.item()
    made = torch.full(size, value, **options)
    return made if not made.is_floating_point() else torch.ones_like(made) * fill_value.to(made)


def _leaky_relu(inputs: Tensor, negative_slope: Tensor, inplace: bool = False) -> Any:
    values = f.leaky_relu(inputs.detach(), negative_slope.item())
    slope = negative_slope.to(inputs)
    return same(torch.where(inputs > 0, inputs, slope * inputs), values)


def _cross_entropy(logits: Tensor, target: Tensor, *args: Any, **options: Any) -> Any:
    """Linear in the smoothing of the labels."""
    share = options.pop("label_smoothing")

    def loss(smoothing: float) -> Tensor:
        all_options: dict[str, Any] = {**options, "label_smoothing": smoothing}
        return f.cross_entropy(logits, target, *args, **all_options)

    with torch.no_grad():
        values = loss(share.item())
    sharp, flat = loss(0.0), loss(1.0)
    part = share.to(sharp)
    return same((1 - part) * sharp + part * flat, values)


def _weighted(
    logits: Tensor,
    target: Tensor,
    weight: Tensor,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Cross-entropy whose weights of classes have a gradient, which torch knows none by."""
    values = f.cross_entropy(
        logits.detach(), target, weight.detach(), ignore_index=ignore_index, reduction=reduction
    )
    each = f.cross_entropy(logits, target, ignore_index=ignore_index, reduction="none")
    share = weight[target.clamp(min=0)] * (target != ignore_index)
    made = share.to(each) * each
    if reduction == "mean":
        made = made.sum() / share.sum()
    return same(made.sum() if reduction == "sum" else made, values)


_TAKES: Final[Mapping[Callable[..., Any], tuple[str, int, Callable[..., Any]]]] = {
    torch.full: ("fill_value", 1, _full),
    f.leaky_relu: ("negative_slope", 1, _leaky_relu),
    f.cross_entropy: ("label_smoothing", 99, _cross_entropy),
}


def instead_of(
    func: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any]
) -> Callable[..., Any]:
    """What to call in place of a function that takes a number where a tensor is given."""
    if func is f.cross_entropy and _has_weights(args, options):
        return _weighted
    name, place, other = _TAKES.get(func, ("", 0, func))
    given = options.get(name, args[place] if name and len(args) > place else None)
    return other if name and _has_graph(given) else func


def _has_weights(args: tuple[Any, ...], options: Mapping[str, Any]) -> bool:
    weight = options.get("weight", args[2] if len(args) > 2 else None)
    classes = not args[1].is_floating_point() and not options.get("label_smoothing")
    return classes and isinstance(weight, Tensor) and weight.requires_grad


def gathered(value: Any, dtype: torch.dtype | None = None, **options: Any) -> Tensor | None:
    """The list of ``torch.tensor([a, b])`` with the graph of hyperparameters; None without any.

    Shapes and types are those of `torch.tensor`.
    """
    if not _among(value) or options.get("requires_grad"):
        return None
    found: list[torch.dtype] = []
    made = _stacked(value, found)
    if dtype is None:
        dtype = found[0] if found else torch.get_default_dtype()
    return made.to(options.get("device"), dtype)


def _stacked(value: Any, types: list[torch.dtype]) -> Tensor:
    """In double precision; `types` are those of tensors among them."""
    if isinstance(value, list | tuple):
        return torch.stack([_stacked(each, types) for each in value])
    if isinstance(value, Tensor):
        types.append(value.dtype)
        return value.detach().double()
    return value.graph if isinstance(value, Hyper) else torch.tensor(value, dtype=torch.float64)


def _among(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_among, value))
    return isinstance(value, Hyper)


def _has_graph(value: Any) -> bool:
    return isinstance(value, Tensor) and value.requires_grad and value.dim() == 0

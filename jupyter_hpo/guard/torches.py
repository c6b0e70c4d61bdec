"""Watches of torch tensors, modules, optimizers, schedulers and loaders' iterators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .arrays import IN_PLACE, checksum
from .watch import Check, Finding, Walk, Watch, is_a, is_plain, same

TRAINED = Finding("", "was trained", "trained {it}")
STEPPED = Finding("", "took training steps", "made {it} take training steps")
_SAMPLE = 4096


def begin(walk: Walk, thing: Any) -> Watch | None:
    """Watch an object of torch's."""
    if is_a(thing, "torch", "Tensor"):
        return TensorWatch(walk, thing)
    if is_a(thing, "torch.nn", "Module"):
        return ModuleWatch(walk, thing)
    if is_a(thing, "torch.optim", "Optimizer"):
        return OptimizerWatch(walk, thing)
    return None


class TensorWatch(Watch):
    """A tensor by the checksum of its values where they are at hand, else by its version.

    Either alone misses something: the version does not count writes through
    ``.data`` or numpy nor fused optimizers' steps, and counts writes of the
    same values. Of tensors on other devices a sample of the values is read.
    """

    def __init__(self, walk: Walk, tensor: Any) -> None:
        self._tensor, self._kind = tensor, type(tensor)
        self._place = tensor.device, tensor.dtype
        self._whole = tensor.device.type == "cpu"
        size = tensor.numel() * tensor.element_size() if self._whole else _SAMPLE * 16
        self._readable = walk.affords(size)
        self._before = tuple(tensor.shape), self._sum()
        self._version = _version(tensor)

    def look(self, check: Check) -> Finding | None:
        return self._said() if self._changed() else None

    def _changed(self) -> bool:
        tensor = self._tensor
        if type(tensor) is not self._kind:
            return True  # a lazy parameter was made real
        moved = _version(tensor) != self._version
        # Going to another device or precision and back is no training.
        if (tensor.device, tensor.dtype) != self._place or self._before[1] is None:
            return moved
        now = tuple(tensor.shape), self._sum()
        return now != self._before or (moved and not self._whole)

    def _sum(self) -> int | None:
        import torch

        tensor = self._tensor
        readable = tensor.layout is torch.strided and not tensor.is_quantized
        if not self._readable or not readable or tensor.device.type == "meta":
            return None
        # Functions and grad modes of the user's must not see what happens here.
        with torch._C.DisableTorchFunction(), torch.no_grad():
            values = tensor.detach() if self._whole else sample(tensor.detach())
            values = values.resolve_conj().resolve_neg().contiguous().reshape(-1)
            return checksum(values.view(torch.uint8).numpy()) if values.numel() else 0

    def _said(self) -> Finding:
        learns = self._tensor.requires_grad and self._tensor.is_leaf
        return TRAINED if learns else IN_PLACE


class ModuleWatch(Watch):
    """A module by its parameters and buffers; containers also by their length."""

    def __init__(self, walk: Walk, module: Any) -> None:
        members = list(_members(module))
        self._parameters = _watched(walk, members, "_parameters")
        self._buffers = _watched(walk, members, "_buffers")
        self._lists = [(path, each, len(each)) for path, each in members if _is_list(each)]
        self._scalars = [(each, _scalars(each)) for _, each in members]

    def look(self, check: Check) -> Finding | None:
        for module, before in self._scalars:
            for name, new in _scalars(module).items():
                old = before.get(name, new)
                # `eval()` and a rate of dropout, of which the next trial knows nothing.
                if not same(old, new) and (name == "training" or check.expects(new)):
                    check.attribute(module, name, old)
            # Trial 0 may have set what was there.
            alike = [
                name for name, old in before.items() if name != "training" and check.expects(old)
            ]
            check.scalars(module, alike)
        if check.first(self._parameters):
            return TRAINED
        for path, watch in self._buffers:
            if check(watch):
                name = f"the buffer `{path.lstrip('.')}`"
                return Finding("", f"had {name} updated", f"updated {name} of {{it}}")
        for path, module, length in self._lists:
            if len(module) > length:
                return Finding(path, *grew(length, len(module), "modules"))
        return None


class OptimizerWatch(Watch):
    """An optimizer by the tensors it trains and those it remembers."""

    def __init__(self, walk: Walk, optimizer: Any) -> None:
        self._optimizer = optimizer
        tensors = [each for group in optimizer.param_groups for each in group["params"]]
        states = [state for state in optimizer.state.values() if type(state) is dict]
        tensors += [each for state in states for each in state.values()]
        self._tensors = walk.parts((("", each) for each in tensors), 1)
        self._remembered = len(optimizer.state)

    def look(self, check: Check) -> Finding | None:
        if len(self._optimizer.state) > self._remembered or check.first(self._tensors):
            return STEPPED
        return None


def sample(values: Any) -> Any:
    """About 4,096 evenly spaced entries of a tensor, on the host; all of a smaller one's.

    Training moves nearly every entry, so they show it without the transfer of the whole.
    """
    # Rows of the first dimension and not a flat view, which would copy what is not contiguous.
    for axis, size in enumerate(values.shape):
        step = max(1, min(size, values.numel() // _SAMPLE))
        values = values[(slice(None),) * axis + (slice(None, None, step),)]
    return values.cpu()


def grew(before: int, now: int, unit: str = "entries") -> tuple[str, str]:
    """The two ways to say that a container's length changed."""
    verb, done = ("grew", "let {it} grow") if now > before else ("shrank", "let {it} shrink")
    change = f"from {before} to {now} {unit}"
    return f"{verb} {change}", f"{done} {change}"


def _version(tensor: Any) -> int | None:
    try:
        return int(tensor._version)
    except RuntimeError:  # inference tensors count no versions
        return None


def _members(module: Any, path: str = "", depth: int = 50) -> Iterator[tuple[str, Any]]:
    """A module and all within it, by path; reads torch's own tables and calls no user code."""
    yield path, module
    if depth:
        for name, child in list(module.__dict__.get("_modules", {}).items()):
            if child is not None:
                yield from _members(child, f"{path}.{name}", depth - 1)


def _watched(walk: Walk, members: list[tuple[str, Any]], table: str) -> list[tuple[str, Watch]]:
    return walk.parts(
        (
            (f"{path}.{name}", tensor)
            for path, module in members
            for name, tensor in list(module.__dict__.get(table, {}).items())
            if tensor is not None
        ),
        1,
    )


def _scalars(module: Any) -> dict[str, Any]:
    return {name: value for name, value in module.__dict__.items() if is_plain(value)}


def _is_list(module: Any) -> bool:
    return is_a(module, "torch.nn", "Sequential") or is_a(module, "torch.nn", "ModuleList")

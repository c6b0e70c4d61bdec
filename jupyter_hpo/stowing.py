"""Tensors of a trial that stands still, moved from the device to the host's memory and back."""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

# What is looked through stops at these: they lead to everything there is, or to nothing.
_ENDS: Final = (
    *(types.ModuleType, type, types.FrameType, types.CodeType, types.BuiltinFunctionType),
    *(str, bytes, int, float),
)
# Their arrays may be memory of tensors, which torch does not know of.
_SHARERS: Final = frozenset({"cupy", "numba.cuda", "jax", "cudf"})
_PACKAGE: Final = __name__.partition(".")[0]
MOST: Final = 1_000_000  # objects that are looked through


class Stowed:
    """The contents of storages that are empty meanwhile.

    The tensors stay the objects they are, with views, gradients and the state of optimizers
    sharing memory as before: their storages are resized to nothing, and filled again.
    """

    def __init__(self) -> None:
        self._held: list[tuple[Any, Any]] = []

    @property
    def bytes(self) -> int:
        """How much is held."""
        return sum(copy.nbytes() for _, copy in self._held)

    def add(self, storage: Any) -> None:
        """Empty a ``torch.UntypedStorage``; RuntimeError of torch if the host has no room."""
        self._held.append((storage, storage.cpu() if storage.is_cuda else storage.clone()))
        storage.resize_(0)

    def back(self) -> None:
        """Fill the storages again; those that could not be are left for the next call.

        Raises
        ------
        RuntimeError
            Of torch, if the device has no room.
        """
        while self._held:
            storage, copy = self._held[-1]
            storage.resize_(copy.nbytes())
            storage.copy_(copy)
            self._held.pop()


def stow(own: Iterable[Any], others: Iterable[Any], device: str) -> Stowed | None:
    """Move what is reached from some objects alone.

    Parameters
    ----------
    own : of the trial: its variables, and those of its functions that are under way.
    others : what else there is; what it reaches stays where it is.
    device : type of the device that is relieved.

    Returns
    -------
    None if there is nothing to move, or it must not be: a captured graph of CUDA knows addresses,
    and arrays of other packages may share the memory.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None or not _SHARERS.isdisjoint(sys.modules):
        return None
    mine = _storages(own, torch, device)
    shared = _storages(others, torch, device) if mine else None
    if not mine or shared is None:
        return None
    stowed = Stowed()
    try:
        for address in mine.keys() - shared.keys():
            stowed.add(mine[address])
    except RuntimeError:
        stowed.back()
    return stowed if stowed.bytes else None


def _storages(roots: Iterable[Any], torch: Any, device: str) -> dict[int, Any] | None:
    """Storages on the device that are reached from some objects, by their address.

    None if there is a captured graph among them, or too much to look through.
    """
    found: dict[int, Any] = {}
    seen: set[int] = set()
    todo = list(roots)
    held = todo[:]  # or an identity might be given away twice
    while todo:
        each = todo.pop()
        if id(each) in seen or isinstance(each, _ENDS) or _is_ours(each):
            continue
        seen.add(id(each))
        if len(seen) > MOST or isinstance(each, torch.cuda.CUDAGraph):
            return None
        if isinstance(each, torch.Tensor):
            # one of a kind without storage stays where it is
            with suppress(RuntimeError, NotImplementedError):
                _note(each, found, torch, device)
        if isinstance(each, types.FunctionType):
            more = [each.__closure__, each.__defaults__]  # and not its globals
        else:
            more = gc.get_referents(each)
        held += more
        todo += more
    return found


def _is_ours(thing: Any) -> bool:
    """Whether it is part of a study, which leads to all of its trials."""
    made = thing if isinstance(thing, types.FunctionType) else type(thing)
    return str(getattr(made, "__module__", "")).partition(".")[0] == _PACKAGE


def _note(tensor: Any, found: dict[int, Any], torch: Any, device: str) -> None:
    for each in (tensor, tensor.grad if tensor.is_leaf else None):
        if each is None or each.layout is not torch.strided or each.device.type != device:
            continue
        storage = each.untyped_storage()
        if storage.nbytes() and storage.resizable():
            found[storage.data_ptr()] = storage

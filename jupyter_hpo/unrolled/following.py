"""Follows the calculations of a trial: torch calls this before every function that it runs."""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import FrameType
from typing import Any, Final

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from .places import Cut, here
from .tape import MARK
from .traced import Readings
from .weights import Weights, renewed

FORCED: Final = "_jupyter_hpo_forced"  # of tensors made inside no_grad: where
LOOKED_AT: Final = 100  # calculations after which the memory is looked at
_ACCESS: Final = frozenset({"__get__", "__set__", "__delete__"})
_VIEWS: Final = frozenset(
    getattr(Tensor, name).__get__ for name in ("T", "mT", "H", "mH", "real", "imag")
)
_NUMBERS: Final = {Tensor.__float__: "float()", Tensor.__int__: "int()", Tensor.tolist: ".tolist()"}
_ARRAYS: Final[dict[Any, str]] = {Tensor.numpy: ".numpy()", Tensor.__array__: "numpy"}
_BARE: Final = {Tensor.detach: ".detach()", Tensor.data.__get__: ".data"}  # type: ignore[attr-defined]
_ITSELF: Final = frozenset({Tensor.requires_grad_, Tensor.detach_, Tensor.retain_grad})
_OUT_OF_PLACE: Final = {
    "add_": torch.add,
    "sub_": torch.sub,
    "mul_": torch.mul,
    "div_": torch.true_divide,
    "pow_": torch.pow,
}
_OPERATOR: Final = dis.opmap["BINARY_OP"]


class Following(TorchFunctionMode):
    """Gives leaves in place of weights, and keeps the graph of what is evaluated.

    Evaluations mostly run inside ``torch.no_grad()`` and end in ``.item()``. What is computed
    there from weights keeps its graph nevertheless, and a number that is read off knows the
    tensor it came from (`traced`). Values are the same, bit for bit.

    Attributes
    ----------
    cuts : where the gradient was lost, the latest of each kind.

    Parameters
    ----------
    crowded : whether there is no memory left for the graph of an evaluation.
    """

    def __init__(self, weights: Weights, readings: Readings, crowded: Callable[[], bool]) -> None:
        super().__init__()
        self.weights, self.readings = weights, readings
        self._crowded, self._kept = crowded, 0  # calculations whose graph was kept
        self._keeps = True
        self.cuts: dict[str, Cut] = {}
        self.changed: dict[int, Cut] = {}  # by the ``id`` of weights: where the cell last did that
        self.lost: dict[int, Cut] = {}  # by the leaves of hyperparameters: where a bare number was

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        options = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if name in _ACCESS and func not in _VIEWS:
            return self._access(func, args, options)
        if func in _BARE or func in _ITSELF:
            return self._bare(func, args, options)
        if func is Tensor.__deepcopy__ and not args[0].is_leaf:
            return func(args[0].detach(), *args[1:], **options)
        if name == "item" or func in _NUMBERS or func in _ARRAYS:
            return self._read(func, name, args, options)
        if name == "__setitem__" or (name.endswith("_") and not name.endswith("__")):
            augmented = name in _OUT_OF_PLACE and _is_augmented(sys._getframe(1))
            return self._change(func, name if augmented else "", args, options)
        stood = self.weights.stand_in(args)
        options = {key: self.weights.stand_in(value) for key, value in options.items()}
        return self._run(func, stood, options)

    def _access(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """An attribute, which is that of the parameter itself."""
        if func in _BARE:
            self.weights.suspect(args[0])
            self.note(args[0], ".data")
        return func(*args, **options)

    def _bare(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if func in _BARE:
            self.note(args[0], _BARE[func])
        if func is Tensor.detach_:
            args = (renewed(args[0]), *args[1:])
        return func(*args, **options)

    def _read(self, func: Any, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """A number leaves torch."""
        tensor = self.weights.stand_in(args[0])
        how = ".item()" if name == "item" else _NUMBERS.get(func) or _ARRAYS[func]
        if not (isinstance(tensor, Tensor) and tensor.requires_grad):
            return func(*args, **options)
        # the cell may be without gradients here, where that is no mistake
        value = func(args[0].detach(), *args[1:], **options)
        if str(sys._getframe(2).f_globals.get("__name__")).startswith("jupyter_hpo"):
            return value  # a report, or the objective itself
        cut = self.note(tensor, how)
        if name == "item":
            return self.readings.item(tensor, value, cut)
        if func is Tensor.__float__:
            self.readings.number(tensor, value, cut)
        return value

    def _change(self, func: Any, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Something is changed in place: itself, and not the leaf that stands for it."""
        first, rest = args[:1], self.weights.stand_in(args[1:])
        options = {key: self.weights.stand_in(value) for key, value in options.items()}
        target = first[0] if first else None
        if name and isinstance(target, Tensor) and target.dim() == 0:
            # `lr *= 0.95` makes a new number, as it does where lr is a float
            number = target.requires_grad or any(t.requires_grad for t in _tensors(rest))
            if number and target not in self.weights:
                made: Tensor = self._run(_OUT_OF_PLACE[name], (*first, *rest), options)
                return self._run(Tensor.to, (made, target.dtype), {})
        if any(t.is_leaf and t.requires_grad for t in _tensors(first)):
            cut = here("weights changed in place")
            self.changed.update((id(t), cut) for t in _tensors(first) if t in self.weights)
            if any(t.requires_grad for t in _tensors(rest)):
                self.cuts["by hand"] = cut
            return func(*first, *rest, **options)
        first = tuple(map(renewed, first))
        return self._run(func, (*first, *rest), options)

    def _run(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        try:
            if not torch.is_grad_enabled() and any(
                t.requires_grad for t in _tensors((args, options))
            ):
                return self._forced(func, args, options)
            return func(*args, **options)
        except TypeError:
            bare = [t for t in _tensors((args, options)) if t.dim() == 0 and t.requires_grad]
            if not bare:
                raise
            # an argument that torch takes as a number only, such as the share of a dropout
            for tensor in bare:
                self.note(tensor, f"{getattr(func, '__name__', 'a function')}() takes a number")
            return func(*_plain(args), **_plain(options))

    def _forced(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Keep the graph where the cell has switched it off."""
        self._kept += 1
        if self._kept % LOOKED_AT == 0 and self._keeps and self._crowded():
            self._keeps = False  # as the cell has it
            self.readings.close()
        if not self._keeps:
            return func(*args, **options)
        cut = here("inference_mode()" if torch.is_inference_mode_enabled() else "no_grad()")
        try:
            with torch.inference_mode(False), torch.enable_grad():
                made = func(*args, **options)
        except RuntimeError:  # tensors of inference mode cannot be part of a graph
            return func(*args, **options)
        for tensor in _tensors((made,)):
            if tensor.requires_grad and not tensor.is_leaf:
                setattr(tensor, FORCED, cut)
        return made

    def forget(self) -> None:
        """Let go of what was noted."""
        for noted in (self.cuts, self.changed, self.lost):
            noted.clear()

    def note(self, tensor: Any, how: str) -> Cut:
        """The gradient that `tensor` has ends here."""
        if not (isinstance(tensor, Tensor) and tensor.requires_grad):
            return Cut(how)
        cut = self.cuts[how] = here(how)
        if how == ".item()" and hasattr(tensor, FORCED):
            cut = replace(cut, how=getattr(tensor, FORCED).how)
        if hasattr(tensor, MARK) and tensor.dim() == 0:
            self.lost[id(tensor)] = cut
        return cut


def _is_augmented(frame: FrameType) -> bool:
    """Whether a frame is at an assignment such as ``x *= 2``, and not at a call of ``mul_``."""
    return frame.f_code.co_code[frame.f_lasti] == _OPERATOR


def _tensors(value: Any) -> Iterator[Tensor]:
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, Tensor):
            yield each
        elif isinstance(each, (list, tuple, dict)):
            yield from _tensors(each)


def _plain(value: Any) -> Any:
    """Tensors of one element that have a gradient as numbers; all else as it is."""
    if isinstance(value, Tensor):
        return value.item() if value.dim() == 0 and value.requires_grad else value
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_plain(each) for each in value)
    return value

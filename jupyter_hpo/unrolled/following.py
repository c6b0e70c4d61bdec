"""Follows the calculations of a trial: torch calls this before every function that it runs."""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import FrameType
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn.functional import batch_norm
from torch.overrides import TorchFunctionMode

from .changes import IN_PLACE, Change, Changes, tensors_in
from .known import Hyper, plain
from .places import Cut, here
from .scalars import gathered, instead_of, rewritten
from .tape import MARK, Joint
from .traced import Readings
from .weights import Weights, renewed

FORCED: Final = "_jupyter_hpo_forced"  # of tensors made inside no_grad: where
BARED: Final = "_jupyter_hpo_bared"  # of tensors that the cell has taken from their graph
FLAT: Final[Mapping[str, str]] = {
    **{name: f"{name}()" for name in ("argmax", "argmin", "max", "min", "topk", "argsort", "sort")},
    "eq": "==",
    "ne": "!=",
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
}  # functions whose result, or a part of it, has no slope
LOOKED_AT: Final = 100  # calculations after which the memory is looked at
_ACCESS: Final = frozenset({"__get__", "__set__", "__delete__"})
_VIEWS: Final = frozenset(
    getattr(Tensor, name).__get__ for name in ("T", "mT", "H", "mH", "real", "imag")
)
_NUMBERS: Final = {Tensor.__float__: "float()", Tensor.__int__: "int()", Tensor.tolist: ".tolist()"}
_ARRAYS: Final[dict[Any, str]] = {Tensor.numpy: ".numpy()", Tensor.__array__: "numpy"}
_WRITES: Final = frozenset({*_ARRAYS, Tensor.untyped_storage})  # the last for torch.save()
_BARE: Final = {Tensor.detach: ".detach()", Tensor.data.__get__: ".data"}  # type: ignore[attr-defined]
_SET_DATA: Final = Tensor.data.__set__  # type: ignore[attr-defined]
_ITSELF: Final = frozenset({Tensor.requires_grad_, Tensor.detach_, Tensor.retain_grad})
_OUT_OF_PLACE: Final = {
    "add_": torch.add,
    "sub_": torch.sub,
    "mul_": torch.mul,
    "div_": torch.true_divide,
    "pow_": torch.pow,
}
_COPIES: Final = frozenset(
    {torch.clone, Tensor.clone, Tensor.to, Tensor.cpu, Tensor.cuda, Tensor.contiguous}
)
_LISTS: Final = frozenset({torch.tensor, torch.as_tensor})
_AVERAGES: Final = "torch.optim.swa_utils"
_NO_STEPS: Final = frozenset({_AVERAGES, "torch.optim.lr_scheduler", "torch.optim.optimizer"})
_MODULES: Final = "torch.nn.modules.module"  # which loads weights
_OPERATOR: Final = dis.opmap["BINARY_OP"]


class Following(TorchFunctionMode):
    """Gives leaves in place of weights, and keeps the graph of what is evaluated.

    Evaluations mostly run inside ``torch.no_grad()`` and end in ``.item()``. What is computed
    there from weights keeps its graph nevertheless, and a number that is read off knows the
    tensor it came from (`traced`). Values are the same, bit for bit.

    Attributes
    ----------
    cuts : where the gradient was lost, the latest of each kind.
    keeps_changes : whether what is changed in place keeps its graph.

    Parameters
    ----------
    noted : told of weights that are changed in place.
    crowded : whether there is no memory left for the graph of an evaluation.
    """

    def __init__(
        self,
        weights: Weights,
        readings: Readings,
        noted: Callable[[list[Joint]], None],
        crowded: Callable[[], bool],
    ) -> None:
        super().__init__()
        self.weights, self.readings = weights, readings
        self._changes = Changes(weights, noted, self._run, self.by_hand)
        self._crowded, self._kept = crowded, 0  # calculations whose graph was kept
        self._keeps = True
        self.keeps_changes = True
        self.cuts: dict[str, Cut] = {}
        self.lost: dict[int, Cut] = {}  # by the leaves of hyperparameters: where a bare number was

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        options = dict(kwargs or {})
        if _is_optimizers(sys._getframe(1)):
            return func(*args, **options)  # whose steps are not followed: it works as it does
        name = getattr(func, "__name__", "")
        if name in _ACCESS and func not in _VIEWS:
            return self._access(func, args, options)
        if func in _BARE or func in _ITSELF:
            return self._bare(func, args, options)
        if func is Tensor.__deepcopy__:
            return self._changes.copy(func, args, options)
        if func is batch_norm and self.keeps_changes:
            return self._changes.normalise(*args, **options)
        if func in _WRITES:
            self.weights.written(args[0])
        if name == "item" or func in _NUMBERS or func in _ARRAYS:
            return self._read(func, name, args, options)
        if name == "__setitem__" or (name.endswith("_") and not name.endswith("__")):
            augmented = name in _OUT_OF_PLACE and _is_augmented(sys._getframe(1))
            return self._change(func, name if augmented else "", args, options)
        if func in _LISTS and not isinstance(args[0], Tensor):
            made = self._run(gathered, args, options)
            if made is not None:
                return made
        stood = self.weights.stand_in(args)
        options = {key: self.weights.stand_in(value) for key, value in options.items()}
        made = self._run(func, stood, options)
        if func in _COPIES and args:
            self.weights.put_aside(made, args[0])
        if name.strip("_") in FLAT and any(map(_had_graph, tensors_in(stood))):
            self._flat(name.strip("_"), made)
        return made

    def _flat(self, name: str, made: Any) -> None:
        """Something was counted or chosen, whose result changes in jumps."""
        if not isinstance(made, Tensor) or not made.requires_grad:
            self.cuts["flat"] = here(FLAT[name])

    def _access(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """An attribute, which is that of the parameter itself."""
        if func in _BARE or func == _SET_DATA:
            self.weights.suspect(args[0])
        if func == _SET_DATA:
            self._changes.note(args[0])
        if func in _BARE and not _named(sys._getframe(2), "torch."):
            return self._bared(func, args, ".data")
        return func(*args, **options)

    def _bare(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if func is Tensor.detach and _named(sys._getframe(2), _AVERAGES):
            return args[0]  # which is about to be averaged in place
        if func in _BARE and not _named(sys._getframe(2), "torch."):
            return self._bared(func, args, _BARE[func])
        if func is Tensor.detach_:
            args = (renewed(args[0]), *args[1:])
        made = func(*args, **options)
        if func is Tensor.detach:  # by a state_dict()
            self.weights.share(made, args[0])
        return made

    def _bared(self, func: Any, args: tuple[Any, ...], how: str) -> Any:
        """A tensor without its graph, which is remembered."""
        self.note(args[0], how)
        made = func(*args)
        self.weights.share(made, args[0])
        if args[0].requires_grad:
            setattr(made, BARED, True)
        return made

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
        if func is Tensor.__float__ or (func in _ARRAYS and tensor.dim() == 0):
            self.readings.note(tensor, float(value), cut)  # a number that does not know it
        return value

    def _change(self, func: Any, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Something is changed in place: itself, and not the leaf that stands for it."""
        if not args:  # as torch passes on what is called by keywords: the functions of nn.init
            for each in options.values():
                if isinstance(each, Hyper):
                    self.note(each.graph, f"{func.__name__}() takes a number")
            return func(**plain(options))
        first, rest = args[:1], self.weights.stand_in(args[1:])
        options = {key: self.weights.stand_in(value) for key, value in options.items()}
        target = first[0] if first else None
        if name and isinstance(target, Tensor) and target.dim() == 0:
            # `lr *= 0.95` makes a new number, as it does where lr is a float
            number = target.requires_grad or any(t.requires_grad for t in tensors_in(rest))
            if number and target not in self.weights:
                made: Tensor = self._run(_OUT_OF_PLACE[name], (*first, *rest), options)
                return self._run(Tensor.to, (made, target.dtype), {})
        caller = sys._getframe(2)
        self._changes.note(self.weights.shared_by(target))
        change = Change(func, list(tensors_in(first)), (*first, *rest), options)
        loads = func is Tensor.copy_ and _named(caller, _MODULES)
        if loads or self._changes.concerns(change):
            if not self.keeps_changes:
                return func(*first, *_plain(rest), **_plain(options))
            return self._changes.make(change, allowed=_named(caller, _AVERAGES))
        first = tuple(map(renewed, first))
        return self._run(func, (*first, *rest), options)

    def _run(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        name = getattr(func, "__name__", "")
        args, options = rewritten(name, args, options)
        func = instead_of(func, args, options)
        try:
            if not torch.is_grad_enabled() and any(
                t.requires_grad for t in tensors_in((args, options))
            ):
                return self._forced(func, args, options)
            return func(*args, **options)
        except TypeError:
            bare = [t for t in tensors_in((args, options)) if t.dim() == 0 and t.requires_grad]
            if not bare:
                raise
            # an argument that torch takes as a number only, such as the share of a dropout
            for tensor in bare:
                self.note(tensor, f"{name or 'a function'}() takes a number")
            changed = 1 if name.endswith("_") else 0  # itself, which stays a tensor
            return func(*args[:changed], *_plain(args[changed:]), **_plain(options))

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
        for tensor in tensors_in((made,)):
            if tensor.requires_grad and not tensor.is_leaf:
                setattr(tensor, FORCED, cut)
        return made

    def forget(self) -> None:
        """Let go of what was noted."""
        for noted in (self.cuts, self._changes.where, self.lost):
            noted.clear()

    def where_changed(self, parameter: Tensor) -> Cut | None:
        """Where the cell has changed weights in place, the last time."""
        return self._changes.where.get(id(parameter))

    def by_hand(self) -> None:
        """Weights that something else trains were changed by what has a gradient."""
        self.cuts["by hand"] = here(IN_PLACE)

    def note(self, tensor: Any, how: str) -> Cut:
        """The gradient that `tensor` has ends here."""
        if not (isinstance(tensor, Tensor) and tensor.requires_grad):
            return Cut(how)
        self.cuts.pop(how, None)  # the latest is the last
        cut = self.cuts[how] = here(how)
        if how == ".item()" and hasattr(tensor, FORCED):
            cut = replace(cut, how=getattr(tensor, FORCED).how)
        if hasattr(tensor, MARK) and tensor.dim() == 0:
            self.lost.setdefault(id(tensor), cut)
        return cut


def _had_graph(tensor: Tensor) -> bool:
    return tensor.requires_grad or hasattr(tensor, BARED)


def _is_augmented(frame: FrameType) -> bool:
    """Whether a frame is at an assignment such as ``x *= 2``, and not at a call of ``mul_``."""
    return frame.f_code.co_code[frame.f_lasti] == _OPERATOR


def _is_optimizers(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__"))
    return module.startswith("torch.optim.") and module not in _NO_STEPS


def _named(frame: FrameType, module: str) -> bool:
    """Whether a frame is of a module, or of a package: of ``torch.``, and not of the cell."""
    return str(frame.f_globals.get("__name__")).startswith(module)


def _plain(value: Any) -> Any:
    """Tensors of one element that have a gradient as numbers; all else as it is."""
    if isinstance(value, Tensor):
        return value.item() if value.dim() == 0 and value.requires_grad else value
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_plain(each) for each in value)
    return value

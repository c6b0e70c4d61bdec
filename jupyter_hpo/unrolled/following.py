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
from torch.nn.functional import batch_norm
from torch.overrides import TorchFunctionMode

from .norms import evaluated, moved, same
from .places import Cut, here
from .scalars import gathered, instead_of, rewritten
from .tape import MARK, Joint, Tape, leaf_of
from .traced import Readings
from .weights import Weights, renewed

FORCED: Final = "_jupyter_hpo_forced"  # of tensors made inside no_grad: where
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
_BARE: Final = {Tensor.detach: ".detach()", Tensor.data.__get__: ".data"}  # type: ignore[attr-defined]
_ITSELF: Final = frozenset({Tensor.requires_grad_, Tensor.detach_, Tensor.retain_grad})
_OUT_OF_PLACE: Final = {
    "add_": torch.add,
    "sub_": torch.sub,
    "mul_": torch.mul,
    "div_": torch.true_divide,
    "pow_": torch.pow,
}
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

    Parameters
    ----------
    tape : notes what is changed in place.
    crowded : whether there is no memory left for the graph of an evaluation.
    """

    def __init__(
        self, weights: Weights, readings: Readings, tape: Tape, crowded: Callable[[], bool]
    ) -> None:
        super().__init__()
        self.weights, self.readings, self._tape = weights, readings, tape
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
        if _is_optimizers(sys._getframe(1)):
            return func(*args, **options)  # whose steps are not followed: it works as it does
        name = getattr(func, "__name__", "")
        if name in _ACCESS and func not in _VIEWS:
            return self._access(func, args, options)
        if func in _BARE or func in _ITSELF:
            return self._bare(func, args, options)
        if func is Tensor.__deepcopy__:
            return self._copy(func, args, options)
        if func is batch_norm:
            return self._normalise(*args, **options)
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
        if name.strip("_") in FLAT and any(t.requires_grad for t in _tensors(stood)):
            self._flat(name.strip("_"), made)
        return made

    def _flat(self, name: str, made: Any) -> None:
        """Something was counted or chosen, whose result changes in jumps."""
        if not isinstance(made, Tensor) or not made.requires_grad:
            self.cuts["flat"] = here(FLAT[name])

    def _access(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """An attribute, which is that of the parameter itself."""
        if func in _BARE:
            self.weights.suspect(args[0])
            if not _named(sys._getframe(2), "torch."):
                self.note(args[0], ".data")
        return func(*args, **options)

    def _bare(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if func is Tensor.detach and _named(sys._getframe(2), _AVERAGES):
            return args[0]  # which is about to be averaged in place
        if func in _BARE and not _named(sys._getframe(2), "torch."):
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
        if func is Tensor.__float__ or (func in _ARRAYS and tensor.dim() == 0):
            self.readings.note(tensor, float(value), cut)  # a number that does not know it
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
        targets = list(_tensors(first))
        loads = func is Tensor.copy_ and _named(sys._getframe(2), _MODULES)
        kept = loads or any((t.is_leaf and t.requires_grad) or t in self.weights for t in targets)
        if kept or self._averages(func, targets, rest):
            return self._rewrite(func, targets, (*first, *rest), options)
        first = tuple(map(renewed, first))
        return self._run(func, (*first, *rest), options)

    def _averages(self, func: Any, targets: list[Tensor], rest: tuple[Any, ...]) -> bool:
        """Whether arrays of numbers are changed where the cell keeps no graph, such as averages."""
        if torch.is_grad_enabled() or func is Tensor.__setitem__:
            return False
        new = any(t.requires_grad for t in _tensors(rest))
        return new and all(t.is_leaf and t.dim() for t in targets)

    def _rewrite(
        self, func: Any, targets: list[Tensor], args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        """Weights, or what is kept beside them, get new values with a graph."""
        known = any(t in self.weights for t in targets)
        carried = any(t.requires_grad for t in _tensors((args[1:], options)))
        name = func.__name__
        forbidden = torch.is_grad_enabled() and not _named(sys._getframe(3), _AVERAGES)
        if forbidden and any(t.is_leaf and t.requires_grad for t in targets):
            return func(*args, **options)  # torch's own error
        if not carried and (not known or name == "copy_"):
            made = func(*args, **options)
            self.changed.update((id(t), here("weights changed in place")) for t in targets)
            if name == "copy_":
                self.weights.loaded(targets[0])
            return made
        with torch.inference_mode(False), torch.enable_grad():
            before = [t in self.weights for t in targets]
            held = [self.weights.beside(t) for t in targets]
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
                self.weights.drop(weight, made)
        if joints:
            self._tape.change(joints, step=self._tape.fresh)
            self._tape.fresh = False
        return args[0]

    def _copy(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        original, *rest = args
        if not original.is_leaf:
            return func(original.detach(), *rest, **options)
        copy = func(original, *rest, **options)
        self.weights.copied(copy, original)
        return copy

    def _normalise(
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
        inputs, weight, bias = self.weights.stand_in((inputs, weight, bias))
        if mean is None or var is None:
            args = (inputs, mean, var, weight, bias, training, momentum, eps)
            return self._run(batch_norm, args, {})
        kept = [self.weights.beside(mean), self.weights.beside(var)]
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

    def _run(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        name = getattr(func, "__name__", "")
        args, options = rewritten(name, args, options)
        func = instead_of(func, args, options)
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
        self.cuts.pop(how, None)  # the latest is the last
        cut = self.cuts[how] = here(how)
        if how == ".item()" and hasattr(tensor, FORCED):
            cut = replace(cut, how=getattr(tensor, FORCED).how)
        if hasattr(tensor, MARK) and tensor.dim() == 0:
            self.lost.setdefault(id(tensor), cut)
        return cut


def _is_augmented(frame: FrameType) -> bool:
    """Whether a frame is at an assignment such as ``x *= 2``, and not at a call of ``mul_``."""
    return frame.f_code.co_code[frame.f_lasti] == _OPERATOR


def _is_optimizers(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__"))
    return module.startswith("torch.optim.") and module not in _NO_STEPS


def _named(frame: FrameType, module: str) -> bool:
    """Whether a frame is of a module, or of a package: of ``torch.``, and not of the cell."""
    return str(frame.f_globals.get("__name__")).startswith(module)


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

"""Floats that know the tensor they stand for: hyperparameters, and what is made of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Final

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

# ufuncs of numpy that a number may go through; torch has them under the same names
_UFUNCS: Final = frozenset(
    [
        "add",
        "subtract",
        "multiply",
        "divide",
        "power",
        "negative",
        "absolute",
        "square",
        "sqrt",
        "exp",
        "expm1",
        "log",
        "log1p",
        "log2",
        "log10",
        "sin",
        "cos",
        "tanh",
        "minimum",
        "maximum",
    ]
)


def ignore(tensor: Tensor, how: str) -> None:
    """Where no trial is followed, nobody asks for a gradient."""


class Known(float):
    """A float with a tensor of the same value; arithmetic with numbers keeps both."""

    noted: ClassVar[Callable[[Tensor, str], object]] = ignore
    """Told where a plain number is made of one, whose gradient ends there."""

    @property
    def graph(self) -> Tensor | None:
        """The tensor, unless it has been let go of."""
        raise NotImplementedError

    def made(self, value: float, graph: Tensor) -> Known:
        """The result of a calculation with this one."""
        raise NotImplementedError

    def _with(self, act: Callable[..., Any], other: Any = None) -> Any:
        if other is not None and not isinstance(other, (int, float)):
            return NotImplemented
        pair = (self,) if other is None else (self, other)
        value = act(*map(bare, pair))
        graphs = [_graph(each) for each in pair]
        if not isinstance(value, float) or any(each is None for each in graphs):
            return value
        last = other if isinstance(other, Known) and other.rules else self
        return last.made(float(value), act(*graphs))

    rules: ClassVar[bool] = False
    """Whether what is made of one and another is of its own kind."""

    def __add__(self, other: Any) -> Any:
        return self._with(lambda a, b: a + b, other)

    def __radd__(self, other: Any) -> Any:
        return self._with(lambda a, b: b + a, other)

    def __sub__(self, other: Any) -> Any:
        return self._with(lambda a, b: a - b, other)

    def __rsub__(self, other: Any) -> Any:
        return self._with(lambda a, b: b - a, other)

    def __mul__(self, other: Any) -> Any:
        return self._with(lambda a, b: a * b, other)

    def __rmul__(self, other: Any) -> Any:
        return self._with(lambda a, b: b * a, other)

    def __truediv__(self, other: Any) -> Any:
        return self._with(lambda a, b: a / b, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(lambda a, b: b / a, other)

    def __pow__(self, other: Any, modulo: None = None) -> Any:
        return self._with(lambda a, b: a**b, other)

    def __rpow__(self, other: Any, modulo: None = None) -> Any:
        return self._with(lambda a, b: b**a, other)

    def __neg__(self) -> Any:
        return self._with(lambda a: -a)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self._with(abs)

    def __round__(self, digits: Any = None) -> Any:
        value, graph = round(bare(self), digits), self.graph
        return value if digits is None or graph is None else self.made(value, graph)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Numbers alone keep their tensor; with arrays it is a number like any other."""
        numbers = all(isinstance(each, (int, float)) for each in inputs)
        if numbers and method == "__call__" and not options and ufunc.__name__ in _UFUNCS:
            given = (each for each in inputs if isinstance(each, Known) and each is not self)
            return next(given, self)._called(ufunc, inputs)
        return getattr(ufunc, method)(*map(bare, inputs), **options)

    def _called(self, ufunc: Any, inputs: tuple[Any, ...]) -> Any:
        value = ufunc(*map(bare, inputs))
        graphs = [_graph(each) for each in inputs]
        if any(each is None for each in graphs):
            return value
        with torch._C.DisableTorchFunction(), torch.enable_grad():
            tensors = [torch.as_tensor(each, dtype=torch.float64) for each in graphs]
            return self.made(float(value), getattr(torch, ufunc.__name__)(*tensors))

    def __copy__(self) -> Known:
        return self

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        return float, (bare(self),)  # pickled and sent as the number it is


class Hyper(Known):
    """A hyperparameter, or what is calculated from hyperparameters and numbers alone.

    It is the float that it is under every other optimizer, and torch calculates with its
    tensor: of no dimension, in double precision, with a gradient.
    """

    _graph: Tensor

    @classmethod
    def of(cls, value: float, graph: Tensor) -> Hyper:
        """`value`, with its tensor."""
        made = cls(value)
        made._graph = graph
        return made

    @property
    def graph(self) -> Tensor:
        return self._graph

    def made(self, value: float, graph: Tensor) -> Known:
        return Hyper.of(value, graph)

    def __float__(self) -> float:
        if not str(sys._getframe(1).f_globals.get("__name__")).startswith("jupyter_hpo"):
            Known.noted(self._graph, "float()")
        return float.__pos__(self)

    def __deepcopy__(self, memo: Any) -> Hyper:
        return self

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Where no trial is followed it is its number."""
        return func(*plain(args), **plain(kwargs or {}))


def tensors(value: Any) -> Any:
    """`value` with the tensors of hyperparameters, also in lists and tuples."""
    if type(value) in (list, tuple):
        return type(value)(map(tensors, value))
    return value.graph if isinstance(value, Hyper) else value


class Tensors(TorchFunctionMode):
    """Torch calculates with the tensors of hyperparameters, and is not followed otherwise."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        options = {key: tensors(value) for key, value in (kwargs or {}).items()}
        with torch._C.DisableTorchFunction():
            return func(*tensors(args), **options)


@contextmanager
def calculating() -> Iterator[None]:
    """Where torch's functions are not looked at: they are, for hyperparameters in a trial."""
    if Known.noted is ignore:
        yield
        return
    with torch._C._EnableTorchFunction(), Tensors():
        yield


def _graph(value: Any) -> Any:
    """What torch calculates with in place of a number; numpy's are no match for tensors."""
    if isinstance(value, Known):
        return value.graph
    return float(value) if isinstance(value, np.floating) else value


def bare(value: Any) -> Any:
    """A number that knows no tensor."""
    return float.__pos__(value) if isinstance(value, Known) else value


def plain(value: Any) -> Any:
    """`value` with bare numbers, also in lists, tuples and dicts."""
    if type(value) in (list, tuple):
        return type(value)(map(plain, value))
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return bare(value)

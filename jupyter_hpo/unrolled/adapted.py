"""Plain numbers that know how they depend on hyperparameters which change under way."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

_ARITHMETIC: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
}


class Adapted(float):
    """A float that is ``rest + Σ slope · hyperparameter``; arithmetic with numbers keeps that.

    Cells and libraries see a float. A learning rate given to an optimizer, its half for another
    group of weights, and what a schedule makes of it can thus be followed when the hyperparameter
    changes: exactly, as all of these are linear in it. Powers and products of two such numbers are
    taken to be linear around the values they are made from.

    Attributes
    ----------
    rest : what does not depend on any.
    slopes : by the hyperparameters' keys.
    """

    rest: float
    slopes: Mapping[str, float]

    @classmethod
    def of(cls, value: float, rest: float, slopes: Mapping[str, float]) -> Adapted:
        """`value`, known to be made that way."""
        number = cls(value)
        number.rest, number.slopes = rest, slopes
        return number

    def at(self, values: Mapping[str, float]) -> Adapted:
        """The same number where the hyperparameters have these values."""
        total = self.rest + sum(slope * values[key] for key, slope in self.slopes.items())
        return Adapted.of(total, self.rest, self.slopes)

    def _with(self, value: Any, other: Any, mine: float, theirs: float) -> Any:
        """`value`, made of both with these derivatives by the one and the other."""
        if not isinstance(value, float) or not math.isfinite(value):
            return value
        slopes = {key: mine * slope for key, slope in self.slopes.items()}
        rest = value - mine * (float(self) - self.rest)
        if isinstance(other, Adapted):
            rest -= theirs * (float(other) - other.rest)
            for key, slope in other.slopes.items():
                slopes[key] = slopes.get(key, 0.0) + theirs * slope
        return Adapted.of(value, rest, slopes)

    def __add__(self, other: Any) -> Any:
        return self._with(float.__add__(self, other), other, 1.0, 1.0)

    def __radd__(self, other: Any) -> Any:
        return self._with(float.__radd__(self, other), other, 1.0, 1.0)

    def __sub__(self, other: Any) -> Any:
        return self._with(float.__sub__(self, other), other, 1.0, -1.0)

    def __rsub__(self, other: Any) -> Any:
        return self._with(float.__rsub__(self, other), other, -1.0, 1.0)

    def __mul__(self, other: Any) -> Any:
        value = float.__mul__(self, other)
        return (
            value
            if value is NotImplemented
            else self._with(value, other, float(other), float(self))
        )

    def __rmul__(self, other: Any) -> Any:
        return self.__mul__(other)

    def __truediv__(self, other: Any) -> Any:
        value = float.__truediv__(self, other)
        if value is NotImplemented:
            return value
        return self._with(value, other, 1 / float(other), -value / float(other))

    def __rtruediv__(self, other: Any) -> Any:
        value = float.__rtruediv__(self, other)
        if value is NotImplemented:
            return value
        return self._with(value, other, -value / float(self), 0.0)

    def __pow__(self, other: Any, modulo: None = None) -> Any:
        value = float.__pow__(self, other)
        if not isinstance(value, float) or not self:
            return value
        return self._with(value, None, float(other) * value / float(self), 0.0)

    def __neg__(self) -> Any:
        return self._with(float.__neg__(self), None, -1.0, 0.0)

    def __pos__(self) -> Any:
        return self

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """What numpy does with it: its scalars do the same arithmetic, all else sees a float."""
        act = _ARITHMETIC.get(ufunc.__name__)
        if act is not None and method == "__call__" and not options and all(map(_scalar, inputs)):
            return act(*(x if isinstance(x, Adapted) else x.item() for x in inputs))
        bare = [float(each) if isinstance(each, Adapted) else each for each in inputs]
        return getattr(ufunc, method)(*bare, **options)

    def __copy__(self) -> Adapted:
        return self  # nothing in it changes

    def __deepcopy__(self, memo: dict[int, Any]) -> Adapted:
        return self

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        return float, (float(self),)  # pickled, it is the number alone


def _scalar(value: Any) -> bool:
    return isinstance(value, Adapted | np.floating | np.integer)

"""Arithmetic of ranges: positions in the unit interval, evenly spread values, exact steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, overload

from ..errors import SpaceError

if TYPE_CHECKING:
    from .base import Domain


class Lattice(Sequence[float]):
    """The values low, low + step, low + 2 step, … up to high, each computed when asked for.

    In decimals as they are written: ``0.1 * 3`` would be shown as 0.30000000000000004,
    and ``(0.3 - 0) / 0.1`` is below 3.

    Raises
    ------
    SpaceError
        If the step is so small that floats cannot tell its values apart.
    """

    def __init__(self, low: float, high: float, step: float) -> None:
        self._low, self._step = low, step
        self._exact_low, self._exact_step = Fraction(repr(low)), Fraction(repr(step))
        if step < 8 * math.ulp(max(abs(low), abs(high))):
            raise SpaceError(f"step={step!r} is too small for values around {high!r}; drop it")
        span = Fraction(repr(high)) - self._exact_low
        self._size = int(span / self._exact_step) + 1

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> float: ...
    @overload
    def __getitem__(self, place: slice) -> list[float]: ...
    def __getitem__(self, place: int | slice) -> float | list[float]:
        if isinstance(place, slice):
            return [self[k] for k in range(self._size)[place]]
        return float(self._exact_low + range(self._size)[place] * self._exact_step)

    def nearest(self, value: float) -> int:
        """Place of the value nearest to `value`."""
        # divided first: value - low may overflow
        place = round(value / self._step - self._low / self._step)
        return min(max(place, 0), self._size - 1)


def mix(low: float, high: float, u: float) -> float:
    """The value at share `u` of the way from low to high."""
    # not low + u * (high - low): the difference of two large bounds overflows
    return low * (1.0 - u) + high * u


def position(low: float, high: float, value: float) -> float:
    """Which share of the way from low to high `value` lies at; 0.5 where they are equal."""
    span = high / 2 - low / 2
    place = 0.5 if span <= 0 else (value / 2 - low / 2) / span
    return min(max(place, 0.0), 1.0)


def spread(domain: Domain, points: int) -> list[Any]:
    """`points` values evenly over the unit interval, ends included, without repeats."""
    places = [k / (points - 1) for k in range(points)] if points > 1 else [0.5]
    return list(dict.fromkeys(domain.decode(u) for u in places))

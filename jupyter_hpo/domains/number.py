"""Numbers: Float and Int, on a linear or logarithmic scale, perhaps in steps."""

from __future__ import annotations

import math
import operator
from decimal import Decimal
from typing import Any, Final

from ..errors import SpaceError
from .base import UNSET, Domain, When, share, short, when_or_none

LARGEST_INT: Final = 2**53  # beyond it a float cannot name every integer


class _Number(Domain):
    """What Float and Int share: a range, perhaps with a log scale or a step."""

    low: Any
    high: Any
    log: bool
    step: Any

    def _init(self, log: Any, step: Any, default: Any, when: When | None) -> None:
        kind = type(self).__name__
        if not isinstance(log, bool):
            raise SpaceError(f"log is True or False, not {log!r}")
        if self.low > self.high:
            raise SpaceError(
                f"empty range: low ({self.low!r}) is above high ({self.high!r}); "
                f"write {kind}({self.high!r}, {self.low!r})"
            )
        if log and self.low <= 0:
            raise SpaceError(
                f"a log scale needs low > 0, and low is {self.low!r}; "
                "use a small positive low, or drop log=True"
            )
        if log and step is not None:
            raise SpaceError("log=True and step= exclude each other; drop one of them")
        if step is not None and step <= 0:
            raise SpaceError(f"step must be above 0, and is {step!r}")
        self.log, self.step, self.when = log, step, when_or_none(when)
        self.default = default if default is UNSET else self.check(default)

    def _between(self, value: Any) -> Any:
        if not self.low <= value <= self.high:
            raise SpaceError(f"{value!r} is outside [{self.low!r}, {self.high!r}]")
        return value

    def __repr__(self) -> str:
        extra = ", log=True" if self.log else ""
        if self.step is not None:
            extra = f", step={self.step!r}"
        return f"{type(self).__name__}({self.low!r}, {self.high!r}{extra})"

    def to_json(self) -> dict[str, Any]:
        return {
            "type": type(self).__name__,
            "low": self.low,
            "high": self.high,
            "log": self.log,
            "step": self.step,
        }


class Float(_Number):
    """A real number in [low, high].

    Parameters
    ----------
    low, high : bounds, both included, finite.
    log : search on a logarithmic scale (for learning rates, penalties); needs low > 0.
    step : if given, only low, low + step, low + 2 step, … up to high.
    default : start value, for ``tune()``; in a cell it is the right-hand side.
    when : function of the parameters above, for ``tune()``; in a cell it is the ``if``.

    Raises
    ------
    SpaceError
        If the range is empty or the options contradict each other.
    """

    def __init__(
        self,
        low: float,
        high: float,
        *,
        log: bool = False,
        step: float | None = None,
        default: Any = UNSET,
        when: When | None = None,
    ) -> None:
        self.low = _real(low, "low")
        self.high = _real(high, "high")
        self._init(log, None if step is None else _real(step, "step"), default, when)

    @property
    def size(self) -> int | None:
        if self.low == self.high:
            return 1
        if self.step is None:
            return None
        return int((_exact(self.high) - _exact(self.low)) / _exact(self.step)) + 1

    def decode(self, u: float) -> float:
        if self.step is not None:
            return self._at(share(u, self.size or 1))
        if self.log:
            value = math.exp(_mix(math.log(self.low), math.log(self.high), u))
        else:
            value = _mix(self.low, self.high, u)
        return min(max(value, self.low), self.high)

    def encode(self, value: Any) -> float:
        if self.step is not None:
            return (self._index(value) + 0.5) / (self.size or 1)
        if self.log:
            return _position(math.log(self.low), math.log(self.high), math.log(value))
        return _position(self.low, self.high, value)

    def check(self, value: Any) -> float:
        number: float = self._between(_real(value, "the value"))
        if self.step is None:
            return number
        nearest = self._at(self._index(number))
        if abs(nearest - number) > 1e-6 * self.step:
            raise SpaceError(
                f"{number!r} is not on the steps of {self!r}; the nearest is {nearest!r}"
            )
        return nearest

    def grid(self, points: int | None = None) -> list[float]:
        if self.step is not None and (points is None or (self.size or 1) <= points):
            return [self._at(k) for k in range(self.size or 1)]
        return _spread(self, points or 5)

    def _at(self, index: int) -> float:
        # in decimals: 0.1 * 3 would be shown to the user as 0.30000000000000004
        return float(_exact(self.low) + index * _exact(self.step))

    def _index(self, value: float) -> int:
        index = round((_exact(value) - _exact(self.low)) / _exact(self.step))
        return min(max(int(index), 0), (self.size or 1) - 1)


class Int(_Number):
    """A whole number in [low, high]; parameters as for `Float`."""

    def __init__(
        self,
        low: int,
        high: int,
        *,
        log: bool = False,
        step: int | None = None,
        default: Any = UNSET,
        when: When | None = None,
    ) -> None:
        self.low = _whole(low, "low")
        self.high = _whole(high, "high")
        if max(abs(self.low), abs(self.high)) > LARGEST_INT:
            raise SpaceError(f"whole numbers up to 2**53 only; use Float({low!r}, {high!r})")
        self._init(log, None if step is None else _whole(step, "step"), default, when)

    @property
    def size(self) -> int:
        return int(self.high - self.low) // (self.step or 1) + 1

    def decode(self, u: float) -> int:
        if not self.log:
            return int(self.low + share(u, self.size) * (self.step or 1))
        value = math.exp(_mix(math.log(self.low - 0.5), math.log(self.high + 0.5), u))
        return min(max(round(value), self.low), self.high)

    def encode(self, value: Any) -> float:
        if not self.log:
            return ((value - self.low) // (self.step or 1) + 0.5) / self.size
        return _position(math.log(self.low - 0.5), math.log(self.high + 0.5), math.log(value))

    def check(self, value: Any) -> int:
        number: int = self._between(_whole(value, "the value"))
        if (number - self.low) % (self.step or 1):
            below = number - (number - self.low) % self.step
            raise SpaceError(
                f"{number!r} is not on the steps of {self!r}; the nearest below is {below!r}"
            )
        return number

    def grid(self, points: int | None = None) -> list[int]:
        if points is None and self.log:
            points = 5
        if points is None or self.size <= points:
            return list(range(self.low, self.high + 1, self.step or 1))
        return _spread(self, points)


def _real(value: Any, what: str) -> float:
    if isinstance(value, (bool, str, bytes)):
        raise SpaceError(f"{what} must be a number, not {value!r}")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise SpaceError(f"{what} must be a number, not {short(value)}") from None
    if not math.isfinite(number):
        raise SpaceError(f"{what} must be finite, not {number!r}")
    return number


def _whole(value: Any, what: str) -> int:
    if isinstance(value, (bool, str, bytes)):
        raise SpaceError(f"{what} must be a whole number, not {value!r}")
    try:
        return int(operator.index(value))
    except TypeError:
        number = _real(value, what)
    hint = f"; write {int(number)}" if number.is_integer() else "; use Float for fractions"
    raise SpaceError(f"{what} of an Int must be a whole number, not {number!r}{hint}")


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))


def _mix(low: float, high: float, u: float) -> float:
    # not low + u * (high - low): the difference of two large bounds overflows
    return low * (1.0 - u) + high * u


def _position(low: float, high: float, value: float) -> float:
    span = high / 2 - low / 2
    place = 0.5 if span <= 0 else (value / 2 - low / 2) / span
    return min(max(place, 0.0), 1.0)


def _spread(domain: Domain, points: int) -> list[Any]:
    """`points` values evenly over the unit interval, ends included, without repeats."""
    places = [k / (points - 1) for k in range(points)] if points > 1 else [0.5]
    return list(dict.fromkeys(domain.decode(u) for u in places))

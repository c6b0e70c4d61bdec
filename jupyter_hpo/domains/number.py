"""Numbers: Float and Int, on a linear or logarithmic scale, perhaps in steps."""

from __future__ import annotations

import math
import operator
from typing import Any, Final

from ..errors import SpaceError
from .base import UNSET, Domain, When, share, short, when_or_none
from .lattice import Lattice, mix, position, spread

LARGEST_INT: Final = 2**53  # beyond it a float cannot name every integer
LARGEST_LOG_INT: Final = 2**40  # beyond it exp(log(n)) may round to another integer
MOST_VALUES: Final = 2**50  # beyond it shares of the unit interval cannot be told apart


class _Number(Domain):
    """What Float and Int share: a range, perhaps with a log scale or a step."""

    low: Any
    high: Any
    log: bool
    step: Any

    def _init(self, log: Any, step: Any, when: When | None) -> None:
        kind = type(self).__name__
        if not isinstance(log, bool):
            raise SpaceError(f"log is True or False, not {short(log)}")
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
            raise SpaceError(f"step must be above 0, and is {short(step)}")
        self.log, self.step, self.when = log, step, when_or_none(when)

    def _between(self, value: Any) -> Any:
        if not self.low <= value <= self.high:
            raise SpaceError(f"{short(value)} is outside [{self.low!r}, {self.high!r}]")
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
        self.low: float = _real(low, "low")
        self.high: float = _real(high, "high")
        self._init(log, None if step is None else _real(step, "step"), when)
        self._steps = None if self.step is None else Lattice(self.low, self.high, self.step)
        self.default = default if default is UNSET else self.check(default)

    @property
    def size(self) -> int | None:
        if self.low == self.high:
            return 1
        return None if self._steps is None else len(self._steps)

    def decode(self, u: float) -> float:
        if self._steps is not None:
            return self._steps[share(u, len(self._steps))]
        if not self.log:
            value = mix(self.low, self.high, u)
        elif u <= 0.0 or u >= 1.0:
            value = self.low if u <= 0.0 else self.high  # exp(log(low)) may miss low by a bit
        else:
            value = math.exp(mix(math.log(self.low), math.log(self.high), u))
        return min(max(value, self.low), self.high)

    def encode(self, value: Any) -> float:
        if self._steps is not None:
            return (self._steps.nearest(value) + 0.5) / len(self._steps)
        if self.log:
            return position(math.log(self.low), math.log(self.high), math.log(value))
        return position(self.low, self.high, value)

    def check(self, value: Any) -> float:
        number: float = self._between(_real(value, "the value"))
        if self._steps is None:
            return number
        nearest = self._steps[self._steps.nearest(number)]
        if abs(nearest - number) > 1e-6 * self.step:
            raise SpaceError(
                f"{number!r} is not on the steps of {self!r}; the nearest is {nearest!r}"
            )
        return nearest

    def grid(self, points: int | None = None) -> Lattice | list[float]:
        if self._steps is not None and (points is None or len(self._steps) <= points):
            return self._steps
        values = spread(self, points or 5)
        return values if self._steps is not None else [self._rounded(v) for v in values]

    def _rounded(self, value: float) -> float:
        # 0.001, not 0.0009999999999999998: readable, and equal to the default a user wrote
        return min(max(float(f"{value:.12g}"), self.low), self.high)


class Int(_Number):
    """A whole number in [low, high]; parameters as for `Float`.

    Bounds go up to 2**53, on a logarithmic scale up to 2**40.
    """

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
        self.low: int = _whole(low, "low")
        self.high: int = _whole(high, "high")
        if max(abs(self.low), abs(self.high)) > (LARGEST_LOG_INT if log is True else LARGEST_INT):
            limit = "2**40 on a log scale" if log is True else "2**53"
            raise SpaceError(f"whole numbers up to {limit} only; use Float for larger ones")
        self._init(log, None if step is None else _whole(step, "step"), when)
        if self.step is not None and self.step > LARGEST_INT:
            raise SpaceError(f"step={short(self.step)} is above 2**53; use a smaller one")
        if self.size > MOST_VALUES:
            raise SpaceError(f"{self!r} has more than 2**50 values; use Float, or a larger step")
        self.default = default if default is UNSET else self.check(default)

    @property
    def size(self) -> int:
        return len(self._values)

    @property
    def _values(self) -> range:
        return range(self.low, self.high + 1, self.step or 1)

    def decode(self, u: float) -> int:
        if not self.log:
            return self._values[share(u, self.size)]
        value = math.exp(mix(math.log(self.low - 0.5), math.log(self.high + 0.5), u))
        return min(max(round(value), self.low), self.high)

    def encode(self, value: Any) -> float:
        if not self.log:
            return float(((value - self.low) // (self.step or 1) + 0.5) / self.size)
        return position(math.log(self.low - 0.5), math.log(self.high + 0.5), math.log(value))

    def check(self, value: Any) -> int:
        number: int = self._between(_whole(value, "the value"))
        if number not in self._values:
            below = number - (number - self.low) % self.step
            raise SpaceError(
                f"{number!r} is not on the steps of {self!r}; the nearest below is {below!r}"
            )
        return number

    def grid(self, points: int | None = None) -> range | list[int]:
        if points is None and self.log:
            points = 5
        if points is None or self.size <= points:
            return self._values
        return spread(self, points)


def _real(value: Any, what: str) -> float:
    if _is_no_number(value):
        raise SpaceError(f"{what} must be a number, not {short(value)}")
    try:
        number = float(value)
    except Exception:  # noqa: BLE001  # arrays, tensors and foreign classes raise anything here
        raise SpaceError(f"{what} must be a number, not {short(value)}") from None
    if not math.isfinite(number):
        raise SpaceError(f"{what} must be finite, not {number!r}")
    return number + 0.0  # -0.0 becomes 0.0: one value, one text


def _whole(value: Any, what: str) -> int:
    if _is_no_number(value):
        raise SpaceError(f"{what} must be a whole number, not {short(value)}")
    try:
        return int(operator.index(value))
    except Exception:  # noqa: BLE001  # as above; what float() makes of it decides the message
        number = _real(value, what)
    hint = f"; write {int(number)}" if number.is_integer() else "; use Float for fractions"
    raise SpaceError(f"{what} of an Int must be a whole number, not {number!r}{hint}")


def _is_no_number(value: Any) -> bool:
    """Whether it is text or a truth value, of numpy or torch too: float() would take them."""
    if isinstance(value, (bool, str, bytes, bytearray)):
        return True
    try:
        return str(value.dtype).endswith("bool")
    except Exception:  # noqa: BLE001  # most values have no dtype, and lazy ones raise anything
        return False

"""The axes of the history: where a value stands and which ticks to label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from sys import float_info

from . import words

DECADES = 2  # positive values that span more are shown on a log axis
FLAT = 8  # times the height the others need, from which on the stray ones are left outside


@dataclass(frozen=True)
class Axis:
    """The range of the objective that is shown, low < high, both finite."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """Position of `value`, 0 at `low` and 1 at `high`; beyond them, those."""
        if value <= self.low:
            return 0.0
        if value >= self.high:
            return 1.0
        if self.log:
            low, high, value = math.log(self.low), math.log(self.high), math.log(value)
        else:
            # halves, because the difference of two large floats overflows
            low, high, value = self.low / 2, self.high / 2, value / 2
        return (value - low) / (high - low) if high > low else 0.5

    def ticks(self) -> list[tuple[float, str]]:
        """Round values inside the range with their labels, two to seven where there is room."""
        if self.log:
            return _decades(self.low, self.high)
        step = _nice((self.high / 2 - self.low / 2) / 2.5)
        far = max(abs(self.low), abs(self.high))
        if not (0 < step < math.inf and far / step < 2**53):
            return [(v, words.number(v)) for v in (self.low, self.high)]
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        values = [k * step for k in range(first, min(last, first + 10) + 1)]
        return [(v, _label(v, step)) for v in values if math.isfinite(v)]


def axis(values: Sequence[float], maximize: bool) -> Axis:
    """The axis for these values, finite and at least one.

    A few runs that went astray must not press the others flat: if they would,
    a linear axis ends on the worse side with the last value of the others, and
    what lies beyond is shown at the edge.
    """
    ordered = sorted(values)
    low, high = ordered[0], ordered[-1]
    if low > 0 and high / low > 10**DECADES:
        return Axis(low, high, log=True)
    inner_low, inner_high = _fenced(ordered)
    if maximize and high - low > FLAT * (high - inner_low):
        low = inner_low
    if not maximize and high - low > FLAT * (inner_high - low):
        high = inner_high
    if low == high:
        margin = abs(low) / 10 or 1.0
        low, high = max(low - margin, -float_info.max), min(high + margin, float_info.max)
    return Axis(low, high)


def _fenced(ordered: Sequence[float]) -> tuple[float, float]:
    """The extremes of the values that are not far out (Tukey: three quartile ranges beyond)."""
    if len(ordered) < 8:
        return ordered[0], ordered[-1]
    q1, q3 = ordered[len(ordered) // 4], ordered[len(ordered) * 3 // 4]
    reach = 3 * (q3 - q1)
    inside = [v for v in ordered if q1 - reach <= v <= q3 + reach]
    return inside[0], inside[-1]


def trial_ticks(last: int) -> list[int]:
    """Trial numbers to label between 0 and `last`, five or so."""
    step = max(int(_nice(last / 5)), 1)
    return list(range(0, last + 1, step))


def trial_room(last: int, total: int | None) -> int:
    """Number at the axis's end while trials are still coming: grows in few, round steps."""
    room = 10
    while room < last:
        room = room * 5 // 2 if str(room)[0] == "2" else room * 2
    return room if total is None else max(min(room, total - 1), last, 1)


def _nice(step: float) -> float:
    if not step > 0 or not math.isfinite(step):
        return step
    power = math.floor(math.log10(step))
    for factor in (1, 2, 5, 10):
        nice = float(f"{factor}e{power}")
        if nice >= step * 0.999:
            return nice
    return nice


def _label(value: float, step: float) -> str:
    if value == 0:
        return "0"
    if step < 1e-4 or abs(value) >= 1e6:
        digits = math.floor(math.log10(abs(value))) - math.floor(math.log10(step)) + 1
        return words.number(value, min(max(digits, 1), 16))
    return f"{value:.{max(0, -math.floor(math.log10(step)))}f}"


def _decades(low: float, high: float) -> list[tuple[float, str]]:
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    stride = -(-(last - first + 1) // 5)
    powers = range(first, last + 1, max(stride, 1))
    return [(10.0**k, words.number(10.0**k, 1) if k < 6 else f"1e{k}") for k in powers]

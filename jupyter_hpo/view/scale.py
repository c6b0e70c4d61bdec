"""The axes of the history: where a value stands and which ticks to label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from sys import float_info

from . import words

FACTORS = 5  # positive losses whose worst is more times the best are shown on a log axis
FACTORS_MAXIMIZED = 100  # a log axis presses the large values together, here the good ones
GAINS = 6  # gains over the default that a shortened axis is long
BETTER_THIRDS = 3  # or this many times the span of the better third of the values, if more
WORTH = 2  # times: an axis that shortening would not make that much shorter stays whole


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
        if self.log and self.high / self.low > FACTORS:
            return _factors(self.low, self.high)
        step = _nice((self.high / 2 - self.low / 2) / 2.5)
        far = max(abs(self.low), abs(self.high))
        if not (0 < step < math.inf and far / step < 2**53):
            return [(v, words.number(v)) for v in (self.low, self.high)]
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        values = [k * step for k in range(first, min(last, first + 10) + 1)]
        return [(v, _label(v, step)) for v in values if math.isfinite(v)]


def axis(values: Sequence[float], maximize: bool, baseline: float | None = None) -> Axis:
    """The axis for these values, finite and at least one; `baseline` is the default's, if any.

    The gain over the default is what the chart is there for, and a few runs
    that went astray must not press it flat: a loss is shown by factors where
    it spans many, and where the gain would still be thin the axis ends on the
    worse side before the worst value. What lies beyond is shown at the edge.
    """
    ordered = sorted(values, reverse=maximize)
    if min(ordered) > 0 and (maximize or ordered[-1] / ordered[0] > FACTORS):
        logs = [math.log(value) for value in ordered]
        start = math.log(baseline) if baseline is not None and baseline > 0 else None
        low, high = sorted((ordered[0], ordered[_last_inside(logs, start)]))
        # a loss stays on the log axis however short that is: it must not change to and fro
        if low < high and (not maximize or high / low > FACTORS_MAXIMIZED):
            return Axis(low, high, log=True)
    low, high = sorted((ordered[0], ordered[_last_inside(ordered, baseline)]))
    if low == high:
        margin = abs(low) / 10 or 1.0
        low, high = max(low - margin, -float_info.max), min(high + margin, float_info.max)
    return Axis(low, high)


def _last_inside(ordered: Sequence[float], baseline: float | None) -> int:
    """Index of the worst value that the axis holds, of values with the best first."""
    best, worst = ordered[0], ordered[-1]
    third = (len(ordered) + 1) // 3
    typical = next((value for value in ordered[third:] if value != best), worst)
    gain = 0.0 if baseline is None else _apart(best, baseline)
    reach = max(GAINS * gain, BETTER_THIRDS * _apart(best, typical))
    if _apart(best, worst) <= WORTH * reach:
        return len(ordered) - 1
    return sum(_apart(best, value) <= reach for value in ordered) - 1


def _apart(a: float, b: float) -> float:
    """Half the distance, because that of two large floats overflows."""
    return abs(a / 2 - b / 2)


def trial_ticks(last: int) -> list[int]:
    """Trial numbers to label between 0 and `last`, five or so."""
    step = max(int(_nice(last / 5)), 1)
    return list(range(0, last + 1, step))


def trial_room(last: int, total: int | None, *, live: bool) -> int:
    """Number at the end of the axis of trials.

    The whole study where its total is known, so that the axis stays as it is;
    else it grows in few, round steps.
    """
    if total is not None and (live or last >= total / 2):
        return max(total - 1, last, 1)
    room = 10
    while live and room < last:
        room = room * 5 // 2 if str(room)[0] == "2" else room * 2
    return room if live else max(last, 1)


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


def _factors(low: float, high: float) -> list[tuple[float, str]]:
    """Powers of ten, and where they are few, twice and five times them."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    decades = math.log10(high) - math.log10(low)
    mantissas = (1, 2, 5) if decades < 2 else (1,)
    stride = max(math.ceil(decades / 5), 1)
    values = [float(f"{m}e{k}") for k in range(first, last + 1, stride) for m in mantissas]
    return [(value, words.number(value, 1)) for value in values if low <= value <= high]

"""Plain numbers that remember the tensor they were read from.

``val_loss = loss.item()`` gives a float. During a trial it is one that also knows `loss`, so
that the gradient of `val_loss` is still to be had; so do sums, means and multiples of such.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from torch import Tensor

from .places import Cut

KEPT: Final = 512  # readings whose graph is kept; a longer history of them is of plain numbers
_LATEST: Final = 16  # readings by float(), found again by their value


class Reading:
    """A tensor that was read, until its graph is let go of."""

    def __init__(self, tensor: Tensor | None, cut: Cut, among: Readings) -> None:
        self.tensor, self.cut, self.among = tensor, cut, among


class Traced(float):
    """A float with the reading it came from; arithmetic with numbers keeps it."""

    reading: Reading

    @classmethod
    def of(cls, value: float, reading: Reading) -> Traced:
        """`value`, known to be of `reading`."""
        number = cls(value)
        number.reading = reading
        return number

    def _with(self, other: Any, act: Callable[[Any, Any], Any]) -> Any:
        if not isinstance(other, (int, float)):
            return NotImplemented
        value = act(float(self), float(other) if isinstance(other, Traced) else other)
        mine = self.reading.tensor
        theirs = other.reading.tensor if isinstance(other, Traced) else other
        if mine is None or theirs is None or not isinstance(value, float):
            return value
        reading = self.reading
        return Traced.of(value, reading.among.note(act(mine, theirs), reading.cut))

    def __add__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a + b)

    def __radd__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b + a)

    def __sub__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a * b)

    def __rmul__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b * a)

    def __truediv__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a / b)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b / a)

    def __pow__(self, other: Any, modulo: None = None) -> Any:
        return self._with(other, lambda a, b: a**b)

    def __neg__(self) -> Any:
        return self * -1.0

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        return float, (float(self),)  # pickled, copied and sent as the number it is


class Readings:
    """The readings of one trial."""

    def __init__(self) -> None:
        self._kept: deque[Reading] = deque()
        self._by_value: deque[tuple[float, Reading]] = deque(maxlen=_LATEST)

    def item(self, tensor: Tensor, value: Any, cut: Cut) -> Any:
        """What ``tensor.item()`` gives, if it is `value`."""
        if type(value) is not float:
            return value
        return Traced.of(value, self.note(tensor, cut))

    def number(self, tensor: Tensor, value: float, cut: Cut) -> None:
        """Note that ``float(tensor)`` is being taken, whose result Python makes a plain one."""
        self._by_value.append((value, self.note(tensor, cut)))

    def of(self, objective: Any) -> Reading | None:
        """The reading that a number came from, if it is known."""
        if isinstance(objective, Traced):
            return objective.reading
        if type(objective) is float:
            for value, reading in reversed(self._by_value):
                if value == objective:
                    return reading
        return None

    def trained_on(self, tensor: Tensor) -> None:
        """`tensor` is the loss of a training step: no metric, and its graph is large."""
        for reading in self._kept:
            if reading.tensor is tensor:
                reading.tensor = None

    def settle(self, by: Callable[[Tensor], Tensor | None]) -> None:
        """Let go of all graphs for what `by` makes of them."""
        for reading in self._kept:
            if reading.tensor is not None and not reading.tensor.is_leaf:
                reading.tensor = by(reading.tensor)

    def forget(self) -> None:
        """Let go of all graphs but the latest."""
        while len(self._kept) > 1:
            self._kept.popleft().tensor = None

    def close(self) -> None:
        """Let go of all graphs: numbers that outlive the trial are numbers."""
        self.forget()
        for reading in self._kept:
            reading.tensor = None

    def note(self, tensor: Tensor, cut: Cut) -> Reading:
        """A new reading."""
        reading = Reading(tensor, cut, self)
        self._kept.append(reading)
        if len(self._kept) > KEPT:
            self._kept.popleft().tensor = None
        return reading

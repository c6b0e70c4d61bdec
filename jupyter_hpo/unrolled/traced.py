"""Plain numbers that remember the tensor they were read from.

``val_loss = loss.item()`` gives a float. During a trial it is one that also knows `loss`, so
that the gradient of `val_loss` is still to be had; so do sums, means and multiples of such.
What other libraries make of them, such as ``np.mean(losses)``, is found again by its value.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from .known import Known, bare
from .places import Cut

KEPT: Final = 512  # readings whose graph is kept; a longer history of them is of plain numbers
ALIKE: Final = 1e-12  # relative difference of values that are the same but for rounding


class Form(NamedTuple):
    """What an objective may be of a number that was read."""

    of_number: Callable[[float], float]
    of_tensor: Callable[[Tensor], Tensor]


_FORMS: Final = (
    Form(lambda v: v, lambda t: t),
    Form(lambda v: -v, lambda t: -t),
    Form(lambda v: math.sqrt(v) if v > 0 else math.nan, torch.sqrt),
    Form(lambda v: math.exp(min(v, 700.0)), torch.exp),
    Form(lambda v: 1 - v, lambda t: 1 - t),
    Form(lambda v: 100 * v, lambda t: 100 * t),
)


class Reading:
    """A tensor that was read with some value, until its graph is let go of."""

    def __init__(self, tensor: Tensor | None, value: float, cut: Cut, among: Readings) -> None:
        self.tensor, self.value, self.cut, self.among = tensor, value, cut, among


class Traced(Known):
    """A float with the reading it came from; arithmetic with numbers keeps it.

    It is no tensor to torch: a training step that uses it has no gradient by it.
    """

    reading: Reading
    rules = True

    @classmethod
    def of(cls, value: float, reading: Reading) -> Traced:
        """`value`, known to be of `reading`."""
        number = cls(value)
        number.reading = reading
        return number

    @property
    def graph(self) -> Tensor | None:
        return self.reading.tensor

    def made(self, value: float, graph: Tensor) -> Traced:
        return Traced.of(value, self.reading.among.note(graph, value, self.reading.cut))

    def __deepcopy__(self, memo: Any) -> float:
        return float(bare(self))


class Readings:
    """The readings of one trial."""

    def __init__(self) -> None:
        self._kept: deque[Reading] = deque()

    def item(self, tensor: Tensor, value: Any, cut: Cut) -> Any:
        """What ``tensor.item()`` gives, if it is `value`."""
        if type(value) is not float:
            return value
        return Traced.of(value, self.note(tensor, value, cut))

    def of(self, objective: Any) -> Reading | None:
        """The reading that a number came from, if it is known."""
        if isinstance(objective, Traced):
            return objective.reading
        if isinstance(objective, bool) or not isinstance(objective, float | np.floating):
            return None
        value = float(objective)
        # of whole numbers there are too many that are the same by chance
        if not math.isfinite(value) or value == round(value):
            return None
        alive = [reading for reading in self._kept if reading.tensor is not None]
        for reading in reversed(alive):
            made = _form(value, reading.value, reading.tensor)
            if made is not None:
                return Reading(made, value, reading.cut, self)
        return self._mean(value, alive)

    def _mean(self, value: float, alive: list[Reading]) -> Reading | None:
        """The mean of the latest that one line of code has read."""
        for cut in dict.fromkeys(reading.cut for reading in reversed(alive)):
            same = [reading for reading in alive if reading.cut == cut]
            for count in range(2, len(same) + 1):
                last = same[-count:]
                tensors = [reading.tensor for reading in last if reading.tensor is not None]
                numbers = [reading.value for reading in last]
                if (made := _form(value, float(np.mean(numbers)), tensors)) is not None:
                    return Reading(made, value, cut, self)
        return None

    def trained_on(self, tensor: Tensor) -> None:
        """`tensor` is the loss of a training step: no metric, and its graph is large."""
        for reading in self._kept:
            if reading.tensor is tensor:
                reading.tensor = None

    def settle(self, by: Callable[[Tensor], Tensor]) -> None:
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

    def note(self, tensor: Tensor, value: float, cut: Cut) -> Reading:
        """A new reading."""
        reading = Reading(tensor, value, cut, self)
        self._kept.append(reading)
        if len(self._kept) > KEPT:
            self._kept.popleft().tensor = None
        return reading


def _form(value: float, read: float, tensors: Tensor | list[Tensor] | None) -> Tensor | None:
    """The objective `value` as a tensor, if it is of a form that `read` can be brought to.

    Parameters
    ----------
    tensors : what was read; of several, `read` is the mean.
    """
    for form in _FORMS:
        if math.isclose(form.of_number(read), value, rel_tol=ALIKE):
            if isinstance(tensors, list):
                tensors = torch.stack([each.reshape(()) for each in tensors]).mean()
            return None if tensors is None else form.of_tensor(tensors)
    return None

"""Choices: Categorical and Bool."""

from __future__ import annotations

import math
import operator
from typing import Any

from ..errors import SpaceError
from .base import UNSET, Domain, When, share, short, when_or_none


class Categorical(Domain):
    """One of several choices, of any type; one list of them is also accepted.

    Raises
    ------
    SpaceError
        If there is no choice, or two that cannot be told apart.
    """

    def __init__(self, *choices: Any, default: Any = UNSET, when: When | None = None) -> None:
        if len(choices) == 1 and isinstance(choices[0], (list, tuple)):
            choices = tuple(choices[0])
        if not choices:
            raise SpaceError('no choices; write, say, Categorical("relu", "tanh")')
        self.choices = choices
        self.labels = _labels(choices)
        self.when = when_or_none(when)
        self.default = default if default is UNSET else self.check(default)

    @property
    def size(self) -> int:
        return len(self.choices)

    def decode(self, u: float) -> Any:
        return self.choices[share(u, self.size)]

    def encode(self, value: Any) -> float:
        return (self.index(value) + 0.5) / self.size

    def index(self, value: Any) -> int:
        """Place of `value` among the choices: the same object, else an equal one."""
        for same in (operator.is_, _same_type_and_equal, _equal):
            for place, choice in enumerate(self.choices):
                if same(choice, value):
                    return place
        raise SpaceError(f"{value!r} is not one of {', '.join(map(repr, self.choices))}")

    def check(self, value: Any) -> Any:
        return self.choices[self.index(value)]

    def grid(self, points: int | None = None) -> list[Any]:
        return list(self.choices)

    def dump(self, value: Any) -> Any:
        return self.labels[self.index(value)]

    def load(self, stored: Any) -> Any:
        for place, label in enumerate(self.labels):
            if _same_type_and_equal(label, stored):
                return self.choices[place]
        raise SpaceError(f"{stored!r} is no longer one of the choices")

    def to_json(self) -> dict[str, Any]:
        return {"type": type(self).__name__, "choices": list(self.labels)}

    def __repr__(self) -> str:
        return f"Categorical({', '.join(map(repr, self.choices))})"


class Bool(Categorical):
    """False or True."""

    def __init__(self, *, default: Any = UNSET, when: When | None = None) -> None:
        super().__init__(False, True, default=default, when=when)

    def __repr__(self) -> str:
        return "Bool()"


def _equal(a: Any, b: Any) -> bool:
    try:
        return bool(a == b)
    except Exception:  # == of arrays, frames and tensors raises or answers by element
        return False


def _same_type_and_equal(a: Any, b: Any) -> bool:
    return type(a) is type(b) and _equal(a, b)


def _labels(choices: tuple[Any, ...]) -> tuple[Any, ...]:
    """A JSON scalar for each choice: itself, else its name or a short repr."""
    labels: list[Any] = []
    for place, choice in enumerate(choices):
        plain = isinstance(choice, (str, int, float, type(None)))
        if plain and not (isinstance(choice, float) and not math.isfinite(choice)):
            label = choice
        else:
            label = getattr(choice, "__name__", None) or short(choice)
        if any(_same_type_and_equal(label, other) for other in labels):
            if plain or any(choice is other for other in choices[:place]):
                raise SpaceError(f"the choice {choice!r} stands there twice")
            label = f"{label} #{place + 1}"
        labels.append(label)
    return tuple(labels)

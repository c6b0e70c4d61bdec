"""Choices: Categorical and Bool."""

from __future__ import annotations

import copy
import math
import operator
from collections.abc import Sequence
from typing import Any, Final

from ..errors import SpaceError
from .base import UNSET, Domain, When, share, short, when_or_none

LONGEST_INT: Final = 1024  # bits; a longer one is no number to other readers of JSON


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
        # with their labels; once it is edited, those that have been dropped too
        self._known: tuple[tuple[Any, Any], ...] = tuple(zip(choices, self.labels, strict=True))
        self.when = when_or_none(when)
        self.default = default if default is UNSET else self.check(default)

    @property
    def size(self) -> int:
        return len(self.choices)

    @property
    def numeric(self) -> bool:
        """Whether the choices are at least two finite numbers, all different."""
        choices = self.choices
        numbers = all(type(c) in (int, float) and -math.inf < c < math.inf for c in choices)
        return len(choices) > 1 and numbers and len(set(choices)) == len(choices)

    def decode(self, u: float) -> Any:
        return self.choices[share(u, self.size)]

    def encode(self, value: Any) -> float:
        return (self.index(value) + 0.5) / self.size

    def index(self, value: Any) -> int:
        """Place of `value` among the choices: the same object, else an equal one."""
        known = self._exactly(value)
        same, sought = (_equal, value) if known is None else (operator.is_, known[0])
        for place, choice in enumerate(self.choices):
            if same(choice, sought):
                return place
        raise SpaceError(f"{short(value)} is not one of {self._listed}")

    def _exactly(self, value: Any) -> tuple[Any, Any] | None:
        """The same object with its label, or one of the same type that is equal."""
        for same in (operator.is_, _same_type_and_equal):
            for pair in self._known:
                if same(pair[0], value):
                    return pair
        return None

    def check(self, value: Any) -> Any:
        return self.choices[self.index(value)]

    def grid(self, points: int | None = None) -> list[Any]:
        return list(self.choices)

    def dump(self, value: Any) -> Any:
        # that of a choice which has been dropped is what trials of before are stored with
        known = self._exactly(value)
        return self.labels[self.index(value)] if known is None else known[1]

    def load(self, stored: Any) -> Any:
        for place, label in enumerate(self.labels):
            if _same_type_and_equal(label, stored):
                return self.choices[place]
        raise SpaceError(f"{short(stored)} is no longer one of {self._listed}")

    def recall(self, stored: Any) -> Any:
        return next((c for c, name in self._known if _same_type_and_equal(name, stored)), stored)

    def with_choices(self, choices: Sequence[Any]) -> Categorical:
        """The same parameter with other choices.

        Those it has, or had before, keep their labels, by which trials are stored.

        Raises
        ------
        SpaceError
            If a new one could not be found again by its label after a restart, or one
            stands there twice.
        """
        pairs = [self._pair(choice) for choice in choices]
        for place, pair in enumerate(pairs):
            if any(pair is other for other in pairs[:place]):
                raise SpaceError(f"the choice {short(pair[0])} stands there twice")
        if not pairs:
            raise SpaceError("no choices; at least one has to stay")
        other = copy.copy(self)
        other.choices, other.labels = tuple(c for c, _ in pairs), tuple(name for _, name in pairs)
        new = [pair for pair in pairs if not any(pair is known for known in self._known)]
        other._known = (*self._known, *new)
        return other

    def _pair(self, choice: Any) -> tuple[Any, Any]:
        """A choice that is known, or a new one, and its label."""
        known = self._exactly(choice)
        if known is not None:
            return known
        plain = _scalar(choice)
        if plain is UNSET:
            raise SpaceError(
                f"{short(choice)} is not one of the declared choices; a new one is a number, a "
                "text, True, False or None, and anything else has to be declared"
            )
        for pair in self._known:
            if _same_type_and_equal(pair[1], plain):
                if _scalar(pair[0]) is UNSET:
                    raise SpaceError(f"{short(choice)} is the name of the choice {short(pair[0])}")
                return pair
        return plain, plain

    def to_json(self) -> dict[str, Any]:
        return {"type": type(self).__name__, "choices": list(self.labels)}

    @property
    def _listed(self) -> str:
        return ", ".join(map(short, self.choices))

    def __repr__(self) -> str:
        return f"Categorical({self._listed})"


class Bool(Categorical):
    """False or True."""

    def __init__(self, *, default: Any = UNSET, when: When | None = None) -> None:
        super().__init__(False, True, default=default, when=when)

    def with_choices(self, choices: Sequence[Any]) -> Categorical:
        """The same: there are no others."""
        if len(choices) != 2:
            raise SpaceError("a Bool is True or False, and has no other values to choose")
        return super().with_choices([self.check(choice) for choice in choices])

    def __repr__(self) -> str:
        return "Bool()"


def _equal(a: Any, b: Any) -> bool:
    try:
        return bool(a == b)
    except Exception:  # noqa: BLE001  # == of arrays, frames and tensors raises anything
        return False


def _same_type_and_equal(a: Any, b: Any) -> bool:
    return type(a) is type(b) and _equal(a, b)


def _labels(choices: tuple[Any, ...]) -> tuple[Any, ...]:
    """A JSON scalar for each choice: itself, else its name or a short repr, made unique."""
    labels: list[Any] = []
    for place, choice in enumerate(choices):
        scalar = _scalar(choice)
        if any(choice is other for other in choices[:place]) or (
            scalar is not UNSET and _taken(scalar, labels)
        ):
            raise SpaceError(f"the choice {short(choice)} stands there twice")
        labels.append(scalar)
    for place, choice in enumerate(choices):
        if labels[place] is UNSET:
            labels[place] = _unique(_name(choice), place, labels)
    return tuple(labels)


def label(choice: Any) -> Any:
    """What `Categorical.dump` writes for a choice, unless another one has the same name."""
    scalar = _scalar(choice)
    return _name(choice) if scalar is UNSET else scalar


def _scalar(choice: Any) -> Any:
    """`choice` as exactly None, bool, int, finite float or str; UNSET if it is none of them."""
    choice = _unboxed(choice)
    if choice is None or isinstance(choice, bool):
        return choice
    if isinstance(choice, int):
        return int.__int__(choice) if choice.bit_length() <= LONGEST_INT else UNSET
    if isinstance(choice, float):
        return float.__float__(choice) if math.isfinite(choice) else UNSET
    return str.__str__(choice) if isinstance(choice, str) else UNSET


def _unboxed(choice: Any) -> Any:
    """What a numpy scalar, or an array or tensor without dimensions, holds."""
    try:
        return choice.item() if choice.shape == () else choice
    except Exception:  # noqa: BLE001  # no such thing, or one without data (a meta tensor)
        return choice


def _name(choice: Any) -> str:
    try:
        name = choice.__name__
    except Exception:  # noqa: BLE001  # lazy objects raise anything on an unknown attribute
        name = None
    return name if isinstance(name, str) else short(choice)


def _taken(label: Any, labels: list[Any]) -> bool:
    return any(_same_type_and_equal(label, other) for other in labels)


def _unique(label: str, place: int, labels: list[Any]) -> str:
    while _taken(label, labels):
        label = f"{label} #{place + 1}"
    return label

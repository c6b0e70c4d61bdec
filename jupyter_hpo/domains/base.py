"""What every kind of hyperparameter can do.

A domain knows its values and maps them to and from the unit interval, in
which every optimizer works: ``encode(value) -> u`` and ``decode(u) -> value``.
"""

from __future__ import annotations

import copy
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final

from ..errors import SpaceError


class _Unset(Enum):
    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset.UNSET
When = Callable[[Mapping[str, Any]], bool]


class Domain(ABC):
    """Values a hyperparameter can take. Immutable; equal if it has the same values.

    ``default`` and ``when`` (a function of the parameters declared above,
    saying whether this one exists) serve ``tune()``; in a cell the default is
    the right-hand side and the condition is the ``if`` around the declaration.
    """

    default: Any
    when: When | None

    @property
    @abstractmethod
    def size(self) -> int | None:
        """Number of values; None for a continuum."""

    @abstractmethod
    def decode(self, u: float) -> Any:
        """Value at `u` in [0, 1]; equal shares of the interval for each of a finite set."""

    @abstractmethod
    def encode(self, value: Any) -> float:
        """Position of `value` in [0, 1]; ``decode(encode(v))`` is `v`."""

    @abstractmethod
    def check(self, value: Any) -> Any:
        """`value` as this domain holds it (a numpy scalar becomes a float, say).

        Raises
        ------
        SpaceError
            If it is not one of the values.
        """

    def holds(self, value: Any) -> bool:
        """Whether `check` takes `value`."""
        try:
            self.check(value)
        except SpaceError:
            return False
        return True

    @abstractmethod
    def grid(self, points: int | None = None) -> Sequence[Any]:
        """Values of this dimension of a grid, at most `points` of them if given.

        A sequence that may be lazy: ``Int(0, 10**9)`` has more values than memory.
        """

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The domain as plain JSON, without default and condition."""

    def with_default(self, value: Any) -> Domain:
        """The same domain with another default, SpaceError if it is not one of the values."""
        other = copy.copy(self)
        other.default = self.check(value)
        return other

    def dump(self, value: Any) -> Any:
        """`value` as a JSON scalar."""
        return value

    def load(self, stored: Any) -> Any:
        """The value that `dump` wrote, or SpaceError if it is no longer one of them."""
        return self.check(stored)

    def recall(self, stored: Any) -> Any:
        """The value that `dump` wrote, also if it is no longer one of them."""
        return stored

    def __eq__(self, other: object) -> bool:
        # compared as text, in which 1, 1.0 and True differ
        return isinstance(other, Domain) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    @property
    def _text(self) -> str:
        return json.dumps(self.to_json())


def when_or_none(when: Any) -> When | None:
    """`when` if it can be called, or None; SpaceError otherwise."""
    if when is not None and not callable(when):
        raise SpaceError(f'when= is a function, say lambda p: p["layers"] > 1, not {short(when)}')
    return when  # type: ignore[no-any-return]  # Any in, checked above


def share(u: float, count: int) -> int:
    """Which of `count` equal shares of the unit interval `u` lies in."""
    return min(max(int(u * count), 0), count - 1)


def short(value: Any) -> str:
    """`value` in at most 60 characters, for messages and labels; never raises.

    Addresses are left out: a label has to be the same after a restart.
    """
    try:
        text = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
    except Exception:  # noqa: BLE001  # the repr of somebody else's class may raise anything
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 60 else text[:59] + "…"

"""Classes and what objects store, read without running a line of the user's code."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from typing import Any

_ATTRIBUTES_AT_MOST = 100
_STORAGE = (types.GetSetDescriptorType, types.MemberDescriptorType)
# `cls.__mro__` and `cls.__dict__` would ask the metaclass.
_MRO: Any = type.__dict__["__mro__"]
_MEMBERS: Any = type.__dict__["__dict__"]


def mro(cls: type) -> tuple[type, ...]:
    """A class and those it extends."""
    found: tuple[type, ...] = _MRO.__get__(cls)
    return found


def members(cls: type) -> Mapping[str, Any]:
    """What a class itself defines."""
    found: Mapping[str, Any] = _MEMBERS.__get__(cls)
    return found


def among(kind: type, kinds: Iterable[type]) -> bool:
    """Whether a class is one of these; unlike ``in`` it does not ask the metaclass."""
    return any(kind is each for each in kinds)


def extends(cls: type, *bases: type) -> bool:
    """Whether one of the bases is the class or one it extends."""
    return any(each is base for each in mro(cls) for base in bases)


def of_notebook(cls: type) -> bool:
    """Whether a class was defined in the notebook."""
    return members(cls).get("__module__") == "__main__"


def attributes(thing: Any) -> dict[str, Any]:
    """Attributes stored in an instance and its slots, a class or a function."""
    if extends(type(thing), type):
        return dict(members(thing))
    found: dict[str, Any] = {}
    for base in mro(type(thing)):
        for name, member in members(base).items():
            try:
                if name == "__dict__" and type(member) in _STORAGE:
                    found |= member.__get__(thing)
                elif type(member) is types.MemberDescriptorType and not name.startswith("__"):
                    found[name] = member.__get__(thing)
            except AttributeError:  # the slot is empty
                continue
    return dict(list(found.items())[:_ATTRIBUTES_AT_MOST])

"""Watches of lists, dicts and the like, and of instances of the notebook's own classes."""

from __future__ import annotations

import argparse
import collections
import dis
import types
from typing import Any

from .states import is_generator
from .torches import grew
from .watch import (
    ENTRIES_COMPARED,
    ENTRIES_FOLLOWED,
    Check,
    Finding,
    Walk,
    Watch,
    is_a,
    is_plain,
    key_text,
    same,
)

_ATTRIBUTES_AT_MOST = 100
_STORAGE = (types.GetSetDescriptorType, types.MemberDescriptorType)
_SETS_UP = {"__init__", "__post_init__", "__new__", "__setstate__"}
# An object with one of these starts afresh when asked to, and a cell that uses it asks.
_STARTS_AFRESH = {"reset", "fit"}


def begin(walk: Walk, thing: Any, depth: int) -> Watch | None:
    """Watch a container or an instance of a class of the notebook."""
    bases = type(thing).__mro__
    if dict in bases:
        return DictWatch(walk, thing, depth)
    for base in (list, tuple, collections.deque):
        if base in bases:
            return SequenceWatch(walk, thing, base, depth)
    if set in bases:
        return SetWatch(thing)
    if is_a(thing, "sklearn.base", "BaseEstimator"):
        return EstimatorWatch(walk, thing, depth)
    of_notebook = any(base.__dict__.get("__module__") == "__main__" for base in bases)
    if of_notebook or type(thing) in (types.SimpleNamespace, argparse.Namespace):
        return InstanceWatch(walk, thing, depth)
    return None


class SequenceWatch(Watch):
    """A list, tuple or deque by its length, its entries' identity, and what they hold."""

    deep = True

    def __init__(self, walk: Walk, thing: Any, base: Any, depth: int) -> None:
        self._thing, self._base = thing, base
        self._length = base.__len__(thing)
        self._before = list(base.__iter__(thing)) if self._length <= ENTRIES_COMPARED else None
        followed = enumerate((self._before or [])[:ENTRIES_FOLLOWED])
        self._parts = walk.parts(((f"[{index}]", each) for index, each in followed), depth)

    def look(self, check: Check) -> Finding | None:
        length = self._base.__len__(self._thing)
        if length != self._length:
            return Finding("", *grew(self._length, length))
        if self._before is not None:
            for old, new in zip(self._before, self._base.__iter__(self._thing), strict=True):
                if not same(old, new) and not check.expects(new):
                    return Finding("", "had entries exchanged", "exchanged entries of {it}")
        return check.first(self._parts)


class SetWatch(Watch):
    """A set by its length."""

    def __init__(self, thing: Any) -> None:
        self._thing, self._length = thing, set.__len__(thing)

    def look(self, check: Check) -> Finding | None:
        length = set.__len__(self._thing)
        return None if length == self._length else Finding("", *grew(self._length, length))


class DictWatch(Watch):
    """A dict by its keys, its values' identity, and what they hold.

    Exchanging one setting for another (a name, a whole number, a flag, or a
    hyperparameter's value) is what dicts of settings are for and no change;
    a number with a fraction may be a weight.
    """

    deep = True

    def __init__(self, walk: Walk, thing: Any, depth: int) -> None:
        self._thing, self._length = thing, dict.__len__(thing)
        compared = self._length <= ENTRIES_COMPARED
        self._before = list(dict.items(thing)) if compared else None
        followed = (self._before or [])[:ENTRIES_FOLLOWED]
        self._parts = walk.parts(((key_text(key), value) for key, value in followed), depth)

    def look(self, check: Check) -> Finding | None:
        length = dict.__len__(self._thing)
        now = list(dict.items(self._thing)) if length <= ENTRIES_COMPARED else []
        if length != self._length:
            added = now[self._length :]
            if length < self._length or not all(check.expects(value) for _, value in added):
                return Finding("", *grew(self._length, length))
        for (key, old), (new_key, new) in zip(self._before or [], now, strict=False):
            if not same(key, new_key):
                return Finding("", "had entries exchanged", "exchanged entries of {it}")
            if not (same(old, new) or check.expects(new) or _is_setting(old, new)):
                return Finding(key_text(key), "was replaced", "replaced {it}")
        return check.first(self._parts)


class InstanceWatch(Watch):
    """An instance of a class of the notebook, by what it holds.

    Attributes that are scalars count if a method of its class assigns them, as
    an early-stopping counter is; those that only the cell assigns are settings.
    An attribute bound to a new object does not count: it will be again.
    """

    deep = True

    def __init__(self, walk: Walk, thing: Any, depth: int) -> None:
        self._thing = thing
        held = _attributes(thing)
        state = _state_names(type(thing))
        self._scalars = {
            name: value for name, value in held.items() if name in state and is_plain(value)
        }
        self._parts = _held_parts(walk, held, depth)

    def look(self, check: Check) -> Finding | None:
        now = _attributes(self._thing)
        for name, old in self._scalars.items():
            new = now.get(name, old)
            if is_plain(new) and not same(old, new) and not check.expects(new):
                change = f"from {_short(old)} to {_short(new)}"
                return Finding(f".{name}", f"changed {change}", f"changed {{it}} {change}")
        return _first_held(check, self._parts, now)


class EstimatorWatch(Watch):
    """A scikit-learn estimator, by what training in place would change.

    Fitting anew makes new arrays and is harmless; with ``warm_start=True``, and
    by ``partial_fit`` after a first one, the arrays there are go on.
    """

    deep = True

    def __init__(self, walk: Walk, thing: Any, depth: int) -> None:
        self._thing = thing
        held = _attributes(thing)
        self._warm = held.get("warm_start") is True
        self._fitted = {name: value for name, value in held.items() if name.endswith("_")}
        self._parts = _held_parts(walk, held, depth)

    def look(self, check: Check) -> Finding | None:
        now = _attributes(self._thing)
        trained = Finding("", "was trained", "trained {it}")
        if self._warm and any(
            name not in self._fitted or not same(self._fitted[name], value)
            for name, value in now.items()
            if name.endswith("_")
        ):
            return trained
        # Also those no longer bound: `partial_fit` binds new views of the same memory.
        return trained if check.first((name, watch) for name, _, watch in self._parts) else None


_Parts = list[tuple[str, object, Watch]]


def _held_parts(walk: Walk, held: dict[str, Any], depth: int) -> _Parts:
    # A generator of an object's own (a data set's augmentation) may go on: that is chance.
    kept = {name: value for name, value in held.items() if not is_generator(value)}
    made = ((name, value, walk.watch(value, depth - 1)) for name, value in kept.items())
    return [(name, value, watch) for name, value, watch in made if watch is not None]


def _first_held(check: Check, parts: _Parts, now: dict[str, Any]) -> Finding | None:
    """The first change within attributes that are still bound to the same object."""
    still = ((f".{name}", watch) for name, value, watch in parts if now.get(name) is value)
    return check.first(still)


def _attributes(thing: Any) -> dict[str, Any]:
    """Attributes stored in an instance and its slots; runs no code of its class."""
    found: dict[str, Any] = {}
    for base in type(thing).__mro__:
        for name, member in base.__dict__.items():
            try:
                if name == "__dict__" and type(member) in _STORAGE:
                    found |= member.__get__(thing)
                elif type(member) is types.MemberDescriptorType and not name.startswith("__"):
                    found[name] = member.__get__(thing)
            except AttributeError:  # the slot is empty
                continue
    return dict(list(found.items())[:_ATTRIBUTES_AT_MOST])


def _state_names(cls: type) -> set[str]:
    """Attributes that methods of a class of the notebook assign outside its set-up."""
    methods: dict[str, types.FunctionType] = {}
    for base in reversed(cls.__mro__):
        if base.__dict__.get("__module__") == "__main__":
            functions = base.__dict__.items()
            methods |= {name: f for name, f in functions if type(f) is types.FunctionType}
    if _STARTS_AFRESH & methods.keys():
        return set()
    return {
        str(step.argval)
        for name, method in methods.items()
        if name not in _SETS_UP
        for step in dis.get_instructions(method)
        if step.opname == "STORE_ATTR"
    }


def _is_setting(old: object, new: object) -> bool:
    return is_plain(old) and is_plain(new) and not (_has_fraction(old) and _has_fraction(new))


def _has_fraction(value: object) -> bool:
    return type(value) is float or is_a(value, "numpy", "floating")


def _short(value: object) -> str:
    text = f"{value:.4g}" if type(value) is float else repr(value)
    return text if len(text) <= 30 else text[:27] + "…"

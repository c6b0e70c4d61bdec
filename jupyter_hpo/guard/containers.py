"""Watches of lists, dicts and the like, and of instances of the notebook's own classes."""

from __future__ import annotations

import argparse
import collections
import dis
import functools
import types
from typing import Any

from .classes import among, attributes, extends, members, mro, of_notebook
from .states import is_generator
from .torches import grew
from .watch import (
    ABSENT,
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
    says_cache,
)

_HOLDERS = (types.SimpleNamespace, argparse.Namespace)  # of settings, and of nothing else
_SETS_UP = {"__init__", "__post_init__", "__new__", "__setstate__"}
# An object with one of these starts afresh when asked to, and a cell that uses it asks.
_STARTS_AFRESH = {"reset", "fit"}


def begin(walk: Walk, thing: Any, depth: int) -> Watch | None:
    """Watch a container or an instance of a class of the notebook."""
    kind = type(thing)
    if extends(kind, type):
        return DefinitionWatch(walk, thing, depth) if of_notebook(thing) else None
    if kind is types.FunctionType:
        theirs = thing.__globals__.get("__name__") == "__main__"
        return DefinitionWatch(walk, thing, depth) if theirs else None
    if extends(kind, dict):
        return DictWatch(walk, thing, depth)
    for base in (list, tuple, collections.deque):
        if extends(kind, base):
            return SequenceWatch(walk, thing, base, depth)
    if extends(kind, set):
        return SetWatch(thing)
    if is_a(thing, "sklearn.base", "BaseEstimator"):
        return EstimatorWatch(walk, thing, depth)
    if among(kind, _HOLDERS) or any(map(of_notebook, mro(kind))):
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
            now = self._base.__iter__(self._thing)
            for index, (old, new) in enumerate(zip(self._before, now, strict=True)):
                if same(old, new):
                    continue
                if not check.expects(new):
                    return Finding("", "had entries exchanged", "exchanged entries of {it}")
                check.entry(self._thing, index, old)
        return check.first(self._parts)


class SetWatch(Watch):
    """A set by its length."""

    fills = True

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
    fills = True

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
            for key, _ in added:
                check.entry(self._thing, key, ABSENT)
        for (key, old), (new_key, new) in zip(self._before or [], now, strict=False):
            if not same(key, new_key):
                return Finding("", "had entries exchanged", "exchanged entries of {it}")
            if same(old, new):
                continue
            if not (check.expects(new) or _is_setting(old, new)):
                return Finding(key_text(key), "was replaced", "replaced {it}")
            check.entry(self._thing, key, old)
        check.scalars(self._thing, _scalars(dict(self._before or [])), attribute=False)
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
        self._held = attributes(thing)
        self._methods = _methods(type(thing))
        self._assigned = _assigned(self._methods)
        # Of scalars alone, or of anything.
        fields = (members(base).get("__dataclass_fields__") for base in mro(type(thing)))
        self._holder = among(type(thing), _HOLDERS) or any(each is not None for each in fields)
        self._parts = _held_parts(walk, self._held, depth)

    def look(self, check: Check) -> Finding | None:
        now = attributes(self._thing)
        counted: Finding | None = None
        for name, (old, new) in _differences(self._held, now).items():
            scalar = is_plain(new) and (old is ABSENT or is_plain(old))
            if name in self._assigned and not check.expects(new):
                # An object that starts afresh when asked to will be asked.
                if scalar and old is not ABSENT and not _STARTS_AFRESH & self._methods.keys():
                    counted = counted or _counted(name, old, new)
            elif (scalar or self._holder) and not self._is_lazy(name):
                check.attribute(self._thing, name, old)
        settings = (name for name in _scalars(self._held) if name not in self._assigned)
        check.scalars(self._thing, settings)
        within = _first_held(check, self._parts, now)
        return counted or within

    def _is_lazy(self, name: str) -> bool:
        """Whether an attribute is what was computed once, to be kept."""
        found = (members(base).get(name) for base in mro(type(self._thing)))
        return says_cache(name) or any(type(each) is functools.cached_property for each in found)


class DefinitionWatch(Watch):
    """A function or class of the notebook, by what it keeps in attributes of its own.

    Scalars there (counters, settings) are put back and so are no change, but
    for a flag that goes up: something that is done once must not be done twice.
    """

    deep = True
    copied = False

    def __init__(self, walk: Walk, thing: Any, depth: int) -> None:
        self._thing = thing
        self._held = self._state()
        self._parts = _held_parts(walk, self._held, depth)

    def _state(self) -> dict[str, Any]:
        held = attributes(self._thing)
        return {name: value for name, value in held.items() if not name.startswith("__")}

    def look(self, check: Check) -> Finding | None:
        now = self._state()
        for name, (old, new) in _differences(self._held, now).items():
            scalar = is_plain(new) and (old is ABSENT or is_plain(old))
            if scalar and new is not True:
                check.attribute(self._thing, name, old)
        up = (name for name in _scalars(self._held) if self._held[name] is not False)
        check.scalars(self._thing, up)
        return _first_held(check, self._parts, now, private=True)


class EstimatorWatch(Watch):
    """A scikit-learn estimator, by what training in place would change.

    Fitting anew makes new arrays and is harmless; with ``warm_start=True``, and
    by ``partial_fit`` after a first one, the arrays there are go on.
    """

    deep = True

    def __init__(self, walk: Walk, thing: Any, depth: int) -> None:
        self._thing = thing
        self._held = attributes(thing)
        self._warm = self._held.get("warm_start") is True
        self._parts = _held_parts(walk, self._held, depth)

    def look(self, check: Check) -> Finding | None:
        differences = _differences(self._held, attributes(self._thing))
        fitted = [name for name in differences if name.endswith("_")]
        for name, (old, new) in differences.items():
            if name not in fitted and is_plain(old) and (is_plain(new) or check.expects(new)):
                check.attribute(self._thing, name, old)
        given = (name for name in _scalars(self._held) if not name.endswith("_"))
        check.scalars(self._thing, given)
        # Also those no longer bound: `partial_fit` binds new views of the same memory.
        within = check.first((name, watch) for name, _, watch in self._parts)
        trained = Finding("", "was trained", "trained {it}")
        return trained if within or (self._warm and fitted) else None


_Parts = list[tuple[str, object, Watch]]


def _held_parts(walk: Walk, held: dict[str, Any], depth: int) -> _Parts:
    # A generator of an object's own (a data set's augmentation) may go on: that is chance.
    kept = {name: value for name, value in held.items() if not is_generator(value)}
    made = ((name, value, walk.watch(value, depth - 1)) for name, value in kept.items())
    return [(name, value, watch) for name, value, watch in made if watch is not None]


def _first_held(
    check: Check, parts: _Parts, now: dict[str, Any], *, private: bool = False
) -> Finding | None:
    """The first change within attributes that are still bound to the same object."""
    still = ((f".{name}", watch) for name, value, watch in parts if now.get(name) is value)
    return check.first(still, private=private)


def _differences(before: dict[str, Any], now: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What was and is bound to the names now bound to something else; those deleted are not."""
    pairs = {name: (before.get(name, ABSENT), value) for name, value in now.items()}
    return {name: pair for name, pair in pairs.items() if not same(*pair)}


def _scalars(held: dict[Any, Any]) -> list[Any]:
    return [key for key, value in held.items() if is_plain(value)]


def _counted(name: str, old: object, new: object) -> Finding:
    change = f"from {_short(old)} to {_short(new)}"
    return Finding(f".{name}", f"changed {change}", f"changed {{it}} {change}")


def _methods(cls: type) -> dict[str, types.FunctionType]:
    """Methods of the classes of the notebook that a class is or extends."""
    found: dict[str, types.FunctionType] = {}
    for base in reversed(mro(cls)):
        if of_notebook(base):
            functions = members(base).items()
            found |= {name: f for name, f in functions if type(f) is types.FunctionType}
    return found


def _assigned(methods: dict[str, types.FunctionType]) -> set[str]:
    """Attributes that methods assign outside an object's set-up."""
    return {
        name
        for method, function in methods.items()
        if method not in _SETS_UP
        for name in _stores(function.__code__)
    }


@functools.lru_cache(1024)
def _stores(code: types.CodeType) -> frozenset[str]:
    steps = dis.get_instructions(code)
    return frozenset(str(step.argval) for step in steps if step.opname == "STORE_ATTR")


def _is_setting(old: object, new: object) -> bool:
    return is_plain(old) and is_plain(new) and not (_has_fraction(old) and _has_fraction(new))


def _has_fraction(value: object) -> bool:
    return type(value) is float or is_a(value, "numpy", "floating")


def _short(value: object) -> str:
    text = f"{value:.4g}" if type(value) is float else repr(value)
    return text if len(text) <= 30 else text[:27] + "…"

"""What all watchers of objects share: how they walk, compare and tell what they found."""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from .classes import among, extends

if TYPE_CHECKING:
    from .settings import Settings

BYTES_EACH = 64 * 2**20
BYTES_IN_ALL = 512 * 2**20
THINGS_IN_ALL = 20_000
ENTRIES_COMPARED = 10_000
ENTRIES_FOLLOWED = 500
DEPTH = 3

ABSENT: Any = object()
"""In place of a value that is not there."""

_PLAIN = (bool, int, float, complex, str, bytes, type(None))


class Finding(NamedTuple):
    """A change: where below the watched object, and two ways to say it.

    `was` goes after the object's name ("was trained"); `did` after "this trial",
    with "{it}" for the object ("trained {it}").
    """

    path: str
    was: str
    did: str


class Watch(ABC):
    """An object, and what it was like when the watch began."""

    # Whether it goes into what the object holds, so that the depth it may go to matters.
    deep = False
    # Whether growing is what it is for where a function or class keeps it: a cache, a registry.
    fills = False
    # Whether `--fresh` can copy the object.
    copied = True

    @abstractmethod
    def look(self, check: Check) -> Finding | None:
        """The first change found since then."""


class Check:
    """One round of looking at all watches.

    Parameters
    ----------
    expected : values of the trial's hyperparameters. A setting that now holds one of
        them was set by the trial, and will be set again by the next.
    settings : where to note the settings that have changed.
    """

    def __init__(self, expected: Iterable[object] = (), settings: Settings | None = None) -> None:
        self._settings = settings
        self._expected = [value for value in expected if value is not None]
        # An entry made before looking ends circles.
        self._found: dict[int, Finding | None] = {}

    def expects(self, value: object) -> bool:
        """Whether the value is that of a hyperparameter."""
        return any(same(value, each) for each in self._expected)

    def entry(self, thing: object, key: object, old: object) -> None:
        """An entry that is a setting has changed."""
        if self._settings is not None:
            self._settings.add(thing, key, old, attribute=False)

    def attribute(self, thing: object, name: str, old: object) -> None:
        """An attribute that is a setting has changed."""
        if self._settings is not None:
            self._settings.add(thing, name, old, attribute=True)

    def scalars(self, thing: object, keys: Iterable[object], *, attribute: bool = True) -> None:
        """An object has scalars that may be settings, attributes or entries."""
        if self._settings is not None:
            self._settings.offer(thing, keys, attribute=attribute)

    def __call__(self, watch: Watch) -> Finding | None:
        """The first change of one watched object; None if it cannot be told."""
        if id(watch) not in self._found:
            self._found[id(watch)] = None
            try:
                self._found[id(watch)] = watch.look(self)
            except Exception:  # noqa: BLE001 - an object that cannot be looked at is no reason to stop
                return None
        return self._found[id(watch)]

    def first(self, parts: Iterable[tuple[str, Watch]], *, private: bool = False) -> Finding | None:
        """The first change among parts of an object, its path completed.

        Parameters
        ----------
        parts : all of which are looked at, for their settings.
        private : whether the object is a function or a class.
        """
        first = None
        for path, watch in parts:
            finding = self(watch)
            if first is None and finding and not is_cache(path, watch, finding, private=private):
                first = finding._replace(path=path + finding.path)
        return first


class Walk:
    """One round of beginning watches, bounded in bytes read and objects visited.

    Parameters
    ----------
    begin : makes the watch of one object; None for objects that are left alone.
    """

    def __init__(self, begin: Callable[[Walk, Any, int], Watch | None]) -> None:
        self._begin = begin
        self._bytes, self._things = BYTES_IN_ALL, THINGS_IN_ALL
        # The object is kept with its watch, so that its id stays its own.
        self._made: dict[tuple[int, int], tuple[object, Watch | None]] = {}

    def watch(self, thing: object, depth: int = DEPTH) -> Watch | None:
        """Begin to watch an object, and what it holds down to a depth."""
        if depth < 0 or among(type(thing), _PLAIN):
            return None
        whole, key = (id(thing), -1), (id(thing), depth)
        if whole in self._made:
            return self._made[whole][1]
        if key not in self._made:
            if self._things <= 0:
                return None
            self._things -= 1
            self._made[key] = thing, None
            try:
                watch = self._begin(self, thing, depth)
            except Exception:  # noqa: BLE001 - an object that cannot be looked at is left alone
                return None
            self._made[key if watch is None or watch.deep else whole] = thing, watch
            return watch
        return self._made[key][1]

    def parts(self, parts: Iterable[tuple[str, object]], depth: int) -> list[tuple[str, Watch]]:
        """Watches of what an object holds, one level down."""
        made = ((path, self.watch(thing, depth - 1)) for path, thing in parts)
        return [(path, watch) for path, watch in made if watch is not None]

    def affords(self, size: int) -> bool:
        """Whether so many bytes may be read; if so they are counted."""
        if not 0 <= size <= min(BYTES_EACH, self._bytes):
            return False
        self._bytes -= size
        return True


def is_a(thing: object, module: str, name: str) -> bool:
    """Whether an object's class is or extends one of a library, imported or not.

    Unlike isinstance it runs no code of the object's.
    """
    library: Any = sys.modules.get(module)
    cls = getattr(library, name, None)
    return cls is not None and extends(type(thing), cls)


def same(one: object, other: object) -> bool:
    """Whether two values are one object or equal scalars; runs no code of the objects'."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if among(type(one), _PLAIN):
        return bool(one == other) or (one != one and other != other)  # NaN is as it was
    if is_a(one, "numpy", "generic") and not is_a(one, "numpy", "object_"):
        return bool(one.tobytes() == other.tobytes())  # type: ignore[attr-defined]
    return False


def is_cache(name: str, watch: Watch, finding: Finding, *, private: bool) -> bool:
    """Whether something grew for which growing is what it is for, by its name or kind.

    Parameters
    ----------
    private : whether a function or class keeps it. Dicts and sets there are nearly
        always caches and registries.
    """
    grew = not finding.path and finding.was.startswith("grew")
    return grew and ((private and watch.fills) or says_cache(name))


def says_cache(name: str) -> bool:
    """Whether a name says that what it holds, or does, is to remember."""
    return re.search(r"(?<![a-z])(cached?|memo(i[sz]ed?)?)s?(?![a-z])", name.lower()) is not None


def is_plain(value: object) -> bool:
    """Whether a value is an immutable scalar."""
    return among(type(value), _PLAIN) or is_a(value, "numpy", "generic")


def key_text(key: object) -> str:
    """A key or index as it is written in brackets."""
    text = repr(key) if among(type(key), _PLAIN) else "…"
    return f"[{text}]" if len(text) <= 40 else "[…]"

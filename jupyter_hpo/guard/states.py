"""Watches of objects whose whole state can be read: iterators, files, random generators."""

from __future__ import annotations

import io
import operator
import random
import types
from collections.abc import Callable
from typing import Any

from .classes import among
from .watch import Check, Finding, Walk, Watch, is_a, same

ADVANCED = Finding("", "was advanced", "used up part of {it}")
DRAWN = Finding("", "was drawn from", "drew numbers from {it}")
READ_ON = Finding("", "was read on", "read on in {it}")
SCHEDULED = Finding("", "was stepped", "stepped {it}")

# Their length hint is the number of entries left.
_SOURCES: tuple[Any, ...] = ([], (), {}, {}.values(), {}.items(), set(), range(0), range(2**70))
_COUNTED: set[type] = {type(iter(each)) for each in (*_SOURCES, "", "é", b"")}
_COUNTED |= {type(reversed([])), type(reversed({}))}
_WRAPPERS = {enumerate, zip, map, filter}
_FILES = {io.TextIOWrapper, io.BufferedReader, io.FileIO}


def begin(walk: Walk, thing: Any) -> Watch | None:
    """Watch an iterator, a file that is read, a random generator or a scheduler."""
    kind = type(thing)
    if kind is types.GeneratorType:
        return StateWatch(thing, _generator, ADVANCED)
    if among(kind, _COUNTED):
        return StateWatch(thing, operator.length_hint, ADVANCED)
    if among(kind, _WRAPPERS):
        return WrapperWatch(walk, thing)
    if among(kind, _FILES):
        return None if thing.writable() else StateWatch(thing, _position, READ_ON)
    if is_a(thing, "torch.utils.data.dataloader", "_BaseDataLoaderIter"):
        return StateWatch(thing, lambda it: it.__dict__["_num_yielded"], ADVANCED)
    if is_a(thing, "torch.optim.lr_scheduler", "LRScheduler"):
        return StateWatch(thing, _steps, SCHEDULED)
    read = _random(thing)
    return StateWatch(thing, read, DRAWN) if read else None


class StateWatch(Watch):
    """An object by a state that is read from it.

    Parameters
    ----------
    thing : the object.
    read : gives its state, scalars in nested tuples.
    finding : what is said if the state has changed.
    """

    def __init__(self, thing: Any, read: Callable[[Any], Any], finding: Finding) -> None:
        self._thing, self._read, self._finding = thing, read, finding
        self._before = read(thing)

    def look(self, check: Check) -> Finding | None:
        return None if _equal(self._read(self._thing), self._before) else self._finding


class WrapperWatch(Watch):
    """``enumerate``, ``zip``, ``map`` or ``filter``, by the iterators within."""

    def __init__(self, walk: Walk, thing: Any) -> None:
        arguments = thing.__reduce__()[1]
        self._within = walk.parts((("", each) for each in _flat(arguments)), 1)

    def look(self, check: Check) -> Finding | None:
        return ADVANCED if check.first(self._within) else None


def _generator(thing: Any) -> tuple[Any, ...]:
    """Where a generator stands. Its variables count too: a loop stands at one ``yield``."""
    frame = thing.gi_frame
    if frame is None:
        return ("exhausted",)
    if thing.gi_running:
        raise ValueError("it is running")
    return frame.f_lasti, *dict(frame.f_locals).values()


def _position(file: Any) -> Any:
    return "closed" if file.closed else file.tell()


def _steps(scheduler: Any) -> Any:
    return scheduler.__dict__.get("last_epoch"), scheduler.__dict__.get("_step_count")


def is_generator(thing: Any) -> bool:
    """Whether an object is a random generator."""
    return _random(thing) is not None


def _random(thing: Any) -> Callable[[Any], Any] | None:
    """How to read the state of a random generator; None for anything else."""
    if type(thing) is random.Random:
        return random.Random.getstate
    if is_a(thing, "numpy.random", "Generator"):
        return lambda rng: _frozen(rng.bit_generator.state)
    if is_a(thing, "numpy.random", "RandomState"):
        return lambda rng: _frozen(rng.get_state(legacy=False))
    if is_a(thing, "torch", "Generator"):
        return lambda rng: rng.get_state().numpy().tobytes()
    return None


def _frozen(state: Any) -> Any:
    """A bit generator's state as scalars in tuples."""
    if type(state) is dict:
        return tuple(_frozen(value) for value in state.values())
    return state.tobytes() if is_a(state, "numpy", "ndarray") else state


def _flat(nested: Any) -> list[Any]:
    if type(nested) is tuple:
        return [each for part in nested for each in _flat(part)]
    return [nested]


def _equal(now: Any, before: Any) -> bool:
    if type(now) is tuple and type(before) is tuple:
        return len(now) == len(before) and all(map(_equal, now, before))
    return same(now, before)

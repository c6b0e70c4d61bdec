"""Another range or other choices for a hyperparameter whose study has begun."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import SpaceError
from .base import UNSET, Domain, short
from .choice import Bool, Categorical
from .number import Float, Int

if TYPE_CHECKING:
    from ..space import Parameter


def edited(now: Domain, asked: Domain, incumbent: Any = UNSET) -> Domain:
    """`asked` in the place of `now`, with a default that is one of its values.

    Parameters
    ----------
    incumbent : the value of the best trial: the default where that of before is outside.

    Raises
    ------
    SpaceError
        If it is another kind of domain, has a condition, or a choice nobody could store.
    """
    if type(asked) is not type(now):
        kind = type(now).__name__
        raise SpaceError(f"it is {_a(kind)}, and {asked!r} is not; write {kind}(…)")
    if asked.when is not None and asked.when is not now.when:
        raise SpaceError("its condition cannot be edited; leave out when=")
    new = _with_values(now, asked)
    new.when = now.when
    new.default = _default(new, asked.default, now.default, incumbent)
    return new


def _a(kind: str) -> str:
    return f"an {kind}" if kind == "Int" else f"a {kind}"


def _with_values(now: Domain, asked: Domain) -> Domain:
    if isinstance(now, Categorical) and isinstance(asked, Categorical):
        return now.with_choices(asked.choices)
    return copy.copy(asked)


def _default(new: Domain, asked: Any, former: Any, incumbent: Any) -> Any:
    """The first of these that fits, else the value nearest to the former default."""
    if asked is UNSET and former is UNSET:
        return UNSET
    for value in (asked, former, incumbent):
        if value is not UNSET and new.holds(value):
            return new.check(value)
    if isinstance(new, Float | Int):
        return new.decode(new.encode(min(max(former, new.low), new.high)))
    return new.decode(0.0)


def domain_from_json(parameter: Parameter, change: Mapping[str, Any]) -> Domain:
    """The domain that a change in plain JSON makes of a parameter's; for `Space.edited`.

    Parameters
    ----------
    change : ``{"low": 1e-4, "high": 1e-2}``, or either of them, for a Float or an Int, whose
        scale and step stay; ``{"choices": [0, 2]}``, places among the choices there are now,
        for a Categorical; ``{"declared": True}`` for what it was declared as.

    Raises
    ------
    SpaceError
        If it is written otherwise, or leaves nothing to search.
    """
    with named(parameter.key):
        if isinstance(change, Mapping) and change.get("declared") is True:
            return parameter.declared or parameter.domain
        return _changed(parameter.domain, change)


@contextmanager
def named(key: str) -> Iterator[None]:
    """Say which parameter an error is about."""
    try:
        yield
    except SpaceError as error:
        raise SpaceError(f"{key}: {error}") from None


def _changed(now: Domain, change: Any) -> Domain:
    if isinstance(now, Bool):
        raise SpaceError("a Bool is True or False, and has no other values to choose")
    if not isinstance(change, Mapping):
        raise SpaceError(f"a change is a dict, not {short(change)}")
    if isinstance(now, Categorical):
        _only(change, {"choices"})
        return now.with_choices([now.choices[place] for place in _places(now, change)])
    if isinstance(now, Float | Int):
        _only(change, {"low", "high"})
        return _between(now, change.get("low", now.low), change.get("high", now.high))
    raise SpaceError(f"{now!r} cannot be edited")


def _only(change: Mapping[str, Any], allowed: set[str]) -> None:
    for name in change:
        if name not in allowed:
            raise SpaceError(f"there is no {short(name)} to change, but {' and '.join(allowed)}")


def _places(now: Categorical, change: Mapping[str, Any]) -> list[int]:
    """The places that are to stay, in the order of the choices."""
    places = change.get("choices")
    if not isinstance(places, list | tuple):
        raise SpaceError(f"the choices are a list of places, not {short(places)}")
    found = set()
    for place in places:
        if type(place) is not int or not 0 <= place < now.size:
            last = now.size - 1
            raise SpaceError(f"there is no choice {short(place)}; they count from 0 to {last}")
        found.add(place)
    if not found:
        raise SpaceError("no choices; at least one has to stay")
    return sorted(found)


def _between(now: Float | Int, low: Any, high: Any) -> Domain:
    domain = type(now)(low, high, log=now.log, step=now.step)
    if domain.low == domain.high:
        raise SpaceError(f"low must be below high, and both are {domain.low!r}")
    return domain


def stored(domain: Domain) -> dict[str, Any]:
    """An edited domain as plain JSON, its default with it if it has one."""
    default = {} if domain.default is UNSET else {"default": domain.dump(domain.default)}
    return {**domain.to_json(), **default}


def same(one: Domain, other: Domain) -> bool:
    """Whether two domains and their defaults are the same."""
    # as text, in which 1, 1.0 and True differ
    return json.dumps(stored(one)) == json.dumps(stored(other))


def restored(declared: Domain, entry: Mapping[str, Any]) -> Domain:
    """The domain that `stored` wrote of an edit of `declared`.

    Raises
    ------
    SpaceError
        If it is none.
    """
    if entry.get("type") != type(declared).__name__:
        raise SpaceError(f"it was {_a(str(entry.get('type')))}")
    other = _again(declared, entry)
    other.when, other.default = declared.when, UNSET
    return other.with_default(other.load(entry["default"])) if "default" in entry else other


def _again(declared: Domain, entry: Mapping[str, Any]) -> Domain:
    if isinstance(declared, Categorical):
        names = entry.get("choices")
        if not isinstance(names, list):
            raise SpaceError(f"the choices are a list, not {short(names)}")
        return declared.with_choices([declared.recall(name) for name in names])
    if isinstance(declared, Float | Int):
        low, high = entry.get("low"), entry.get("high")
        log, step = entry.get("log"), entry.get("step")
        return type(declared)(low, high, log=log, step=step)  # type: ignore[arg-type]  # checked there
    raise SpaceError(f"{declared!r} cannot be edited")

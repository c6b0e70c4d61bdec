"""The options a plug-in takes, read from its signature."""

from __future__ import annotations

import difflib
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin

from ..domains.base import short
from ..errors import UsageError


def parameters(factory: Callable[..., Any], leading: int) -> dict[str, inspect.Parameter]:
    """Parameters that are given by name: all but so many leading ones."""
    try:
        signature = inspect.signature(factory, eval_str=True)
    except Exception:  # noqa: BLE001  # annotations of other packages may not resolve
        signature = inspect.signature(factory)
    return dict(list(signature.parameters.items())[leading:])


def check(name: str, taken: Mapping[str, inspect.Parameter], options: Mapping[str, Any]) -> None:
    """Raise UsageError, naming what there is, for an option it lacks or of the wrong type.

    Parameters
    ----------
    taken : the parameters that are options.
    """
    if any(p.kind is p.VAR_KEYWORD for p in taken.values()):
        return
    for option, value in options.items():
        if option not in taken:
            near = difflib.get_close_matches(option, taken, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise UsageError(f"{name} has no option {short(option)}; {hint}{_listed(name, taken)}")
        annotation = taken[option].annotation
        if not _fits(value, annotation):
            raise UsageError(
                f"{name}: {option} must be {_words(annotation)}, not {short(value)}; "
                f"{_listed(name, taken)}"
            )


def _listed(name: str, taken: Mapping[str, inspect.Parameter]) -> str:
    if not taken:
        return f"{name} takes no options"
    shown = [k if p.default is p.empty else f"{k}={p.default!r}" for k, p in taken.items()]
    return f"{name} takes {name}({', '.join(shown)})"


def _fits(value: Any, annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in get_args(annotation))
    if origin is Literal:
        return any(type(value) is type(one) and value == one for one in get_args(annotation))
    if annotation is None or annotation is types.NoneType:
        return value is None
    if annotation in (int, float):
        number = int if annotation is int else (int, float)
        return isinstance(value, number) and not isinstance(value, bool)
    kind = origin or annotation
    if not isinstance(kind, type) or kind is inspect.Parameter.empty:
        return True  # a text, a protocol, nothing at all: what we cannot judge we let pass
    return isinstance(value, kind)


def _words(annotation: Any) -> str:
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join(map(_words, get_args(annotation)))
    if get_origin(annotation) is Literal:
        return " or ".join(map(repr, get_args(annotation)))
    if annotation is types.NoneType:
        return "None"
    words = {int: "a whole number", float: "a number", bool: "True or False", str: "a text"}
    return words.get(annotation) or str(getattr(annotation, "__name__", annotation))

"""Which global names a compiled cell binds and reads, from its byte code.

The compiler has already decided what is local to a function, a class or a
comprehension; repeating its rules on the syntax tree would get them wrong.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType
from typing import NamedTuple

ANNOTATIONS = "__annotations__"  # where annotated assignments are noted; no name of the user's
_STORES = {"STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"}
_LOADS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}


class Binding(NamedTuple):
    """A global `name` is bound on `line`; `nested`: inside a function, by ``global``."""

    name: str
    line: int
    nested: bool


def bindings(code: CodeType) -> list[Binding]:
    """Every place where the cell binds (or deletes) a global name, in order of byte code."""
    found = []
    for inner, nested in _codes(code):
        for step in dis.get_instructions(inner):
            stores = step.opname in _STORES and not (nested and step.opname.endswith("_NAME"))
            if stores and step.positions is not None:
                found.append(Binding(str(step.argval), step.positions.lineno or 0, nested))
    return found


def reads(code: CodeType) -> set[str]:
    """Names the cell looks up globally, also from functions and classes it defines."""
    found = {
        str(step.argval)
        for inner, _ in _codes(code)
        for step in dis.get_instructions(inner)
        if step.opname in _LOADS
    }
    return found - {ANNOTATIONS}


def _codes(code: CodeType, nested: bool = False) -> Iterator[tuple[CodeType, bool]]:
    yield code, nested
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant, True)

"""What to write instead: suggestions made from the user's own cell."""

from __future__ import annotations

import ast
from typing import Any

from ..domains import Categorical, Domain
from ..errors import CellError, SpaceError
from .source import Source

EXAMPLE = "lr: Float(1e-5, 1e-1, log=True) = 1e-3"


def middle(domain: Domain) -> str:
    """A default for a domain: its first choice, or a round number in the middle."""
    if isinstance(domain, Categorical):
        return repr(domain.choices[0])
    value = domain.decode(0.5)
    for digits in (1, 2, 3):
        rounded = type(value)(float(f"{value:.{digits}g}"))
        if _fits(domain, rounded):
            return repr(rounded)
    return repr(value)


def nearest(domain: Domain, value: Any) -> str:
    """The value of a domain nearest to a number outside it."""
    try:
        return repr(domain.decode(domain.encode(min(max(value, domain.low), domain.high))))  # type: ignore[attr-defined]  # numbers only; others raise
    except Exception:
        return middle(domain)


def _fits(domain: Domain, value: Any) -> bool:
    try:
        domain.check(value)
    except SpaceError:
        return False
    return True


def declaration(name: str, value: Any) -> str | None:
    """A declaration with a sensible range around a plain value."""
    if isinstance(value, bool):
        return f"{name}: Bool() = {value}"
    if isinstance(value, str):
        return f'{name}: Categorical({value!r}, "…") = {value!r}'
    if not isinstance(value, (int, float)) or value <= 0:
        return None
    if isinstance(value, int):
        return f"{name}: Int({max(1, value // 4)}, {value * 4}, log=True) = {value}"
    if value < 1:
        low, high = (float(f"{x:.1g}") for x in (value / 10, min(value * 10, 1.0)))
        return f"{name}: Float({low:g}, {high:g}, log=True) = {value:g}"
    return f"{name}: Float({value / 4:g}, {value * 4:g}, log=True) = {value:g}"


def no_declarations(source: Source) -> CellError:
    """The error for a cell in which nothing is declared, made of its own first number."""
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target, value = node.target, node.value
        else:
            continue
        if not (isinstance(target, ast.Name) and isinstance(value, ast.Constant)):
            continue
        write = declaration(target.id, value.value)
        if write:
            plain = ""
            if isinstance(node, ast.AnnAssign):
                plain = f"; `{ast.unparse(node.annotation)}` is an ordinary annotation, not a range"
            return source.error(node, f"this cell declares no hyperparameter{plain}", write)
    return CellError("this cell declares no hyperparameter to tune", write=EXAMPLE)

"""What to write instead: suggestions made from the user's own cell."""

from __future__ import annotations

import ast
from typing import Any

from ..domains import Categorical, Domain
from ..errors import CellError, SpaceError
from .source import Source, unquoted

EXAMPLE = "lr: Float(1e-5, 1e-1, log=True) = 1e-3"


def middle(domain: Domain, annotation: ast.expr) -> str:
    """A default for a domain: its first choice, or a round number in the middle."""
    if isinstance(domain, Categorical):
        first = domain.choices[0]
        plain = domain.labels[0] is first
        return repr(first) if plain else choice(annotation, 0, domain.size)
    value = domain.decode(0.5)
    for digits in (1, 2, 3):
        rounded = type(value)(float(f"{value:.{digits}g}"))
        if _fits(domain, rounded):
            return repr(rounded)
    return repr(value)


def choice(annotation: ast.expr, place: int, count: int) -> str:
    """One of the `count` choices of an annotation, as code: the repr of a function is none."""
    node = unquoted(annotation)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):  # Annotated
        named = (ast.Call, ast.Name, ast.Attribute)
        node = next((part for part in node.slice.elts[1:] if isinstance(part, named)), node)
    arguments = node.args if isinstance(node, ast.Call) else []
    if len(arguments) == 1 and isinstance(arguments[0], (ast.List, ast.Tuple)):
        arguments = arguments[0].elts
    starred = any(isinstance(argument, ast.Starred) for argument in arguments)
    if len(arguments) == count and not starred:
        return ast.unparse(arguments[place])
    return f"{ast.unparse(node)}.choices[{place}]"


def nearest(domain: Domain, value: Any, annotation: ast.expr) -> str:
    """The value of a domain nearest to a number outside it."""
    try:
        inside = min(max(value, domain.low), domain.high)  # type: ignore[attr-defined]  # numbers only; others raise
        return repr(domain.check(domain.decode(domain.encode(inside))))
    except Exception:
        return middle(domain, annotation)


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

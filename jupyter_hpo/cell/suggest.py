"""What to write instead: suggestions made from the user's own cell."""

from __future__ import annotations

import ast
import math
import re
from typing import Any, Final

from ..domains import UNSET, Categorical, Domain
from ..errors import CellError
from .source import Source, unquoted

# names of what is a share of something, and is searched evenly
_SHARE: Final = re.compile(
    r"drop|momentum|beta|^p$|prob|frac|ratio|share|subsample|colsample|test_size|smooth", re.I
)
EXAMPLE = "lr: Float(1e-5, 1e-1, log=True) = 1e-3"
EXAMPLES = {
    "Float": "Float(1e-5, 1e-1, log=True)",
    "Int": "Int(1, 8)",
    "Categorical": 'Categorical("a", "b")',
    "Bool": "Bool()",
}


def middle(domain: Domain, annotation: ast.expr) -> str:
    """A default for a domain: its first choice, or a round number in the middle."""
    if isinstance(domain, Categorical):
        first = domain.choices[0]
        return choice(annotation, 0, domain.size, first if domain.labels[0] is first else UNSET)
    value = domain.decode(0.5)
    for digits in (1, 2, 3):
        rounded = type(value)(float(f"{value:.{digits}g}"))
        if domain.holds(rounded):
            return repr(rounded)
    return repr(value)


def example(kind: str, default: ast.expr | None) -> str:
    """A range of a kind, around the default if that is a plain value."""
    value = default.value if isinstance(default, ast.Constant) else None
    if kind == "Categorical" and default is not None:
        return f'Categorical({ast.unparse(default)}, "…")'
    if isinstance(value, (int, float)) and value > 0 and not isinstance(value, bool):
        if kind == "Float":
            return f"Float({value / 10:g}, {value * 10:g}, log=True)"
        if kind == "Int" and isinstance(value, int):
            return f"Int({max(1, value // 4)}, {value * 4})"
    return EXAMPLES.get(kind, EXAMPLES["Float"])


def choice(annotation: ast.expr, place: int, count: int, plain: Any = UNSET) -> str:
    """One of the `count` choices of an annotation as code, which the repr of a function is not.

    Parameters
    ----------
    plain : the choice, if its repr is code; for annotations that do not spell it out.
    """
    node = unquoted(annotation)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):  # Annotated
        named = (ast.Call, ast.Name, ast.Attribute)
        node = next((part for part in node.slice.elts[1:] if isinstance(part, named)), node)
    arguments = node.args if isinstance(node, ast.Call) else []
    if len(arguments) == 1 and isinstance(arguments[0], (ast.List, ast.Tuple)):
        arguments = arguments[0].elts
    starred = any(isinstance(argument, ast.Starred) for argument in arguments)
    if len(arguments) == count and not starred and not isinstance(arguments[place], ast.Constant):
        return ast.unparse(arguments[place])
    return f"{ast.unparse(node)}.choices[{place}]" if plain is UNSET else repr(plain)


def nearest(domain: Domain, value: Any, annotation: ast.expr) -> str:
    """The value of a domain nearest to a number outside it."""
    try:
        inside = min(max(value, domain.low), domain.high)  # type: ignore[attr-defined]  # numbers only; others raise
        return repr(domain.check(domain.decode(domain.encode(inside))))
    except Exception:
        return middle(domain, annotation)


def declaration(name: str, value: Any) -> str | None:
    """A declaration with a sensible range around a plain value."""
    if isinstance(value, bool):
        return f"{name}: Bool() = {value}"
    if isinstance(value, str):
        return f'{name}: Categorical({value!r}, "…") = {value!r}'
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    if isinstance(value, int):
        return f"{name}: {_whole_range(value)} = {value}"
    return f"{name}: {_real_range(name, value)} = {value:g}"


def _whole_range(value: int) -> str:
    if value <= 0:
        return f"Int({2 * value}, {0 if value < 0 else 8})"
    return f"Int({max(1, value // 4)}, {value * 4}, log=True)"


def _real_range(name: str, value: float) -> str:
    if value <= 0:
        return f"Float({2 * value:g}, {0 if value < 0 else 1})"
    if value < 1 and _SHARE.search(name):
        return "Float(0, 0.5)" if value <= 0.5 else f"Float(0.5, {max(0.99, value):g})"
    if value < 1:
        low, high = (float(f"{x:.1g}") for x in (value / 10, min(value * 10, 1.0)))
        return f"Float({low:g}, {high:g}, log=True)"
    return f"Float({value / 4:g}, {value * 4:g}, log=True)"


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

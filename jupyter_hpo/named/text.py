"""``name(option=literal, …)`` taken apart, as the magic's line has it."""

from __future__ import annotations

import ast
import re
from typing import Any, Final

from ..domains.base import short
from ..errors import UsageError

_NAME: Final = re.compile(r"\s*([A-Za-z_][\w.-]*(?::[\w.-]+)?)\s*(.*)", re.DOTALL)


def split(text: Any, kind: str, example: str) -> tuple[str, dict[str, Any]]:
    """The name, and the options as Python literals; nothing is evaluated.

    Parameters
    ----------
    kind, example : of what is named, and how it is written, for messages.

    Raises
    ------
    UsageError
        If it is not written that way.
    """
    match = _NAME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise UsageError(
            f"write a name, or a name with options such as {example}, not {short(text)}"
        )
    name, rest = match.groups()
    if rest.startswith(","):
        raise UsageError(_several(kind))
    if not rest:
        return name, {}
    call = _call(rest)
    if isinstance(call, ast.Tuple):
        raise UsageError(_several(kind))
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
        raise UsageError(f"{short(text)} cannot be read; options are written as in {example}")
    return name, _literals(name, call, example)


def _several(kind: str) -> str:
    doing = "racing several optimizers" if kind == "optimizer" else f"more than one {kind}"
    return f"{doing} is not in this version; name one of them"


def _call(rest: str) -> ast.expr | None:
    try:
        return ast.parse("name" + rest, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # all that the parser raises
        return None


def _literals(name: str, call: ast.Call, example: str) -> dict[str, Any]:
    if call.args:
        value = _source(call.args[0])
        raise UsageError(f"{name}({value}): options are written with their name, as in {example}")
    options: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            raise UsageError(f"{name}(**…): options are written one by one, as in {example}")
        if keyword.arg in options:
            raise UsageError(f"{name}: {keyword.arg}= stands there twice")
        options[keyword.arg] = _literal(name, keyword.arg, keyword.value)
    return options


def _literal(name: str, option: str, value: ast.expr) -> Any:
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        text = _source(value)
    hint = (
        f"; for a variable of the notebook write {option}={{{text}}}" if text.isidentifier() else ""
    )
    raise UsageError(
        f'{name}: {option}={text} is not a literal such as 5, 0.1, True or "text"{hint}'
    )


def _source(node: ast.expr) -> str:
    try:
        text = ast.unparse(node)
    except RecursionError:
        return "…"
    return text if len(text) <= 60 else text[:59] + "…"

"""Writes what the editor knows of ``%%tune``: its options, optimizers, pruners and types.

    python scripts/editor_table.py

They are read from the Python package, whose tables are the only ones; a test says when the file
is older than they are.
"""

from __future__ import annotations

import inspect
import json
import re
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from jupyter_hpo import optimizers, pruners
from jupyter_hpo.cell.annotations import OURS
from jupyter_hpo.named import options as named
from jupyter_hpo.named.table import Table
from jupyter_hpo.options import LATER, OPTIONS, SHORT_LATER, Option, Whole

FILE = Path(__file__).parents[1] / "labextension/src/lab/language/table.json"
_SECTION = re.compile(r"\n\n\w+\n-+\n")
_CODE = re.compile(r"``(.+?)``")


def table() -> dict[str, Any]:
    """All of it as JSON."""
    return {
        "options": [_option(option) for option in OPTIONS],
        "later": LATER,
        "shortLater": SHORT_LATER,
        "optimizers": _plugins(optimizers._TABLE),
        "pruners": _plugins(pruners._TABLE),
        "types": [_type(name, kind) for name, kind in OURS.items()],
    }


def _option(option: Option) -> dict[str, Any]:
    said = {"flags": list(option.flags), "metavar": option.metavar, "help": option.help}
    if not option.metavar:
        return said | {"kind": "switch"}
    if isinstance(option.convert, Whole):
        whole = option.convert
        return said | {"kind": "whole", "lowest": whole.lowest, "example": whole.example}
    kinds = {
        "_name": "name",
        "_names": "names",
        "seconds": "time",
        "_budget": "budget",
        "str": "text",
    }
    return said | {"kind": kinds[option.convert.__name__]}


def _plugins(plugins: Table) -> list[dict[str, Any]]:
    return [
        {"name": name, "doc": "", "takes": "", "options": []}
        if name.endswith(":NAME")
        else _plugin(plugins, name)
        for name in plugins.places
    ]


def _plugin(plugins: Table, name: str) -> dict[str, Any]:
    factory = plugins.factory(name)
    taken = named.parameters(factory, plugins.leading)
    options = {key: p for key, p in taken.items() if key not in plugins.given}
    return {
        "name": name,
        "doc": _summary(factory),
        "takes": named._listed(name, options),
        "options": [
            {
                "name": key,
                "default": repr(p.default),
                "must": named._words(p.annotation),
                "fits": _fits(p.annotation),
                "doc": _parameter(factory, key),
            }
            for key, p in options.items()
        ],
    }


def _fits(annotation: Any) -> list[Any]:
    """Types by name and literals as ``{"is": value}``; nothing: whatever it is."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return [each for one in get_args(annotation) for each in _fits(one)]
    if origin is Literal:
        return [{"is": one} for one in get_args(annotation)]
    if annotation is None or annotation is types.NoneType:
        return ["none"]
    kinds = {int: "int", float: "float", bool: "bool", str: "str", Sequence: "sequence"}
    return [kinds[origin or annotation]]


def _type(name: str, kind: type) -> dict[str, Any]:
    parameters = list(inspect.signature(kind).parameters.values())
    # in a cell these are the right-hand side and the `if` around it
    mine = [p for p in parameters if p.name not in ("default", "when")]
    return {
        "name": name,
        "signature": f"{name}{inspect.Signature([_bare(p) for p in mine])}",
        "doc": _summary(kind),
        "options": [
            {
                "name": p.name,
                "default": repr(p.default),
                "doc": _parameter(kind, p.name) or _parameter(OURS["Float"], p.name),
            }
            for p in mine
            if p.kind is p.KEYWORD_ONLY
        ],
    }


def _bare(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(annotation=inspect.Parameter.empty)


def _summary(factory: Callable[..., Any]) -> str:
    """The first paragraph of a docstring, and the first sentence of the second."""
    text = _CODE.sub(r"`\1`", _SECTION.split(inspect.getdoc(factory) or "")[0])
    first, *rest = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return " ".join([first, *(each.split(". ")[0].removesuffix(".") + "." for each in rest[:1])])


def _parameter(factory: Callable[..., Any], name: str) -> str:
    """What a docstring, or that of a class it inherits from, says of a parameter."""
    for owner in getattr(factory, "__mro__", [factory]):
        section = (inspect.getdoc(owner) or "").partition("Parameters\n----------\n")[2]
        entry = re.search(
            rf"^(?:\w+, )*{name}(?:, \w+)* :((?:.*\n)(?:    .*\n)*)", section + "\n", re.MULTILINE
        )
        if entry and "see `" not in entry[1]:
            return _CODE.sub(r"`\1`", " ".join(entry[1].split()))
    return ""


def written() -> str:
    """The text of the file."""
    return json.dumps(table(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")

"""Cells read as ``%%tune`` reads them, in a notebook with a few variables, without a kernel."""

from __future__ import annotations

import typing
from typing import Any

import jupyter_hpo
from jupyter_hpo.cell import Cell, leading_imports, parse, read_cell

MAGIC = "%%tune --minimize loss"


class Numbers:
    """A stand-in for traitlets, sqlalchemy and the like, whose names are those of ours."""

    class Float:
        def __init__(self, *anything: object) -> None:
            pass


def relu() -> None: ...


def tanh() -> None: ...


def notebook(**more: Any) -> dict[str, Any]:
    """The namespace of a notebook after ``%load_ext jupyter_hpo`` and some cells."""
    names: dict[str, Any] = {
        name: getattr(jupyter_hpo, name) for name in ("Float", "Int", "Categorical", "Bool")
    }
    names |= {"hpo": jupyter_hpo, "Annotated": typing.Annotated, "typing": typing}
    names |= {"LR": jupyter_hpo.Float(1e-5, 1e-1, log=True), "other": Numbers}
    names |= {"low": 1, "high": 8, "options": ["sgd", "adam"], "gpu": False, "mode": "fast"}
    return names | {"relu": relu, "tanh": tanh} | more


def read(text: str, metric: str | None = "loss", names: dict[str, Any] | None = None) -> Cell:
    """Read a cell whose lines below the ``%%tune`` line are `text`."""
    namespace = notebook() if names is None else names
    source = parse("\n" + text, f"{MAGIC}\n{text}")
    scope = dict(namespace)
    imports = leading_imports(source)
    if imports is not None:
        exec(imports, scope)
    return read_cell(source, metric, namespace, scope)

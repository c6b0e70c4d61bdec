"""What the editor of JupyterLab says of a cell is what the kernel says.

``cells/editor.json`` is the table of both: vitest reads it, too.
"""

from __future__ import annotations

import ast
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from cells import read

from jupyter_hpo import optimizers, options, pruners
from jupyter_hpo.cell import Cell
from jupyter_hpo.cell.suggest import declaration
from jupyter_hpo.errors import CellError, TuneError
from jupyter_hpo.hints import hints

SCRIPT = Path(__file__).parents[2] / "scripts/editor_table.py"
TABLE = json.loads((Path(__file__).parent / "cells/editor.json").read_text("utf-8"))
CELLS = [pytest.param(each, id=each["name"]) for each in TABLE["cells"]]


def test_the_editors_table_is_that_of_the_package() -> None:
    spec = importlib.util.spec_from_file_location("editor_table", SCRIPT)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.FILE.read_text("utf-8") == script.written(), (
        "python scripts/editor_table.py writes it anew"
    )


@pytest.mark.parametrize(("name", "value", "written"), TABLE["declarations"])
def test_both_suggest_the_same_range(name: str, value: str, written: str | None) -> None:
    assert declaration(name, ast.literal_eval(value)) == written


def asked_and_read(text: str) -> tuple[Any, Cell]:
    """The options and the cell, as the magic reads them."""
    line, _, body = text.partition("\n")
    asked = options.parse(options.split(line.removeprefix("%%tune")))
    cell = read(body, asked.minimize or asked.maximize)
    optimizers.parse(asked.optimizer or "auto")
    pruners.parse(asked.pruner or "auto")
    return asked, cell


@pytest.mark.parametrize("each", CELLS)
def test_the_kernel_says_the_first_of_what_the_editor_says(each: dict[str, Any]) -> None:
    if each["errors"]:
        with pytest.raises(TuneError) as caught:
            asked_and_read(each["cell"])
        error = caught.value
        of_a_line = isinstance(error, CellError)
        line, message = (error.line, error.message) if of_a_line else (None, str(error))
        assert [line or 1, message] == each["errors"][0]
    else:
        asked, cell = asked_and_read(each["cell"])
        assert hints(cell, asked) == [message for _, message in each["hints"]]


def test_the_kernel_says_the_others_once_the_first_is_gone() -> None:
    """Each error alone: the cell without the lines of the other errors."""
    tried = 0
    for each in TABLE["cells"]:
        numbers = [line for line, _ in each["errors"]]
        if len(set(numbers)) < 2 or 1 in numbers:
            continue
        for line, message in each["errors"][1:]:
            rows = each["cell"].split("\n")
            kept = [
                row if at + 1 not in numbers or at + 1 == line else ""
                for at, row in enumerate(rows)
            ]
            with pytest.raises(CellError) as caught:
                asked_and_read("\n".join(kept))
            assert [caught.value.line, caught.value.message] == [line, message]
            tried += 1
    assert tried > 8

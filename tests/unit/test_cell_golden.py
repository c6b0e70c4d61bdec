"""Cells in, dataclasses out.

Each file of ``cells/`` holds a cell and, below the line of dashes, what is read from it. After a
change that is meant, ``UPDATE_GOLDEN=1 pytest`` writes them anew, to be looked at in the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cells import read

from jupyter_hpo.cell import Cell
from jupyter_hpo.domains.base import short
from jupyter_hpo.space import Parameter

FOLDER = Path(__file__).parent / "cells"
DASHES = "-" * 40
FILES = sorted(FOLDER.glob("*.txt"))


def described(cell: Cell) -> str:
    rows = ["declared:", *map(_parameter, cell.space)]
    rows.append(f"reported by the loops on lines: {', '.join(map(str, cell.loops)) or 'none'}")
    rows.append(f"reads: {', '.join(sorted(cell.reads))}")
    return "\n".join([*rows, "body:", *(f"  {line}" for line in cell.body.splitlines())])


def _parameter(p: Parameter) -> str:
    text = f"  line {p.line}: {p.key}: {p.domain!r} = {short(p.domain.default)}"
    if p.when is None:
        return text
    return f"{text}, {'dynamic' if p.dynamic else 'static'} if {p.condition}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    text, _, expected = path.read_text("utf-8").partition(f"\n{DASHES}\n")
    found = described(read(text, metric="_" if path.stem == "last_expression" else "loss"))
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(f"{text.rstrip()}\n{DASHES}\n{found}\n", "utf-8")
    assert found == expected.rstrip()


def test_there_are_golden_cells() -> None:
    assert len(FILES) > 20

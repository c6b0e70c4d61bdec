"""Runs a notebook from top to bottom and prints what its last cell printed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def text_of(cell: Any) -> str:
    """What a code cell printed or displayed, as plain text."""
    parts = []
    for output in cell.get("outputs", []):
        part = output.get("text") or output.get("data", {}).get("text/plain", "")
        parts.append(part.rstrip("\n"))
    return "\n".join(part for part in parts if part)


def main(path: Path) -> int:
    """Run the notebook at `path`; 0 if every cell ran and the last one printed something."""
    notebook = nbformat.read(path, as_version=4)
    # a folder of its own: a trial run leaves no study among the user's
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook, timeout=None, kernel_name="python3", resources={"metadata": {"path": folder}}
        )
        try:
            client.execute()
        except CellExecutionError as error:
            print(error, file=sys.stderr)
            return 1
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    text = text_of(cells[-1]) if cells else ""
    print(text or f"the last cell of {path} printed nothing", file=None if text else sys.stderr)
    return 0 if text else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

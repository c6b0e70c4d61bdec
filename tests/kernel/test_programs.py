"""Notebooks run by programs: Run All in nbclient, nbconvert --execute, papermill."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from kernels import plain
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook
from pages import MIME

STUDY = (
    "%%tune found --minimize loss -o random -n {trials}\n"
    "x: Float(-2, 2) = 1.0\n"
    "print('trial', trial.number, 'at', x)\n"
    "for epoch in range(2):\n"
    "    loss = model(x)"
)
CELLS = [
    "%load_ext jupyter_hpo",
    "trials = 4\norder = [1]",
    "order.append(2)\ndef model(x):\n    return (x - 0.5) ** 2",
    STUDY.format(trials="$trials"),
    "order.append(len(found))\nprint(found.state, order, found.best_value)",
]


def notebook(cells: list[str]) -> nbformat.NotebookNode:
    made = new_notebook(cells=[new_code_cell(text) for text in cells])
    made.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    made.cells[1].metadata["tags"] = ["parameters"]
    return made


def check(ran: nbformat.NotebookNode, trials: int = 4) -> None:
    """The results are complete, and the view is left as HTML and text."""
    study, last = [cell for cell in ran.cells if "found" in cell.source]
    displays = [o for o in study.outputs if o.output_type == "display_data"]
    assert len(displays) == 1
    assert set(displays[0].data) == {MIME, "text/html", "text/plain"}
    text = displays[0].data["text/plain"]
    assert text.startswith(f"found: finished, {trials} of {trials} trials")
    assert (
        "loss" in displays[0].data["text/html"] and "<script" not in displays[0].data["text/html"]
    )
    printed = [o.text for o in study.outputs if o.output_type == "stream"]
    assert printed == ["trial 0 at 1.0\n"]
    assert last.outputs[0].text.startswith(f"finished [1, 2, {trials}] ")
    nbformat.validate(ran)


def test_run_all(tmp_path: Path) -> None:
    ran = notebook(CELLS)
    NotebookClient(ran, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    check(ran)
    assert (tmp_path / ".jupyter_hpo" / "studies.db").exists()


@pytest.mark.parametrize(
    ("cell", "ename"),
    [
        (STUDY.format(trials=4).replace("model(x)", "model(x, 1)"), "TypeError"),
        ("%%tune found --minimize loss\nx: Float(0, 1) = 2.0\nloss = x", "CellError"),
        (
            "%%tune found --minimize loss --trials forty\nx: Float(0, 1) = 1.0\nloss = x",
            "UsageError",
        ),
        (
            "%%tune found --minimize loss -o random\nx: Float(0, 1) = 1.0\nloss = x\n"
            "if trial.number: 1 / 0",
            "StudyError",
        ),
    ],
)
def test_run_all_stops_at_a_study_that_fails(tmp_path: Path, cell: str, ename: str) -> None:
    ran = notebook([*CELLS[:3], cell, *CELLS[4:]])
    client = NotebookClient(ran, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    with pytest.raises(CellExecutionError) as told:
        client.execute()
    assert told.value.ename == ename
    assert ran.cells[4].execution_count is None and not ran.cells[4].outputs


def command(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_nbconvert(tmp_path: Path) -> None:
    nbformat.write(notebook(CELLS), tmp_path / "tuned.ipynb")
    done = command(
        tmp_path, "nbconvert", "--execute", "--to", "notebook", "--output", "ran", "tuned.ipynb"
    )
    assert done.returncode == 0, done.stderr
    check(nbformat.read(tmp_path / "ran.ipynb", as_version=4))
    page = command(tmp_path, "nbconvert", "--to", "html", "ran.ipynb")
    assert page.returncode == 0, page.stderr
    assert 'class="jhpo"' in (tmp_path / "ran.html").read_text()


def test_nbconvert_fails_with_the_cell(tmp_path: Path) -> None:
    nbformat.write(notebook([*CELLS[:2], *CELLS[3:]]), tmp_path / "broken.ipynb")
    done = command(tmp_path, "nbconvert", "--execute", "--to", "notebook", "broken.ipynb")
    assert done.returncode != 0
    assert "NameError: name 'model' is not defined" in plain(done.stderr)


def test_papermill(tmp_path: Path) -> None:
    nbformat.write(notebook(CELLS), tmp_path / "tuned.ipynb")
    words = ["tuned.ipynb", "ran.ipynb", "--no-progress-bar", "-p", "trials", "6"]
    done = command(tmp_path, "papermill", *words)
    assert done.returncode == 0, done.stderr
    check(nbformat.read(tmp_path / "ran.ipynb", as_version=4), trials=6)

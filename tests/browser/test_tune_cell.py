"""The command "Tune this cell" where users meet it."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser

COMMAND = "jupyter-hpo:tune-cell"
CELL = "lr: Float(0.0, 1.0) = 0.5\nloss = (lr - 0.3) ** 2"
LOAD = "%load_ext jupyter_hpo"


def test_lab_writes_the_line_and_runs_the_cell_and_undo_takes_it_back(
    open_notebook: Any, lab_server: Any
) -> None:
    notebook = open_notebook(lab_server, [LOAD, CELL])
    notebook.run(0)
    notebook.menu(1, "Tune this cell")
    # %%tune without an objective answers with what the cell assigns
    notebook.output(1).get_by_text("--minimize loss").first.wait_for()
    assert notebook.source(1) == f"%%tune\n{CELL}"

    notebook.select(1)
    notebook.page.keyboard.press("Control+z")
    notebook.comes_to(lambda: notebook.source(1), CELL)
    notebook.page.keyboard.press("Control+Shift+z")
    notebook.comes_to(lambda: notebook.source(1), f"%%tune\n{CELL}")


def test_a_tuned_cell_is_run_as_it_is(open_notebook: Any, lab_server: Any) -> None:
    tuned = f"%%tune --minimize loss --trials 0\n{CELL}"
    notebook = open_notebook(lab_server, [LOAD, tuned])
    notebook.run(0)
    notebook.menu(1, "Tune this cell")
    notebook.output(1).get_by_text("lr").first.wait_for()
    assert notebook.source(1) == tuned


def test_only_the_active_code_cell_is_meant(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, ["print('one')", "print('two')", "note"])
    notebook.select(2)
    notebook.execute("notebook:change-cell-to-markdown")
    assert not notebook.enabled(COMMAND)

    notebook.select(1)
    assert notebook.enabled(COMMAND)
    notebook.execute("notebook:extend-marked-cells-above")
    notebook.execute(COMMAND)
    # none of them loads the extension, so a cell above does
    notebook.output(1).get_by_text("declares no hyperparameter").first.wait_for()
    assert [notebook.source(index)[:6] for index in (0, 1, 2)] == ["%load_", "%%tune", "print("]


def test_it_is_in_the_run_menu_and_in_the_palette(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, [CELL])
    notebook.select(0)
    notebook.page.get_by_role("menuitem", name="Run", exact=True).click()
    notebook.page.get_by_role("menuitem", name="Tune this cell").wait_for()
    notebook.page.keyboard.press("Escape")

    notebook.execute("apputils:activate-command-palette")
    notebook.page.keyboard.type("tune this cell")
    notebook.page.locator(".lm-CommandPalette-itemLabel", has_text="Tune this cell").wait_for()


def test_notebook_7_has_it_too(open_notebook: Any, notebook_server: Any) -> None:
    notebook = open_notebook(notebook_server, [LOAD, CELL])
    notebook.run(0)
    notebook.menu(1, "Tune this cell")
    notebook.output(1).get_by_text("--minimize loss").first.wait_for()
    assert notebook.source(1) == f"%%tune\n{CELL}"

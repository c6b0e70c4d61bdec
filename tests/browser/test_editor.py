"""Help in `%%tune` cells, and the commands that steer studies and write their best values."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest
from conftest import NOTEBOOK
from playwright.sync_api import Locator, expect
from studies import LOAD, QUICK, now, over, parked, state

pytestmark = pytest.mark.browser

CELL = """%%tune study --minimize val_loss --trails 9
lr: Float(1e-5, 1e-1, log=True) = 1e-3
decay: Float(1e-6, 1e-1) = 1e-4
depth: Int(1, 8) = 9
act: Categorical("relu", "tanh") = "tanh"
val_loss = f(lr, decay, depth, act)
"""
PLAIN = "model = Adam(lr=0.001)\nval_loss = fit(model, act='relu')"
MADE = """%%tune --minimize val_loss
lr: Float(0.0001, 0.01, log=True) = 0.001
model = Adam(lr=lr)
val_loss = fit(model, act='relu')"""


SETTINGS = """settings => jupyterapp.serviceManager.settings.save(
    'jupyter-hpo:editor', JSON.stringify(settings)
)"""


# What was underlined, and how long after the last letter. The keys of a test may come late, and
# then what they are to come before is there.
WATCH = """cell => {
    window.underlined = [];
    let last = performance.now();
    cell.addEventListener('beforeinput', () => { last = performance.now(); }, true);
    const look = () => {
        const found = cell.querySelectorAll('.cm-lintRange-error, .cm-lintRange-warning');
        const texts = [...found].map(each => each.textContent);
        window.underlined.push({texts, rested: performance.now() - last});
    };
    new MutationObserver(look).observe(cell, {childList: true, subtree: true});
}"""


def badge(notebook: Any, name: str, cell: int = 1) -> Locator:
    """The badge at the end of a declaration's line."""
    found: Locator = notebook.cell(cell).get_by_role("img", name=re.compile(f"^{name}: "))
    return found


def wrong(notebook: Any, cell: int = 1) -> Locator:
    """What is underlined."""
    found: Locator = notebook.cell(cell).locator(".cm-lintRange-error, .cm-lintRange-warning")
    return found


def completed(notebook: Any, word: str) -> None:
    """Press Tab and take this word, unless it is the only one and taken already."""
    notebook.page.keyboard.press("Tab")
    offered = notebook.page.locator(".jp-Completer-item", has_text=re.compile(f"^.?{word}"))
    source = f"{NOTEBOOK}.content.activeCell.model.sharedModel.getSource()"
    notebook.page.wait_for_function(
        f"""word => {source}.includes(word) ||
            [...document.querySelectorAll('.jp-Completer-item')].some(
                each => each.textContent.includes(word))""",
        arg=word,
    )
    if word not in notebook.page.evaluate(source):
        offered.first.click()


def help_in_cells(notebook: Any) -> None:
    """Badges, underlined mistakes with what mends them, documentation, completion."""
    page = notebook.page
    expect(badge(notebook, "lr")).to_have_attribute(
        "aria-label", "lr: searched in 1e-5 … 0.1, log, default 1e-3"
    )
    expect(badge(notebook, "act")).to_have_text("2 choices")
    expect(wrong(notebook)).to_have_text(["--trails", "Float(1e-6, 1e-1)", "9"])

    wrong(notebook).last.hover()
    page.get_by_text("does not fit its range: 9 is outside [1, 8]").wait_for()
    page.get_by_role("button", name="Write 8").click()
    expect(wrong(notebook)).to_have_count(2)
    notebook.select(1)
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+.")  # mends what is wrong on the line
    expect(wrong(notebook)).to_have_count(1)
    assert "--trials 9" in notebook.source(1) and "= 8" in notebook.source(1)

    notebook.cell(1).locator(".jp-HpoFlag").first.hover()
    page.get_by_text("the variable to make small").wait_for()
    page.keyboard.press("Control+Home")
    page.keyboard.press("End")
    page.keyboard.type(" -o 'bay")
    completed(notebook, "bayes")
    page.keyboard.type("(ka")
    completed(notebook, "kappa")
    page.keyboard.type("2)'")
    expect(wrong(notebook)).to_have_count(1)
    assert notebook.source(1).startswith(CELL.partition(" --trails")[0])
    assert "--trials 9 -o 'bayes(kappa=2)'\n" in notebook.source(1)


def test_lab_helps_with_what_a_cell_declares(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, ["%load_ext jupyter_hpo", CELL, PLAIN])
    help_in_cells(notebook)
    # a number of any cell: select it, press the button
    notebook.cell(2).get_by_text("0.001").dblclick()
    notebook.page.get_by_role("button", name="Make tunable").click()
    notebook.page.get_by_text("lr is a hyperparameter now").first.wait_for()
    assert notebook.source(2) == MADE
    notebook.page.keyboard.press("Control+z")
    notebook.comes_to(lambda: notebook.source(2), PLAIN)
    # and a text, of which a double click takes what stands between its quotes
    notebook.cell(2).get_by_text("'relu'").dblclick()
    notebook.page.get_by_role("button", name="Make tunable").click()
    notebook.page.get_by_text(re.compile(r"act is a .*Is --minimize val_loss what to optimize\?$"))
    assert "act: Categorical('relu', \"…\") = 'relu'\n" in notebook.source(2)
    notebook.page.keyboard.press("Control+z")
    notebook.comes_to(lambda: notebook.source(2), PLAIN)
    for dark in (True, False):
        notebook.picture("editor", dark=dark)
    # each part can be switched off
    notebook.page.evaluate(SETTINGS, {"badges": False, "diagnostics": False})
    notebook.reload()
    expect(notebook.cell(1).locator(".jp-HpoName").first).to_be_visible()
    expect(badge(notebook, "lr")).to_have_count(0)
    expect(wrong(notebook)).to_have_count(0)
    notebook.page.evaluate(SETTINGS, {})


def test_what_python_cannot_read_is_underlined_once_the_line_is_left(
    open_notebook: Any, lab_server: Any
) -> None:
    notebook = open_notebook(lab_server, ["%load_ext jupyter_hpo", MADE])
    keyboard = notebook.page.keyboard
    notebook.run(0)
    notebook.select(1)
    keyboard.press("Control+End")
    keyboard.type("\nn: Int(1, 8) = 2\nfor i in range(n)")
    badge(notebook, "n").wait_for()
    notebook.page.wait_for_timeout(500)  # the editor looks at what is written when keys rest
    expect(wrong(notebook)).to_have_count(0)
    keyboard.press("ArrowUp")
    expect(wrong(notebook)).to_have_text(["for i in ", "range", "(n)"])
    wrong(notebook).first.hover()
    notebook.page.get_by_text("expected ':' (SyntaxError)").wait_for()
    notebook.picture("editor-syntax")
    notebook.run(1)
    notebook.output(1).get_by_text("expected ':' (SyntaxError)").first.wait_for()


def test_nothing_is_underlined_that_is_being_written(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, ["%load_ext jupyter_hpo", ""])
    page = notebook.page
    notebook.select(1)
    notebook.cell(1).evaluate(WATCH)
    # by a hand that looks for its keys: the editor looks at what is there after each of them
    for key in "%%tune study --minimize loss\nlr: Float(0, 1) = 0.5\nloss = 3 * l":
        page.keyboard.type(key)
        page.wait_for_timeout(200)
    page.keyboard.type("r")
    page.keyboard.press("Control+Home")
    page.keyboard.press("End")
    page.keyboard.type(" --trails")
    expect(wrong(notebook)).to_have_text("--trails")  # once the keys rest
    assert (
        page.evaluate("underlined.filter(({texts, rested}) => texts.length && rested < 850)") == []
    )
    page.evaluate("underlined.length = 0")
    page.keyboard.type(" 9")
    page.wait_for_timeout(300)
    expect(wrong(notebook)).to_have_text(["--trails"])
    # what has been told stays
    assert page.evaluate("underlined.filter(({texts}) => `${texts}` !== '--trails')") == []
    # the keyboard leads to it, and shows and says what it is
    page.keyboard.press("F8")
    peek = page.locator(".jp-HpoPeek")
    expect(peek).to_contain_text("there is no option --trails; did you mean --trials?")
    expect(peek).to_contain_text("Ctrl+.: Write --trials")
    notebook.picture("editor-peek")
    page.keyboard.press("ArrowLeft")
    expect(peek).to_have_count(0)
    # what is missing below is told when the end is left
    page.keyboard.press("Control+End")
    page.keyboard.type("\nother: Int(1, 8) = 2")
    page.wait_for_timeout(1500)
    assert wrong(notebook).all_inner_texts() == ["--trails"]
    page.keyboard.press("ArrowUp")
    expect(wrong(notebook)).to_have_text(["--trails", "other"])


def test_best_values_are_written_into_a_cell_that_is_out_of_sight(
    open_notebook: Any, lab_server: Any
) -> None:
    cell = QUICK.format(trials=6)
    ran = open_notebook(lab_server, [LOAD, cell], name="short.ipynb")
    ran.run_all()
    over(ran, "finished")
    saved = ran.save()
    fill = [nbformat.v4.new_code_cell(f"{number}\n" * 9) for number in range(80)]
    saved.cells[1:1] = fill
    nbformat.write(saved, ran.path.with_name("long.ipynb"))
    notebook = open_notebook(lab_server, None, name="long.ipynb")
    last = len(fill) + 1
    # at once: JupyterLab draws such a cell only when it has nothing else to do
    notebook.execute("jupyter-hpo:insert-best")
    notebook.page.get_by_text("The declarations have the best values").first.wait_for()
    assert notebook.source(last) != cell and notebook.source(last).splitlines()[0] in cell


def test_notebook_7_helps_too(open_notebook: Any, notebook_server: Any) -> None:
    help_in_cells(open_notebook(notebook_server, ["%load_ext jupyter_hpo", CELL]))


def test_a_study_is_steered_by_the_keyboard_and_its_best_values_are_written(
    open_notebook: Any, lab_server: Any
) -> None:
    notebook = open_notebook(lab_server, [LOAD, QUICK.format(trials=900)])
    press = notebook.page.keyboard.press
    before = notebook.source(1)
    notebook.run(0)
    notebook.select(1)
    assert not notebook.enabled("jupyter-hpo:pause")
    press("Alt+Shift+Enter")  # tune this cell
    now(notebook, r"^trial ([5-9]|\d\d+) running")
    assert notebook.busy(1)
    press("Alt+Shift+P")
    parked(notebook)
    verbs = [f"jupyter-hpo:{verb}" for verb in ("pause", "resume", "stop")]
    notebook.comes_to(lambda: [*map(notebook.enabled, verbs)], [False, True, True])

    notebook.select(1)
    press("Alt+Shift+W")
    notebook.page.get_by_text("The declarations have the best values").first.wait_for()
    notebook.execute("jupyter-hpo:insert-best-cell")
    comment, *values = notebook.source(2).splitlines()
    assert re.match(r"# tuned by jupyter_hpo: study 'study', run 1, trial \d+ of \d+: ", comment)
    best = dict(line.split(" = ") for line in values)
    assert best.keys() >= {"lr", "width", "act"}
    declared = notebook.source(1).replace('"', "'")
    for name, value in best.items():
        assert re.search(rf"^ *{name}: .* = {re.escape(value)}$", declared, re.MULTILINE)
    notebook.select(1)
    press("Control+z")
    notebook.comes_to(lambda: notebook.source(1), before)  # in one step

    press("Alt+Shift+P")
    state(notebook, "running")
    press("Alt+Shift+O")
    over(notebook, "stopped")
    notebook.page.wait_for_function("!jupyterapp.commands.isEnabled('jupyter-hpo:stop')")
    notebook.execute("jupyter-hpo:resume")
    notebook.page.get_by_text("No study runs or is paused").first.wait_for()
    assert notebook.page.evaluate(f"{NOTEBOOK}.content.widgets.length") == 3

"""The view where kernels, pages and notebooks come and go, and where our extension is not."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbconvert
import nbformat
import pytest
from conftest import NOTEBOOK, outputs_of, serving
from playwright.sync_api import Browser, expect
from studies import (
    GO,
    KEPT,
    LOAD,
    LONG,
    QUICK,
    WAITS,
    WIDGET,
    assert_kept,
    button,
    column,
    drawn,
    has_column,
    now,
    over,
    parked,
    region,
    shows,
    state,
    steering,
    tab,
    table,
    training,
)

pytestmark = pytest.mark.browser

ENDLESS = QUICK.format(trials=900)
LATER = r"^trial ([5-9]|\d\d+) running"  # one has failed


def running(notebook: Any, cell: int = 1) -> None:
    """Run the study's cell until some trials have ended."""
    notebook.run(0)
    notebook.start(cell)
    now(notebook, LATER, cell)


def both(notebook: Any, name: str, cell: int = 1) -> None:
    """Pictures in both themes, the top of the view in sight."""
    for dark in (True, False):
        notebook.output(cell).evaluate("output => output.scrollIntoView()")
        notebook.picture(f"hosts-{name}", dark=dark)


def trials(notebook: Any, cell: int = 1) -> int:
    """How many the table has."""
    return int(table(notebook, cell).get_attribute("aria-rowcount") or 0) - 1


def test_two_pages_show_the_same_study(open_notebook: Any, lab_server: Any) -> None:
    first = open_notebook(lab_server, [LOAD, ENDLESS])
    running(first)
    first.save()
    second = open_notebook(lab_server, None)
    training(second)
    button(second, "Pause").click()
    for each in (first, second):
        parked(each)
    best = region(first).locator(".jhpo-best").inner_text()
    expect(region(second).locator(".jhpo-best")).to_have_text(best, use_inner_text=True)
    second.comes_to(lambda: trials(second), trials(first))
    button(first, "Resume").click()
    for each in (first, second):
        button(each, "Pause").wait_for()
        training(each)
    button(first, "Stop").click()
    for each in (first, second):
        over(each, "stopped")


def test_what_is_saved_of_a_study_that_ended_after_a_reload(
    open_notebook: Any, lab_server: Any
) -> None:
    notebook = open_notebook(lab_server, [LOAD, ENDLESS])
    running(notebook)
    notebook.save()
    notebook.reload()
    training(notebook)
    button(notebook, "Stop").click()
    over(notebook, "stopped")
    # the page has been given no display of it, and asks for what the notebook is to keep
    assert_kept(notebook)


def told_to_be_gone(notebook: Any, former: str) -> None:
    """The view says what it knows and that it is no more; nothing there needs the kernel."""
    shows(notebook, "^as of .*: ")
    state(notebook, f"was {former}")
    expect(steering(notebook)).to_have_count(0)
    expect(button(notebook, "Use best")).to_have_count(0)
    expect(region(notebook).locator(".jhpo-count")).not_to_contain_text("left")
    table(notebook).locator("[data-open]").first.click()
    region(notebook).get_by_role("region", name=re.compile("^Trial ")).wait_for()
    button(notebook, "Close").click()


def test_the_kernel_is_restarted_while_the_study_is_paused(
    open_notebook: Any, lab_server: Any
) -> None:
    notebook = open_notebook(lab_server, [LOAD, ENDLESS, "print(1 + 1)"])
    running(notebook)
    button(notebook, "Pause").click()
    parked(notebook)
    before = trials(notebook)
    notebook.page.evaluate(f"{NOTEBOOK}.sessionContext.session.kernel.restart()")
    told_to_be_gone(notebook, "paused")
    assert notebook.printed(2) == "2"
    told_to_be_gone(notebook, "paused")
    assert trials(notebook) == before
    both(notebook, "restarted")


def test_the_kernel_is_killed_while_the_study_runs(open_notebook: Any, lab_server: Any) -> None:
    cells = [LOAD, ENDLESS, "import os; print(os.getpid())"]
    notebook = open_notebook(lab_server, cells)
    kernel = int(notebook.printed(2))
    running(notebook)
    before = trials(notebook)
    os.kill(kernel, signal.SIGKILL)
    dialog = notebook.page.get_by_role("dialog").filter(has_text="restart")
    dialog.get_by_role("button").last.click()  # JupyterLab says so, too
    told_to_be_gone(notebook, "running")
    assert int(notebook.printed(2)) != kernel  # another one, which knows nothing of it
    told_to_be_gone(notebook, "running")
    assert trials(notebook) >= before
    both(notebook, "killed")


def finished(notebook: Any, count: int) -> nbformat.NotebookNode:
    """Run a small study to its end; the saved notebook."""
    notebook.run(0)
    notebook.start(1)
    over(notebook, "finished")
    notebook.comes_to(lambda: trials(notebook), count)
    assert_kept(notebook)
    return nbformat.read(notebook.path, 4)


def test_a_notebook_without_a_kernel_and_without_trust(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, [LOAD, QUICK.format(trials=20)])
    saved = finished(notebook, 20)
    rows = column(notebook, "loss")
    # from somebody else, for a kernel that is not here
    saved.cells[1].source += "# changed"
    saved.cells[1].id = "other"
    saved.cells[1].outputs[0].metadata = {"signed": "by nobody"}
    saved.metadata = {"kernelspec": {"name": "nothere", "display_name": "not here"}}
    nbformat.write(saved, lab_server.root / "other.ipynb")
    other = open_notebook(lab_server, None, "other.ipynb", kernel=False)
    other.page.get_by_role("dialog").get_by_role("button", name="No Kernel").click()
    assert not other.page.evaluate(f"{NOTEBOOK}.content.widgets[1].model.trusted")
    state(other, "finished")
    other.comes_to(lambda: trials(other), 20)
    has_column(other, "loss", rows)
    expect(steering(other)).to_have_count(0)
    for name in ("Parallel", "Importance", "EDF"):
        tab(other, name).click()
        drawn(other)
    number = column(other, "trial")[0]
    button(other, f"details of trial {number}").click()
    detail = region(other).get_by_role("region", name=f"Trial {number}", exact=True)
    expect(detail).to_contain_text(f"trial {number} is")
    both(other, "kept")
    assert other.errors == []


HOSTILE = "<img src=x onerror=window.hacked=1>"
SCRIPT = "</script><script>window.hacked=1</script>"
LOAD_HOSTILE = f"""%load_ext jupyter_hpo
import time
evil, go = {HOSTILE!r}, []
everything = evil + {SCRIPT!r} + "\\x1b[31mred\\u202eleft" + "w" * 10000
"""
STUDY_HOSTILE = f"""%%tune study --minimize loss -n 60 -o random --seed 1 --pruner none --store none
x: Float(0.0, 1.0) = 0.5
html: Categorical({HOSTILE!r}, {SCRIPT!r}, "javascript:alert(1)") = {HOSTILE!r}
signs: Categorical("\\x1b[31mred\\x1b[0m", "\\u202eleft", "a\\nb\\tc\\x00d") = "\\u202eleft"
long: Categorical("w" * 10000, "short") = "short"
print(everything)
trial.log(**{{evil: everything, "other": everything}})
if trial.number == 2:
    raise ValueError(everything)
for step in range(3):
    time.sleep(0.02)
    loss = x + step
{WAITS.format(last=59)}"""


def harmless(notebook: Any) -> None:
    """What must hold in every page with a hostile study."""
    assert notebook.page.evaluate("window.hacked") is None
    assert notebook.dialogs == []
    assert [error for error in notebook.errors if "jupyter-hpo" in error] == []
    images = "host => host.shadowRoot.querySelectorAll('img, script, iframe').length"
    assert notebook.output(1).locator(".jp-jupyter-hpo > div").evaluate(images) == 0
    assert notebook.page.locator("img[onerror]").count() == 0


def look_around(notebook: Any) -> None:
    """Everything that shows what the study holds."""
    view = region(notebook)
    view.get_by_role("tab").first.wait_for()
    for name in view.get_by_role("tab").all_inner_texts():
        tab(notebook, name).click()
        view.get_by_role("tabpanel").hover(position={"x": 300, "y": 100})
    view.get_by_label("filter trials by text").fill("failed")
    button(notebook, "details of trial 2").click()
    expect(view.get_by_label("Traceback")).to_contain_text(HOSTILE)
    expect(view.get_by_label("Output of trial 2")).to_contain_text(HOSTILE)
    expect(view.get_by_role("region", name="Trial 2", exact=True)).to_contain_text("</script>")
    button(notebook, "clear filters").click()
    button(notebook, "menu of html").click()
    expect(notebook.page.get_by_role("dialog", name="column html")).to_contain_text(HOSTILE)
    notebook.page.keyboard.press("Escape")
    host = notebook.output(1).locator(".jp-jupyter-hpo > div")
    assert host.evaluate("host => host.scrollWidth <= host.clientWidth")


def test_hostile_text_stays_text(open_notebook: Any, lab_server: Any, browser: Browser) -> None:
    name = f"{HOSTILE}.ipynb"
    notebook = open_notebook(lab_server, [LOAD_HOSTILE, STUDY_HOSTILE, GO], name)
    running(notebook)
    button(notebook, "Pause").click()
    parked(notebook)
    for form in ("Try…", "Edit space"):
        button(notebook, form).click()
        expect(region(notebook).get_by_role("form")).to_contain_text(HOSTILE)
        notebook.picture(f"hosts-hostile-{form[:3]}")
    look_around(notebook)
    both(notebook, "hostile")
    harmless(notebook)
    notebook.run(2)
    button(notebook, "Resume").click()
    over(notebook, "finished")
    harmless(notebook)
    assert_kept(notebook)
    notebook.page.evaluate(f"{NOTEBOOK}.sessionContext.shutdown()")
    notebook.page.close()

    again = open_notebook(lab_server, None, name)
    state(again, "finished")
    look_around(again)
    harmless(again)
    plain = browser.new_page()
    plain.set_content(nbconvert.HTMLExporter().from_filename(str(notebook.path))[0])
    assert "60 of 60 trials" in plain.locator(".jhpo").inner_text()
    assert plain.evaluate("window.hacked") is None
    plain.close()


@pytest.fixture(scope="module")
def bare_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """JupyterLab without our extension."""
    with serving("jupyterlab", tmp_path_factory, extension=False) as server:
        yield server


def steered_to_its_end(notebook: Any) -> None:
    """Pause and resume a study, and wait until it is finished."""
    running(notebook)
    count = region(notebook).locator(".jhpo-count")
    expect(count).not_to_have_text(count.inner_text())  # it is live
    button(notebook, "Pause").click()
    parked(notebook)
    assert notebook.printed(2) == "mine"
    both(notebook, f"{Path(notebook.path).stem}-paused")
    button(notebook, "Resume").click()
    training(notebook)
    notebook.run(3)


def test_without_the_extension_there_is_a_widget_and_then_plain_html(
    open_notebook: Any, bare_server: Any
) -> None:
    cells = [LOAD, QUICK.format(trials=40) + WAITS.format(last=39), "print(width)", GO]
    notebook = open_notebook(bare_server, cells, "bare.ipynb")
    assert not notebook.page.evaluate("jupyterapp.hasPlugin('jupyter-hpo:study')")
    steered_to_its_end(notebook)
    # the best 20 and the default
    expect(notebook.output(1).locator("table tbody tr")).to_have_count(20 + 1, timeout=LONG)
    expect(notebook.output(1).locator(".jhpo-count")).to_contain_text("40 of 40 trials")
    expect(notebook.output(1).get_by_role("button")).to_have_count(0)
    assert_kept(notebook)
    both(notebook, "bare-finished")


def test_notebook_7_shows_the_same(open_notebook: Any, notebook_server: Any) -> None:
    cells = [LOAD, QUICK.format(trials=40) + WAITS.format(last=39), "print(width)", GO]
    notebook = open_notebook(notebook_server, cells, "seven.ipynb")
    steered_to_its_end(notebook)
    over(notebook, "finished")
    notebook.comes_to(lambda: trials(notebook), 40)
    assert_kept(notebook)
    both(notebook, "seven-finished")


def test_what_is_saved_of_a_paused_study(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, [LOAD, ENDLESS])
    running(notebook)
    button(notebook, "Pause").click()
    parked(notebook)
    known = trials(notebook)
    # the notebook is told on another way than the view
    those = f"{outputs_of(1)}.find(each => '{KEPT}' in (each.data ?? {{}})).data['{KEPT}'].trials"
    notebook.page.wait_for_function(f"{those}.length === {known}")
    saved = notebook.save()
    [kept] = [each.data for each in saved.cells[1].outputs if KEPT in each.get("data", {})]
    assert WIDGET in kept and len(kept[KEPT]["trials"]) == known
    assert "widgets" not in saved.metadata
    notebook.page.evaluate(f"{NOTEBOOK}.sessionContext.shutdown()")
    notebook.page.close()
    again = open_notebook(lab_server, None)
    state(again, "paused")
    told_to_be_gone(again, "paused")
    again.comes_to(lambda: trials(again), known)
    expect(steering(again)).to_have_count(0)
    both(again, "kept-paused")

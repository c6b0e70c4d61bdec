"""A study's buttons as a user clicks them, while a cell runs and when it has given way."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.browser

LONG = 120_000  # ms, for all the training on a machine under load
WIDGET = "application/vnd.jupyter.widget-view+json"

SETUP = """%load_ext jupyter_hpo
import time, torch
torch.set_num_threads(1)
made = torch.Generator().manual_seed(1)
X = torch.randn(512, 20, generator=made)
y = (X[:, :3].prod(1) > 0).long()
def evaluate(model):
    with torch.no_grad():
        return torch.nn.functional.cross_entropy(model(X), y).item()
width = "mine"
torch.manual_seed(7)
"""
TRAIN = """%%tune {options} --minimize val_loss --store none
lr: Float(1e-4, 1e-1, log=True) = 1e-3
width: Int(16, 256, log=True) = 64
model = torch.nn.Sequential(
    torch.nn.Linear(20, width), torch.nn.Dropout(0.1), torch.nn.Linear(width, 2)
)
optimizer = torch.optim.Adam(model.parameters(), lr)
for epoch in range({epochs}):
    for i in torch.randperm(512).split(16):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(X[i]), y[i]).backward()
        optimizer.step()
    val_loss = evaluate(model)
"""
STUDY = TRAIN.format(options="study --trials 6", epochs=40)
ENDLESS = TRAIN.format(options="study --trials 40", epochs=40)
SAME = """plain = [trial.value for trial in reference.trials]
print(study.state, plain == [trial.value for trial in study.trials], len(set(plain)))"""
HANG = """%%tune {name} --minimize loss --trials 3 --store none --seed 1
x: Float(0.0, 1.0) = 0.5
if trial.number == 1:
    {hang}
loss = x
"""
HANGS = pytest.mark.parametrize("hang", ["while True: pass", "time.sleep(1000)"])
STATES = "print({name}.state, *[str(trial.state) for trial in {name}.trials])"


def button(notebook: Any, name: str, cell: int = 1) -> Locator:
    """The button of that name under a cell, and no other that has more of a name."""
    found: Locator = notebook.cell(cell).get_by_role("button", name=name, exact=True)
    return found


def shows(notebook: Any, text: str, cell: int = 1) -> None:
    """Wait until the view under a cell shows a text."""
    notebook.output(cell).get_by_text(re.compile(text)).first.wait_for(timeout=LONG)


def training(notebook: Any) -> None:
    """Wait until the study is in the middle of a trial that is not its first."""
    shows(notebook, r"^trial [1-9]\d* running .* step \d+")


def paused(notebook: Any) -> None:
    """Wait until the study stands still and its cell has ended, and the view says where."""
    button(notebook, "Resume").wait_for()
    expect(notebook.cell(1).locator(".jp-InputPrompt")).not_to_contain_text("*")
    expect(notebook.output(1).locator("[data-mime-type*=stderr]")).to_have_count(1)
    where = re.compile(r"^trial \d+ is parked at Cell In\[\d+\], line \d+|^between two trials$")
    expect(notebook.output(1).get_by_role("status")).to_have_text(where)


CHART = 3  # of the parts below


def places(notebook: Any) -> list[tuple[float, float]]:
    """Where the buttons and the parts of the view stand, from the output's upper left corner."""
    # in one go: the view is drawn anew four times a second
    found = notebook.output(1).evaluate(
        """output => {
            const corner = output.getBoundingClientRect();
            const buttons = [...output.querySelectorAll("button")];
            const parts = ["Skip", "Stop"].map(
                name => buttons.find(each => each.textContent.trim() === name)
            ).concat([".jhpo", ".jhpo-chart", ".jhpo-room"].map(
                style => output.querySelector(style)
            ));
            return parts.map(part => {
                const box = part.getBoundingClientRect();
                return [box.x - corner.x, box.y - corner.y];
            });
        }"""
    )
    # a trial that ends meanwhile may give the chart's axis wider labels
    return [(0.0, y) if n == CHART else (x, y) for n, (x, y) in enumerate(found)]


def finished(notebook: Any) -> None:
    """Wait until the study is finished and nothing in its output needs the kernel."""
    notebook.output(1).locator(".jhpo-is-finished").wait_for(timeout=LONG)
    expect(notebook.output(1).get_by_role("button")).to_have_count(0)


def assert_static(notebook: Any, cell: int = 1) -> None:
    """What is saved of a cell's study is shown without a kernel."""
    expect(notebook.output(cell).get_by_role("button")).to_have_count(0)
    notebook.execute("docmanager:save")
    saved = nbformat.read(notebook.path, 4).cells[cell].outputs
    views = [output.data for output in saved if "data" in output]
    assert len(views) == 1
    assert "text/html" in views[0]
    assert WIDGET not in views[0]


def test_pause_other_cells_and_resume_leave_no_trace_in_the_values(
    open_notebook: Any, lab_server: Any
) -> None:
    reference = TRAIN.format(options="reference --trials 6 --quiet", epochs=40)
    mine = "print(width, 'model' in globals(), torch.is_grad_enabled(), float(torch.rand(1)))"
    other = "torch.manual_seed(3); print(torch.rand(10_000).sum() > 0)"
    drawn = "torch.manual_seed(7); print(float(torch.rand(1)))"
    cells = [SETUP, STUDY, mine, other, drawn, reference, SAME]
    notebook = open_notebook(lab_server, cells)
    notebook.run(0)
    notebook.start(1)
    training(notebook)
    before = places(notebook)
    button(notebook, "Pause").click()
    paused(notebook)
    assert places(notebook) == before
    told = notebook.printed(2)
    assert notebook.printed(3) == "tensor(True)"
    # the next number of the user's own stream, as if no trial had drawn from it
    assert told == f"mine False True {notebook.printed(4)}"

    button(notebook, "Resume").click()
    button(notebook, "Pause").wait_for()
    assert places(notebook) == before
    finished(notebook)
    assert_static(notebook)
    notebook.run(5)
    assert notebook.printed(6) == "finished True 6"


def test_a_study_is_paused_and_resumed_many_times(open_notebook: Any, lab_server: Any) -> None:
    # long enough for a machine on which clicks are slow
    study = TRAIN.format(options="study --trials 15", epochs=40)
    reference = TRAIN.format(options="reference --trials 15 --quiet", epochs=40)
    notebook = open_notebook(lab_server, [SETUP, study, "print(1 + 1)", reference, SAME])
    notebook.run(0)
    notebook.start(1)
    for _ in range(4):
        shows(notebook, "^trial [0-9]+ running")
        button(notebook, "Pause").click()
        paused(notebook)
        assert notebook.printed(2) == "2"
        button(notebook, "Resume").click()
        button(notebook, "Pause").wait_for()
    finished(notebook)
    notebook.run(3)
    assert notebook.printed(4) == "finished True 15"


@HANGS
def test_skip_ends_a_trial_that_hangs(open_notebook: Any, lab_server: Any, hang: str) -> None:
    states = STATES.format(name="study")
    cells = [SETUP, HANG.format(name="study", hang=hang), states]
    notebook = open_notebook(lab_server, cells)
    notebook.run(0)
    notebook.start(1)
    shows(notebook, "^trial 1 running")
    button(notebook, "Skip").click()
    finished(notebook)
    assert notebook.printed(2) == "finished COMPLETE SKIPPED COMPLETE"


@HANGS
def test_stop_ends_a_trial_that_hangs(open_notebook: Any, lab_server: Any, hang: str) -> None:
    states = STATES.format(name="study")
    notebook = open_notebook(lab_server, [SETUP, HANG.format(name="study", hang=hang), states])
    notebook.run(0)
    notebook.start(1)
    shows(notebook, "^trial 1 running")
    button(notebook, "Stop").click()
    shows(notebook, "stopped")
    assert notebook.printed(2) == "stopped COMPLETE INTERRUPTED"
    assert_static(notebook)


def test_a_pause_that_must_wait_says_for_what_and_skip_ends_the_wait(
    open_notebook: Any, lab_server: Any
) -> None:
    states = STATES.format(name="study")
    cells = [SETUP, HANG.format(name="study", hang="time.sleep(1000)"), states]
    notebook = open_notebook(lab_server, cells)
    notebook.run(0)
    notebook.start(1)
    shows(notebook, "^trial 1 running")
    button(notebook, "Pause").click()
    shows(notebook, r"^pausing: waiting for `time.sleep\(1000\)` \(\d+ s\)")
    assert notebook.busy(1)
    button(notebook, "Skip").click()
    shows(notebook, "between two trials")
    expect(button(notebook, "Skip")).to_be_disabled()
    assert notebook.printed(2) == "paused COMPLETE SKIPPED"
    button(notebook, "Stop").click()
    shows(notebook, "stopped")
    assert_static(notebook)


def test_interrupt_in_the_toolbar_pauses(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, [SETUP, STUDY])
    notebook.run(0)
    notebook.start(1)
    training(notebook)
    notebook.page.get_by_role("button", name="Interrupt the kernel").click()
    paused(notebook)
    button(notebook, "Resume").click()
    finished(notebook)


def test_run_all_stops_at_a_study_that_is_paused(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, [SETUP, ENDLESS, "print('after')"])
    notebook.page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    training(notebook)
    assert notebook.busy(2)
    button(notebook, "Pause").click()
    paused(notebook)
    assert not notebook.busy(2)
    assert notebook.output(2).inner_text() == ""
    button(notebook, "Stop").click()
    shows(notebook, "stopped")
    assert notebook.printed(2) == "after"


def test_a_page_opened_again_while_the_cell_runs(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, [SETUP, ENDLESS, STATES.format(name="study")])
    notebook.run(0)
    notebook.start(1)
    training(notebook)
    notebook.execute("docmanager:save")
    notebook.page.close()

    again = open_notebook(lab_server, None)
    button(again, "Pause").wait_for()
    training(again)
    now = again.output(1).locator(".jhpo-now").inner_text()
    expect(again.output(1).locator(".jhpo-now")).not_to_have_text(now)  # it is live
    button(again, "Pause").click()
    button(again, "Resume").wait_for()
    assert again.printed(2).startswith("paused COMPLETE")
    button(again, "Stop").click()
    shows(again, "stopped")
    assert "stopped" in again.printed(2)
    expect(again.output(1).get_by_role("button")).to_have_count(0)


def test_a_notebook_opened_again_after_the_end(open_notebook: Any, lab_server: Any) -> None:
    quick = TRAIN.format(options="study --trials 3", epochs=4)
    notebook = open_notebook(lab_server, [SETUP, quick])
    notebook.run(0)
    notebook.run(1)
    finished(notebook)
    assert_static(notebook)
    notebook.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    notebook.page.close()
    again = open_notebook(lab_server, None)
    shows(again, "3 of 3 trials")
    assert again.output(1).locator(".jhpo-table tbody tr").count() == 3


def test_resume_above_the_cell_moves_the_buttons_there(open_notebook: Any, lab_server: Any) -> None:
    more = ENDLESS.replace("%%tune", "%%tune --resume")
    notebook = open_notebook(lab_server, [SETUP, ENDLESS, more])
    notebook.run(0)
    notebook.start(1)
    training(notebook)
    button(notebook, "Pause").click()
    paused(notebook)
    notebook.start(2)
    button(notebook, "Pause", 2).wait_for()
    expect(notebook.output(1).get_by_role("button")).to_have_count(0)
    button(notebook, "Stop", 2).click()
    shows(notebook, "stopped", 2)
    assert_static(notebook, 1)
    assert_static(notebook, 2)


def test_notebook_7_pauses_and_goes_on(open_notebook: Any, notebook_server: Any) -> None:
    notebook = open_notebook(notebook_server, [SETUP, STUDY, "print(width)"])
    notebook.run(0)
    notebook.start(1)
    training(notebook)
    button(notebook, "Pause").click()
    paused(notebook)
    assert notebook.printed(2) == "mine"
    button(notebook, "Resume").click()
    finished(notebook)
    assert_static(notebook)

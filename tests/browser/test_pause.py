"""A study's buttons as a user clicks them, while a cell runs and when it has given way."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect
from studies import (
    GO,
    LOAD,
    QUICK,
    SETUP,
    TRAIN,
    WAITS,
    assert_kept,
    button,
    now,
    over,
    paused,
    shows,
    training,
)

pytestmark = pytest.mark.browser

STUDY = TRAIN.format(options="study --trials 6", epochs=30) + WAITS.format(last=5)
ENDLESS = QUICK.format(trials=400)
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


CHART = 3  # of the parts below


def places(notebook: Any) -> list[tuple[float, float]]:
    """Where the buttons and the parts of the view stand, from the output's upper left corner."""
    # in one go: the view is drawn anew ten times a second
    found = notebook.output(1).evaluate(
        """output => {
            const corner = output.getBoundingClientRect();
            const view = output.querySelector(".jp-jupyter-hpo > div").shadowRoot;
            const buttons = [...view.querySelectorAll("button")];
            const parts = ["Skip", "Stop"].map(
                name => buttons.find(each => each.textContent.trim() === name)
            ).concat([".jhpo", ".jhpo-chart", "[role=grid]", ".jhpo-table-foot"].map(
                style => view.querySelector(style)
            ));
            return parts.map(part => {
                const box = part.getBoundingClientRect();
                return [box.x - corner.x, box.y - corner.y];
            });
        }"""
    )
    # a trial that ends meanwhile may give the chart's axis wider labels
    return [(0.0, y) if n == CHART else (x, y) for n, (x, y) in enumerate(found)]


def test_pause_other_cells_and_resume_leave_no_trace_in_the_values(
    open_notebook: Any, lab_server: Any
) -> None:
    reference = STUDY.replace("%%tune study", "%%tune reference --quiet")
    mine = "print(width, 'model' in globals(), torch.is_grad_enabled(), float(torch.rand(1)))"
    other = "torch.manual_seed(3); print(torch.rand(10_000).sum() > 0)"
    drawn = "torch.manual_seed(7); print(float(torch.rand(1)))"
    cells = [SETUP, STUDY, mine, other, drawn, GO, reference, SAME]
    notebook = open_notebook(lab_server, cells)
    notebook.run(0)
    notebook.start(1)
    training(notebook)
    button(notebook, "Pause").click()
    paused(notebook)
    told = notebook.printed(2)
    assert notebook.printed(3) == "tensor(True)"
    # the next number of the user's own stream, as if no trial had drawn from it
    assert told == f"mine False True {notebook.printed(4)}"

    button(notebook, "Resume").click()
    button(notebook, "Pause").wait_for()
    notebook.run(5)
    over(notebook, "finished")
    assert_kept(notebook)
    notebook.run(6)
    assert notebook.printed(7) == "finished True 6"


def test_nothing_moves_when_pause_becomes_resume(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, [LOAD, ENDLESS])
    notebook.run(0)
    notebook.start(1)
    now(notebook, r"^trial ([4-9]|\d\d+) running")  # the third has failed: the view says so
    before = places(notebook)
    button(notebook, "Pause").click()
    paused(notebook)
    assert places(notebook) == before
    button(notebook, "Resume").click()
    button(notebook, "Pause").wait_for()
    assert places(notebook) == before


def test_a_study_is_paused_and_resumed_many_times(open_notebook: Any, lab_server: Any) -> None:
    study = TRAIN.format(options="study --trials 12 --pruner none", epochs=25)
    study += WAITS.format(last=11)
    reference = study.replace("%%tune study", "%%tune reference --quiet")
    notebook = open_notebook(lab_server, [SETUP, study, "print(1 + 1)", GO, reference, SAME])
    notebook.run(0)
    notebook.start(1)
    for _ in range(3):
        now(notebook, "^trial [0-9]+ running")
        button(notebook, "Pause").click()
        paused(notebook)
        assert notebook.printed(2) == "2"
        button(notebook, "Resume").click()
        button(notebook, "Pause").wait_for()
    notebook.run(3)
    over(notebook, "finished")
    notebook.run(4)
    assert notebook.printed(5) == "finished True 12"


@HANGS
def test_skip_ends_a_trial_that_hangs(open_notebook: Any, lab_server: Any, hang: str) -> None:
    states = STATES.format(name="study")
    cells = [LOAD, HANG.format(name="study", hang=hang), states]
    notebook = open_notebook(lab_server, cells)
    notebook.run(0)
    notebook.start(1)
    now(notebook, "^trial 1 running")
    button(notebook, "Skip").click()
    over(notebook, "finished")
    assert notebook.printed(2) == "finished COMPLETE SKIPPED COMPLETE"


@HANGS
def test_stop_ends_a_trial_that_hangs(open_notebook: Any, lab_server: Any, hang: str) -> None:
    states = STATES.format(name="study")
    notebook = open_notebook(lab_server, [LOAD, HANG.format(name="study", hang=hang), states])
    notebook.run(0)
    notebook.start(1)
    now(notebook, "^trial 1 running")
    button(notebook, "Stop").click()
    over(notebook, "stopped")
    assert notebook.printed(2) == "stopped COMPLETE INTERRUPTED"
    assert_kept(notebook)


def test_a_pause_that_must_wait_says_for_what_and_skip_ends_the_wait(
    open_notebook: Any, lab_server: Any
) -> None:
    states = STATES.format(name="study")
    cells = [LOAD, HANG.format(name="study", hang="time.sleep(1000)"), states]
    notebook = open_notebook(lab_server, cells)
    notebook.run(0)
    notebook.start(1)
    now(notebook, "^trial 1 running")
    button(notebook, "Pause").click()
    shows(notebook, r"^pausing: waiting for `time.sleep\(1000\)` \(\d+ s\)")
    assert notebook.busy(1)
    button(notebook, "Skip").click()
    shows(notebook, "between two trials")
    now(notebook, "^$")  # no trial is under way
    expect(button(notebook, "Skip")).to_be_disabled()
    assert notebook.printed(2) == "paused COMPLETE SKIPPED"
    button(notebook, "Stop").click()
    over(notebook, "stopped")
    assert_kept(notebook)


def test_interrupt_in_the_toolbar_pauses(open_notebook: Any, lab_server: Any) -> None:
    study = QUICK.format(trials=40) + WAITS.format(last=39)
    notebook = open_notebook(lab_server, [LOAD, study, GO])
    notebook.run(0)
    notebook.start(1)
    training(notebook)
    notebook.page.get_by_role("button", name="Interrupt the kernel").click()
    paused(notebook)
    button(notebook, "Resume").click()
    button(notebook, "Pause").wait_for()
    notebook.run(2)
    over(notebook, "finished")


def test_run_all_stops_at_a_study_that_is_paused(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, [LOAD, ENDLESS, "print('after')"])
    notebook.page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    training(notebook)
    assert notebook.busy(2)
    button(notebook, "Pause").click()
    paused(notebook)
    expect(notebook.cell(2).locator(".jp-InputPrompt")).not_to_contain_text("*")
    assert notebook.output(2).inner_text() == ""
    button(notebook, "Stop").click()
    over(notebook, "stopped")
    assert notebook.printed(2) == "after"


def test_a_page_opened_again_while_the_cell_runs(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, [LOAD, ENDLESS, STATES.format(name="study")])
    notebook.run(0)
    notebook.start(1)
    training(notebook)
    notebook.execute("docmanager:save")
    notebook.page.close()

    again = open_notebook(lab_server, None)
    button(again, "Pause").wait_for()
    training(again)
    line = again.output(1).locator(".jhpo-now")
    expect(line).not_to_have_text(line.inner_text())  # it is live
    button(again, "Pause").click()
    button(again, "Resume").wait_for()
    assert again.printed(2).startswith("paused COMPLETE")
    button(again, "Stop").click()
    over(again, "stopped")
    assert "stopped" in again.printed(2)


def test_resume_in_another_cell_shows_the_study_there_too(
    open_notebook: Any, lab_server: Any
) -> None:
    more = ENDLESS.replace("%%tune", "%%tune --resume")
    notebook = open_notebook(lab_server, [LOAD, ENDLESS, more])
    notebook.run(0)
    notebook.start(1)
    training(notebook)
    button(notebook, "Pause").click()
    paused(notebook)
    notebook.start(2)
    button(notebook, "Pause", 2).wait_for()
    button(notebook, "Stop", 2).click()
    over(notebook, "stopped", 2)
    over(notebook, "stopped", 1)
    assert_kept(notebook, 1)
    assert_kept(notebook, 2)

"""What the optimizer's model says, in the view of a study that the default optimizer runs."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from studies import LOAD, LONG, drawn, now, region, tab

pytestmark = pytest.mark.browser

STUDY = """%%tune study --minimize loss -n 400 --store none
lr: Float(1e-4, 1e-1, log=True) = 1e-3
width: Int(16, 256, log=True) = 64
act: Categorical("relu", "tanh", "gelu") = "relu"
if act == "relu":
    leak: Float(0.0, 0.3) = 0.0
bowl = (math.log10(lr) + 2.5) ** 2 + (math.log2(width) - 6.5) ** 2 / 4
plus = {"relu": 0.3 + trial.params.get("leak", 0), "tanh": 0.2, "gelu": 0.0}[act]
loss = bowl + plus + 0.01 * trial.rng.random()
time.sleep(0.05)
"""


def plot(notebook: Any) -> Any:
    """The open plot, with what a screen reader is told of it."""
    return region(notebook).get_by_role("tabpanel")


def test_the_model_is_drawn_while_the_study_runs(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, [LOAD, STUDY])
    page: Page = notebook.page
    notebook.run(0)
    notebook.start(1)
    now(notebook, r"^trial (1[5-9]|[2-9]\d) running")
    expect(region(notebook)).to_contain_text("auto chose bayes: the space is a continuum")

    tab(notebook, "Slice").click()
    drawn(notebook)
    expect(plot(notebook)).to_contain_text("model", timeout=LONG)
    for dark in (False, True):
        notebook.output(1).evaluate("output => output.scrollIntoView()")
        notebook.picture("model-slice", dark=dark)

    tab(notebook, "Contour").click()
    next_ = region(notebook).get_by_role("button", name="looks next")
    next_.wait_for(timeout=LONG)
    expect(plot(notebook)).to_contain_text("model", timeout=LONG)
    for name in ("contour", "next"):
        if name == "next":
            next_.click()
            expect(next_).to_have_attribute("aria-pressed", "true")
        drawn(notebook)
        for dark in (False, True):
            notebook.output(1).evaluate("output => output.scrollIntoView()")
            notebook.picture(f"model-{name}", dark=dark)
    region(notebook).get_by_role("button", name="Stop", exact=True).click()
    page.wait_for_timeout(500)
    expect(region(notebook).locator(".jhpo-state")).to_contain_text("stopped", timeout=LONG)

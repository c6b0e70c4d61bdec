"""The panel "Studies", studies in tabs of their own, the status bar, and what needs no kernel."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import NOTEBOOK
from playwright.sync_api import Locator, expect
from studies import LOAD, LONG, QUICK, button, paused, state, training

from jupyter_hpo.record import StudyInfo
from jupyter_hpo.server.shelf import LISTED
from jupyter_hpo.store import Store

pytestmark = pytest.mark.browser

STORED = QUICK.replace(" --store none", "")
ENDLESS = STORED.format(trials=3000)
# what a page has told on the desktop, in place of a desktop
DESKTOP = """
window.told = [];
window.Notification = class {
    static permission = 'granted';
    constructor(title, {body}) { window.told.push(`${title}: ${body}`); }
};
"""
SETTINGS = """settings => jupyterapp.serviceManager.settings.save(
    'jupyter-hpo:progress', JSON.stringify(settings)
)"""
# the layout is saved once in a while
SAVED = """async () => {
    const {data} = await jupyterapp.serviceManager.workspaces.fetch('default');
    return JSON.stringify(data).includes('jupyter-hpo-study');
}"""
CLOSE = """for (const area of ['main', 'down'])
    for (const each of [...jupyterapp.shell.widgets(area)])
        if (each.id.startsWith('jupyter-hpo-study')) each.close();"""


def panel(notebook: Any) -> Locator:
    """The panel, brought to the front."""
    notebook.execute("jupyter-hpo:show-studies")
    found: Locator = notebook.page.get_by_role("region", name="Studies", exact=True)
    found.wait_for()
    return found


def line(notebook: Any, name: str) -> Locator:
    """A study in the panel."""
    found: Locator = panel(notebook).get_by_role("group", name=re.compile(f"^{name},"))
    return found


def act(study: Locator, name: str) -> Locator:
    """A button of a study in the panel."""
    return study.get_by_role("button", name=name, exact=True)


def says(study: Locator, text: str) -> None:
    """Wait until a study in the panel says this."""
    expect(study).to_contain_text(re.compile(text, re.DOTALL), timeout=LONG)


def opened(notebook: Any, name: str = "study") -> Locator:
    """The study that is open in a tab of its own."""
    tabs = notebook.page.locator(".jp-HpoOpened:visible")
    found: Locator = tabs.get_by_role("region", name=f"Study {name}", exact=True)
    found.wait_for()
    return found


def test_a_study_is_watched_and_steered_while_its_cell_blocks_the_kernel(
    open_notebook: Any, lab_server: Any
) -> None:
    name = "steered.ipynb"
    notebook = open_notebook(lab_server, [LOAD, ENDLESS, "print(6 * 7)"], name=name)
    page = notebook.page
    panel(notebook).get_by_text("No studies here yet.").wait_for()
    panel(notebook).get_by_role("button", name="Tune this cell").wait_for()
    notebook.run(0)
    notebook.start(1)
    study = line(notebook, "study")
    says(study, r"running · [1-9]\d* of 3000 trials")
    expect(study.locator(".jp-HpoStudy-spark path")).to_have_attribute("d", re.compile("^M.*H"))
    progress = page.get_by_role("button", name=re.compile("^study, running, .* show studies$"))
    progress.wait_for()
    for dark in (True, False):
        notebook.picture("studies-running", dark=dark)

    act(study, "Pause").click()
    paused(notebook)
    says(study, "paused.*(parked at|between two trials)")  # it may just have ended one
    expect(progress).to_be_hidden()
    assert notebook.printed(2) == "42"
    act(study, "Resume").click()
    training(notebook)
    says(study, "running")

    # all of it in a tab; then with the notebook closed, by a connection of the panel's own
    act(study, "Open").click()
    opened(notebook).get_by_role("button", name="Skip").wait_for()
    page.evaluate(CLOSE)
    notebook.save()
    notebook.execute("application:close")
    says(study, "running")
    act(study, "Pause").click()
    says(study, "paused")
    act(study, "Open").click()
    expect(opened(notebook).locator(".jhpo-state")).to_have_text(re.compile("paused$"))
    page.evaluate(CLOSE)
    notebook.execute("docmanager:open", {"path": name})
    act(study, "Resume").click()
    says(study, "running")
    page.wait_for_function(f"{NOTEBOOK}?.context?.path === '{name}'")

    # a page that is loaded while a cell blocks the kernel finds it, too
    act(study, "Stop").click()
    says(study, "stopped")
    expect(act(study, "Stop")).to_have_count(0)
    notebook.start(1)
    training(notebook)
    notebook.save()
    notebook.reload()
    study = line(notebook, "study, run 2")
    says(study, "running ·")  # in this kernel: the store alone says "in another"
    page.get_by_role("button", name="1 earlier run of study").click()
    says(panel(notebook).get_by_role("group", name=re.compile("^study, stopped")), "stopped")

    # by keyboard alone: from row to row, into a row's buttons, and there; once the notebook is
    # there, which takes the focus then
    training(notebook)
    region = page.get_by_role("region", name="Studies", exact=True)
    region.get_by_role("button", name=name).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(act(study, "Pause")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    says(study, "stopped")
    state(notebook, "stopped")


def test_stored_studies_need_no_kernel(open_notebook: Any, lab_server: Any) -> None:
    cells = [LOAD, STORED.format(trials=8).replace("%%tune study", "%%tune kept")]
    notebook = open_notebook(lab_server, cells, name="stored.ipynb")
    page = notebook.page
    page.evaluate(SETTINGS, {"notify": True, "notifyAfter": 0})
    page.add_init_script(DESKTOP)
    notebook.reload()
    panel(notebook)
    notebook.run(0)
    notebook.run(1)
    study = line(notebook, "kept")
    says(study, "finished · 8 trials")
    page.wait_for_function("window.told.length")
    [told] = page.evaluate("told")
    best = told.removeprefix("Study kept: finished: 8 trials · best ").removesuffix(" loss")
    expect(study.locator("b")).to_have_text(best)
    page.evaluate(SETTINGS, {})
    page.evaluate(f"{NOTEBOOK}.sessionContext.shutdown()")
    says(study, "finished · 8 trials")

    act(study, "Open").click()
    view = opened(notebook, "kept")
    view.get_by_role("grid", name="Trials").locator("[data-n='3'] [data-open]").first.click()
    detail = view.get_by_role("region", name=re.compile("^Trial 3"))
    detail.get_by_text("ValueError: the third one fails").first.wait_for()
    view.get_by_role("tab", name="Importance").click()
    view.get_by_text(re.compile("Importances need 16")).first.wait_for(timeout=LONG)
    for dark in (True, False):
        notebook.picture("studies-stored", dark=dark)
    # it is there again after a reload, and so is the panel
    page.wait_for_function(SAVED)
    page.reload()
    opened(notebook, "kept").get_by_text("8 trials").first.wait_for()
    page.evaluate(CLOSE)
    page.wait_for_function(f"window.jupyterapp && {NOTEBOOK}?.sessionContext")
    expect(button(notebook, "Pause")).to_have_count(0)

    # a file that is no store is named, without where it is on the disk
    file = lab_server.root / ".jupyter_hpo" / "studies.db"
    held = file.read_bytes()
    try:
        file.write_bytes(b"garbage" * 999)
        panel(notebook).get_by_role("button", name="Refresh").click()
        problem = panel(notebook).get_by_role("alert")
        expect(problem).to_have_text(re.compile(r"^\.jupyter_hpo/studies\.db is not a file of"))
    finally:
        file.write_bytes(held)


def test_a_notebook_that_is_renamed_keeps_its_studies(open_notebook: Any, lab_server: Any) -> None:
    folder = lab_server.root / "renamed"
    folder.mkdir()
    cells = [LOAD, STORED.format(trials=4), "%tune list"]
    notebook = open_notebook(lab_server, cells, name="renamed/Untitled.ipynb")
    path = "renamed/model.ipynb"
    rename = "to => jupyterapp.serviceManager.contents.rename('renamed/Untitled.ipynb', to)"
    notebook.run(0)
    notebook.run(1)
    says(line(notebook, "study"), "finished · 4 trials")
    notebook.save()
    notebook.page.evaluate(rename, path)
    group = panel(notebook).get_by_role("button", name="model.ipynb")
    group.wait_for()
    notebook.run(1)
    says(line(notebook, "study, run 2"), "finished · 4 trials")
    notebook.run(2)
    expect(notebook.output(2).locator("tbody tr")).to_have_count(2)
    # without the kernel, by the file alone
    notebook.page.evaluate(f"{NOTEBOOK}.sessionContext.shutdown()")
    panel(notebook).get_by_role("button", name="1 earlier run of study").wait_for()
    group.wait_for()
    expect(panel(notebook).get_by_role("button", name="Untitled.ipynb")).to_have_count(0)


def test_the_panel_says_that_it_shows_the_newest_only(open_notebook: Any, lab_server: Any) -> None:
    folder = lab_server.root / "many"
    store = Store(folder / ".jupyter_hpo" / "studies.db")
    for number in range(LISTED + 1):
        info: dict[str, Any] = {"name": f"s{number}", "notebook": "many.ipynb", "metric": "loss"}
        info |= {"maximize": False, "optimizer": "random", "seed": 0, "total": 1, "space": []}
        store.create(StudyInfo(**info))
    notebook = open_notebook(lab_server, ["1"], name="many/many.ipynb")
    listed = panel(notebook).get_by_role("group")
    expect(listed).to_have_count(LISTED, timeout=LONG)
    sift = panel(notebook).get_by_role("searchbox", name="Filter studies by name or notebook")
    sift.fill("S29")
    expect(listed).to_have_count(11)  # s29 and s290 to s299
    sift.press("Escape")
    expect(listed).to_have_count(LISTED)
    panel(notebook).get_by_text(f"The newest {LISTED} studies stored in many are listed").wait_for()
    panel(notebook).get_by_role("button", name="Show older").click()
    expect(listed).to_have_count(LISTED + 1)
    expect(panel(notebook).get_by_role("button", name="Show older")).to_have_count(0)


def test_notebook_7_has_the_panel_beside_the_notebook(
    open_notebook: Any, notebook_server: Any
) -> None:
    notebook = open_notebook(notebook_server, [LOAD, ENDLESS], name="seven.ipynb")
    notebook.run(0)
    notebook.start(1)
    training(notebook)
    study = line(notebook, "study")
    act(study, "Pause").click()
    paused(notebook)
    says(study, "paused")
    act(study, "Open").click()
    opened(notebook).get_by_role("button", name="Resume").wait_for()
    notebook.picture("studies-seven")
    act(study, "Stop").click()
    says(study, "stopped")
    notebook.page.evaluate(CLOSE)

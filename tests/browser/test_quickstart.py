"""The example notebook as a newcomer sees it: run from top to bottom, saved, opened again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbconvert
import pytest
from playwright.sync_api import Browser, expect
from studies import KEPT, WIDGET

pytestmark = pytest.mark.browser

QUICKSTART = Path(__file__).parents[2] / "example_notebooks" / "quickstart.ipynb"
LONG = 300_000  # ms, for all the training on a machine under load
CONTENT = "jupyterapp.shell.currentWidget.content"
VIEW = ".jp-Notebook .jhpo"
TUNED = f"{CONTENT}.widgets.findIndex(c => c.model.sharedModel.getSource().startsWith('%%tune'))"
BUSY = f"{CONTENT}.widgets.some(c => (c.prompt ?? '').includes('*'))"
# the view changes ten times a second; what it was in between stays in `window.seen`
WATCH = """() => {
    window.seen = [];
    window.watching = setInterval(() => {
        const host = document.querySelector('.jp-Notebook .jp-jupyter-hpo > div');
        const view = host?.shadowRoot.querySelector('.jhpo');
        if (window.posing || !view?.querySelector('.jhpo-count')) return;
        const heads = [...view.querySelectorAll('[role=columnheader]')];
        window.seen.push({
            width: view.getBoundingClientRect().width,
            done: parseInt(view.querySelector('.jhpo-count').textContent),
            height: Math.round(view.getBoundingClientRect().height),
            columns: heads.map(head => Math.round(head.getBoundingClientRect().left)),
        });
    }, 50);
}"""


def show(page: Any) -> None:
    """Bring the view under the tuned cell onto the page."""
    # cells far off the page are not drawn at all
    page.evaluate(f"async () => {{ await {CONTENT}.scrollToItem({TUNED}, 'start'); }}")
    page.locator(VIEW).first.evaluate("view => view.scrollIntoView({block: 'end'})")


def pictures(notebook: Any, name: str, *widths: int) -> None:
    """Screenshots in both themes; the view is not watched then, as its width changes."""
    notebook.page.evaluate("window.posing = true")
    for width in widths:
        notebook.page.set_viewport_size({"width": width, "height": 900})
        for dark in (False, True):
            show(notebook.page)
            notebook.picture(f"quickstart-{name}-{width}", dark=dark)
    notebook.page.set_viewport_size({"width": 1280, "height": 900})
    notebook.execute("apputils:change-theme", {"theme": "JupyterLab Light"})
    notebook.page.wait_for_timeout(300)
    notebook.page.evaluate("window.posing = false")


def drawing(page: Any) -> str:
    """The plot as the view hands it out, an SVG."""
    with page.expect_download() as download:
        page.locator(VIEW).get_by_role("button", name="SVG", exact=True).click()
    return str(Path(download.value.path()).read_text("utf-8"))


def ticks(svg: str) -> list[str]:
    """The numbers at the axis of trials."""
    return [text for text in re.findall(r">(\d+)</text>", svg) if int(text) % 5 == 0]


def assert_finished(page: Any) -> None:
    """What a user must see of the finished study, whether or not a kernel is there."""
    view = page.locator(VIEW).first
    expect(view.locator(".jhpo-state")).to_contain_text("finished")
    expect(view.locator(".jhpo-count")).to_contain_text("25 of 25 trials")
    best = float(view.locator(".jhpo-best b").inner_text())
    grid = view.get_by_role("grid", name="Trials")
    expect(grid).to_have_attribute("aria-rowcount", "26")
    first = grid.locator("[data-n]").first
    expect(first.get_by_role("gridcell").nth(1)).to_have_text(f"{best:#.4g}")
    expect(first).to_contain_text("best")
    expect(grid.get_by_role("gridcell", name=re.compile("default"))).to_have_count(1)
    # as wide as the view, once it has been measured
    plot = view.get_by_role("tabpanel").locator("canvas").first.element_handle()
    page.wait_for_function("plot => plot.getBoundingClientRect().width > 300", arg=plot)
    assert ticks(drawing(page)) == ["0", "5", "10", "15", "20"]


def assert_steady(frames: list[dict[str, Any]]) -> None:
    """From the second trial on, what is below the view and the columns stay where they are."""
    assert (min(f["done"] for f in frames) < 10) and (max(f["done"] for f in frames) == 25)
    heights = [frame["height"] for frame in frames if frame["done"] < 25]
    assert max(heights) - min(heights) <= 4
    for lefts in zip(*(frame["columns"] for frame in frames), strict=True):
        assert max(lefts) - min(lefts) <= 12


def assert_static(browser: Browser, notebook: Any) -> None:
    """The saved notebook as plain HTML, where there is neither Jupyter nor a script of ours."""
    saved = notebook.save()
    assert "widgets" not in saved.metadata
    [kept] = [
        output.data
        for cell in saved.cells
        for output in cell.get("outputs", [])
        if KEPT in output.get("data", {})
    ]
    assert WIDGET not in kept
    html, _ = nbconvert.HTMLExporter(embed_images=True).from_notebook_node(saved)
    page = browser.new_page(viewport={"width": 1000, "height": 900}, java_script_enabled=False)
    try:
        page.set_content(html)
        view = page.locator(".jhpo")
        assert "25 of 25 trials" in view.inner_text()
        rows = view.locator("table tbody tr")
        assert rows.count() == 9 + 11
        assert "best" in rows.first.inner_text()
        marks = view.locator(".jhpo-chart").locator(".jhpo-dot, .jhpo-cut")  # some are pruned
        assert marks.count() == 25
        view.locator("summary").click()
        assert rows.last.is_visible()
        assert view.get_by_role("button").count() == 0
        view.screenshot(path=notebook.pictures / "quickstart-static.png")
    finally:
        page.close()


def test_the_quickstart_from_open_to_reload(
    open_notebook: Any, lab_server: Any, browser: Browser
) -> None:
    notebook = open_notebook(lab_server, QUICKSTART, "quickstart.ipynb")
    page = notebook.page
    page.evaluate(WATCH)
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.evaluate(f"async () => {{ await {CONTENT}.scrollToItem({TUNED}, 'start'); }}")
    view = page.locator(VIEW).first
    view.get_by_text(re.compile("^([5-9]|1[0-9]) of 25 trials")).wait_for(timeout=LONG)
    pictures(notebook, "live", 1280)
    show(page)
    assert ticks(drawing(page)) == ["0", "5", "10", "15", "20"]
    view.locator(".jhpo-is-finished").wait_for(timeout=LONG)
    page.wait_for_timeout(500)
    frames = page.evaluate("clearInterval(window.watching), window.seen")
    width = frames[-1]["width"]  # pictures are taken at others too
    assert_steady([f for f in frames if f["width"] == width and f["done"]])

    page.wait_for_function(f"!({BUSY})", timeout=LONG)
    expect(page.locator(".jp-Notebook [data-mime-type*=stderr]")).to_have_count(0)
    show(page)
    assert_finished(page)
    # everything fits beside the file browser
    grid = view.get_by_role("grid").element_handle()
    page.wait_for_function("box => box.scrollWidth <= box.clientWidth", arg=grid)
    pictures(notebook, "finished", 1280, 900)
    assert_static(browser, notebook)

    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.reload()
    page.wait_for_function(f"window.jupyterapp?.shell.currentWidget && {TUNED} > 0")
    show(page)
    assert_finished(page)
    view.get_by_role("grid").evaluate("box => box.scrollTop = box.scrollHeight")
    expect(view.locator("[data-n][aria-rowindex='26']")).to_be_in_viewport()
    pictures(notebook, "reloaded", 1280)

"""The example notebook as a newcomer sees it: run from top to bottom, saved, opened again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

QUICKSTART = Path(__file__).parents[2] / "example_notebooks" / "quickstart.ipynb"
LONG = 300_000  # ms, for all the training on a machine under load
CONTENT = "jupyterapp.shell.currentWidget.content"
VIEW = ".jp-Notebook .jhpo"
TUNED = f"{CONTENT}.widgets.findIndex(c => c.model.sharedModel.getSource().startsWith('%%tune'))"
BUSY = f"{CONTENT}.widgets.some(c => (c.prompt ?? '').includes('*'))"
# the view is put there anew at each update; what it was in between stays in `window.seen`
WATCH = f"""() => {{
    window.seen = [];
    window.watching = setInterval(() => {{
        const view = document.querySelector('{VIEW}');
        if (!view) return;
        const ticks = [...view.querySelectorAll('.jhpo-x')].map(tick => tick.dataset.t).join(' ');
        const heads = [...view.querySelector('thead').querySelectorAll('th')];
        window.seen.push({{
            width: view.getBoundingClientRect().width,
            done: parseInt(view.querySelector('.jhpo-count').textContent),
            height: Math.round(view.getBoundingClientRect().height),
            ticks,
            columns: heads.map(head => Math.round(head.getBoundingClientRect().left)),
        }});
    }}, 50);
}}"""


def show(page: Any) -> None:
    """Bring the view under the tuned cell onto the page."""
    # cells far off the page are not drawn at all
    page.evaluate(f"async () => {{ await {CONTENT}.scrollToItem({TUNED}, 'start'); }}")
    page.locator(VIEW).first.evaluate("view => view.scrollIntoView({block: 'end'})")


def pictures(notebook: Any, name: str) -> None:
    """Screenshots in both themes and two widths."""
    for width in (1280, 900):
        notebook.page.set_viewport_size({"width": width, "height": 900})
        for dark in (False, True):
            show(notebook.page)
            notebook.picture(f"quickstart-{name}-{width}", dark=dark)
    notebook.page.set_viewport_size({"width": 1280, "height": 900})
    notebook.execute("apputils:change-theme", {"theme": "JupyterLab Light"})


def assert_finished(view: Any) -> None:
    """What a user must see of the finished study, whether or not a kernel is there."""
    assert "finished" in view.locator(".jhpo-state").inner_text()
    assert "25 of 25 trials" in view.locator(".jhpo-count").inner_text()
    best = float(view.locator(".jhpo-value b").inner_text())
    rows = view.locator(".jhpo-scroll").first.locator("tbody tr")
    assert rows.count() == 9
    assert rows.first.locator("td").nth(1).inner_text() == f"{best:#.4g}"
    assert "best" in rows.first.inner_text()
    assert view.locator("tbody td", has_text=re.compile("default")).count() == 1
    assert view.locator(".jhpo-chart svg .jhpo-steps").bounding_box()["width"] > 300
    assert view.locator(".jhpo-chart .jhpo-dot").count() == 25


def assert_steady(frames: list[dict[str, Any]]) -> None:
    """From the second trial on, what is below the view and the columns stay where they are."""
    assert {frame["ticks"] for frame in frames} == {"0 5 10 15 20"}
    assert (min(f["done"] for f in frames) < 10) and (max(f["done"] for f in frames) == 25)
    heights = [frame["height"] for frame in frames]
    assert max(heights) - min(heights) <= 4
    for lefts in zip(*(frame["columns"] for frame in frames), strict=True):
        assert max(lefts) - min(lefts) <= 12


def test_the_quickstart_from_open_to_reload(open_notebook: Any, lab_server: Any) -> None:
    notebook = open_notebook(lab_server, QUICKSTART, "quickstart.ipynb")
    page = notebook.page
    page.evaluate(WATCH)
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.evaluate(f"async () => {{ await {CONTENT}.scrollToItem({TUNED}, 'start'); }}")
    view = page.locator(VIEW).first
    view.get_by_text(re.compile("^([5-9]|1[0-9]) of 25 trials")).wait_for(timeout=LONG)
    pictures(notebook, "live")
    show(page)
    view.locator(".jhpo-is-finished").wait_for(timeout=LONG)
    page.wait_for_timeout(500)
    frames = page.evaluate("clearInterval(window.watching), window.seen")
    width = frames[-1]["width"]  # pictures are taken at others too
    assert_steady([f for f in frames if f["width"] == width and f["done"]])

    page.wait_for_function(f"!({BUSY})", timeout=LONG)
    assert page.locator(".jp-Notebook [data-mime-type*=stderr]").count() == 0
    show(page)
    assert_finished(view)
    # everything fits beside the file browser
    table = view.locator(".jhpo-scroll").first
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth")
    pictures(notebook, "finished")

    notebook.execute("docmanager:save")
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.reload()
    page.wait_for_function(f"window.jupyterapp?.shell.currentWidget && {TUNED} > 0")
    show(page)
    assert_finished(view)
    view.locator("summary").click()
    assert view.locator("details tbody tr").count() == 11
    pictures(notebook, "reloaded")

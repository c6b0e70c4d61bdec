"""The view of a study that goes on, in JupyterLab: what it says is what the kernel knows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import NOTEBOOK, opening
from playwright.sync_api import Browser, Locator, expect
from studies import (
    LOAD,
    LONG,
    QUICK,
    TOLD,
    button,
    column,
    drawn,
    has_column,
    knows,
    now,
    parked,
    pause_within,
    region,
    shows,
    tab,
    table,
)

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "labextension/node_modules/axe-core/axe.min.js"
TABS = ["History", "Curves", "Parallel", "Importance", "Slice", "Contour", "Timeline", "EDF"]
RUNNING = ("RUNNING", "INTERRUPTED")
TELL, USE, AGAIN = 2, 3, 4  # cells


@pytest.fixture(scope="module")
def opened(browser: Browser, pictures: Path, lab_server: Any) -> Iterator[Any]:
    """A study with trials enough for every plot, paused in the middle of one."""
    used = "print(lr, width, act)"
    cells = [LOAD, QUICK.format(trials=900), TOLD, used, "study"]
    with opening(browser, pictures) as opener:
        notebook = opener(lab_server, cells, "view.ipynb")
        notebook.run(0)
        notebook.start(1)
        now(notebook, r"^trial (1[89]|[2-9]\d|\d{3}) running")
        pause_within(notebook)
        notebook.save()
        yield notebook


@pytest.fixture
def notebook(opened: Any) -> Any:
    """The same, in a page that has just been loaded."""
    opened.page.evaluate("sessionStorage.clear()")
    opened.page.set_viewport_size({"width": 1280, "height": 1300})
    opened.reload()
    opened.errors.clear()
    parked(opened)
    return opened


def both(notebook: Any, name: str) -> None:
    """Pictures in both themes."""
    for dark in (True, False):
        notebook.picture(f"view-{name}", dark=dark)


def field(notebook: Any, name: str) -> Locator:
    """A field of the form that is open."""
    found: Locator = region(notebook).get_by_role("form").get_by_label(name, exact=True)
    return found


def go_on(notebook: Any, least: int) -> None:
    """Let the study run until that trial, or a later one, is under way; pause it within one."""
    button(notebook, "Resume").click()
    button(notebook, "Pause").wait_for()
    line = notebook.output(1).locator(".jhpo-now")
    for _ in range(LONG // 50):
        under_way = re.match(r"trial (\d+)", line.inner_text())
        if under_way and int(under_way[1]) >= least:
            break
        notebook.page.wait_for_timeout(50)
    else:
        raise AssertionError(f"trial {least} has not begun")
    pause_within(notebook)


def number(text: str) -> float | None:
    return float(text) if text else None


def done(told: Any) -> list[Any]:
    return [trial for trial in told["trials"] if trial["s"] not in RUNNING]


def test_the_header_says_what_the_kernel_knows(notebook: Any) -> None:
    told = knows(notebook, TELL)
    view = region(notebook)
    best = told["trials"][told["best"]]
    count = f"{len(done(told))} of 900 trials · 1 failed"
    expect(view.locator(".jhpo-count")).to_contain_text(count)
    assert float(view.locator(".jhpo-best b").inner_text()) == pytest.approx(best["v"], rel=1e-3)
    expect(view.locator(".jhpo-best")).to_contain_text(f"trial {best['n']}; smaller is better")
    share = view.get_by_role("progressbar", name="trials done")
    expect(share).to_have_attribute("aria-valuenow", str(round(len(done(told)) / 9)))
    [running] = [trial["n"] for trial in told["trials"] if trial["s"] == "RUNNING"]
    now(notebook, f"^trial {running} parked")
    shows(notebook, rf"^trial {running} is parked at Cell In\[\d+\], line \d+")
    shows(notebook, "ValueError: the third one fails")
    both(notebook, "paused")


def test_the_table_sorts_and_filters(notebook: Any) -> None:
    told = knows(notebook, TELL)
    grid = table(notebook)
    expect(grid).to_have_attribute("aria-rowcount", str(len(told["trials"]) + 1))
    # on top while it lives
    notebook.comes_to(lambda: column(notebook, "trial")[:1], [str(told["best"])])
    head = grid.get_by_role("columnheader", name=re.compile("^width"))
    head.click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    widths = sorted(trial["p"]["width"] for trial in told["trials"])
    notebook.comes_to(lambda: column(notebook, "width")[:8], [*map(str, widths[:8])])
    head.click()
    expect(head).to_have_attribute("aria-sort", "descending")
    notebook.comes_to(lambda: column(notebook, "width")[:8], [*map(str, widths[:-9:-1])])

    region(notebook).get_by_label("filter trials by text").fill("tanh")
    found = [trial for trial in told["trials"] if trial["p"]["act"] == "tanh"]
    assert 0 < len(found) < len(told["trials"])
    shows(notebook, f"^showing {len(found)} of {len(told['trials'])} trials$")
    notebook.comes_to(lambda: set(column(notebook, "act")), {"tanh"})
    both(notebook, "filtered")
    button(notebook, "clear filters").click()
    notebook.comes_to(lambda: set(column(notebook, "act")) > {"tanh"}, True)


def test_the_keyboard_goes_through_the_table_and_opens_a_trial(notebook: Any) -> None:
    told = knows(notebook, TELL)
    page, grid = notebook.page, table(notebook)
    grid.locator("[tabindex='0']").first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Home"):
        page.keyboard.press(key)
    at = grid.locator("[data-column]:focus")
    expect(at.locator("xpath=..")).to_have_attribute("aria-rowindex", "4")
    number = int(at.locator("xpath=..").get_attribute("data-n") or -1)
    page.keyboard.press("Enter")
    detail = region(notebook).get_by_role("region", name=f"Trial {number}", exact=True)
    trial = told["trials"][number]
    width = trial["p"]["width"]
    expect(detail.get_by_label(f"Output of trial {number}")).to_have_text(
        f"trial {number} is {width} wide"
    )
    expect(detail).to_contain_text(f"squared{width**2}")
    both(notebook, "detail")
    detail.get_by_role("button", name="Copy as code").click()
    code = "\n".join(f"{name} = {value!r}" for name, value in trial["p"].items())
    notebook.comes_to(lambda: page.evaluate("navigator.clipboard.readText()"), code)
    detail.get_by_role("heading", name=f"Trial {number}").focus()
    page.keyboard.press("Escape")
    expect(detail).to_have_count(0)
    expect(at).to_have_count(1)  # the focus is where it was


def test_the_trial_that_failed_shows_its_traceback(notebook: Any) -> None:
    region(notebook).get_by_label("filter trials by text").fill("the third one fails")
    button(notebook, "details of trial 3").click()
    traceback = region(notebook).get_by_label("Traceback")
    expect(traceback).to_contain_text('raise ValueError("the third one fails")')
    has_column(notebook, "trial", ["3"])


def test_copy_gives_the_table_as_tab_separated_text(notebook: Any) -> None:
    told = knows(notebook, TELL)
    button(notebook, "Copy").click()
    shows(notebook, "^Copied$")
    text = notebook.page.evaluate("navigator.clipboard.readText()")
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == len(told["trials"])
    copied = {int(row["trial"]): row for row in rows}
    for trial in told["trials"]:
        row, params = copied[trial["n"]], trial["p"]
        assert (float(row["lr"]), int(row["width"])) == (params["lr"], params["width"])
        assert number(row["leak"]) == params.get("leak")
        assert number(row["loss"]) == trial["v"]


def test_every_plot_shows_something_in_both_themes(notebook: Any) -> None:
    view = region(notebook)
    panel = view.get_by_role("tabpanel")
    expect(view.get_by_role("tab")).to_have_text(TABS)
    button(notebook, "as text").click()
    said = set()
    for dark in (True, False):
        for name in TABS:
            tab(notebook, name).click()
            expect(tab(notebook, name)).to_have_attribute("aria-selected", "true")
            expect(panel).to_have_attribute("aria-labelledby", f"jhpo-tab-{name.lower()}")
            summary = panel.locator(".jhpo-plot-text")
            expect(summary).to_contain_text(re.compile(r"\w+"))
            drawn(notebook)
            assert "could not be drawn" not in panel.inner_text()
            notebook.picture(f"view-{name}", dark=dark)
            said.add(summary.inner_text())
    assert len(said) == len(TABS)
    assert notebook.errors == []


def test_values_of_ones_own_are_tried_next(notebook: Any) -> None:
    button(notebook, "Try…").click()
    field(notebook, "width").fill("1000")
    button(notebook, "Try next").click()
    expect(region(notebook).get_by_role("form")).to_contain_text("from 16 to 256")
    both(notebook, "try-wrong")
    field(notebook, "width").fill("123")
    field(notebook, "lr").fill("2e-3")
    field(notebook, "act").select_option(label="gelu")
    button(notebook, "Try next").click()
    shows(notebook, "^Trial with lr 0.002, width 123, act gelu is tried next")
    both(notebook, "try")
    told = knows(notebook, TELL)
    at = len(told["trials"])  # the next number
    go_on(notebook, at + 1)
    trial = knows(notebook, TELL)["trials"][at]
    assert trial["p"] == {"lr": 2e-3, "width": 123, "act": "gelu"}
    region(notebook).get_by_label("filter trials by text").fill("123 gelu")
    has_column(notebook, "trial", [str(at)])


def test_the_search_space_is_narrowed_from_the_next_trial_on(notebook: Any) -> None:
    button(notebook, "Edit space").click()
    field(notebook, "low of width").fill("300")
    expect(region(notebook).get_by_role("form")).to_contain_text("✕")
    field(notebook, "low of width").fill("40")
    field(notebook, "high of width").fill("50")
    region(notebook).get_by_role("checkbox", name="relu").uncheck()
    both(notebook, "edit")
    button(notebook, "Apply").click()
    shows(notebook, "holds from the next trial on")
    at = len(knows(notebook, TELL)["trials"])
    go_on(notebook, at + 4)
    shows(notebook, "still fit")
    narrowed = knows(notebook, TELL)["trials"][at:]
    assert len(narrowed) >= 3
    for trial in narrowed:
        assert 40 <= trial["p"]["width"] <= 50 and trial["p"]["act"] != "relu"


def test_the_best_values_are_set_in_the_notebook(notebook: Any) -> None:
    button(notebook, "Use best").click()
    shows(notebook, "^lr, width, act.* are set")
    told = knows(notebook, TELL)
    best = told["trials"][told["best"]]["p"]
    assert notebook.printed(USE) == f"{best['lr']} {best['width']} {best['act']}"


def violations(notebook: Any) -> list[str]:
    """What axe finds serious about the view and all that is open in it."""
    assert AXE.is_file(), "no axe-core; `bash tests/run js` installs it"
    if not notebook.page.evaluate("'axe' in window"):
        notebook.page.add_script_tag(path=AXE)
    host = notebook.output(1).locator(".jp-jupyter-hpo > div")
    told = host.evaluate(
        """async host => {
            const {violations, passes} = await axe.run(host);
            const bad = violations.filter(({impact}) => ['serious', 'critical'].includes(impact));
            return [passes.length, bad.map(({id, nodes}) =>
                `${id}: ${nodes.map(each => each.target.flat().join(' ')).join('; ')}`)];
        }"""
    )
    assert told[0] > 10  # it has looked
    return [f"{each[:400]}" for each in told[1]]


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_serious(notebook: Any, dark: bool) -> None:
    region(notebook).get_by_label("filter trials by text").fill("the third one fails")
    button(notebook, "details of trial 3").click()
    region(notebook).get_by_label("Traceback").wait_for()
    button(notebook, "clear filters").click()
    for form in ("Try…", "Edit space"):
        button(notebook, form).click()
        notebook.picture(f"view-axe-{'try' if form == 'Try…' else 'edit'}", dark=dark)
        assert violations(notebook) == []


def test_keys_in_the_view_are_no_commands_of_the_notebook(notebook: Any) -> None:
    cells = f"{NOTEBOOK}.content.widgets.map(each => each.model.sharedModel.getSource())"
    before = notebook.page.evaluate(cells)
    search = region(notebook).get_by_label("filter trials by text")
    search.click()
    notebook.page.keyboard.type("xddbamyz00")
    expect(search).to_have_value("xddbamyz00")
    table(notebook).focus()
    table(notebook).locator("[tabindex='0']").first.focus()
    notebook.page.keyboard.type("xddb")
    assert notebook.page.evaluate(cells) == before
    expect(button(notebook, "Resume")).to_be_visible()


# What does not fit into a window of that width, with nothing to scroll for.
TOO_WIDE = """(host, width) => {
    const view = host.shadowRoot.querySelector('.jhpo');
    const all = host.getBoundingClientRect();
    const found = [...view.querySelectorAll('[role=tab]')].filter(tab => {
        const {left, right} = tab.getBoundingClientRect();
        return left < all.left || right > all.right;
    }).map(tab => tab.textContent);
    if (host.scrollWidth > host.clientWidth || view.scrollWidth > view.clientWidth)
        found.push(`the view: ${host.scrollWidth}, ${view.scrollWidth}`);
    if (host.clientWidth <= width - 200 || host.clientWidth >= width - 100)
        found.push(`the output: ${host.clientWidth}`);
    return found;
}"""


def test_it_fits_narrow_and_wide_windows(notebook: Any) -> None:
    notebook.execute("application:toggle-left-area")
    for width in (520, 1900):
        notebook.page.set_viewport_size({"width": width, "height": 1300})
        host = notebook.output(1).locator(".jp-jupyter-hpo > div")
        button(notebook, "Edit space").click()
        both(notebook, f"{width}")
        for name in TABS:
            tab(notebook, name).click()
            panel = region(notebook).get_by_role("tabpanel")
            expect(panel).to_have_attribute("aria-labelledby", f"jhpo-tab-{name.lower()}")
            expect(panel.locator(".jhpo-plot canvas").first).to_be_visible()
            # in the end, as what watches sizes comes late
            notebook.comes_to(partial(host.evaluate, TOO_WIDE, width), [])
        button(notebook, "Edit space").click()
    notebook.execute("application:toggle-left-area")


def test_nothing_is_animated_for_those_who_want_it_so(notebook: Any) -> None:
    moving = """host => host.shadowRoot.getAnimations().concat(
        document.getAnimations().filter(each => host.shadowRoot.contains(each.effect?.target))
    ).length"""
    host = notebook.output(1).locator(".jp-jupyter-hpo > div")
    # nothing in the view is animated today; what ever will be is not for these users
    probe = f"""host => {{
        const bar = host.shadowRoot.querySelector('.jhpo-bar > div');
        bar.style.transition = 'width 1s';
        void bar.offsetWidth;
        bar.style.width = bar.style.width === '50%' ? '90%' : '50%';
        return ({moving})(host);
    }}"""
    notebook.page.emulate_media(reduced_motion="no-preference")
    assert host.evaluate(probe) > 0  # it would be seen
    notebook.page.emulate_media(reduced_motion="reduce")
    assert host.evaluate(probe) == 0
    button(notebook, "Edit space").click()
    tab(notebook, "Parallel").click()
    assert host.evaluate(moving) == 0
    notebook.page.emulate_media(reduced_motion="no-preference")


def test_what_was_chosen_is_there_after_a_reload(notebook: Any) -> None:
    tab(notebook, "Slice").click()
    head = table(notebook).get_by_role("columnheader", name=re.compile("^lr"))
    head.click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    lowest = min(knows(notebook, TELL)["trials"], key=lambda trial: trial["p"]["lr"])
    notebook.comes_to(lambda: column(notebook, "trial")[:1], [str(lowest["n"])])
    shown = column(notebook, "lr")
    notebook.reload()
    parked(notebook)
    expect(tab(notebook, "Slice")).to_have_attribute("aria-selected", "true")
    expect(head).to_have_attribute("aria-sort", "ascending")
    has_column(notebook, "lr", shown)


def test_a_study_at_the_end_of_a_cell_is_the_same_view_and_live(notebook: Any) -> None:
    notebook.run(AGAIN)
    parked(notebook, AGAIN)
    best = region(notebook).locator(".jhpo-best").inner_text()
    expect(region(notebook, AGAIN).locator(".jhpo-best")).to_have_text(best, use_inner_text=True)
    button(notebook, "Resume", AGAIN).click()
    button(notebook, "Pause", AGAIN).wait_for()
    button(notebook, "Pause").click()
    parked(notebook, AGAIN)
    parked(notebook)

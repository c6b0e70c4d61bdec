"""Studies for the browser; what tests do with the view of one and see in it."""

from __future__ import annotations

import json
import re
from typing import Any

from conftest import outputs_of
from playwright.sync_api import Locator, expect

LONG = 120_000  # ms, for all the training on a machine under load
KEPT = "application/vnd.jupyter-hpo.study+json"
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
go = []
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
# A study that needs nothing but time: some trials fail, some lack a hyperparameter.
LOAD = "%load_ext jupyter_hpo\nimport math, os, time\nwidth, go = 'mine', []"
QUICK = """%%tune study --minimize loss -n {trials} -o random --seed 3 --pruner none --store none
lr: Float(1e-4, 1e-1, log=True) = 1e-3
width: Int(16, 256, log=True) = 64
act: Categorical("relu", "tanh", "gelu") = "relu"
if act == "relu":
    leak: Float(0.0, 0.3) = 0.0
print("trial", trial.number, "is", width, "wide")
trial.log(squared=width**2)
if trial.number == 3:
    raise ValueError("the third one fails")
for epoch in range(5):
    time.sleep(0.02)
    loss = abs(math.log10(lr) + 2) + abs(width - 100) / 100 + 1 / (epoch + 1)
"""
# Behind a study's cell: its last trial waits, so that the study does not end before a test,
# which may be slow, has done what it is to do meanwhile. Then it runs `GO`.
WAITS = """while trial.number == {last} and not go:
    time.sleep(0.01)
"""
GO = "go.append(1)"
# What the kernel knows, as JSON.
TOLD = """import json
def told(trial):
    return {"n": trial.number, "s": str(trial.state), "v": trial.value, "p": dict(trial.params)}
print(json.dumps({
    "best": study.best_trial.number, "state": study.state, "trials": list(map(told, study.trials)),
}))"""


def region(notebook: Any, cell: int = 1) -> Locator:
    """The whole view of a study under a cell."""
    found: Locator = notebook.output(cell).get_by_role("region", name=re.compile("^Study "))
    return found


def button(notebook: Any, name: str, cell: int = 1) -> Locator:
    """The button of that name under a cell, and no other that has more of a name."""
    found: Locator = notebook.cell(cell).get_by_role("button", name=name, exact=True)
    return found


def steering(notebook: Any, cell: int = 1) -> Locator:
    """The buttons of a study that runs or is paused."""
    name = re.compile("^(Pause|Resume|Skip|Stop)$")
    found: Locator = notebook.output(cell).get_by_role("button", name=name)
    return found


def shows(notebook: Any, text: str, cell: int = 1) -> None:
    """Wait until the view under a cell shows a text."""
    notebook.output(cell).get_by_text(re.compile(text)).first.wait_for(timeout=LONG)


def now(notebook: Any, text: str, cell: int = 1) -> None:
    """Wait until the line about the trial under way says this."""
    line = notebook.output(cell).locator(".jhpo-now")
    expect(line).to_have_text(re.compile(text), timeout=LONG)


def training(notebook: Any, cell: int = 1) -> None:
    """Wait until the study is in the middle of a trial that is not its first."""
    now(notebook, r"^trial [1-9]\d* running.*step \d+", cell)


def state(notebook: Any, word: str, cell: int = 1) -> None:
    """Wait until the study's state is this one."""
    expect(notebook.output(cell).locator(".jhpo-state")).to_have_text(
        re.compile(rf"{word}$"), timeout=LONG
    )


def parked(notebook: Any, cell: int = 1) -> None:
    """Wait until the study stands still, and the view says where."""
    button(notebook, "Resume", cell).wait_for()
    state(notebook, "paused", cell)
    shows(notebook, r"^trial \d+ is parked at Cell In\[\d+\], line \d+|^between two trials$", cell)


def pause_within(notebook: Any, cell: int = 1) -> None:
    """Pause the study in the middle of a trial; by chance it may be between two of them."""
    within = notebook.output(cell).get_by_text(re.compile(r"^trial \d+ is parked at "))
    for _ in range(9):
        now(notebook, r"^trial \d+ running", cell)
        button(notebook, "Pause", cell).click()
        parked(notebook, cell)
        if within.count():
            return
        button(notebook, "Resume", cell).click()
        button(notebook, "Pause", cell).wait_for()
    raise AssertionError("nine times out of nine it was between two trials")


def paused(notebook: Any, cell: int = 1) -> None:
    """Wait until the study stands still and its cell has ended, and both say so."""
    parked(notebook, cell)
    expect(notebook.cell(cell).locator(".jp-InputPrompt")).not_to_contain_text("*")
    expect(notebook.output(cell).locator("[data-mime-type*=stderr]")).to_have_count(1)


def over(notebook: Any, word: str, cell: int = 1) -> None:
    """Wait until the study has ended, and there is nothing more to steer."""
    state(notebook, word, cell)
    expect(steering(notebook, cell)).to_have_count(0)


def assert_kept(notebook: Any, cell: int = 1) -> None:
    """What is saved of a study that has ended is shown without its kernel, here and elsewhere."""
    # the view is told of the end on another way than the notebook is told what to keep
    live = f"each => '{WIDGET}' in (each.data ?? {{}})"
    notebook.page.wait_for_function(f"!{outputs_of(cell)}.some({live})")
    saved = notebook.save()
    views = [output.data for output in saved.cells[cell].outputs if "data" in output]
    assert [view.keys() & {KEPT, "text/html", WIDGET} for view in views] == [{KEPT, "text/html"}]
    assert "widgets" not in saved.metadata


def knows(notebook: Any, cell: int) -> Any:
    """What the kernel knows, told by a cell of `TOLD`."""
    return json.loads(notebook.printed(cell))


def table(notebook: Any, cell: int = 1) -> Locator:
    """The table of trials."""
    found: Locator = notebook.output(cell).get_by_role("grid", name="Trials")
    return found


def column(notebook: Any, name: str, cell: int = 1) -> list[str]:
    """A column of the table from top to bottom, as far as it is in sight."""
    # rows stand where they are moved to, not in their order in the page
    found = table(notebook, cell).evaluate(
        """(grid, name) => {
            const heads = [...grid.querySelectorAll('[role=columnheader]')];
            const title = head => head.querySelector('.jhpo-t-title').textContent;
            const at = heads.findIndex(head => title(head) === name) + 1;
            const top = row => row.getBoundingClientRect().top;
            return [...grid.querySelectorAll('[data-n]')]
                .sort((a, b) => top(a) - top(b))
                .map(row => row.querySelector(`[aria-colindex="${at}"]`).innerText.trim());
        }""",
        name,
    )
    return list(found)


def has_column(notebook: Any, name: str, values: list[str], cell: int = 1) -> None:
    """Wait until these are on top of a column of the table, and all of it that is in sight."""
    notebook.comes_to(lambda: column(notebook, name, cell), values)


def tab(notebook: Any, name: str, cell: int = 1) -> Locator:
    """The tab of a plot."""
    found: Locator = notebook.output(cell).get_by_role("tab", name=name, exact=True)
    return found


# Whether a plot is drawn: axes are grey, what they are for has colours.
INK = """panel => [...panel.querySelectorAll('.jhpo-plot canvas')].some(canvas => {
    if (canvas.width === 0) return false;
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let coloured = 0;
    for (let i = 0; i < data.length; i += 4) {
        const [red, green, blue] = data.subarray(i, i + 3);
        const chroma = Math.max(red, green, blue) - Math.min(red, green, blue);
        coloured += data[i + 3] > 60 && chroma > 40;
    }
    return coloured > 30;
})"""


def drawn(notebook: Any, cell: int = 1) -> None:
    """Wait until the plot in the open tab shows something."""
    panel = region(notebook, cell).get_by_role("tabpanel").element_handle()
    notebook.page.wait_for_function(INK, arg=panel)

"""How long a click in JupyterLab takes, in ms: ``python tests/benchmarks/browser_clicks.py [N]``.

Three waits of a user, N of each, while a study trains with torch: from the click
on a button to its handler in the kernel; from ■ to the kernel being free; and
from running a cell to its end while the study goes on in the background. Page
and kernel are on one machine and read one clock.
"""

from __future__ import annotations

import contextlib
import math
import random
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

from conftest import CONNECTED, NOTEBOOK, PLACES, TOKEN, Notebook, Server, launched, write

SETUP = """%load_ext jupyter_hpo
import json, time, torch
from jupyter_hpo.view.answers import Answers
torch.set_num_threads(1)
X, y = torch.randn(2048, 64), torch.randint(2, (2048,))
handled = []
answer = Answers.answer
def _answer(answers, question):
    if question["what"] in ("pause", "resume"):
        handled.append(time.time() * 1e3)
    return answer(answers, question)
Answers.answer = _answer
"""
STUDY = """%%tune --minimize val_loss --trials 100000 --store none
lr: Float(1e-4, 1e-1, log=True) = 1e-3
model = torch.nn.Sequential(
    torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 2)
)
optimizer = torch.optim.Adam(model.parameters(), lr)
for epoch in range(20):
    for i in torch.randperm(2048).split(64):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(X[i]), y[i])
        loss.backward()
        optimizer.step()
    val_loss = loss.item()
"""
CELLS = [SETUP, STUDY, "1 + 1", "print(json.dumps(handled)); handled.clear()"]
# When clicks on buttons, ■ among them, came to the page, and when cells were done. Not the
# page's own idea of the kernel's state: a subshell that answers makes it "idle" in between.
STAMPS = """() => {
    window.clicks = [];
    document.addEventListener('click', event => {
        if (event.composedPath()[0].closest?.('button, jp-button')) window.clicks.push(Date.now());
    }, true);
    window.idle = [];
    KERNEL.iopubMessage.connect((_, message) => {
        const cell = message.parent_header.msg_type === 'execute_request';
        if (cell && message.content.execution_state === 'idle') window.idle.push(Date.now());
    });
}""".replace("KERNEL", f"{NOTEBOOK}.sessionContext.session.kernel")
RUN = """async () => {
    const begun = performance.now();
    await jupyterapp.commands.execute('notebook:run-cell');
    return performance.now() - begun;
}"""


class Bench:
    """A notebook with a study in it."""

    def __init__(self, page: Page, path: Path, times: int) -> None:
        self.page, self.times = page, times
        self.notebook = Notebook(page, path, path.parent)
        self.moments = random.Random(0)
        self.notebook.run(0)
        page.evaluate(STAMPS)

    def button(self, name: str) -> Any:
        return self.notebook.cell(1).get_by_role("button", name=name, exact=True)

    def train(self) -> None:
        """Run the study in its cell, and wait until it trains."""
        self.notebook.start(1)
        self.button("Pause").wait_for()
        self.wait()

    def wait(self) -> None:
        self.page.wait_for_timeout(self.moments.uniform(700, 1200))

    def ended(self) -> None:
        """Wait until the study is paused and its cell has ended."""
        self.button("Resume").wait_for()
        while self.notebook.busy(1):
            self.page.wait_for_timeout(20)

    def handlers(self) -> list[float]:
        """From clicks on Pause, each in a cell that trains, to the handler."""
        taken = []
        for _ in range(self.times):
            self.train()
            self.page.evaluate("window.clicks = []")
            self.button("Pause").click()
            self.ended()
            handled = self.notebook.printed(3)
            clicked = self.page.evaluate("window.clicks")
            taken.append(float(handled.strip("[]")) - clicked[0])
            self.notebook.select(1)
        return taken

    def interrupts(self) -> list[float]:
        """From clicks on ■ to the kernel's idle."""
        taken = []
        for _ in range(self.times):
            self.train()
            self.page.evaluate("window.clicks = []; window.idle = []")
            self.page.get_by_role("button", name="Interrupt the kernel").click()
            self.ended()
            self.page.wait_for_function("window.idle.length")
            clicked, idle = self.page.evaluate("[window.clicks[0], window.idle.at(-1)]")
            taken.append(idle - clicked)
        return taken

    def cells(self) -> list[float]:
        """From running a cell to its end, while the study runs in the background."""
        self.train()
        self.button("Pause").click()
        self.ended()
        self.button("Resume").click()
        self.button("Pause").wait_for()
        taken = []
        for _ in range(self.times):
            self.notebook.select(2)
            self.page.wait_for_timeout(self.moments.uniform(200, 500))
            taken.append(self.page.evaluate(RUN))
        return taken


def row(name: str, taken: list[float], goal: int) -> str:
    """Median, 95th percentile and slowest."""
    ms = sorted(taken)
    high = ms[math.ceil(0.95 * len(ms)) - 1]
    return f"{name:44}{statistics.median(ms):8.0f}{high:8.0f}{ms[-1]:8.0f}{goal:8}"


def main() -> None:
    """Print the table."""
    times = int(sys.argv[1]) if sys.argv[1:] else 20
    waits: dict[str, tuple[Callable[[Bench], list[float]], int]] = {
        "click on Pause to its handler": (Bench.handlers, 100),
        "click on ■ to the kernel being free": (Bench.interrupts, 300),
        "running a cell to its end, in background": (Bench.cells, 150),
    }
    print(f"{f'{times} times, ms':44}{'median':>8}{'p95':>8}{'slowest':>8}{'goal':>8}")
    with contextlib.ExitStack() as stack:
        root, state = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in "ab")
        server = Server("jupyterlab", root, state)
        stack.callback(server.stop)
        server.wait()
        browser = stack.enter_context(launched())
        write(CELLS, root / "clicks.ipynb")
        for name, (measure, goal) in waits.items():
            page = browser.new_page(viewport={"width": 1280, "height": 1400})
            page.goto(f"{server.url}/{PLACES['jupyterlab']}/clicks.ipynb?token={TOKEN}&reset")
            page.wait_for_function(f"window.jupyterapp && {CONNECTED}")
            print(row(name, measure(Bench(page, root / "clicks.ipynb", times)), goal), flush=True)
            page.evaluate(f"{NOTEBOOK}.sessionContext.shutdown()")
            page.close()


if __name__ == "__main__":
    main()

"""What the extension adds to each letter typed in a ``%%tune`` cell of 500 lines.

Run ``python tests/benchmarks/typing_cost.py [LINES]``. Lines are typed letter by letter in the
middle of the cell, in a JupyterLab with the extension and in one without: milliseconds of the
page's main thread for a letter. *fast*: the letters come 60 ms apart, and the cell is looked at
when the line is there; *slow*: 300 ms apart, and it is looked at after each.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from lab_start import page_of, worked
from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

from conftest import PLACES, SHOWN, TOKEN, Server, launched, write

HEAD: Final = """%%tune study --minimize val_loss -n 40 -o 'bayes(kappa=2)'
lr: Float(1e-5, 1e-1, log=True) = 1e-3
width: Int(16, 512, log=True) = 64
"""
BLOCK: Final = """
def train_one(model, batch, lr=lr, width=width, *args, **kwargs):
    for i, (x, y) in enumerate(batch):
        loss = torch.nn.functional.cross_entropy(model(x.to(device)), y)
        if i % 100 == 0:
            print(f"step {i}: {loss.item():.3f}", [k for k in history if k > leak])
    return {"loss": loss, "x": x[1:3], "act": activation}
val_loss = train_one(model, loader)
"""
LINE: Final = "history.append((step, float(loss), [x[i] for i in order]))"
APART: Final = {"fast": 60, "slow": 300}  # ms
MIDDLE: Final = 31 * BLOCK.count("\n")  # the line that is empty there


def measured(browser: Browser, server: Server) -> dict[str, float]:
    """Milliseconds for a letter, by how fast they come."""
    took = {}
    with page_of(browser) as page:
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(f"{server.url}/{PLACES[server.application]}/long.ipynb?token={TOKEN}&reset")
        page.wait_for_function(f"window.restoredAt && ({SHOWN})")
        page.locator(".jp-Notebook .cm-content").first.click()
        page.keyboard.press("Control+Home")
        for _ in range(HEAD.count("\n") + MIDDLE):
            page.keyboard.press("ArrowDown")
        for name, apart in APART.items():
            page.keyboard.press("Enter")
            page.wait_for_timeout(1500)
            before = worked(devtools)
            page.keyboard.type(LINE, delay=apart)
            page.wait_for_timeout(1500)
            took[name] = (worked(devtools) - before) / len(LINE) * 1e3
    return took


def main() -> None:
    """Print the table."""
    times = max(int(sys.argv[1]) if len(sys.argv) > 1 else 5, 2)
    took: dict[str, list[dict[str, float]]] = {"without": [], "with": []}
    with (
        tempfile.TemporaryDirectory() as directory,
        launched() as browser,
        ExitStack() as stack,
    ):
        servers = {name: started(Path(directory) / name, name == "with", stack) for name in took}
        for place in range(times):  # in turns, since a machine is not as fast at all times
            for name in list(took)[:: 1 if place % 2 else -1]:
                took[name].append(measured(browser, servers[name]))
    print(f"ms of the main thread for a letter, medians of {times} pairs of {len(LINE)} letters")
    print(f"{'':6}{'without':>9}{'with':>9}{'added':>9}  (quartiles of the differences)")
    for each in APART:
        bare, ours = ([run[each] for run in took[name]] for name in took)
        added = [b - a for a, b in zip(bare, ours, strict=True)]
        low, middle, high = statistics.quantiles(added, n=4, method="inclusive")
        medians = f"{statistics.median(bare):9.1f}{statistics.median(ours):9.1f}"
        print(f"{each:6}{medians}{middle:+9.1f}  ({low:+.1f} to {high:+.1f})")


def started(folder: Path, extension: bool, stack: ExitStack) -> Server:
    """A server of a folder with one notebook of one long cell, until the stack is left."""
    (folder / "notebooks").mkdir(parents=True)
    write([HEAD + BLOCK * 62], folder / "notebooks" / "long.ipynb")
    server = Server("jupyterlab", folder / "notebooks", folder, extension=extension)
    stack.callback(server.stop)
    server.wait()
    return server


if __name__ == "__main__":
    main()

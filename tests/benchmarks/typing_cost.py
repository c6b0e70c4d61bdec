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
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    took: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as directory, launched() as browser:
        for name in ("without", "with"):
            folder = Path(directory) / name
            (folder / "notebooks").mkdir(parents=True)
            write([HEAD + BLOCK * 62], folder / "notebooks" / "long.ipynb")
            server = Server("jupyterlab", folder / "notebooks", folder, extension=name == "with")
            try:
                server.wait()
                runs = [measured(browser, server) for _ in range(times)]
            finally:
                server.stop()
            took[name] = {each: [run[each] for run in runs] for each in APART}
    print(f"ms of the main thread for a letter, medians of {times} lines of {len(LINE)} letters")
    print(f"{'':6}{'without':>9}{'with':>9}{'added':>9}")
    for each in APART:
        bare, ours = (statistics.median(took[name][each]) for name in ("without", "with"))
        print(f"{each:6}{bare:9.1f}{ours:9.1f}{ours - bare:9.1f}")


if __name__ == "__main__":
    main()

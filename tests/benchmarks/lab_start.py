"""What the extension adds to JupyterLab's start: ``python tests/benchmarks/lab_start.py [LOADS]``.

Two servers, of which one has the extension disabled, each with an empty folder. Loads with and
without alternate, each going first in turn: *cold* is a page in a browser that has cached nothing,
*warm* the same page loaded once more. A load's time is from navigation to the moment when
JupyterLab says that it has restored itself; *cpu* is what the page's main thread has worked by
then, less at the mercy of what else the machine does. *added* is the median difference of two
loads in succession, with its quartiles. Last, the extension's own files: fetched at the start, and
by notebooks that hold more and more of ours.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import nbformat
from playwright.sync_api import Browser, CDPSession, Page

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

from conftest import EXTENSION, PLACES, SHOWN, TOKEN, Server, launched, write
from studies import KEPT

import jupyter_hpo as hpo
from jupyter_hpo.view.kept import bundle

# Before any script of the page: note when it is restored, and have room for all that it fetches.
WATCH = """performance.setResourceTimingBufferSize(5000);
let app;
Object.defineProperty(window, 'jupyterapp', {
    get: () => app,
    set: given => {
        app = given;
        app.restored.then(() => { window.restoredAt = performance.now(); });
    },
});"""
FETCHED = f"""performance.getEntriesByType('resource')
    .filter(each => new URL(each.name).pathname.includes('/lab/extensions/{EXTENSION}/'))
    .filter(each => new URL(each.name).pathname.endsWith('.js'))
    .map(each => [each.transferSize, each.decodedBodySize])"""
SETTLED = 3_000  # ms in which a page fetches what it needs
TUNED = "%%tune --minimize loss\nlr: Float(0.0, 1.0) = 0.5\nloss = (lr - 0.3) ** 2\n"
KINDS: Final = ("cold", "warm", "cold, cpu", "warm, cpu")


class Load(NamedTuple):
    """ms from navigation until JupyterLab is restored, and the main thread's work in them."""

    restored: float
    cpu: float


@contextmanager
def page_of(browser: Browser) -> Iterator[Page]:
    """A page of a browser that has cached nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        yield page
    finally:
        context.close()


def worked(devtools: CDPSession) -> float:
    """Seconds that the page's main thread has worked, counted anew from each navigation."""
    found = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in found if each["name"] == "TaskDuration"))


def load(page: Page, devtools: CDPSession, url: str) -> Load:
    """Load it and wait until it is restored."""
    page.goto(url)
    restored = page.wait_for_function("window.restoredAt").json_value()
    return Load(restored, worked(devtools) * 1e3)


def measured(browser: Browser, server: Server) -> dict[str, float]:
    """A load of each kind."""
    url = f"{server.url}/{PLACES[server.application]}?token={TOKEN}&reset"
    with page_of(browser) as page:
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        cold, warm = load(page, devtools, url), load(page, devtools, url)
    return dict(zip(KINDS, (cold.restored, warm.restored, cold.cpu, warm.cpu), strict=True))


def fetched(browser: Browser, server: Server, notebook: str = "") -> str:
    """The extension's scripts that a page has fetched."""
    with page_of(browser) as page:
        page.goto(f"{server.url}/{PLACES[server.application]}/{notebook}?token={TOKEN}&reset")
        page.wait_for_function(
            f"window.restoredAt && ({SHOWN})" if notebook else "window.restoredAt"
        )
        page.wait_for_timeout(SETTLED)
        sizes = page.evaluate(FETCHED)
    sent, text = (sum(each[at] for each in sizes) / 1e3 for at in (0, 1))
    return f"{len(sizes):3} files {text:6.0f} kB, {sent:6.0f} kB sent"


def notebooks(folder: Path) -> list[str]:
    """Write notebooks that hold more and more of ours."""
    study = hpo.tune(lambda params: params["lr"], {"lr": hpo.Float(0.0, 1.0)}, trials=8)
    for name, cells in {"plain": ["1 + 1"], "tuned": [TUNED], "shown": [TUNED]}.items():
        write(cells, folder / f"{name}.ipynb")
    shown = nbformat.read(folder / "shown.ipynb", 4)
    kept = {KEPT: bundle(study.record, None, weighed=False)}
    shown.cells[0].outputs = [nbformat.v4.new_output("display_data", kept)]
    nbformat.write(shown, folder / "shown.ipynb")
    return ["plain", "tuned", "shown"]


def report(ours: dict[str, list[float]], bare: dict[str, list[float]]) -> None:
    """Print the times."""
    print(f"{'ms':10}{'without':>9}{'with':>9}{'ratio':>8}{'added':>8}  quartiles")
    for kind in KINDS:
        with_it, without = statistics.median(ours[kind]), statistics.median(bare[kind])
        pairs = [one - other for one, other in zip(ours[kind], bare[kind], strict=True)]
        low, middle, high = statistics.quantiles(pairs, n=4)
        row = f"{kind:10}{without:9.0f}{with_it:9.0f}{with_it / without:8.3f}"
        print(f"{row}{middle:8.0f}  {low:.0f} to {high:.0f}")


def main() -> None:
    """Print the tables."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as directory, launched() as browser:
        servers = []
        for name in ("with", "without"):
            folder = Path(directory) / name
            (folder / "notebooks").mkdir(parents=True)
            servers.append(
                Server("jupyterlab", folder / "notebooks", folder, extension=name == "with")
            )
        try:
            for server in servers:
                server.wait()
                measured(browser, server)
            took: list[dict[str, list[float]]] = [{kind: [] for kind in KINDS} for _ in servers]
            for turn in range(times):
                for at in (0, 1) if turn % 2 else (1, 0):
                    for kind, each in measured(browser, servers[at]).items():
                        took[at][kind].append(each)
            print(f"{times} loads of each, medians")
            report(*took)
            print("\nscripts of the extension")
            print(f"{'start':12}{fetched(browser, servers[0])}")
            for name in notebooks(servers[0].root):
                print(f"{name:12}{fetched(browser, servers[0], f'{name}.ipynb')}")
        finally:
            for server in servers:
                server.stop()


if __name__ == "__main__":
    main()

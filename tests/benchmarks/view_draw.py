"""What drawing an update costs the page: ``python tests/benchmarks/view_draw.py [PUSHES]``.

The view over a made-up study (`npm run build:view -- --demo` makes it), in headless Chromium,
1000 px wide. An update ends 20 trials and begins others. For each plot in the open tab: time of
the page's main thread per update in ms (script, style, layout and painting, as Chromium counts
its tasks), less what it does when nothing comes. The goal is 50 ms at 10,000 trials. Last, the
script's size, and the heap per trial after many updates: an open page must not grow by more than
the trials it shows.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

from conftest import launched

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "labextension/demo/index.html"
PERIOD = 250  # ms between two updates


def metric(devtools: CDPSession, name: str) -> float:
    """One of Chromium's own measures."""
    found = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in found if each["name"] == name))


def busy(page: Page, devtools: CDPSession, times: int, action: str) -> float:
    """Seconds of the main thread's tasks while an action is done so often."""
    before = metric(devtools, "TaskDuration")
    for _ in range(times):
        page.evaluate(action)
        page.wait_for_timeout(PERIOD)
    return metric(devtools, "TaskDuration") - before


def heap(devtools: CDPSession) -> float:
    """Bytes of the page's objects that something refers to."""
    devtools.send("HeapProfiler.collectGarbage")
    return metric(devtools, "JSHeapUsedSize")


def opened(browser: Any, trials: int) -> tuple[Page, CDPSession]:
    """A page that shows a study of so many trials."""
    page = browser.new_page(viewport={"width": 1000, "height": 1000})
    page.goto(f"{DEMO.as_uri()}?trials={trials}&total={2 * trials}")
    page.get_by_role("grid").wait_for()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    return page, devtools


def main() -> None:
    """Print the table."""
    pushes = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    with launched() as browser:
        for trials in (1_000, 10_000):
            page, devtools = opened(browser, trials)
            tabs = page.get_by_role("tab")
            print(f"{trials:6,} trials, an update of 20:")
            for tab in [tabs.nth(n) for n in range(tabs.count())]:
                tab.click()
                page.wait_for_timeout(1500)
                busy(page, devtools, 2, "demo.push(20)")
                idle = busy(page, devtools, pushes, "0")
                took = (busy(page, devtools, pushes, "demo.push(20)") - idle) / pushes * 1e3
                print(f"        {tab.inner_text():12} {took:6.1f} ms")
            page.close()
        page, devtools = opened(browser, 1_000)
        for round_ in range(3):
            before = heap(devtools)
            page.evaluate(
                "async () => { for (let i = 0; i < 100; i++) { demo.push(20);"
                " await new Promise(done => setTimeout(done, 20)); } }"
            )
            grown = (heap(devtools) - before) / 2_000
            print(f"heap: {grown:6.0f} bytes per trial in the updates from {round_ * 100} on")
    script = (ROOT / "jupyter_hpo/view/assets/view.js").read_bytes()
    print(
        f"script: {len(script) / 1e3:.0f} kB, {len(gzip.compress(script, 9)) / 1e3:.0f} kB gzipped"
    )


if __name__ == "__main__":
    main()

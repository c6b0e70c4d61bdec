"""What ``%%tune`` costs: milliseconds per trial over the same code in a plain loop.

Run ``python tests/benchmarks/overhead.py``. One real kernel with torch and pandas imported runs the
loop and then the studies, each stored on the disk of the working directory; the figures are of the
50 trials from the 100th stored one on. The goal is 2 ms. The live view draws from a thread of its
own, up to four times a second: it shows in the mean rather than in the median. With ``--profile``
the quiet study runs under cProfile once more, and its costliest functions are listed.
"""

from __future__ import annotations

import json
import sys
import tempfile

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

STORED, MEASURED = 100, 50
SETUP = """
%load_ext jupyter_hpo
import json, statistics, time
import pandas, torch
torch.set_num_threads(1)
x, stamps = torch.randn(256, 64), []

def figures():
    took = [1e3 * (b - a) for a, b in zip(stamps[-51:], stamps[-50:])]
    stamps.clear()
    print(json.dumps([statistics.median(took), statistics.fmean(took), max(took)]))
"""
# the stamp comes first, so that a step from one to the next holds all that is done for a trial
BODY = """stamps.append(time.perf_counter())
model = torch.nn.Linear(64, 1)
for epoch in range(10):
    loss = (lr * model(x) - 1).square().mean()
    loss.backward()
    val_loss = loss.item()
"""
LOOP = f"for number in range({STORED + MEASURED}):\n    lr = 0.1\n" + "".join(
    f"    {line}\n" for line in BODY.splitlines()
)
TUNED = "lr: Float(1e-4, 1.0, log=True) = 0.1\n" + BODY
LINE = f"--minimize val_loss --trials {STORED + MEASURED} --shared stamps -o random"
CASES = {
    "plain loop": LOOP,
    "%%tune --quiet --store none": f"%%tune a {LINE} --quiet --store none\n{TUNED}",
    "%%tune --quiet": f"%%tune b {LINE} --quiet\n{TUNED}",
    "%%tune with the live view": f"%%tune c {LINE}\n{TUNED}",
    "plain loop again": LOOP,
}
PROFILE = f"""
import cProfile, pstats
line, cell = {LINE + " --quiet"!r}, {TUNED!r}
with cProfile.Profile() as profile:
    get_ipython().run_cell_magic("tune", "d " + line, cell)
pstats.Stats(profile).sort_stats("tottime").print_stats(25)
"""


def run(client: BlockingKernelClient, code: str) -> str:
    """Run a cell and return what it printed."""
    printed: list[str] = []

    def hear(message: dict[str, dict[str, str]]) -> None:
        printed.append(message["content"].get("text", ""))

    reply = client.execute_interactive(code, timeout=300, output_hook=hear)
    if reply["content"]["status"] != "ok":
        raise SystemExit("\n".join(reply["content"]["traceback"]))
    return "".join(printed)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        manager, client = start_new_kernel(cwd=folder)
        try:
            run(client, SETUP)
            found: dict[str, list[float]] = {}
            for name, code in CASES.items():
                run(client, code)
                found[name] = json.loads(run(client, "figures()"))
            profile = run(client, PROFILE) if "--profile" in sys.argv else ""
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    loops = [numbers for name, numbers in found.items() if name.startswith("plain")]
    base = min(median for median, _, _ in loops), min(mean for _, mean, _ in loops)
    print(f"{'ms per trial':30} {'median':>8} {'mean':>8} {'longest':>8}   over the faster loop")
    for name, (median, mean, longest) in found.items():
        over = f"median {median - base[0]:+.2f}, mean {mean - base[1]:+.2f}"
        print(f"{name:30} {median:8.2f} {mean:8.2f} {longest:8.2f}   {over}")
    print(profile, end="")


if __name__ == "__main__":
    main()

"""How soon the panel "Studies" is answered while a study's cell blocks the kernel: milliseconds.

Run ``python tests/benchmarks/panel_clicks.py [CLICKS]``. One real kernel trains networks with torch
in a foreground study. *list* is from the sending of the panel's question for all studies to the
arrival of the list; *pause* from the sending of a click on Pause to the answer, and to the message
that the study stands still. The goal is 100 ms for the 95th percentile of the answers.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))
from clicks import row
from kernels import Kernel
from pages import Panel

SETUP = """
import torch
torch.set_num_threads(1)
torch.set_flush_denormal(True)  # a network that has learned all by heart would be slow
x, y = torch.randn(256, 784), torch.randint(0, 10, (256,))
"""
CELL = """%%tune study --minimize loss -n 10000 -o random --store none --pruner none
lr: Float(1e-4, 1e-1, log=True) = 1e-3
model = torch.nn.Sequential(torch.nn.Linear(784, 512), torch.nn.ReLU(), torch.nn.Linear(512, 10))
optimizer = torch.optim.Adam(model.parameters(), lr)
for epoch in range(5):
    for step in range(20):
        optimizer.zero_grad()
        batch_loss = torch.nn.functional.cross_entropy(model(x), y)
        batch_loss.backward()
        optimizer.step()
    loss = batch_loss.item()
"""


def taken(act: Callable[[], object]) -> float:
    """Seconds that something takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def hello(panel: Panel) -> None:
    """Ask for the list and wait for it."""
    seen = len(panel.messages)
    panel.say({"kind": "hello"})
    panel.until(lambda: any(each["kind"] == "list" for each in panel.messages[seen:]))


def main() -> None:
    """Print the table."""
    clicks = int(sys.argv[1]) if sys.argv[1:] else 100
    moments = random.Random(0)
    lists, answers, stands = [], [], []
    with tempfile.TemporaryDirectory() as directory:
        kernel = Kernel(Path(directory))
        try:
            kernel.run("import os; os.environ['OMP_NUM_THREADS'] = '1'" + SETUP)
            for _ in range(max(clicks // 10, 1)):
                running = kernel.start(CELL, person=True)
                panel = Panel(kernel)
                panel.until(lambda: panel.named("study")["done"] > 1)  # noqa: B023  # used at once
                for _ in range(10):
                    time.sleep(moments.uniform(0.02, 0.2))
                    lists.append(taken(lambda: hello(panel)))  # noqa: B023
                start = time.perf_counter()
                panel.ask("study", "pause")
                answers.append(time.perf_counter() - start)
                panel.until(lambda: panel.named("study")["state"] == "paused")  # noqa: B023
                stands.append(time.perf_counter() - start)
                running.finish()
        finally:
            kernel.close()
    print("ms: median, p95 and slowest")
    for name, each in {"list": lists, "pause": answers, "stands still": stands}.items():
        print(f"{name:14}{len(each):5} {row(each)}")


if __name__ == "__main__":
    main()

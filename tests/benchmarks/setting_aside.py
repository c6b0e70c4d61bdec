"""Setting trials aside: what a turn costs, and what trials hold while they wait.

Run ``python tests/benchmarks/setting_aside.py``. Trials of a small torch model take turns at every
epoch, with 0 and with 30 of them waiting, against the same trials one after the other. Then so
many trials with a model of about 4 MB (16 MB with its gradients and Adam's state) wait at once.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import statistics
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "laws")]

from parked import Notebook  # noqa: E402
from parking_law import prepared  # noqa: E402
from promoting import Rounds  # noqa: E402

from jupyter_hpo.pruners.none import Never  # noqa: E402
from jupyter_hpo.resources import frozen_heap, resident  # noqa: E402

SMALL = """
lr: LR = 0.01
model = make_model(32)
optimizer = torch.optim.Adam(model.parameters(), lr)
for epoch in range(20):
    train_one_epoch(model, optimizer)
    loss = evaluate(model)
"""
LARGE = """
lr: LR = 0.01
model = nn.Linear(1000, 1000)
optimizer = torch.optim.Adam(model.parameters(), lr)
for epoch in range(3):
    optimizer.zero_grad()
    error = model(torch.ones(1, 1000)).pow(2).mean()
    error.backward()
    optimizer.step()
    loss = error.item()
    look()
"""


def seconds(notebook: Notebook, trials: int, first: int | None) -> float:
    """CPU time of a study whose trials take turns once `first` wait; None: one after the other."""
    pruner = Never() if first is None else Rounds(first=first)
    sitting = notebook.study(SMALL, trials=trials, pruner=pruner)
    began = time.process_time()
    sitting.drive()
    return time.process_time() - began


def held(notebook: Notebook, waiting: int) -> tuple[float, float]:
    """MB by which the process has grown with so many trials waiting, and once they have ended."""
    sizes: list[int] = []
    notebook.names["look"] = lambda: sizes.append(resident() or 0)
    sitting = notebook.study(LARGE, trials=waiting + 1, pruner=Rounds())
    sitting.runner.room.host_room = lambda: 1.0
    before = _size()
    sitting.drive()
    return (max(sizes) - before) / 1e6, (_size() - before) / 1e6


def _size() -> int:
    """Bytes of the process, without what the C library keeps for later."""
    gc.collect()
    if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)
    return resident() or 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=31)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    notebook = prepared()
    turns = 20 * asked.trials
    with frozen_heap():
        for first, what in ((1, "one waits"), (asked.trials, f"{asked.trials - 1} wait")):
            lost = []
            for _ in range(asked.times):
                plain = seconds(notebook, asked.trials, None)
                lost.append((seconds(notebook, asked.trials, first) - plain, plain))
            each = statistics.median(more / turns * 1e3 for more, _ in lost)
            share = statistics.median(more / plain for more, plain in lost)
            print(
                f"a turn, {what}: {each:.2f} ms; {share:+.1%} of {turns} epochs one after the other"
            )
        for waiting in (10, 30):
            most, left = held(notebook, waiting)
            print(f"{waiting} wait: {most / waiting:.1f} MB each, {left:+.1f} MB after the study")


if __name__ == "__main__":
    main()

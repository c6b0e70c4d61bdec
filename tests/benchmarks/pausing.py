"""What pausing costs: a background study, the user's cells meanwhile, and ■ to a free kernel.

    python tests/benchmarks/pausing.py [ROUNDS]

Throughput is the time of one and the same study in the background, in the foreground, and as
a plain loop without `%%tune`, in turn in one kernel, one thread of torch each.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))
from kernels import Kernel

LOOP = """\
torch.manual_seed(0)
layers = [nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1)]
model = nn.Sequential(*layers)
optimizer = torch.optim.Adam(model.parameters(), lr)
for epoch in range(30):
    for batch in range(100):
        optimizer.zero_grad()
        ((model(data) - 1) ** 2).mean().backward()
        optimizer.step()
    loss = float(((model(data) - 1) ** 2).mean())
"""
SETUP = """\
import time, torch
from torch import nn
torch.set_num_threads(1)
data = torch.randn(64, 64)
lr = 1e-3
"""
TRIALS = 4
STUDY = f"%%tune s --minimize loss -n {TRIALS} -o random --store none --quiet --shared data {{}}\n"
DECLARED = "lr: Float(1e-4, 1e-2, log=True) = 1e-3\n"
PLAIN = f"for again in range({TRIALS}):\n" + "".join(f"    {line}\n" for line in LOOP.splitlines())


def seconds(kernel: Kernel, kind: str) -> float:
    """How long one study takes, or the plain loop."""
    began = time.perf_counter()
    if kind == "plain":
        shown = kernel.run(PLAIN)
    else:
        shown = kernel.run(STUDY.format("-b" if kind == "background" else "") + DECLARED + LOOP)
    assert shown.error is None, shown.told
    while kind == "background":
        time.sleep(3)  # each look is a cell of the user's, and takes time of the study's
        if kernel.value("s.state") == "'finished'":
            info = "s.record.info"
            return float(kernel.value(f"{info}.elapsed"))
    return time.perf_counter() - began


def throughput(kernel: Kernel, rounds: int) -> None:
    took: dict[str, list[float]] = {"plain": [], "foreground": [], "background": []}
    for kind in took:
        seconds(kernel, kind)  # imports, caches
    for _ in range(rounds):
        for kind, times in took.items():
            times.append(seconds(kernel, kind))
    plain = statistics.median(took["plain"])
    for kind, times in took.items():
        middle = statistics.median(times)
        print(f"{kind:<11} {middle:6.2f} s   {middle / plain:.3f} of plain")
    each = statistics.median(
        b / f for b, f in zip(took["background"], took["foreground"], strict=True)
    )
    print(f"background : foreground, round by round, median {each:.3f}")


def line(name: str, times: list[float]) -> None:
    ordered = sorted(1e3 * t for t in times)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    print(
        f"{name}: median {statistics.median(ordered):.0f} ms, p95 {p95:.0f}, max {ordered[-1]:.0f}"
    )


def cells(kernel: Kernel, count: int = 60) -> None:
    """The user's cells while a study runs in the background."""
    kernel.run(STUDY.format("-b").replace(f"-n {TRIALS}", "-n 1000") + DECLARED + LOOP)
    times = []
    for _ in range(count):
        time.sleep(random.uniform(0.05, 0.25))  # slices and cells must not march in step
        began = time.perf_counter()
        kernel.run("1 + 1")
        times.append(time.perf_counter() - began)
    kernel.run("s.stop()")
    line("the user's cell while a study runs in the background", times)


def interrupts(kernel: Kernel, count: int = 20) -> None:
    """From ■ to the cell's end, while torch trains."""
    times = []
    for _ in range(count):
        cell = kernel.start(STUDY.format("") + DECLARED + "mark('on')\n" + LOOP, person=True)
        cell.marked("on")
        time.sleep(0.3)
        began = time.perf_counter()
        kernel.interrupt()
        shown = cell.finish()
        times.append(time.perf_counter() - began)
        assert shown.error is not None and "parked" in shown.told, shown.told
    line("■ to a free kernel", times)


def main() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        kernel = Kernel(Path(folder))
        kernel.run(SETUP)
        throughput(kernel, rounds)
        cells(kernel)
        interrupts(kernel)
        kernel.close()


if __name__ == "__main__":
    main()

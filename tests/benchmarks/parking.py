"""Pausing: how many parks the law survives, how fast they are, and what they cost.

Run ``python tests/benchmarks/parking.py --parks 10000``. It parks the training cells of the law at
random lines with random user's cells in between until so many parks are survived, every result
compared bit for bit with the unparked run. Then it measures the time from a request to a parked
trial, the time lost by a trial that is never parked, by one in slices of 50 ms, and the memory held
after trials that were parked and stopped.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import sys
import threading
import time
import warnings
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "laws")]

from parked import Notebook, planned, traces_left  # noqa: E402
from parking_cells import SLOW_TRIALS, TRIALS, USERS  # noqa: E402
from parking_law import parked, prepared, running_loop, unparked  # noqa: E402
from users_state import undone  # noqa: E402

from jupyter_hpo.resources import frozen_heap, resident  # noqa: E402

LOOP = """
lr: LR = 0.01
model = make_model(32)
optimizer = torch.optim.Adam(model.parameters(), lr)
for epoch in range({epochs}):
    train_one_epoch(model, optimizer)
    loss = evaluate(model)
"""
EPOCHS = 2000  # about 2 s


def survive(notebook: Notebook, wanted: int, seed: int) -> tuple[int, int]:
    """Park until `wanted` parks are survived; how many they were, in how many trials."""
    chance, plain = random.Random(seed), {}
    cells = {**TRIALS, **SLOW_TRIALS}
    parks = trials = 0
    while parks < wanted:
        # the slow ones are a hundredth
        kind = SLOW_TRIALS if chance.random() < 0.01 else TRIALS
        name = chance.choice(list(kind))
        with undone(notebook.names):
            if name not in plain:
                plain[name] = unparked(notebook, cells[name])
        often = chance.choice([1, 3, 10, 30])
        plan = [chance.randint(1, often) for _ in range(200)]
        users = chance.choices(list(USERS), k=chance.randint(1, 12))
        with undone(notebook.names):
            if chance.random() < 0.5:
                with running_loop():
                    result, times = parked(notebook, cells[name], plan, [USERS[u] for u in users])
            else:
                result, times = parked(notebook, cells[name], plan, [USERS[u] for u in users])
        if result != plain[name]:
            raise SystemExit(f"the law is broken: {name!r} with {plan} and {users}")
        parks, trials = parks + times, trials + 1
    return parks, trials


def latencies(notebook: Notebook, times: int) -> list[float]:
    """Milliseconds from a request on another thread to the cell having this one again."""
    found: list[float] = []
    sitting = notebook.study(LOOP.format(epochs=10**9))
    chance = random.Random(0)
    asked = [0.0]

    def ask() -> None:
        while not sitting.running:
            time.sleep(0.001)
        time.sleep(chance.uniform(0.03, 0.06))
        asked[0] = time.perf_counter()
        sitting.pause()

    for _ in range(times):
        thread = threading.Thread(target=ask)
        thread.start()
        sitting.drive()
        found.append((time.perf_counter() - asked[0]) * 1e3)
        thread.join()
    sitting.stop()
    return found


def plainly(notebook: Notebook) -> float:
    """Seconds of the loop as an ordinary cell."""
    text = LOOP.format(epochs=EPOCHS).replace("lr: LR = 0.01", "lr = 0.01")
    began = time.perf_counter()
    notebook.run(text)
    return time.perf_counter() - began


def tuned(notebook: Notebook, seconds: float | None) -> tuple[float, float]:
    """Seconds of the loop in its trial, and how much longer a slice takes than it was to."""
    sitting = notebook.study(LOOP.format(epochs=EPOCHS))
    slices = []
    while sitting.live:
        began = time.perf_counter()
        sitting.slice(seconds)
        slices.append(time.perf_counter() - began)
    # the last one ends the study, and looks for garbage
    own = sum(trial.duration or 0.0 for trial in sitting.runner.record.trials)
    return own, sum(slices[:-2]) / max(len(slices[:-2]) * (seconds or 1), 1e-9)


def memory(notebook: Notebook, trials: int) -> None:
    """Print the memory held after trials that were parked and stopped."""
    text = LOOP.format(epochs=10).replace("make_model(32)", "make_model(100_000)")  # 3 MB
    before = traces_left()
    for number in range(trials + 1):
        if number in (0, trials // 100, trials // 10, trials):
            gc.collect()
            print(f"  {(resident() or 0) / 2**20:7.0f} MB after {number}", flush=True)
        with undone(notebook.names):
            sitting, _ = planned(notebook, text, [10 + number % 50])
            sitting.slice()
            sitting.stop()
            del sitting, _
    print(f"  left behind: {traces_left()}, before: {before}")


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--parks", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--stopped", type=int, default=1_000)
    asked = options.parse_args()
    warnings.simplefilter("ignore")
    notebook = prepared()
    with frozen_heap():
        began = time.perf_counter()
        parks, trials = survive(notebook, asked.parks, asked.seed)
        took = time.perf_counter() - began
        print(f"parks survived: {parks:,} in {trials:,} trials ({took:.0f} s)", flush=True)
        found = sorted(latencies(notebook, 100))
        middle, high = statistics.median(found), found[int(0.95 * len(found))]
        print(f"request to parked: median {middle:.2f}, p95 {high:.2f}, max {found[-1]:.2f} ms")
        runs = [(plainly(notebook), tuned(notebook, None), tuned(notebook, 0.05)) for _ in range(5)]
        plain = min(run[0] for run in runs)
        never, own = min(run[1][0] for run in runs), min(run[2][0] for run in runs)
        longer = min(run[2][1] for run in runs)
        print(f"never parked: {never / plain - 1:+.1%} of the time of a plain cell")
        print(f"in slices of 50 ms: {own * longer / plain - 1:+.1%}", flush=True)
        print("memory after trials that were parked and stopped:")
        memory(notebook, asked.stopped)


if __name__ == "__main__":
    main()

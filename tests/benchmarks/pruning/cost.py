"""What one decision costs: microseconds for each report of a trial, next to Optuna's.

``python cost.py [--reports 27,1000] [--trials 10,100,1000]``

Trials before, all complete, have made all their reports. For each of some more, every report
is added and judged until the trial ends. Given are the median of all decisions, and, as
``first``, the mean over the first of these trials: ours put together what the others
reported at a step when they are first asked about it.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import time
from itertools import chain
from statistics import fmean, median
from typing import Any

import numpy as np
import peers
from policies import Ours

OURS = ("none", "threshold", "patience", "median", "asha", "auto")
THEIRS = ("optuna-median", "optuna-percentile", "optuna-patient")
ASKED = 10  # trials that are timed
ENOUGH = 5.0  # seconds


def curve(number: int, reports: int) -> list[float]:
    """A trial that gets better, noisily."""
    rng = np.random.default_rng(number)
    noise = 0.01 * rng.standard_normal(reports)
    return (rng.random() + 1.0 / (1.0 + np.arange(reports)) + noise).tolist()


def tell(judge: Any, values: list[float]) -> None:
    """A complete trial, without being asked about it."""
    if isinstance(judge, peers.Optuna):
        judge.add(values)
        return
    judge.begin()
    judge.add(values)
    judge.end(values[-1])


def timed(judge: Any, values: list[float]) -> list[float]:
    """Seconds of each decision about a trial, which is good enough to go on for long."""
    found = []
    judge.begin()
    for step, value in enumerate(values):
        start = time.perf_counter()
        ended = judge.report(step, value)
        found.append(time.perf_counter() - start)
        if ended:
            judge.end(None)
            return found
    judge.end(values[-1])
    return found


def cost(name: str, trials: int, reports: int) -> tuple[float, float]:
    """Microseconds: the usual decision, and those about the first trial."""
    judge = peers.TABLE[name]() if name in peers.TABLE else Ours(name)
    for number in range(trials):
        tell(judge, curve(number, reports))
    found: list[list[float]] = []
    start = time.perf_counter()
    while len(found) < ASKED and time.perf_counter() - start < ENOUGH:
        better = [value - 0.5 for value in curve(trials + len(found), reports)]
        found.append(timed(judge, better))
    return 1e6 * median(chain(*found)), 1e6 * fmean(found[0])


def main() -> None:
    """Print a table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    numbers = {"type": lambda text: [int(n) for n in text.split(",")]}
    parser.add_argument("--reports", default=[27, 1000], **numbers)
    parser.add_argument("--trials", default=[10, 100, 1000], **numbers)
    asked = parser.parse_args()
    for reports in asked.reports:
        print(f"\n{f'{reports} reports':20}", end="")
        print("".join(f"{f'{n} trials (first)':>22}" for n in asked.trials))
        for name in (*OURS, *THEIRS):
            print(f"{name:20}", end="", flush=True)
            for trials in asked.trials:
                usual, first = cost(name, trials, reports)
                print(f"{f'{usual:.1f} ({first:.1f})':>22}", end="", flush=True)
            print()


if __name__ == "__main__":
    main()

"""What one decision costs: microseconds for each report of a trial, next to Optuna's.

``python cost.py [--reports 27,1000] [--trials 10,100,1000]``

Trials before, all complete, have made all their reports. For each of some more, every report
is added and judged until the trial ends. Given are the median of all decisions, and, as
``first``, the mean over the first of these trials: ours put together what the others
reported at a step when they are first asked about it. Of pruners that set trials aside,
both questions about a report; then milliseconds to choose whom to go on with, where nine in ten of
the trials stand still at one of the rungs.
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

from jupyter_hpo.curves import Curve
from tests.benchmarks.listed import listed

OURS = ("none", "threshold", "patience", "median", "asha(promote=False)", "auto")
PARK = ("auto(promote=True)", "asha", "hyperband", "screen", "freezethaw")
RUNGS = (27, 9, 3)  # trials stand still after one in so many of their reports
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
    asked = judge.judge if isinstance(judge, Ours) else judge.report
    for step, value in enumerate(values):
        start = time.perf_counter()
        ended = asked(step, value)
        found.append(time.perf_counter() - start)
        if ended and not (isinstance(judge, Ours) and judge.parks):  # it goes on at once
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


def choice(name: str, trials: int, reports: int) -> float:
    """Milliseconds to choose whom to go on with."""
    judge, waiting = Ours(name), []
    for number in range(trials):
        values = curve(number, reports)
        if number % 10 == 0:
            tell(judge, values)
        else:
            judge.begin()
            some = values[: max(reports // RUNGS[number % len(RUNGS)], 1)]
            waiting.append(Curve(number, dict(enumerate(some))))
    found: list[float] = []
    while len(found) < ASKED and sum(found) < ENOUGH:
        start = time.perf_counter()
        judge.chosen(waiting)
        found.append(time.perf_counter() - start)
    return 1e3 * median(found)


def main() -> None:
    """Print a table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    numbers = {"type": lambda text: [int(n) for n in text.split(",")]}
    parser.add_argument("--reports", default=[27, 1000], **numbers)
    parser.add_argument("--trials", default=[10, 100, 1000], **numbers)
    parser.add_argument("--peers", type=listed, default=list(THEIRS), metavar="A,B,…")
    asked = parser.parse_args()
    for reports in asked.reports:
        print(f"\n{f'{reports} reports':20}", end="")
        print("".join(f"{f'{n} trials (first)':>22}" for n in asked.trials))
        for name in (*OURS, *PARK, *asked.peers):
            print(f"{name:20}", end="", flush=True)
            for trials in asked.trials:
                usual, first = cost(name, trials, reports)
                print(f"{f'{usual:.1f} ({first:.1f})':>22}", end="", flush=True)
            print()
        print("whom to go on with, ms")
        for name in PARK:
            print(f"{name:20}", end="", flush=True)
            for trials in asked.trials:
                print(f"{choice(name, trials, reports):22.2f}", end="", flush=True)
            print()


if __name__ == "__main__":
    main()

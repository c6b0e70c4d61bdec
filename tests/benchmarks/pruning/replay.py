"""Replay recorded trials in random orders: whom does each policy pick, after how many epochs?

``python replay.py --policies none,auto,screen-1 --split dev --out results.jsonl``

A line of JSON for each policy, task and kind of reports: for each order, the epochs after which
the pick changed and its two regrets (see `runs.Run`) from there on. The pick is the complete
trial with the best value. With ``--trials 20,40`` also a line for studies of so many trials, which
may know it: for each order, all epochs and the regrets of the last pick. What the file has
already is skipped.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import time
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any

from policies import ENDLESS, Policy, find
from runs import KINDS, WORST, Run, runs
from tasks import TASKS, Task

from tests.benchmarks.listed import listed

BUDGET = 1080  # epochs: 40 whole trials
GRID = range(27, BUDGET + 1, 27)
Changes = list[tuple[int, tuple[float, float]]]


def picks(ended: Iterable[tuple[int, Run | None]]) -> Changes:
    """Epochs and regrets, wherever the pick changes."""
    best, changes = None, []
    for spent, run in ended:
        if run is not None and (best is None or run.value < best.value):
            best = run
            changes.append((spent, run.regret))
    return changes


def replay(policy: Policy, trials: list[Run]) -> Changes:
    """All changes up to the largest budget."""
    if hasattr(policy, "sizes"):
        ended = policy(trials, BUDGET)
        return [(spent, run.regret) for spent, run in ended if run is not None]
    if not hasattr(policy, "budgeted"):
        return picks(policy(trials, BUDGET))
    found = ((budget, picks(policy(trials, budget))) for budget in GRID)
    return [(budget, changes[-1][1]) for budget, changes in found if changes]


def study(policy: Policy, trials: list[Run]) -> tuple[int, tuple[float, float]]:
    """All epochs of a study of these trials, and what its pick is worth."""
    ended = list(policy(trials, ENDLESS))
    changes = picks(ended)
    return ended[-1][0], changes[-1][1] if changes else (WORST, WORST)


def play(name: str, task: Task, kind: str, trials: int | None, orders: int) -> dict[str, Any]:
    """What is written of one policy and task."""
    policy, start = find(name, study=trials is not None), time.process_time()
    order = (runs(task, number, kind) for number in range(orders))
    found: dict[str, Any] = {"orders": orders}
    if trials is None:
        found["changes"] = [replay(policy, each) for each in order]
    else:
        found["ends"] = [study(policy, each[:trials]) for each in order]
    return {**found, "seconds": round(time.process_time() - start, 1)}


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--policies", type=listed, required=True, metavar="A,B,…")
    parser.add_argument("--split", choices=("dev", "test", "all"), default="dev")
    parser.add_argument("--tasks", default="", help="only names that contain this")
    parser.add_argument("--kinds", type=listed, default=["epochs"], help=", ".join(KINDS))
    parser.add_argument("--trials", type=listed, default=[], help="of studies, besides budgets")
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--label", default="", help="tells versions of ours apart: auto@LABEL")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def main() -> None:
    """Do what is missing in the file."""
    asked = arguments()
    there = asked.out.read_text().splitlines() if asked.out.exists() else []
    keys = ("policy", "task", "kind", "trials")
    done = {tuple(line.get(key) for key in keys) for line in map(json.loads, there)}
    tasks = [t for t in TASKS if asked.split in ("all", t.split) and asked.tasks in t.name]
    sizes = [None, *map(int, asked.trials)]
    todo = product(asked.kinds, asked.policies, sizes, tasks)
    for kind, name, trials, task in todo:
        label = f"{name}@{asked.label}" if asked.label else name
        if (label, task.name, kind, trials) in done:
            continue
        line = {"policy": label, "task": task.name, "split": task.split, "kind": kind}
        line |= {"trials": trials, **play(name, task, kind, trials, asked.orders)}
        with asked.out.open("a") as file:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
        print(f"{label} {task.name} {kind} {trials or ''}: {line['seconds']} s", flush=True)


if __name__ == "__main__":
    main()

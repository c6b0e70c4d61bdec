"""Tables of what `replay.py` wrote: ``python report.py results.jsonl [--tasks]``.

Mean regret of the pick (0 the best trial of all, 1 the median one; 2 at most, and without a
pick) with its standard error over the orders, after some budgets; then the epochs after which
the mean over all tasks is at most that of full training at the largest budget, with a 90 %
interval (bootstrap over orders), and how much less that is. Last, of studies of so many
trials, the regret in the end and all epochs.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from replay import BUDGET
from runs import WORST

AT = (135, 270, 540, 1080)
STEPS = np.arange(9, BUDGET + 1, 9)
DRAWS = 400


def regrets(line: dict[str, Any], seen: bool) -> Any:
    """An array of orders by STEPS."""
    rows = np.full((len(line["changes"]), len(STEPS)), WORST)
    for row, changes in zip(rows, line["changes"], strict=True):
        for spent, both in changes:
            row[np.searchsorted(STEPS, spent) :] = both[seen]
    return rows


def loaded(files: list[Path], split: str, kind: str, seen: bool) -> dict[str, dict[str, Any]]:
    """By policy and task."""
    found: dict[str, dict[str, Any]] = {}
    for file in files:
        for line in map(json.loads, file.read_text().splitlines()):
            chosen = line["kind"] == kind and split in ("all", line["split"])
            if chosen and not line.get("trials"):
                found.setdefault(line["policy"], {})[line["task"]] = regrets(line, seen)
    return found


def cell(rows: Any, epochs: int) -> str:
    """Mean and standard error."""
    there = rows[:, np.searchsorted(STEPS, epochs)]
    return f"{there.mean():8.3f} ±{there.std(ddof=1) / len(there) ** 0.5:.3f}"


def over_tasks(each: dict[str, Any]) -> Any:
    """Mean of the tasks, by order: those that all tasks have."""
    orders = min(len(rows) for rows in each.values())
    return np.mean([rows[:orders] for rows in each.values()], axis=0)


def first(rows: Any, target: float) -> float:
    """Epochs that it takes the mean to get there."""
    there = rows.mean(0) <= target + 1e-9
    return float(STEPS[there.argmax()]) if there.any() else np.inf


def needed(rows: Any, full: Any) -> str:
    """Epochs to match full training, with an interval."""
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        mine, theirs = (r[rng.integers(0, len(r), len(r))] for r in (rows, full))
        drawn.append(first(mine, theirs[:, -1].mean()))
    low, high = np.quantile(drawn, [0.05, 0.95], method="nearest")
    epochs = first(rows, full[:, -1].mean())
    if np.isinf(epochs):
        return f" never ({low:.0f} to {high:.0f})"
    return f"{epochs:6.0f} ({low:.0f} to {high:.0f}), 1/{BUDGET / epochs:.1f}"


def table(found: dict[str, dict[str, Any]], task: str) -> None:
    """One row for each policy."""
    print(f"\n{task or 'all tasks':34}" + "".join(f"{f'{n} epochs':>16}" for n in AT), end="")
    print("" if task else "   to match full training")
    for policy, each in found.items():
        if task and task not in each:
            continue
        rows = each[task] if task else over_tasks(each)
        print(f"{policy:34}" + "".join(f"{cell(rows, n):>16}" for n in AT), end="   ")
        full = None if task else found.get("none")
        print(needed(rows, over_tasks(full)) if full else "")


def studies(files: list[Path], split: str, kind: str) -> None:
    """One row for each policy that was replayed with studies of some number of trials."""
    found: dict[str, dict[int, list[Any]]] = {}
    for line in (json.loads(text) for file in files for text in file.read_text().splitlines()):
        if line["kind"] == kind and split in ("all", line["split"]) and line.get("trials"):
            ends = [(epochs, *both) for epochs, both in line["ends"]]
            found.setdefault(line["policy"], {}).setdefault(line["trials"], []).append(ends)
    sizes = sorted({size for each in found.values() for size in each})
    print("\ntrue / value, epochs".ljust(35) + "".join(f"{f'{n} trials':>24}" for n in sizes))
    for policy, each in found.items():
        print(f"{policy:34}", end="")
        for size in sizes:
            if size not in each:
                print(f"{'-':>24}", end="")
                continue
            cells = np.mean([np.mean(ends, axis=0) for ends in each[size]], axis=0)
            print(f"{f'{cells[1]:.3f} / {cells[2]:.3f}, {cells[0]:.0f}':>24}", end="")
        print()


def main() -> None:
    """Print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--split", choices=("dev", "test", "all"), default="dev")
    parser.add_argument("--kind", default="epochs")
    parser.add_argument("--tasks", action="store_true", help="a table for each task, too")
    parser.add_argument("--seen", action="store_true", help="regret of the value, not of the truth")
    asked = parser.parse_args()
    found = loaded(asked.files, asked.split, asked.kind, asked.seen)
    most = max(map(len, found.values()))
    for policy in [policy for policy, each in found.items() if len(each) < most]:
        print(f"{policy}: only {len(found.pop(policy))} of {most} tasks, left out")
    for task in found[next(iter(found))] if asked.tasks else []:
        table(found, task)
    table(found, "")
    studies(asked.files, asked.split, asked.kind)


if __name__ == "__main__":
    main()

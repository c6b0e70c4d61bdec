"""Record learning curves: ``python curves.py [--tasks wine]`` trains some 250 networks a task.

Takes about 20 minutes on one core, once; what is there already is kept. The files hold, by
task, lists of one list for each trial: see `training.record`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # networks this small gain nothing from more

import argparse
import gzip
import json
import time
from pathlib import Path
from typing import Any

from tasks import TASKS, Task

FOLDER = Path(__file__).parent / "recorded"
TRIALS = 256
SEED = 0
DIGITS = {"batch": 2, "held": 4, "true": 3}  # that are kept


def path(task: Task) -> Path:
    """Where the curves of a task are."""
    return FOLDER / f"{task.name}.json.gz"


def load(task: Task) -> dict[str, list[list[float]]]:
    """Its curves: `batch`, `held` and `true`, of each trial."""
    with gzip.open(path(task), "rt") as file:
        return json.load(file)


def _short(value: float, digits: int) -> float | int:
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded in (0.0, 1.0) else rounded


def train(task: Task) -> None:
    """Record and keep them."""
    import torch
    from training import record

    torch.set_num_threads(1)
    trials = [record(task, SEED, number) for number in range(TRIALS)]
    curves: dict[str, Any] = {
        kind: [[_short(value, digits) for value in trial[kind]] for trial in trials]
        for kind, digits in DIGITS.items()
    }
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(curves, separators=(",", ":"))
    path(task).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def main() -> None:
    """Train what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", default="", help="only names that contain one of these")
    asked = parser.parse_args()
    parts = asked.tasks.split(",")
    for task in TASKS:
        if any(part in task.name for part in parts) and not path(task).exists():
            start = time.perf_counter()
            train(task)
            print(f"{task.name}: {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()

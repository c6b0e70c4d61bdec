"""Run optimizers on tasks and append what came out, one line of JSON for each run.

``python run.py --optimizers auto,sobol,optuna-tpe --suites bbob --split dev --seeds 0-4 --out F``

Runs that are in the file already are skipped, so it can be stopped and started
again. All optimizers do a task before the next one, and all tasks before the
next seed: what has been done so far is always comparable.
"""

from __future__ import annotations

import one_thread  # noqa: F401  # isort: skip  # before numpy

import argparse
import json
import time
from pathlib import Path
from typing import Any

import peers
from study import play
from tasks import SUITES, select

from jupyter_hpo import optimizers
from tests.benchmarks.listed import listed


def whole(text: str) -> list[int]:
    """The numbers of ``0-4`` or ``1,3``."""
    pairs = [part.partition("-") for part in text.split(",")]
    return [n for low, _, high in pairs for n in range(int(low), int(high or low) + 1)]


def key(run: dict[str, Any]) -> tuple[Any, ...]:
    """What a run is known by."""
    return run["label"], run["task"], run["seed"], run["trials"]


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--optimizers", type=listed, required=True, metavar="A,B,…")
    parser.add_argument("--suites", type=listed, default=list(SUITES), metavar="A,B,…")
    parser.add_argument("--split", choices=("dev", "test", "all"), default="dev")
    parser.add_argument("--tasks", type=listed, default=[], help="only names containing one")
    parser.add_argument("--seeds", type=whole, default=[0], metavar="0-4")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--label", help="appended to the optimizers' names, to tell versions apart")
    return parser.parse_args()


def main() -> None:
    """Do what is missing in the file."""
    asked = arguments()
    for optimizer in asked.optimizers:
        if optimizer not in peers.TABLE:
            optimizers.parse(optimizer)  # a misspelt one is no run that crashed
    there = asked.out.read_text().splitlines() if asked.out.exists() else []
    done = {key(json.loads(line)) for line in there}
    tasks = select(asked.suites, asked.split, asked.tasks)
    todo = [(s, t, o) for s in asked.seeds for t in tasks for o in asked.optimizers]
    for place, (seed, task, optimizer) in enumerate(todo):
        label = f"{optimizer}@{asked.label}" if asked.label else optimizer
        run = {"label": label, "task": task.name, "suite": task.suite, "split": task.split}
        run |= {"seed": seed, "trials": asked.trials}
        if key(run) in done:
            continue
        start = time.perf_counter()
        run |= play(task, optimizer, seed, asked.trials)
        with asked.out.open("a") as file:
            file.write(json.dumps(run) + "\n")
        seconds = time.perf_counter() - start
        last = "none" if run["regret"][-1] is None else f"{run['regret'][-1]:.3g}"
        print(
            f"{place + 1}/{len(todo)} {label} {task.name} {seed}: {last}, {seconds:.1f} s "
            f"({run['cpu']:.1f} asking) {run['crash'] or ''}",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""Best and median values of the tasks, to which regrets are normalised.

``python references.py [NAME ...]`` computes those of the tasks whose names
contain one of these (default: all of tables and training) and keeps them in
``references.json``. Of a table the best is exact and the median is that of
many samples of the search space. Of training, a random search screens on a few
splits and the best of it are valued on as many as count; an optimizer may
still find better, and its regret is negative then.
"""

from __future__ import annotations

import one_thread  # noqa: F401  # isort: skip  # before numpy

import argparse
import json

import numpy as np
from tasks import Task, select
from tasks.base import REFERENCES

SAMPLED = 20_000  # configurations of a table, for its median
SCREENED = 3_000  # configurations of training, on 2 splits each
FINALISTS = 100  # of them, on all splits; as many at random give the median


def of_table(task: Task) -> dict[str, float]:
    """Exact best; median over samples of the space."""
    from tasks.tables import values_of

    rng = np.random.default_rng(0)
    values = [task.true(task.space.sample(rng)) for _ in range(SAMPLED)]
    return {
        "best": float(values_of(*task.name.split("-", 1)).min()),
        "median": float(np.median(values)),
    }


def of_training(task: Task) -> dict[str, float]:
    """Best true value of a large random search; median true value."""
    rng = np.random.default_rng(0)
    sampled = [task.space.sample(rng) for _ in range(SCREENED)]
    order = np.argsort([task.true(one, splits=2) for one in sampled])
    return {
        "best": min(task.true(sampled[k]) for k in order[:FINALISTS]),
        "median": float(np.median([task.true(one) for one in sampled[:FINALISTS]])),
    }


def main() -> None:
    """Compute, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    kept = json.loads(REFERENCES.read_text()) if REFERENCES.exists() else {}
    for task in select(["tables", "training"], names=parser.parse_args().names):
        kept[task.name] = of_table(task) if task.suite == "tables" else of_training(task)
        print(task.name, kept[task.name], flush=True)
        REFERENCES.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n")


if __name__ == "__main__":
    main()

"""What one more trial costs an optimizer: CPU milliseconds to ask and tell after n trials.

``python cost.py --optimizers auto,sobol,optuna-tpe [--most 20]``

In a space of two floats, a float on a log scale, a whole number, a choice and
a bool. The trials are random ones that it is told without having asked, but for
those of an initial design that it insists on (`starts`); one ask and tell warms
it up, and the mean of the next ones counts: some fit a model every few trials.
"""

from __future__ import annotations

import one_thread  # noqa: F401  # isort: skip  # before numpy

import argparse
import time
from statistics import fmean
from typing import Any

import numpy as np
import peers
from tasks import space

from jupyter_hpo.domains import Bool, Categorical, Float, Int
from tests.benchmarks.listed import listed

TOLD = (10, 100, 500, 1000)
SPACE = space(
    {
        "x": Float(-1.0, 1.0),
        "y": Float(0.0, 10.0),
        "lr": Float(1e-5, 1.0, log=True),
        "n": Int(1, 100),
        "kind": Categorical("a", "b", "c", "d"),
        "on": Bool(),
    }
)


def value(assignment: Any) -> float:
    """Something smooth in which everything matters."""
    u = SPACE.encode(assignment)
    return float(((u - 0.3) ** 2).sum() + 0.1 * np.sin(9 * u[0] * u[1]))


def round_trip(optimizer: Any) -> float:
    """CPU seconds of one ask and tell."""
    start = time.process_time()
    assignment = optimizer.ask()
    optimizer.tell(assignment, value(assignment))
    return time.process_time() - start


def cost(name: str, told: int, repeats: int, most: float) -> tuple[float, float]:
    """Seconds of the mean ask and tell after `told` trials, and of telling them."""
    optimizer = peers.make(name, SPACE, 0, told + repeats + 1)
    rng = np.random.default_rng(told)
    start = time.process_time()
    starts = min(getattr(optimizer, "starts", 0), told)
    for _ in range(told - starts):
        assignment = SPACE.sample(rng)
        optimizer.tell(assignment, value(assignment))
    for _ in range(starts):
        round_trip(optimizer)
    telling = time.process_time() - start
    first = round_trip(optimizer)
    if first > most:
        return first, telling
    return fmean(round_trip(optimizer) for _ in range(repeats)), telling


def main() -> None:
    """Print a table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--optimizers", type=listed, default=["auto", *peers.TABLE])
    parser.add_argument("--told", type=lambda text: [int(n) for n in text.split(",")], default=TOLD)
    parser.add_argument("--repeats", type=int, default=8)
    parser.add_argument(
        "--most",
        type=float,
        default=20.0,
        metavar="SECONDS",
        help="an optimizer that once took longer is asked no further",
    )
    asked = parser.parse_args()
    print(f"{'ms per ask and tell after':28}" + "".join(f"{n:>10}" for n in asked.told))
    for name in asked.optimizers:
        print(f"{name[:28]:28}", end="", flush=True)
        for told in asked.told:
            try:
                seconds, telling = cost(name, told, asked.repeats, asked.most)
            except Exception as error:
                print(f"  {type(error).__name__}: {error}"[:120], end="")
                break
            print(f"{1e3 * seconds:10.1f}", end="", flush=True)
            if max(seconds, telling) > asked.most:
                break
        print()


if __name__ == "__main__":
    main()

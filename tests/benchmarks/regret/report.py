"""Compare one optimizer with each other, over the tasks and seeds that both have run.

``python report.py RESULTS.jsonl … --of auto``

First wins, ties and losses of the one against each other at some numbers of
trials, with the win rate (ties half) and the two-sided p of a sign test; then
the mean regrets of both over the same runs: normalised (1 is the median random
configuration), and of bbob the decimal logarithm. The p is about other seeds of
these tasks, not about other tasks. Of runs of several lengths the shortest that
got so far counts, since some optimizers plan for their length.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

AT = (10, 20, 50, 100)
Run = dict[str, Any]
Runs = dict[str, dict[tuple[Any, ...], list[Run]]]


def loaded(files: Iterable[Path], split: str, tasks: str) -> Runs:
    """Runs by label, and by task and seed: those of all lengths, the shortest first."""
    runs: Runs = {}
    found = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    for run in sorted(found, key=itemgetter("trials")):
        if split in ("all", run["split"]) and tasks in run["task"]:
            pair = (run["suite"], run["task"], run["seed"])
            runs.setdefault(run["label"], {}).setdefault(pair, []).append(run)
    return runs


def regret(of_all_lengths: list[Run], trials: int) -> float | None:
    """After that many trials; infinite if all have failed, None if not recorded."""
    run = next((run for run in of_all_lengths if trials in run["at"]), None)
    if run is None:
        return None
    found = run["regret"][run["at"].index(trials)]
    if found is None:
        return math.inf
    return math.log10(found) if run["suite"] == "bbob" else found


def pairs(mine: Any, theirs: Any, suite: str, trials: int) -> list[tuple[float, float]]:
    """Regrets of both for each task and seed of the suite that both have."""
    both = sorted(key for key in mine.keys() & theirs.keys() if suite in ("all", key[0]))
    found = [(regret(mine[key], trials), regret(theirs[key], trials)) for key in both]
    return [(a, b) for a, b in found if a is not None and b is not None]


def duel(found: list[tuple[float, float]]) -> str:
    """Wins, ties and losses as text."""
    ties = sum(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in found)
    close = [pair for pair in found if not math.isclose(*pair, rel_tol=1e-9, abs_tol=1e-12)]
    wins = sum(a < b for a, b in close)
    rate = (wins + ties / 2) / len(found)
    p = binomtest(wins, len(close)).pvalue if close else 1.0
    return f"{wins:4}/{ties:3}/{len(close) - wins:4} {rate:5.0%} p={p:<7.2g}"


def means(found: list[tuple[float, float]]) -> str:
    """Mean regrets of both as text; a study without any value counts as the median, 1."""
    mine, theirs = (
        sum(1.0 if math.isinf(x) else x for x in column) / len(found)
        for column in zip(*found, strict=True)
    )
    return f"{mine:11.4f} : {theirs:8.4f}     "


def table(runs: Runs, of: str, cell: Any, at: list[int]) -> None:
    """One row for each other optimizer and suite, one column for each number of trials."""
    mine = runs[of]
    suites = ["all", *sorted({key[0] for key in mine})]
    suites = suites[1:] if cell is means or len(suites) == 2 else suites  # logs do not mix
    print(f"{'against':28} {'suite':9} {'runs':>5}" + "".join(f"{f'{n} trials':>27}" for n in at))
    for label in sorted(runs.keys() - {of}):
        for suite in suites:
            columns = [pairs(mine, runs[label], suite, n) for n in at]
            if any(columns):
                row = "".join(f"{cell(found) if found else '-':>27}" for found in columns)
                print(f"{label[:28]:28} {suite:9} {max(map(len, columns)):5}{row}")
    print()


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--of", default="auto", help="the optimizer compared with each other")
    parser.add_argument("--split", choices=("dev", "test", "all"), default="all")
    parser.add_argument("--tasks", default="", help="only tasks whose name contains this")
    parser.add_argument("--at", type=lambda text: [int(n) for n in text.split(",")], default=AT)
    asked = parser.parse_args()
    runs = loaded(asked.files, asked.split, asked.tasks)
    if asked.of not in runs:
        raise SystemExit(f"no runs of {asked.of!r}; there are {', '.join(sorted(runs))}")
    longest = [each[-1] for each in runs[asked.of].values()]
    at = [n for n in asked.at if any(n in run["at"] for run in longest)]
    print(f"{asked.of}: wins/ties/losses, win rate, sign test\n")
    table(runs, asked.of, duel, at)
    print(f"mean regret of {asked.of} : of the other, over the same runs\n")
    table(runs, asked.of, means, at)
    for label in sorted(runs):
        each = list(chain.from_iterable(runs[label].values()))
        crashed = [run for run in each if run["crash"]]
        cpu = sum(run["cpu"] for run in each) / sum(run["trials"] for run in each)
        print(
            f"{label}: {len(each)} runs, {1e3 * cpu:.1f} ms of CPU for a trial's ask and tell"
            + (f"; {len(crashed)} crashed, as {crashed[0]['crash']}" if crashed else "")
        )


if __name__ == "__main__":
    main()

"""Keep what peers came to, since some of them take hours.

``python record.py RESULTS.jsonl … --labels ax,smac``

Runs are added to ``recorded/LABEL.jsonl``, with the regrets after 10, 20, 50 and 100 trials alone;
``report.py`` takes these files beside those of new runs.
"""

from __future__ import annotations

import argparse
import json
from operator import itemgetter
from pathlib import Path
from typing import Any

from report import AT
from run import key

from tests.benchmarks.listed import listed

RECORDED = Path(__file__).parent / "recorded"
DIGITS = 5


def thinned(run: dict[str, Any]) -> dict[str, Any]:
    """The same run, of whose regrets a few are left."""
    left = [(n, x) for n, x in zip(run["at"], run["regret"], strict=True) if n in AT]
    regrets = [x if x is None else float(f"{x:.{DIGITS}g}") for _, x in left]
    return run | {"at": [n for n, _ in left], "regret": regrets}


def main() -> None:
    """Add what is not recorded yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--labels", type=listed, required=True, metavar="A,B,…")
    asked = parser.parse_args()
    runs = [json.loads(line) for file in asked.files for line in file.read_text().splitlines()]
    RECORDED.mkdir(exist_ok=True)
    for label in asked.labels:
        path = RECORDED / f"{label}.jsonl"
        there = path.read_text().splitlines() if path.exists() else []
        known = {key(run): run for run in map(json.loads, there)}
        known |= {key(run): thinned(run) for run in runs if run["label"] == label}
        lines = [json.dumps(known[each]) for each in sorted(known, key=itemgetter(2, 1, 3))]
        path.write_text("".join(f"{line}\n" for line in lines))
        print(f"{path.name}: {len(lines)} runs, {len(lines) - len(there)} of them new")


if __name__ == "__main__":
    main()

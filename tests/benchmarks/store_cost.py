"""What the store costs: milliseconds to save a finished trial, to list and to load studies.

Run ``python tests/benchmarks/store_cost.py [FOLDER]``; FOLDER is on the disk
to be measured, by default a new one in the working directory, removed afterwards.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from jupyter_hpo.record import StudyInfo
from jupyter_hpo.store import Store
from jupyter_hpo.trial import Report, Trial, TrialState

REPORTS = 20
ROUNDS = 500


def trial(number: int) -> Trial:
    """Make a finished trial of ordinary size."""
    return Trial(
        number=number,
        state=TrialState.COMPLETE,
        assignment={"lr": 1e-3 * (number + 1), "width": 64, "activation": "relu", "leak": 0.1},
        value=1.0 / (number + 1),
        reports=tuple(Report(step, 1.0 / (step + 1)) for step in range(REPORTS)),
        started=1.8e9,
        duration=3.2,
        peak_memory=2**30,
        info={"baseline": number == 0},
        log={"accuracy": 0.9},
        output="epoch done\n" * REPORTS,
    )


def milliseconds(act: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1e3


def line(what: str, times: list[float]) -> str:
    """Median and 95th percentile as text."""
    return f"{what:48} median {median(times):8.3f} ms   95% {quantiles(times, n=20)[-1]:8.3f} ms"


def measure(folder: Path, stored: int) -> None:
    """Print the costs with `stored` trials in the file."""
    store = Store(folder / f"{stored}.db")
    study_id, _ = store.create(StudyInfo("study", "loss", False, "random", 0, None, []))
    store.hold(study_id)
    store.save(study_id, trials=map(trial, range(stored)))
    print(f"{stored} stored trials of {REPORTS} reports")
    new = [[trial(number)] for number in range(stored, stored + ROUNDS)]
    held = [milliseconds(partial(store.save, study_id, None, one)) for one in new]
    print(line("  save, study held", held))
    print(line("  list, study held", [milliseconds(store.list) for _ in range(20)]))
    store.release(study_id)
    free = [milliseconds(partial(store.save, study_id, None, one)) for one in new[:50]]
    print(line("  save, study not held: opens and closes the file", free))
    print(line("  list, study not held", [milliseconds(store.list) for _ in range(20)]))
    print(line("  load", [milliseconds(lambda: store.load(study_id)) for _ in range(5)]))


def main() -> None:
    """Measure at 100 and at 10,000 stored trials."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if sys.argv[1:] else ".") as folder:
        for stored in (100, 10_000):
            measure(Path(folder), stored)


if __name__ == "__main__":
    main()

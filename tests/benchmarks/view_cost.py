"""What one rendering of a study costs, in milliseconds of CPU time and kilobytes.

Run ``python tests/benchmarks/view_cost.py``. The live form is rendered up to four times a second
beside the trials, so it is the one to watch: it should take no longer than 3 ms at 1,000 trials
and 15 ms at 10,000. Each figure is the median and the fastest of 30 renderings.
"""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable
from functools import partial

from jupyter_hpo.record import StudyInfo, StudyRecord, StudyState
from jupyter_hpo.trial import Report, Trial, TrialState
from jupyter_hpo.view.static import html
from jupyter_hpo.view.text import summary

NAMES = ("lr", "width", "activation", "leak", "momentum")
OUTCOMES = (TrialState.COMPLETE,) * 8 + (TrialState.PRUNED, TrialState.FAIL)
TRACEBACK = "Traceback (most recent call last):\n" + "  File ...\n" * 40 + "RuntimeError: no memory"


def study(trials: int, *, improving: bool) -> StudyRecord:
    """A study in which values are random, or every one is the best so far."""
    rng = random.Random(0)
    space = [{"key": name, "name": name, "type": "Float"} for name in NAMES]
    info = StudyInfo("study", "val_loss", False, "random", 0, 2 * trials, space, elapsed=100.0)
    record = StudyRecord(info)
    for number in range(trials):
        state = TrialState.COMPLETE if improving or number == 0 else rng.choice(OUTCOMES)
        value = 1 / (number + 1) if improving else rng.lognormvariate(0, 1)
        record.put(
            Trial(
                number,
                state,
                {name: rng.random() for name in NAMES},
                value=value if state is TrialState.COMPLETE else None,
                reports=tuple(Report(step, value + math.exp(-step / 5)) for step in range(20)),
                duration=rng.uniform(1, 3),
                error=TRACEBACK if state is TrialState.FAIL else None,
                info={"baseline": number == 0},
            )
        )
    return record


def cost(render: Callable[[], str]) -> str:
    """ "1.23 ms (fastest 1.11), 45 kB"."""
    took, size = [], 0
    for _ in range(30):
        start = time.process_time()
        size = len(render().encode())
        took.append((time.process_time() - start) * 1e3)
    return f"{statistics.median(took):6.2f} ms (fastest {min(took):6.2f}), {size / 1000:5.0f} kB"


def main() -> None:
    """Print the table."""
    for improving in (False, True):
        print("every trial the best so far" if improving else "random values")
        for trials in (100, 1_000, 10_000):
            record = study(trials, improving=improving)
            print(f"  {trials:6} trials   live   {cost(partial(html, record))}")
            print(f"                  text   {cost(partial(summary, record))}")
            record.update(state=StudyState.FINISHED)
            print(f"                  static {cost(partial(html, record))}")


if __name__ == "__main__":
    main()

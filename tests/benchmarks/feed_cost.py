"""What telling a page of a study costs the kernel: milliseconds and bytes of a message.

Run ``python tests/benchmarks/feed_cost.py``. In a study of 100, 1,000 and 10,000 trials of 27
reports each: a change of one trial that ends while the next one begins, one more report of the
running trial, and everything, which a page that opens is told. CPU time of making the message and
writing it as JSON, median and fastest of 200 (of 5 for everything). The goal is 1 ms at 10,000.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from jupyter_hpo.domains import Bool, Categorical, Float, Int
from jupyter_hpo.record import StudyInfo, StudyRecord
from jupyter_hpo.space import Parameter, Space
from jupyter_hpo.trial import Report, Trial, TrialState
from jupyter_hpo.view.feed import Feed, Running
from jupyter_hpo.view.kept import bundle

SPACE = Space(
    [
        Parameter("lr", Float(1e-5, 1e-1, log=True, default=1e-3)),
        Parameter("width", Int(16, 512, log=True, default=64)),
        Parameter("activation", Categorical("relu", "tanh", "gelu", default="relu")),
        Parameter("leak", Float(0, 0.3, default=0.0, when=lambda p: p["activation"] == "relu")),
        Parameter("norm", Bool(default=True)),
        Parameter("dropout", Float(0, 0.6, step=0.1, default=0.2)),
    ]
)
REPORTS = 27
PRINTED = "epoch 12  loss 0.123\n" * 40


def trial(number: int, chance: random.Random, state: TrialState) -> Trial:
    """One with a learning curve."""
    reports = tuple(Report(step, chance.random()) for step in range(REPORTS))
    complete = state is TrialState.COMPLETE
    return Trial(
        number,
        state,
        SPACE.decode([chance.random() for _ in range(len(SPACE))]),
        value=chance.random() if complete else None,
        reports=reports if complete else (),
        started=1.7e9 + number,
        duration=chance.random() if complete else None,
        peak_memory=400_000_000,
        info={"baseline": True} if number == 0 else {},
    )


def study(trials: int) -> StudyRecord:
    """A study in the middle of trial number `trials`."""
    chance = random.Random(0)
    info = StudyInfo("study", "loss", False, "sobol", 0, 2 * trials, SPACE.to_json(), since=1.7e9)
    record = StudyRecord(info)
    for number in range(trials):
        record.put(trial(number, chance, TrialState.COMPLETE))
    record.put(trial(trials, chance, TrialState.RUNNING))
    return record


def cost(times: int, change: Callable[[int], object], tell: Callable[[], Any]) -> str:
    """ "0.12 ms (fastest 0.10),   312 bytes"."""
    took, sizes = [], []
    for n in range(times):
        change(n)
        start = time.process_time()
        text = json.dumps(tell())
        took.append((time.process_time() - start) * 1e3)
        sizes.append(len(text))
    size = statistics.median(sizes)
    return f"{statistics.median(took):8.3f} ms (fastest {min(took):8.3f}), {size:11,.0f} bytes"


def main() -> None:
    """Print the table."""
    chance = random.Random(1)
    for trials in (100, 1_000, 10_000):
        record = study(trials)
        feed = Feed(record, lambda: SPACE, running=lambda: Running(0, PRINTED))
        reports = dict.fromkeys(range(REPORTS), 1.0)

        def grow(n: int, record: StudyRecord = record, reports: dict[int, float] = reports) -> None:
            reports[REPORTS + n] = chance.random()
            record.follow(record.trials[-1].number, reports)

        def end(n: int, record: StudyRecord = record) -> None:
            last = len(record.trials) - 1
            record.put(trial(last, chance, TrialState.COMPLETE))
            record.put(trial(last + 1, chance, TrialState.RUNNING))

        whole = cost(5, lambda n: None, lambda feed=feed: list(feed.everything()))
        print(f"{trials:6,} trials  one more report  {cost(200, grow, feed.news)}")
        print(f"               a trial ends     {cost(200, end, feed.news)}")
        print(f"               everything       {whole}")
        kept = cost(5, lambda n: None, lambda record=record: bundle(record, SPACE))
        print(f"               kept in the file {kept}")


if __name__ == "__main__":
    main()

"""Studies and trials for the tests of the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from jupyter_hpo.record import StudyInfo
from jupyter_hpo.store import Store
from jupyter_hpo.trial import Report, Trial, TrialState

INFO = StudyInfo(
    name="study",
    metric="val_loss",
    maximize=False,
    optimizer="random",
    seed=0,
    total=10,
    space=[{"key": "lr", "name": "lr", "type": "Float", "low": 0.0, "high": 1.0}],
    notebook="net.ipynb",
    budget="90s",
)


def finished(number: int, value: float = 0.5, *reports: float) -> Trial:
    steps = tuple(Report(step, report) for step, report in enumerate(reports))
    return Trial(number, TrialState.COMPLETE, {"lr": 0.1}, value, steps)


@contextmanager
def raw(store: Store) -> Iterator[sqlite3.Connection]:
    """The file as any SQLite tool sees it; committed at the end."""
    with closing(sqlite3.connect(store.path, timeout=0.0)) as connection, connection:
        yield connection

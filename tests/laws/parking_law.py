"""What the parking law compares: a cell run through, and the same cell parked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import parking_cells
from parked import Notebook, names_in, planned
from users_state import differences, digest, users_state

from jupyter_hpo.sitting import Sitting
from jupyter_hpo.trial import Trial


def prepared() -> Notebook:
    """A notebook after the cells that every trial of `parking_cells` builds on."""
    notebook = Notebook()
    for text in parking_cells.OTHER_CELLS:
        notebook.run(text)
    return notebook


def outcome(sitting: Sitting) -> dict[str, Any]:
    """What must be the same, bit for bit, however often the trial was parked."""
    (trial,) = sitting.runner.record.trials
    return shown(trial)


def shown(trial: Trial) -> dict[str, Any]:
    """The same of one of several trials."""
    return {
        "state": str(trial.state),
        "error": trial.error,
        "value": digest(trial.value),
        "reports": digest([(r.step, r.value) for r in trial.reports]),
        "printed": trial.output,
        "log": digest(trial.log),
        "variables": {name: digest(v) for name, v in sorted((trial.namespace or {}).items())},
    }


def unparked(notebook: Notebook, text: str) -> dict[str, Any]:
    """What the cell comes to when nobody disturbs it."""
    sitting = notebook.study(text, keep=names_in(text))
    sitting.drive()
    return outcome(sitting)


def parked(
    notebook: Notebook,
    text: str,
    plan: Iterable[int],
    cells: Sequence[str],
    between: Callable[[], None] = lambda: None,
) -> tuple[dict[str, Any], int]:
    """The cell parked after the numbers of lines in `plan`, a user's cell run at each park.

    Returns
    -------
    What the trial came to, and how often it was parked.
    """
    sitting, lines = planned(notebook, text, plan, names_in(text))
    turn = 0
    while sitting.live:
        sliced(notebook, sitting)
        if sitting.live:
            assert sitting.parking.occupied
            notebook.run(cells[turn % len(cells)])
            between()
            turn += 1
    return outcome(sitting), lines.parks


def sliced(notebook: Notebook, sitting: Sitting, seconds: float | None = None) -> None:
    """A slice, after which everything of the user's is as before it."""
    before = users_state(notebook.names)
    sitting.slice(seconds)
    changes = differences(before, users_state(notebook.names))
    assert not changes, changes


@contextmanager
def running_loop() -> Iterator[None]:
    """An event loop runs below, as a kernel's does."""
    loop = asyncio.new_event_loop()
    asyncio.events._set_running_loop(loop)
    try:
        yield
    finally:
        asyncio.events._set_running_loop(None)
        loop.close()

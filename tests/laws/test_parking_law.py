"""The parking law: a cell parked anywhere, any number of times, ends as if it never had been.

Whatever the user does meanwhile, the value, the reports, every variable and what is printed are
the same bit for bit; between two slices everything of the user's is as it was; nothing stays
behind. ``python tests/benchmarks/parking.py`` runs the same law for as long as one likes.
"""

from __future__ import annotations

import itertools
import random
from contextlib import nullcontext
from contextvars import ContextVar
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parked import Notebook, names_in, planned, traces_left
from parking_cells import SLOW_TRIALS, TRIALS, USERS
from parking_law import outcome, parked, prepared, running_loop, sliced, unparked
from users_state import differences, undone, users_state

every_cell = pytest.mark.parametrize("name", TRIALS)


@pytest.fixture(scope="module")
def notebook() -> Notebook:
    return prepared()


@pytest.fixture(scope="module")
def plain(notebook: Notebook) -> dict[str, dict[str, Any]]:
    """What each cell comes to when nobody disturbs it."""
    results = {}
    for name, text in TRIALS.items():
        with undone(notebook.names):
            results[name] = unparked(notebook, text)
    return results


@every_cell
def test_the_cells_are_good_ones(plain: dict[str, dict[str, Any]], name: str) -> None:
    assert plain[name]["error"] is None
    assert plain[name]["state"] == "COMPLETE"
    assert len(plain[name]["variables"]) >= 3


@every_cell
def test_parked_at_every_line(
    notebook: Notebook, plain: dict[str, dict[str, Any]], name: str
) -> None:
    cells = list(USERS.values())
    random.Random(name).shuffle(cells)
    with undone(notebook.names):
        result, parks = parked(notebook, TRIALS[name], itertools.repeat(1), cells)
    assert result == plain[name]
    assert parks >= TRIALS[name].count("\n") // 2


@given(
    name=st.sampled_from(list(TRIALS)),
    plan=st.lists(st.integers(1, 25), min_size=1, max_size=12),
    users=st.lists(st.sampled_from(list(USERS)), min_size=1, max_size=12),
    loop=st.booleans(),
)
@settings(max_examples=40)
def test_parked_anywhere(
    notebook: Notebook,
    plain: dict[str, dict[str, Any]],
    name: str,
    plan: list[int],
    users: list[str],
    loop: bool,
) -> None:
    with undone(notebook.names), running_loop() if loop else nullcontext():
        result, _ = parked(notebook, TRIALS[name], plan, [USERS[user] for user in users])
    assert result == plain[name]


@pytest.mark.parametrize("name", ["dataloader", "beneath C", "await"])
def test_slices_of_some_time(
    notebook: Notebook, plain: dict[str, dict[str, Any]], name: str
) -> None:
    """By the signals of the pacer, at moments that nobody chose."""
    chance = random.Random(name)
    with undone(notebook.names):
        sitting = notebook.study(TRIALS[name], keep=names_in(TRIALS[name]))
        while sitting.live:
            sliced(notebook, sitting, chance.uniform(0, 0.004))
            if sitting.live:
                notebook.run(chance.choice(list(USERS.values())))
        assert outcome(sitting) == plain[name]


@pytest.mark.parametrize("name", ["contexts", "await", "settings for good"])
def test_gone_on_with_in_other_cells(
    notebook: Notebook, plain: dict[str, dict[str, Any]], name: str
) -> None:
    """`drive` makes the trial one of the cell that goes on, whose context variables differ."""
    chance, text = random.Random(name), TRIALS[name]
    cell: ContextVar[int] = ContextVar("cell")
    with undone(notebook.names):
        sitting, lines = planned(notebook, text, itertools.repeat(2), names_in(text))
        lines.pauses = True
        for number in itertools.count():
            cell.set(number)
            before = users_state(notebook.names)
            sitting.drive()
            assert not differences(before, users_state(notebook.names))
            if not sitting.live:
                break
            assert sitting.info.state == "paused"
            notebook.run(chance.choice(list(USERS.values())))
        assert outcome(sitting) == plain[name]
    assert lines.parks > 10


def stopped(notebook: Notebook, name: str, lines: int) -> None:
    """A trial stopped where it stands after some lines; raises if that disturbs the user."""
    with undone(notebook.names):
        sitting, _ = planned(notebook, TRIALS[name], [lines])
        sliced(notebook, sitting)
        if not sitting.live:
            return  # it has fewer lines
        notebook.run(USERS["rebinds"])
        before = users_state(notebook.names)
        sitting.stop()
        assert not differences(before, users_state(notebook.names))
        assert not sitting.live
        (trial,) = sitting.runner.record.trials
        assert (sitting.info.state, trial.state) == ("stopped", "INTERRUPTED")


@every_cell
def test_stopped_while_parked(notebook: Notebook, name: str) -> None:
    """Its ``finally`` and ``with`` run, in surroundings of its own."""
    stopped(notebook, name, random.Random(name).randrange(2, 20))


def test_nothing_stays_behind(notebook: Notebook) -> None:
    before = traces_left()
    for name, text in TRIALS.items():
        stopped(notebook, name, 9)
        with undone(notebook.names):
            parked(notebook, text, [5, 5], [""])
    assert traces_left() == before


def test_data_loaders_with_workers(notebook: Notebook) -> None:
    text = SLOW_TRIALS["workers"]
    with undone(notebook.names):
        expected = unparked(notebook, text)
        result, parks = parked(notebook, text, itertools.repeat(2), [USERS["draws"], ""])
    assert result == expected
    assert parks >= 6

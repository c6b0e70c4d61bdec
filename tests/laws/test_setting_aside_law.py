"""Trials that are set aside, and others meanwhile, end as if each had been alone."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parked import Notebook, names_in, traces_left
from parking_cells import SLOW_TRIALS, TRIALS, USERS
from parking_law import prepared, shown, sliced
from promoting import Rounds
from users_state import differences, undone, users_state

from jupyter_hpo.resources import frozen_heap
from jupyter_hpo.trial import TURN, Trial

COUNT = 4


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    notebook = prepared()
    with frozen_heap():
        yield notebook


def ended(trials: list[Trial]) -> list[dict[str, object]]:
    return [shown(trial) for trial in trials]


@pytest.mark.parametrize("name", [name for name in TRIALS if name not in SLOW_TRIALS])
def test_trials_take_turns_at_every_report(notebook: Notebook, name: str) -> None:
    text = TRIALS[name]
    with undone(notebook.names):
        plain = notebook.study(text, trials=COUNT, keep=names_in(text))
        plain.drive()
    before = users_state(notebook.names)
    rounds = Rounds(chosen=random.Random(name).randrange)
    turns = notebook.study(text, trials=COUNT, keep=names_in(text), pruner=rounds)
    if "make_model" in text and ".numpy(" not in text:  # on a CPU, arrays share the memory
        turns.runner.room.device, turns.runner.room.device_room = "cpu", lambda: 0.0
    turns.drive()
    assert not differences(before, users_state(notebook.names))
    found = turns.runner.record.trials
    assert ended(found) == ended(plain.runner.record.trials)
    assert {trial.info[TURN] for trial in found} <= set(range(COUNT + len(rounds.asked) + 1))
    if all(len(trial.reports) > 1 for trial in found):
        assert any(len(waiting) == COUNT - 1 for waiting, _ in rounds.asked)


def test_nothing_stays_behind(notebook: Notebook) -> None:
    def run() -> None:
        sitting = notebook.study(TRIALS["helpers"], trials=COUNT, pruner=Rounds())
        sitting.drive()

    run()
    before = traces_left()
    run()
    assert traces_left() == before


@given(
    name=st.sampled_from([name for name in TRIALS if name not in SLOW_TRIALS]),
    order=st.lists(st.integers(0, COUNT), min_size=1, max_size=20),
    users=st.lists(st.sampled_from(list(USERS)), min_size=1, max_size=6),
)
@settings(max_examples=8)
def test_also_where_the_study_is_paused_meanwhile(
    notebook: Notebook, name: str, order: list[int], users: list[str]
) -> None:
    text = TRIALS[name]
    with undone(notebook.names):
        plain = notebook.study(text, trials=COUNT)
        plain.drive()
    places = iter(order * 100)
    rounds = Rounds(chosen=lambda waiting: next(places), first=3)
    sitting = notebook.study(text, trials=COUNT, pruner=rounds)
    with undone(notebook.names):
        for turn in range(40):
            if not sitting.live:
                break
            sliced(notebook, sitting, 0.003)
            notebook.run(USERS[users[turn % len(users)]])
        else:
            sitting.drive()
    assert ended(sitting.runner.record.trials) == ended(plain.runner.record.trials)

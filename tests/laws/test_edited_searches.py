"""Every optimizer goes on in an edited space, and a resumed study goes on as if never left."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from by_hand import OPTIMIZERS, held, narrowed, table
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_hpo import Study
from jupyter_hpo.domains import Categorical, Float, Int
from jupyter_hpo.space import Space
from jupyter_hpo.store import Store
from jupyter_hpo.testing import spaces
from jupyter_hpo.trial import Trial

SPACES = spaces()
OPTIMIZERS = [*OPTIMIZERS, "optuna:CmaEs(popsize=3)", "optuna:NSGAII(population_size=3)"]
TRIALS = 9
EDITED_IN = 4


def score(params: Mapping[str, Any]) -> float:
    numbers = [value for value in params.values() if type(value) in (int, float)]
    return math.fsum(value for value in numbers if not math.isnan(value)) % 7.0


class Objective:
    """Edits the space in one of its trials, and is interrupted in another."""

    def __init__(self, edits: Mapping[str, Any], interrupted_in: int | None = None) -> None:
        self.edits, self.interrupted_in = edits, interrupted_in

    def __call__(self, study: Study, params: Mapping[str, Any], trial: Any) -> float:
        if trial.number == EDITED_IN:
            study.edit_space(**self.edits)
        if trial.number == self.interrupted_in:
            self.interrupted_in = None
            raise KeyboardInterrupt
        return score(params)


def edits_of(space: Space) -> dict[str, Any]:
    found = {p.key: narrowed(p) for p in space}
    return {key: domain for key, domain in found.items() if domain is not None}


def finished(study: Study) -> list[Trial]:
    return [trial for trial in study.trials if trial.state.finished]


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_proposals_are_of_the_edited_space(optimizer: str, name: str) -> None:
    space, edits = SPACES[name], edits_of(SPACES[name])
    study = held(Objective(edits), space, optimizer=optimizer, trials=TRIALS)
    study.sitting.drive()
    if not edits or len(study) <= EDITED_IN:
        return
    now = study.space
    assert now is not None
    for trial in study.trials:
        assert now.fits(trial.assignment) or trial.number <= EDITED_IN
    before = study.trials[: EDITED_IN + 1]
    fits = sum(now.fits(trial.assignment) for trial in before)
    (note,) = (note for note in study.record.info.notes if note.startswith("Search space"))
    assert note.endswith(f"; {fits} of {len(before)} trials still fit.")


@pytest.mark.parametrize("interrupted_in", [EDITED_IN, EDITED_IN + 1, TRIALS - 1])
@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_resumed_equals_uninterrupted_after_an_edit(
    optimizer: str, name: str, interrupted_in: int, tmp_path: Path
) -> None:
    space, edits = SPACES[name], edits_of(SPACES[name])
    whole = held(Objective(edits), space, optimizer=optimizer, trials=TRIALS)
    whole.sitting.drive()
    store = Store(tmp_path / "studies.db")
    first = held(
        Objective(edits, interrupted_in), space, optimizer=optimizer, trials=TRIALS, store=store
    )
    first.sitting.drive()
    again = held(Objective({}), space, store=store, resume=True)
    again.sitting.drive()
    if interrupted_in == EDITED_IN:  # the trial that edited is run again, in the edited space
        assert table(again)[:EDITED_IN] == table(whole)[:EDITED_IN]
        assert all(again.space.fits(t.assignment) for t in again.trials[EDITED_IN:])  # type: ignore[union-attr]
        return
    assert json.dumps(again.record.info.searched) == json.dumps(whole.record.info.searched)
    assert [n.split("; ")[0] for n in again.record.info.notes] == [
        n.split("; ")[0] for n in whole.record.info.notes
    ]
    assert again.record.info.expected == whole.record.info.expected
    assert _text(again) == _text(whole)


def test_what_trials_can_cover_is_reckoned_without_those_of_other_spaces(tmp_path: Path) -> None:
    """A grid would be given up half-way, where a model knows by then where to look."""
    space = Space.of({"a": Int(1, 10), "b": Int(1, 10)})

    def objective(interrupted_in: int | None, study: Study, params: Any, trial: Any) -> float:
        if trial.number == 16:
            study.edit_space(a=Int(6, 10), b=Int(7, 10))
        if trial.number == interrupted_in:
            raise KeyboardInterrupt
        return float((params["a"] - 9) ** 2 + (params["b"] - 8) ** 2)

    whole = held(partial(objective, None), space, optimizer="auto", trials=20)
    whole.sitting.drive()
    fits = sum(whole.space.fits(t.assignment) for t in whole.trials)  # type: ignore[union-attr]
    assert fits < 20
    assert whole.record.info.notes[0] == (
        f"auto chose bayes: {fits} trials cannot cover the space's 20 configurations, and a model "
        "learns where to look"
    )
    store = Store(tmp_path / "studies.db")
    first = held(partial(objective, 18), space, optimizer="auto", trials=20, store=store)
    first.sitting.drive()
    again = held(partial(objective, None), space, store=store, resume=True)
    again.sitting.drive()
    assert _text(again) == _text(whole)
    assert again.record.info.notes[0] == whole.record.info.notes[0]


def _text(study: Study) -> list[str]:
    space = study.space
    assert space is not None
    return [
        json.dumps([t.number, t.state, space.dump(t.assignment), t.value]) for t in study.trials
    ]


bound = st.floats(-1e6, 1e6, allow_subnormal=False)


@st.composite
def numbers(draw: st.DrawFn) -> tuple[Any, Any]:
    """A Float or Int and another range for it."""
    kind = draw(st.sampled_from([Float, Int]))
    value = bound if kind is Float else st.integers(-1000, 1000)
    ranges = [sorted([draw(value), draw(value)]) for _ in range(2)]
    log = draw(st.booleans()) and all(low > 0 for low, _ in ranges)
    default = draw(st.floats(0, 1))
    first, second = (kind(*each, log=log) for each in ranges)
    return first.with_default(first.decode(default)), second


@settings(max_examples=200, deadline=None)
@given(pair=numbers(), best=st.floats(0, 1))
def test_the_default_of_an_edited_number_is_inside_and_its_own_if_it_can(
    pair: tuple[Any, Any], best: float
) -> None:
    now, asked = pair
    incumbent = {"x": now.decode(best)}
    domain: Any = Space.of({"x": now}).edited({"x": asked}, incumbent)["x"].domain
    assert domain == asked and domain.check(domain.default) == domain.default
    if asked.low <= now.default <= asked.high:
        assert domain.default == now.default
    elif asked.low <= incumbent["x"] <= asked.high:
        assert domain.default == incumbent["x"]
    else:
        assert domain.default in (asked.low, asked.high)


KNOWN = (math.sin, math.cos, "sin", None, 1, True, 0.5)


@settings(max_examples=100, deadline=None)
@given(
    steps=st.lists(st.lists(st.sampled_from(KNOWN), min_size=1, unique_by=repr), max_size=5),
    number=st.integers(0, 6),
)
def test_a_choice_keeps_its_label_through_any_edits(steps: list[list[Any]], number: int) -> None:
    declared = Categorical(*KNOWN)
    space = Space.of({"c": declared})
    for choices in steps:
        space = space.edited({"c": Categorical(*choices)})
        assert [type(c) for c in space["c"].domain.choices] == [type(c) for c in choices]  # type: ignore[attr-defined]
        assert space.fits({"c": KNOWN[number]}) == any(KNOWN[number] is c for c in choices)
    dumped = space.dump({"c": KNOWN[number]})
    assert json.dumps(dumped) == json.dumps({"c": declared.labels[number]})
    assert space.recall(dumped)["c"] is KNOWN[number]

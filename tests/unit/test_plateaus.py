"""Flat parts of an objective: `bayes` finds them, and does not try them over and over."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from jupyter_hpo.domains import Categorical, Float, Int
from jupyter_hpo.optimizers import create
from jupyter_hpo.optimizers.bayes.coordinates import Coordinates
from jupyter_hpo.optimizers.bayes.plateaus import BEYOND, LEAST, REACH, Box, Plateaus
from jupyter_hpo.space import Space
from jupyter_hpo.trial import Trial, TrialState

PLANE = Space.of({"x": Float(0.0, 1.0), "y": Float(0.0, 1.0)})


def told(*trials: tuple[list[float], float], space: Space = PLANE) -> Plateaus:
    plateaus = Plateaus(Coordinates(space))
    for row, value in trials:
        plateaus.tell(np.array(row), value)
    return plateaus


def known(plateaus: Plateaus, *row: float) -> bool:
    return bool(plateaus.know(np.array([row]))[0])


def cells_tried(acquisition: str) -> int:
    """How many of a grid's 10,000 cells 60 trials see, of an objective that is flat on each."""
    space = Space.of({name: Float(0.0, 1.0) for name in "abcd"})
    optimizer = create(f"bayes(acquisition={acquisition!r})", space)
    cells = set()
    for number in range(60):
        asked: Any = optimizer.ask(number, np.random.default_rng([0, number]), [])
        cell = tuple(min(int(10 * u), 9) for u in asked.values())
        value = sum((n - 3.3) ** 2 for n in cell) + 5.0 * math.sin(sum(cell))
        trial = Trial(number, TrialState.COMPLETE, MappingProxyType(asked), value)
        optimizer.tell(trial)
        cells.add(cell)
    return len(cells)


@pytest.mark.parametrize("acquisition", ["logei", "ei", "gphedge"])
def test_a_step_that_is_known_is_left(acquisition: str) -> None:
    assert cells_tried(acquisition) >= 36  # of 60


def test_between_two_trials_of_one_value_nothing_is_new() -> None:
    plateaus = told(([0.40, 0.50], 1.0), ([0.44, 0.53], 1.0))
    assert known(plateaus, 0.42, 0.51)
    assert known(plateaus, 0.44 + 0.9 * BEYOND * 0.04, 0.5), "steps go on beside them"
    assert not known(plateaus, 0.44 + 1.1 * BEYOND * 0.04, 0.5), "one parameter is enough"
    assert not known(plateaus, 0.42, 0.53 + 1.1 * BEYOND * 0.04)


def test_steps_are_as_wide_elsewhere() -> None:
    plateaus = told(([0.40, 0.50], 1.0), ([0.48, 0.50], 1.0), ([0.9, 0.9], 2.0))
    assert known(plateaus, 0.83, 0.9)
    assert not known(plateaus, 0.81, 0.9)
    assert not known(plateaus, 0.9, 0.9 - 1.1 * LEAST), "none was seen along y"


def test_where_no_value_comes_twice_nothing_is_known() -> None:
    plateaus = told(*(([0.5 + 1e-3 * k, 0.5], float(k)) for k in range(9)))
    assert not plateaus.know(np.random.default_rng(0).random((100, 2))).any()


def test_the_same_value_far_away_is_by_chance() -> None:
    plateaus = told(([0.4, 0.5], 1.0), ([0.4 + 1.1 * REACH, 0.5], 1.0))
    assert not known(plateaus, 0.45, 0.5)


def test_another_value_between_them_says_that_there_is_no_step() -> None:
    one, other, between = ([0.40, 0.50], 1.0), ([0.48, 0.50], 1.0), ([0.44, 0.50], 3.0)
    for trials in ((one, between, other), (one, other, between)):
        assert not known(told(*trials), 0.42, 0.50)


def test_a_step_ends_before_another_value() -> None:
    inner = Box(1.0, np.array([0.40, 0.50]), np.array([0.46, 0.50]))
    box = Box(1.0, np.array([0.31, 0.48]), np.array([0.55, 0.52]))
    over = box.short_of(np.array([0.50, 0.51]), inner)
    assert over.high.tolist() == pytest.approx([0.48, 0.52])
    assert over.low.tolist() == [0.31, 0.48]
    under = box.short_of(np.array([0.41, 0.49]), inner)
    assert under.low.tolist() == pytest.approx([0.31, 0.495])
    assert under.high.tolist() == [0.55, 0.52]


def test_one_choice_says_nothing_of_another() -> None:
    space = Space.of({"x": Float(0.0, 1.0), "kind": Categorical(*(f"c{k}" for k in range(20)))})
    plateaus = told(([0.5, 0.025], 1.0), ([0.5, 0.075], 1.0), space=space)
    assert not known(plateaus, 0.5, 0.025)


def test_whole_numbers_beside_a_step_may_be_new() -> None:
    space = Space.of({"x": Float(0.0, 1.0), "n": Int(0, 9)})
    plateaus = told(([0.50, 0.35], 1.0), ([0.52, 0.45], 1.0), space=space)
    assert known(plateaus, 0.51, 0.35) and known(plateaus, 0.51, 0.45)
    assert not known(plateaus, 0.51, 0.55)

"""A study in a line: the trials that led."""

from __future__ import annotations

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from jupyter_hpo.view.brief import POINTS, Leaders, leading

values = st.lists(st.one_of(st.floats(), st.sampled_from([0.0, 1.0])), max_size=60)


@given(values, st.booleans(), st.randoms(use_true_random=False))
def test_leaders_are_those_that_led_in_whatever_order_trials_end(
    values: list[float], maximize: bool, shuffler: random.Random
) -> None:
    leaders = Leaders(maximize)
    ended = list(enumerate(values))
    shuffler.shuffle(ended)
    for number, value in ended:
        leaders.add(number, value)
    expected: list[tuple[int, float]] = []
    for number, value in enumerate(values):
        better = not expected or (value > expected[-1][1] if maximize else value < expected[-1][1])
        if better and not math.isnan(value):
            expected.append((number, value))
    assert list(zip(leaders.numbers, leaders.values, strict=True)) == expected


@given(st.lists(st.integers(0, 10**6), max_size=300, unique=True).map(sorted))
def test_few_of_many_are_told_the_first_and_the_last_among_them(numbers: list[int]) -> None:
    told = leading(numbers, [-float(number) for number in numbers])
    kept = told["leaders"][0]
    assert len(kept) <= POINTS and set(kept) <= set(numbers)
    assert (kept[:1], kept[-1:]) == (numbers[:1], numbers[-1:])
    assert told["best"] == (-float(numbers[-1]) if numbers else None)

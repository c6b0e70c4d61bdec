"""Pruners that set trials aside: whom they go on with, and what becomes of the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_hpo.curves import Curve, Curves
from jupyter_hpo.protocols import Promotes, Pruner
from jupyter_hpo.pruners import TABLE, create

NAMES = [
    *(name for name in TABLE if isinstance(create(name), Promotes)),
    "auto(promote=True)",
]
every = pytest.mark.parametrize("name", NAMES)
values = st.floats(-1e3, 1e3) | st.sampled_from([math.nan, math.inf, -math.inf, 1e308, -1e308])
curves = st.dictionaries(st.integers(0, 12), values, min_size=1, max_size=8)
Reports = Sequence[float]


def made(name: str) -> Promotes:
    pruner = create(name)
    assert isinstance(pruner, Promotes)
    return pruner


def curve(number: int, *values: float, value: float | None = None) -> Curve:
    return Curve(number, dict(enumerate(values)), value)


def done(number: int, *values: float) -> Curve:
    return curve(number, *values, value=values[-1])


def study(
    make: Callable[[], Promotes], trials: Sequence[Reports], *, limited: bool = True
) -> Iterator[tuple[str, Curve]]:
    """What becomes of trials, one at a time: "aside", "pruned" or "complete"; at last "left".

    The pruner is made anew for every question, for it may remember nothing.
    """
    peers, waiting, begun = Curves(), list[Curve](), 0
    while True:
        fresh = len(trials) - begun
        chosen = make().promote(waiting, peers, fresh if limited else None) if waiting else None
        if chosen is not None:
            (trial,) = (each for each in waiting if each.number == chosen)
            waiting.remove(trial)
        elif fresh:
            trial, begun = Curve(begun, {}), begun + 1
        else:
            break
        state = go_on(make, trial, trials[trial.number], peers, waiting)
        if state == "aside":
            waiting.append(trial)
        else:
            value = trials[trial.number][-1]
            trial.value = value if state == "complete" and not math.isnan(value) else None
            peers.add(trial)
        yield state, trial
    yield from (("left", trial) for trial in waiting)


def go_on(
    make: Callable[[], Promotes],
    trial: Curve,
    reports: Reports,
    peers: Curves,
    waiting: Sequence[Curve],
) -> str:
    for step in range(len(trial), len(reports)):
        trial.add(step, reports[step])
        if trial.number == 0:
            continue
        pruner = make()
        assert isinstance(pruner, Pruner)
        if pruner.prune(trial, peers):
            return "pruned"
        if pruner.sets_aside(trial, peers, waiting):
            return "aside"
    return "complete"


def falling(number: int, reports: int = 27, trials: int = 40) -> list[float]:
    """Levels far apart, in a mixed order; the trial whose level is 0 is the best at any step."""
    level = (number * 17 + 5) % trials
    return [level + 3.0 / (step + 1) for step in range(reports)]


TRIALS = [falling(number) for number in range(40)]
BEST = min(range(40), key=lambda number: TRIALS[number][-1])


# --- laws


def test_which_ones_they_are() -> None:
    assert NAMES == ["asha", "hyperband", "freezethaw", "screen", "auto(promote=True)"]
    assert not isinstance(create("auto"), Promotes)
    assert not isinstance(create("asha(promote=False)"), Promotes)


@every
@settings(max_examples=25, deadline=None)
@given(
    held=st.lists(st.tuples(curves, values | st.none()), max_size=7),
    aside=st.lists(curves, min_size=1, max_size=5),
    fresh=st.none() | st.integers(0, 3),
)
def test_any_reports_get_an_answer_and_always_the_same(
    name: str,
    held: list[tuple[dict[int, float], float | None]],
    aside: list[dict[int, float]],
    fresh: int | None,
) -> None:
    peers = Curves(Curve(number, reports, value) for number, (reports, value) in enumerate(held))
    waiting = [Curve(10 + number, reports) for number, reports in enumerate(aside)]
    answers = [made(name).promote(waiting, peers, fresh) for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0] is None or answers[0] in [each.number for each in waiting]
    sets = [made(name).sets_aside(waiting[0], peers, waiting[1:]) for _ in range(2)]
    assert isinstance(sets[0], bool)
    assert sets[0] == sets[1]
    if peers.longest <= len(waiting[0]):
        assert not sets[0]  # one as long as a whole trial is about to end


@every
@settings(max_examples=15, deadline=None)
@given(trials=st.lists(st.lists(values, min_size=1, max_size=9), min_size=1, max_size=8))
def test_every_study_ends_and_no_trial_is_lost(name: str, trials: list[list[float]]) -> None:
    ends: dict[int, str] = {}
    begun: list[int] = []
    for state, trial in study(lambda: made(name), trials):
        assert ends.get(trial.number, "aside") == "aside"  # what has ended does not go on
        begun += [trial.number] if trial.number not in begun else []
        ends[trial.number] = state
    assert begun == list(range(len(trials)))
    assert ends[0] == "complete"
    assert "aside" not in ends.values()


@every
@pytest.mark.parametrize("limited", [True, False])
def test_the_best_trial_runs_to_its_end_and_few_others(name: str, limited: bool) -> None:
    seen = list(study(lambda: made(name), TRIALS, limited=limited))
    complete = {trial.number for state, trial in seen if state == "complete"}
    reports = sum(len(trial) for trial in {trial.number: trial for _, trial in seen}.values())
    assert len(complete) < 20
    assert reports < 0.55 * sum(map(len, TRIALS))
    if limited:  # otherwise it may be still to come that it is promoted
        assert BEST in complete


@every
def test_what_diverges_ends_and_is_not_set_aside(name: str) -> None:
    trials = [list(each) for each in TRIALS[:9]]
    trials[3][0] = math.nan
    seen = [state for state, trial in study(lambda: made(name), trials) if trial.number == 3]
    assert seen == ["pruned"]


@every
def test_without_a_complete_trial_none_is_set_aside(name: str) -> None:
    peers = Curves([curve(0, 3.0, 2.0), curve(1, 4.0)])
    assert not any(made(name).sets_aside(curve(9, *[1.0] * n), peers, []) for n in range(1, 30))


@every
def test_a_study_does_not_depend_on_the_scale(name: str) -> None:
    moved = [[128.0 * value - 64.0 for value in each] for each in TRIALS[:16]]
    one, other = (
        [(state, trial.number, len(trial)) for state, trial in study(lambda: made(name), each)]
        for each in (TRIALS[:16], moved)
    )
    assert one == other


# --- each


def test_asha_goes_on_with_one_in_three_of_the_highest_rung() -> None:
    asha = made("asha")
    peers = Curves([done(0, *[50.0] * 27)])
    counts = [n for n in range(1, 28) if asha.sets_aside(curve(1, *[1.0] * n), peers, [])]
    assert counts == [1, 3, 9]
    low = [curve(k, float(k)) for k in (4, 3, 2)]
    assert asha.promote(low[:1], peers, None) is None  # of two trials there
    assert asha.promote(low[:2], peers, None) == 3
    assert asha.promote(low, peers, None) == 2
    went = Curves([*peers, curve(1, 1.0, 0.9, 0.8), curve(9, 0.5, 0.5, 0.5)])  # and were dropped
    assert asha.promote(low, went, None) is None  # they are the two best of six
    high = [curve(6, 9.0, 8.0, 7.0), *low]
    assert asha.promote(high, peers, None) == 2
    assert asha.promote([*high, curve(7, 9.0, 9.0, 9.0)], peers, None) == 6
    assert asha.promote(low, went, 5) is None
    assert asha.promote(low, went, 0) == 2  # three at least, when no other can begin


def test_first_rungs_depend_on_how_long_trials_are() -> None:
    asha = made("asha")
    peers = Curves([done(0, *[50.0] * 540)])
    counts = [n for n in range(1, 541) if asha.sets_aside(curve(1, *[1.0] * n), peers, [])]
    assert counts == [20, 60, 180]
    assert made("asha(first=7)").sets_aside(curve(1, *[1.0] * 7), peers, [])


def test_hyperband_has_brackets() -> None:
    hyperband = made("hyperband")
    peers = Curves([done(0, *[50.0] * 27)])
    rungs = [
        [n for n in range(1, 28) if hyperband.sets_aside(curve(k, *[1.0] * n), peers, [])]
        for k in range(98)
    ]
    assert rungs == 2 * [*27 * [[1, 3, 9]], *12 * [[3, 9]], *6 * [[9]], *4 * [[]]]
    first = [k for k, each in enumerate(rungs) if each == [1, 3, 9]]
    slow = next(k for k, each in enumerate(rungs) if each == [3, 9])
    waiting = [curve(slow, 0.0, 0.0, 0.0), *(curve(k, 9.0 + k) for k in first[:3])]
    assert hyperband.promote(waiting, peers, None) == first[0]  # the other is alone in its bracket


def test_screen_waits_for_all_trials() -> None:
    screen = made("screen(first=2, share=4, least=1)")
    peers = Curves([done(0, *[50.0] * 9)])
    waiting = [curve(k, 9.0, float(k)) for k in (3, 1, 2)]
    counts = [n for n in range(1, 10) if screen.sets_aside(curve(9, *[1.0] * n), peers, [])]
    assert counts == [2]
    assert screen.promote(waiting, peers, 1) is None
    assert screen.promote(waiting, peers, 0) == 1
    assert screen.promote(waiting, peers, None) == 1  # 1 of 4 trials
    after = Curves([*peers, done(1, 9.0, 1.0, 0.5)])
    assert screen.promote([waiting[0], waiting[2]], after, 0) is None
    assert made("screen(first=2, least=2)").promote([waiting[0], waiting[2]], after, 0) == 2


def test_freezethaw_goes_on_with_what_falls_further() -> None:
    freezethaw = made("freezethaw")
    peers = Curves(done(k, *(k + 4.0 / (s + 1) for s in range(27))) for k in range(1, 7))
    flat = curve(20, *[1.4] * 6)
    steep = curve(21, 9.0, 5.2, 3.6, 2.5, 1.8, 1.4)
    assert freezethaw.promote([flat, steep], peers, 0) == 21
    hopeless = [curve(k, *[90.0] * 6) for k in range(22, 25)]
    assert freezethaw.promote(hopeless, peers, 5) is None
    assert freezethaw.promote(hopeless, peers, 0) is None
    assert made("freezethaw(chance=0)").promote(hopeless, peers, 0) is not None


def test_freezethaw_goes_on_while_one_of_many_may_win() -> None:
    freezethaw, rng = made("freezethaw"), np.random.default_rng(0)
    ends = rng.uniform(1.0, 2.0, 12)
    noisy = [[e + 3.0 / (s + 1) + 0.05 * rng.normal() for s in range(27)] for e in ends]
    peers = Curves(done(k, *each) for k, each in enumerate(noisy))
    many = [curve(20 + k, 2.5, 1.875) for k in range(25)]
    assert freezethaw.promote(many[:1], peers, 0) is None
    assert freezethaw.promote(many, peers, 0) == 20


def test_auto_goes_on_with_the_best_third_and_finishes_half() -> None:
    auto = made("auto(promote=True)")
    peers = Curves([done(0, *[5.0] * 27)])
    worse = curve(1, 9.0, 9.0, 9.0)
    assert [n for n in range(1, 28) if auto.sets_aside(curve(1, *[9.0] * n), peers, [])] == [3, 9]
    assert not any(auto.sets_aside(curve(1, *[4.0] * n), peers, []) for n in range(1, 28))
    assert auto.promote([worse], peers, 5) is None
    assert auto.promote([worse], peers, 0) == 1
    others = [curve(k, *[10.0 + k] * 3) for k in range(2, 7)]
    assert auto.promote([*others, worse], peers, 5) == 1  # it is among the best third by now
    after = Curves([*peers, *(curve(k, *[2.0] * 4) for k in range(7, 12))])
    assert auto.promote([*others, worse], after, 5) is None
    assert auto.promote([*others, worse], after, 0) is None  # the better half went on before


def test_auto_leaves_folds_to_run() -> None:
    auto = made("auto(promote=True)")
    rows = np.random.default_rng(0).random((6, 5)).tolist()
    peers = Curves(
        Curve(k, dict(enumerate(row)), float(np.mean(row))) for k, row in enumerate(rows)
    )
    assert peers.folds
    assert not any(auto.sets_aside(curve(9, *[9.0] * n), peers, []) for n in range(1, 6))
    assert "folds" in create("auto(promote=True)").prune(curve(9, *[9.0] * 5), peers)

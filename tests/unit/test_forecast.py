"""What learning curves come to: forecasts of values, with how sure they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_hpo.curves import Curve, Curves
from jupyter_hpo.forecast import Forecast, predict, rungs

values = st.floats(-1e3, 1e3) | st.sampled_from([math.nan, math.inf, -math.inf, 1e308, -1e308])
curves = st.dictionaries(st.integers(0, 40), values, min_size=1, max_size=20)


def law(number: int, reports: int = 40, noise: float = 0.0) -> list[float]:
    """A power law whose end, fall and power are drawn at random."""
    rng = np.random.default_rng(number)
    end, fall, power = rng.uniform(0.1, 0.5), rng.uniform(0.3, 1.5), rng.uniform(0.4, 0.8)
    steps = np.arange(1, reports + 1)
    curve = end + fall * (steps**-power - reports**-power)
    return (curve * np.exp(noise * rng.standard_normal(reports))).tolist()


def seen(number: int, values: list[float], count: int) -> Curve:
    return Curve(number, dict(enumerate(values[:count])))


def peers_of(trials: list[list[float]]) -> Curves:
    return Curves(Curve(k, dict(enumerate(each)), each[-1]) for k, each in enumerate(trials))


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_it_is_right_and_knows_how_far(noise: float) -> None:
    trials = [law(number, noise=noise) for number in range(40)]
    peers = peers_of(trials[:10])
    errors: dict[int, list[float]] = {5: [], 15: [], 33: []}
    for number in range(10, 40):
        spreads = []
        for count, found in errors.items():
            forecast = predict(seen(number, trials[number], count), peers)
            assert forecast is not None
            found.append(trials[number][-1] - forecast[0])
            spreads.append(forecast[1])
            # values of 0.1 to 0.5, and of noise in the last report what nobody can know
            assert abs(found[-1]) < 4.0 * math.hypot(forecast[1], noise * trials[number][-1]) + 0.01
        assert spreads == sorted(spreads, reverse=True)
    deviations = [float(np.std(errors[count])) for count in (5, 15, 33)]
    assert deviations[0] < 0.12
    assert deviations[2] < deviations[0]


def test_what_still_falls_comes_to_less_than_what_stands_still() -> None:
    peers = peers_of([law(number) for number in range(8)])
    steep = predict(Curve(20, dict(enumerate([1.6, 1.1, 0.9, 0.75, 0.6, 0.5]))), peers)
    flat = predict(Curve(21, dict(enumerate([0.5] * 6))), peers)
    assert steep is not None
    assert flat is not None
    assert steep[0] < flat[0] < 0.5


@pytest.mark.parametrize(("factor", "offset"), [(1024.0, 0.0), (1.0, -64.0), (2.0**-20, 0.0)])
def test_the_scale_does_not_matter(factor: float, offset: float) -> None:
    trials = [law(number) for number in range(9)]
    moved = [[factor * value + offset for value in each] for each in trials]
    one, other = (predict(seen(8, each[8], 9), peers_of(each[:8])) for each in (trials, moved))
    assert one is not None
    assert other is not None
    assert other[0] == pytest.approx(factor * one[0] + offset, rel=1e-6)
    assert other[1] == pytest.approx(factor * one[1], rel=1e-6)


def test_a_lucky_last_report_can_be_beaten() -> None:
    """The best value is below all that the levels are of: the means of reports."""
    rng = np.random.default_rng(0)
    peers = peers_of([(1.0 + 0.1 * rng.standard_normal(27)).tolist() for _ in range(5)])
    lucky = Curve(5, dict(enumerate([1.0] * 26 + [0.2])), 0.2)
    peers.add(lucky)
    forecast = Forecast(peers, peers)
    assert forecast.levels.level(0.19) < forecast.best < forecast.levels.level(0.21)


def test_values_on_another_scale_than_reports() -> None:
    trials = [law(number) for number in range(20)]
    peers = Curves(
        Curve(k, dict(enumerate(each)), 100.0 * each[-1] + 7.0)
        for k, each in enumerate(trials[:12])
    )
    for number in range(12, 20):
        forecast = predict(seen(number, trials[number], 33), peers)
        assert forecast is not None
        assert forecast[0] == pytest.approx(100.0 * trials[number][-1] + 7.0, abs=8.0)
        assert 0.0 < forecast[1] < 12.0
    assert predict(seen(12, trials[12], 33), Curves(list(peers)[:2])) is None


def test_counts_that_increase() -> None:
    trials = [np.cumsum(law(number)).tolist() for number in range(20)]
    peers = peers_of(trials[:10])
    for number in range(10, 20):
        forecast = predict(seen(number, trials[number], 29), peers)
        assert forecast is not None
        assert forecast[0] == pytest.approx(trials[number][-1], rel=0.15)


def test_folds_are_averaged() -> None:
    rng = np.random.default_rng(0)
    rows = (rng.uniform(0.2, 0.8, (9, 1)) + rng.normal(0.0, 0.05, (9, 10))).tolist()
    peers = Curves(
        Curve(k, dict(enumerate(row)), float(np.mean(row))) for k, row in enumerate(rows[:6])
    )
    assert peers.folds
    for number in range(6, 9):
        forecast = predict(seen(number, rows[number], 7), peers)
        assert forecast is not None
        assert forecast[0] == pytest.approx(np.mean(rows[number]), abs=0.1)


def test_where_nothing_can_be_said() -> None:
    half = seen(9, law(9), 20)
    assert predict(half, Curves()) is None
    assert predict(half, Curves([seen(0, law(0), 40)])) is None  # pruned
    one = peers_of([law(0)])
    assert predict(half, one) is not None
    long = peers_of([law(0, reports=540)])
    assert rungs(540)[0] == 20
    assert predict(seen(9, law(9), 19), long) is None


@pytest.mark.parametrize("longest", [0, 1, 2, 5, 27, 100, 10_000])
def test_rungs_end_where_trials_do(longest: int) -> None:
    found = rungs(longest)
    assert found == sorted(set(found))
    assert len(found) <= 12
    assert found[0] >= 1
    assert found[-1] == max(longest, 1)


@settings(max_examples=60, deadline=None)
@given(held=st.lists(st.tuples(curves, values | st.none()), max_size=7), own=curves)
def test_any_reports_get_an_answer_and_always_the_same(
    held: list[tuple[dict[int, float], float | None]], own: dict[int, float]
) -> None:
    peers = Curves(Curve(number, reports, value) for number, (reports, value) in enumerate(held))
    answers = [predict(Curve(99, own), peers) for _ in range(2)]
    assert np.array_equal(*([each or (0.0, 0.0)] for each in answers), equal_nan=True)
    for each in answers:
        assert each is None or not each[1] < 0.0

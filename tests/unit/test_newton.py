"""Quasi-Newton steps: down a curved slope in few of them, and not led astray by what is none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from jupyter_hpo import Float, tune
from jupyter_hpo.optimizers.gradient.coordinates import LIMIT
from jupyter_hpo.optimizers.gradient.descent import Descent, Progress
from jupyter_hpo.optimizers.gradient.newton import Newton

Array = NDArray[np.float64]
Objective = Callable[[Array], tuple[float, Array]]
DIMENSIONS = 6


def bowl(seed: int, centre: float = 2.0, condition: float = 100.0) -> Objective:
    """A quadratic whose axes are not those of the coordinates."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((DIMENSIONS, DIMENSIONS)))[0]
    curved = turn @ np.diag(np.geomspace(condition**-0.5, condition**0.5, DIMENSIONS)) @ turn.T
    lowest = rng.uniform(-centre, centre, DIMENSIONS)
    return lambda x: (
        float((x - lowest) @ curved @ (x - lowest)) / 2,
        np.asarray(curved @ (x - lowest)),
    )


def gone(walk: Newton | Descent, objective: Objective, steps: int) -> list[float]:
    values = []
    while not walk.over and len(values) < steps:
        value, slope = objective(walk.point)
        values.append(value)
        walk.tell(value, slope)
    return values


def newton(steps: int = 40, rate: float = 0.5) -> Newton:
    return Newton(np.zeros(DIMENSIONS), rate=rate, steps=steps, patience=4)


def test_a_bowl_is_gone_down_in_fewer_steps_than_by_adam() -> None:
    left: dict[type, list[float]] = {Newton: [], Descent: []}
    for kind, found in left.items():
        for seed in range(20):
            walk = kind(np.zeros(DIMENSIONS), rate=0.5, steps=40, patience=4)
            values = gone(walk, bowl(seed), 10)
            found.append(min(values) / values[0])
    assert np.mean(left[Newton]) < 0.01 < 0.025 < np.mean(left[Descent])


def test_its_first_step_reaches_as_far_in_every_coordinate() -> None:
    walk = newton(rate=0.25)
    walk.tell(1.0, np.array([1e-6, -1e-6, 3.0, -3.0, 50.0, 0.0]))
    assert walk.point == pytest.approx([-0.25, 0.25, -0.25, 0.25, -0.25, 0.0])


def test_it_comes_to_a_bound_and_stays_there() -> None:
    walk = newton()
    values = gone(walk, lambda x: (float(x.sum()), np.ones(DIMENSIONS)), 40)
    assert walk.best is not None and walk.best.point == pytest.approx(-LIMIT)
    assert walk.over and len(values) < 12


def test_what_is_no_number_or_explodes_shortens_its_steps_and_teaches_nothing() -> None:
    objective, seen = bowl(0), []

    def rough(x: Array) -> tuple[float, Array]:
        value, slope = objective(x)
        seen.append(x)
        if len(seen) == 2:
            return np.nan, slope
        return (1e9, 1e9 * slope) if len(seen) == 4 else (value, slope)

    walk = newton()
    values = gone(walk, rough, 16)
    assert np.abs(seen[2]).max() == pytest.approx(0.125)  # a quarter of the step to the NaN
    assert np.nanmin(values) < 0.05 * values[0]


def test_it_ends_where_nothing_but_failures_comes() -> None:
    walk = newton()
    walk.tell(1.0, np.ones(DIMENSIONS))
    for _ in range(4):
        assert not walk.over
        walk.tell(None, np.zeros(DIMENSIONS))
    assert walk.over
    first = newton()
    first.tell(np.nan, np.ones(DIMENSIONS))
    assert first.over


def test_several_small_improvements_are_one() -> None:
    progress = Progress()
    for value in (1.0, 0.9995, 0.9990, 0.9985):
        progress.tell(value)
    assert progress.stalled == 1  # 0.9985 alone is not enough below 0.9990, but below 1.0
    for value in (0.9984, 0.9983):
        progress.tell(value)
    assert progress.stalled > 1


def test_a_second_way_down_that_lags_behind_is_given_up() -> None:
    torch = pytest.importorskip("torch")

    def objective(params: dict[str, object]) -> object:
        x, y = (params[name] * torch.ones(()) for name in ("x", "y"))
        # low around the defaults, and a basin elsewhere that is 1 above
        near = ((x - 0.3) ** 2 + (y - 0.3) ** 2) / 0.05
        far = 1 + ((x - 0.8) ** 2 + (y - 0.8) ** 2) / 2
        return torch.minimum(near, far)

    space = {name: Float(0.0, 1.0, default=0.35) for name in ("x", "y")}
    study = tune(objective, space, optimizer="gradient(check=False)", trials=9)
    values = [float(trial.value) for trial in study.trials if trial.value is not None]
    assert min(values[:5]) < 1e-3  # the first way, from the defaults
    assert 1.2 > values[5] > values[6] > values[7] > 1  # the second one
    assert values[8] - values[7] > 0.1  # begins anew

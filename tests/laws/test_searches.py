"""What grid, random, sobol and auto each promise beyond the contract."""

from __future__ import annotations

import itertools
import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest

from jupyter_hpo.domains import Bool, Categorical, Float, Int
from jupyter_hpo.errors import UsageError
from jupyter_hpo.optimizers import create
from jupyter_hpo.space import Parameter, Space
from jupyter_hpo.testing import Rehearsal, complete
from jupyter_hpo.trial import Trial, TrialState

FINITE = Space.of({"n": Int(1, 4), "c": Categorical("a", "b", "c"), "x": Float(0, 0.2, step=0.1)})


def study(name: str, space: Space, seed: int = 0, trials: int | None = None, **options: Any) -> Any:
    return Rehearsal(create(name, space, seed=seed, trials=trials, **options), space, seed)


def told(**values: Any) -> Trial:
    return Trial(0, TrialState.COMPLETE, values, 1.0)


def test_a_grid_goes_through_its_values_in_order() -> None:
    space = Space.of({"n": Int(1, 2), "lr": Float(1e-4, 1e-2, log=True)})
    asked = study("grid", space, points=3).run(range(100), complete)
    rates = [1e-4, 1e-3, 1e-2]
    assert asked == [{"n": n, "lr": lr} for n in (1, 2) for lr in rates]


def test_a_grid_tells_its_size_without_walking_through_it() -> None:
    space = Space.of({f"n{k}": Int(0, 10**9) for k in range(4)})
    tracemalloc.start()
    grid = create("grid", space)
    asked = Rehearsal(grid, space).run(range(50), complete)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert grid.size == (10**9 + 1) ** 4
    assert [one["n3"] for one in asked] == list(range(50))
    assert peak < 2**20


def test_the_size_of_a_conditional_grid_counts_branches_not_products() -> None:
    branches = {f"x{k}": Float(0, 1, when=lambda p, k=k: p["kind"] == k) for k in range(6)}
    space = Space.of({"kind": Int(0, 5), **branches, "flag": Bool()})
    assert create("grid", space).size == 6 * 5 * 2
    assert len(study("grid", space).run(range(100), complete)) == 60


def test_a_grid_does_not_repeat_what_was_told() -> None:
    rehearsal = study("grid", FINITE)
    rehearsal.tell(told(n=1, c="a", x=0.1))
    rehearsal.tell(told(n=4, c="c", x=0.2))
    asked = rehearsal.run(range(1, 100), complete)
    assert len(asked) == 34
    assert {"n": 1, "c": "a", "x": 0.1} not in asked
    assert asked[:2] == [{"n": 1, "c": "a", "x": 0.0}, {"n": 1, "c": "a", "x": 0.2}]


def test_a_default_written_by_hand_is_a_point_of_the_logarithmic_grid() -> None:
    space = Space.of({"lr": Float(1e-5, 1e-1, log=True, default=1e-3)})
    rehearsal = study("grid", space)
    rehearsal.tell_defaults()
    assert [one["lr"] for one in rehearsal.run(range(9), complete)] == [1e-5, 1e-4, 1e-2, 1e-1]


def test_an_interrupted_configuration_of_a_grid_is_asked_again() -> None:
    rehearsal = study("grid", Space.of({"n": Int(1, 5)}))
    assert [rehearsal.ask(k) for k in range(3)] == [{"n": 1}, {"n": 2}, {"n": 3}]
    rehearsal.finish(0, complete)
    del rehearsal.running[1]
    assert rehearsal.ask(3) == {"n": 2}
    assert rehearsal.ask(4) == {"n": 4}


@pytest.mark.parametrize("points", [0, -1])
def test_a_grid_without_points_is_refused(points: int) -> None:
    with pytest.raises(UsageError, match=f"points={points}"):
        create("grid", FINITE, points=points)


@pytest.mark.parametrize("name", ["grid", "random", "sobol", "auto"])
def test_a_finite_space_is_tried_completely(name: str) -> None:
    rehearsal = study(name, FINITE, trials=36)
    asked = rehearsal.run(range(100), complete)
    assert len({FINITE.identity(one) for one in asked}) == len(asked) == FINITE.size == 36


@pytest.mark.parametrize("name", ["random", "sobol"])
def test_rare_branches_are_found(name: str) -> None:
    deep = {f"b{k}": Bool(when=lambda p, k=k: p.get(f"b{k - 1}", False)) for k in range(1, 12)}
    space = Space.of({"b0": Bool(), **deep})
    assert len(study(name, space).run(range(100), complete)) == space.size == 13


@pytest.mark.parametrize("name", ["random", "sobol"])
def test_the_untried_part_of_a_repetitive_continuum_is_preferred(name: str) -> None:
    space = Space.of({"on": Bool(), "x": Float(0, 1, when=lambda p: p["on"])})
    asked = study(name, space).run(range(30), complete)
    assert sum(not one["on"] for one in asked) == 1


@pytest.mark.parametrize("name", ["random", "sobol"])
def test_other_seeds_give_other_trials(name: str) -> None:
    space = Space.of({"x": Float(0, 1)})
    assert study(name, space, 1).run(range(3), complete) != study(name, space, 2).run(
        range(3), complete
    )


@pytest.mark.parametrize("name", ["random", "sobol"])
def test_a_value_of_a_dynamic_parameter_that_did_not_show_is_not_varied(name: str) -> None:
    space = Space([Parameter("n", Int(1, 3)), Parameter("d", Int(1, 50), dynamic=True)])
    rehearsal = study(name, space)
    for n in (1, 2, 3):
        rehearsal.tell(told(n=n) if n != 2 else told(n=n, d=7))
    asked = rehearsal.run(range(3, 60), complete)
    assert len(asked) == 49
    assert all(one["n"] == 2 and one["d"] != 7 for one in asked)


@pytest.mark.parametrize("name", ["grid", "random", "sobol"])
def test_what_hangs_on_a_dynamic_parameter_that_did_not_show_is_not_repeated(name: str) -> None:
    space = Space(
        [
            Parameter("d", Bool(), dynamic=True),
            Parameter("e", Int(1, 9), lambda p: p["d"], dynamic=True),
        ]
    )
    rehearsal = study(name, space)
    assert rehearsal.ask(0) is not None
    del rehearsal.running[0]
    rehearsal.tell(told())
    assert rehearsal.ask(1) is None


@pytest.mark.parametrize("name", ["grid", "random", "sobol"])
def test_trials_of_another_space_are_passed_over(name: str) -> None:
    rehearsal = study(name, Space.of({"n": Int(1, 2), "x": Float(1e-3, 1, log=True)}))
    for strange in ({"n": 9, "x": 0.1}, {"n": 1}, {"n": "one", "x": -1.0}, {"other": 3}):
        rehearsal.tell(told(**strange))
    assert rehearsal.run(range(4, 8), complete)


def test_sobol_points_are_those_of_scipy_in_order() -> None:
    from scipy.stats import qmc

    space = Space.of({f"x{k}": Float(0, 1) for k in range(3)})
    expected = qmc.Sobol(3, rng=np.random.default_rng(5)).random_base2(10)
    optimizer = create("sobol", space, seed=5)
    places = [0, 1, 255, 256, 700, 257, 3, 1023, 512]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asked = [optimizer.ask(n, np.random.default_rng(0), ()) or {} for n in places]
    assert [list(one.values()) for one in asked] == expected[places].tolist()


def test_sobol_points_fill_every_cell() -> None:
    space = Space.of({"x": Float(0, 1), "y": Float(1e-4, 1, log=True)})
    asked = study("sobol", space).run(range(64), complete)
    cells = {tuple((space.encode(one) * 8).astype(int)) for one in asked}
    assert cells == set(itertools.product(range(8), repeat=2))


def test_sobol_refuses_more_dimensions_than_there_are_direction_numbers() -> None:
    space = Space([Parameter(f"x{k}", Bool()) for k in range(21_202)])
    with pytest.raises(UsageError, match="21,201"):
        create("sobol", space)


@pytest.mark.parametrize(
    ("space", "trials", "notice"),
    [
        (
            FINITE,
            40,
            "auto chose grid: the space has only 36 configurations and 40 trials cover it",
        ),
        (
            FINITE,
            35,
            (
                "auto chose bayes: 35 trials cannot cover the space's 36 configurations, "
                "and a model learns where to look"
            ),
        ),
        (
            FINITE,
            1,
            (
                "auto chose bayes: 1 trial cannot cover the space's 36 configurations, "
                "and a model learns where to look"
            ),
        ),
        (
            FINITE,
            None,
            "auto chose bayes: the number of trials is not set, and a model learns where to look",
        ),
        (
            Space.of({"x": Float(0, 1)}),
            40,
            "auto chose bayes: the space is a continuum, and a model learns where to look",
        ),
        (
            Space.of({f"x{k}": Float(0, 1) for k in range(301)}),
            40,
            ("auto chose pso: a model of 301 parameters is slow, and a swarm learns without"),
        ),
        (
            Space.of({"x": Bool(when=lambda p: False)}),
            1,
            "auto chose grid: the space has only 1 configuration and 1 trial covers it",
        ),
    ],
)
def test_auto_says_what_it_chose_and_why(space: Space, trials: int | None, notice: str) -> None:
    assert create("auto", space, trials=trials).notice == notice  # type: ignore[attr-defined]


def test_the_grid_of_auto_covers_logarithmic_whole_numbers() -> None:
    space = Space.of({"n": Int(1, 20, log=True)})
    asked = study("auto", space, trials=20).run(range(50), complete)
    assert [one["n"] for one in asked] == list(range(1, 21))

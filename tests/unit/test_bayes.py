"""What `bayes` promises beyond the laws of all optimizers: its model, its scales, its options."""

from __future__ import annotations

import math
import tracemalloc
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from threadpoolctl import threadpool_info, threadpool_limits

from jupyter_hpo.domains import Bool, Categorical, Float, Int
from jupyter_hpo.errors import UsageError
from jupyter_hpo.merit import merit
from jupyter_hpo.optimizers import create
from jupyter_hpo.optimizers.bayes.acquisition import EI, LogEI, log_improvement
from jupyter_hpo.optimizers.bayes.coordinates import Coordinates
from jupyter_hpo.optimizers.bayes.likelihood import Likelihood, prior
from jupyter_hpo.optimizers.bayes.outcomes import Scale, inverse_yeo_johnson, yeo_johnson
from jupyter_hpo.optimizers.bayes.plateaus import Plateaus
from jupyter_hpo.optimizers.bayes.posterior import Posterior
from jupyter_hpo.optimizers.bayes.search import maximise, stepped
from jupyter_hpo.optimizers.bayes.surrogate import EACH, MOST, Surrogate
from jupyter_hpo.space import Space
from jupyter_hpo.testing import Rehearsal, complete, spaces
from jupyter_hpo.trial import Report, Trial, TrialState

SPACES = spaces()
PLANE = Space.of({"x": Float(0.0, 1.0), "y": Float(0.0, 1.0)})


def ended(
    number: int,
    assignment: dict[str, Any],
    value: float | None,
    state: TrialState = TrialState.COMPLETE,
    reports: tuple[Report, ...] = (),
) -> Trial:
    return Trial(number, state, MappingProxyType(assignment), value, reports)


def ask(optimizer: Any, number: int, running: list[Any] | None = None, seed: int = 0) -> Any:
    return optimizer.ask(number, np.random.default_rng([seed, number]), running or [])


def played(optimizer: Any, objective: Any, trials: int, seed: int = 0) -> list[dict[str, Any]]:
    asked = []
    for number in range(trials):
        assignment = ask(optimizer, number, seed=seed)
        value = objective(assignment)
        state = TrialState.FAIL if value is None else TrialState.COMPLETE
        optimizer.tell(ended(number, assignment, value, state))
        asked.append(assignment)
    return asked


# --- what it finds


def branin(p: dict[str, Any]) -> float:
    x, y = 15.0 * p["x"] - 5.0, 15.0 * p["y"]
    bowl = (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6.0) ** 2
    return float(bowl + 10.0 * (1.0 - 1.0 / (8.0 * math.pi)) * math.cos(x) + 10.0)


@pytest.mark.parametrize("acquisition", ["logei", "ei", "ucb", "poi", "gphedge"])
def test_every_acquisition_function_beats_chance(acquisition: str) -> None:
    def best(name: str, **options: Any) -> float:
        runs = [played(create(name, PLANE, seed=k, **options), branin, 25, k) for k in range(5)]
        return float(np.median([min(map(branin, run)) for run in runs]))

    assert best("bayes", acquisition=acquisition) < 0.5 * best("random")


def test_a_mixed_conditional_space_is_learnt() -> None:
    space = Space.of(
        {
            "kind": Categorical("a", "b", "c"),
            "flag": Bool(),
            "n": Int(1, 64, log=True),
            "x": Float(1e-4, 1.0, log=True, when=lambda p: p["kind"] == "b"),
        }
    )

    def objective(p: dict[str, Any]) -> float:
        base = {"a": 3.0, "b": 1.0, "c": 2.0}[p["kind"]] + 0.5 * p["flag"]
        return base + math.log2(p["n"] / 8.0) ** 2 / 9 + abs(math.log10(p.get("x", 0.01)) + 2)

    best = min(played(create("bayes", space), objective, 40), key=objective)
    assert (best["kind"], best["flag"]) == ("b", False) and objective(best) < 1.15


def test_it_keeps_away_from_where_trials_fail() -> None:
    def objective(p: dict[str, Any]) -> float | None:
        return None if p["x"] > 0.5 else -p["x"] + (p["y"] - 0.5) ** 2

    asked = played(create("bayes", PLANE), objective, 40)
    failed = [p["x"] > 0.5 for p in asked]
    assert sum(failed[20:]) <= 6
    assert min(objective(p) or 0.0 for p in asked) < -0.45


def test_noise_does_not_trap_it() -> None:
    rng = np.random.default_rng(0)

    def noisy(p: dict[str, Any]) -> float:
        return float((p["x"] - 0.7) ** 2 + (p["y"] - 0.2) ** 2 + 0.05 * rng.standard_normal())

    asked = played(create("bayes", PLANE), noisy, 40)
    late = [(p["x"] - 0.7) ** 2 + (p["y"] - 0.2) ** 2 for p in asked[25:]]
    assert np.median(late) < 0.1  # the noise is 0.05


def test_trials_of_another_study_are_a_head_start() -> None:
    def shifted(p: dict[str, Any]) -> float:
        return 1e6 + 1e3 * ((p["x"] - 0.8) ** 2 + (p["y"] - 0.15) ** 2)

    earlier = create("random", PLANE, seed=5)
    told = [
        ended(number, assignment, shifted(assignment))
        for number, assignment in enumerate(played(earlier, shifted, 40))
    ]

    def objective(p: dict[str, Any]) -> float:
        return (p["x"] - 0.82) ** 2 + (p["y"] - 0.13) ** 2

    warm: Any = create("bayes", PLANE)
    warm.prior(told)
    asked = min(map(objective, played(warm, objective, 6)))
    cold = [create("bayes", PLANE, seed=seed) for seed in range(5)]
    alone = [min(map(objective, played(optimizer, objective, 6))) for optimizer in cold]
    assert asked < 0.003 < np.median(alone)


def test_trials_of_another_study_that_do_not_fit_are_left_out() -> None:
    optimizer: Any = create("bayes", PLANE)
    optimizer.prior([ended(0, {"x": 3.0, "y": 0.5}, 1.0), ended(1, {"z": 1}, 2.0)])
    assert ask(optimizer, 0) == ask(create("bayes", PLANE), 0)


def test_trials_that_run_at_a_time_go_to_several_places() -> None:
    def rough(p: dict[str, Any]) -> float:
        return math.sin(9 * p["x"]) * math.sin(11 * p["y"])

    spread = []
    for seed in range(5):
        optimizer: Any = create("bayes", PLANE, seed=seed)
        played(optimizer, rough, 12, seed)
        running: list[Any] = []
        for number in range(12, 18):
            running.append(ask(optimizer, number, running, seed))
        points = np.array([[p["x"], p["y"]] for p in running])
        apart = np.linalg.norm(points[:, None] - points[None], axis=2)[np.triu_indices(6, 1)]
        assert apart.min() > 0.0
        spread.append(np.median(apart))
    assert np.median(spread) > 0.2


def test_the_same_configuration_may_be_told_twice() -> None:
    optimizer: Any = create("bayes", PLANE)
    for number in range(12):
        optimizer.tell(ended(number, {"x": 0.5, "y": 0.25}, float(number % 3)))
    asked = ask(optimizer, 12)
    assert asked != {"x": 0.5, "y": 0.25}


@pytest.mark.parametrize("trials", [EACH + 7, MOST + 40])
def test_a_long_study_that_is_resumed_goes_on_bit_for_bit(trials: int) -> None:
    space = SPACES["conditional"] if trials < 100 else PLANE
    whole = Rehearsal(create("random", space, seed=1), space, 1)
    whole.run(range(trials), complete)
    asked: Any = create("bayes", space, seed=1)
    for trial in whole.told[:-3]:
        asked.tell(trial)
        if trial.number % 29 == 7:
            ask(asked, trial.number + 1)
    resumed: Any = create("bayes", space, seed=1)
    for trial in whole.told[:-3]:
        resumed.tell(trial)
    for trial in whole.told[-3:]:
        assert ask(asked, trial.number) == ask(resumed, trial.number)
        asked.tell(trial)
        resumed.tell(trial)


def test_the_threads_of_the_user_are_put_back() -> None:
    optimizer: Any = create("bayes", PLANE)
    played(optimizer, branin, 8)
    with threadpool_limits(limits=2, user_api="blas"):
        before = [each["num_threads"] for each in threadpool_info()]
        ask(optimizer, 8)
        assert [each["num_threads"] for each in threadpool_info()] == before


def test_looking_at_the_model_changes_nothing() -> None:
    looked, alone = create("bayes", PLANE), create("bayes", PLANE)
    query = {"x": "x", "y": "y", "points": 5, "at": {"x": 0.5, "y": 0.5}}
    with threadpool_limits(limits=2, user_api="blas"):
        before = [each["num_threads"] for each in threadpool_info()]
        for number in range(14):
            asked = ask(looked, number)
            assert asked == ask(alone, number)
            for optimizer in (looked, alone):
                optimizer.tell(ended(number, asked, branin(asked)))
            looked.explain(query)  # type: ignore[attr-defined]
            assert [each["num_threads"] for each in threadpool_info()] == before


@pytest.mark.parametrize("acquisition", ["logei", "ei", "ucb", "poi"])
@pytest.mark.parametrize("side", [14, 40])
def test_the_model_decides_to_the_end_in_a_finite_space(acquisition: str, side: int) -> None:
    space = Space.of({"n": Int(1, side), "m": Int(1, side)})
    optimizer: Any = create("bayes", space, acquisition=acquisition)
    optimizer._spread = None  # what is proposed where the model has nothing new
    told = create("random", space)
    for number in range(150):
        assignment = ask(told, number)
        value = float((assignment["n"] - side / 2) ** 2 + assignment["m"] ** 2)
        told.tell(ended(number, assignment, value))
        optimizer.tell(ended(number, assignment, value))
    for number in range(150, 180):
        assignment = ask(optimizer, number)
        optimizer.tell(ended(number, assignment, float(assignment["n"] + assignment["m"])))


# --- options


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ('acquisition="pi"', "bayes: acquisition must be 'logei' or 'ei' or 'ucb' or 'poi' or"),
        ("kappa=-1", "bayes: kappa must be from 0 to 1,000,000, not -1"),
        ("xi=-0.5", "bayes: xi must be from 0 to 1,000,000, not -0.5"),
        ("initial=0", "bayes: initial must be from 1 to 1,000,000, not 0"),
        ("kapa=2", "bayes has no option 'kapa'; did you mean 'kappa'?"),
    ],
)
def test_a_wrong_option_is_named(options: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        create(f"bayes({options})", PLANE)
    assert says in str(caught.value)


def test_kappa_and_xi_change_what_is_tried() -> None:
    def spread(options: str) -> float:
        asked = played(create(options, PLANE), branin, 30)[5:]
        return float(np.std([[p["x"], p["y"]] for p in asked], axis=0).mean())

    assert spread('bayes(acquisition="ucb", kappa=20)') > spread(
        'bayes(acquisition="ucb", kappa=0)'
    )
    assert spread('bayes(acquisition="ei", xi=5.0)') > spread('bayes(acquisition="ei", xi=0.0)')


def test_initial_trials_are_spread_and_begin_at_the_centre() -> None:
    first = ask(create("bayes", PLANE), 0)
    assert first == {"x": 0.5, "y": 0.5}
    few, many = create("bayes", PLANE, initial=3), create("bayes", PLANE, initial=9)
    assert played(few, branin, 3) == played(many, branin, 9)[:3]
    assert ask(few, 3) != ask(many, 3)


@pytest.mark.parametrize("initial", [1, 2, 3, 4, 6])
def test_the_model_decides_after_the_initial_trials(initial: int) -> None:
    model: Any = create("bayes", PLANE, initial=initial)
    spread: Any = create("bayes", PLANE, initial=99)
    for number in range(initial):
        assignment = ask(model, number)
        assert assignment == ask(spread, number)
        for optimizer in (model, spread):
            optimizer.tell(ended(number, assignment, branin(assignment)))
    assert ask(model, initial) != ask(spread, initial)


# --- its model, looked at


def test_explain_gives_the_objective_back() -> None:
    optimizer: Any = create("bayes", PLANE)
    played(optimizer, branin, 45)
    found = optimizer.explain({"x": "x", "y": "y", "points": 12, "at": {"x": 0.5, "y": 0.5}})
    truth = [[branin({"x": x, "y": y}) for x in found["x"]] for y in found["y"]]
    assert np.shape(found["mean"]) == np.shape(found["std"]) == np.shape(found["acquisition"])
    # it looks around where it is good, and knows how little it knows of the rest
    known = np.array(found["std"]) < np.median(found["std"])
    assert stats.spearmanr(np.array(found["mean"])[known], np.array(truth)[known]).statistic > 0.9
    assert np.min(found["std"]) >= 0.0
    line = optimizer.explain({"x": "x", "points": 12, "at": {"x": 0.5, "y": found["y"][4]}})
    assert np.allclose(line["mean"], found["mean"][4], atol=1e-6)
    assert "y" not in line and all(type(x) is float for x in line["mean"])


def test_explain_need_not_wait_for_the_model_to_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a study that was resumed or edited, too, before anything is asked for."""
    optimizer: Any = create("bayes", PLANE)
    for number in range(EACH + 5):
        assignment = PLANE.sample(np.random.default_rng(number))
        optimizer.tell(ended(number, assignment, branin(assignment)))
    fits: list[int] = []
    monkeypatch.setattr(Surrogate, "_fit", lambda *_: fits.append(1))
    assert "mean" in optimizer.explain({"x": "x", "points": 5, "at": {"x": 0.5, "y": 0.5}})
    assert not fits


def test_explain_gives_numbers_of_outcomes_near_the_largest() -> None:
    optimizer: Any = create("bayes", PLANE)
    played(optimizer, lambda p: 1.7e308 if p["x"] > p["y"] else -1.7e308, 12)
    found = optimizer.explain({"x": "x", "points": 9, "at": {"x": 0.5, "y": 0.5}})
    assert np.isfinite([found[name] for name in ("mean", "std", "acquisition")]).all()


def test_explain_says_what_it_cannot() -> None:
    optimizer: Any = create("bayes", SPACES["conditional"])
    query = {"x": "x", "y": "n", "points": 5, "at": {"kind": "none"}}
    assert optimizer.explain(query) == {"none": "the model needs a few more trials"}
    played(optimizer, lambda p: float(len(p)), 10)
    assert optimizer.explain(query) == {"none": "x does not exist with the best trial's values"}
    assert "no hyperparameter" in optimizer.explain({**query, "x": "nothing"})["none"]
    assert "mean" in optimizer.explain({**query, "x": "kind", "y": None})


# --- coordinates


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(SPACES)), seed=st.integers(0, 10**6))
def test_settled_rows_are_configurations_of_the_space(name: str, seed: int) -> None:
    space = SPACES[name]
    coordinates = Coordinates(space)
    rows = coordinates.settled(np.random.default_rng(seed).random((8, len(space))))
    for row in rows:
        assignment = coordinates.assignment(row)
        assert space.fits(assignment)
        assert np.allclose(coordinates.row(assignment), row, atol=1e-9)


def test_a_condition_that_looks_at_everything_is_followed() -> None:
    calls: list[int] = []

    def when(p: Any) -> bool:
        calls.append(1)
        return sum(bool(v) for v in p.values()) > 1

    space = Space.of({**{f"b{k}": Bool() for k in range(3)}, "x": Float(0.0, 1.0, when=when)})
    rows = Coordinates(space).settled(np.random.default_rng(0).random((200, 4)))
    assert ((rows[:, 3] >= 0.0) == ((rows[:, :3] > 0.5).sum(axis=1) > 1)).all()
    assert len(calls) < 20  # not once for each row


@pytest.mark.parametrize(
    "when",
    [
        lambda p: p.copy()["b0"],
        lambda p: (p | {})["b0"],
        lambda p: isinstance(p, dict) and p["b0"],
        lambda p: "'b0': True" in str(p),
        lambda p: {**p}["b0"],
        lambda p: dict(p)["b0"],
        lambda p: p == {"b0": True, "b1": True} or p == {"b0": True, "b1": False},
        lambda p: p != {"b0": False, "b1": True} and p != {"b0": False, "b1": False},
        lambda p: p[next(k for k in reversed(p) if k == "b0")],
        lambda p: p.copy().pop("b0"),
        lambda p: p.setdefault("b0", False),
    ],
)
def test_a_condition_may_use_the_values_as_any_dict(when: Any) -> None:
    space = Space.of({"b0": Bool(), "b1": Bool(), "x": Float(0.0, 1.0, when=when)})
    rows = Coordinates(space).settled(np.random.default_rng(0).random((60, 3)))
    assert ((rows[:, 2] >= 0.0) == (rows[:, 0] > 0.5)).all()


def test_explain_of_many_choices_is_thinned() -> None:
    space = Space.of({"a": Categorical(*range(300)), "b": Categorical(*map(str, range(300)))})
    optimizer: Any = create("bayes", space)
    played(optimizer, lambda p: float(p["a"]), 10)
    found = optimizer.explain({"x": "a", "y": "b", "points": 30, "at": {"a": 1, "b": "2"}})
    assert len(found["x"]) * len(found["y"]) <= 4_000
    assert np.shape(found["mean"]) == (len(found["y"]), len(found["x"]))


def test_distances_of_the_model() -> None:
    space = Space.of(
        {
            "c": Categorical("a", "b", "c"),
            "n": Categorical(64, 16, 32),
            "x": Float(0.0, 1.0, when=lambda p: p["c"] == "a"),
        }
    )
    coordinates = Coordinates(space)

    def distance(one: dict[str, Any], other: dict[str, Any]) -> float:
        a, b = coordinates.model(np.array([coordinates.row(one), coordinates.row(other)]))
        return float(np.linalg.norm(a - b))

    def at(c: str = "b", n: int = 16, **x: float) -> dict[str, Any]:
        return {"c": c, "n": n, **x}

    assert distance(at("b"), at("c")) == pytest.approx(1.0)
    assert distance(at(n=16), at(n=64)) == pytest.approx(1.0)
    assert distance(at(n=16), at(n=32)) == pytest.approx(0.5)
    from_absence = [distance(at("a", x=u), at("b")) for u in (0.0, 0.3, 1.0)]
    assert from_absence == pytest.approx([math.sqrt(2.0)] * 3)
    choice = Space.of(
        {"x": Float(0.0, 1.0), "c": Categorical("a", "b", when=lambda p: p["x"] > 0.5)}
    )
    coordinates = Coordinates(choice)
    of_choice = [distance({"x": 0.4}, {"x": 0.6, "c": c}) for c in "ab"]
    assert of_choice == pytest.approx([math.hypot(0.2, math.sqrt(0.5))] * 2)


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(sorted(SPACES)), seed=st.integers(0, 10**6))
def test_a_step_goes_somewhere_else_if_there_is_anywhere(name: str, seed: int) -> None:
    space = SPACES[name]
    coordinates, rng = Coordinates(space), np.random.default_rng(seed)
    rows = coordinates.settled(rng.random((20, len(space))))
    steps = stepped(coordinates, rows, np.full((20, 1), 0.1), 0.2, rng)
    moved = (steps != rows).any(axis=1)
    nominal = any(each.nominal for each in coordinates.each)
    absent = any(each.conditional for each in coordinates.each)
    if space.size != 1 and not nominal and not absent:
        assert moved.all()
    assert np.array_equal(coordinates.settled(np.abs(steps)), steps) or absent


def test_the_maximum_is_found_to_the_last_digits() -> None:
    coordinates = Coordinates(SPACES["20 dimensions"])

    def function(rows: Any) -> Any:
        return -((rows - 0.3) ** 2).sum(axis=1)

    start = np.full((1, 20), 0.9)
    rows = maximise(function, coordinates, start, np.random.default_rng(0))
    assert np.abs(rows[0] - 0.3).max() < 1e-3
    values = function(rows)
    assert (np.diff(values) <= 0).all() and len(np.unique(rows, axis=0)) == len(rows)


# --- outcomes


@settings(max_examples=100, deadline=None)
@given(
    z=st.lists(st.floats(-20, 20), min_size=1, max_size=20),
    power=st.sampled_from([0, 0.5, 1, 2, 3]),
)
def test_the_power_transform_is_that_of_the_field_and_can_be_undone(
    z: list[float], power: float
) -> None:
    values = np.array(z)
    moved = yeo_johnson(values, power)
    assert np.allclose(moved, stats.yeojohnson(values, lmbda=power), rtol=1e-9, atol=1e-12)
    assert np.allclose(inverse_yeo_johnson(moved, power), values, rtol=1e-5, atol=1e-5)


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=30))
def test_a_scale_keeps_the_order_and_can_be_undone(values: list[float]) -> None:
    targets = np.array(values)
    scale = Scale(targets)
    moved = scale(targets)
    assert np.isfinite(moved).all()
    order = np.argsort(targets, kind="stable")
    assert (np.diff(moved[order]) >= 0).all()
    inner = targets / 1e10  # whose differences are floats
    median, best = np.median(inner), inner.max()
    low = max(inner.min(), median - 9.99 * (best - median)) if best > median else inner.min()
    back = scale.back(moved) / 1e10
    inside = inner >= low
    assert np.allclose(back[inside], inner[inside], rtol=1e-6, atol=0.01 * (best - low))


def test_one_trial_that_diverged_does_not_hide_the_others() -> None:
    def objective(p: dict[str, Any]) -> float:
        bowl = (p["x"] - 0.3) ** 2 + (p["y"] - 0.6) ** 2
        return 1e30 if p["x"] > 0.8 else bowl

    asked = played(create("bayes", PLANE), objective, 30)
    assert min(map(objective, asked)) < 1e-3
    moved = Scale(np.array([-1.0, -2.0, -3.0, -4.0, -1e30]))(np.array([-1.0, -2.0, -3.0]))
    assert np.diff(moved).max() < -0.1


def test_the_power_is_that_under_which_a_process_expects_the_outcomes() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.random((6, 1)), 0.6 + 0.1 * rng.standard_normal((14, 1))])
    targets = -np.abs(x[:, 0] - 0.6)  # most of the trials near the best
    assert targets.min() > np.median(targets) - 10 * (targets.max() - np.median(targets))
    process = Posterior.of(x, np.array([3.0]), 1.0, 1e-3)
    covariance = np.linalg.inv(process.inverse.T @ process.inverse)
    n, ones = len(x), np.ones(len(x))

    def likelihood(power: float) -> float:
        """Of the targets, by the density of a normal distribution and the slope of the power."""
        z = (targets - targets.mean()) / targets.std()
        y = stats.yeojohnson(z, lmbda=power)
        weights = np.linalg.solve(covariance, ones)
        residual = y - (weights @ y) / (weights @ ones)
        variance = residual @ np.linalg.solve(covariance, residual) / n
        density = stats.multivariate_normal(cov=variance * covariance).logpdf(residual)
        return float(density + (power - 1) * (np.sign(z) * np.log1p(np.abs(z))).sum())

    scale = Scale(targets)  # which cuts nothing off
    chosen = scale.likeliest_power(targets, process.variances)
    assert chosen == pytest.approx(max(np.linspace(0, 4, 41), key=likelihood))
    assert chosen != scale.likeliest_power(targets, lambda y: y.var(axis=0))


def test_an_objective_that_never_changes_is_borne() -> None:
    asked = played(create("bayes", PLANE), lambda p: 7.0, 15)
    assert len({tuple(p.values()) for p in asked}) == 15


def test_infinite_outcomes_are_the_worst_and_the_best() -> None:
    targets = np.array([1.0, -math.inf, 3.0, math.inf, 2.0])
    moved = Scale(targets)(targets)
    assert moved[1] == moved[0] == moved.min() and moved[3] == moved[2] == moved.max()


def test_what_a_trial_counts_for() -> None:
    known = np.array([-5.0, -1.0, -2.0, -math.inf, -4.0])
    params = {"x": 0.5, "y": 0.5}
    pruned, skipped = TrialState.PRUNED, TrialState.SKIPPED
    assert merit(ended(9, params, 2.5), known) == -2.5
    assert merit(ended(9, params, math.inf), known) == -math.inf
    assert merit(ended(9, params, None, TrialState.FAIL), known) == -math.inf
    late = (Report(0, 9.0), Report(1, 7.0))
    early = (Report(0, 0.5),)
    assert merit(ended(9, params, None, pruned, late), known) == -7.0
    assert merit(ended(9, params, None, pruned, early), known) == -3.0  # the median
    assert merit(ended(9, params, None, skipped), known) == pytest.approx(-4.25)
    assert merit(ended(9, params, None, skipped), np.zeros(0)) == -math.inf
    largest = np.array([-1.7e308, 1.7e308])
    assert merit(ended(9, params, None, skipped), largest) == pytest.approx(-0.85e308)


# --- the numbers behind it


@pytest.mark.parametrize("lent", [False, True])
def test_the_likelihood_and_its_gradient(lent: bool) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((12, 4)), rng.standard_normal(12)
    starts = np.array([0, 1, 3])  # the second parameter has two columns
    mean, deviation = expected = prior(np.array([False, True, False])[: 3 - lent], lent=lent)
    likelihood = Likelihood(x, y, starts, expected)
    theta = mean + 0.3 * rng.standard_normal(5)
    value, slope = likelihood(theta)
    for k, each in enumerate(np.eye(5)):
        change = likelihood(theta + 1e-5 * each)[0] - likelihood(theta - 1e-5 * each)[0]
        assert slope[k] == pytest.approx(change / 2e-5, rel=1e-4, abs=1e-6)
    # up to a constant it is the density of a normal distribution, the mean being the best one
    scale = np.repeat(np.exp(-theta[:3]), [1, 2, 1])
    r = math.sqrt(5) * np.linalg.norm((x[:, None] - x[None]) * scale, axis=2)
    covariance = math.exp(theta[3]) * (1 + r + r**2 / 3) * np.exp(-r)
    covariance += (math.exp(theta[4]) + 1e-8) * np.eye(12)
    inverse = np.linalg.inv(covariance)
    level = inverse.sum(axis=0) @ y / inverse.sum()
    density = stats.multivariate_normal(np.full(12, level), covariance).logpdf(y)
    penalty = 0.5 * (((theta - mean) / deviation) ** 2).sum()
    assert value == pytest.approx(penalty - density - 6 * math.log(2 * math.pi))


def test_a_choice_among_thousands_takes_no_more_memory() -> None:
    n, choices = 60, 5_000
    space = Space.of({"c": Categorical(*map(str, range(choices))), "x": Float(0.0, 1.0)})
    coordinates = Coordinates(space)
    rng = np.random.default_rng(0)
    rows = np.array([coordinates.row(space.sample(rng)) for _ in range(n)])
    x = coordinates.model(rows)
    tracemalloc.start()
    squares = Likelihood(x, rng.random(n), coordinates.starts, prior(coordinates.nominal)).squares
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * n * n * 8
    apart = x[:, None, :] - x[None, :, :]
    expected = [(apart[:, :, :choices] ** 2).sum(axis=2), apart[:, :, choices] ** 2]
    assert np.allclose(squares, np.reshape(expected, (2, -1)))


def test_a_posterior_that_was_extended_is_the_one_made_at_once() -> None:
    rng = np.random.default_rng(1)
    x, y, new = rng.random((9, 3)), rng.standard_normal(9), rng.random((5, 3))
    scale = np.array([1.0, 3.0, 0.5])
    whole = Posterior.of(x, scale, 1.3, 0.01).observed(y)
    grown = Posterior.of(x[:6], scale, 1.3, 0.01)
    for point in x[6:]:
        grown = grown.extended(point)
    for one, other in zip(whole.predict(new), grown.observed(y).predict(new), strict=True):
        assert np.allclose(one, other)
    again = Posterior.of(np.zeros((4, 3)), scale, 1.0, 0.0)  # one point, four times, no noise
    assert np.isfinite(again.observed(np.array([0.0, 1.0, 0.0, 1.0])).predict(new)).all()


def test_expecting_an_outcome_moves_no_mean_and_leaves_less_to_learn() -> None:
    coordinates = Coordinates(PLANE)
    rng = np.random.default_rng(2)
    rows = rng.random((10, 2))
    for row in rows:
        coordinates.target.register(row, -branin({"x": row[0], "y": row[1]}))
    model = Surrogate(coordinates).fit(coordinates.target.params, coordinates.target.target)
    new = rng.random((20, 2))
    (mean, std), (mean_then, std_then) = (
        each.predict(new, return_std=True) for each in (model, model.expecting(new[:3]))
    )
    assert np.allclose(mean, mean_then)
    assert (std_then <= std + 1e-9).all() and (std_then[:3] < 0.5 * std[:3]).all()


@settings(max_examples=200, deadline=None)
@given(z=st.floats(-30, 30))
def test_log_improvement_is_the_logarithm_of_the_improvement(z: float) -> None:
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(400):
        exact = mpmath.log(mpmath.npdf(z) + z * mpmath.ncdf(z))
        assert log_improvement(np.array([z]))[0] == pytest.approx(float(exact), rel=1e-6, abs=1e-9)


def test_log_improvement_far_out_falls_and_stays_finite() -> None:
    far = log_improvement(-np.logspace(0, 8, 200))
    assert np.isfinite(far).all() and (np.diff(far) < 0).all()


def test_logei_and_ei_agree() -> None:
    coordinates = Coordinates(PLANE)
    mean, std = np.linspace(-1, 1, 50), np.linspace(0.1, 2, 50)
    plateaus = Plateaus(coordinates)
    log, plain = LogEI(0.01).on(coordinates, plateaus), EI(0.01).on(coordinates, plateaus)
    log.y_max = plain.y_max = 0.3
    assert np.allclose(np.exp(log.base_acq(mean, std)), plain.base_acq(mean, std))
    log.noise = 0.5
    factor = 1 - 0.5 / np.sqrt(std**2 + 0.25)
    assert np.allclose(np.exp(log.base_acq(mean, std)), factor * plain.base_acq(mean, std))
    assert np.isfinite(log.base_acq(mean, np.full(50, 1e-6))).all()

"""Hyperparameter importance: what it says of functions whose answer is known."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_hpo import Bool, Categorical, Float, Int, tune
from jupyter_hpo.analysis import Importances, importances
from jupyter_hpo.domains import Domain
from jupyter_hpo.errors import StudyError
from jupyter_hpo.journal import Journal
from jupyter_hpo.record import StudyInfo, StudyRecord
from jupyter_hpo.space import Space
from jupyter_hpo.study import Study
from jupyter_hpo.trial import Trial, TrialState

CUBE: dict[str, Domain] = {name: Float(0, 1) for name in ("x1", "x2", "x3")}
Objective = Callable[[Mapping[str, Any]], float]


def sampled(space: Space, f: Objective, count: int, seed: int = 0) -> list[Trial]:
    """Complete trials at random points."""
    rng = np.random.default_rng(seed)
    assignments = [space.sample(rng) for _ in range(count)]
    return [
        Trial(number, TrialState.COMPLETE, assignment, f(assignment))
        for number, assignment in enumerate(assignments)
    ]


def found(
    domains: Mapping[str, Domain], f: Objective, count: int = 400, maximize: bool = False
) -> dict[str, float]:
    space = Space.of(domains)
    return importances(space.to_json(), sampled(space, f, count), maximize).values


def linear(p: Mapping[str, Any]) -> float:
    return float(10 * p["x1"] + p["x2"])


@pytest.mark.parametrize("seed", range(5))
def test_the_larger_effect_comes_first(seed: int) -> None:
    space = Space.of(CUBE)
    trials = sampled(space, lambda p: 10 * p["x1"] + 4 * p["x2"], 400, seed)
    said = importances(space.to_json(), trials, False)
    assert list(said.values) == ["x1", "x2", "x3"]
    assert said.values["x1"] > 0.7 and said.values["x3"] < 0.05
    assert (said.trials, said.method, said.note) == (400, "PED-ANOVA", "")


def test_a_choice_that_matters() -> None:
    space = {"a": Categorical("x", "y", "z"), "b": Bool(), "c": Categorical(1, 2), "d": Float(0, 1)}
    values = found(space, lambda p: 10 * (p["a"] != "y") + p["b"])
    assert list(values)[:2] == ["a", "b"] and values["a"] > 0.5
    assert values["c"] < 0.05 and values["d"] < 0.05


def test_a_log_scale_is_compared_on_its_scale() -> None:
    decades: dict[str, Domain] = {"lr": Float(1e-8, 1, log=True), "x": Float(0, 1)}
    # good below 1e-5: three eighths of the decades, and next to nothing of the plain range
    values = found(decades, lambda p: (p["lr"] > 1e-5) + p["x"] / 10)
    assert values["lr"] > 0.2
    linear_scale: dict[str, Domain] = {"lr": Float(0, 1), "x": Float(0, 1)}
    same = found(linear_scale, lambda p: (1e-8 * 1e8 ** p["lr"] > 1e-5) + p["x"] / 10)
    assert values == pytest.approx(same, abs=0.01)


@pytest.mark.parametrize(
    "domain", [Int(1, 4), Int(0, 1000), Int(1, 4096, log=True), Float(0, 1, step=0.25), Int(3, 40)]
)
def test_steps_and_whole_numbers(domain: Domain) -> None:
    values = found({"n": domain, "x": Float(0, 1)}, domain_share(domain))
    assert values["n"] > 0.7  # of 4 values, one is good in a quarter of trials: x picks the tenth


def domain_share(domain: Domain) -> Objective:
    return lambda p: 10 * domain.encode(p["n"]) + p["x"] / 10


def test_a_parameter_counts_where_it_exists() -> None:
    space: dict[str, Domain] = {
        "kind": Categorical("a", "b"),
        "matters": Float(0, 1, when=lambda p: p["kind"] == "a"),
        "idle": Float(0, 1, when=lambda p: p["kind"] == "b"),
        "other": Float(0, 1),
    }
    values = found(space, lambda p: p.get("matters", 0.5) + p["other"] / 100)
    assert next(iter(values)) == "matters" and values["idle"] < 0.05
    # a branch that is never among the good ones: the choice is to blame, nothing inside it
    bad = found(space, lambda p: 10 if p["kind"] == "a" else p["other"])
    assert bad["matters"] == 0 and bad["kind"] > 0.1


def test_that_it_exists_at_all_is_not_its_merit() -> None:
    space: dict[str, Domain] = {
        "kind": Categorical("a", "b"),
        "idle": Float(0, 1, when=lambda p: p["kind"] == "a"),
    }
    rng = np.random.default_rng(0)
    values = found(space, lambda p: (p["kind"] == "a") * -5 + rng.random())
    assert values["kind"] > 0.9


def test_one_name_in_two_branches_is_one_importance() -> None:
    rows = [
        {"key": "kind", "name": "kind", **Categorical("a", "b").to_json()},
        {"key": "rate", "name": "rate", **Float(0, 1).to_json()},
        {"key": "rate#2", "name": "rate", **Float(10, 20).to_json()},
    ]
    rng = np.random.default_rng(0)
    trials = []
    for number in range(300):
        u, first = rng.random(), number % 2 == 0
        params = {"kind": "a", "rate": u} if first else {"kind": "b", "rate#2": 10 + 10 * u}
        trials.append(Trial(number, TrialState.COMPLETE, params, u))
    values = importances(rows, trials, False).values
    assert list(values) == ["rate", "kind"] and values["rate"] > 0.95


def relu() -> None: ...
def tanh() -> None: ...


def test_the_stored_form_says_the_same() -> None:
    space = Space.of(
        {
            "act": Categorical(relu, tanh, None),
            "size": Categorical((1, 2), (3, 4)),
            "one": Categorical(1, True, 1.0, "1"),
            "n": Int(1, 64, log=True),
        }
    )
    trials = sampled(
        space,
        lambda p: (p["act"] is relu) + (p["one"] is True) / 2 + (p["size"] == (1, 2)) / 4,
        300,
    )
    live = importances(space.to_json(), trials, False)
    stored = [
        Trial(t.number, t.state, json.loads(json.dumps(space.dump(t.assignment))), t.value)
        for t in trials
    ]
    rows = json.loads(json.dumps(space.to_json()))
    assert importances(rows, stored, False) == live
    # and so does a study of which some trials are in the one form, some in the other
    mixed = [*stored[:150], *trials[150:]]
    assert importances(rows, mixed, False) == live
    assert live.values["act"] > live.values["n"]


def test_choices_of_the_same_name_are_told_apart() -> None:
    def fake(first: bool) -> Callable[[], bool]:
        def act() -> bool:
            return first

        return act

    one, other = fake(True), fake(False)
    values = found({"f": Categorical(one, other), "x": Float(0, 1)}, lambda p: p["f"]() + p["x"])
    assert values["f"] > 0.1


def test_as_many_choices_as_trials_say_nothing() -> None:
    trials = sampled(Space.of(CUBE), linear, 10_000)
    trials = [
        Trial(t.number, t.state, {**t.assignment, "id": str(t.number)}, t.value) for t in trials
    ]
    rows = [*Space.of(CUBE).to_json(), {"key": "id", "name": "id", "type": "Categorical"}]
    values = importances(rows, trials, False).values
    assert next(iter(values)) == "x1" and values["id"] < 0.05


losses = st.lists(st.integers(-50, 50), min_size=16, max_size=60)


@settings(max_examples=40, deadline=None)
@given(losses, st.randoms(use_true_random=False))
def test_the_order_of_trials_says_nothing(values: list[int], random: Any) -> None:
    space = Space.of({**CUBE, "c": Categorical("a", "b", "c", "d"), "n": Int(1, 5)})
    trials = sampled(space, lambda p: 0.0, len(values))
    trials = [
        Trial(t.number, t.state, t.assignment, float(value))
        for t, value in zip(trials, values, strict=True)
    ]
    said = importances(space.to_json(), trials, False)
    random.shuffle(trials)
    assert importances(space.to_json(), trials, False) == said


@settings(max_examples=40, deadline=None)
@given(losses, st.sampled_from([lambda v: v**3, lambda v: 7 * v - 1, math.atan]))
def test_only_ranks_count(values: list[int], monotone: Callable[[int], float]) -> None:
    said = [
        said_of([float(value) for value in values], False),
        said_of([float(monotone(value)) for value in values], False),
        said_of([-float(value) for value in values], True),
    ]
    assert said[0] == said[1] == said[2]


def said_of(values: Sequence[float], maximize: bool) -> Importances:
    space = Space.of({**CUBE, "c": Categorical("a", "b", "c"), "log": Float(1e-3, 1, log=True)})
    trials = [
        Trial(t.number, t.state, t.assignment, value)
        for t, value in zip(sampled(space, lambda p: 0.0, len(values)), values, strict=True)
    ]
    return importances(space.to_json(), trials, maximize)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(), min_size=16, max_size=60), st.booleans())
def test_shares_of_one_whatever_the_values(values: list[float], maximize: bool) -> None:
    said = said_of(values, maximize)
    assert bool(said.values) or bool(said.note)
    if said.values:
        assert set(said.values) == {"x1", "x2", "x3", "c", "log"}
        assert math.fsum(said.values.values()) == pytest.approx(1)
        assert all(math.isfinite(share) and share >= 0 for share in said.values.values())
        assert list(said.values.values()) == sorted(said.values.values(), reverse=True)


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("worst", [math.nan, math.inf, -math.inf, None])
def test_what_diverged_is_the_worst(worst: float | None, maximize: bool) -> None:
    space = Space.of(CUBE)
    sign = -1 if maximize else 1
    trials = sampled(space, lambda p: sign * linear(p), 200)
    far = [t if t.assignment["x3"] < 0.5 else made(t, sign * 1e9) for t in trials]
    gone = [t if t.assignment["x3"] < 0.5 else made(t, worst) for t in trials]
    said = importances(space.to_json(), gone, maximize)
    assert said == importances(space.to_json(), far, maximize)
    assert said.values["x3"] > 0.05


def made(trial: Trial, value: float | None, state: TrialState = TrialState.COMPLETE) -> Trial:
    return Trial(trial.number, state, trial.assignment, value)


def test_only_complete_trials_count() -> None:
    space = Space.of(CUBE)
    trials = sampled(space, linear, 60)
    others = [
        made(trial, -1000.0, state)
        for trial, state in zip(
            sampled(space, linear, 100, seed=1),
            itertools.cycle(state for state in TrialState if state is not TrialState.COMPLETE),
            strict=False,
        )
    ]
    alone = importances(space.to_json(), trials, False)
    assert importances(space.to_json(), [*others, *trials], False) == alone
    assert alone.trials == 60


@pytest.mark.parametrize(
    ("count", "dimensions", "note"),
    [
        (0, 3, "importances need 16 complete trials, and there are none"),
        (1, 3, "importances need 16 complete trials, and there is 1"),
        (15, 3, "importances need 16 complete trials, and there are 15"),
        (19, 10, "importances need 20 complete trials, and there are 19"),
    ],
)
def test_too_few_trials(count: int, dimensions: int, note: str) -> None:
    space = Space.of({f"x{k}": Float(0, 1) for k in range(dimensions)})
    trials = sampled(space, lambda p: p["x0"], count)
    assert importances(space.to_json(), trials, False) == Importances({}, count, note=note)


@pytest.mark.parametrize("even", [True, False])
def test_nothing_declared(even: bool) -> None:
    trials = [Trial(number, TrialState.COMPLETE, {}, float(number)) for number in range(20)]
    assert "no hyperparameter declared" in importances([], trials, False, even=even).note


def test_few_trials_are_called_rough() -> None:
    space = Space.of(CUBE)
    said = importances(space.to_json(), sampled(space, linear, 16), False)
    assert said.note == "a rough picture: 16 complete trials" and next(iter(said.values)) == "x1"


@pytest.mark.parametrize(
    ("value", "why"),
    [(1.0, "all have the same value"), (math.nan, "no trial has a finite value")],
)
def test_equal_values_say_nothing(value: float, why: str) -> None:
    space = Space.of(CUBE)
    said = importances(space.to_json(), sampled(space, lambda p: value, 40), False)
    assert said == Importances({}, 40, note=f"importances cannot be told: {why}")


def test_values_that_are_mostly_equal() -> None:
    # an accuracy that is 1 for most: the good ones are all of those, or all of the few others
    values = found(CUBE, lambda p: float(p["x1"] < 0.7), maximize=True)
    assert values["x1"] > 0.9
    rare = found(CUBE, lambda p: float(p["x1"] < 0.02), maximize=True)
    assert rare["x1"] > 0.9


def test_no_difference_but_chance() -> None:
    only = Space.of({"a": Float(1, 1), "b": Categorical("x")})
    said = importances(only.to_json(), sampled(only, lambda p: 0.0, 0) + constant(only, 40), False)
    assert (
        said.values == {} and said.note == "in 40 trials no hyperparameter stands out from chance"
    )


def constant(space: Space, count: int) -> list[Trial]:
    point = space.decode([0.5] * len(space))
    return [Trial(k, TrialState.COMPLETE, point, float(k)) for k in range(count)]


def test_chance_is_not_called_importance() -> None:
    shares = []
    for seed in range(40):
        space = Space.of({"x1": Float(0, 1), **{f"n{k}": Float(0, 1) for k in range(4)}})
        said = importances(space.to_json(), sampled(space, lambda p: p["x1"], 40, seed), False)
        shares.append(1 - said.values["x1"])
    assert np.mean(shares) < 0.15


def test_the_region_leaves_the_hopeless_out() -> None:
    # x1 decides whether it works at all; among those that do, x2
    space = Space.of(CUBE)
    trials = sampled(space, lambda p: 100 * (p["x1"] > 0.5) + p["x2"] + p["x1"] / 10, 600)
    rows = space.to_json()
    whole = importances(rows, trials, False, quantile=0.2).values
    inner = importances(rows, trials, False, quantile=0.2, region=0.45).values
    assert inner["x2"] > 0.8 and inner["x1"] < whole["x1"]


@pytest.mark.parametrize("shares", [(0.0, 1.0), (0.5, 0.5), (0.1, 1.5), (math.nan, 1.0)])
def test_shares_that_make_no_sense(shares: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="quantile < region"):
        importances([], [], False, quantile=shares[0], region=shares[1])


def test_where_the_optimizer_looked_is_not_importance() -> None:
    # x2 does nothing, but nine in ten trials have it near 0.2
    rng = np.random.default_rng(0)
    trials = []
    for number in range(400):
        crowded = rng.random() < 0.9
        params = {
            "x1": rng.random(),
            "x2": 0.2 + 0.02 * rng.random() if crowded else rng.random(),
            "x3": rng.random(),
        }
        trials.append(Trial(number, TrialState.COMPLETE, params, params["x1"]))
    assert importances(Space.of(CUBE).to_json(), trials, False).values["x2"] < 0.05


@pytest.mark.parametrize(
    "row",
    [
        {"type": "Float"},
        {"type": "Float", "low": "0", "high": None, "log": True},
        {"type": "Float", "low": -1.7e308, "high": 1.7e308, "step": 5e-324},
        {"type": "Int", "low": 0, "high": 2**53, "step": 0},
        {"type": "Float", "low": 0, "high": 1e-300, "step": None},
        {"type": "Spline", "knots": 3},
        {"type": "Categorical", "choices": "ab"},
        {},
    ],
)
def test_odd_declarations_and_values(row: dict[str, Any]) -> None:
    odd = [0.5, -1, 10**400, "text", None, True, [1], math.nan, math.inf, 1e308, -1e308, {"a": 1}]
    rows = [{"key": "a", "name": "a", **row}, {"key": "x", "name": "x", **Float(0, 1).to_json()}]
    trials = [
        Trial(k, TrialState.COMPLETE, {"a": odd[k % 12], "x": k / 120}, float(k))
        for k in range(120)
    ]
    said = importances(rows, trials, False)
    assert said.values["x"] > 0.5 and math.fsum(said.values.values()) == pytest.approx(1)


def test_values_from_before_the_range_was_changed() -> None:
    trials = sampled(Space.of(CUBE), linear, 300)
    narrowed = Space.of({**CUBE, "x3": Float(0, 0.5)})
    values = importances(narrowed.to_json(), trials, False).values
    assert next(iter(values)) == "x1" and values["x3"] < 0.05


def test_a_study_says_it() -> None:
    cube = {name: Float(0, 1, default=0.5) for name in CUBE}
    study = tune(linear, cube, trials=40, optimizer="random")
    values = study.importances()
    assert next(iter(values)) == "x1" and json.loads(json.dumps(values)) == values
    few = tune(linear, {name: Float(0, 1, default=0.5) for name in CUBE}, trials=5)
    with pytest.raises(StudyError, match="need 16 complete trials, and there are 5"):
        few.importances()


def test_a_study_that_is_only_loaded_says_it() -> None:
    space = Space.of(CUBE)
    record = StudyRecord(StudyInfo("fit", "loss", False, "random", 0, 40, space.to_json()))
    for trial in sampled(space, linear, 40):
        record.put(trial)
    assert next(iter(Study(Journal(record, None, None, None)).importances())) == "x1"


@pytest.mark.parametrize("optimizer", ["bayes", "auto", "optuna:TPE"])
@pytest.mark.parametrize("trials", [25, 60])
def test_of_trials_that_a_model_led_what_matters_stands_out(optimizer: str, trials: int) -> None:
    space = {
        "lr": Float(1e-5, 1e-1, log=True, default=1e-3),
        "width": Int(16, 512, log=True, default=64),
        "act": Categorical("relu", "tanh", "gelu", default="relu"),
        "leak": Float(0.0, 0.3, default=0.0, when=lambda p: p["act"] == "relu"),
        "nothing": Float(0.0, 0.5, default=0.1),
    }

    def objective(params: Any, trial: Any) -> float:
        wide = 0.05 * (math.log2(params["width"]) - 7) ** 2
        return (math.log10(params["lr"]) + 2.5) ** 2 + wide + 0.01 * float(trial.rng.random())

    said = []
    for seed in range(3):
        study = tune(objective, space, trials=trials, optimizer=optimizer, seed=seed)
        found = study.importances()
        assert next(iter(found)) == "lr" and found["lr"] > 0.5
        assert math.isclose(sum(found.values()), 1.0)
        assert study.importances() == found
        said.append(found)
    for name in ("nothing", "leak"):
        assert sum(found[name] for found in said) / 3 < 0.15

"""What the evolutionary optimizers promise beyond the laws of all optimizers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_hpo import tune
from jupyter_hpo.domains import Bool, Categorical, Float, Int
from jupyter_hpo.errors import StudyInterrupted, UsageError
from jupyter_hpo.optimizers import create
from jupyter_hpo.protocols import Explains
from jupyter_hpo.space import Space
from jupyter_hpo.testing import Rehearsal, complete, spaces
from jupyter_hpo.trial import Report, Trial, TrialState

NAMES = ["cmaes", "de", "ga", "pso"]
PLANE = Space.of({"x": Float(0.0, 1.0), "y": Float(0.0, 1.0)})
MIXED = Space.of(
    {
        "lr": Float(1e-5, 1.0, log=True),
        "depth": Int(1, 9),
        "kind": Categorical("a", "b", "c", "d"),
        "batch": Categorical(16, 32, 64, 128),
        "flag": Bool(),
        "drop": Float(0.0, 1.0, when=lambda p: p["kind"] == "b"),
    }
)
each = pytest.mark.parametrize("name", NAMES)


def valley(p: Mapping[str, Any]) -> float:
    """Least, 0, at one configuration of `MIXED`."""
    away = (math.log10(p["lr"]) + 2.5) ** 2 + 0.2 * (p["depth"] - 6) ** 2
    away += 2.0 * (p["kind"] != "b") + abs(math.log2(p["batch"]) - 6) + (not p["flag"])
    return float(away + 4.0 * (p.get("drop", 0.5) - 0.3) ** 2)


def sphere(p: Mapping[str, Any]) -> float:
    return math.fsum((value - 0.3) ** 2 for value in p.values())


def searched(
    name: str, space: Space, objective: Callable[[Mapping[str, Any]], float], trials: int, seed: int
) -> Rehearsal:
    study = Rehearsal(create(name, space, seed=seed, trials=trials), space, seed)
    for number in range(trials):
        assignment = study.ask(number)
        assert assignment is not None
        outcome = TrialState.COMPLETE, objective(assignment)
        study.finish(number, lambda _number, _value, outcome=outcome: outcome)
    return study


def best(study: Rehearsal) -> float:
    return min(trial.value for trial in study.told if trial.value is not None)


# --- what they find


@each
@pytest.mark.parametrize(("space", "objective"), [(PLANE, sphere), (MIXED, valley)])
def test_they_find_better_configurations_than_chance(
    name: str, space: Space, objective: Callable[[Mapping[str, Any]], float]
) -> None:
    seeds = range(9)
    own = [best(searched(name, space, objective, 60, seed)) for seed in seeds]
    chance = [best(searched("random", space, objective, 60, seed)) for seed in seeds]
    assert np.median(own) < 0.7 * np.median(chance)


@each
@pytest.mark.parametrize("trials", [1, 2, 3, 5, 20, 50, 100, 1000])
def test_a_generation_leaves_time_to_evolve(name: str, trials: int) -> None:
    optimizer: Any = create(name, MIXED, trials=trials)
    assert optimizer.members <= max(trials // 4, 4)
    assert bool(optimizer.notice) == (optimizer.members >= trials)


@each
def test_the_first_generation_is_the_baseline_and_the_centre(name: str) -> None:
    space = Space.of({"x": Float(0.0, 1.0, default=0.9), "y": Float(0.0, 1.0, default=0.2)})
    study = Rehearsal(create(name, space, trials=40), space)
    assert study.tell_defaults() == 1
    asked = study.run(range(1, 8), complete)
    told: Any = study.optimizer
    assert {each.generation for each in told.told[: told.members]} == {0}
    assert all(one != {"x": 0.9, "y": 0.2} for one in asked)
    assert Rehearsal(create(name, PLANE, trials=40), PLANE).ask(0) == {"x": 0.5, "y": 0.5}


@each
def test_without_a_baseline_the_defaults_are_not_run(name: str) -> None:
    space = {"x": Float(0.0, 1.0, default=0.9), "y": Float(0.0, 1.0, default=0.2)}
    study = tune(sphere, space, optimizer=name, trials=12, baseline=False)
    assert all(trial.params != {"x": 0.9, "y": 0.2} for trial in study.trials)


@each
def test_a_study_without_a_total_has_twenty_trials(name: str) -> None:
    study = tune(sphere, {"x": Float(0.0, 1.0)}, optimizer=name)
    assert len(study) == study.record.info.total == 20
    assert not any("grid" in note for note in study.record.info.notes)


# --- what is noted, and explained


@each
def test_notes_say_where_a_trial_comes_from(name: str) -> None:
    study = searched(name, MIXED, valley, 60, seed=1)
    size: int = study.optimizer.members  # type: ignore[attr-defined]
    for trial in study.told:
        noted = trial.info["origin"]
        assert noted["generation"] == trial.number // size
        assert MIXED.decode(noted["genome"]) == trial.assignment
        parents = noted.get("parents", [])
        assert all(number < trial.number for number in parents)
        if trial.number >= size and name != "cmaes":  # which has a distribution for a parent
            assert parents


@each
def test_explain_gives_the_population_as_plain_numbers(name: str) -> None:
    space = spaces()["conditional"]
    study = Rehearsal(create(name, space, trials=60), space)
    study.run(range(40), complete)
    assert isinstance(study.optimizer, Explains)
    for query, axes in (({"x": "kind"}, 1), ({"x": "x", "y": "kind"}, 2)):
        told = study.optimizer.explain({**query, "points": 9, "at": {}})
        assert told["none"]
        population = json.loads(json.dumps(told["population"], allow_nan=False))
        assert population["generation"] == 40 // population["size"]
        assert 0 < len(population["individuals"]) <= population["size"]
        for one in population["individuals"]:
            assert 0 <= one["trial"] < 40
            assert len(one["at"]) == len(one["velocity"]) == axes
            assert all(0.0 <= place <= 1.0 for place in one["at"])


def test_the_distribution_of_cmaes_is_projected_on_a_pair() -> None:
    study = searched("cmaes", PLANE, sphere, 120, seed=0)
    assert isinstance(study.optimizer, Explains)
    population = study.optimizer.explain({"x": "y", "y": "x", "points": 9, "at": {}})["population"]
    assert population["mean"] == pytest.approx([0.3, 0.3], abs=0.02)
    covariance = np.array(population["covariance"])
    assert covariance == pytest.approx(covariance.T)
    assert np.linalg.eigvalsh(covariance).min() > 0.0 and covariance.max() < 1e-3


def test_particles_move_by_their_velocity() -> None:
    study = searched("pso", PLANE, sphere, 80, seed=2)
    size: int = study.optimizer.members  # type: ignore[attr-defined]
    moved = 0
    for trial in study.told[size:]:
        before = study.told[trial.number - size]
        noted = trial.info["origin"]
        assert before.number % size == noted["member"]
        straight = np.array(before.info["origin"]["genome"]) + noted["velocity"]
        if ((straight > 0.0) & (straight < 1.0)).all():
            moved += np.allclose(straight, noted["genome"])
    assert moved > 60


@pytest.mark.parametrize("query", [{"x": "nothing"}, {}])
def test_explain_of_an_unknown_parameter_says_so(query: dict[str, str]) -> None:
    optimizer: Any = create("ga", PLANE)
    assert "no hyperparameter" in optimizer.explain({**query, "points": 9, "at": {}})["none"]


# --- what they learn from


@each
def test_where_trials_fail_it_looks_less_and_less(name: str) -> None:
    def fails(number: int, value: float) -> tuple[TrialState, float | None]:
        x = study.running_x
        return (TrialState.FAIL, None) if x > 0.5 else (TrialState.COMPLETE, 1.0 - x)

    share = []
    for seed in range(5):
        study: Any = Rehearsal(create(name, PLANE, seed=seed, trials=80), PLANE, seed)
        for number in range(80):
            study.running_x = study.ask(number)["x"]
            study.finish(number, fails)
        late = [trial.state is TrialState.FAIL for trial in study.told[40:]]
        share.append(np.mean(late))
    assert np.median(share) < 0.45


@each
def test_a_pruned_trial_counts_for_its_last_report(name: str) -> None:
    def run(pruned: bool) -> list[Any]:
        study = Rehearsal(create(name, PLANE, trials=60), PLANE)
        for number in range(40):
            assignment = study.ask(number)
            assert assignment is not None
            value = sphere(assignment)
            known = [trial.value for trial in study.told if trial.value is not None]
            poor = number > 3 and number % 3 == 0 and value > np.median(known)
            state = TrialState.PRUNED if pruned and poor else TrialState.COMPLETE
            del study.running[number]
            reached = None if state is TrialState.PRUNED else value
            shown = MappingProxyType(dict(assignment))
            reports = (Report(0, 9.0), Report(1, value))
            noted = {"origin": study.notes[number]}
            study.tell(Trial(number, state, shown, reached, reports, info=noted))
        return [dict(trial.assignment) for trial in study.told]

    assert run(pruned=True) == run(pruned=False)


# --- what they stand


junk = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=12,
)


@each
@settings(max_examples=40, deadline=None)
@given(
    notes=st.lists(
        st.dictionaries(
            st.sampled_from(
                ["genome", "parents", "member", "velocity", "generation", "population"]
            ),
            junk,
        ),
        max_size=12,
    )
)
def test_notes_of_anybody_else_do_no_harm(name: str, notes: list[dict[str, Any]]) -> None:
    study = Rehearsal(create(name, MIXED, trials=30), MIXED)
    rng = np.random.default_rng(0)
    for number, noted in enumerate(notes):
        shown = MappingProxyType(MIXED.sample(rng))
        info = {"origin": noted if number % 4 else list(noted)}
        study.tell(Trial(number, TrialState.COMPLETE, shown, float(number % 5), info=info))
    assert len(study.run(range(len(notes), 30), complete)) == 30 - len(notes)


@each
def test_genes_of_an_edited_space_are_not_taken_for_those_of_this_one(name: str) -> None:
    wide, narrow = (Space.of({"x": Float(0.0, high), "n": Int(0, 90)}) for high in (1.0, 0.5))
    study = searched(name, wide, sphere, 20, seed=3)
    optimizer: Any = create(name, narrow, seed=3, trials=40)
    for trial in study.told:
        if narrow.fits(trial.assignment):
            optimizer.tell(trial)
    for individual in optimizer.told:
        trial = study.told[individual.number]
        assert narrow.decode(individual.genes)["x"] == pytest.approx(trial.assignment["x"])


@each
def test_a_trial_of_another_space_is_passed_over(name: str) -> None:
    study = Rehearsal(create(name, PLANE, trials=20), PLANE)
    outside = MappingProxyType({"x": 7.0, "y": 0.1})
    study.tell(Trial(0, TrialState.COMPLETE, outside, -9.0))
    assert len(study.run(range(1, 20), complete)) == 19


@each
def test_more_parameters_than_there_are_sobol_numbers(name: str) -> None:
    space = Space.of({f"x{k}": Float(0.0, 1.0) for k in range(21_300)})
    if name == "cmaes":
        with pytest.raises(UsageError, match="covariance of 21,300 parameters"):
            create(name, space)
        return
    study = Rehearsal(create(name, space, trials=12), space)
    assert len(study.run(range(5), complete)) == 5


@each
@pytest.mark.parametrize("jobs", [3, 20])
def test_parallel_trials_evolve_too(name: str, jobs: int) -> None:
    study = Rehearsal(create(name, PLANE, trials=120), PLANE)
    asked = study.run_parallel(range(120), jobs)
    assert len({tuple(one.values()) for one in asked}) == len(asked)
    late = [trial.value for trial in study.told[-30:] if trial.value is not None]
    early = [trial.value for trial in study.told[:30] if trial.value is not None]
    assert np.median(late) < 0.5 * np.median(early)


@each
def test_a_converged_population_goes_on_with_new_configurations(name: str) -> None:
    space = Space.of({"x": Float(0.0, 1.0)})
    study = Rehearsal(create(name, space, trials=400), space)
    asked = study.run(range(400), complete)
    assert len({one["x"] for one in asked}) == 400
    assert best(study) < 1e-5


@each
def test_a_study_that_is_given_more_trials_keeps_its_population(name: str, tmp_path: Path) -> None:
    space = {p.key: p.domain for p in PLANE}
    store = tmp_path / "studies.db"
    tune(sphere, space, optimizer=name, trials=30, store=store)
    study = tune(sphere, space, trials=400, store=store, resume=True)
    generations = [trial.info["origin"]["generation"] for trial in study.trials]
    assert generations == sorted(generations)
    assert len({trial.info["origin"]["population"] for trial in study.trials}) == 1


def test_cmaes_starts_anew_where_whole_numbers_keep_their_margin() -> None:
    space = Space.of({"x": Float(0.0, 1.0), "n": Int(1, 5)})
    study = searched("cmaes", space, lambda p: abs(p["x"] - 0.3) + abs(p["n"] - 2), 900, seed=0)
    late = [trial.assignment["x"] for trial in study.told[400:]]
    assert max(late) - min(late) > 0.3


# --- options


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ga(population=1)", "ga: population must be from 2 to 100,000, not 1"),
        ("de(population=3)", "de: population must be from 4"),
        ("cmaes(sigma=0)", "cmaes: sigma must be from 1e-06 to 1, not 0"),
        ("pso(inertia=1.5)", "pso: inertia must be from 0 to 1, not 1.5"),
        ("de(crossover=-0.1)", "de: crossover must be from 0 to 1"),
        ("ga(mutation=2)", "ga: mutation must be from 0 to 1"),
        ("ga(mutations=0.2)", "did you mean 'mutation'"),
    ],
)
def test_options_out_of_range_are_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        create(text, PLANE)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ("ga(mutation=0.5)", "ga"),
        ("de(crossover=0.1)", "de"),
        ("pso(inertia=0.9)", "pso"),
        ("cmaes(sigma=0.02)", "cmaes"),
        ("ga(population=9)", "ga"),
    ],
)
def test_options_make_a_difference(changed: str, name: str) -> None:
    runs = [searched(one, PLANE, sphere, 30, seed=0) for one in (changed, name)]
    assert len({tuple(str(dict(t.assignment)) for t in run.told) for run in runs}) == 2


@each
def test_a_population_larger_than_the_budget_is_said(name: str) -> None:
    optimizer: Any = create(f"{name}(population=30)", PLANE, trials=24)
    assert optimizer.notice.startswith(f"{name}: all trials belong to the first generation of 30")
    assert f"{name}(population=4)" in optimizer.notice


def test_a_larger_step_of_cmaes_spreads_wider() -> None:
    def spread(sigma: float) -> float:
        study = Rehearsal(create("cmaes", PLANE, sigma=sigma, trials=60), PLANE)
        return float(np.std([study.ask(n)["x"] for n in range(40)]))  # type: ignore[index]

    assert spread(0.02) < 0.5 * spread(0.2)


# --- in a study


@each
def test_a_study_keeps_the_notes_and_goes_on_from_them(name: str, tmp_path: Path) -> None:
    space = {p.key: p.domain for p in MIXED}
    interrupted: list[int] = []

    def objective(params: Mapping[str, Any], trial: Any) -> float:
        if trial.number == 17 and not interrupted:
            interrupted.append(trial.number)
            raise KeyboardInterrupt
        return valley({"drop": 0.5, **params})

    where: dict[str, Any] = {"store": tmp_path / "studies.db", "optimizer": name, "trials": 30}
    with pytest.raises(StudyInterrupted):
        tune(objective, space, **where)
    resumed = tune(objective, space, resume=True, **where)
    whole = tune(objective, space, optimizer=name, trials=30)
    assert [t.params for t in resumed.trials] == [t.params for t in whole.trials]
    assert [t.info for t in resumed.trials] == [t.info for t in whole.trials]
    frame = whole.trials_dataframe()
    assert frame["info_generation"].is_monotonic_increasing
    assert frame["info_generation"].iloc[-1] > 3
    assert "info_genome" not in frame

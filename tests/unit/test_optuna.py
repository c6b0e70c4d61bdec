"""Samplers of Optuna as optimizers: names, options, values, and that they learn what they claim."""

from __future__ import annotations

import logging
import math
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_hpo.domains import Bool, Categorical, Domain, Float, Int
from jupyter_hpo.errors import StudyError, UsageError
from jupyter_hpo.optimizers import create, parse
from jupyter_hpo.optimizers.optuna.values import Values
from jupyter_hpo.space import Parameter, Space
from jupyter_hpo.testing import Rehearsal, complete, spaces, troubled
from jupyter_hpo.trial import Report, Trial, TrialState

PLANE = Space.of({"x": Float(-1, 1), "y": Float(-1, 1)})
FIVE = Space.of({f"x{k}": Float(-1, 1) for k in range(5)})

Assignment = Mapping[str, Any]


def valley(assignment: Assignment) -> float:
    """Smallest, 0, where every value is 0.3; steeper in each direction than in the last."""
    return math.fsum(10**k * (x - 0.3) ** 2 for k, x in enumerate(assignment.values()))


def search(
    name: str,
    space: Space,
    trials: int,
    seed: int = 0,
    objective: Callable[[Assignment], float] = valley,
    jobs: int = 1,
) -> list[Trial]:
    """A study of `jobs` trials at a time that end in the order they were started."""
    optimizer = create(name, space, seed=seed)
    told: list[Trial] = []
    running: dict[int, Assignment] = {}
    for number in range(trials):
        if len(running) == jobs:
            first = min(running)
            assignment = running.pop(first)
            told.append(Trial(first, TrialState.COMPLETE, assignment, objective(assignment)))
            optimizer.tell(told[-1])
        rng = np.random.default_rng([seed, number])
        running[number] = optimizer.ask(number, rng, list(running.values())) or {}
    return told


def best(trials: list[Trial]) -> float:
    return min(trial.value for trial in trials if trial.value is not None)


# -- names and options -------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("TPE", "GP", "CmaEs", "NSGAII", "NSGAIII", "QMC", "Random"),
        *("TPESampler", "optuna.samplers.TPESampler"),
    ],
)
def test_a_sampler_by_any_of_its_names(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert create(f"optuna:{name}", PLANE).ask(0, np.random.default_rng(0), ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("optuna:tpe", "Optuna has no sampler 'tpe'; did you mean 'optuna:TPE'? There are Brute"),
        ("optuna:Xyz", "; there are BruteForce, CmaEs, GP, NSGAII, NSGAIII, QMC, Random, TPE"),
        ("optuna:Base", "Optuna has no sampler 'Base'"),
        ("optuna:NAME", "Optuna has no sampler 'NAME'"),
        ("optuna:Grid", "optuna:Grid is not to be had here: its grid is not that of the search sp"),
        ("optuna:PartialFixedSampler", "is not to be had here: it wraps another sampler"),
        ("optuna:nowhere.Sampler", "optuna:nowhere.Sampler could not be imported: ModuleNotFoun"),
        ("optuna:math.sin", "optuna:math.sin is <built-in function sin>, which is no sampler"),
        ("optuna:optuna.samplers.Nothing", "could not be imported: AttributeError"),
        ("optuna:TPE(seed=1)", "optuna:TPE has no option 'seed'; "),
        ("optuna:GP(independent_sampler=None)", "GP has no option 'independent_sampler'; "),
        ("optuna:TPE(n_startup=1)", "has no option 'n_startup'; did you mean 'n_startup_trials'?"),
        ("optuna:TPE(n_startup_trials='5')", "n_startup_trials must be a whole number, not '5'"),
        ("optuna:TPE(group=1)", "optuna:TPE: group must be True or False, not 1"),
        ("optuna:TPE(gamma=5)", "optuna:TPE: gamma must be Callable"),
        ("optuna:CmaEs(sigma0=True)", "sigma0 must be a number or None, not True"),
        ("optuna:CmaEs(x0=[1])", "x0 must be dict or None, not [1]"),
        ("optuna:CmaEs(5)", "options are written with their name"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("optuna:NSGAII(population_size=1)", "optuna:NSGAII: `population_size` must be greater"),
        ("optuna:QMC(qmc_type='latin')", "optuna:QMC: The `qmc_type"),
        ("optuna:CmaEs(lr_adapt=True, with_margin=True)", "optuna:CmaEs: It is prohibited"),
        ("optuna:BruteForce", "'x' has infinitely many; give it a step, or write grid(points=5)"),
    ],
)
def test_what_the_sampler_itself_refuses(text: str, message: str) -> None:
    parse(text)
    with pytest.raises(UsageError) as caught:
        create(text, PLANE)
    assert message in str(caught.value)


def test_options_reach_the_sampler() -> None:
    early, late = (search(f"optuna:TPE(n_startup_trials={n})", PLANE, 12, seed=1) for n in (3, 11))
    same = [one.assignment == other.assignment for one, other in zip(early, late, strict=True)]
    assert same == [True] * 3 + [False] * 8


def test_brute_force_refuses_what_is_endless_for_it() -> None:
    with pytest.raises(UsageError, match="goes through every value, and 'n' has 1,000,000,001"):
        create("optuna:BruteForce", Space.of({"n": Int(0, 10**9)}))
    with pytest.raises(UsageError, match="'d' shows in the run only; write grid"):
        create("optuna:BruteForce", spaces()["dynamic and finite"])


def test_brute_force_ends_by_itself_and_says_when() -> None:
    space = Space.of({"n": Int(1, 3), "c": Categorical("a", "b", when=lambda p: p["n"] > 1)})
    optimizer = create("optuna:BruteForce", space)
    assert optimizer.size == 5  # type: ignore[attr-defined]
    assert len(Rehearsal(optimizer, space).run(range(9), troubled)) == 5


@pytest.mark.parametrize(
    ("package", "name", "message"),
    [
        ("optuna", "TPE", "needs Optuna, which cannot be imported here (import of optuna halted"),
        ("optuna", "TPE", "pip install 'jupyter_hpo[optuna]'"),
        ("cmaes", "CmaEs", "optuna:CmaEs needs cmaes; pip install 'jupyter_hpo[optuna]'"),
        ("torch", "GP", "optuna:GP needs torch; pip install 'jupyter_hpo[torch]'"),
    ],
)
def test_a_package_that_is_missing_is_named(package: str, name: str, message: str) -> None:
    done = _run(
        f"""
        import sys

        sys.modules[{package!r}] = None  # to Python that is a package which is not there
        from jupyter_hpo.errors import UsageError
        from jupyter_hpo.optimizers import names, parse
        assert "optuna:NAME" in names()
        try:
            parse("optuna:{name}")
        except UsageError as error:
            print(error)
        """
    )
    assert message in done


def test_optuna_is_not_imported_until_a_sampler_is_named() -> None:
    done = _run(
        """
        import sys
        from jupyter_hpo.domains import Float
        from jupyter_hpo.optimizers import create, names
        import jupyter_hpo.optimizers.optuna.sampled
        create("random", {"x": Float(0, 1)})
        print("optuna" in sys.modules, len(names()) > 0)
        """
    )
    assert done.strip() == "False True"


def _run(code: str) -> str:
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# -- samplers of other packages ----------------------------------------------------------

FOREIGN = """
import optuna

class Falling(optuna.samplers.BaseSampler):
    '''Notes in each trial how low it came, and goes on from the lowest note.'''

    def __init__(self, *, seed=None, factor: float = 0.5, **anything):
        self.factor = factor

    def infer_relative_search_space(self, study, trial):
        return {}

    def sample_relative(self, study, trial, search_space):
        return {}

    def sample_independent(self, study, trial, param_name, param_distribution):
        notes = [each.system_attrs.get("low", 1.0) for each in study.get_trials(deepcopy=False)
                 if each.state == optuna.trial.TrialState.COMPLETE]
        low = min(notes, default=1.0) * self.factor
        study._storage.set_trial_system_attr(trial._trial_id, "low", low)
        return low

class Seedless(Falling):
    def __init__(self):
        pass

class Broken(Falling):
    def sample_independent(self, study, trial, param_name, param_distribution):
        raise KeyError("left out")
"""


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "falling_search.py").write_text(FOREIGN)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "falling_search", raising=False)


@pytest.mark.usefixtures("foreign")
def test_a_sampler_of_another_package_goes_on_from_its_notes() -> None:
    space = Space.of({"x": Float(0, 1)})
    study = Rehearsal(create("optuna:falling_search.Falling(factor=0.1)", space), space)
    asked = [one["x"] for one in study.run(range(4), complete)]
    assert asked == pytest.approx([0.1, 0.01, 0.001, 0.0001])
    again = create("optuna:falling_search.Falling(factor=0.1)", space)
    resumed = Rehearsal(again, space, told=study.told)
    assert resumed.ask(4) == study.ask(4) == {"x": pytest.approx(1e-5)}
    assert "forgets what it keeps in itself" in again.notice  # type: ignore[attr-defined]


@pytest.mark.usefixtures("foreign")
def test_a_sampler_without_a_seed_is_refused() -> None:
    with pytest.raises(UsageError, match="Seedless takes no seed: its trials would be others"):
        parse("optuna:falling_search.Seedless")


@pytest.mark.usefixtures("foreign")
def test_a_sampler_that_breaks_is_named() -> None:
    optimizer = create("optuna:falling_search.Broken", PLANE)
    with pytest.raises(StudyError, match="Broken could not propose a trial: KeyError: 'left out'"):
        optimizer.ask(0, np.random.default_rng(0), ())


# -- what Optuna says --------------------------------------------------------------------


def test_optuna_is_quiet_and_as_the_user_set_it(caplog: pytest.LogCaptureFixture) -> None:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.DEBUG)
    optuna.logging.enable_propagation()
    try:
        with warnings.catch_warnings(record=True) as seen, caplog.at_level(logging.DEBUG):
            warnings.simplefilter("always")
            space = spaces()["conditional"]
            for name in (
                "QMC",
                "CmaEs(use_separable_cma=True, popsize=3)",
                "TPE(prior_weight=1.0)",
            ):
                study = Rehearsal(create(f"optuna:{name}", space), space)
                study.run(range(6), troubled)
        assert optuna.logging.get_verbosity() == optuna.logging.DEBUG
    finally:
        optuna.logging.disable_propagation()
        optuna.logging.set_verbosity(before)
    assert [str(each.message) for each in seen] == []
    assert caplog.text == ""


# -- values ------------------------------------------------------------------------------

EXTREME = {
    "uneven": Float(0.0, 1.0, step=0.3),
    "decimals": Float(0.1, 0.9, step=0.1),
    "largest": Int(2**53 - 3, 2**53),
    "most": Int(-(2**49), 2**49 - 1),
    "stepping": Int(-7, 10, step=4),
    "logarithmic": Int(1, 2**40, log=True),
    "widest": Float(-1.7e308, 1.7e308),
    "wide": Float(-1e99, 1e99),
    "smallest": Float(5e-324, 1e-300, log=True),
    "one": Float(2.5, 2.5),
    "only": Categorical("only"),
    "odd": Categorical(math.sin, None, (1, 2), [3], math.nan, 1, True, "1"),
    "truth": Bool(),
}


@pytest.mark.parametrize("most", [math.inf, 3])
@pytest.mark.parametrize("name", EXTREME)
@settings(max_examples=30)
@given(u=st.floats(0, 1))
def test_values_come_back_as_they_were(name: str, most: float, u: float) -> None:
    domain: Domain = EXTREME[name]
    values = Values(Space.of({"v": domain}), most)
    value = domain.decode(u)
    raw = values.raw({"v": value})
    assert raw is not None
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.enqueue_trial(raw)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Optuna warns of values outside its distribution
        suggested, assignment = values.suggest(study.ask())
    assert suggested == raw
    if name != "widest":  # its values are those of 2**40 places
        assert domain.check(assignment["v"]) is assignment["v"] or assignment["v"] == value
        assert domain.dump(assignment["v"]) == domain.dump(value)
    assert values.raw(assignment) == raw


@pytest.mark.parametrize("sampler", ["TPE(n_startup_trials=2)", "CmaEs(popsize=3)", "QMC"])
def test_extreme_ranges_are_searched(sampler: str) -> None:
    space = Space.of(EXTREME)
    for assignment in Rehearsal(create(f"optuna:{sampler}", space), space).run(range(9), complete):
        assert space.fits(assignment)


def test_a_gaussian_process_makes_no_array_of_a_billion_values() -> None:
    space = Space.of({"n": Int(0, 10**9), "k": Int(1, 2**40, log=True)})
    study = Rehearsal(create("optuna:GP(n_startup_trials=2)", space), space)
    assert len(study.run(range(4), complete)) == 4
    known = Values(space, 1_000).distributions({"n": 0, "k": 0}).values()
    assert all(isinstance(each, optuna.distributions.FloatDistribution) for each in known)


# -- what is told ------------------------------------------------------------------------


def study_of(optimizer: Any) -> list[optuna.trial.FrozenTrial]:
    """The study that Optuna sees before it is asked again."""
    optimizer._history.begin()
    return optimizer._history._study.get_trials()  # type: ignore[no-any-return]


def told(number: int, state: TrialState, value: float | None, *reports: float) -> Trial:
    steps = tuple(Report(step, each) for step, each in enumerate(reports))
    return Trial(number, state, {"x": 0.1 * number, "y": 0.0}, value, steps)


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("name", ["TPE", "CmaEs"])
def test_states_values_and_reports_are_told(name: str, asked: bool) -> None:
    optimizer = create(f"optuna:{name}", PLANE)
    endings: list[tuple[TrialState, float | None, tuple[float, ...]]] = [
        (TrialState.COMPLETE, 1.5, (3.0, 2.0)),
        (TrialState.FAIL, None, (3.0,)),
        (TrialState.PRUNED, None, (3.0, 2.5)),
        (TrialState.SKIPPED, None, ()),
        (TrialState.COMPLETE, math.inf, ()),
        (TrialState.COMPLETE, -math.inf, ()),
        (TrialState.COMPLETE, math.nan, ()),
        (TrialState.PRUNED, None, (3.0, math.nan)),
    ]
    trials = [told(number, *state[:2], *state[2]) for number, state in enumerate(endings)]
    for number, trial in enumerate(trials):
        if asked:
            assignment = optimizer.ask(number, np.random.default_rng(number), ())
            assert assignment is not None
            trial = Trial(number, trial.state, assignment, trial.value, trial.reports)
        optimizer.tell(trial)
    # asks that were answered otherwise have failed
    seen = study_of(optimizer)
    if name == "CmaEs" and not asked:
        seen = seen[1::2]
    state = optuna.trial.TrialState
    assert [each.state for each in seen] == [
        *(state.COMPLETE, state.FAIL, state.PRUNED, state.PRUNED),
        *(state.COMPLETE, state.COMPLETE, state.FAIL, state.PRUNED),
    ]
    assert [each.value for each in seen] == [
        *(1.5, None, 2.5, None, math.inf, -math.inf, None, None)
    ]
    assert seen[2].intermediate_values == {1: 2.5}


def test_what_the_run_did_not_show_is_not_told() -> None:
    space = spaces()["dynamic"]
    optimizer = create("optuna:TPE", space)
    for number in range(4):
        asked = optimizer.ask(number, np.random.default_rng(number), ()) or {}
        assert list(asked) == ["x", "d"]
        shown = asked if number % 2 else {"x": asked["x"]}
        optimizer.tell(Trial(number, TrialState.COMPLETE, shown, 1.0))
    assert [list(each.params) for each in study_of(optimizer)] == [["x"], ["x", "d"]] * 2


def test_trials_of_another_space_are_passed_over() -> None:
    for name in ("TPE", "CmaEs"):
        optimizer = create(f"optuna:{name}", PLANE)
        for strange in ({"x": 9.0, "y": 0.0}, {"x": "one", "y": 0.0}, {"z": 3}):
            optimizer.tell(Trial(0, TrialState.COMPLETE, strange, 1.0))
        assert study_of(optimizer) == []
        assert optimizer.ask(1, np.random.default_rng(1), ())


def test_running_trials_are_known_to_the_sampler() -> None:
    space = Space.of({"n": Int(1, 3)})
    optimizer = create("optuna:TPE", space)
    assert optimizer.ask(2, np.random.default_rng(0), [{"n": 1}, {"n": 3}]) == {"n": 2}
    assert study_of(optimizer) == []


# -- conditions --------------------------------------------------------------------------


def fork(assignment: Assignment) -> float:
    """Smallest at kind b, n 7."""
    if assignment["kind"] == "a":
        return 1.0 + float(assignment["x"])
    return abs(assignment["n"] - 70) / 70


FORK = Space.of(
    {
        "kind": Categorical("a", "b"),
        "x": Float(0.0, 1.0, when=lambda p: p["kind"] == "a"),
        "n": Int(1, 1000, when=lambda p: p["kind"] == "b"),
    }
)


def test_only_what_is_active_is_asked_for_and_learnt_of() -> None:
    trials = search("optuna:TPE", FORK, 60, objective=fork)
    for trial in trials:
        assert list(trial.assignment) == ["kind", "x" if trial.assignment["kind"] == "a" else "n"]
    late = [trial.assignment for trial in trials[30:]]
    assert sum(one["kind"] == "b" for one in late) > 20
    assert np.median([abs(one["n"] - 70) for one in late if "n" in one]) < 150


@pytest.mark.parametrize(
    ("name", "space", "notice"),
    [
        ("TPE", "conditional", ""),
        ("CmaEs", "continuous", ""),
        ("CmaEs", "one value", ""),
        (
            "CmaEs",
            "conditional",
            (
                "optuna:CmaEs draws kind, x, n at random: it learns about numbers that every trial "
                "has. optuna:TPE learns about all."
            ),
        ),
        (
            "GP",
            "a name in two branches",
            (
                "optuna:GP draws w, deep at random: it learns about parameters that every trial "
                "has. optuna:TPE learns about all."
            ),
        ),
        (
            "NSGAII",
            "dynamic",
            (
                "optuna:NSGAII draws d at random: it learns about parameters that every trial has. "
                "optuna:TPE learns about all."
            ),
        ),
    ],
)
def test_what_is_drawn_at_random_is_said(name: str, space: str, notice: str) -> None:
    optimizer = create(f"optuna:{name}", spaces()[space])
    assert optimizer.notice == notice  # type: ignore[attr-defined]


def test_cma_es_goes_on_where_parameters_come_and_go() -> None:
    space = Space(
        [
            *(Parameter(f"x{k}", Float(-1, 1)) for k in range(3)),
            Parameter("seen", Float(0, 1), dynamic=True),
            Parameter("rare", Int(1, 9), when=lambda p: p["x0"] > 0),
        ]
    )

    def objective(assignment: Assignment) -> float:
        return valley({key: assignment[key] for key in ("x0", "x1", "x2")})

    reached = []
    for seed in range(3):
        optimizer = create("optuna:CmaEs", space, seed=seed)
        values = []
        for number in range(120):
            asked = optimizer.ask(number, np.random.default_rng(number), ()) or {}
            shown = {key: v for key, v in asked.items() if key != "seen" or number % 3}
            values.append(objective(asked))
            optimizer.tell(Trial(number, TrialState.COMPLETE, shown, values[-1]))
        reached.append(min(values))
    assert np.median(reached) < 0.02  # drawn at random: 0.6


# -- learning ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "trials", "factor"),
    [
        ("TPE", 60, 0.6),
        ("CmaEs", 120, 0.2),
        ("CmaEs(with_margin=True)", 120, 0.2),
        ("CmaEs(use_separable_cma=True)", 120, 0.2),
        ("NSGAII(population_size=10)", 120, 0.6),
        ("NSGAIII(population_size=10)", 120, 0.6),
    ],
)
def test_it_learns(name: str, trials: int, factor: float) -> None:
    seeds = range(3)
    reached = [best(search(f"optuna:{name}", FIVE, trials, seed)) for seed in seeds]
    chance = [best(search("random", FIVE, trials, seed)) for seed in seeds]
    assert np.median(reached) < factor * np.median(chance)


@pytest.mark.parametrize(
    ("name", "factor", "runs"),
    [("TPE", 0.6, 3), ("CmaEs", 0.3, 3), ("NSGAII(population_size=10)", 0.7, 7)],
)
def test_it_learns_from_trials_that_run_side_by_side(name: str, factor: float, runs: int) -> None:
    seeds = range(runs)
    reached = [best(search(f"optuna:{name}", FIVE, 120, seed, jobs=3)) for seed in seeds]
    chance = [best(search("random", FIVE, 120, seed)) for seed in seeds]
    assert np.median(reached) < factor * np.median(chance)


def test_a_gaussian_process_learns() -> None:
    trials = search("optuna:GP(n_startup_trials=5)", PLANE, 16)
    assert best(trials) < 0.01


def test_cma_es_takes_up_what_another_optimizer_found() -> None:
    earlier = search("random", FIVE, 100, seed=1)
    optimizer = create("optuna:CmaEs", FIVE, seed=1)
    for trial in earlier:
        optimizer.tell(trial)
    asked = [optimizer.ask(k, np.random.default_rng(k), ()) or {} for k in range(99, 130)]
    middle = np.mean([list(one.values()) for one in asked], axis=0)
    assert abs(middle[4] - 0.3) < 0.2  # the steepest direction; it starts in the middle, at 0


@pytest.mark.parametrize("info", [{"enqueued": True}, {"baseline": True}, {}])
@pytest.mark.parametrize("name", ["CmaEs", "NSGAII"])
def test_what_the_user_gave_is_no_member_of_a_generation(name: str, info: dict[str, bool]) -> None:
    optimizer = create(f"optuna:{name}", PLANE)
    for number in range(3):
        given = {"x": -1.0 + number / 10, "y": -1.0}
        optimizer.tell(Trial(number, TrialState.COMPLETE, given, 1.0, info=info))
    finished = [
        each for each in study_of(optimizer) if each.state == optuna.trial.TrialState.COMPLETE
    ]
    assert len(finished) == 3
    assert bool(finished[-1].system_attrs) == (not info)


def test_qmc_points_are_those_of_the_sequence_in_order() -> None:
    from scipy.stats import qmc

    points = _points(search("optuna:QMC", PLANE, 18))
    # the first trial is drawn at random: only then are the dimensions known
    assert np.allclose((points[1:] + 1) / 2, qmc.Sobol(2, scramble=False).random(16))


def test_qmc_points_of_trials_that_run_side_by_side_are_different() -> None:
    points = _points(search("optuna:QMC(scramble=True)", PLANE, 40, jobs=4))
    assert len({tuple(point) for point in points}) == len(points)


def _points(trials: list[Trial]) -> Any:
    return np.array([list(trial.assignment.values()) for trial in trials])


def test_other_seeds_give_other_trials() -> None:
    for name in ("TPE", "CmaEs", "QMC(scramble=True)"):
        one, other = (_points(search(f"optuna:{name}", PLANE, 6, seed)) for seed in (1, 2))
        assert not (one == other).any()

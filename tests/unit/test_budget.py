"""Budgets: when studies end, what becomes of the trial under way, and how they go on."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from promoting import Rounds

from jupyter_hpo import Float, Study, tune
from jupyter_hpo.budget import CLOCK, LEAST, in_vain
from jupyter_hpo.errors import UsageError
from jupyter_hpo.record import StudyState
from jupyter_hpo.trial import RAN, TrialState

SPACE = {"x": Float(0.0, 1.0, default=0.5)}
EPOCHS = 5
Params = Mapping[str, Any]


def objective(params: Params, trial: Any) -> float:
    for epoch in range(EPOCHS):
        trial.report(params["x"] + 1 / (epoch + 1))
    return float(params["x"])


def study(budget: str | None, **more: Any) -> Study:
    options: dict[str, Any] = {"pruner": "none", "optimizer": "random", **more}
    return tune(options.pop("objective", objective), SPACE, budget=budget, **options)


def known(study: Study) -> list[Any]:
    # where the code of a trial was when it was ended depends on the clock, too
    clocked = ("started", "duration", "peak_memory", "info", "error")
    told = [{k: v for k, v in vars(t).items() if k not in clocked} for t in study.trials]
    return [told, [{k: v for k, v in t.info.items() if k != RAN} for t in study.trials]]


@pytest.mark.parametrize(
    ("budget", "complete", "under_way"),
    [
        ("10 epochs", 2, 0),
        ("11 epochs", 2, 1),  # it has one of five: it is left where it is
        ("12 epochs", 2, 1),
        ("13 epochs", 3, 0),  # three of five: it may finish
        ("1 epoch", 0, 1),  # nothing is known of trials yet: as much again as it has had
        ("3 epochs", 1, 0),
    ],
)
def test_epochs(budget: str, complete: int, under_way: int) -> None:
    made = study(budget)
    states = [trial.state for trial in made.trials]
    assert states.count(TrialState.COMPLETE) == complete
    assert states.count(TrialState.INTERRUPTED) == under_way == len(states) - complete
    assert made.state == StudyState.FINISHED
    told = made.record.info.message
    assert told.startswith(f"the budget of {budget.removesuffix('s')}")
    assert ("goes on with the trial that was under way" in told) == bool(under_way)


def test_whichever_comes_first_and_no_other_limit() -> None:
    assert len(study("1000 epochs", trials=3).trials) == 3
    assert len(study("15 epochs", trials=30).trials) == 3
    assert len(study("150 epochs").trials) == 30  # 20 is what there are without a budget
    grid = study("1000 epochs", optimizer="grid(points=4)")
    assert grid.state == StudyState.FINISHED and len(grid.trials) == 5


def test_a_trial_that_reports_nothing_counts_as_one_epoch() -> None:
    assert len(study("7 epochs", objective=lambda params: params["x"]).trials) == 7


def test_of_reports_that_are_not_kept_the_number_counts() -> None:
    def batches(params: Params, trial: Any) -> float:
        for step in range(5000):
            trial.automatic(params["x"], step)
        return float(params["x"])

    made = study("10000 epochs", objective=batches)
    assert [trial.reported for trial in made.trials] == [5000, 5000]
    assert all(len(trial.reports) < 5000 for trial in made.trials)


@pytest.mark.parametrize("pruner", ["none", "promoting"])
@pytest.mark.parametrize(("first", "more"), [(4, 3), (16, 12), (33, 9)])
def test_a_larger_budget_goes_on_as_if_it_had_been_there(
    tmp_path: Path, first: int, more: int, pruner: str
) -> None:
    store = tmp_path / "studies.db"

    def run(name: str, budget: int, *, resume: bool = False) -> Study:
        how = Rounds(lambda trial: len(trial) in (1, 3), first=3)
        chosen = how if pruner == "promoting" else "none"
        return study(
            f"{budget} epochs",
            pruner=chosen,
            optimizer="ga",
            store=store,
            name=name,
            resume=resume,
        )

    whole = run("whole", first + more)
    run("parts", first)
    assert known(run("parts", first + more, resume=True)) == known(whole)


def test_stored_and_kept_unless_how_much_is_said_anew(tmp_path: Path) -> None:
    def run(budget: str | None = None, trials: int | None = None) -> Study:
        return study(budget, trials=trials, store=tmp_path / "s.db", resume=len(made) > 0)

    made: list[Study] = []
    made.append(run("10 epochs"))
    made.append(run())
    assert made[-1].record.info.budget == "10 epochs" and len(made[-1].trials) == 2
    made.append(run(trials=5))
    assert (made[-1].record.info.budget, len(made[-1].trials)) == ("", 5)
    made.append(run("35 epochs"))
    assert (made[-1].record.info.total, len(made[-1].trials)) == (None, 7)
    made.append(run("worthwhile", trials=8))
    assert len(made[-1].trials) == 8


def test_time_ends_a_study_and_a_trial_that_is_far_from_its_end() -> None:
    def slow(params: Params, trial: Any) -> float:
        if trial.number == 3:
            while True:
                time.sleep(0.01)
        return float(params["x"])

    made = study("0.5s", objective=slow)
    assert [t.state for t in made.trials] == [TrialState.COMPLETE] * 3 + [TrialState.INTERRUPTED]
    assert made.state == StudyState.FINISHED
    assert made.record.info.message == (
        "the budget of 0.5s is spent; resumed with a larger one, the study goes on with the trial "
        "that was under way"
    )
    assert CLOCK in made.record.info.notes


def test_time_is_that_of_all_sittings(tmp_path: Path) -> None:
    made = study("0.2s", objective=flat, store=tmp_path / "s.db")
    again = study(None, objective=flat, store=tmp_path / "s.db", resume=True)
    assert len(again.trials) == len(made.trials)
    assert again.record.info.message == "the budget of 0.2s is spent"
    aim = len(made.trials) + 3
    more = study("10m", objective=flat, trials=aim, store=tmp_path / "s.db", resume=True)
    assert len(more.trials) == aim


def test_trials_that_wait_are_interrupted_and_go_on(tmp_path: Path) -> None:
    def run(budget: str, *, resume: bool = False) -> Study:
        how: dict[str, Any] = {"pruner": Rounds(), "trials": 30, "resume": resume}
        return study(budget, store=tmp_path / "s.db", **how)

    made = run("9 epochs")
    assert [t.state for t in made.trials[1:]] == [TrialState.INTERRUPTED] * 4
    assert "goes on with the 4 trials that were under way" in made.record.info.message
    assert {t.info["reason"] for t in made.trials[1:]} == {"the budget of 9 epochs is spent"}
    more = run("15 epochs", resume=True)
    assert [t.state for t in more.trials[1:]] == [TrialState.INTERRUPTED] * 10


@pytest.mark.parametrize("budget", ["10", "", "never", "0 epochs"])
def test_what_is_no_budget(budget: str) -> None:
    with pytest.raises(UsageError, match=r"^budget is '10m', '2h', '90s'"):
        study(budget)
    with pytest.raises(UsageError, match=r"not 10$"):
        study(10)  # type: ignore[arg-type]


def flat(params: Params) -> float:
    """Many are equally good."""
    return float(round((params["x"] - 0.3) ** 2, 2))


# --- worthwhile ------------------------------------------------------------------------------


def fires(values: list[float | None]) -> int | None:
    """After how many trials more are not worth it."""
    return next((n for n in range(len(values) + 1) if in_vain(values[:n])), None)


@pytest.mark.parametrize("seed", range(5))
def test_not_while_the_best_gets_noticeably_better(seed: int) -> None:
    chance = random.Random(seed)
    down: list[float | None] = [1 - n / 100 + chance.gauss(0, 0.02) for n in range(100)]
    assert fires(down) is None
    halving: list[float | None] = [
        0.5 ** (n / 12) * (1 + 0.2 * chance.random()) for n in range(150)
    ]
    after = fires(halving)
    assert after is not None and 0.5 ** (after / 12) < 0.05


@pytest.mark.parametrize("seed", range(5))
def test_on_a_plateau(seed: int) -> None:
    chance = random.Random(seed)
    flat: list[float | None] = [1 + chance.random() for _ in range(15)]
    flat += [0.1 + 0.005 * chance.random() for _ in range(60)]
    after = fires(flat)
    assert after is not None and LEAST <= after <= 30
    assert fires([0.3] * LEAST) == LEAST
    assert fires([0.3] * 9 + [None] * 60) is None  # too little is known


@pytest.mark.parametrize(
    "draw",
    [random.Random.random, lambda chance: chance.gauss(), lambda chance: chance.gammavariate(1, 1)],
)
def test_chance_alone_ends_when_the_next_ones_promise_little(
    draw: Callable[[random.Random], float],
) -> None:
    left = []
    for seed in range(40):
        chance = random.Random(seed)
        numbers = [draw(chance) for _ in range(400)]
        after = fires(list(numbers))
        assert after is not None and after > LEAST
        start, ahead = sorted(numbers[:10])[5], min(numbers[: after + 10])
        left.append((min(numbers[:after]) - ahead) / (start - ahead))
    assert sum(left) / len(left) < 0.03  # gained by the next ten, had they been run


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.none() | st.floats(allow_nan=True, width=32), max_size=60),
    st.floats(0.01, 100),
    st.floats(-10, 10),
)
def test_the_unit_of_the_objective_does_not_matter(
    values: list[float | None], factor: float, shift: float
) -> None:
    values = [v if v is None or not math.isfinite(v) else round(v % 8, 2) for v in values]
    other = [None if v is None else 2 ** round(math.log2(factor)) * v for v in values]
    assert bool(in_vain(values)) == bool(in_vain(other))


def test_a_study_that_is_not_worthwhile_ends_by_a_sentence_and_resumes_alike(
    tmp_path: Path,
) -> None:
    def run(name: str, trials: int | None = None, *, resume: bool = False) -> Study:
        how = {"objective": flat, "trials": trials, "resume": resume}
        return study("worthwhile", name=name, store=tmp_path / "s.db", **how)

    whole = run("whole")
    assert whole.state == StudyState.FINISHED and LEAST <= len(whole.trials) < 60
    assert whole.record.info.message.startswith("more trials are not worthwhile: the last 10 gain")
    run("parts", len(whole.trials) - 3)
    assert known(run("parts", resume=True)) == known(whole)
    assert known(run("parts", 1000, resume=True)) == known(whole)  # it stays so


@pytest.mark.parametrize("sign", [1, -1])
def test_of_trials_that_wait_what_they_are_expected_to_come_to_counts(
    tmp_path: Path, sign: int
) -> None:
    def curve(params: Params, trial: Any) -> float:
        end = max(params["x"], 0.2)
        for epoch in range(27):
            value = sign * (end + 1 / (epoch + 1))
            trial.report(value)
        return float(value)

    def run(name: str, trials: int | None = None, *, resume: bool = False) -> Study:
        how = {"objective": curve, "trials": trials, "resume": resume, "pruner": "asha"}
        return study("worthwhile", name=name, store=tmp_path / "s.db", minimize=sign > 0, **how)

    whole = run("whole")
    complete = sum(trial.state is TrialState.COMPLETE for trial in whole.trials)
    assert LEAST <= len(whole.trials) < 100 and complete < LEAST
    assert whole.record.info.message.startswith("more trials are not worthwhile: the last 10 gain")
    assert sign * whole.best_value < 0.3
    assert known(run("whole", 1000, resume=True)) == known(whole)  # it stays so

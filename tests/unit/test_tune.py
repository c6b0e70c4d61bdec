"""`tune`: studies in plain Python, on the engine that runs cells."""

from __future__ import annotations

import gc
import math
import os
import signal
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from store_cases import INFO

from jupyter_hpo import Bool, Categorical, Float, Int, Study, trial, tune
from jupyter_hpo.errors import SpaceError, StoreError, StudyError, StudyInterrupted, UsageError
from jupyter_hpo.launch import refuse_without
from jupyter_hpo.scalar import ObjectiveError
from jupyter_hpo.store import Store
from jupyter_hpo.trial import TrialState

Params = Mapping[str, Any]
SPACE = {"x": Float(-5, 5, default=4.0), "n": Int(1, 8, default=2)}
CONDITIONAL = {
    "kind": Categorical("a", "b", default="a"),
    "depth": Int(1, 3, default=2, when=lambda p: p["kind"] == "a"),
    "rate": Float(1e-3, 1, log=True, default=0.1, when=lambda p: p["kind"] == "b"),
}


def square(params: Params) -> float:
    return float(params["x"]) ** 2 + int(params["n"])


def sitting(error: type[BaseException], *arguments: Any, **keywords: Any) -> Study:
    """A study that may end by `error`, which holds it."""
    try:
        return tune(*arguments, **keywords)
    except error as ended:
        study = ended.study  # type: ignore[attr-defined]  # of StudyError and StudyInterrupted
        assert isinstance(study, Study)
        return study


def table(study: Study) -> list[tuple[Any, ...]]:
    """What must be the same, bit for bit, in two runs of a study."""
    return [(t.number, t.state, t.assignment, t.value, t.reports, t.log) for t in study.trials]


class Failing:
    """An objective that raises in some of its calls."""

    def __init__(self, failures: Mapping[int, BaseException | float]) -> None:
        self.failures, self.calls = failures, 0

    def __call__(self, params: Params) -> float:
        outcome = self.failures.get(self.calls, float(params["x"]))
        self.calls += 1
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


# -- a study --------------------------------------------------------------------------------------


def test_a_study() -> None:
    study = tune(square, SPACE, trials=12, optimizer="random")
    assert isinstance(study, Study)
    assert (study.state, study.name, len(study)) == ("finished", "study", 12)
    values = [t.value for t in study.trials]
    assert study.best_value == min(v for v in values if v is not None)
    assert study.best_value == square(study.best_params)
    assert study.best_trial.params == study.best_params
    assert all(t.state is TrialState.COMPLETE and t.duration is not None for t in study.trials)


def test_the_baseline_is_trial_0() -> None:
    study = tune(square, SPACE, trials=3)
    assert study.trials[0].params == {"x": 4.0, "n": 2}
    assert study.trials[0].value == 18
    assert study.record.baseline is study.trials[0]


@pytest.mark.parametrize(
    ("space", "more"),
    [(SPACE, {"baseline": False}), ({"x": Float(-5, 5), "n": Int(1, 8, default=2)}, {})],
)
def test_no_baseline(space: dict[str, Any], more: dict[str, Any]) -> None:
    study = tune(square, space, trials=3, optimizer="random", **more)
    assert study.trials[0].params != {"x": 4.0, "n": 2}
    assert study.record.baseline is None


def test_maximize() -> None:
    told: list[float | None] = []

    class Listening:
        def ask(self, number: int, rng: np.random.Generator, running: Any) -> Params:
            return {"x": float(number), "n": 1}

        def tell(self, told_trial: Any) -> None:
            told.append(told_trial.value)

    study = tune(square, SPACE, minimize=False, trials=3, optimizer=Listening(), baseline=False)
    assert [t.value for t in study.trials] == [1, 2, 5]
    assert (study.best_value, study.best_params) == (5, {"x": 2.0, "n": 1})
    assert told == [-1, -2, -5]


@pytest.mark.parametrize("optimizer", ["random", "sobol", "grid", "auto", None])
def test_the_same_call_gives_the_same_study(optimizer: str | None) -> None:
    def objective(params: Params, now: Any) -> float:
        now.log(noise=float(np.random.random()), own=float(now.rng.random()))
        return square(params) + float(now.rng.random())

    first, second = (tune(objective, SPACE, trials=9, optimizer=optimizer) for _ in range(2))
    assert table(first) == table(second)
    assert first.trials[1].log != first.trials[2].log


@pytest.mark.parametrize("optimizer", ["random", "sobol"])
def test_another_seed_gives_another_study(optimizer: str) -> None:
    studies = [tune(square, SPACE, trials=4, optimizer=optimizer, seed=seed) for seed in (0, 1)]
    assert table(studies[0])[0] == table(studies[1])[0]
    assert table(studies[0])[1:] != table(studies[1])[1:]
    assert [s.record.info.seed for s in studies] == [0, 1]


def test_the_users_random_numbers_go_on_undisturbed() -> None:
    import random

    np.random.seed(3)
    random.seed(3)
    expected = np.random.random(), random.random()
    np.random.seed(3)
    random.seed(3)
    tune(lambda p: float(np.random.random()) + random.random(), SPACE, trials=3)
    assert (np.random.random(), random.random()) == expected


@pytest.mark.parametrize("optimizer", ["random", "sobol", "grid"])
def test_conditional_hyperparameters(optimizer: str) -> None:
    seen: list[dict[str, Any]] = []

    def objective(params: Params) -> float:
        seen.append(dict(params))
        return float(len(seen))

    study = tune(objective, CONDITIONAL, trials=8, optimizer=optimizer)
    assert seen == [t.params for t in study.trials]
    kinds = {params["kind"]: set(params) for params in seen}
    assert kinds == {"a": {"kind", "depth"}, "b": {"kind", "rate"}}


def test_trial_in_an_objective(tmp_path: Path) -> None:
    def objective(params: Params, now: Any) -> float:
        assert now is trial
        for step in range(3):
            now.report(params["x"] - step, loss=step)
        now.directory.joinpath("model").write_text("x")
        return float(now.number)

    study = tune(objective, SPACE, trials=2, device="cuda:7", optimizer="random")
    assert study.trials[0].reports == ((0, 4.0), (1, 3.0), (2, 2.0))
    assert study.trials[1].log == {"loss": 2}
    tune(lambda p: float(len(trial.device)), SPACE, trials=1, device="cuda:7")
    assert repr(trial) == "<trial: no study is running>"


def test_the_params_are_the_objectives_own() -> None:
    def objective(params: dict[str, Any]) -> float:
        params["x"] = params.pop("n")
        return 1.0

    assert tune(objective, SPACE, trials=1).best_params == {"x": 4.0, "n": 2}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(np.float32(0.5), 0.5), (np.array([2]), 2.0), (True, 1.0), (math.inf, math.inf)],
)
def test_what_an_objective_may_return(value: Any, expected: float) -> None:
    assert tune(lambda p: value, SPACE, trials=1).best_value == expected


def test_methods_callables_and_partials_are_objectives() -> None:
    from functools import partial

    class Model:
        def fit(self, params: Params) -> float:
            return float(params["x"])

        def __call__(self, params: Params, now: Any) -> float:
            return float(now.number) - 9

    def with_data(params: Params, data: int = 3) -> float:
        return float(data)

    def for_data(data: int, params: Params) -> float:
        return float(data)

    objectives: list[tuple[Callable[..., Any], float]] = [
        (Model().fit, 4.0),
        (Model(), -9.0),
        (with_data, 3.0),
        (partial(for_data, 5), 5.0),
        (partial(with_data, data=6), 6.0),
        (lambda *args: float(len(args)), 1.0),
    ]
    for objective, value in objectives:
        assert tune(objective, SPACE, trials=1).best_value == value


# -- how it ends ----------------------------------------------------------------------------------

FINITE = {"n": Int(1, 2, default=1), "b": Bool(default=False)}


@pytest.mark.parametrize("optimizer", ["random", "sobol", "grid", "auto"])
def test_an_exhausted_space_ends_the_study(optimizer: str) -> None:
    study = tune(lambda p: p["n"], FINITE, trials=50, optimizer=optimizer)
    assert study.state == "finished"
    assert len({tuple(t.params.items()) for t in study.trials}) == len(study) == 4
    assert study.record.info.message == (
        "every configuration of the search space was tried (4 trials)"
    )


def test_an_exhausted_space_of_one_configuration_is_said_in_the_singular() -> None:
    study = tune(lambda p: p["n"], {"n": Int(3, 3)})
    assert study.record.info.message == (
        "every configuration of the search space was tried (1 trial)"
    )


def test_a_grid_without_trials_is_the_whole_grid() -> None:
    assert len(tune(lambda p: p["n"], FINITE, optimizer="grid")) == 4
    assert len(tune(lambda p: p["n"], FINITE, optimizer="grid", trials=3)) == 3
    assert len(tune(square, SPACE, optimizer="random")) == 20


def test_twenty_trials_by_default_are_as_if_they_were_given(tmp_path: Path) -> None:
    """For the optimizer that is chosen and for its proposals, also after a resume."""
    space = {"n": Int(1, 3), "m": Int(1, 4)}
    interrupted_in = 5

    def objective(params: Params, now: Any) -> float:
        if now.number == interrupted_in:
            raise KeyboardInterrupt
        return float((params["n"] - 2) ** 2 + params["m"])

    with pytest.raises(StudyInterrupted):
        tune(objective, space, store=tmp_path / "studies.db")
    interrupted_in = -1
    resumed = tune(objective, space, store=tmp_path / "studies.db", resume=True)
    whole, given = tune(objective, space), tune(objective, space, trials=20)
    assert table(resumed) == table(whole) == table(given)
    said = "auto chose grid: the space has only 12 configurations and 20 trials cover it"
    assert [study.record.info.notes for study in (resumed, whole, given)] == [(said,)] * 3


def test_the_first_failure_is_raised_as_it_is() -> None:
    cause = KeyError("cause")
    error = ValueError("no data")

    def objective(params: Params) -> float:
        raise error from cause

    with pytest.raises(ValueError, match="no data") as caught:
        tune(objective, SPACE, trials=3)
    assert caught.value is error
    assert error.__cause__ is cause
    assert caught.traceback[-1].name == "objective"


def test_the_first_failure_is_kept_in_the_store(tmp_path: Path) -> None:
    store = tmp_path / "studies.db"
    with pytest.raises(ZeroDivisionError):
        tune(lambda p: 1 / 0, SPACE, trials=3, store=store)
    study = tune(square, SPACE, trials=2, store=store, resume=True)
    assert [t.state for t in study.trials] == [TrialState.FAIL, TrialState.COMPLETE]
    assert study.trials[0].reason == "ZeroDivisionError: division by zero"


def test_later_failures_are_stored_and_the_study_goes_on() -> None:
    study = tune(Failing({2: ValueError("bad\nluck"), 4: RuntimeError()}), SPACE, trials=6)
    states = [t.state for t in study.trials]
    assert states == [TrialState.FAIL if n in (2, 4) else TrialState.COMPLETE for n in range(6)]
    failed = study.trials[2]
    assert (failed.value, study.state) == (None, "finished")
    assert failed.error is not None
    assert failed.error.startswith("Traceback")
    assert "in __call__" in failed.error and "jupyter_hpo/" not in failed.error
    assert study.trials[4].reason == "RuntimeError"


def test_a_failed_trials_objects_are_let_go() -> None:
    class Model:
        pass

    kept: list[weakref.ref[Model]] = []

    def objective(params: Params) -> float:
        model = Model()
        kept.append(weakref.ref(model))
        if len(kept) > 1:
            raise ValueError(f"bad luck {len(kept)}")
        return 1.0

    tune(objective, SPACE, trials=3)
    gc.collect()
    assert [ref() for ref in kept] == [None, None, None]


def test_three_identical_failures_in_a_row_end_it() -> None:
    errors = {n: ValueError("the same") for n in (1, 2, 4, 5, 6)}
    study = sitting(StudyError, Failing(errors), SPACE, trials=20)
    assert (study.state, len(study)) == ("failed", 7)
    assert study.record.info.message == "3 trials in a row failed with: ValueError: the same"


def test_different_failures_do_not_end_it() -> None:
    errors = {n: ValueError(f"number {n}") for n in range(1, 8)}
    assert tune(Failing(errors), SPACE, trials=9).state == "finished"


def test_max_failures() -> None:
    errors = {n: ValueError(f"number {n}") for n in (1, 3, 5)}
    with pytest.raises(StudyError, match="2 trials failed"):
        tune(Failing(errors), SPACE, trials=9, max_failures=2)
    study = sitting(StudyError, Failing(errors), SPACE, trials=9, max_failures=2)
    assert (study.state, len(study)) == ("failed", 4)
    assert study.record.info.message == "2 trials failed, as many as allowed"


def test_retries() -> None:
    objective = Failing({0: OSError("busy"), 3: OSError("busy"), 4: OSError("busy")})
    study = tune(objective, SPACE, trials=3, retries=1)
    assert objective.calls == 5
    assert [t.state for t in study.trials] == [
        TrialState.COMPLETE,
        TrialState.COMPLETE,
        TrialState.FAIL,
    ]
    assert [t.info.get("attempt") for t in study.trials] == [2, None, 2]
    assert study.trials[0].info["baseline"]


def test_a_first_trial_that_fails_in_all_its_attempts_is_raised() -> None:
    objective = Failing(dict.fromkeys(range(9), OSError("busy")))
    with pytest.raises(OSError, match="busy"):
        tune(objective, SPACE, trials=3, retries=2)
    assert objective.calls == 3


@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit(), StopIteration()], ids=repr)
def test_what_ends_a_program_ends_a_trial_only(error: BaseException) -> None:
    study = tune(Failing({1: error}), SPACE, trials=3)
    assert [t.state for t in study.trials] == [
        TrialState.COMPLETE,
        TrialState.FAIL,
        TrialState.COMPLETE,
    ]
    assert study.trials[1].reason.startswith(type(error).__name__)
    with pytest.raises(type(error)):
        tune(Failing({0: error}), SPACE, trials=3)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, "`objective` is NaN"),
        (None, "`objective` is None, not a number"),
        ([1, 2], "`objective` is a list of 2 values"),
        ("1", "`objective` is a string ('1')"),
    ],
)
def test_what_is_no_number_is_a_failed_trial(value: Any, reason: str) -> None:
    study = tune(Failing({1: value}), SPACE, trials=3)
    assert study.trials[1].state is TrialState.FAIL
    assert reason in study.trials[1].reason
    with pytest.raises(ObjectiveError) as caught:
        tune(Failing({0: value}), SPACE, trials=3)
    assert str(caught.value).startswith(reason)


def test_infinite_values_are_values() -> None:
    study = tune(Failing({0: math.inf, 1: -math.inf}), SPACE, trials=3)
    assert (study.best_value, study.trials[0].value) == (-math.inf, math.inf)


def test_memory_errors_never_end_a_study() -> None:
    study = tune(Failing({0: MemoryError(), 2: MemoryError()}), SPACE, trials=4)
    assert [t.state.value for t in study.trials] == ["FAIL", "COMPLETE", "FAIL", "COMPLETE"]


@pytest.mark.parametrize("optimizer", ["random", "sobol"])
def test_optimizers_live_with_failures(optimizer: str) -> None:
    errors: dict[int, BaseException | float] = {n: ValueError(f"{n}") for n in range(1, 30, 2)}
    errors |= {2: math.inf, 4: math.nan}
    assert len(tune(Failing(errors), SPACE, trials=30, optimizer=optimizer)) == 30


# -- stored and resumed ---------------------------------------------------------------------------


def noisy(params: Params, now: Any) -> float:
    for step in range(2):
        now.report(square({"x": 1, "n": 1, **params}) + step)
    now.log(noise=float(now.rng.random()) + float(np.random.random()))
    return square({"x": 1, "n": 1, **params})


class Interrupted:
    """`noisy`, with ■ pressed in some calls: in the middle, as ^C does."""

    def __init__(self, at: set[int]) -> None:
        self.at, self.calls = at, 0

    def __call__(self, params: Params, now: Any) -> float:
        self.calls += 1
        if self.calls - 1 in self.at:
            now.report(1.0)
            raise KeyboardInterrupt
        return noisy(params, now)


@pytest.mark.parametrize(
    "space", [SPACE, CONDITIONAL, FINITE], ids=["plain", "conditional", "finite"]
)
@pytest.mark.parametrize("optimizer", ["random", "sobol", "grid"])
@pytest.mark.parametrize("at", [{0}, {1, 4}])
def test_interrupted_and_resumed_equals_uninterrupted(
    tmp_path: Path, space: dict[str, Any], optimizer: str, at: set[int]
) -> None:
    whole = tune(noisy, space, trials=6, optimizer=optimizer)
    objective = Interrupted(at)
    where: dict[str, Any] = {"store": tmp_path / "studies.db", "trials": 6}
    study = sitting(StudyInterrupted, objective, space, optimizer=optimizer, **where)
    sittings = 1
    while study.state == "paused":
        assert study.record.info.message == "interrupted"
        assert study.trials[-1].state is TrialState.INTERRUPTED
        study = sitting(StudyInterrupted, objective, space, resume=True, **where)
        sittings += 1
    assert sittings == 1 + sum(call < objective.calls for call in at) > 1
    assert table(study) == table(whole)
    assert study.state == "finished"


def test_a_real_interrupt(tmp_path: Path) -> None:
    def objective(params: Params) -> float:
        if trial.number == 2:
            signal.raise_signal(signal.SIGINT)
        return square(params)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(StudyInterrupted, match="interrupted after 2 trials") as caught:
        tune(objective, SPACE, trials=5)
    study = caught.value.study
    assert (study.state, len(study)) == ("paused", 3)
    assert study.trials[2].state is TrialState.INTERRUPTED
    assert signal.getsignal(signal.SIGINT) is before


def test_a_study_on_another_thread() -> None:
    found: list[Study] = []
    thread = threading.Thread(target=lambda: found.append(tune(square, SPACE, trials=3)))
    thread.start()
    thread.join()
    assert len(found[0]) == 3


def test_resume_adds_up_to_the_total(tmp_path: Path) -> None:
    store = tmp_path / "studies.db"
    tune(square, SPACE, trials=3, optimizer="random", store=store, seed=5)
    study = tune(square, SPACE, trials=7, store=store, resume=True)
    assert table(study) == table(tune(square, SPACE, trials=7, optimizer="random", seed=5))
    assert len(tune(square, SPACE, trials=2, store=store, resume=True)) == 7
    assert study.record.info.run == 1


def test_without_resume_a_new_run_starts(tmp_path: Path) -> None:
    store = tmp_path / "studies.db"
    runs = [tune(square, SPACE, trials=2, store=store).record.info.run for _ in range(2)]
    other = tune(square, SPACE, trials=2, store=store, name="other")
    assert (runs, other.record.info.run) == ([1, 2], 1)
    assert len(tune(square, SPACE, trials=3, store=store, name="other", resume=True)) == 3


def test_enqueue_and_resume(tmp_path: Path) -> None:
    store = tmp_path / "studies.db"
    study = tune(square, SPACE, trials=2, optimizer="random", store=store)
    study.enqueue({"x": 0.0, "n": 1})
    study.enqueue(x=0.5)
    with pytest.raises(SpaceError, match="x: 9"):
        study.enqueue(x=9)
    with pytest.raises(SpaceError, match="there is no hyperparameter 'y'"):
        study.enqueue(y=9)
    study = tune(square, SPACE, trials=5, store=store, resume=True)
    assert [t.params for t in study.trials[2:4]] == [{"x": 0.0, "n": 1}, {"x": 0.5, "n": 2}]
    assert [bool(t.info.get("enqueued")) for t in study.trials] == [False, False, True, True, False]
    assert (study.best_value, study.record.info.queue) == (1.0, ())


def test_an_interrupted_configuration_that_was_enqueued_is_run_again(tmp_path: Path) -> None:
    store = tmp_path / "studies.db"
    tune(square, SPACE, trials=1, store=store).enqueue(x=0.0)
    study = sitting(StudyInterrupted, Interrupted({0}), SPACE, trials=3, store=store, resume=True)
    assert study.trials[1].params == {"x": 0.0, "n": 2}
    study = tune(square, SPACE, trials=3, store=store, resume=True)
    assert study.trials[1].params == {"x": 0.0, "n": 2}
    assert study.trials[1].state is TrialState.COMPLETE


def test_a_narrowed_space_resumes_with_what_fits(tmp_path: Path) -> None:
    store = tmp_path / "studies.db"
    tune(square, SPACE, trials=6, optimizer="random", store=store)
    narrow = {"x": Float(0, 5, default=4.0), "n": Int(1, 8, default=2)}
    study = tune(square, narrow, trials=9, store=store, resume=True)
    assert len(study) == 9
    assert all(t.params["x"] >= 0 for t in study.trials[6:])


def test_the_other_direction_is_not_resumed(tmp_path: Path) -> None:
    store = tmp_path / "studies.db"
    tune(square, SPACE, trials=2, store=store)
    with pytest.raises(StudyError) as caught:
        tune(square, SPACE, trials=3, store=store, resume=True, minimize=False)
    assert str(caught.value) == (
        "the stored study 'study' minimizes objective; to go on with it, do the same, "
        "or drop --resume to start a new one"
    )
    assert len(tune(square, SPACE, trials=3, store=store, resume=True)) == 3


def test_nothing_to_resume(tmp_path: Path) -> None:
    message = "there is no stored study 'study' to resume here"
    with pytest.raises(UsageError, match=message):
        tune(square, SPACE, trials=3, resume=True)
    with pytest.raises(UsageError, match=message):
        tune(square, SPACE, trials=3, resume=True, store=tmp_path / "studies.db")


def test_a_notebook_with_a_new_name_is_told_where_its_study_is(tmp_path: Path) -> None:
    store = Store(tmp_path / "studies.db")
    store.create(INFO)
    renamed = replace(INFO, notebook="renamed.ipynb")
    with pytest.raises(UsageError, match=f"{INFO.notebook!r} has one of that name"):
        refuse_without(store, renamed, None)
    with pytest.raises(UsageError, match=r"run it without --resume$"):
        refuse_without(store, replace(renamed, name="other"), None)
    with pytest.raises(UsageError, match=r"run it without --resume$"):
        refuse_without(store, INFO, 7)


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "studies.db"
    tune(square, SPACE, trials=1, store=path)
    other = Store(path)
    study_id = other.find("study", "")
    assert study_id is not None
    other.hold(study_id)
    with pytest.raises(StoreError, match="study 'study' is running in another kernel"):
        tune(square, SPACE, trials=3, store=path, resume=True)
    other.release(study_id)
    assert len(tune(square, SPACE, trials=3, store=path, resume=True)) == 3


# -- what it gives --------------------------------------------------------------------------------


def test_the_frame_of_trials() -> None:
    def objective(params: Params, now: Any) -> float:
        if now.number == 2:
            raise ValueError("bad luck")
        now.log(accuracy=0.5)
        return float(now.number)

    study = tune(objective, CONDITIONAL, trials=4, optimizer="random")
    frame = study.trials_dataframe()
    assert list(frame.columns) == [
        *("number", "value", "datetime_start", "datetime_complete", "duration"),
        *("params_kind", "params_depth", "params_rate", "user_attrs_accuracy", "info_baseline"),
        *("peak_memory", "error", "state"),
    ]
    assert list(frame["number"]) == [0, 1, 2, 3]
    assert list(frame["state"]) == ["COMPLETE", "COMPLETE", "FAIL", "COMPLETE"]
    assert frame["error"][2] == "ValueError: bad luck"
    assert frame["value"].isna().tolist() == [False, False, True, False]
    assert (frame["params_depth"].isna() == (frame["params_kind"] == "b")).all()
    assert (frame["datetime_complete"] - frame["datetime_start"] == frame["duration"]).all()
    assert isinstance(frame["duration"].sum(), pd.Timedelta)


def test_code_of_a_study_without_a_cell() -> None:
    study = tune(square, SPACE, trials=1)
    evidence, line = study.code().split("\n")
    assert evidence == (
        "# tuned by jupyter_hpo: study 'study', run 1, trial 0 of 1: objective = 18"
    )
    assert line == "params = {'x': 4.0, 'n': 2}"


def test_a_study_as_text() -> None:
    shown = repr(tune(square, SPACE, trials=3))
    assert "study" in shown and "objective" in shown
    assert max(map(len, shown.splitlines())) < 120


def test_replay() -> None:
    study = tune(Failing({1: ValueError("bad luck")}), SPACE, trials=3)
    before = table(study)
    assert study.replay(0) == 4.0
    failing = tune(lambda p: 1 / (trial.number - 1), SPACE, trials=3)
    with pytest.raises(ZeroDivisionError):
        failing.replay(1)
    with pytest.raises(StudyError, match="study 'study' has no trial 7"):
        study.replay(7)
    assert table(study) == before


def test_a_study_without_a_complete_trial() -> None:
    def objective(params: Params) -> float:
        raise KeyboardInterrupt

    study = sitting(StudyInterrupted, objective, SPACE, trials=3)
    assert study.state == "paused"
    for attribute in ("best_trial", "best_params", "best_value"):
        with pytest.raises(StudyError, match="study 'study' has no complete trial yet"):
            getattr(study, attribute)


# -- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "name"),
    [
        (lambda s: tune(square, SPACE, trials=1), "tune()"),
        (lambda s: s.wait(), "wait()"),
        (lambda s: s.replay(0), "replay()"),
    ],
)
def test_a_study_inside_a_trial_is_refused(inside: Callable[[Study], Any], name: str) -> None:
    other = tune(square, SPACE, trials=1)

    def objective(params: Params) -> float:
        inside(other)
        return 1.0

    with pytest.raises(StudyError) as caught:
        tune(objective, SPACE, trials=1)
    assert str(caught.value) == (
        f"{name} cannot be used inside a trial: the study is already running it"
    )


@pytest.mark.parametrize(
    ("keyword", "why"),
    [
        ("jobs", "trials run one after the other"),
        ("warm_start", "a study starts from its own trials"),
    ],
)
def test_keywords_of_later_versions(keyword: str, why: str) -> None:
    more: dict[str, Any] = {keyword: 1}
    with pytest.raises(UsageError) as caught:
        tune(square, SPACE, **more)
    assert str(caught.value).startswith(f"{keyword}= is not in this version: {why}")


def test_a_keyword_that_does_not_exist() -> None:
    more: dict[str, Any] = {"trails": 3}
    with pytest.raises(TypeError) as caught:
        tune(square, SPACE, **more)
    assert str(caught.value) == "tune() got an unexpected keyword argument 'trails'"


@pytest.mark.parametrize("trials", [0, -1, 2.5, "forty", True])
def test_a_number_of_trials_that_is_none(trials: Any) -> None:
    with pytest.raises(UsageError) as caught:
        tune(square, SPACE, trials=trials)
    assert str(caught.value) == (f"trials is a whole number from 1, say trials=3, not {trials!r}")


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ([], "the space is a dict of name: Float(…), not []"),
        ({"a b": Float(0, 1)}, "'a b' cannot be the name of a hyperparameter"),
        ({"x": (0, 1)}, "'x': (0, 1) is not Float(…), Int(…), Categorical(…) or Bool()"),
    ],
)
def test_a_space_that_is_none(space: Any, message: str) -> None:
    with pytest.raises(SpaceError) as caught:
        tune(square, space, trials=1)
    assert str(caught.value) == message


def test_a_condition_that_raises() -> None:
    space = {"n": Int(1, 3, when=lambda p: p["kind"] == "a"), "kind": Categorical("a", "b")}
    with pytest.raises(SpaceError, match="the condition of 'n' reads 'kind', which does not exist"):
        tune(square, space, trials=1)


@pytest.mark.parametrize(
    "rubbish",
    [
        {"x": 99.0, "n": 1},
        {"x": 1.0},
        {"x": 1.0, "n": 1, "other": 2},
        {},
        {"x": "text", "n": 1},
        {"x": math.nan, "n": 1},
        [1.0, 1],
        "rubbish",
        3,
        {1: 2},
    ],
    ids=repr,
)
def test_an_optimizer_that_proposes_rubbish_is_named(rubbish: Any) -> None:
    class Rubbish:
        def ask(self, number: int, rng: np.random.Generator, running: Any) -> Any:
            return rubbish

        def tell(self, told: Any) -> None:
            pass

    with pytest.raises(StudyError) as caught:
        tune(square, SPACE, trials=3, optimizer=Rubbish())
    assert str(caught.value) == (
        f"the optimizer Rubbish proposed {rubbish!r}, which is not a configuration of this "
        "search space; this is a mistake in the optimizer"
    )


@pytest.mark.parametrize(
    "optimizer", [3, object(), square, dict], ids=["int", "object", "function", "class"]
)
def test_what_is_no_optimizer_is_refused(optimizer: Any) -> None:
    with pytest.raises(UsageError):
        tune(square, SPACE, trials=3, optimizer=optimizer)


def test_an_optimizer_of_ones_own() -> None:
    class Halving:
        def __init__(self) -> None:
            self.x = 4.0

        def ask(self, number: int, rng: np.random.Generator, running: Any) -> Params | None:
            return None if number > 4 else {"x": self.x, "n": 1}

        def tell(self, told: Any) -> None:
            self.x /= 2

    study = tune(square, SPACE, optimizer=Halving(), baseline=False)
    assert [t.params["x"] for t in study.trials] == [4.0, 2.0, 1.0, 0.5, 0.25]
    assert study.record.info.optimizer == "Halving"


def test_an_error_of_an_optimizer_is_its_own() -> None:
    class Broken:
        def ask(self, number: int, rng: np.random.Generator, running: Any) -> Params:
            raise ZeroDivisionError

        def tell(self, told: Any) -> None:
            pass

    with pytest.raises(ZeroDivisionError):
        tune(square, SPACE, optimizer=Broken(), trials=3)
    assert tune(square, SPACE, trials=1).state == "finished"


# -- what a trial leaves behind --------------------------------------------------------------------


def test_what_a_trial_does_to_its_choice_stays_its_own() -> None:
    def objective(params: Params) -> float:
        params["sizes"].append(10)
        return float(len(params["sizes"]))

    sizes = Categorical([64], [128, 128], default=[64])
    study = tune(objective, {"sizes": sizes, "x": Float(0, 1, default=0.5)}, trials=12)
    assert {(len(t.params["sizes"]), t.value) for t in study.trials} == {(1, 2.0), (2, 3.0)}
    assert study.replay(0) == 2.0


def test_an_interrupt_that_the_objective_catches_is_one_all_the_same() -> None:
    def objective(params: Params) -> float:
        try:
            if trial.number == 1:
                signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            return -1.0
        return square(params)

    study = sitting(StudyInterrupted, objective, SPACE, trials=4)
    assert study.trials[1].state is TrialState.INTERRUPTED
    assert study.trials[1].value is None
    assert study.best_value == 18.0


def test_a_thread_that_outlives_its_trial_reports_to_no_other() -> None:
    go, done = threading.Event(), threading.Event()

    def late() -> None:
        go.wait(10)
        trial.report(1000.0)
        trial.log(late=True)
        done.set()

    def objective(params: Params) -> float:
        if trial.number == 0:
            threading.Thread(target=late).start()
        else:
            go.set()
            done.wait(10)
        return square(params)

    study = tune(objective, SPACE, trials=2)
    assert done.is_set()
    assert study.trials[1].reports == () and study.trials[1].log == {}


def test_a_store_given_by_a_relative_path_survives_a_change_of_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()

    def objective(params: Params) -> float:
        os.chdir(tmp_path / "elsewhere")
        return square(params)

    study = tune(objective, SPACE, trials=3, store="studies.db")
    assert study.record.unsaved == ""
    assert [each.finished for each in Store(tmp_path / "studies.db").list()] == [3]


def test_numpy_scalars_of_an_optimizer_are_stored(tmp_path: Path) -> None:
    class Foreign:
        def ask(self, number: int, rng: Any, running: Any) -> Mapping[str, Any]:
            return {"x": np.float32(0.5), "n": np.int64(3)}

        def tell(self, told: Any) -> None:
            pass

    study = tune(square, SPACE, trials=3, optimizer=Foreign(), store=tmp_path / "studies.db")
    assert study.record.unsaved == ""
    assert [type(v) for v in study.trials[1].params.values()] == [float, int]


def test_reasons_name_the_error_and_its_first_line() -> None:
    error = RuntimeError("CUDA error: device-side assert triggered\nCompile with X to see more.")
    study = tune(Failing({1: error}), SPACE, trials=3)
    assert study.trials[1].reason == "RuntimeError: CUDA error: device-side assert triggered"
    assert "Compile with X" in (study.trials[1].error or "")


def test_numbers_of_numpy_and_times_as_texts_are_arguments_too() -> None:
    for timeout in (np.int64(9), np.float32(9), "90s", "1h"):
        made = tune(square, SPACE, trials=np.int64(2), seed=np.int64(3), timeout=timeout)
        assert (len(made), made.record.info.seed) == (2, 3)
        assert type(made.record.info.seed) is int
    for wrong in (True, 0, math.nan, "soon", "0s"):
        with pytest.raises(UsageError, match="timeout is a number of seconds"):
            tune(square, SPACE, timeout=wrong)
    for seed in (True, 1.5, "a", -1):
        with pytest.raises(UsageError, match="seed is a whole number from 0"):
            tune(square, SPACE, seed=seed)  # type: ignore[arg-type]  # the mistake


def test_store_none_stores_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not tune(square, SPACE, trials=2, store="none").stored
    assert list(tmp_path.iterdir()) == []


def test_run_says_which_stored_run_goes_on(tmp_path: Path) -> None:
    for trials in (2, 3):
        tune(square, SPACE, trials=trials, store=tmp_path / "s.db")
    made = tune(square, SPACE, trials=4, store=tmp_path / "s.db", resume=True, run=1)
    assert (made.record.info.run, len(made)) == (1, 4)
    with pytest.raises(UsageError, match="no stored run 7 of study 'study'"):
        tune(square, SPACE, store=tmp_path / "s.db", resume=True, run=7)


def test_trials_of_another_seed_are_run_again_with_theirs(tmp_path: Path) -> None:
    def chance(params: Params, trial: Any) -> float:
        return float(np.random.random() + trial.rng.random())

    def go_on(trials: int, seed: int | None) -> Study:
        where: Any = {"store": tmp_path / "s.db", "resume": trials > 2, "optimizer": "random"}
        return tune(chance, SPACE, trials=trials, seed=seed, **where)

    for trials, seed in ((2, 0), (4, 5), (5, None), (6, 7)):
        made = go_on(trials, seed)
        assert [made.replay(t.number) for t in made.trials] == [t.value for t in made.trials]
    # also where a trial is no longer of the search space
    for kinds, seed in (("abc", 1), ("ab", 2)):
        space = {"kind": Categorical(*kinds), "x": Float(0, 1)}
        again = seed == 2
        how: Any = {"store": tmp_path / "t.db", "resume": again, "optimizer": "random", "trials": 4}
        kept = tune(chance, space, seed=seed, **how)
    assert {t.seed for t in kept.trials} == {1}
    assert made.trials_dataframe()["info_seed"].fillna(7).tolist() == [0, 0, 5, 5, 5, 7]


def test_why_there_is_nothing_left_to_propose() -> None:
    class Two:
        def ask(self, number: int, rng: Any, running: Any) -> dict[str, Any] | None:
            return {"x": float(number), "n": 1} if number < 2 else None

        def tell(self, trial: Any) -> None: ...

    grid = tune(square, SPACE, optimizer="grid(points=2)", baseline=False)
    assert grid.record.info.message == "every configuration of the grid was tried (4 trials)"
    own = tune(square, SPACE, optimizer=Two())
    assert own.record.info.message == "the optimizer has nothing left to propose (2 trials)"
    coarse = tune(lambda p: p["n"], {"n": Int(1, 8)}, optimizer="grid(points=3)")
    assert coarse.record.info.message == "every configuration of the grid was tried (3 trials)"

"""Optimizers that work inside trials: what they bind, see, note and are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from parked import Notebook

from jupyter_hpo import Float, Study, tune
from jupyter_hpo.errors import GradientError
from jupyter_hpo.layers import Layer
from jupyter_hpo.protocols import Optimizer, WorksInside
from jupyter_hpo.trial import Trial, TrialState

SPACE = {"x": Float(-5, 5, default=4.0), "y": Float(0, 1, default=0.5)}


class Dual(float):
    """A number with a mark, as a tensor has its graph."""


class Inside:
    """Binds x to a `Dual`, and goes down by what it noted of it."""

    def __init__(self) -> None:
        self.told: list[Trial] = []
        self.events: list[str] = []
        self.seen: list[tuple[Mapping[str, Any], Any]] = []
        self.verified: list[float | None] = []
        self.plain = False
        self.learned: list[str] = []
        self.strict = False

    def ask(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        x = 4.0 if not self.told else self.told[-1].assignment["x"]
        slope = self.told[-1].info["gradient_x"] if self.told else 0.0
        return {"x": x - 0.25 * slope, "y": 0.5}

    def tell(self, trial: Trial) -> None:
        self.told.append(trial)
        self.learned.append(f"{len(self.told)} told")

    def enter(self, assignment: Mapping[str, Any]) -> dict[str, Any]:
        self.assignment = assignment
        self.events.append("enter")
        return {} if self.plain else {"x": Dual(assignment["x"])}

    def around(self) -> Layer:
        events = self.events

        class Noting(Layer):
            def enter(self) -> None:
                events.append("in force")

            def leave(self) -> None:
                events.append("aside")

        return Noting()

    def leave(self, namespace: Mapping[str, Any], objective: Any) -> dict[str, Any]:
        if self.strict:
            raise GradientError("the gradient ends in line 3: .item()")
        self.seen.append((dict(namespace), objective))
        return {"gradient_x": 2 * self.assignment["x"]}

    def failed(self, error: Exception) -> bool:
        again, self.plain = not self.plain and isinstance(error, TypeError), True
        return again

    def verify(self, run: Callable[[Mapping[str, Any]], float | None]) -> dict[str, Any]:
        self.verified.append(run({**self.assignment, "x": np.float64(1.0)}))
        return {"checked": True}


def objective(params: Mapping[str, Any]) -> float:
    assert type(params["y"]) is float
    return float(params["x"]) ** 2


def test_it_is_recognised() -> None:
    assert isinstance(Inside(), WorksInside) and isinstance(Inside(), Optimizer)


def test_its_objects_are_bound_and_the_values_are_recorded() -> None:
    kinds: list[type] = []

    def code(params: Mapping[str, Any], trial: Any) -> float:
        kinds.append(type(params["x"]))
        assert type(trial.params["x"]) is float  # to log it, say
        return objective(params)

    study = tune(code, SPACE, optimizer=Inside(), trials=2)
    assert kinds == [Dual, float, Dual, float]  # each trial, then a run to verify it
    assert [type(trial.params["x"]) for trial in study.trials] == [float, float]


def test_what_it_notes_is_kept_told_and_shown() -> None:
    inside = Inside()
    study = tune(objective, SPACE, optimizer=inside, trials=3)
    assert [trial.info["gradient_x"] for trial in inside.told] == [8.0, 4.0, 2.0]
    frame = study.trials_dataframe()
    assert list(frame["info_gradient_x"]) == [8.0, 4.0, 2.0]
    assert study.record.info.notes[-3:] == ("1 told", "2 told", "3 told")


def test_runs_to_verify_are_no_trials() -> None:
    inside = Inside()
    study = tune(objective, SPACE, optimizer=inside, trials=2)
    assert inside.verified == [1.0, 1.0]
    assert len(study.trials) == 2
    assert all(trial.info["checked"] for trial in study.trials)


def test_the_sign_of_derivatives_turns_with_that_of_the_value() -> None:
    inside = Inside()
    study = tune(objective, SPACE, minimize=False, optimizer=inside, trials=1)
    assert study.trials[0].info["gradient_x"] == 8.0
    assert inside.told[0].info["gradient_x"] == -8.0
    assert inside.told[0].info["baseline"] is True


def test_resumed_it_is_told_what_it_noted(tmp_path: Path) -> None:
    whole = tune(objective, SPACE, optimizer=Inside(), trials=5)
    store = tmp_path / "studies.db"
    tune(objective, SPACE, optimizer=Inside(), trials=2, store=store)
    rest = tune(objective, SPACE, optimizer=Inside(), trials=5, store=store, resume=True)

    def values(study: Study) -> list[Any]:
        return [(dict(t.assignment), t.value, t.info["gradient_x"]) for t in study.trials]

    assert values(whole) == values(rest)


def test_code_that_cannot_take_its_objects_is_run_again() -> None:
    def code(params: Mapping[str, Any]) -> float:
        if isinstance(params["x"], Dual):
            raise TypeError("a plain number is needed")
        return objective(params)

    study = tune(code, SPACE, optimizer=Inside(), trials=1)
    assert study.trials[0].state is TrialState.COMPLETE


def test_an_error_that_is_the_codes_own_is_raised() -> None:
    calls = []

    def code(params: Mapping[str, Any]) -> float:
        calls.append(params)
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        tune(code, SPACE, optimizer=Inside(), trials=1)
    assert len(calls) == 2


def test_what_it_raises_is_the_trials_error() -> None:
    inside = Inside()
    inside.strict = True
    with pytest.raises(GradientError, match="line 3"):
        tune(objective, SPACE, optimizer=inside, trials=1)


def test_a_parked_trial_has_it_put_aside_and_it_sees_the_cells_variables() -> None:
    notebook = Notebook()
    inside = Inside()
    sitting = notebook.study("""
x: Float(-5, 5) = 4.0
y: Float(0, 1) = 0.5
kind = type(x).__name__
for step in range(2):
    loss = x * x
    trial.report(loss)
    if step == 0:
        pause()
""")
    once = iter([True])  # and not in the runs to verify it
    notebook.names["pause"] = lambda: next(once, False) and sitting.controls.pause()
    sitting.runner.adviser.optimizer = inside
    sitting.drive()
    assert inside.events == ["enter", "in force", "aside"]
    assert "kind" not in notebook.names
    sitting.resume()
    assert inside.events[:5] == ["enter", "in force", "aside", "in force", "aside"]
    namespace, value = inside.seen[0]
    assert (namespace["kind"], value) == ("Dual", 16.0)
    assert not sitting.live

"""Which failures `gradient` tries once more with plain numbers, and what it says of it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from differences import X_VAL, Y_VAL, X, loss_of, network

from jupyter_hpo import Float, Study, tune
from jupyter_hpo.trial import TrialState

Params = Mapping[str, Any]
SPACE = {"x": Float(0.0, 1.0, default=0.5)}


def runs(objective: Callable[[Params], Any], trials: int = 2) -> tuple[list[bool], Study]:
    """Which runs of trial 1 were with plain numbers, and the study."""
    kinds: list[bool] = []

    def noted(params: Params, trial: Any) -> Any:
        if trial.number == 0:
            return (params["x"] - 0.3) ** 2
        kinds.append(type(params["x"]) is float)
        return objective(params)

    study = tune(noted, SPACE, optimizer="gradient(check=False)", trials=trials)
    return kinds, study


def diverged(params: Params) -> Any:
    raise ValueError("diverged")


def nothing(params: Params) -> Any:
    return math.nan


def key(params: Params) -> Any:
    return {"a": 1}["b"]


def shapes(params: Params) -> Any:
    return (X @ X).sum() * params["x"]


def domain(params: Params) -> Any:
    return math.log(-1.0)


def inner(params: Params) -> Any:
    return network()(X[:, :2]).sum()


@pytest.mark.parametrize("objective", [diverged, nothing, key, shapes, domain, inner])
def test_an_error_of_the_codes_own_costs_no_second_run(objective: Callable[[Params], Any]) -> None:
    kinds, study = runs(objective)
    assert kinds == [False]
    assert study.trials[1].state is TrialState.FAIL and "run_again" not in study.trials[1].info


def strict_type(params: Params) -> Any:
    if type(params["x"]) is not float:
        raise ValueError("x must be a float")
    return params["x"]


def given_to_a_library(params: Params) -> Any:
    return operator.index(params["x"]) if type(params["x"]) is not float else params["x"]


def memory(params: Params) -> Any:
    if type(params["x"]) is not float:
        raise MemoryError
    return params["x"]


@pytest.mark.parametrize("objective", [strict_type, given_to_a_library, memory])
def test_one_that_tensors_may_be_the_cause_of_is_run_again(
    objective: Callable[[Params], Any],
) -> None:
    kinds, study = runs(objective)
    assert kinds == [False, True]
    trial = study.trials[1]
    assert trial.state is TrialState.COMPLETE and "run_again" in trial.info
    said = " ".join(study.record.info.notes)
    assert "the cell takes plain numbers only" in said and "trial 1 ran twice for it" in said
    assert f"of {__file__.rsplit('/', 1)[1]}" in str(trial.info["plain_numbers"])


def test_a_second_failure_is_said() -> None:
    def wrong(params: Params) -> Any:
        return params["x"].nothing_of_the_kind

    kinds, study = runs(wrong)
    assert kinds == [False, True] and study.trials[1].state is TrialState.FAIL
    said = " ".join(study.record.info.notes)
    assert "Trial 1 failed and was run once more with plain numbers" in said
    assert "AttributeError" in said and "that failed, too" in said


def test_the_first_trial_is_the_users_to_debug() -> None:
    def wrong(params: Params) -> Any:
        raise RuntimeError("no data")

    calls = []

    def counted(params: Params) -> Any:
        calls.append(params)
        return wrong(params)

    with pytest.raises(RuntimeError, match="no data"):
        tune(counted, SPACE, optimizer="gradient", trials=2)
    assert len(calls) == 1


def test_what_a_trial_learned_of_a_library_is_kept() -> None:
    def exact(params: Params) -> Any:
        if type(params["x"]) is not float:
            raise TypeError("x must be a float")
        return loss_of(network(), X_VAL, Y_VAL).item() + params["x"]

    calls = []

    def counted(params: Params) -> Any:
        calls.append(type(params["x"]) is float)
        return exact(params)

    tune(counted, SPACE, optimizer="gradient", trials=4)
    assert calls == [False, True, True, True, True]

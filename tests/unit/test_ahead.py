"""The time left: what is said of studies whose end is known, because they are made up."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from jupyter_hpo import pruners
from jupyter_hpo.pruning import Judged, Pruning, Verdict
from jupyter_hpo.record import StudyInfo, StudyState
from jupyter_hpo.trial import RAN, SET_ASIDE, WAITING, Report, Trial, TrialState
from jupyter_hpo.view import ahead
from jupyter_hpo.view.ahead import Left, time_left

EPOCHS = 27


def info(total: int | None, **more: Any) -> StudyInfo:
    given: dict[str, Any] = {"state": StudyState.RUNNING, "since": 0.0, **more}
    return StudyInfo("study", "loss", False, "random", 0, total, [], **given)


def complete(number: int, duration: float | None) -> Trial:
    return Trial(number, TrialState.COMPLETE, {}, 1.0, duration=duration, started=0.0)


class Made:
    """A study that a pruner prunes or promotes; its clock is that of its epochs.

    Attributes
    ----------
    now : seconds that it has run.
    trials : by number.
    """

    def __init__(self, pruner: str, total: int, seed: int) -> None:
        self.info, self.now = info(total, pruner=pruner), 0.0
        self.trials: dict[int, Trial] = {}
        self._chance = random.Random(seed)
        self._pruning = Pruning(pruners.create(pruner), False, self._complain)
        self._under_way: dict[int, tuple[Judged, float, float]] = {}
        self._total = total

    @staticmethod
    def _complain(sentence: str) -> None:
        raise AssertionError(sentence)

    def run(self) -> Iterator[None]:
        """Stops after each trial that ends or is set aside."""
        while (number := self._next()) is not None:
            started = self.now
            verdict = self._epochs(number)
            self._put(number, verdict, started)
            yield

    def _next(self) -> int | None:
        waiting, begun = self._pruning.waiting, len(self.trials)
        number = self._pruning.promote(self._total - begun) if waiting else None
        if number is not None:
            waiting.remove(next(curve for curve in waiting if curve.number == number))
            return number
        if begun == self._total:
            return None
        first = Trial(begun, TrialState.RUNNING, {}, info={"baseline": begun == 0})
        self.trials[begun] = replace(first, started=self.now)
        level = 0.05 + 0.1 * self._chance.random() ** 0.7
        pace = math.exp(self._chance.gauss(0, 0.3))
        self._under_way[begun] = (self._pruning.begin(first), level, pace)
        return begun

    def _epochs(self, number: int) -> str | Verdict:
        judged, level, pace = self._under_way[number]
        while len(judged.curve) < EPOCHS:
            epoch = len(judged.curve)
            value = level + 0.9 * math.exp(-epoch / 6) + self._chance.gauss(0, 0.004)
            self.now += pace
            # the baseline is not judged, and has its curve all the same
            verdict = judged.report(Report(epoch, value), {})
            if len(judged.curve) == epoch:
                judged.curve.add(epoch, value)
            if verdict is not Verdict.GO_ON and len(judged.curve) < EPOCHS:
                return verdict
        return Verdict.GO_ON

    def _put(self, number: int, verdict: str | Verdict, started: float) -> None:
        curve, trial = self._under_way[number][0].curve, self.trials[number]
        pieces = [*trial.ran, (started, self.now)]
        ran = sum((end or 0.0) - start for start, end in pieces)
        known: Mapping[str, Any] = {k: v for k, v in trial.info.items() if k != WAITING}
        reports = tuple(map(Report, curve.steps, curve.values))
        trial = replace(trial, duration=ran, reports=reports, info=known)
        if verdict is Verdict.WAIT:
            aside = [*trial.set_aside, len(curve)]
            noted = {**known, WAITING: True, SET_ASIDE: aside, RAN: pieces}
            self.trials[number] = replace(trial, info=noted)
            self._pruning.waiting.append(curve)
            return
        if trial.set_aside:
            trial = replace(trial, info={**known, RAN: pieces})
        state = TrialState.PRUNED if isinstance(verdict, str) else TrialState.COMPLETE
        value = curve.values[-1] if state is TrialState.COMPLETE else None
        self.trials[number] = replace(trial, state=state, value=value)
        self._pruning.end(self.trials[number])

    @property
    def left(self) -> Left | None:
        return time_left(self.info, list(self.trials.values()), self.now)


@pytest.mark.parametrize(
    ("pruner", "total", "off"),
    [("none", 40, 0.1), ("median", 40, 0.4), ("auto", 60, 0.25), ("asha", 100, 0.3)],
)
def test_at_half_time_the_end_is_known_about(pruner: str, total: int, off: float) -> None:
    errors, within = [], 0
    for seed in range(6):
        whole = Made(pruner, total, seed)
        for _ in whole.run():
            pass
        half = Made(pruner, total, seed)
        for _ in half.run():
            if half.now >= whole.now / 2:
                break
        left, truth = half.left, whole.now - half.now
        assert left is not None
        if left.most:  # few have been pruned yet
            assert left.high > truth
            continue
        middle = math.sqrt(left.low * left.high)
        errors.append(abs(middle - truth) / whole.now)
        within += 0.8 * left.low <= truth <= 1.25 * left.high
    assert len(errors) >= 2 and sum(errors) / len(errors) < off
    assert within >= len(errors) - 2


def test_of_trials_that_are_alike_the_time_is_known_well() -> None:
    left = time_left(info(40), [complete(n, 10.0) for n in range(20)], 200.0)
    assert left is not None and 180 < left.low < 200 < left.high < 220
    assert ahead.told(left) == "about 3 min left"


def test_what_a_running_trial_has_behind_it_is_not_to_come() -> None:
    trials = [complete(n, 10.0) for n in range(9)]
    running = Trial(9, TrialState.RUNNING, {}, started=94.0)
    left = time_left(info(10), [*trials, running], 100.0)
    aside = replace(running, started=0.0, info={RAN: [[0, 2], [98, None]]})
    assert left is not None and left.low < 4 < left.high
    again = time_left(info(10), [*trials, aside], 100.0)
    assert again is not None and again.high > left.high


def test_one_trial_says_little_and_where_others_may_be_pruned_at_most() -> None:
    one = [complete(0, 60.0)]
    assert ahead.said(info(11), one, 60.0) == "about 3 to 15 min left"
    assert ahead.said(info(11, pruner="auto"), one, 60.0) == "at most about 15 min left"


def test_it_is_not_guessed() -> None:
    done = complete(0, 10.0)
    waits = Trial(1, TrialState.RUNNING, {}, duration=2.0, info={WAITING: True, SET_ASIDE: [1]})
    assert time_left(info(9), [], 0) is None
    assert time_left(info(None), [done], 0) is None
    assert time_left(info(1), [done], 0) is None
    assert time_left(info(9, state=StudyState.PAUSED), [done], 0) is None
    assert time_left(info(9), [complete(0, None)], 0) is None
    assert time_left(info(9), [done, waits], 20) is None  # who knows how many will go on
    assert ahead.told(None) == ""


def test_a_budget_ends_it_sooner() -> None:
    trials = [complete(n, 10.0) for n in range(20)]
    assert time_left(info(None, budget="10m"), trials, 200.0) == Left(400.0, 400.0)
    assert time_left(info(None, budget="10m"), [], 0.0) == Left(600.0, 600.0)
    both = time_left(info(400, budget="10m"), trials, 200.0)
    assert both == Left(400.0, 400.0)
    reports = tuple(Report(step, 1.0) for step in range(5))
    epochs = [replace(trial, reports=reports) for trial in trials]  # 2 s each, 100 of them
    left = time_left(info(None, budget="160 epochs"), epochs, 200.0)
    assert left == Left(120.0, 120.0)
    assert ahead.said(info(40, budget="worthwhile"), trials, 200.0) == "at most about 3 min left"
    assert ahead.said(info(None, budget="worthwhile"), trials, 200.0) == ""


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (170.0, 190.0, "about 3 min left"),
        (170.0, 370.0, "about 3 to 6 min left"),
        (40.0, 100.0, "about 40 s to 2 min left"),
        (3.0, 30.0, "a few seconds to 30 s left"),
        (1.0, 9.0, "a few seconds left"),
    ],
)
def test_words(low: float, high: float, told: str) -> None:
    assert ahead.told(Left(low, high)) == told

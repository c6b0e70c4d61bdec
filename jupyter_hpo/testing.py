"""The laws of optimizers as a test class, for those who write one.

::

    class TestMine(OptimizerContract):
        def make(self, space, seed, trials):
            return Mine(space, seed=seed)

Nothing but the class is needed; pytest finds its tests.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from .domains import Bool, Categorical, Float, Int
from .protocols import Notes, Optimizer
from .space import Parameter, Space
from .trial import ORIGIN, Trial, TrialState

Assignment = Mapping[str, Any]
Outcome = tuple[TrialState, float | None]


def spaces() -> dict[str, Space]:
    """Search spaces of every kind, by what is special about them."""
    branch = Categorical("a", "b", "none")
    hidden = Float(0.0, 1.0, default=0.5)
    return {
        "continuous": Space.of({"x": Float(-1.0, 3.0, default=0.0), "y": Float(1e6, 2e6)}),
        "log": Space.of({"lr": Float(1e-6, 1.0, log=True), "width": Int(1, 10_000, log=True)}),
        "steps": Space.of({"x": Float(0.0, 0.9, step=0.1, default=0.3), "n": Int(-4, 8, step=4)}),
        "whole numbers": Space.of({"n": Int(0, 10**9), "m": Int(1, 3)}),
        "odd choices": Space.of(
            {"f": Categorical(math.sin, None, (1, 2), [3], math.nan, 1, True, "1"), "b": Bool()}
        ),
        "conditional": Space.of(
            {
                "kind": branch,
                "x": Float(0.0, 1.0, when=lambda p: p["kind"] == "a"),
                "n": Int(1, 5, when=lambda p: p["kind"] == "b"),
            }
        ),
        "a name in two branches": Space(
            [
                Parameter("kind", branch),
                Parameter("w", Int(1, 4), when=lambda p: p["kind"] == "a"),
                Parameter("w#2", Int(3, 9), when=lambda p: p["kind"] == "b"),
                Parameter("deep", Bool(), when=lambda p: p.get("w") == 4),
            ]
        ),
        "dynamic": Space(
            [Parameter("x", Float(0.0, 1.0, default=0.1)), Parameter("d", hidden, dynamic=True)]
        ),
        "dynamic and finite": Space(
            [Parameter("n", Int(1, 4, default=1)), Parameter("d", Int(1, 5), dynamic=True)]
        ),
        "one value": Space.of({"x": Float(2.0, 2.0), "c": Categorical("only")}),
        "one dimension": Space.of({"x": Float(0.0, 1.0)}),
        "20 dimensions": Space.of({f"x{k}": Float(0.0, 1.0, default=0.5) for k in range(20)}),
        "finite": Space.of({"n": Int(1, 3, default=2), "c": Categorical("a", "b", default="a")}),
    }


class Rehearsal:
    """A study in miniature: asks, lets trials end as told to, and tells.

    Parameters
    ----------
    optimizer, space, seed : what is tried out.
    told : trials of an earlier sitting, told first.
    """

    def __init__(
        self, optimizer: Optimizer, space: Space, seed: int = 0, told: Sequence[Trial] = ()
    ) -> None:
        self.optimizer, self.space, self.seed = optimizer, space, seed
        self.told: list[Trial] = []
        self.running: dict[int, Assignment] = {}
        self.notes: dict[int, Any] = {}  # of the trials asked for, as they are stored
        for trial in told:
            self.tell(trial)

    def ask(self, number: int) -> Assignment | None:
        """Ask for a trial and start it."""
        rng = np.random.default_rng([self.seed, number])
        running = [MappingProxyType(dict(one)) for one in self.running.values()]
        assignment = self.optimizer.ask(number, rng, running)
        if assignment is not None:
            self.running[number] = assignment
            if isinstance(self.optimizer, Notes):
                self.notes[number] = json.loads(json.dumps(self.optimizer.notes(), allow_nan=False))
        return assignment

    def finish(self, number: int, outcome: Callable[[int, float], Outcome]) -> None:
        """End a running trial and tell it."""
        shown = self._shown(self.running.pop(number))
        state, value = outcome(number, self._objective(shown))
        noted = {ORIGIN: self.notes[number]} if number in self.notes else {}
        self.tell(Trial(number, state, MappingProxyType(shown), value, info=noted))

    def tell(self, trial: Trial) -> None:
        """Tell a finished trial."""
        self.told.append(trial)
        self.optimizer.tell(trial)

    def tell_defaults(self) -> int:
        """Tell trial 0, the baseline, if there is one; return the number of the next trial."""
        defaults = self.space.defaults()
        if defaults is None:
            return 0
        self.running[0] = defaults
        self.finish(0, complete)
        return 1

    def run(self, numbers: range, outcome: Callable[[int, float], Outcome]) -> list[Assignment]:
        """Trials one after the other, until there is nothing left to try."""
        asked = []
        for number in numbers:
            assignment = self.ask(number)
            if assignment is None:
                break
            asked.append(assignment)
            self.finish(number, outcome)
        return asked

    def run_parallel(self, numbers: range, jobs: int) -> list[Assignment]:
        """Trials of which `jobs` run at a time; the youngest ends first every other time."""
        asked = []
        for number in numbers:
            if len(self.running) == jobs:
                self.finish((min if number % 2 else max)(self.running), complete)
            assignment = self.ask(number)
            if assignment is None:
                break
            asked.append(assignment)
        return asked

    def _shown(self, assignment: Assignment) -> dict[str, Any]:
        # dynamic parameters show in half of the space only
        first = self.space.parameters[0]
        seen = first.domain.encode(assignment[first.key]) >= 0.5
        return {key: v for key, v in assignment.items() if seen or not self.space[key].dynamic}

    def _objective(self, assignment: Assignment) -> float:
        point = self.space.encode(assignment)
        return float(np.nansum((point - 0.3) ** 2))


def complete(number: int, value: float) -> Outcome:
    """Every trial reaches its value."""
    return TrialState.COMPLETE, value


def troubled(number: int, value: float) -> Outcome:
    """Trials that fail, are pruned or skipped, or reach an infinite value."""
    outcomes: list[Outcome] = [
        (TrialState.FAIL, None),
        (TrialState.COMPLETE, math.inf),
        (TrialState.PRUNED, None),
        (TrialState.COMPLETE, value),
        (TrialState.SKIPPED, None),
        (TrialState.COMPLETE, -math.inf),
        (TrialState.PRUNED, value),
    ]
    return outcomes[number % len(outcomes)]


def failing(number: int, value: float) -> Outcome:
    """Every trial fails."""
    return TrialState.FAIL, None


class OptimizerContract:
    """What every optimizer keeps to; override `make`, and the attributes if it is slow.

    Attributes
    ----------
    trials : length of a rehearsed study.
    """

    trials = 12

    def make(self, space: Space, seed: int, trials: int | None) -> Optimizer:
        """A fresh optimizer."""
        raise NotImplementedError("give your test class a method make(space, seed, trials)")

    def spaces(self) -> Mapping[str, Space]:
        """The search spaces it is tried on, by name."""
        return spaces()

    def rehearsals(self, trials: int | None = None) -> list[tuple[str, Rehearsal]]:
        """A study for each space, nothing told yet."""
        return [
            (name, Rehearsal(self.make(space, 3, trials or self.trials), space, 3))
            for name, space in self.spaces().items()
        ]

    def again(self, study: Rehearsal, told: Sequence[Trial] = ()) -> Rehearsal:
        """The same study with a fresh optimizer that is told those trials."""
        optimizer = self.make(study.space, study.seed, self.trials)
        return Rehearsal(optimizer, study.space, study.seed, told)

    def test_suggestions_are_in_the_space_and_conditions_hold(self) -> None:
        for name, study in self.rehearsals():
            for assignment in study.run(range(self.trials), complete):
                check_valid(study.space, assignment, name)

    def test_the_same_seed_gives_the_same_trials(self) -> None:
        for name, study in self.rehearsals():
            first = study.run(range(self.trials), troubled)
            second = self.again(study).run(range(self.trials), troubled)
            assert same(study.space, first, second), f"{name}: the same seed gave other trials"

    def test_asking_again_gives_the_same(self) -> None:
        for name, study in self.rehearsals():
            study.run(range(self.trials // 2), complete)
            first = study.ask(self.trials)
            study.running.clear()  # an interrupted trial is not told; its number is run again
            second = study.ask(self.trials)
            pair = [[] if one is None else [one] for one in (first, second)]
            assert same(study.space, *pair), f"{name}: asking changed the next suggestion"

    def test_interrupted_and_resumed_equals_uninterrupted(self) -> None:
        for name, study in self.rehearsals():
            start = study.tell_defaults()
            whole = study.run(range(start, self.trials), troubled)
            for cut in {0, 1, len(whole) // 2, max(len(whole) - 1, 0)}:
                resumed = self.again(study, study.told[: start + cut])
                rest = resumed.run(range(start + cut, self.trials), troubled)
                assert same(study.space, whole[cut:], rest), f"{name}: differs from trial {cut} on"

    def test_resumed_equals_uninterrupted_with_parallel_trials(self) -> None:
        for name, study in self.rehearsals():
            study.run_parallel(range(self.trials), jobs=3)
            resumed = self.again(study, study.told)
            resumed.running = dict(study.running)
            pair = [[] if one is None else [one] for one in (study.ask(99), resumed.ask(99))]
            assert same(study.space, *pair), f"{name}: differs once it is resumed"

    def test_parallel_suggestions_are_valid_and_distinct_in_a_finite_space(self) -> None:
        for name, study in self.rehearsals():
            while len(study.running) < 4 and study.ask(len(study.running)) is not None:
                pass
            asked = list(study.running.values())
            for assignment in asked:
                check_valid(study.space, assignment, name)
            if study.space.size is not None:
                assert distinct(study.space, asked), f"{name}: the same trial runs twice"
            assert asked, f"{name}: nothing was suggested at all"

    def test_trials_that_fail_or_are_infinite_never_break_it(self) -> None:
        for outcome in (troubled, failing):
            for name, study in self.rehearsals():
                for assignment in study.run(range(self.trials), outcome):
                    check_valid(study.space, assignment, f"{name}, {outcome.__name__}")

    def test_nothing_is_tried_twice_while_a_finite_space_has_untried_configurations(self) -> None:
        for name, study in self.rehearsals():
            size = study.space.size
            if size is not None:
                start = study.tell_defaults()
                study.run(range(start, min(size, self.trials)), troubled)
                told = [trial.assignment for trial in study.told]
                assert distinct(study.space, told), f"{name}: a trial was repeated"

    def test_an_exhausted_space_ends_the_study(self) -> None:
        for name, study in self.rehearsals():
            size = study.space.size
            if size is not None and size <= 5 * self.trials:
                start = study.tell_defaults()
                study.run(range(start, size + 1), troubled)
                assert len(study.told) <= size, f"{name}: more trials than configurations"
                assert study.ask(size + 1) is None, f"{name}: None is not the end"

    def test_a_suggestion_belongs_to_the_caller(self) -> None:
        for name, study in self.rehearsals():
            asked = self.again(study).ask(0)
            given = study.ask(0)
            if isinstance(given, dict):
                given.clear()
            study.running.clear()
            pair = [[] if one is None else [one] for one in (asked, study.ask(0))]
            assert same(study.space, *pair), f"{name}: changing a suggestion changed the next"

    def test_any_number_may_be_asked_first(self) -> None:
        for name, study in self.rehearsals():
            for number in (7, 3, 1_000):
                assignment = study.ask(number)
                if assignment is not None:
                    check_valid(study.space, assignment, name)
                    study.finish(number, complete)


def check_valid(space: Space, assignment: Assignment, name: str) -> None:
    """Raise AssertionError unless `assignment` is exactly one of the space's."""
    above: dict[str, Any] = {}
    active = []
    for parameter in space:
        if parameter.exists(above):
            active.append(parameter.key)
            assert parameter.key in assignment, f"{name}: {parameter.key} is missing"
            value = assignment[parameter.key]
            held = parameter.domain.check(value)
            assert held is value or (type(held) is type(value) and held == value), (
                f"{name}: {parameter.key} is {value!r}, which the space holds as {held!r}"
            )
            above[parameter.name] = value
    assert list(assignment) == active, f"{name}: {list(assignment)} are given, {active} exist"
    json.dumps(space.dump(assignment), allow_nan=False)


def distinct(space: Space, assignments: Sequence[Assignment]) -> bool:
    """Whether no two are the same."""
    return len({space.identity(one) for one in assignments}) == len(assignments)


def same(space: Space, some: Sequence[Assignment], others: Sequence[Assignment]) -> bool:
    """Whether they are the same bit for bit, in the same order."""
    # compared as text, in which 1, 1.0 and True differ
    return json.dumps([space.dump(one) for one in some]) == json.dumps(
        [space.dump(one) for one in others]
    )

"""The contract finds what it is there to find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from jupyter_hpo.optimizers import create
from jupyter_hpo.space import Space
from jupyter_hpo.testing import OptimizerContract
from jupyter_hpo.trial import Trial

Asked = Mapping[str, Any] | None


class Faulty:
    """Random search, to which each optimizer below adds one fault."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.told: list[Trial] = []
        self.asks = 0
        self.sound = create("random", space)

    def ask(self, number: int, rng: np.random.Generator, running: Sequence[Any]) -> Asked:
        return self.sound.ask(number, rng, running)

    def tell(self, trial: Trial) -> None:
        self.told.append(trial)
        self.sound.tell(trial)


class OwnChance(Faulty):
    def ask(self, number: int, rng: np.random.Generator, running: Sequence[Any]) -> Asked:
        return self.space.sample(np.random.default_rng())


class CountsAsks(Faulty):
    def ask(self, number: int, rng: np.random.Generator, running: Sequence[Any]) -> Asked:
        self.asks += 1
        return self.sound.ask(number, np.random.default_rng(self.asks), running)


class ForgetsRunning(Faulty):
    def ask(self, number: int, rng: np.random.Generator, running: Sequence[Any]) -> Asked:
        return self.sound.ask(number, rng, ())


class ForgetsTold(Faulty):
    def tell(self, trial: Trial) -> None:
        self.told.append(trial)


class NeedsValues(Faulty):
    def ask(self, number: int, rng: np.random.Generator, running: Sequence[Any]) -> Asked:
        min((float(trial.value) for trial in self.told), default=0.0)  # type: ignore[arg-type]
        return self.sound.ask(number, rng, running)


class IgnoresConditions(Faulty):
    def ask(self, number: int, rng: np.random.Generator, running: Sequence[Any]) -> Asked:
        return {p.key: p.domain.decode(rng.random()) for p in self.space}


class NumpyScalars(Faulty):
    def ask(self, number: int, rng: np.random.Generator, running: Sequence[Any]) -> Asked:
        asked = self.sound.ask(number, rng, running)
        return asked and {k: np.float64(v) if type(v) is float else v for k, v in asked.items()}


class LendsItsOwn(Faulty):
    def ask(self, number: int, rng: np.random.Generator, running: Sequence[Any]) -> Asked:
        if not hasattr(self, "only"):
            self.only = self.sound.ask(number, rng, running)
        return self.only


class NeverEnds(Faulty):
    def ask(self, number: int, rng: np.random.Generator, running: Sequence[Any]) -> Asked:
        return self.sound.ask(number, rng, running) or self.space.sample(rng)


@pytest.mark.parametrize(
    ("faulty", "law"),
    [
        (OwnChance, "the_same_seed_gives_the_same_trials"),
        (OwnChance, "asking_again_gives_the_same"),
        (CountsAsks, "asking_again_gives_the_same"),
        (CountsAsks, "interrupted_and_resumed_equals_uninterrupted"),
        (CountsAsks, "resumed_equals_uninterrupted_with_parallel_trials"),
        (ForgetsRunning, "parallel_suggestions_are_valid_and_distinct_in_a_finite_space"),
        (ForgetsTold, "nothing_is_tried_twice_while_a_finite_space_has_untried_configurations"),
        (NeedsValues, "trials_that_fail_or_are_infinite_never_break_it"),
        (IgnoresConditions, "suggestions_are_in_the_space_and_conditions_hold"),
        (IgnoresConditions, "any_number_may_be_asked_first"),
        (NumpyScalars, "suggestions_are_in_the_space_and_conditions_hold"),
        (LendsItsOwn, "a_suggestion_belongs_to_the_caller"),
        (NeverEnds, "an_exhausted_space_ends_the_study"),
    ],
)
def test_a_fault_is_found(faulty: type[Faulty], law: str) -> None:
    class Tried(OptimizerContract):
        def make(self, space: Space, seed: int, trials: int | None) -> Faulty:
            return faulty(space)

    with pytest.raises((AssertionError, TypeError, KeyError)):
        getattr(Tried(), f"test_{law}")()

"""A way down from one starting point, trial by trial."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ...space import Space
from ...trial import GRADIENT, Trial, TrialState
from .coordinates import Array, moved, places, rate
from .descent import Descent
from .evolution import Pairs
from .newton import Newton
from .trust import foretells

WIDTH: Final = 0.3  # of the pairs, in coordinates without bounds
MOST_PAIRS: Final = 4


@dataclass(frozen=True)
class Plan:
    """How far a walk goes; see `descent.Descent`."""

    rate: float
    steps: int
    patience: int


class Walk:
    """Goes down by the gradients that trials come with, else by pairs of trials.

    All but the hyperparameters that have gradients stay as in the first trial.

    Parameters
    ----------
    first : the trial it starts from, which has a finite value.
    keys : hyperparameters to move; those without gradient stay if others have one.
    seed : of the directions of pairs.
    pairs : whether to go by pairs from the start.

    Attributes
    ----------
    by_pairs : whether it goes by pairs now.
    deceived : whether it does because the gradients did not say how the objective changed.
    path : numbers of its trials, with value and gradients.
    """

    def __init__(
        self,
        space: Space,
        first: Trial,
        keys: list[str],
        plan: Plan,
        seed: list[int],
        *,
        pairs: bool = False,
    ) -> None:
        self._space, self._plan, self._seed = space, plan, seed
        self._base = dict(first.assignment)
        followed = [key for key in keys if known(first, key) and not pairs]
        self.keys = followed or keys
        self.by_pairs, self.deceived = not followed, False
        self._foretold: list[tuple[float, float]] = []
        self.path: list[dict[str, Any]] = []
        start = places(space, self._base, self.keys)
        kind = Descent if self.by_pairs else Newton
        self._descent: Descent | Newton = kind(
            start, rate=plan.rate, steps=plan.steps, patience=plan.patience
        )
        self._pairs: Pairs | None = None
        self._made = 0
        self._note(first)
        if self.by_pairs:
            self._pair()
        else:
            self._latest = first
            self._descent.tell(first.value, self._slopes(first))
        self._expected = self._next()

    @property
    def over(self) -> bool:
        """Whether it has come to its end."""
        return self._descent.over or not self.keys

    def best_of(self, trials: int) -> float:
        """The best value of its first so many trials."""
        values = [step["value"] for step in self.path[:trials] if step["value"] is not None]
        return min(values, default=math.inf)

    @property
    def proposals(self) -> list[dict[str, Any]]:
        """Assignments to be tried next, those of a pair that are not told yet."""
        if self.over:
            return []
        told = () if self._pairs is None else self._pairs.values
        return [dict(one) for k, one in enumerate(self._expected) if k not in told]

    def tell(self, trial: Trial) -> bool:
        """Take a trial in, if it is one of those proposed; whether it is."""
        place = next(
            (k for k, one in enumerate(self._expected) if is_of(trial.assignment, one)), None
        )
        if place is None or self.over:
            return False
        self._note(trial)
        value = trial.value if trial.state is TrialState.COMPLETE else None
        if self._pairs is not None:
            self._pairs.tell(place, value)
            if not self._pairs.complete:
                return True
            self._descent.point = self._pairs.centre
            self._descent.tell(*self._pairs.estimate())
            self._pair()
        elif value is not None and math.isfinite(value) and not self._has_gradient(trial):
            self._turn_to_pairs(self._descent.point)  # the graph was lost on the way
        elif not self._is_foretold(trial):
            self.deceived = True
            best = self._descent.best
            self._turn_to_pairs(self._descent.point if best is None else best.point)
        else:
            self._descent.tell(value, self._slopes(trial))
        self._expected = self._next()
        return True

    def _has_gradient(self, trial: Trial) -> bool:
        return any(known(trial, key) for key in self.keys)

    def _is_foretold(self, trial: Trial) -> bool:
        """Whether the objective still changes as gradients say, by and large."""
        before, self._latest = self._latest, trial
        values = [one.value for one in (before, trial) if one.state is TrialState.COMPLETE]
        numbers = [value for value in values if value is not None and math.isfinite(value)]
        if len(numbers) < 2:  # a failed one says nothing of gradients
            return True
        ends = [places(self._space, one.assignment, self.keys) for one in (before, trial)]
        slope = (self._slopes(before) + self._slopes(trial)) / 2
        self._foretold.append((float(slope @ (ends[1] - ends[0])), numbers[1] - numbers[0]))
        return foretells(self._foretold)

    def _turn_to_pairs(self, point: Array) -> None:
        """Go on from a point, with another kind of gradient."""
        plan, scale = self._plan, self._descent.scale
        left = max(1, plan.steps - len(self.path))
        self._descent = Descent(point, rate=plan.rate, steps=left, patience=plan.patience)
        self._descent.scale = scale.copy()
        self.by_pairs = True
        self._pair()

    def _pair(self) -> None:
        d = len(self.keys)
        count = min(MOST_PAIRS, max(1, round(math.sqrt(d))))
        shrunk = float(np.mean(self._descent.scale)) / self._plan.rate if d else 1.0
        rng = np.random.default_rng([*self._seed, self._made])
        width = WIDTH * min(1.0, max(shrunk, 0.1))
        self._pairs = Pairs(self._descent.point, width, count, rng)
        self._made += 1

    def _next(self) -> list[dict[str, Any]]:
        points = self._descent.point[None] if self._pairs is None else self._pairs.points
        return [moved(self._space, self._base, self.keys, point) for point in points]

    def _slopes(self, trial: Trial) -> Array:
        """The gradient by the coordinates, shape (d,)."""
        return slopes(self._space, self.keys, trial)

    def _note(self, trial: Trial) -> None:
        self.path.append(step_of(trial, self.keys))


def slopes(space: Space, keys: Sequence[str], trial: Trial) -> Array:
    """The gradient by the coordinates, shape (d,), 0 where none is known."""
    return np.array(
        [
            float(trial.info.get(_name(key), 0.0)) * rate(space[key].domain, trial.assignment[key])
            if key in trial.assignment
            else 0.0
            for key in keys
        ]
    )


def step_of(trial: Trial, keys: Sequence[str]) -> dict[str, Any]:
    """A trial as a step of a path, see `explaining.explanation`."""
    finite = trial.value is not None and math.isfinite(trial.value)
    return {
        "number": trial.number,
        "params": {key: trial.assignment.get(key) for key in keys},
        "value": trial.value if finite else None,
        "gradients": {
            key.partition("#")[0]: trial.info[_name(key)] for key in keys if known(trial, key)
        },
    }


def known(trial: Trial, key: str) -> bool:
    """Whether a trial has come with the derivative by a hyperparameter."""
    return _name(key) in trial.info


def _name(key: str) -> str:
    """What the derivative by a hyperparameter is called in a trial's info."""
    return GRADIENT + key.partition("#")[0]


def is_of(mine: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Whether a trial's assignment is the expected one, as far as its run has shown it."""
    return bool(mine) == bool(expected) and all(
        key in expected and (expected[key] is held or _same(expected[key], held))
        for key, held in mine.items()
    )


def _same(one: Any, other: Any) -> bool:
    try:
        return type(one) is type(other) and bool(one == other)
    except Exception:  # noqa: BLE001  # choices are the user's, and compare as they like
        return False

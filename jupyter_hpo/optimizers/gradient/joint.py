"""A way down by tensors of the notebook, and by the hyperparameters that have a gradient, too."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ...blobs import Blob
from ...errors import StudyError
from ...space import Space
from ...trial import SLOPES, Trial, TrialState
from .coordinates import Array, moved, places
from .descent import Descent
from .walk import Plan, is_of, known, slopes, step_of
from .words import NORM

FIRST: Final = 0.5  # first step of an entry, in the coordinates of its descent


class JointWalk:
    """As `walk.Walk`, all of which goes down at once: each tensor by a descent of its own.

    All descents are told the same values, and go on or back together.

    Parameters
    ----------
    first : the trial it starts from, complete, with the gradient of every tensor.
    keys : hyperparameters to move; those without gradient stay.
    rate : length of the first step of each entry of a tensor, in its own units.

    Attributes
    ----------
    arrays : the tensors of the next trial.
    source : number of the trial whose place the next one goes on from.
    best : number of the best trial.
    path : see `walk.Walk`.
    """

    by_pairs = deceived = False  # pairs of so many entries would say nothing

    def __init__(
        self,
        space: Space,
        first: Trial,
        keys: list[str],
        plan: Plan,
        names: list[str],
        rate: float,
    ) -> None:
        self._space, self._base, self._unit = space, dict(first.assignment), rate / FIRST
        self.keys = [key for key in keys if known(first, key)]
        self.path: list[dict[str, Any]] = []
        self.source = self.best = first.number
        entries = {name: first.arrays[name].array() for name in names}
        self._kinds = {name: (held.shape, held.dtype) for name, held in entries.items()}
        options = {"steps": plan.steps, "patience": plan.patience}
        self._tensors = {
            name: Descent(
                held.astype(np.float64).ravel() / self._unit, rate=FIRST, limit=math.inf, **options
            )
            for name, held in entries.items()
        }
        start = places(space, self._base, self.keys)
        self._values = Descent(start, rate=plan.rate, **options)
        self.arrays = {name: first.arrays[name] for name in names}
        self._expected = self._base
        self.tell(first)

    @property
    def _descents(self) -> list[Descent]:
        return [*self._tensors.values(), *([self._values] if self.keys else [])]

    @property
    def over(self) -> bool:
        """Whether it has come to its end."""
        return all(descent.over for descent in self._descents)

    def best_of(self, trials: int) -> float:
        """The best value of its first so many trials."""
        values = [step["value"] for step in self.path[:trials] if step["value"] is not None]
        return min(values, default=math.inf)

    @property
    def proposals(self) -> list[dict[str, Any]]:
        """The assignment to be tried next, with `arrays`."""
        return [] if self.over else [dict(self._expected)]

    def goes_to(self, assignment: Mapping[str, Any], arrays: Mapping[str, Blob]) -> bool:
        """Whether a trial is of the place where it goes next."""
        return not self.over and is_of(assignment, self._expected) and arrays == self.arrays

    def tell(self, trial: Trial) -> bool:
        """Take a trial in, if it is the one proposed; whether it is."""
        mine = {name: trial.arrays[name] for name in self.arrays if name in trial.arrays}
        if not self.goes_to(trial.assignment, mine):
            return False
        norms = {name: trial.info.get(NORM + name) for name in self._tensors}
        self.path.append({**step_of(trial, self.keys), "norms": norms})
        value = trial.value if trial.state is TrialState.COMPLETE else None
        found = {name: trial.arrays.get(SLOPES + name) for name in self._tensors}
        if value is not None and math.isfinite(value) and None not in found.values():
            if value <= self.best_of(len(self.path)):
                self.best = trial.number
        else:
            value = None
        for name, descent in self._tensors.items():
            blob = found[name]
            descent.tell(value, self._slope(blob, len(descent.point)))
        self._values.tell(value, slopes(self._space, self.keys, trial))
        self.source = self.best if self._descents[0].back else trial.number
        self._next()
        return True

    def _slope(self, blob: Blob | None, size: int) -> Array:
        """The gradient by the coordinates of a tensor, shape (size,)."""
        slope = np.zeros(size) if blob is None else blob.array().astype(np.float64).ravel()
        if len(slope) != size:
            raise StudyError("a stored gradient is not of the tensor that it is stored with")
        return slope * self._unit

    def _next(self) -> None:
        self._expected = moved(self._space, self._base, self.keys, self._values.point)
        if not self.over:
            for name, descent in self._tensors.items():
                shape, kind = self._kinds[name]
                self.arrays[name] = Blob.of(
                    (descent.point * self._unit).astype(kind).reshape(shape)
                )

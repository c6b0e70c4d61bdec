"""Learning curves: what trials report on their way, as pruners see it."""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from .trial import Trial, TrialState

FOLDS: Final = 3  # reports of a trial that may be folds of a cross-validation
KEPT: Final = 4_096  # steps whose values are kept


class Curve:
    """The reports of one trial, smaller being better.

    Attributes
    ----------
    number : of the trial.
    steps : in ascending order.
    values : reported at them.
    best : the least value up to each of them; infinite where all were NaN.
    value : of the objective; None unless the trial is complete.
    """

    def __init__(
        self, number: int, reports: Mapping[int, float], value: float | None = None
    ) -> None:
        self.number, self.value = number, value
        self.renew(reports)

    def renew(self, reports: Mapping[int, float]) -> None:
        """Take these for all that has been reported."""
        self.steps = sorted(reports)
        self.values = [reports[step] for step in self.steps]
        self.best: list[float] = []
        for value in self.values:
            self._extend(value)

    def add(self, step: int, value: float) -> None:
        """A report comes in; one of a known step takes the place of that before."""
        if not self.steps or step > self.steps[-1]:
            self.steps.append(step)
            self.values.append(value)
            self._extend(value)
        else:
            self.renew({**dict(zip(self.steps, self.values, strict=True)), step: value})

    def _extend(self, value: float) -> None:
        least = self.best[-1] if self.best else math.inf
        self.best.append(min(least, math.inf if math.isnan(value) else value))

    def __len__(self) -> int:
        return len(self.steps)

    def best_at(self, step: int) -> float | None:
        """The least value up to a step; None if the trial did not get there."""
        place = self._place(step)
        return self.best[place - 1] if place else None

    def recent_at(self, step: int) -> float | None:
        """The mean of the last third of the reports up to a step; None as for `best_at`.

        Infinite if one of them is not finite.
        """
        place = self._place(step)
        if not place:
            return None
        few = (place + 2) // 3
        mean = sum(self.values[place - few : place]) / few
        return mean if math.isfinite(mean) else math.inf

    def _place(self, step: int) -> int:
        """How many reports there are up to a step; 0 if the trial did not get there."""
        if not self.steps or self.steps[-1] < step:
            return 0
        return bisect_right(self.steps, step)


Measure = Callable[[Curve, int], float | None]


class Curves(Sequence[Curve]):
    """Curves of the trials that have ended, complete or pruned, in the order they did.

    What pruners ask of all of them at a step is kept, so that a question costs the same
    however many trials there are.

    Attributes
    ----------
    complete : those of complete trials.
    incumbent : of these, the one of the least value; None if there is none.
    longest, shortest : how many reports the longest and the shortest of them have.
    rough : whether one of them had a report that was not finite.
    """

    def __init__(self, curves: Iterable[Curve] = ()) -> None:
        self._curves: list[Curve] = []
        self._at: dict[tuple[Measure, int], list[float]] = {}
        self._folds: list[bool] = []
        self.complete: list[Curve] = []
        self.incumbent: Curve | None = None
        self.longest = self.shortest = 0
        self.rough = False
        for curve in curves:
            self.add(curve)

    def add(self, curve: Curve) -> None:
        """A trial has ended."""
        self._curves.append(curve)
        for (measure, step), values in self._at.items():
            found = measure(curve, step)
            if found is not None:
                insort(values, found)
        if curve.value is None:
            return
        self.complete.append(curve)
        self.shortest = min(self.shortest or len(curve), len(curve))
        self.longest = max(self.longest, len(curve))
        self.rough = self.rough or not all(map(math.isfinite, curve.values))
        self._folds += [_of_folds(curve)] if len(curve) >= FOLDS else []
        if self.incumbent is None or _less(curve.value, self.incumbent.value):
            self.incumbent = curve

    def best_at(self, step: int) -> Sequence[float]:
        """Of each trial that got to a step its least value up to it, in ascending order."""
        return self._sorted(Curve.best_at, step)

    def recent_at(self, step: int) -> Sequence[float]:
        """The same of the means of their last third up to it: less noisy than one of them."""
        return self._sorted(Curve.recent_at, step)

    def _sorted(self, measure: Measure, step: int) -> list[float]:
        if (measure, step) not in self._at:
            if len(self._at) >= KEPT:
                self._at.clear()
            found = (measure(curve, step) for curve in self._curves)
            self._at[measure, step] = sorted(each for each in found if each is not None)
        return self._at[measure, step]

    @property
    def folds(self) -> bool:
        """Whether the reports are folds of a cross-validation: the value is their mean."""
        return bool(self._folds) and all(self._folds)

    def __len__(self) -> int:
        return len(self._curves)

    def __getitem__(self, place: int) -> Curve:  # type: ignore[override]  # no slices
        return self._curves[place]

    def __iter__(self) -> Iterator[Curve]:
        return iter(self._curves)


def curve_of(trial: Trial) -> Curve | None:
    """The curve of a trial that has ended, to be minimised; None if it says nothing."""
    complete = trial.state is TrialState.COMPLETE
    if not complete and trial.state is not TrialState.PRUNED:
        return None
    return Curve(trial.number, dict(trial.reports), trial.value if complete else None)


def diverged(trial: Curve, peers: Curves) -> str:
    """Why a trial diverges; empty if it does not.

    Its last report is NaN or infinite, and no complete trial had such a one; before any is
    complete the trial itself must have had another.
    """
    value = trial.values[-1]
    if math.isfinite(value) or peers.rough:  # a best value so far may well begin with infinity
        return ""
    if not (peers.complete or math.isfinite(trial.best[-1])):
        return ""
    what = "nan" if math.isnan(value) else "an infinite value"
    return f"reported {what} at step {trial.steps[-1]}"


class EndsDiverging:
    """A pruner that ends trials only where they diverge; what else it does, it adds."""

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Why the trial diverges, once one is complete; empty if it does not."""
        return diverged(trial, peers) if peers.complete else ""


def is_rung(count: int, first: int, reduction: float) -> bool:
    """Whether so many reports are `first`, or that times a power of `reduction`, rounded down."""
    rung = float(first)
    while int(rung) < count:
        rung *= reduction
    return int(rung) == count


def _of_folds(curve: Curve) -> bool:
    value, last = curve.value, curve.values[-1]
    if value is None or not all(map(math.isfinite, curve.values)):
        return False
    mean = sum(curve.values) / len(curve)  # not fmean, which raises where they overflow
    return math.isclose(value, mean, rel_tol=1e-6) and not math.isclose(mean, last, rel_tol=1e-6)


def _less(value: float, other: float | None) -> bool:
    return other is None or math.isnan(other) or value < other

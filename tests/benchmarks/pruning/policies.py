"""What may decide which trial gets the next epoch.

A policy is a callable of the runs in their order and a budget of epochs. It gives, for each
trial that it completes, the epochs spent by then and the run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from runs import Run

Policy = Callable[[list[Run], int], Iterator[tuple[int, Run]]]
LONGEST: Final = 27  # epochs
RUNGS: Final = (1, 3, 9, 27)


class Judge(Protocol):
    """What ends trials at their reports; made anew for each replay."""

    def begin(self) -> None:
        """A trial starts."""

    def report(self, step: int, value: float) -> bool:
        """Whether it ends here."""

    def end(self, value: float | None) -> None:
        """It has ended; None if it was pruned or failed."""


def stopping(make: Callable[[], Judge]) -> Policy:
    """One trial after the other, each until it is complete or the judge ends it."""

    def policy(runs: list[Run], budget: int) -> Iterator[tuple[int, Run]]:
        judge, spent = make(), 0
        for run in runs:
            judge.begin()
            epochs, pruned = _tried(judge, run, budget - spent)
            spent += epochs
            if epochs < len(run.reports) and not pruned:
                return  # out of budget
            failed = pruned or not math.isfinite(run.value)
            judge.end(None if failed else run.value)
            if not failed:
                yield spent, run

    return policy


def _tried(judge: Judge, run: Run, left: int) -> tuple[int, bool]:
    """Epochs that a trial took, and whether it was pruned."""
    step = 0
    for epoch, reports in enumerate(run.reports[:left]):
        for value in reports:
            if judge.report(step, value):
                return epoch + 1, True
            step += 1
    return min(len(run.reports), left), False


class Ours:
    """A pruner of ours."""

    def __init__(self, name: str) -> None:
        from jupyter_hpo.curves import Curves
        from jupyter_hpo.pruners import create

        self._pruner, self._peers, self._number = create(name), Curves(), -1

    def begin(self) -> None:
        from jupyter_hpo.curves import Curve

        self._number += 1
        self._curve = Curve(self._number, {})

    def report(self, step: int, value: float) -> bool:
        self._curve.add(step, value)
        return bool(self._pruner.prune(self._curve, self._peers))

    def add(self, values: list[float]) -> None:
        """Reports of the trial, all at once and without being asked about."""
        self._curve.renew(dict(enumerate(values)))

    def end(self, value: float | None) -> None:
        self._curve.value = value
        self._peers.add(self._curve)


def _last(run: Run, epochs: int) -> float:
    """What a trial last reported; NaN is as bad as can be."""
    value = run.reports[min(epochs, len(run.reports)) - 1][-1]
    return math.inf if math.isnan(value) else value


def screen(first: int) -> Policy:
    """Some epochs of as many as half the budget is enough for, then the best few to the end."""

    def policy(runs: list[Run], budget: int) -> Iterator[tuple[int, Run]]:
        more = LONGEST - first
        few = max(budget // 2 // more, 1)
        many = min((budget - few * more) // first, len(runs))
        spent = many * first
        for run in sorted(runs[:many], key=lambda run: _last(run, first)):
            spent += len(run.reports) - first
            if spent > budget:
                return
            if math.isfinite(run.value):
                yield spent, run

    policy.budgeted = True  # type: ignore[attr-defined]  # it has to be played for each budget
    return policy


def promotion(reduction: int = 3) -> Policy:
    """Asynchronous successive halving as it was published: trials wait and go on later.

    L. Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020, with one
    worker: whenever a trial is among the best 1 in 3 of a rung it goes on to the next one,
    the highest rung first; otherwise a new one starts.
    """

    def policy(runs: list[Run], budget: int) -> Iterator[tuple[int, Run]]:
        spent, started = 0, 0
        rungs: list[list[Run]] = [[] for _ in RUNGS]
        gone: set[tuple[int, int]] = set()
        while spent < budget:
            found = _promotable(rungs, gone, reduction)
            if found is None and started == len(runs):
                return
            level, run = found or (0, runs[started])
            started += found is None
            spent += min(RUNGS[level], len(run.reports)) - (RUNGS[level - 1] if level else 0)
            if spent > budget:
                return
            rungs[level].append(run)
            if level == len(RUNGS) - 1 and math.isfinite(run.value):
                yield spent, run

    return policy


def _promotable(
    rungs: list[list[Run]], gone: set[tuple[int, int]], reduction: int
) -> tuple[int, Run] | None:
    for level in reversed(range(len(RUNGS) - 1)):
        there = sorted(rungs[level], key=lambda run: _last(run, RUNGS[level]))
        for run in there[: len(there) // reduction]:
            if (level, id(run)) not in gone:
                gone.add((level, id(run)))
                return level + 1, run
    return None


MARKS: Final[dict[str, Policy]] = {
    "screen-1": screen(1),
    "screen-3": screen(3),
    "promotion": promotion(),
}


def find(name: str) -> Policy:
    """A mark, a peer (`optuna-median`), or one of our pruners, perhaps with options."""
    import peers

    if name in MARKS:
        return MARKS[name]
    if name in peers.TABLE:
        return stopping(peers.TABLE[name])
    return stopping(lambda: Ours(name))

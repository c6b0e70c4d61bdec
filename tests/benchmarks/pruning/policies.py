"""What may decide which trial gets the next epoch.

A policy is a callable of the runs in their order and a budget of epochs. It gives, for each
trial that ends, the epochs spent by then and the run, or None if it is not complete. Without a
budget (`ENDLESS`) it is a study of so many trials, which may know how many there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol

from runs import Run

Ended = Iterator[tuple[int, Run | None]]
Policy = Callable[[list[Run], int], Ended]
ENDLESS: Final = 10**9  # epochs
LONGEST: Final = 27  # epochs
RUNGS: Final = (1, 3, 9, 27)
SIZES: Final = (4, 8, 12, 16, 20, 25, 32, 40, 50, 64, 80, 100, 128, 160, 200, 256)  # trials


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

    def policy(runs: list[Run], budget: int) -> Ended:
        judge, spent = make(), 0
        for run in runs:
            judge.begin()
            epochs, pruned = _tried(judge, run, budget - spent)
            spent += epochs
            if epochs < len(run.reports) and not pruned:
                return  # out of budget
            failed = pruned or not math.isfinite(run.value)
            judge.end(None if failed else run.value)
            yield spent, None if failed else run

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
    """A pruner of ours; `parks` says whether it sets trials aside."""

    def __init__(self, name: str) -> None:
        from jupyter_hpo.curves import Curves
        from jupyter_hpo.protocols import Promotes
        from jupyter_hpo.pruners import create

        self._pruner: Any = create(name)
        self.parks = isinstance(self._pruner, Promotes)
        self._peers, self._number = Curves(), -1

    def begin(self) -> None:
        from jupyter_hpo.curves import Curve

        self._number += 1
        self._curve = Curve(self._number, {})

    def report(self, step: int, value: float) -> bool:
        self._curve.add(step, value)
        return bool(self._pruner.prune(self._curve, self._peers))

    def judge(self, step: int, value: float) -> bool:
        """All that is asked after a report."""
        if self.report(step, value):
            return True
        return self.parks and self._pruner.sets_aside(self._curve, self._peers, ())

    def chosen(self, waiting: Sequence[Any]) -> int | None:
        """Whom to go on with, while new trials can begin."""
        return self._pruner.promote(waiting, self._peers, 9)

    def add(self, values: list[float]) -> None:
        """Reports of the trial, all at once and without being asked about."""
        self._curve.renew(dict(enumerate(values)))

    def end(self, value: float | None) -> None:
        self._curve.value = value
        self._peers.add(self._curve)


def parking(name: str) -> Policy:
    """A pruner of ours that sets trials aside: as a study does, with one trial at a time."""

    def policy(runs: list[Run], budget: int) -> Ended:
        from jupyter_hpo.curves import Curves
        from jupyter_hpo.pruners import create

        pruner, peers, waiting = create(name), Curves(), []
        spent, started = 0, 0
        while True:
            left = len(runs) - started
            fresh = left if budget == ENDLESS or not left else None
            number = pruner.promote([p.curve for p in waiting], peers, fresh) if waiting else None
            if number is not None:
                trial = next(p for p in waiting if p.curve.number == number)
                waiting.remove(trial)
            elif started < len(runs):
                trial = Parked(runs[started], started)
                started += 1
            else:
                return
            state = trial.go_on(pruner, peers, [p.curve for p in waiting], budget - spent)
            spent += trial.spent
            if state == "budget":
                return
            if state == "aside":
                waiting.append(trial)
                continue
            failed = state == "pruned" or not math.isfinite(trial.run.value)
            trial.curve.value = None if failed else trial.run.value
            peers.add(trial.curve)
            yield spent, None if failed else trial.run

    return policy


class Parked:
    """A trial that can be set aside between two reports.

    Attributes
    ----------
    spent : epochs of the last time it went on.
    """

    def __init__(self, run: Run, number: int) -> None:
        from jupyter_hpo.curves import Curve

        self.run, self.curve = run, Curve(number, {})
        self._left = [
            (not place, value) for each in run.reports for place, value in enumerate(each)
        ][::-1]

    def go_on(self, pruner: Any, peers: Any, waiting: list[Any], budget: int) -> str:
        """Until it ends ("end"), is "pruned" or set "aside", or the "budget" is gone."""
        self.spent = 0
        while self._left:
            begins, value = self._left.pop()
            self.spent += begins
            if self.spent > budget:
                return "budget"
            self.curve.add(len(self.curve), value)
            if self.curve.number == 0:
                continue
            if pruner.prune(self.curve, peers):
                return "pruned"
            if pruner.sets_aside(self.curve, peers, waiting):
                return "aside"
        return "end"


def planned(policy: Policy) -> Policy:
    """One that waits for all trials of a study: how it ends for studies of ever more trials."""

    def sizes(runs: list[Run], budget: int) -> Ended:
        for many in SIZES:
            ended = list(policy(runs[:many], ENDLESS))
            complete = (run for _, run in ended if run is not None)
            if ended[-1][0] > budget:
                return
            yield ended[-1][0], min(complete, key=lambda run: run.value, default=None)

    sizes.sizes = True  # type: ignore[attr-defined]  # its picks are those of different studies
    return sizes


def _last(run: Run, epochs: int) -> float:
    """What a trial last reported; NaN is as bad as can be."""
    value = run.reports[min(epochs, len(run.reports)) - 1][-1]
    return math.inf if math.isnan(value) else value


def screen(first: int) -> Policy:
    """Some epochs of as many as half the budget is enough for, then the best few to the end."""

    def policy(runs: list[Run], budget: int) -> Ended:
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

    def policy(runs: list[Run], budget: int) -> Ended:
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


def find(name: str, *, study: bool = False) -> Policy:
    """A mark, a peer (`optuna-median`), or one of our pruners, perhaps with options.

    Parameters
    ----------
    study : whether it is for studies of a known number of trials, without a budget.
    """
    import peers

    if name in MARKS:
        return MARKS[name]
    if name in peers.TABLE:
        return stopping(peers.TABLE[name])
    from jupyter_hpo.protocols import Promotes
    from jupyter_hpo.pruners import create

    if not isinstance(create(name), Promotes):
        return stopping(lambda: Ours(name))
    waits = name.startswith("screen") and not study
    return planned(parking(name)) if waits else parking(name)

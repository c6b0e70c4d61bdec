"""The trials of a study that are set aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .attempt import Attempt, again
from .bench import Bench
from .protocols import Executor
from .pruning import Pruning
from .trial import Trial, TrialState


class Standby:
    """Attempts that stand still until they are promoted, or the study is over.

    Their curves are `Pruning.waiting`, in the same order.

    Attributes
    ----------
    turn : of the next trial that ends or is set aside, see `Trial.turn`.
    """

    def __init__(self, pruning: Pruning) -> None:
        self._pruning = pruning
        self._attempts: list[Attempt] = []
        self.turn = 0

    def __len__(self) -> int:
        return len(self._attempts)

    def __iter__(self) -> Iterator[Attempt]:
        return iter(self._attempts)

    def next_turn(self) -> int:
        """Another trial ends or is set aside."""
        self.turn += 1
        return self.turn - 1

    def add(self, attempt: Attempt) -> None:
        """It is set aside."""
        self._attempts.append(attempt)
        self._pruning.waiting.append(attempt.curve)

    def restore(self, trials: Sequence[Trial], bench: Bench, executor: Executor) -> None:
        """Take in those that a process had set aside when it ended; they will start over.

        Parameters
        ----------
        trials : of the study, in the order of their turns.
        """
        turns = [trial.turn for trial in trials if trial.turn is not None]
        known = sum(trial.state.finished for trial in trials)
        self.turn = max(turns, default=known - 1) + 1
        for trial in trials if self._pruning.promotes else ():
            left = trial.state is TrialState.INTERRUPTED and trial.turn is not None
            if left and bench.space.fits(trial.assignment):
                waits = again(trial, waits=True)
                bench.journal.put(waits)
                self.add(Attempt(bench, executor.beside(), waits))

    def take(self, number: int) -> Attempt:
        """It is to go on, or to end."""
        place = next(k for k, each in enumerate(self._attempts) if each.number == number)
        del self._pruning.waiting[place]
        return self._attempts.pop(place)


def in_turn(trials: Sequence[Trial]) -> list[Trial]:
    """Trials in the order in which they ended or were set aside."""
    return sorted(
        trials, key=lambda t: (t.turn is not None, t.number if t.turn is None else t.turn)
    )

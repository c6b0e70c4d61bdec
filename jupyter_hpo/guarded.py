"""The shared-object guard around the trials of a sitting."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from .cell import Cell
from .domains import Bool, Categorical
from .errors import CellError, UsageError
from .guard import (
    Fingerprint,
    Settings,
    changed,
    definitions,
    explain,
    fingerprint,
    notebook_name,
    reach,
)
from .layers import Layer
from .space import Space
from .trial import Trial, TrialState

WATCHED_AT_MOST = 12  # trials
SHARE, SECONDS = 0.05, 0.05  # a later trial may be watched at this part of its time, or for this


class SharedObjects(Layer):
    """Compares every notebook object the cell reads before and after a trial.

    Watched are the first trial, and the first to take each way that the choices,
    flags and conditions of the search space open, as long as that costs little.
    Settings that such a trial has assigned are put back after every trial.

    Parameters
    ----------
    fresh, shared : names the user has taken care of.
    cells : gives another value once a cell of the user's has run; a trial that was parked
        meanwhile cannot be told from what that cell changed, and is not watched.

    Raises
    ------
    UsageError
        If one of those names holds nothing.
    """

    def __init__(
        self,
        cell: Cell,
        namespace: Mapping[str, Any],
        fresh: Iterable[str],
        shared: Iterable[str],
        cells: Callable[[], object] = lambda: 0,
    ) -> None:
        self.namespace = namespace
        self.spared = {*fresh, *shared}
        self.names = cell.reads
        self.space: Callable[[], Space] = lambda: cell.space  # as it is now: it may be edited
        for name in sorted(self.spared):
            if name not in namespace:
                raise UsageError(f"--fresh and --shared name notebook objects; {name!r} is none")
        self._settings = Settings()
        self._cells, self._ran = cells, cells()
        self._before: Fingerprint | None = None
        self._ways: set[Hashable] = set()
        self._watched, self._cheap, self._seconds = 0, True, 0.0

    def leave(self) -> None:
        """The trial is parked."""
        self._ran = self._cells()
        self._settings.leave()

    def enter(self) -> None:
        """The trial goes on."""
        if self._cells() != self._ran:
            self._before = None
        self._settings.enter()

    def take(self) -> Any:
        """Another trial is to run: this one cannot be told from it, and is not watched."""
        self._before = None
        return self._settings.take()

    def give(self, taken: Any) -> None:
        """The trial is to go on."""
        self._settings.give(taken)

    def __call__(self, trial: Trial) -> None:
        """Before a trial with its record so far, and after it with how it ended.

        Raises
        ------
        CellError
            If the trial is complete and changed an object that the next one would
            start from.
        """
        began = time.perf_counter()
        if trial.state is TrialState.RUNNING:
            self._settings.note()
            if self._is_new(trial):
                self._before = fingerprint(self._objects())
                self._seconds = time.perf_counter() - began
            return
        before, self._before = self._before, None
        found = []
        if before is not None:
            expected = trial.params.values()
            found = changed(before, before.watches, expected, self._settings)
        self._settings.put_back()
        if before is not None and trial.state is TrialState.COMPLETE:
            self._ways.add(self._way(trial))
        if before is not None:
            self._watched += 1
            spent = self._seconds + time.perf_counter() - began
            self._cheap = spent <= max(SECONDS, SHARE * (trial.duration or 0))
        if found and trial.state is TrialState.COMPLETE:
            number = f"trial {trial.number}" if trial.number else "this trial"
            raise CellError(explain(found, number))

    def _is_new(self, trial: Trial) -> bool:
        """Whether a trial is to be watched."""
        if not self._ways:
            return True
        if not self._cheap or self._watched >= WATCHED_AT_MOST:
            return False
        # One that is replayed may be of a search space of before.
        return self.space().fits(trial.assignment) and self._way(trial) not in self._ways

    def _way(self, trial: Trial) -> Hashable:
        """The hyperparameters that are active, with the values that cells branch by.

        Where only the run shows what is active, every trial may be new until then.
        """
        way, space = [], self.space()
        for key, value in trial.assignment.items():
            domain = space[key].domain
            chosen = isinstance(domain, Categorical | Bool)
            # by its label, which a choice that has just been dropped has still
            way.append((key, repr(domain.dump(value)) if chosen else None))
        return frozenset(way)

    def _objects(self) -> dict[str, object]:
        reached = definitions(self.names, self.namespace) | reach(self.names, self.namespace)
        return {
            name: held for name, held in reached.items() if notebook_name(name) not in self.spared
        }

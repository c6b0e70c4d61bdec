"""Studies in the background: they take turns on the event loop, between the user's cells."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from .context import inside_trial
from .sitting import Sitting

SLICE = 0.08  # s; about how long the user's next cell may have to wait
GAP = 0.001  # s between two slices, in which the loop looks for messages


class Loop(Protocol):
    """The part of a `protocols.Host` that is needed."""

    @property
    def busy(self) -> bool:
        """Whether a cell of the user's runs."""

    def soon(self, action: Callable[[], None], seconds: float = 0) -> bool:
        """Have an action called on the main thread."""

    def idle_interrupts(self, action: Callable[[], None] | None) -> None:
        """From now on ■ calls `action` while no cell runs; None: as before."""


class Turns:
    """Gives each study a slice in turn.

    Parameters
    ----------
    failed : called with what a study raised; it has ended.
    """

    def __init__(self, loop: Loop, failed: Callable[[Sitting, BaseException], None]) -> None:
        self._loop, self._failed = loop, failed
        self._waiting: deque[Sitting] = deque()
        self._scheduled = False

    def add(self, sitting: Sitting) -> bool:
        """Give it slices from now on; False if there is no event loop to do so."""
        if not self._schedule():
            return False
        if sitting not in self._waiting:
            self._waiting.append(sitting)
        return True

    def remove(self, sitting: Sitting) -> None:
        """Give it no more."""
        if sitting in self._waiting:
            self._waiting.remove(sitting)
            if not self._waiting:
                self._loop.idle_interrupts(None)

    def has(self, sitting: Sitting) -> bool:
        """Whether it gets slices."""
        return sitting in self._waiting

    def _press(self) -> None:
        """■ between two slices."""
        for sitting in self._waiting:
            sitting.controls.press()

    def _schedule(self, seconds: float = 0) -> bool:
        if not self._scheduled:
            self._scheduled = self._loop.soon(self._turn, seconds)
        return self._scheduled

    def _turn(self) -> None:
        self._scheduled = False
        if not self._waiting:
            return
        if not self._loop.busy:  # when a cell ends, ipykernel puts back the handler from before it
            self._loop.idle_interrupts(self._press)
        if not inside_trial():  # a trial's own code may run the loop
            sitting = self._waiting[0]
            self._waiting.rotate(-1)
            try:
                # a cell that awaits lets background studies run, but ■ is its own
                sitting.slice(SLICE, presses=not self._loop.busy)
            except BaseException as error:  # noqa: BLE001  # there is no cell to raise it in
                self._failed(sitting, error)
        if self._waiting:
            self._schedule(GAP)

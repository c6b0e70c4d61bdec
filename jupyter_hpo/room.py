"""Memory for the trials that run, beside those that are set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from . import resources
from .attempt import Attempt
from .standby import Standby

MOST: Final = 64  # trials that are set aside at a time
DEVICE: Final = 0.25  # share of a device that is kept free, for the trial that runs
HOST: Final = 0.15  # the same of the host's memory


class Room:
    """Moves what trials hold while they wait, and ends the worst where that does not do.

    Parameters
    ----------
    note : told, in one sentence each, what was done and why.

    Attributes
    ----------
    device : type of the devices that are relieved.
    device_room, host_room : the share of memory that is left of them, and of the host's.
    """

    def __init__(self, standby: Standby, note: Callable[[str], None]) -> None:
        self._standby, self._note = standby, note
        self.device = "cuda"
        self.device_room, self.host_room = resources.device_room, resources.host_room

    def make(self) -> Iterator[tuple[Attempt, str]]:
        """A trial was set aside: those that are to end for it, and why."""
        for attempt in self._worst_first():
            if self.device_room() >= DEVICE:
                break
            if not attempt.searched:
                self._stow(attempt)
        while len(self._standby) > MOST:
            yield self._end(f"{MOST} others wait")
        while len(self._standby) > 1 and self.host_room() < HOST:
            yield self._end("memory is short")

    def clear(self) -> bool:
        """The device is full: move everything to the host; whether there was anything."""
        return sum(self._stow(attempt) for attempt in self._worst_first()) > 0

    def _worst_first(self) -> list[Attempt]:
        def key(attempt: Attempt) -> tuple[int, float]:
            curve = attempt.curve
            return len(curve), -curve.best[-1] if curve.best else 0.0

        return sorted(self._standby, key=key)

    def _stow(self, attempt: Attempt) -> bool:
        """Move what one holds to the host's memory; whether it held any."""
        if attempt.stowed:
            return False
        others = [each.held()[0] for each in self._standby if each is not attempt]
        moved = attempt.stow(others, self.device)
        if moved:
            self._note(
                "Trials that are set aside have been moved to the host's memory, since the "
                "device's was short."
            )
        return moved > 0

    def _end(self, because: str) -> tuple[Attempt, str]:
        worst = self._worst_first()[0]
        self._note(f"Of the trials that were set aside the least promising have ended: {because}.")
        return worst, f"set aside, and ended since {because}"

"""A trial that can be set aside: its code has a greenlet of its own, beside the study's loop."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from types import FrameType
from typing import Any, Final

import greenlet

from .layers import Surroundings

OURS: Final = str(Path(__file__).parent)


class Strand:
    """Runs in the loop's stead until it ends, or is set aside for the loop to go on.

    Parameters
    ----------
    run : the trial; what it raises is raised by `go_on`.

    Attributes
    ----------
    surroundings : of the trial, while its code is under way.
    moved : how many of the moves of its study it has followed; see `parking.Parking`.
    """

    def __init__(self, run: Callable[[], None]) -> None:
        self._greenlet = greenlet.greenlet(run)
        # the context variables that the trial sets are its own
        self._greenlet.gr_context = copy_context()
        self.surroundings: Surroundings | None = None
        self.moved = 0

    @property
    def current(self) -> bool:
        """Whether it is the trial's own code that asks, and not a thread or greenlet of it."""
        return greenlet.getcurrent() is self._greenlet

    def go_on(self) -> bool:
        """Run until it is set aside (True) or has ended (False)."""
        self._greenlet.parent = greenlet.getcurrent()
        self._greenlet.switch()
        return not self._greenlet.dead

    def held(self) -> list[Any]:
        """What the local variables of functions that are under way in it hold."""
        return [value for frame in self._frames() for value in _locals(frame)]

    def _frames(self) -> Iterator[FrameType]:
        frame = self._greenlet.gr_frame
        while frame is not None:
            # ours lead to all of the study, and those of cells have the notebook's variables
            optimized = frame.f_code.co_flags & inspect.CO_OPTIMIZED
            if optimized and not frame.f_code.co_filename.startswith(OURS):
                yield frame
            frame = frame.f_back

    def leave(self) -> None:
        """Be set aside, from the trial's own code; returns when it is to go on."""
        loop = self._greenlet.parent
        assert loop is not None
        loop.switch()


def _locals(frame: FrameType) -> list[Any]:
    """Values of the local variables; they are not kept alive by having been asked for."""
    names = frame.f_locals
    values = list(names.values())
    if type(names) is dict:  # a snapshot that the frame holds, until Python 3.12
        names.clear()
    return values

"""■ (SIGINT) around a study: never in the middle of our own bookkeeping."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType
from typing import Any

from .controls import Controls


class Interrupts:
    """Turns SIGINT into a flag, and inside the user's code into KeyboardInterrupt as well.

    An interrupt that falls between two trials, say while one is being stored,
    must not tear that work apart: there it only sets the flag. Away from the
    main thread, where Python delivers no signals, both do nothing.
    """

    def __init__(self) -> None:
        self._listening: list[Controls] = []
        self._depth = 0
        self._inside = False
        self.heard = False  # whether ■ came since the outermost `listen` began

    @contextmanager
    def listen(self, *controls: Controls) -> Iterator[None]:
        """Around a study: ■ calls ``interrupt()`` of the controls.

        May be entered inside itself. Controls that join later are told at once
        of a ■ that came before them; so the outermost may have none.
        """
        if not _on_main_thread():
            yield
            return
        former: Any = None
        outermost = self._depth == 0
        if outermost:
            self.heard = self._inside = False
            former = signal.signal(signal.SIGINT, self._handle)
        # from here on no ■ raises anything, so nothing below is left half done
        self._depth += 1
        known = len(self._listening)
        self._listening += controls
        if self.heard:
            for each in controls:
                each.interrupt()
        try:
            yield
        finally:
            try:
                if outermost:  # the controls are told until another handler is there
                    signal.signal(signal.SIGINT, self._afterwards(former))
            finally:
                del self._listening[known:]
                self._depth -= 1

    def interruptible(self) -> AbstractContextManager[None]:
        """Around the user's code: ■ raises KeyboardInterrupt too, also one heard before it."""
        return _UsersCode(self) if _on_main_thread() else nullcontext()

    @property
    def is_due(self) -> bool:
        """Whether ■ has come to a study that still listens."""
        return self._depth > 0 and self.heard

    def _afterwards(self, former: Any) -> Any:
        """SIGINT's handler after the study: the one from before it."""
        return former

    def _handle(self, number: int, frame: FrameType | None) -> None:
        # entering or leaving the user's code is our own work still, or already
        inside = self._inside and not (frame is not None and frame.f_globals is globals())
        self.heard = True
        for each in self._listening:
            each.interrupt(inside=inside)
        if inside:
            raise KeyboardInterrupt

    def _reinstall(self) -> None:
        """Be SIGINT's handler again: a trial may have put another in our place."""
        if self._depth and signal.getsignal(signal.SIGINT) != self._handle:
            signal.signal(signal.SIGINT, self._handle)


class _UsersCode:
    """A class and not a generator, through whose machinery an interrupt could fall."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts

    def __enter__(self) -> None:
        self._interrupts._reinstall()
        self._interrupts._inside = True
        if self._interrupts.is_due:  # code without reports would run to its end
            self._interrupts._inside = False
            raise KeyboardInterrupt

    def __exit__(self, *error: object) -> None:
        self._interrupts._inside = False
        self._interrupts._reinstall()


def _on_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()

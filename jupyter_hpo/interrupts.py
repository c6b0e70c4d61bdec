"""■ (SIGINT) around a study: never in the middle of our own bookkeeping."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from .controls import Controls


class Interrupts:
    """Turns SIGINT into a flag, and inside the user's code into KeyboardInterrupt as well.

    An interrupt that falls between two trials, say while one is being stored,
    must not tear that work apart: there it only sets the flag. Away from the
    main thread, where Python delivers no signals, both do nothing.
    """

    def __init__(self) -> None:
        self._inside = False

    @contextmanager
    def listen(self, controls: Controls) -> Iterator[None]:
        """Around a study: ■ calls ``controls.interrupt()``."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def handler(number: int, frame: FrameType | None) -> None:
            controls.interrupt(inside=self._inside)
            if self._inside:
                raise KeyboardInterrupt

        former = signal.signal(signal.SIGINT, handler)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, former)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Around the user's code: ■ also raises KeyboardInterrupt."""
        self._inside = True
        try:
            yield
        finally:
            self._inside = False

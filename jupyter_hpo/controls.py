"""The flags that steer a running study, the only object other threads may touch."""

from __future__ import annotations

import threading


class Controls:
    """Requests to a running study; set from any thread, read by the runner's own.

    ``stop`` ends the study and keeps everything; ``interrupt`` is ■: it ends
    the running trial and leaves the study paused.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._interrupt = threading.Event()

    def stop(self) -> None:
        """Ask for the end of the study."""
        self._stop.set()

    def interrupt(self) -> None:
        """Note that the user pressed ■."""
        self._interrupt.set()

    def clear(self) -> None:
        """Forget every request; called when a study starts to run."""
        self._stop.clear()
        self._interrupt.clear()

    @property
    def stopped(self) -> bool:
        """Whether the study was asked to stop."""
        return self._stop.is_set()

    @property
    def interrupted(self) -> bool:
        """Whether ■ was pressed."""
        return self._interrupt.is_set()

    @property
    def ending(self) -> bool:
        """Whether the running trial must end at its next report."""
        return self.stopped or self.interrupted

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
        self._struck = threading.Event()

    def stop(self) -> None:
        """Ask for the end of the study."""
        self._stop.set()

    def interrupt(self, *, inside: bool = False) -> None:
        """Note that the user pressed ■; `inside` if it fell into a trial's own code."""
        self._interrupt.set()
        if inside:
            self._struck.set()

    def clear(self) -> None:
        """Forget every request; called when a study starts to run."""
        self._stop.clear()
        self._interrupt.clear()
        self._struck.clear()

    @property
    def stopped(self) -> bool:
        """Whether the study was asked to stop."""
        return self._stop.is_set()

    @property
    def interrupted(self) -> bool:
        """Whether ■ was pressed."""
        return self._interrupt.is_set()

    @property
    def struck(self) -> bool:
        """Whether ■ fell into a trial's own code, which may have caught the exception."""
        return self._struck.is_set()

    @property
    def ending(self) -> bool:
        """Whether the running trial must end at its next report."""
        return self.stopped or self.interrupted

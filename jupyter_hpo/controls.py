"""The flags that steer a running study, the only object other threads may touch."""

from __future__ import annotations


class Controls:
    """Requests to a running study; set from any thread, read by the runner's own.

    ``stop`` ends the study and keeps everything; ``interrupt`` is ■: it ends
    the running trial and leaves the study paused.
    """

    def __init__(self) -> None:
        # Plain flags. An Event has a lock, and a second ■ that comes while the signal
        # handler of the first one holds it would wait for ever.
        self._stop = self._interrupt = self._struck = False

    def stop(self) -> None:
        """Ask for the end of the study."""
        self._stop = True

    def interrupt(self, *, inside: bool = False) -> None:
        """Note that the user pressed ■; `inside` if it fell into a trial's own code."""
        self._interrupt = True
        if inside:
            self._struck = True

    @property
    def stopped(self) -> bool:
        """Whether the study was asked to stop."""
        return self._stop

    @property
    def interrupted(self) -> bool:
        """Whether ■ was pressed."""
        return self._interrupt

    @property
    def struck(self) -> bool:
        """Whether ■ fell into a trial's own code, which may have caught the exception."""
        return self._struck

    @property
    def ending(self) -> bool:
        """Whether the running trial must end at its next report."""
        return self.stopped or self.interrupted

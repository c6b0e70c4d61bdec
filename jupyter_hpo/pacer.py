"""A thread that reaches a trial when its time is up, or something is asked of it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .controls import CLEANING, Controls

# Seconds between two nudges: of a trial that has not come to the user's code yet, of one that
# is traced to its next line, and of one whose code goes on after an exception that was to end
# it and the time to clean up.
SOON, TRACED, AGAIN = 0.02, 0.5, 0.25
STUBBORN = 10.0  # s after which a trial that does not end is parked instead


class Pacer:
    """Nudges the main thread as long as a running trial must be told something.

    Parameters
    ----------
    controls : what is asked of the study; tells the pacer of each request.
    nudge : makes the main thread look at them.
    is_traced : whether the trial is about to be parked, at the next line.
    """

    def __init__(
        self, controls: Controls, nudge: Callable[[], None], is_traced: Callable[[], bool]
    ) -> None:
        self._controls, self._nudge, self._is_traced = controls, nudge, is_traced
        # The queue that a signal handler may put into; an Event could lock up there.
        self._wake: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._watching = False
        self._slice_ends: float | None = None
        self._ending_since: float | None = None
        self._thread: threading.Thread | None = None
        controls.notify = self.look

    def look(self) -> None:
        """Look again what is asked; from any thread, and from signal handlers."""
        self._wake.put(True)

    @contextmanager
    def watching(self, seconds: float | None = None) -> Iterator[None]:
        """While a slice of the study runs, for `seconds` or until it ends by itself."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="tune-pacer")
            self._thread.start()
        self._ending_since = None
        self._slice_ends = None if seconds is None else time.monotonic() + seconds
        self._watching = True
        self.look()
        try:
            yield
        finally:
            self._watching = False
            self._controls.yielding = False

    def close(self) -> None:
        """End the thread."""
        self._wake.put(False)
        self._thread = None

    def _run(self) -> None:
        wait = None
        while True:
            try:
                if not self._wake.get(timeout=wait):
                    return
            except queue.Empty:
                pass
            wait = self._look()

    def _look(self) -> float | None:
        """Nudge if it is time to; seconds until the next look."""
        if not self._watching:
            return None
        controls, now = self._controls, time.monotonic()
        number, deadline = controls.running, controls.deadline  # in this order: of one trial
        slice_ends = self._slice_ends
        if deadline is not None and now >= deadline:
            controls.expire(number)
        left = None if number is None else controls.left()
        if left is not None and left <= 0 and not controls.ending:
            controls.stop(controls.spent)
        if slice_ends is not None and now >= slice_ends and self._watching:
            controls.yielding = True
        if controls.wanted:
            self._watch_the_end(now)
            controls.attention = True
            self._nudge()
            return self._until_next()
        budget_ends = None if left is None else now + left
        dues = [due for due in (deadline, slice_ends, budget_ends) if due is not None]
        return max(min(dues) - now, 0) if dues else None

    def _watch_the_end(self, now: float) -> None:
        # from the first exception: inside one long call of a library there is none to catch
        if not (self._controls.ending and self._controls.struck):
            return
        if self._ending_since is None:
            self._ending_since = now
        if now - self._ending_since > STUBBORN:
            self._controls.abandoned = True

    def _until_next(self) -> float:
        if not self._controls.ending:
            return TRACED if self._is_traced() else SOON
        if not self._controls.struck:
            return SOON
        return CLEANING if self._controls.strikes == 1 else AGAIN

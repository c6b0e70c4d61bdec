"""The requests that steer a running study, the only object other threads may touch."""

from __future__ import annotations

import time
from collections.abc import Callable

SECOND_PRESS = 1.0  # s after which one more ■ ends a trial that has not parked
CLEANING = 2.0  # s that a trial is left alone after the first exception that is to end it


class Controls:
    """Requests to a running study; set from any thread, read by the runner's own.

    ``stop`` ends the study and keeps everything. ``pause`` parks the running
    trial where it stands. ``skip``, ``expire`` and ``prune`` end the running trial alone;
    ``set_aside`` lets another one have its turn.
    ``interrupt`` is ■ pressed to end the trial, which leaves the study paused.

    Parameters
    ----------
    parks : whether trials can be parked; if not, ■ ends the running one at once.
    """

    def __init__(self, *, parks: bool = False) -> None:
        # Plain attributes. An Event has a lock, and a second ■ that comes while the signal
        # handler of the first one holds it would wait for ever.
        self.parks = parks
        self.running: int | None = None  # number of the trial under way
        self.notify: Callable[[], None] = lambda: None  # tells the main thread to look here
        self.allowed: float | None = None  # s that a trial may take
        self.deadline: float | None = None  # of the running one, monotonic, s
        # s until the study's budget ends it, and why then
        self.left: Callable[[], float | None] = lambda: None
        self.spent = ""
        self.stopped_because = ""
        self.attention = False  # whether there may be something new to look at
        self.stubborn = False  # whether the running trial has not ended when it was to
        self.abandoned = False  # whether the running trial is left alone, since it does not end
        self.yielding = False  # whether a slice of a background study is over
        self.paused_because = ""
        self.pausing_since: float | None = None  # monotonic, s
        self._stop = self._interrupt = False
        self.strikes = 0  # ends thrown into the running trial
        self._spared_until = 0.0  # monotonic, s
        self._pressed: float | None = None  # when ■ was pressed first, monotonic, s
        self._skip: int | None = None
        self._expired: int | None = None
        self._pruned: int | None = None
        self.pruned_because = ""
        self._aside: int | None = None

    def begin(self, number: int) -> None:
        """A trial begins."""
        # a number may be run again: what was asked of its first run is not asked of this one
        self._skip = self._expired = self._pruned = self._aside = None
        self.strikes, self._spared_until = 0, 0.0
        self.stubborn = self.abandoned = False
        self.running = number

    def end(self) -> None:
        """The running trial has ended."""
        self.running = None

    def stop(self, because: str = "") -> None:
        """Ask for the end of the study; `because` says why, if not the user wants it."""
        if not self._stop:
            self.stopped_because = because
        self._stop = True
        self._tell()

    def pause(self, because: str = "") -> None:
        """Ask that the study stand still; `because` says why, if not the user wants it."""
        if self.pausing_since is None:
            self.paused_because = because
            self.pausing_since = time.monotonic()
        self._tell()

    def resume(self) -> None:
        """Take back `pause` and `interrupt`."""
        self.pausing_since, self.paused_because = None, ""
        self._interrupt, self._pressed = False, None

    def skip(self) -> None:
        """Ask for the end of the running trial; nothing if none runs."""
        self._skip = self.running
        self._tell()

    def expire(self, number: int | None) -> None:
        """The trial of that number has had all the time it may take."""
        self._expired = number

    def prune(self, because: str) -> None:
        """The running trial is not worth finishing: it is to end at this report."""
        self._pruned, self.pruned_because = self.running, because
        self._tell()

    def set_aside(self) -> None:
        """The running trial is to stand still at this report, for another to run."""
        self._aside, self.attention = self.running, True

    def _tell(self) -> None:
        self.attention = True
        self.notify()

    def forgive(self, because: str) -> None:
        """The running trial does not end: pause instead."""
        self.abandoned = self._stop = self._interrupt = False
        self.stubborn = True
        self._skip = self._expired = self._pruned = None
        self.pausing_since, self.paused_because = time.monotonic(), because

    def press(self) -> None:
        """Note that the user pressed ■: first to pause, then, if that does not work, to end."""
        now = time.monotonic()
        if not self.parks:
            self._interrupt = True
        elif self._pressed is None:
            self._pressed = now
            self.pausing_since = self.pausing_since or now
        elif now - self._pressed >= SECOND_PRESS:
            self._interrupt = True
        self._tell()

    def interrupt(self) -> None:
        """Ask that the running trial end and the study be paused."""
        self._interrupt = True
        self._tell()

    def strike(self) -> None:
        """Note that an exception that ends it was raised in the trial's own code."""
        self.strikes += 1
        self.attention = True  # at the next line, too
        if self.strikes == 1:
            self._spared_until = time.monotonic() + CLEANING

    @property
    def pressed(self) -> bool:
        """Whether ■ was pressed."""
        return self._pressed is not None or self._interrupt

    @property
    def stopped(self) -> bool:
        """Whether the study was asked to stop."""
        return self._stop

    @property
    def interrupted(self) -> bool:
        """Whether ■ was pressed to end the trial, or could do no less."""
        return self._interrupt

    @property
    def pausing(self) -> bool:
        """Whether the study is to stand still."""
        return self._interrupt or self.pausing_since is not None

    @property
    def struck(self) -> bool:
        """Whether an end was thrown into the trial's code, which may have caught it."""
        return self.strikes > 0

    @property
    def skipped(self) -> bool:
        """Whether the running trial alone is to end, by the user's wish."""
        return self.running is not None and self._skip == self.running

    @property
    def expired(self) -> bool:
        """Whether the running trial is to end because its time is over."""
        return self.running is not None and self._expired == self.running

    @property
    def pruned(self) -> bool:
        """Whether the running trial is to end because it is not worth finishing."""
        return self.running is not None and self._pruned == self.running

    @property
    def aside(self) -> bool:
        """Whether the running trial is to be set aside."""
        return self.running is not None and self._aside == self.running

    @property
    def ending(self) -> bool:
        """Whether the running trial must end."""
        asked = self._stop or self._interrupt or self.skipped or self.expired
        return (asked or self.pruned) and not self.abandoned

    @property
    def cleaning(self) -> bool:
        """Whether the running trial is ending and has time left to clean up."""
        return self.ending and time.monotonic() < self._spared_until

    @property
    def wanted(self) -> bool:
        """Whether a running trial must end or stand still, for good or for a while."""
        return self.yielding or self.pausing or self.ending or self.abandoned

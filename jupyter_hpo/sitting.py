"""A study while it is in this process: it runs in slices, stands still, goes on, and ends."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from contextvars import copy_context
from typing import Protocol

from .context import inside_trial
from .errors import StudyError
from .failures import FirstTrialFailed
from .interrupts import on_main_thread
from .pacer import Pacer
from .protocols import Host
from .randomness import kept
from .record import StudyInfo, StudyState
from .resources import frozen_heap, resident
from .runner import Runner
from .tracebacks import summary
from .waiting import waiting_for

AGAIN = 0.05  # s for which the main thread is taken to let a trial end, or not, at a time


class Background(Protocol):
    """Runs studies while no cell blocks the main thread; see `turns`."""

    def add(self, sitting: Sitting) -> bool:
        """Give it slices from now on; False if there is no event loop to do so."""

    def remove(self, sitting: Sitting) -> None:
        """Give it no more."""

    def has(self, sitting: Sitting) -> bool:
        """Whether it gets slices."""


class Sitting:
    """Drives the loop of one study.

    Parameters
    ----------
    runner : the loop; its ``parking`` says whether it can stand still.
    host : where it runs.
    background : runs it behind the user's cells; None: it cannot.
    changed : called on the main thread when the study begins to run, stands
        still or has ended, and when something was done with it while it stands still.

    Attributes
    ----------
    told : makes of the exception of a first trial the one that is raised.
    """

    def __init__(
        self,
        runner: Runner,
        host: Host,
        background: Background | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.runner, self.host, self.background = runner, host, background
        self.changed = changed
        self.told: Callable[[BaseException], BaseException] = lambda error: error
        self.parking, self.controls = runner.parking, runner.controls
        self.live = True
        self._slicing = False
        self._asked: deque[Callable[[], None]] = deque()  # see `soon`
        self._process = os.getpid()  # a child that a trial forks has no study
        self.addressed = host.addressee()
        self._awake = ExitStack()
        self._pacer = Pacer(self.controls, host.nudge, lambda: self.parking.armed)
        self.parking.start(runner.run)
        runner.between = self._act
        runner.record.doing = self.doing

    @property
    def info(self) -> StudyInfo:
        """What is known of the study."""
        return self.runner.record.info

    @property
    def running(self) -> bool:
        """Whether the study runs, rather than stand still or have ended."""
        return self.live and self.info.state is StudyState.RUNNING

    @property
    def _is_behind(self) -> bool:
        return self.background is not None and self.background.has(self)

    # -- on the main thread --------------------------------------------------------------

    def begin(self) -> None:
        """Run behind the cells that follow this one.

        Raises
        ------
        StudyError
            If there is no event loop to do so.
        """
        if self.background is None or not self.background.add(self):
            raise StudyError("there is no event loop here to run a study in the background")
        self._move_here()
        self._wake()

    def _move_here(self) -> None:
        """What it prints goes to the cell that runs now."""
        self.addressed = self.host.addressee()
        self.parking.readdress(copy_context())

    def _plainly(self, run: Callable[[], None]) -> None:
        """Raise what the user's own code raised as they know it."""
        try:
            run()
            return
        except FirstTrialFailed as failure:
            failed = self.told(failure.exception)
        raise failed  # out here, where it keeps its own cause

    def drive(self) -> None:
        """Run until the study ends or is paused, with this thread all to itself.

        Raises
        ------
        TuneError
            If the study has failed; if its first trial raised, that exception.
        """
        self._leave_background()
        self._move_here()
        self._plainly(self._drive)

    def _drive(self) -> None:
        with self.host.listen(self.controls), self.host.attending():
            self._wake()
            while self.running:
                self.slice()

    def slice(self, seconds: float | None = None, *, presses: bool = True) -> None:
        """Run for some seconds, or until the study ends or is paused.

        Raises what the loop raises.

        Parameters
        ----------
        presses : whether ■ is for this study.
        """
        self._slicing, more = True, False
        self.runner.goes_on()  # a trial of a paused study that is to end, too
        self.runner.exposes = not self._is_behind  # variables change in a cell, or not at all
        try:
            with ExitStack() as around:
                around.enter_context(self.host.listen(self.controls, presses=presses))
                around.enter_context(self.addressed())
                around.enter_context(kept())
                around.enter_context(self._pacer.watching(seconds))
                more = self.parking.advance()
        finally:
            self._slicing = False
            if os.getpid() == self._process:
                self._act()
                if self.parking.over:
                    self._end()
        if more and self.controls.abandoned:
            self.controls.forgive(self._stubborn())
        if more and self.controls.pausing:
            self._rest()
            self._attend_soon()  # to what was asked while the trial was being put aside

    def _wake(self) -> None:
        self.controls.resume()
        self.runner.goes_on()
        if not self.running or self.info.since is None:
            self.runner.journal.update(state=StudyState.RUNNING, message="", since=time.time())
        self.runner.ended = 0
        self._awake.close()
        self.runner.freeze = self._awake.enter_context(frozen_heap())
        # a trial that is parked now may end without the study going on
        self._awake.callback(setattr, self.runner, "freeze", lambda more: None)
        self.changed()

    def _rest(self) -> None:
        """The study stands still from now on."""
        self._leave_background()
        self.runner.stands_still()
        because = self.controls.paused_because
        if self.controls.interrupted and not because:
            because = "interrupted"
        self.runner.journal.update(
            state=StudyState.PAUSED,
            message=because or self._where(),
            elapsed=self.info.ran(time.time()),
            since=None,
        )
        self._awake.close()
        self.changed()

    def _end(self) -> None:
        """The loop has ended."""
        self.live = False
        self._leave_background()
        self._pacer.close()
        self._awake.close()
        self.runner.journal.update(elapsed=self.info.ran(time.time()), since=None)
        self.runner.journal.release()
        self.changed()

    def _leave_background(self) -> None:
        if self.background is not None:
            self.background.remove(self)

    def _where(self) -> str:
        number = self.controls.running
        if number is None or not self.parking.spot:
            return "between two trials"
        attempt = self.runner.running
        now, then = resident(), None if attempt is None else attempt.resident
        more = (now - then) / 2**20 if now is not None and then is not None else 0.0
        memory = f"; the kernel has grown by {more:,.0f} MB since it began" if more >= 10 else ""
        return f"trial {number} is parked at {self.host.place(self.parking.spot)}{memory}"

    def _stubborn(self) -> str:
        return (
            f"trial {self.controls.running} does not end: it catches every exception at "
            f"{self.host.place(self.parking.spot)}; restart the kernel to be rid of it"
        )

    def _act(self) -> None:
        """Do what was asked by `soon`, in that order."""
        while self._asked:
            try:
                with kept():  # an optimizer that is made may draw random numbers
                    self._asked.popleft()()
            except Exception as error:  # noqa: BLE001  # whoever asked has gone on long since
                self.runner.journal.note(f"A request could not be met: {summary(error)}")

    def _act_still(self) -> None:
        """The same on the event loop, unless the loop of the study sees to it."""
        if self._slicing:
            return
        if inside_trial():  # of another study, whose code runs the event loop
            self.host.soon(self._act_still, AGAIN)
            return
        self._act()
        self._show_still()

    def _show_still(self) -> None:
        if self.live and not self.running:
            self.changed()

    # -- from any thread -----------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether this is the main thread and no trial's code is under way on it."""
        return on_main_thread() and not inside_trial()

    def soon(self, action: Callable[[], None]) -> None:
        """Do something with the study between two lines of its loop, on its own thread.

        At once where nothing else can be under way: on the main thread, while the study
        stands still or is between two slices. What it raises then is raised here;
        otherwise it becomes a note.
        """
        if not self._slicing and self.idle:
            self._act()  # what was asked before
            with kept():
                action()
            self._show_still()
            return
        # In this order: a slice that ends now looks at what is asked after it says so.
        self._asked.append(action)
        if not self._slicing:
            self.host.soon(self._act_still)  # without an event loop: when the loop goes on

    def doing(self) -> str:
        """What keeps a request or the study waiting; "" if nothing does."""
        since = self.controls.pausing_since
        if self._slicing and since is not None:
            what = self.parking.waiting_for or waiting_for(self.host.is_users)
            return f"pausing: waiting for {what} ({time.monotonic() - since:.0f} s)"
        return "waiting for your cell to end" if self.waits else ""

    @property
    def waits(self) -> bool:
        """Whether a cell of the user's keeps the kernel from a background study."""
        return self._is_behind and not self._slicing and self.host.busy

    def pause(self) -> None:
        """Park the running trial where it is; nothing if the study does not run."""
        if self.running:
            self.controls.pause()
            self._attend_soon()

    def resume(self) -> None:
        """Go on, in the background; here and now where there is no event loop for that.

        Raises
        ------
        StudyError
            If the study has ended.
        """
        if not self.live:
            paused = self.info.state is StudyState.PAUSED
            how = "run its cell with --resume" if paused else "run its cell again"
            raise StudyError(f"study {self.info.name!r} is {self.info.state} for good; {how}")
        if self.idle:
            self._resume()
        elif not self.host.soon(self._resume):
            raise StudyError("resume() has to be called on the main thread here")

    def _resume(self) -> None:
        if not self.live or self._slicing or self._is_behind:
            self.controls.resume()  # a pause that has not come about is taken back
        elif self.background is not None and self.background.add(self):
            self._wake()
        else:
            self.drive()

    def skip(self) -> None:
        """End the running trial, parked or not."""
        self.controls.skip()
        self._attend_soon()

    def stop(self) -> None:
        """End the study and keep everything.

        Raises
        ------
        StudyError
            If its trial was parked and does not end: it catches every exception.
        """
        if self.live:
            self.controls.stop()
            self._attend_soon()
            if self.live and self.controls.stubborn and not self._slicing:
                raise StudyError(self.controls.paused_because)

    def suspend(self) -> None:
        """End the parked trial, and leave the study as one to be resumed by another process."""
        if self.live and not self._slicing:
            self.controls.pause("the kernel ended")
            self.controls.interrupt()
            self.slice()
            if self.live:
                self.runner.end_waiting()
                self._end()

    def wait(self, timeout: float | None = None) -> None:
        """Return when the study has ended or is paused, or after `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        if not on_main_thread():
            while self.running and (until is None or time.monotonic() < until):
                time.sleep(0.05)
        elif until is None:
            if self.running:
                self.drive()
        else:
            self._plainly(lambda: self._wait_until(until))

    def _wait_until(self, until: float) -> None:
        with self.host.listen(self.controls), self.host.attending():
            while self.running and (left := until - time.monotonic()) > 0:
                self.slice(left)

    def _attend_soon(self) -> None:
        """Have a request noticed by a study that is not on the stack."""
        if not self._slicing and self.live:  # otherwise the pacer sees to it
            if self.idle:
                self._attend()
            else:
                self.host.soon(self._attend)

    def _attend(self) -> None:
        if self._slicing or not self.live:
            return
        if inside_trial():  # of another study, whose code runs the loop
            self.host.soon(self._attend, AGAIN)
        elif self.controls.stopped or (self.controls.ending and self.controls.running is not None):
            if not self.running:  # a trial that is skipped while parked leaves the study paused
                self.controls.pause(self.controls.paused_because)
            # one that runs behind has trials to come, which are not for this moment
            self.slice(None if self.controls.stopped or not self.running else AGAIN)
        elif self.controls.pausing and self.running:
            self._rest()

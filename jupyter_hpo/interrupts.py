"""Signals around a study: ■ (SIGINT), and the nudges by which other threads reach a trial.

Neither ever falls into the middle of our own bookkeeping.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType
from typing import Any

from .controls import Controls
from .errors import TrialEnded
from .layers import Layer

# Ignored by default, so that one that comes too late does no harm; Windows has none.
NUDGE: int | None = getattr(signal, "SIGURG", None)

Arm = Callable[[FrameType | None], None]


class Interrupts:
    """Turns SIGINT into requests, and requests into what they mean to the code that runs.

    A request that falls between two trials, say while one is being stored,
    must not tear that work apart: there it is only noted. Away from the main
    thread, where Python delivers no signals, nothing is heard.
    """

    def __init__(self) -> None:
        self._listening: list[Controls] = []
        self._depth = 0
        self._signals: dict[int, Callable[[int, FrameType | None], None]] = {}
        self._inside = False
        self._arm: Arm | None = None
        self.heard = False  # whether ■ came since the outermost `listen` began

    @contextmanager
    def listen(self, *controls: Controls, presses: bool = True) -> Iterator[None]:
        """Around a study: ■ calls ``press()`` of the controls.

        Parameters
        ----------
        presses : whether ■ is for the study; if not, whoever has SIGINT keeps it.

        Notes
        -----
        May be entered inside itself. Controls that join later are told at once
        of a ■ that came before them; so the outermost may have none.
        """
        if not on_main_thread():
            yield
            return
        former: list[tuple[int, Any]] = []
        outermost = self._depth == 0
        if outermost:
            self.heard = self._inside = False
            self._signals = {} if NUDGE is None else {NUDGE: self._nudged}
            if presses:
                self._signals[signal.SIGINT] = self._pressed
            former = self._install()
        # from here on no ■ raises anything, so nothing below is left half done
        self._depth += 1
        known = len(self._listening)
        joining = [each for each in controls if each not in self._listening]
        self._listening += joining
        if self.heard:
            for each in joining:
                each.press()
        try:
            yield
        finally:
            try:
                if outermost:  # the controls are told until another handler is there
                    for number, handler in former:
                        signal.signal(number, self._afterwards(number, handler))
            finally:
                del self._listening[known:]
                self._depth -= 1

    def _install(self) -> list[tuple[int, Any]]:
        _forked_children_ignore_interrupts()
        # SIGINT last: from then on nothing raises in here
        return [(number, signal.signal(number, act)) for number, act in self._signals.items()]

    def interruptible(self) -> AbstractContextManager[None]:
        """Around the user's code that is no trial: ■ raises KeyboardInterrupt, also one before."""
        return _UsersCode(self) if on_main_thread() else nullcontext()

    def steered(self, arm: Arm | None) -> Steering:
        """Around a trial's own code: a request ends it there, or calls `arm` to park it.

        Parameters
        ----------
        arm : called with the frame that was interrupted (None: the trial has not begun);
            None: trials cannot be parked here.
        """
        return Steering(self, arm)

    def nudge(self) -> None:
        """Make the main thread look at its requests now; from any thread."""
        if NUDGE is not None and self._depth:
            signal.pthread_kill(threading.main_thread().ident or 0, NUDGE)

    @property
    def is_due(self) -> bool:
        """Whether ■ has come to a study that still listens."""
        return self._depth > 0 and self.heard

    def _afterwards(self, number: int, former: Any) -> Any:
        """A signal's handler after the study: the one from before it."""
        return signal.SIG_DFL if former is None else former  # None: it was not Python's

    def _pressed(self, number: int, frame: FrameType | None) -> None:
        inside = self._is_inside(frame)
        self.heard = True
        for each in self._listening:
            if inside and self._arm is None:
                each.interrupt()
            else:
                each.press()
        if inside:
            self._act(frame)

    def _nudged(self, number: int, frame: FrameType | None) -> None:
        # code that was told to end is given time to clean up; only ■ itself disturbs it then
        if self._is_inside(frame) and not any(each.cleaning for each in self._listening):
            self._act(frame)

    def _is_inside(self, frame: FrameType | None) -> bool:
        # entering or leaving the user's code is our own work still, or already
        return self._inside and not (frame is not None and frame.f_globals is globals())

    def _act(self, frame: FrameType | None) -> None:
        """What the requests mean to the user's code that `frame` belongs to."""
        for each in self._listening:
            if each.ending:
                each.strike()
                if each.strikes > 1 and self._arm is not None:
                    # What caught the first one is going to catch this one as well: the next
                    # is thrown from the line after, the `except` itself.
                    self._arm(frame)
                raise KeyboardInterrupt if each.interrupted else TrialEnded
        if self._arm is not None and any(each.wanted for each in self._listening):
            self._arm(frame)

    def _reinstall(self) -> None:
        """Be the signals' handler again: a trial may have put another in our place."""
        for number, act in self._signals.items() if self._depth else ():
            if signal.getsignal(number) != act:
                signal.signal(number, act)


class _UsersCode:
    """A class and not a generator, through whose machinery an interrupt could fall."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts

    def __enter__(self) -> None:
        self._interrupts._reinstall()
        self._interrupts._inside = True
        if self._interrupts.is_due:  # code without reports would run to its end
            self._interrupts._inside = False
            for each in self._interrupts._listening:
                each.interrupt()
            raise KeyboardInterrupt

    def __exit__(self, *error: object) -> None:
        self._interrupts._inside = False
        self._interrupts._reinstall()


class Steering(Layer):
    """Around a trial's own code, a context manager; as a layer it is silent over a park."""

    def __init__(self, interrupts: Interrupts, arm: Arm | None) -> None:
        self._interrupts, self._trials_arm = interrupts, arm
        self._open = False

    def enter(self) -> None:
        if self._open:
            self._interrupts._reinstall()
            self._interrupts._arm = self._trials_arm
            self._interrupts._inside = True

    def leave(self) -> None:
        if self._open:
            self._interrupts._inside = False
            self._interrupts._arm = None
            self._interrupts._reinstall()

    def __enter__(self) -> None:
        if not on_main_thread():
            return
        self._open = True
        self.enter()
        try:
            self._interrupts._act(None)  # what was asked for before would not be heard again
        except BaseException:
            self.leave()
            self._open = False
            raise

    def __exit__(self, *error: object) -> None:
        self.leave()
        self._open = False


def on_main_thread() -> bool:
    """Whether this is the thread that Python's signal handlers run on."""
    return threading.current_thread() is threading.main_thread()


_guarded = False


def _forked_children_ignore_interrupts() -> None:
    """JupyterLab's ■ goes to the whole process group: forked DataLoader workers would die of it."""
    global _guarded
    if not _guarded and hasattr(os, "register_at_fork"):
        _guarded = True
        os.register_at_fork(after_in_child=_ignore_if_ours)


def _ignore_if_ours() -> None:
    handler = getattr(signal.getsignal(signal.SIGINT), "__func__", None)
    if handler is Interrupts._pressed:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

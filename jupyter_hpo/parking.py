"""Where a trial stands still: its code runs in a greenlet that can be left and entered again.

The whole loop of a study runs in one greenlet on the thread that started it. Parking
switches out of it from wherever the trial's code is, with everything of the trial put
aside; to go on is to switch in. A trial that may have to wait for others of its study has a
greenlet of its own beside the loop; see `strands`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import thread as futures
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from types import CodeType, FrameType
from typing import Any
from weakref import WeakSet

import greenlet

from .context import own_threads
from .controls import Controls
from .errors import TrialEnded
from .layers import Layer, Surroundings
from .strands import Strand
from .thread_modes import why_not

_IMPORTING = "<frozen importlib"
_POOLED = getattr(getattr(futures, "_worker", None), "__code__", None)


class Standing:
    """A study that cannot be parked: it runs through, and ■ ends its trial."""

    def __init__(self, controls: Controls) -> None:
        self.controls = controls
        self.outermost = Layer()  # around the study's trials, put aside after all else
        self.arm: Callable[[FrameType | None], None] | None = None
        self.occupied = self.armed = False
        self.over = False  # whether the loop has ended
        self.waiting_for = ""  # why a trial is not parked yet, if the reason is known
        self.kept_going = ""  # why a trial that was to be set aside was not yet
        self.spot: list[tuple[str, str, int]] = []  # file, function and line of user's frames
        self._run: Callable[[], None] = lambda: None
        self._is_users: Callable[[CodeType], bool] = lambda code: False
        self._surroundings: Surroundings | None = None
        self._strand: Strand | None = None  # the trial's under way, if it may be set aside

    def start(self, run: Callable[[], None]) -> None:
        """Give it the study's loop, to be run by `advance` in the caller's context."""
        self._run = run

    def readdress(self, context: Context) -> None:
        """From now on run in another context: that of the cell that goes on with the study."""

    def advance(self) -> bool:
        """Run until the study parks (True) or has ended (False).

        Raises whatever the loop raises. To be called on one thread only.
        """
        try:
            self._run()
        finally:
            self.over = True
        return False

    def point(self) -> None:
        """A place in a trial where it may end.

        Raises
        ------
        TrialEnded
            If it must.
        """
        self._end_if_asked()
        self._set_aside_if_asked()

    def _end_if_asked(self) -> None:
        if self.controls.ending and not self.controls.cleaning:
            self.controls.strike()
            raise TrialEnded

    def rest(self) -> bool:
        """Between two trials; whether the study may go on, having waited if it was to."""
        return not self.controls.pausing

    @contextmanager
    def around(self, surroundings: Surroundings) -> Iterator[None]:
        """While a trial runs, with what surrounds it."""
        self._surroundings, self.occupied = surroundings, True
        try:
            yield
        finally:
            self._disarm()  # a trial that did not come to another line
            self._surroundings, self.occupied = None, False

    # -- trials that are set aside -------------------------------------------------------

    def strand(self, run: Callable[[], None]) -> Strand:
        """A trial that may be set aside, to be run by `go_on`."""
        return Strand(run)

    def go_on(self, strand: Strand) -> bool:
        """Run a trial until it is set aside (True) or has ended (False); from the loop."""
        self._strand = strand
        self._surroundings, strand.surroundings = strand.surroundings, None
        self.occupied = self._surroundings is not None
        try:
            return strand.go_on()
        finally:
            strand.surroundings, self._surroundings = self._surroundings, None
            self._strand, self.occupied = None, False

    def _set_aside_if_asked(self) -> None:
        if not self.controls.aside or self.controls.ending:
            return
        strand, surroundings = self._strand, self._surroundings
        if strand is None or surroundings is None or not strand.current:
            self.kept_going = "a thread of the trial's own that reports"
        else:
            self.kept_going = self._why_not()
        if strand is None or surroundings is None or self.kept_going:
            self.controls.attention = True  # the next report will do
            return
        self._disarm()
        surroundings.silence()
        taken = None
        try:
            surroundings.leave()
            self.outermost.leave()
            taken = self.outermost.take()
            strand.leave()
        finally:
            self._followed(strand)
            self.outermost.give(taken)
            self.outermost.enter()
            surroundings.enter()
        self._end_if_asked()

    def _followed(self, strand: Strand) -> None:
        """The trial goes on, perhaps in another cell of the user's."""

    def _disarm(self) -> None:
        """Trace the trial's lines no more."""

    def _why_not(self) -> str:
        """Why the trial must not stand still here and now; "" if it may."""
        if any(
            frame.f_code.co_filename.startswith(_IMPORTING) for frame in _frames(sys._getframe())
        ):
            return "an import"
        if any(map(self._is_at_work, own_threads())):
            return "a thread of the trial's own"
        return why_not()

    def _is_at_work(self, thread: int | None) -> bool:
        """Whether a thread runs the user's code, or is about to.

        It would go on while the trial stands still, with the notebook's variables.
        """
        for frame in _frames(sys._current_frames().get(thread or 0)):
            if self._is_users(frame.f_code):
                return True
            if frame.f_code is _POOLED and not frame.f_locals["work_queue"].empty():
                return True
        return False


class Parking(Standing):
    """The greenlet of a study.

    Parameters
    ----------
    controls : say when to park or end.
    is_users : whether some code is the user's, so that a trial may be parked on its lines.
    traces : whether trials are parked at the next line; if not, at reports and the ends
        of iterations only.
    """

    def __init__(
        self, controls: Controls, is_users: Callable[[CodeType], bool], *, traces: bool = True
    ) -> None:
        super().__init__(controls)
        self.arm = self._set_trace
        self._is_users, self._traces = is_users, traces
        self._greenlet: greenlet.greenlet | None = None
        self._left: greenlet.greenlet | None = (
            None  # where the study has been left: here, or a trial
        )
        self._users = copy_context()
        self._moves: list[tuple[ContextVar[Any], Any, Any]] = []
        self._moved = 0  # of these the loop has followed
        self._strands: WeakSet[Strand] = WeakSet()

    def start(self, run: Callable[[], None]) -> None:
        def begin() -> None:
            self._moved = self._move(self._moved)
            run()

        self._greenlet = greenlet.greenlet(begin)
        self._greenlet.gr_context = self._users.copy()

    def readdress(self, context: Context) -> None:
        # Variables are set one by one: what the trial's code has entered in its own context
        # (np.errstate, a task) can be left in that very object only.
        before, self._users = self._users, context
        for variable, value in context.items():
            if before.get(variable) is not value:
                self._moves.append((variable, before.get(variable), value))

    def advance(self) -> bool:
        assert self._greenlet is not None
        self.waiting_for, self.spot = "", []
        self._greenlet.parent = greenlet.getcurrent()
        try:
            (self._left or self._greenlet).switch()
        finally:
            self._disarm()
            self.over = self._greenlet.dead
        return not self.over

    def point(self) -> None:
        if not self.controls.attention:
            return
        self.controls.attention = False  # first: what is asked after this line sets it again
        if self.controls.wanted and not self.controls.cleaning:
            self._end_if_asked()
            self.waiting_for = self._why_not()
            if self.waiting_for:
                self.controls.attention = True
            else:
                self._park()
                self._end_if_asked()
        self._set_aside_if_asked()

    def rest(self) -> bool:
        controls = self.controls
        while controls.yielding or (controls.pausing and not controls.stopped):
            self._leave()
        return True

    def _park(self) -> None:
        self._disarm()
        self.spot = [
            (frame.f_code.co_filename, frame.f_code.co_name, frame.f_lineno)
            for frame in _frames(sys._getframe())
            if self._is_users(frame.f_code)
        ]
        surroundings = self._surroundings
        assert surroundings is not None
        surroundings.silence()
        try:
            surroundings.leave()
            self.outermost.leave()
            self._leave()
        finally:
            self.outermost.enter()
            surroundings.enter()

    def _leave(self) -> None:
        assert self._greenlet is not None
        driver, self._left = self._greenlet.parent, greenlet.getcurrent()
        assert driver is not None
        driver.switch()
        self._left = None
        if self._strand is not None:
            self._followed(self._strand)
        else:
            self._moved = self._move(self._moved)
            if not self._strands:
                self._moves, self._moved = [], 0

    def strand(self, run: Callable[[], None]) -> Strand:
        strand = super().strand(run)
        strand.moved = self._moved
        self._strands.add(strand)
        return strand

    def go_on(self, strand: Strand) -> bool:
        try:
            return super().go_on(strand)
        finally:
            self._moved = self._move(self._moved)

    def _followed(self, strand: Strand) -> None:
        strand.moved = self._move(strand.moved)

    def _move(self, done: int) -> int:
        """Set what the user's cell has otherwise, unless the trial has set it itself.

        Parameters
        ----------
        done : how many moves have been followed here.

        Returns
        -------
        How many there are.
        """
        for variable, before, now in self._moves[done:]:
            if variable.get(None) is before:
                variable.set(now)
        return len(self._moves)

    def _why_not(self) -> str:
        strand = self._strand
        own = strand.current if strand is not None else greenlet.getcurrent() is self._greenlet
        return super()._why_not() if own else "a greenlet of the trial's own"

    # -- the next line of the user's code ------------------------------------------------

    def _set_trace(self, frame: FrameType | None) -> None:
        """Trace the user's lines from now on, to park at the next; costs nothing otherwise."""
        if not self._traces or (sys.gettrace() is not None and not self.armed):
            return  # a debugger has the trace; the next report will do
        for each in _frames(frame):
            # one that has a trace function is stepped through by the user
            if each.f_trace is None and self._is_users(each.f_code):
                each.f_trace = self._on_event
        self.armed = True
        sys.settrace(self._on_call)

    def _disarm(self) -> None:
        if not self.armed:
            return
        self.armed = False
        sys.settrace(None)
        for frame in _frames(sys._getframe()):
            if frame.f_trace == self._on_event:
                frame.f_trace = None

    def _on_call(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self._on_event if self._is_users(frame.f_code) else None

    def _on_event(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line" and self.armed:
            if not self.controls.wanted or self.controls.cleaning:
                self._disarm()
                return None
            # While a trace function runs, Python traces and profiles nothing: parked in one,
            # the trial would disable the user's debugger. `call_tracing` is the way out.
            sys.call_tracing(self.point, ())
        return self._on_event if self.armed else None


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back

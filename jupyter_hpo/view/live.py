"""The live view of a study: steered and shown in the page while it lives, static at its end."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from IPython import display as ipython

from ..study import Study
from . import widget
from .kept import mimebundle
from .window import Window

PERIOD = 0.2  # s between two looks at the study: at most 5 updates a second, and at a click
PERIOD_PLAIN = 0.25  # s between two renderings of the whole display, where there are no pages
TICK = 1.0  # s after which the clock alone is reason enough for one


class Attendant(Protocol):
    """Answers pages while a cell blocks the kernel; see `kernel.comms`."""

    reason: str | None

    def watch(self, widget: Any) -> None:
        """Answer for this widget from now on."""

    def forget(self, widget: Any) -> None:
        """Leave it to the kernel again."""


class Pane(Protocol):
    """Where a study is shown outside its cell's output: a page, or a line of a list.

    Attributes
    ----------
    whole : whether all of the study is there; the output need not be drawn anew then.
    """

    whole: bool

    def tell(self) -> None:
        """Send what has changed, if anything has."""

    def close(self) -> None:
        """Send no more."""


class LiveView:
    """Shows a study from a thread of its own: the trial never waits for the browser.

    Parameters
    ----------
    study : to be shown in the cell that runs now, until it has ended or is
        shown in another cell.
    attendant : keeps the buttons alive; None: no buttons (a program reads the output).
    """

    def __init__(self, study: Study, attendant: Attendant | None) -> None:
        self.study, self.attendant = study, attendant
        self._id = f"jupyter-hpo-{id(study)}-{time.time_ns()}"
        # says to which cell the updates belong, whoever makes them
        self._context = contextvars.copy_context()
        self._shown = False  # whether a cell displays it
        self._widget: Any = None
        self._own: Window | None = None  # that of the widget
        self._windows: tuple[Pane, ...] = ()  # replaced, never changed: the thread reads it
        self._changing = threading.Lock()
        self._look = threading.Event()  # the thread is to look at the study at once
        self._thread: threading.Thread | None = None

    def begin(self, *, show: bool = True) -> None:
        """Follow the study from now on, and display it if `show`."""
        former = self.study.view
        if isinstance(former, LiveView):
            former._context.copy().run(former._rest)
            self._windows = former._windows
        self.study.view = self
        if show:
            if self.attendant is not None:
                self._open(self.attendant)
            self._shown = True
            self._display(ipython.display, live=True)
        # A program that reads the output takes in what comes while its cell runs, and no more.
        programs = self.attendant is None
        move = self._context.copy
        self.study.sitting.changed = (
            self._changed if programs else lambda: move().run(self._changed)
        )

    def add(self, window: Pane) -> None:
        """Tell these pages, too; from any thread."""
        with self._changing:
            self._windows = (*self._windows, window)
        self._follow()

    def remove(self, window: Pane) -> None:
        """Tell these pages no more; from any thread."""
        with self._changing:
            self._windows = tuple(each for each in self._windows if each is not window)

    def clicked(self) -> None:
        """A page has asked for something; from any thread."""
        if self._thread is None:
            self._update()
        else:
            self._look.set()

    def _open(self, attendant: Attendant) -> None:
        try:
            shown = self._widget = widget.widget()
        except (ImportError, widget.NotBuilt) as error:
            self.study.record.note(f"Buttons need JupyterLab or Notebook 7 here: {error}.")
            return
        window = self._own = Window(self.study, shown.send, self.clicked)
        shown.on_msg(lambda _, content, buffers: window.heard(content))
        attendant.watch(shown)
        if attendant.reason:
            self.study.record.note(attendant.reason)
        self.add(window)

    def _changed(self) -> None:
        """The study has begun to run, or stands still, or has ended."""
        self._halt()
        if self.study.sitting.running:
            self._follow()
        elif self.study.live:
            self._update()
            if self._shown and self._paged:  # what a file saved now falls back on
                self._display(ipython.update_display, live=False)
        else:
            self._rest()

    def _follow(self) -> None:
        """Start the thread that follows a running study, unless it runs or nobody looks."""
        with self._changing:
            looked_at = self._shown or self._windows
            if self._thread is not None or not looked_at or not self.study.live:
                return
            if not self.study.sitting.running:
                return
            self._look.clear()
            run = contextvars.copy_context().run
            self._thread = threading.Thread(
                target=run, args=(self._watch,), daemon=True, name="tune-view"
            )
            self._thread.start()

    def _rest(self) -> None:
        """Leave behind what needs no kernel."""
        self._halt()
        self._update()
        shown, self._widget = self._widget, None
        if self._shown:
            # before the widget goes: a page must not save a remnant
            self._display(ipython.update_display, live=False)
        self._shown = False
        if self._own is not None:
            self._own.close()
            self.remove(self._own)
        if shown is not None:
            if self.attendant is not None:
                self.attendant.forget(shown)
            shown.close()

    def _halt(self) -> None:
        with self._changing:
            thread, self._thread = self._thread, None
        self._look.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _watch(self) -> None:
        me = threading.current_thread()
        plain = _Plain(self.study)
        while True:
            clicked = self._look.wait(PERIOD if self._windows else PERIOD_PLAIN)
            if self._thread is not me:
                return
            self._look.clear()
            if clicked or self._paged or plain.is_due():
                self._update()
            else:
                self._tell()

    @property
    def _paged(self) -> bool:
        """Whether there are pages that show all of it."""
        return any(window.whole for window in self._windows)

    def _tell(self) -> None:
        for window in self._windows:
            try:
                window.tell()
            except Exception as error:  # noqa: BLE001  # a bad picture must not cost a trial
                self.study.record.note(f"A page could not be told all: {error!r}.")

    def _update(self) -> None:
        self._tell()
        if not self._paged and self._shown and self.study.live:  # a click may come late
            self._display(ipython.update_display, live=True)

    def _display(self, how: Callable[..., Any], *, live: bool) -> None:
        shown = mimebundle(self.study, live=live and self._widget is None)
        if self._widget is not None:
            shown[widget.MIME] = widget.view(self._widget)
        how(shown, raw=True, display_id=self._id)


class _Plain:
    """When a display that is rendered as a whole is to be rendered again."""

    def __init__(self, study: Study) -> None:
        self._study, self._shown = study, 0.0
        self._seen: tuple[object, ...] = ()

    def is_due(self) -> bool:
        now = time.monotonic()
        sight = (self._study.record.version, self._study.record.doing())
        if sight == self._seen and now - self._shown < TICK:
            return False
        self._seen, self._shown = sight, now
        return True

"""The plain live view: a table and buttons, updated while the study runs, static at its end."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from IPython import display as ipython

from ..study import Study
from .static import html
from .text import summary

PERIOD = 0.25  # s between two looks at the study: at most 4 updates a second
TICK = 1.0  # s after which the clock alone is reason enough
WIDGET = "application/vnd.jupyter.widget-view+json"


class Attendant(Protocol):
    """Answers buttons while a cell blocks the kernel; see `kernel.comms`."""

    reason: str | None

    def watch(self, widget: Any) -> None:
        """Answer for this widget from now on."""

    def forget(self, widget: Any) -> None:
        """Leave it to the kernel again."""


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
        self._panel: Any = None
        self._look = threading.Event()  # the thread is to look at the study at once
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Display the study, and follow it from now on."""
        former = self.study.view
        if isinstance(former, LiveView):
            former._context.copy().run(former._rest)
        self.study.view = self
        if self.attendant is not None:
            with suppress(ImportError):
                from .buttons import Panel

                self._panel = Panel(self.study, self._clicked)
                self.attendant.watch(self._panel.widget)
                if self.attendant.reason:
                    self.study.record.note(self.attendant.reason)
                self._show()
        self._display(ipython.display, live=True)
        # A program that reads the output takes in what comes while its cell runs, and no more.
        programs = self.attendant is None
        move = self._context.copy
        self.study.sitting.changed = (
            self._changed if programs else lambda: move().run(self._changed)
        )

    def _changed(self) -> None:
        """The study has begun to run, or stands still, or has ended."""
        self._halt()
        if self.study.sitting.running:
            self._look.clear()
            run = contextvars.copy_context().run
            self._thread = threading.Thread(
                target=run, args=(self._watch,), daemon=True, name="tune-view"
            )
            self._thread.start()
        elif self.study.live:
            self._update()
            if self._panel is not None:  # what a file saved now falls back on
                self._display(ipython.update_display, live=False)
        else:
            self._rest()

    def _rest(self) -> None:
        """Leave behind what needs no kernel."""
        self._halt()
        panel, self._panel = self._panel, None
        self._display(ipython.update_display, live=False)  # first: a page must not save a remnant
        if panel is not None:
            if self.attendant is not None:
                self.attendant.forget(panel.widget)
            panel.close(self._html(live=False))

    def _halt(self) -> None:
        thread, self._thread = self._thread, None
        self._look.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _clicked(self) -> None:
        if self._thread is None:
            self._update()
        else:
            self._look.set()

    def _watch(self) -> None:
        me, shown = threading.current_thread(), 0.0
        seen: tuple[object, ...] = ()
        while True:
            clicked = self._look.wait(PERIOD)
            if self._thread is not me:
                return
            self._look.clear()
            now = time.monotonic()
            sight = (self.study.record.version, self.study.record.doing())
            if clicked or sight != seen or now - shown >= TICK:
                seen, shown = sight, now
                self._update()

    def _update(self) -> None:
        if self._panel is not None:
            self._show()
        elif self.study.live:  # a click may come late
            self._display(ipython.update_display, live=True)

    def _show(self) -> None:
        record, panel = self.study.record, self._panel
        if panel is None:
            return
        panel.show(self._html(live=True, message=False), record.info.message or record.doing())

    def _display(self, how: Callable[..., Any], *, live: bool) -> None:
        how(self._bundle(live=live), raw=True, display_id=self._id)

    def _html(self, *, live: bool, message: bool = True) -> str:
        try:
            return html(self.study.record, live=live, message=message)
        except Exception as error:  # noqa: BLE001  # a bad picture must not cost a trial
            return f"(the view cannot be drawn: {error!r})"

    def _bundle(self, *, live: bool) -> dict[str, Any]:
        bundle: dict[str, Any] = {
            "text/html": self._html(live=live),
            "text/plain": summary(self.study.record),
        }
        if self._panel is not None:
            bundle[WIDGET] = self._panel.view
        return bundle

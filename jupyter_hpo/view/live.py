"""The plain live view: one HTML display, updated while the study runs, left behind at its end."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from IPython.display import display, update_display

from ..record import StudyRecord
from .static import html
from .text import summary

PERIOD = 0.25  # s between two looks at the study: at most 4 updates a second
TICK = 1.0  # s after which the clock alone is reason enough


class LiveView:
    """Shows a study from a thread of its own: the trial never waits for the browser."""

    def __init__(self, record: StudyRecord) -> None:
        self.record = record
        self._ended = threading.Event()
        self._id = f"jupyter-hpo-{id(record)}-{time.time_ns()}"
        self._thread: threading.Thread | None = None

    def __enter__(self) -> LiveView:
        self._show(display, live=True)
        # the context says to which cell the updates belong
        run = contextvars.copy_context().run
        self._thread = threading.Thread(
            target=run, args=(self._watch,), daemon=True, name="tune-view"
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self._show(update_display, live=False)

    def _watch(self) -> None:
        seen, shown = -1, 0.0
        while not self._ended.wait(PERIOD):
            now = time.monotonic()
            if self.record.version != seen or now - shown >= TICK:
                seen, shown = self.record.version, now
                self._show(update_display, live=True)

    def _show(self, how: Callable[..., Any], *, live: bool) -> None:
        how(self._bundle(live=live), raw=True, display_id=self._id)

    def _bundle(self, *, live: bool) -> dict[str, Any]:
        text = summary(self.record)
        try:
            return {"text/html": html(self.record, live=live), "text/plain": text}
        except Exception as error:  # noqa: BLE001  # a bad picture must not cost a trial
            return {"text/plain": f"{text}\n(the view cannot be drawn: {error!r})"}

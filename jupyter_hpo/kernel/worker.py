"""A thread for what must go on while the main thread is busy."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextvars import Context
from queue import SimpleQueue


class Worker:
    """Does jobs one after the other on a daemon thread, started by the first and kept.

    Kept, because every thread that publishes leaves a socket in ipykernel's
    output thread for some seconds: a thread per cell would pile them up.

    Parameters
    ----------
    log : hears what jobs raise.
    """

    def __init__(self, name: str, log: logging.Logger) -> None:
        self._name, self._log = name, log
        self._jobs: SimpleQueue[tuple[Context, Callable[[], object]]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread unless it runs; a forked process has none until then."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def do(self, context: Context, job: Callable[[], object]) -> None:
        """Queue a job, to be run in `context`; what it raises is logged."""
        self._jobs.put((context, job))

    def settle(self, timeout: float) -> bool:
        """Wait until all that was queued is done, `timeout` seconds at most; whether it is."""
        done = threading.Event()
        self._jobs.put((Context(), done.set))
        return done.wait(timeout)

    def _run(self) -> None:
        while True:
            context, job = self._jobs.get()
            context.run(self.attempt, job)
            del context, job  # nothing of a cell is kept alive until the next

    def attempt(self, job: Callable[[], object]) -> None:
        """Do a job at once, on whatever thread; what it raises is logged, SystemExit too."""
        try:
            job()
        except BaseException:  # noqa: BLE001  # a handler is anybody's code
            self._log.error("A message of a widget could not be handled", exc_info=True)

"""A page that shows a study, as the kernel has it: it is told what has changed, and asks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..errors import TuneError
from ..record import StudyState
from ..study import Study
from .answers import Answers
from .feed import Feed, Running
from .wire import JSON

LOOKS: Final = ("trial", "importance", "model", "kept")  # questions that change nothing
_log = logging.getLogger(__name__)


class Window:
    """One way to pages that show a study: a widget, or a comm of our own.

    What a page asks may be answered on any thread, and only sets flags in a
    study that runs.

    Parameters
    ----------
    study : the one that is shown.
    send : takes a message to the pages.
    clicked : called when a page has asked for something, on the same thread.
    """

    whole = True  # shows all of the study

    def __init__(
        self, study: Study, send: Callable[[JSON], object], clicked: Callable[[], None]
    ) -> None:
        self._study, self._send, self._clicked = study, send, clicked
        self._answers = Answers(study)
        self._lock = threading.Lock()  # messages are numbered: one at a time
        self._closed = False
        self._feed = Feed(
            study.record,
            lambda: study.space,
            asked=lambda: asked_of(study),
            live=lambda: study.live,
            running=self._running,
            stored=study.stored,
        )

    def tell(self) -> None:
        """Send what has changed, if anything has."""
        with self._lock:
            message = None if self._closed else self._feed.news()
            if message is not None:
                self._send(message)

    def heard(self, content: Any) -> None:
        """Take in what a page says; whatever else it may be, it is ignored."""
        if not isinstance(content, Mapping):
            return
        if content.get("kind") == "hello":
            self._tell_all()
        elif content.get("kind") == "ask":
            self._reply(content)

    def close(self) -> None:
        """Send no more."""
        with self._lock:
            self._closed = True

    def _tell_all(self) -> None:
        with self._lock:
            if not self._closed:
                for message in self._feed.everything():
                    self._send(message)

    def _reply(self, question: Mapping[str, Any]) -> None:
        answer: JSON
        try:
            answer = {"data": self._answers.answer(question)}
        except TuneError as error:
            answer = {"error": str(error)}
        except Exception as error:  # noqa: BLE001  # the page waits for an answer, whatever it is
            _log.exception("A request of the view could not be met")
            answer = {"error": f"{type(error).__name__}: {error}"}
        with self._lock:
            if not self._closed:
                self._send({"kind": "reply", "id": str(question.get("id")), **answer})
        if question.get("what") not in LOOKS:
            self._clicked()

    def _running(self) -> Running | None:
        if not self._study.live:
            return None
        sitting = self._study.sitting
        attempt = sitting.runner.running
        if attempt is None:
            return None
        now = [(attempt.parked_since, None)] if attempt.parked_since is not None else []
        moving = self._study.state == StudyState.RUNNING and not sitting.waits
        return Running(
            attempt.number,
            attempt.executor.output(),
            [*attempt.parked, *now],
            attempt.executor.seconds(),
            moving,
        )


def asked_of(study: Study) -> str:
    """What a study has been asked to do and has not done yet: "pause", "skip", "stop" or ""."""
    if not study.live:
        return ""
    controls = study.sitting.controls
    if controls.stopped:
        return "stop"
    if controls.skipped:
        return "skip"
    return "pause" if controls.pausing and study.state == StudyState.RUNNING else ""

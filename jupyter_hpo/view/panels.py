"""The panel "Studies" of our own extension: all studies of this kernel, in a line each.

The kernel opens one comm for all pages when the extension is loaded: kernels
that tune nothing are asked nothing. A page that is loaded later finds it among
the open comms. Each says hello, and which notebook it has open with the kernel; once more if
that has been renamed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from ..errors import StudyError, TuneError, UsageError
from ..study import Study
from . import words
from .answers import Answers
from .brief import Brief
from .live import Attendant
from .pages import Page, view_of
from .window import asked_of
from .wire import JSON, uid

VERBS: Final = ("pause", "resume", "stop")
_log = logging.getLogger(__name__)


class _Line:
    """A study in the list: told with its view's other windows, whenever something changes."""

    whole = False

    def __init__(self, study: Study, tell: Callable[[_Line], None]) -> None:
        self.study, self._tell = study, tell
        self.brief = Brief(study.record)
        self.told: JSON = {}  # what the pages know of it

    def tell(self) -> None:
        self._tell(self)

    def close(self) -> None:
        """Nothing to close: the comm is that of all lines."""

    def now(self) -> JSON:
        study = self.study
        stored = study.stored and not study.record.unsaved
        return self.brief.told(live=study.live, asked=asked_of(study), stored=stored)


class Panels:
    """Tells pages of the studies of this kernel, and steers those for them.

    Parameters
    ----------
    connect : opens a comm of the kernel's to whatever pages there are.
    attendant : keeps it alive while a cell runs.
    studies : gives the studies of this kernel.
    opened : is told the path of the notebook that a page has open, as the server calls it.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        attendant: Attendant,
        studies: Callable[[], Iterable[Study]],
        opened: Callable[[str], None],
    ) -> None:
        self._connect, self._attendant, self._studies = connect, attendant, studies
        self._opened = opened
        self._page: Page | None = None
        self._lines: dict[str, _Line] = {}  # by uid
        self._lock = threading.Lock()

    def follow(self, study: Study) -> None:
        """List a study that begins, or goes on in another cell, from now on."""
        self.open()
        name = uid(study.record.info)
        with self._lock:
            gone = self._lines.keys() - {uid(each.record.info) for each in self._studies()}
            left = [self._lines.pop(each) for each in gone]
            line = None if name in self._lines else _Line(study, self._news)
            if line is not None:
                self._lines[name] = line
        for each in left:
            view_of(each.study).remove(each)
        if line is not None:
            view_of(study).add(line)
            line.tell()

    def close(self) -> None:
        """Tell no more."""
        page, self._page = self._page, None
        if page is not None:
            self._attendant.forget(page)
            with suppress(Exception):  # gone with the kernel
                page.comm.close()

    def open(self) -> None:
        """Say that there is a kernel with studies, or one that will have some."""
        if self._page is not None:
            return
        page = self._page = Page(self._connect())
        page.comm.on_msg(lambda message: self._heard(message["content"]["data"]))
        page.comm.on_close(lambda _: self._closed(page))
        self._attendant.watch(page)

    def _closed(self, page: Page) -> None:
        """A front end without our extension knows no such comm; the next study opens another."""
        self._attendant.forget(page)
        if self._page is page:
            self._page = None

    def _news(self, line: _Line) -> None:
        with self._lock:
            now = line.now()
            news = {key: value for key, value in now.items() if line.told.get(key, ...) != value}
            if not news:
                return
            line.told = now
            self._send({"kind": "news", "study": news | {"uid": now["uid"]}, "all": self._names()})

    def _names(self) -> list[str]:
        return list(self._lines)

    def _send(self, message: JSON) -> None:
        if self._page is not None:
            self._page.comm.send(message)

    def _heard(self, content: Any) -> None:
        if not isinstance(content, Mapping):
            return
        if content.get("kind") == "hello":
            self._opened(str(content.get("path") or ""))
            with self._lock:
                for line in self._lines.values():
                    line.told = line.now()
                told = [line.told for line in self._lines.values()]
                self._send({"kind": "list", "studies": told})
        elif content.get("kind") == "ask":
            self._reply(content)

    def _reply(self, question: Mapping[str, Any]) -> None:
        answer: JSON = {"error": ""}
        line = self._lines.get(str(question.get("uid")))
        try:
            _steer(line, question.get("what"))
        except TuneError as error:
            answer["error"] = str(error)
        except Exception as error:  # noqa: BLE001  # the page waits for an answer, whatever it is
            _log.exception("A request of the panel could not be met")
            answer["error"] = f"{type(error).__name__}: {error}"
        with self._lock:
            self._send({"kind": "reply", "id": str(question.get("id")), **answer})
        if line is not None:
            view_of(line.study).clicked()


def _steer(line: _Line | None, what: Any) -> None:
    if line is None:
        raise StudyError("the kernel does not have this study any more")
    if what not in VERBS:
        raise UsageError(f"the panel asked for {words.short(repr(what))}, which is unknown here")
    Answers(line.study).answer({"what": what})

"""A page that shows a study, as our extension opens one: a comm to the kernel."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from kernels import Execution, Kernel, Message, Result

MIME = "application/vnd.jupyter-hpo.study+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
TARGET = "jupyter_hpo.study"
PANEL = "jupyter_hpo.studies"

SETUP = """
import threading, time
go = threading.Event()
def wait_for_go():
    while not go.is_set(): time.sleep(0.002)
"""


def helped(kernel: Kernel) -> Kernel:
    """The kernel with ``wait_for_go()`` defined, by which a trial waits for ``go.set()``."""
    if kernel.value("'go' in globals()") == "False":
        kernel.run(SETUP)
    kernel.run("go.clear()")
    return kernel


class Refused(AssertionError):
    """The kernel has answered with a sentence for the user."""


class Page:
    """What a page knows of a study.

    Attributes
    ----------
    info, trials, tail, ran : as the kernel has told; trials by number.
    closed : whether the kernel has hung up.
    messages : all it has said.
    """

    def __init__(self, kernel: Kernel, uid: str | None) -> None:
        self._kernel, self._comm = kernel, uuid.uuid4().hex
        self.info: Message = {}
        self.trials: dict[int, Message] = {}
        self.tail: Message = {}
        self.ran: Message | None = None
        self.closed = False
        self.messages: list[Message] = []
        self._replies: dict[str, Message] = {}
        kernel.listeners[self._comm] = self._note
        kernel.send(
            "comm_open", {"comm_id": self._comm, "target_name": TARGET, "data": {"uid": uid}}
        )
        self._say({"kind": "hello"})

    @classmethod
    def of(cls, kernel: Kernel, cell: Execution) -> Page:
        """A page of the study that a cell displays."""
        shown = cell.later(lambda shown: any(MIME in each for each in shown.displays))
        return cls.showing(kernel, shown)

    @classmethod
    def showing(cls, kernel: Kernel, shown: Result) -> Page:
        """A page of the study that a cell has displayed."""
        bundle = next(each[MIME] for each in shown.displays if MIME in each)
        page = cls(kernel, bundle["info"]["uid"])
        page.until(lambda: bool(page.info) or page.closed)
        return page

    def until(self, done: Callable[[], bool]) -> None:
        """Read what the kernel says until `done`."""
        while not done():
            self._kernel.next()

    def ask(self, what: str, **more: Any) -> Any:
        """The answer to a question; `Refused` with the sentence if it is refused."""
        name = uuid.uuid4().hex
        self._say({"kind": "ask", "id": name, "what": what, **more})
        self.until(lambda: name in self._replies)
        reply = self._replies[name]
        if "error" in reply:
            raise Refused(reply["error"])
        return reply["data"]

    def close(self) -> None:
        """Leave."""
        self._kernel.send("comm_close", {"comm_id": self._comm, "data": {}})

    def _say(self, data: Message) -> None:
        self._kernel.send("comm_msg", {"comm_id": self._comm, "data": data})

    def _note(self, kind: str, data: Message) -> None:
        if kind == "comm_close":
            self.closed = True
            return
        self.messages.append(data)
        if data["kind"] == "reply":
            self._replies[data["id"]] = data
            return
        if data["kind"] == "all" and data["part"] == 0:
            self.trials.clear()
        self.info = data.get("info", self.info)
        self.tail, self.ran = data.get("tail", self.tail), data.get("ran")
        self.trials.update({trial["n"]: trial for trial in data.get("trials", [])})


class Panel:
    """What the panel "Studies" of a page knows.

    Attributes
    ----------
    studies : the lines of the list by uid, in order.
    messages : all the kernel has said.
    """

    def __init__(self, kernel: Kernel) -> None:
        while PANEL not in kernel.opened:
            kernel.next()
        self._kernel, self._comm = kernel, kernel.opened[PANEL]
        self.studies: dict[str, Message] = {}
        self.messages: list[Message] = []
        self._replies: dict[str, Message] = {}
        kernel.listeners[self._comm] = self._note
        self.say({"kind": "hello"})
        self.until(lambda: bool(self.studies))

    def until(self, done: Callable[[], bool]) -> None:
        """Read what the kernel says until `done`."""
        while not done():
            self._kernel.next()

    def named(self, name: str) -> Message:
        """The line of the study of that name."""
        return next((each for each in self.studies.values() if each["name"] == name), {})

    def ask(self, name: str, what: str) -> None:
        """Have something done; `Refused` with the sentence if it is refused."""
        question = uuid.uuid4().hex
        wanted = self.named(name).get("uid", name)
        self.say({"kind": "ask", "id": question, "what": what, "uid": wanted})
        self.until(lambda: question in self._replies)
        if self._replies[question]["error"]:
            raise Refused(self._replies[question]["error"])

    def say(self, data: Message) -> None:
        """Send something, as a page does."""
        self._kernel.send("comm_msg", {"comm_id": self._comm, "data": data})

    def _note(self, _: str, data: Message) -> None:
        self.messages.append(data)
        if data["kind"] == "reply":
            self._replies[data["id"]] = data
        elif data["kind"] == "list":
            self.studies = {each["uid"]: each for each in data["studies"]}
        elif data["kind"] == "news":
            name = data["study"]["uid"]
            if name in self.studies or "name" in data["study"]:  # else the list is on its way
                known = {**self.studies, name: {**self.studies.get(name, {}), **data["study"]}}
                self.studies = {uid: known[uid] for uid in data["all"] if uid in known}

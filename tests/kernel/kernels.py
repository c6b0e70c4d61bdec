"""A real kernel as a person in front of a notebook sees it: code in, what the cell shows out."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

PATIENCE = 90  # s without any message, for a machine under load: the kernel hangs
MORE = 2  # starts of a kernel that ends before it is ready
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

Message = dict[str, Any]


def plain(text: str) -> str:
    """Text without terminal colours."""
    return _ANSI.sub("", text)


class Hangs(AssertionError):
    """Nothing came from the kernel."""


@dataclass
class Error:
    """An error as the cell shows it; `traceback` is plain text."""

    ename: str
    evalue: str
    traceback: str


@dataclass
class Result:
    """What a cell has shown when it is done.

    Attributes
    ----------
    status : "ok", "error" or "aborted".
    stdout, stderr : all that was printed, without colours.
    displays : MIME bundles in order, updates and ``clear_output`` applied.
    result : the bundle of the last expression.
    marks : what the cell's code sent by ``mark(...)``.
    prompts : what ``input()`` asked.
    """

    status: str = ""
    stdout: str = ""
    stderr: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] | None = None
    error: Error | None = None
    marks: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The last expression, as text."""
        assert self.error is None, self.error.traceback
        return str(self.result["text/plain"]) if self.result else ""

    @property
    def view(self) -> str:
        """The view of the study that the cell ran, as text."""
        return str(self.displays[0]["text/plain"])

    @property
    def told(self) -> str:
        """The error's text without the spaces and breaks of the layout."""
        return " ".join(self.error.traceback.split()) if self.error else ""


class Execution:
    """A cell that has been sent to the kernel.

    ``shown`` goes on to grow when the cell is done: a study in the background
    prints and displays to the cell it was started in.
    """

    def __init__(self, kernel: Kernel, message: str, answers: Iterator[str]) -> None:
        self._kernel, self._message, self._answers = kernel, message, answers
        self._ids: list[str | None] = []
        self._clear = False
        self._done = False
        self.shown = Result()

    def until(self, done: Callable[[Result], bool]) -> Result:
        """Read what the kernel sends until `done`."""
        while not done(self.shown):
            if self._done:
                raise AssertionError(f"the cell has ended: {self.shown}")
            self._kernel.next()
        return self.shown

    def later(self, done: Callable[[Result], bool]) -> Result:
        """Read what the kernel sends until `done`, also when the cell itself has ended."""
        while not done(self.shown):
            self._kernel.next()
        return self.shown

    def marked(self, text: str) -> Result:
        """Wait until the cell's code has called ``mark(text)``."""
        return self.until(lambda shown: text in shown.marks)

    def finish(self) -> Result:
        """Wait until the cell is done."""
        while not self._done:
            self._kernel.next()
        self.shown.status = self._kernel.reply(self._message)
        return self.shown

    def note(self, message: Message) -> None:
        """Take in a message that belongs to this cell."""
        note = getattr(self, f"_on_{message['msg_type']}", None)
        if note is not None:
            note(message["content"])

    def _on_status(self, content: Message) -> None:
        self._done = self._done or content["execution_state"] == "idle"

    def _on_stream(self, content: Message) -> None:
        self._cleared()
        name = content["name"]
        setattr(self.shown, name, getattr(self.shown, name) + plain(content["text"]))

    def _on_display_data(self, content: Message) -> None:
        self._cleared()
        self.shown.displays.append(content["data"])
        self._ids.append(content.get("transient", {}).get("display_id"))

    def _on_update_display_data(self, content: Message) -> None:
        for place, name in enumerate(self._ids):
            if name == content["transient"]["display_id"]:
                self.shown.displays[place] = content["data"]

    def _on_clear_output(self, content: Message) -> None:
        self._clear = True
        if not content["wait"]:
            self._cleared()

    def _cleared(self) -> None:
        if self._clear:
            self.shown.displays.clear()
            self._ids.clear()
            self.shown.stdout = self.shown.stderr = ""
        self._clear = False

    def _on_execute_result(self, content: Message) -> None:
        self._cleared()
        self.shown.result = content["data"]

    def _on_error(self, content: Message) -> None:
        trace = plain("\n".join(content["traceback"]))
        self.shown.error = Error(content["ename"], content["evalue"], trace)

    def _on_mark(self, content: Message) -> None:
        self.shown.marks.append(content["text"])

    def _on_input_request(self, content: Message) -> None:
        self.shown.prompts.append(plain(content["prompt"]))
        for answer in self._answers:
            self._kernel.client.input(answer)
            break


# `mark` tells the test where the code is, whatever happens to sys.stdout meanwhile
_SETUP = """
def mark(text):
    kernel = get_ipython().kernel
    kernel.send_response(kernel.iopub_socket, "mark", {"text": str(text)})
%load_ext jupyter_hpo
"""


class Kernel:
    """An ipykernel of this environment in a working directory of its own, the extension loaded.

    Parameters
    ----------
    directory : where it runs.
    environment : variables set for it on top of this process's.
    setup : code that is run first.
    wrapped : what its command line is an argument of.

    Attributes
    ----------
    listeners : by id of a comm, what is called with each message on it.
    opened : ids of the comms that the kernel has opened, by target; of several the last.
    """

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str] | None = None,
        setup: str = _SETUP,
        wrapped: Sequence[str] = (),
    ) -> None:
        self.directory, self._wrapped = directory, wrapped
        self._environment = {**os.environ, **(environment or {})}
        self._setup = setup
        self._replies: dict[str, str] = {}
        self._sent: set[str] = set()
        self._cells: dict[str, Execution] = {}
        self.listeners: dict[str, Callable[[str, Message], None]] = {}
        self.opened: dict[str, str] = {}
        self._start()

    def _start(self) -> None:
        self._launch()
        if self._setup:
            started = self.run(self._setup)
            assert started.status == "ok", started

    def _launch(self, more: int = MORE) -> None:
        self.manager = KernelManager(kernel_name="python3")
        assert self.manager.kernel_spec is not None
        # the manager would take the first word alone, "python", for the Python that runs it
        self.manager.kernel_spec.argv[:1] = [*self._wrapped, sys.executable]
        self.manager.start_kernel(cwd=str(self.directory), env=self._environment)
        client = self.manager.client()
        assert isinstance(client, BlockingKernelClient)
        self.client = client
        client.start_channels()
        try:
            client.wait_for_ready(timeout=PATIENCE)
        except RuntimeError:
            alive = self.manager.is_alive()
            self.close()
            if alive or not more:
                raise
            # a port that the manager found to be free was taken before the kernel bound it
            self._launch(more - 1)

    def run(self, code: str, *, answers: Sequence[str] = (), person: bool | None = None) -> Result:
        """Run a cell to its end.

        Parameters
        ----------
        answers : to what the cell asks with ``input()``; after the last it waits in vain.
        person : whether a person sits there who could answer; by default with `answers` only.
        """
        return self.start(code, answers=answers, person=person).finish()

    def start(
        self, code: str, *, answers: Sequence[str] = (), person: bool | None = None
    ) -> Execution:
        """Send a cell and return at once."""
        allowed = bool(answers) if person is None else person
        message = self.client.execute(code, allow_stdin=allowed)
        self._sent.add(message)
        self._cells[message] = Execution(self, message, iter(answers))
        return self._cells[message]

    def send(
        self, kind: str, content: Message, *, subshell: str | None = None, **metadata: str
    ) -> str:
        """Send a message on the shell channel, as a page does; its id."""
        session = self.client.session
        message = session.msg(kind, content, metadata=metadata)
        if subshell:
            message["header"]["subshell_id"] = subshell
        session.send(self.client.shell_channel.socket, message)
        return str(message["header"]["msg_id"])

    def value(self, expression: str) -> str:
        """The repr of an expression in the notebook, in one line."""
        return " ".join(self.run(expression).text.split())

    def complete(self, line: str) -> list[str]:
        """What Tab offers at the end of a line."""
        message = self.client.complete(line)
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == message:
                return list(reply["content"]["matches"])

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return bool(self.manager.is_alive())

    @property
    def busy(self) -> bool:
        """Whether a cell was sent whose end nobody has waited for."""
        return bool(self._sent)

    def until(self, expression: str, value: str = "True") -> None:
        """Ask again and again, in cells of its own, until an expression has this repr."""
        until = time.monotonic() + PATIENCE
        while (found := self.value(expression)) != value:
            if time.monotonic() > until:
                raise Hangs(f"{expression} is still {found}")
            time.sleep(0.02)  # a study in the background runs between two cells

    def interrupt(self) -> None:
        """Press ■."""
        self.manager.interrupt_kernel()

    def kill(self) -> None:
        """End the kernel at once, as the out-of-memory killer does."""
        process = self.manager.provisioner.process  # type: ignore[union-attr]  # a local kernel
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def shut_down(self) -> None:
        """Have the kernel end by itself, as the menu does."""
        self.manager.shutdown_kernel(now=False)

    def wait_for_its_end(self) -> None:
        """Return when the kernel's process has ended."""
        until = time.monotonic() + PATIENCE
        while self.alive:
            if time.monotonic() > until:
                raise Hangs("the kernel does not end")
            time.sleep(0.02)

    def restart(self) -> None:
        """A new kernel in the same place."""
        self.close()
        self._replies.clear()
        self._sent.clear()
        self._cells.clear()
        self._start()

    def close(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def next(self) -> Message:
        """The next message for the front end, from whichever channel; its cell takes it in."""
        message = self._next()
        cell = self._cells.get(message["parent_header"].get("msg_id"))
        if message["msg_type"] == "comm_open":
            self.opened[message["content"]["target_name"]] = message["content"]["comm_id"]
        elif message["msg_type"] in ("comm_msg", "comm_close"):
            content = message["content"]
            listener = self.listeners.get(content["comm_id"])
            if listener is not None:
                listener(message["msg_type"], content["data"])
        # pages go by the display's id alone
        elif message["msg_type"] == "update_display_data":
            for each in self._cells.values():
                each.note(message)
        elif cell is not None:
            cell.note(message)
        return message

    def _next(self) -> Message:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(queue.Empty):
                return dict(self.client.get_iopub_msg(timeout=0.2))
            with contextlib.suppress(queue.Empty):
                return dict(self.client.get_stdin_msg(timeout=0))
            if not self.alive:
                raise Hangs("the kernel is dead")
        raise Hangs(f"no message for {PATIENCE} s")

    def reply(self, message: str) -> str:
        """The status of the reply to a cell."""
        while message not in self._replies:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if "status" in reply["content"]:
                self._replies[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
        self._sent.discard(message)
        return self._replies.pop(message)

"""Comm messages of our own widgets, handled on a thread while a cell blocks the main one."""

from __future__ import annotations

import asyncio
import inspect
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import Any

from ..view.wire import TARGET
from .watched import Watched
from .worker import Worker

Frames = Sequence[Any]  # of one message, as they come from a zmq socket

CONTROL = "jupyter.widget.control"  # the comm on which a page asks for all widgets' states
_OPENED = (CONTROL, TARGET)  # what a page opens by itself
# what a page that is opened asks first: unanswered, it shows "Loading widget…" for ever
_REQUESTS = ("kernel_info_request", "comm_info_request")
_LAST_WORDS = 1.0  # s that a handler may still take when the cell's end waits for it
_TRIES = 5


class Unattended:
    """Stands where nobody can answer while a cell runs.

    Attributes
    ----------
    reason : one sentence that tells the user so.
    """

    def __init__(self, why: str) -> None:
        self.reason: str | None = (
            f"While a cell runs, only ■ (interrupt) reaches the study and buttons wait: {why}."
        )

    def watch(self, widget: Any) -> None:
        """Nothing to do."""

    def forget(self, widget: Any) -> None:
        """Nothing to do."""

    @contextmanager
    def attending(self) -> Iterator[None]:
        """Nothing to do."""
        yield


class Attendant(ABC):
    """Answers for our widgets while a cell blocks the kernel, and only then.

    Handlers of the watched widgets then run on a thread of ours: they may set
    flags and no more. Subclasses know where messages come in.

    Attributes
    ----------
    reason : None, or one sentence for the user why buttons wait while a cell runs.
    """

    def __init__(self, kernel: Any) -> None:
        self.reason: str | None = None
        self._kernel = kernel
        self._watched = Watched(lambda: kernel.comm_manager.comms)
        self._opened: set[str] = set()  # comms of a page that was opened while a cell runs
        self._worker = Worker("jupyter_hpo comms", kernel.log)
        self._context = copy_context()
        self._open = False  # whether messages are taken now
        self._depth = 0

    def watch(self, widget: Any) -> None:
        """Answer for this ipywidgets widget from now on, and for those its traits hold now."""
        with self._apologising():
            self._watched.add(widget)

    def forget(self, widget: Any) -> None:
        """Leave it to the kernel again."""
        with self._apologising():
            self._watched.remove(widget)

    @contextmanager
    def attending(self) -> Iterator[None]:
        """Around what blocks the main thread; also inside itself, and elsewhere nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield  # a subshell or a thread of the user's: the kernel itself is free to answer
            return
        self._depth += 1
        try:
            if self._depth == 1:
                with _uninterrupted(), self._apologising():
                    # what handlers publish and print is the cell's that runs now
                    self._context = copy_context()
                    self._worker.start()
                    self._enter()
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                with _uninterrupted(), self._apologising():
                    self._leave()
                    self._worker.settle(_LAST_WORDS)
                    self._opened.clear()

    @abstractmethod
    def _enter(self) -> None:
        """Take messages from here on."""

    @abstractmethod
    def _leave(self) -> None:
        """Leave all to the kernel, as it was before `_enter`; harmless without it."""

    @abstractmethod
    def send_multipart(self, frames: Frames, *_: Any, **__: Any) -> None:
        """Send a reply on the shell channel; under this name `Session.send` calls it."""

    @contextmanager
    def _apologising(self) -> Iterator[None]:
        # private parts of ipykernel, in whatever version: a study is worth more than its buttons
        try:
            yield
        except Exception as error:
            self.reason = Unattended(f"{type(error).__name__} in ipykernel ({error})").reason
            self._kernel.log.exception("Widgets of jupyter_hpo are not attended to")

    def _is_ours(self, frames: Frames) -> bool:
        """Whether a message is to be handled by us, and now."""
        session = self._kernel.session
        try:
            copied = isinstance(frames[0], bytes)
            _, parts = session.feed_identities(frames, copy=copied)
            message = session.deserialize(parts, content=False, copy=copied)
            header = message["header"]
            kind = header["msg_type"]
            if kind in _REQUESTS:  # a subshell, where there is one, answers for itself
                return header.get("subshell_id") is None
            if kind not in ("comm_open", "comm_msg", "comm_close"):
                return False
            content = session.unpack(message["content"])
            comm_id = content["comm_id"]
            if kind == "comm_open":
                if content["target_name"] in _OPENED:
                    self._opened.add(comm_id)
            elif comm_id in self._watched.ids:
                return True
        except Exception:  # noqa: BLE001  # not a message: the kernel will say so
            return False
        comm = self._kernel.comm_manager.comms.get(comm_id)
        return comm_id in self._opened or getattr(comm, "target_name", None) == CONTROL

    def _handle(self, frames: Frames) -> None:
        """Do what the kernel does with a message, on our thread."""
        kernel = self._kernel
        copied = isinstance(frames[0], bytes)
        idents, parts = kernel.session.feed_identities(frames, copy=copied)
        message = kernel.session.deserialize(parts, content=True, copy=copied)
        # without busy and idle around it the page's widgets send nothing more
        kernel._publish_status("busy", "shell", parent=message)
        try:
            self._answer(idents, message)
        finally:
            kernel._publish_status("idle", "shell", parent=message)
            if self._open:  # the cell still runs, and the page's indicator is to say so
                kernel._publish_status("busy", "shell", parent=message)

    def _answer(self, idents: list[bytes], message: Any) -> None:
        kernel = self._kernel
        kind = message["header"]["msg_type"]
        handler = partial(kernel.shell_handlers[kind], self, idents, message)
        comm = kernel.comm_manager.comms.get(message["content"].get("comm_id"))
        called = getattr(comm, "_msg_callback", None)
        if kind == "comm_msg" and called is not None:
            # Not by way of comm.handle_msg: its post_execute event would flush and close the
            # figures that the running trial draws, and run the user's hooks off the main thread.
            handler = partial(called, message)
        if comm is None or comm.target_name == CONTROL:
            _patiently(handler)
        else:
            _call(handler)


async def _result(awaitable: Awaitable[Any]) -> None:
    await awaitable


def _call(handler: partial[Any]) -> None:
    answer = handler()
    if inspect.isawaitable(answer):
        asyncio.run(_result(answer))


def _patiently(read: partial[Any]) -> None:
    """Call what walks over tables of comms or widgets, which the running cell may be changing."""
    for _ in range(_TRIES - 1):
        try:
            return _call(read)
        except RuntimeError as error:
            if "during iteration" not in str(error):
                raise
    return _call(read)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold ■ back over a few lines that must not be left half done."""
    former = signal.getsignal(signal.SIGINT)
    if former is None:  # somebody's C code has it: nothing can be put back
        yield
        return
    pressed: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
        if pressed:
            signal.raise_signal(signal.SIGINT)

"""ipykernel 7: messages come in on the shell-channel thread, which never blocks."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from typing import Any

import zmq

from .attendant import Attendant, Frames

_PATIENCE = 0.1  # s for the shell-channel thread to step in; it does, only what came before waits


class ChannelAttendant(Attendant):
    """Takes our messages where the shell-channel thread would pass them to the main thread.

    Those it has passed already wait in a socket of the main thread, which is
    looked through first; others found there are held back and delivered, in
    order, at the end.
    """

    def __init__(self, kernel: Any) -> None:
        super().__init__(kernel)
        self._stream = kernel.shell_stream
        self._channel = kernel.shell_channel_thread
        self._loop = self._channel.io_loop
        self._former: Any = None
        pair = getattr(self._channel.manager, "_shell_channel_to_main", None)
        self._passed: Any = getattr(
            pair, "to_stream", None
        )  # the main thread's end of what is passed
        self._passed_former: Any = None  # its callback, while messages are held back
        self._held: list[Frames] = []
        self._gate = threading.Lock()  # held while a message is taken, or the taking ends

    def _enter(self) -> None:
        self._open = True
        inside = threading.Event()
        self._loop.add_callback(self._step_in, inside)
        inside.wait(_PATIENCE)
        if self._passed is not None:
            self._look_through_passed()

    def _leave(self) -> None:
        with self._gate:
            self._open = False
        self._loop.add_callback(self._step_out)  # what comes before it is passed on as well
        if self._passed is not None:
            self._passed.io_loop.add_callback(self._deliver)

    def _deliver(self) -> None:
        """Pass on what was held back; on the main thread's loop, when the cell has ended."""
        former, self._passed_former = self._passed_former, None
        if former is None:
            return
        held, self._held = self._held, []
        for frames in held:
            self._passed._run_callback(former, frames)
        # looks for messages that came meanwhile: the socket tells of each only once
        self._passed.on_recv(former, copy=self._passed._recv_copy)

    def _passed_later(self, frames: Frames) -> Any:
        """Keep the order where the loop reads the socket before it delivers."""
        former = self._passed_former
        self._deliver()
        return former(frames)

    def _look_through_passed(self) -> None:
        if self._passed_former is None:
            self._passed_former = self._passed._recv_callback
            self._passed.on_recv(self._passed_later, copy=self._passed._recv_copy)
        with suppress(zmq.Again):
            while True:
                frames = self._passed.socket.recv_multipart(
                    zmq.NOBLOCK, copy=self._passed._recv_copy
                )
                if self._is_ours(frames):
                    self._worker.do(self._context, partial(self._handle, frames))
                else:
                    self._held.append(frames)

    # A stream may be touched from its own thread only, and these two run there.

    def _step_in(self, inside: threading.Event) -> None:
        if self._stream._recv_callback != self._received:
            self._former = self._stream._recv_callback
            self._stream.on_recv(self._received, copy=self._stream._recv_copy)
        # after those that are on their way to the main thread's socket now
        self._loop.add_callback(inside.set)

    def _step_out(self) -> None:
        if self._stream._recv_callback == self._received:
            self._stream.on_recv(self._former, copy=self._stream._recv_copy)

    def _received(self, frames: Frames) -> Any:
        with self._gate:
            if self._open and self._is_ours(frames):
                self._worker.do(self._context, partial(self._handle, frames))
                return None
        return self._former(frames)

    def send_multipart(self, frames: Frames, *_: Any, **__: Any) -> None:
        self._loop.add_callback(self._stream.send_multipart, frames)

"""ipykernel 6: messages come in on the main thread's loop, which the running cell blocks."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from functools import partial
from typing import Any

import zmq

from .attendant import Attendant, Frames


class LoopAttendant(Attendant):
    """Takes the shell socket over while the loop that owns it stands still.

    A zmq socket may be handed from thread to thread and never be shared:
    `_owner` is held by whoever touches it. Messages of others are held back
    and go where they would have gone, in order, when the loop has it back.
    """

    def __init__(self, kernel: Any) -> None:
        super().__init__(kernel)
        self._stream = kernel.shell_stream
        self._loop = self._stream.io_loop
        self._held: list[Frames] = []
        self._owner = threading.Lock()
        self._woken, self._wake = socket.socketpair()
        self._woken.setblocking(False)

    def _enter(self) -> None:
        self._look_through_queue()
        # no nested run of the loop (nest_asyncio, plt.pause) may touch the socket meanwhile
        self._loop.remove_handler(self._stream.socket)
        self._stream.flush = _flush_nothing
        self._open = True
        self._worker.do(self._context, self._serve)

    def _leave(self) -> None:
        if not self._open:
            return
        self._open = False
        self._wake.send(b"!")
        with self._owner:
            del self._stream.flush
            self._loop.add_handler(
                self._stream.socket, self._stream._handle_events, self._loop.READ
            )
        former = self._stream._recv_callback
        held, self._held = self._held, []
        for frames in held:
            self._stream._run_callback(former, frames)
        # looks for messages that came meanwhile: the socket tells of each only once
        self._stream.on_recv(former, copy=self._stream._recv_copy)

    def _look_through_queue(self) -> None:
        """Take our messages that came just before, from the queue behind the running cell."""
        queue = self._kernel.msg_queue
        for _ in range(queue.qsize()):
            item = queue.get_nowait()
            _, dispatch, arguments = item
            if dispatch == self._kernel.dispatch_shell and self._is_ours(arguments[0]):
                self._worker.do(self._context, partial(self._handle, arguments[0]))
            else:
                queue.put_nowait(item)

    def _serve(self) -> None:
        """Read the socket until it has to be given back; on our thread."""
        poller = zmq.Poller()
        poller.register(self._stream.socket, zmq.POLLIN)
        poller.register(self._woken, zmq.POLLIN)
        while True:
            with self._owner:
                if not self._open:
                    return
                poller.poll()
                ours = self._next()
            if ours is not None:
                self._worker.attempt(partial(self._handle, ours))

    def _next(self) -> Frames | None:
        """Read what has come: a message that is ours; others are held back."""
        with suppress(BlockingIOError):
            self._woken.recv(16)
        try:
            frames: Frames = self._stream.socket.recv_multipart(
                zmq.NOBLOCK, copy=self._stream._recv_copy
            )
        except zmq.Again:
            return None
        if self._is_ours(frames):
            return frames
        self._held.append(frames)
        return None

    def send_multipart(self, frames: Frames, *_: Any, **__: Any) -> None:
        with self._owner:
            if self._open:
                self._stream.socket.send_multipart(frames)
                return
        self._loop.add_callback(self._stream.send_multipart, frames)


def _flush_nothing(*_: Any, **__: Any) -> int:
    return 0

"""Who answers for our widgets while a cell blocks the kernel.

ipykernel has no public way to it; every private part that is used, of it and
of pyzmq, is looked for first. Where one is missing the study runs on and only
■ is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from .attendant import Attendant, Unattended

_KERNEL = (
    "_publish_status",
    "comm_manager.comms",
    "get_parent",
    "iopub_socket",
    "log",
    "session.deserialize",
    "session.feed_identities",
    "session.unpack",
    "shell_handlers",
    "shell_stream._recv_callback",
    "shell_stream._recv_copy",
    "shell_stream._run_callback",
    "shell_stream.on_recv",
    "shell_stream.send_multipart",
)
_KERNEL_7 = ("shell_channel_thread.io_loop.add_callback", "shell_channel_thread.manager")
_KERNEL_6 = (
    "dispatch_shell",
    "msg_queue.get_nowait",
    "msg_queue.put_nowait",
    "msg_queue.qsize",
    "shell_stream._handle_events",
    "shell_stream.flush",
    "shell_stream.io_loop.READ",
    "shell_stream.io_loop.add_handler",
    "shell_stream.io_loop.remove_handler",
    "shell_stream.socket.recv_multipart",
)

# One for each kernel: two would take messages from each other.
_known: WeakKeyDictionary[Any, Attendant | Unattended] = WeakKeyDictionary()


def attendant(kernel: Any) -> Attendant | Unattended:
    """Who answers for our widgets while a cell runs in this kernel, always the same one.

    Parameters
    ----------
    kernel : ipykernel's kernel, ``shell.kernel``.
    """
    try:
        found = _known.get(kernel)
        if found is None:
            found = _known[kernel] = _suitable(kernel)
    except Exception as error:  # noqa: BLE001  # an unknown kernel is no reason not to run
        return Unattended(f"{type(error).__name__} in this kernel ({error})")
    return found


def _suitable(kernel: Any) -> Attendant | Unattended:
    # first, because its shell stream is no stream at all
    if any(each.__name__ == "InProcessKernel" for each in type(kernel).__mro__):
        return Unattended("this kernel lives inside its front end")
    threaded = getattr(kernel, "shell_channel_thread", None) is not None
    missing = list(_missing(kernel, _KERNEL + (_KERNEL_7 if threaded else _KERNEL_6)))
    if missing:
        return Unattended(f"this kernel has no {missing[0]}")
    if threaded:
        from .comms7 import ChannelAttendant

        return ChannelAttendant(kernel)
    from .comms6 import LoopAttendant

    return LoopAttendant(kernel)


def _missing(kernel: Any, paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        found = kernel
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is None:
            yield path

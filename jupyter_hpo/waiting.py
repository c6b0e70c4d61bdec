"""What the main thread is doing, for the user who waits for it."""

from __future__ import annotations

import linecache
import sys
import threading
from collections.abc import Callable
from types import CodeType

LONGEST = 60  # characters of a line that are shown


def waiting_for(is_users: Callable[[CodeType], bool]) -> str:
    """The call in the user's code that the main thread is in: "`fit`".

    Parameters
    ----------
    is_users : whether some code is the user's.
    """
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    called = ""
    while frame is not None:
        if is_users(frame.f_code):
            line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
            what = called or line
            return f"`{what[:LONGEST]}{'…' if len(what) > LONGEST else ''}`"
        called, frame = frame.f_code.co_name, frame.f_back
    return "the trial"

"""The notebook's kernel as a host of trials."""

from __future__ import annotations

import linecache
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ..capture import Printed, streams
from ..interrupts import Interrupts


class KernelHost(Interrupts):
    """Implements `protocols.Host` for an IPython shell, in a kernel or a terminal."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__()
        self.shell = shell
        self._streams = streams()

    @property
    def in_kernel(self) -> bool:
        """Whether a front end is there to display to."""
        return getattr(self.shell, "kernel", None) is not None

    @property
    def headless(self) -> bool:
        """Whether the cell was sent by a program: front ends with a person allow ``input()``."""
        kernel = getattr(self.shell, "kernel", None)
        return kernel is not None and not getattr(kernel, "_allow_stdin", True)

    def title(self, filename: str) -> str | None:
        """ "Cell In[3]" for the file name of a cell."""
        describe = getattr(self.shell.compile, "format_code_name", None)
        found = describe(filename) if describe is not None else None
        return f"{found[0]} {found[1]}" if found else None

    def _afterwards(self, former: Any) -> Any:
        # ipykernel sets its own handler again when the message that brought the cell is done
        return self._quiet(former) if self.heard and self.in_kernel else former

    def _quiet(self, user: Any) -> Any:
        """A handler for what is left of an interrupted cell: a ■ more is none too many.

        While the error is on its way to the page there is nothing to interrupt,
        and a KeyboardInterrupt in IPython or ipykernel loses the cell's end. If
        the user's code has caught the error and goes on, ■ is theirs again.
        """
        frame: FrameType | None = sys._getframe()
        ours: dict[FrameType, FrameType | None] = {}  # what the user's frames called to come here
        below: FrameType | None = None
        while frame is not None:
            if self.title(frame.f_code.co_filename) is not None:
                ours[frame] = below
            below, frame = frame, frame.f_back

        def handler(number: int, frame: FrameType | None) -> None:
            interrupted, below = frame, None
            while frame is not None and self.title(frame.f_code.co_filename) is None:
                below, frame = frame, frame.f_back
            if frame is None or (below is not None and ours.get(frame) is below):
                return
            signal.signal(signal.SIGINT, user)
            if callable(user):
                user(number, interrupted)

        return handler

    @contextmanager
    def capture(self, *, show: bool) -> Iterator[Printed]:
        """Take what a trial prints and displays; `show` lets it through to the cell as well."""
        printed = Printed()
        publisher: Any = self.shell.display_pub
        undo = _intercept(publisher, printed, show)
        # a training loop that clears its own output must not clear the study's view
        publisher.clear_output = lambda wait=False: printed.clear()
        try:
            with self._streams.capture(printed, show=show):
                yield printed
        finally:
            del publisher.clear_output
            undo()

    def remember_source(self, raw: str, compiled: str) -> str:
        """Register a cell's text for tracebacks and the debugger; the name to compile it under.

        Parameters
        ----------
        raw : the cell as the user wrote it, whose lines tracebacks show.
        compiled : the text that is compiled.
        """
        name = str(self.shell.compile.cache(compiled, len(self.shell.user_ns["In"]) - 1, raw))
        # no time: linecache would look for the file and drop what it does not find
        entry = (len(raw), None, [line + "\n" for line in raw.splitlines()], name)
        linecache.cache[name] = entry
        kept = getattr(linecache, "_ipython_cache", None)
        if kept is not None:
            kept[name] = entry
        return name

    def notebook(self) -> Path | None:
        """Path of the notebook, if the front end tells."""
        told = self.shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
        if not isinstance(told, str) or not told.endswith(".ipynb"):
            return None
        return Path(told)


def _intercept(publisher: Any, printed: Printed, show: bool) -> Callable[[], None]:
    """Note displays as text and, unless shown, swallow them; returns what undoes it."""

    def note(data: Any) -> None:
        text = data.get("text/plain") if isinstance(data, dict) else None
        printed.add(f"{text}\n" if isinstance(text, str) else "")

    if hasattr(publisher, "register_hook"):

        def hook(message: Any) -> Any:
            note(message.get("content", {}).get("data"))
            return message if show else None

        publisher.register_hook(hook)
        return lambda: publisher.unregister_hook(hook)

    publish = publisher.publish

    def instead(data: Any, *args: Any, **kwargs: Any) -> None:
        note(data)
        if show:
            publish(data, *args, **kwargs)

    publisher.publish = instead
    return lambda: delattr(publisher, "publish")

"""The notebook's kernel as a host of trials; all that is private to ipykernel is here."""

from __future__ import annotations

import io
import linecache
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from IPython.core.interactiveshell import InteractiveShell

from .interrupts import Interrupts

HEAD, TAIL = 10_000, 40_000  # characters kept of a trial's output, from its start and its end


class KernelHost(Interrupts):
    """Implements `protocols.Host` for an IPython shell, in a kernel or a terminal."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__()
        self.shell = shell

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

    @contextmanager
    def capture(self, *, show: bool) -> Iterator[Printed]:
        """Take what a trial prints and displays; `show` lets it through to the cell as well."""
        printed = Printed()
        publisher: Any = self.shell.display_pub
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = (_Tee(printed, each if show else None) for each in streams)
        undo = _intercept(publisher, printed, show)
        # a training loop that clears its own output must not clear the study's view
        publisher.clear_output = lambda wait=False: printed.clear()
        try:
            yield printed
        finally:
            del publisher.clear_output
            undo()
            sys.stdout, sys.stderr = streams

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


class Printed:
    """What a trial printed, the middle left out when long."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget it, as ``clear_output()`` asks."""
        self._head, self._tail, self._left_out = "", "", 0

    def add(self, text: str) -> None:
        """Append some output."""
        room = HEAD - len(self._head)
        self._head += text[:room] if room > 0 else ""
        self._tail += text[room:] if room > 0 else text
        if len(self._tail) > 2 * TAIL:
            self._left_out += len(self._tail) - TAIL
            self._tail = self._tail[-TAIL:]

    @property
    def text(self) -> str:
        """All of it."""
        gap = f"\n… {self._left_out} characters left out …\n" if self._left_out else ""
        return self._head + gap + self._tail


class _Tee(io.TextIOBase):
    """Stands for sys.stdout or sys.stderr during a trial."""

    def __init__(self, printed: Printed, stream: TextIO | None) -> None:
        self._printed, self._stream = printed, stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a class attribute in typeshed
        return "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._printed.add(text)
        if self._stream is not None:
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        if self._stream is not None:
            self._stream.flush()


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

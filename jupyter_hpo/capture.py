"""What trials print, taken from sys.stdout and sys.stderr."""

from __future__ import annotations

import io
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TextIO, TypeVar

from .protocols import Output

HEAD, TAIL = 10_000, 40_000  # characters kept of a trial's output, from its start and its end

T = TypeVar("T")


class Printed:
    """What a trial printed, the middle left out when long; any thread may add to it."""

    def __init__(self) -> None:
        self._new: deque[str] = deque()
        self._waiting = 0  # characters in `_new`, about
        self._folding = threading.Lock()
        self._head, self._tail, self._left_out = "", "", 0

    def clear(self) -> None:
        """Forget it, as ``clear_output()`` asks."""
        with self._folding:
            self._new.clear()
            self._head, self._tail, self._left_out, self._waiting = "", "", 0, 0

    def add(self, text: str) -> None:
        """Append some output."""
        self._new.append(text)
        self._waiting += len(text)
        # never wait for the lock: in a forked process its holder may not exist
        if self._waiting > TAIL and self._folding.acquire(blocking=False):
            try:
                self._fold()
            finally:
                self._folding.release()

    def _fold(self) -> None:
        while self._new:
            text = self._new.popleft()
            room = HEAD - len(self._head)
            self._head += text[:room] if room > 0 else ""
            self._tail += text[room:] if room > 0 else text
            if len(self._tail) > 2 * TAIL:
                self._left_out += len(self._tail) - TAIL
                self._tail = self._tail[-TAIL:]
        self._waiting = 0

    @property
    def text(self) -> str:
        """All of it."""
        with self._folding:
            self._fold()
        gap = f"\n… {self._left_out} characters left out …\n" if self._left_out else ""
        return self._head + gap + self._tail


class Stream(io.TextIOBase):
    """Stands for sys.stdout or sys.stderr during trials, the same object in all of them.

    Libraries keep the stream they first met (a logging handler does): what they
    write later belongs to the trial that runs then, and between trials goes
    to the stream that this one last stood for. In all but `write`, `flush` and
    `close` it is as that stream is.
    """

    # In slots, so that a trial that sets attributes (`sys.stdout.write = …`) can be undone.
    __slots__ = ("_found", "_home", "_local", "_printed", "_show")

    def __init__(self) -> None:
        self._local = threading.local()
        self._home: TextIO | None = None  # the first one, which cannot be a wrapper of this one
        self._found: TextIO | None = None
        self._printed: Printed | None = None
        self._show = True

    def begin(self, printed: Printed, found: Any, *, show: bool) -> None:
        """From now on a trial prints here instead of to `found`; `show` hands it on."""
        if found is not self:  # or a library has kept this one and put it there
            self._found = found
        if self._home is None or getattr(self._home, "closed", False):
            self._home = self._found
        self._show, self._printed = show, printed

    def end(self) -> None:
        """The trial has ended; what it set on this object is forgotten."""
        self._printed, self._show = None, True
        vars(self).clear()

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        printed = self._printed
        if printed is not None and not self._depth:
            printed.add(text)
        if self._show:
            self._below(lambda stream: stream.write(text))
        return len(text)

    def flush(self) -> None:
        if self._show:
            self._below(lambda stream: stream.flush())

    def close(self) -> None:
        """Nothing: the trials that follow print here too."""

    @property
    def closed(self) -> bool:
        return False

    def fileno(self) -> int:
        number: int | None = self._below(lambda stream: stream.fileno())
        return super().fileno() if number is None else number

    def isatty(self) -> bool:
        return bool(self._below(lambda stream: stream.isatty()))

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a class attribute in typeshed
        return self._below(lambda stream: stream.encoding) or "utf-8"

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self._below(lambda stream: stream.errors)

    @property
    def newlines(self) -> Any:  # type: ignore[override]
        return self._below(lambda stream: stream.newlines)

    def __reduce_ex__(self, protocol: object) -> Any:
        raise TypeError("cannot pickle or copy a standard stream")

    def __getattr__(self, name: str) -> Any:
        if self._found is None or self._depth > 1:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._below(lambda stream: getattr(stream, name))

    @property
    def _depth(self) -> int:
        return getattr(self._local, "depth", 0)

    def _below(self, action: Callable[[TextIO], T]) -> T | None:
        """Do something with the stream that this one stands for; None if there is none.

        That stream may itself write here: a library has wrapped us in a trial
        and put its wrapper into sys.stdout later. What comes round goes home.
        """
        depth = self._depth
        stream = (self._found, self._home, None)[min(depth, 2)]
        if stream is None:
            return None
        try:
            self._local.depth = depth + 1
            return action(stream)
        finally:
            self._local.depth = depth


class Streams:
    """The two streams of this process that stand for sys.stdout and sys.stderr."""

    def __init__(self) -> None:
        self._out, self._err = Stream(), Stream()

    def begin(
        self, printed: Printed, instead: tuple[Any, Any] | None, *, show: bool
    ) -> tuple[Any, Any]:
        """Take what is printed from now on; `show` lets it through as well.

        Parameters
        ----------
        instead : what the trial had put in their place when it was parked, if it goes on.

        Returns
        -------
        What sys.stdout and sys.stderr were, for `end`.
        """
        found = sys.stdout, sys.stderr
        self._out.begin(printed, found[0], show=show)
        self._err.begin(printed, found[1], show=show)
        sys.stdout, sys.stderr = instead or (self._out, self._err)
        return found

    def end(self, found: tuple[Any, Any]) -> tuple[Any, Any]:
        """Take no more; what the trial had put in the place of the streams is returned."""
        mine = getattr(sys, "stdout", None), getattr(sys, "stderr", None)
        sys.stdout, sys.stderr = found
        self._out.end()
        self._err.end()
        return mine


class Captured(Output):
    """What a trial prints and displays is taken while it runs."""

    def __init__(self, *, show: bool) -> None:
        self.printed = Printed()
        self._show = show
        self._found: tuple[Any, Any] = (None, None)
        self._mine: tuple[Any, Any] | None = None

    @property
    def text(self) -> str:
        """All of it."""
        return self.printed.text

    def enter(self) -> None:
        self._found = streams().begin(self.printed, self._mine, show=self._show)

    def leave(self) -> None:
        self._mine = streams().end(self._found)


_streams: Streams | None = None


def streams() -> Streams:
    """Those of this process, made when first asked for."""
    global _streams
    if _streams is None:
        _streams = Streams()
    return _streams

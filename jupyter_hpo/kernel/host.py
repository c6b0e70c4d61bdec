"""The notebook's kernel as a host of trials."""

from __future__ import annotations

import linecache
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ..interrupts import Interrupts
from ..protocols import Output
from .addressee import Addressee
from .comms import attendant
from .output import CellOutput
from .whereabouts import Whereabouts

# Parts of the paths of what is not the user's own: environments may lie beside the notebook.
_INSTALLED = (
    "site-packages",
    "dist-packages",
    f"lib{os.sep}python",
    f"{os.sep}jupyter_hpo{os.sep}",
)


class KernelHost(Interrupts):
    """Implements `protocols.Host` for an IPython shell, in a kernel or a terminal."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__()
        self.shell = shell
        self.busy = False  # whether a cell of the user's runs
        self.cells = 0  # times that code of the user's may have run since the extension was loaded
        self.whereabouts = Whereabouts()
        self._loop: Any = getattr(getattr(shell, "kernel", None), "io_loop", None)
        self.attendant = attendant(getattr(shell, "kernel", None)) if self.in_kernel else None
        self._known: dict[str, bool] = {}  # files by name, whether they are the user's
        self._home = os.path.join(os.getcwd(), "")
        self._before_idle: Any = None
        # ipykernel triggers pre_execute and post_execute around comm messages, too
        shell.events.register("pre_execute", self._code_begins)
        shell.events.register("pre_run_cell", self._cell_begins)
        shell.events.register("post_run_cell", self._cell_ends)

    def close(self) -> None:
        """Undo what the constructor did to the shell."""
        self.shell.events.unregister("pre_execute", self._code_begins)
        self.shell.events.unregister("pre_run_cell", self._cell_begins)
        self.shell.events.unregister("post_run_cell", self._cell_ends)

    def _code_begins(self) -> None:
        self.cells += 1

    def _cell_begins(self, info: object) -> None:
        self.busy = True

    def _cell_ends(self, result: object) -> None:
        self.busy = False

    def addressee(self) -> Callable[[], AbstractContextManager[None]]:
        """Sends what is printed and displayed to the cell that runs now, whenever that is."""
        return Addressee(self.shell).addressed

    def attending(self) -> AbstractContextManager[None]:
        """While a cell blocks this thread: keep the front end's buttons alive."""
        return nullcontext() if self.attendant is None else self.attendant.attending()

    @property
    def has_loop(self) -> bool:
        """Whether something can run behind the user's cells."""
        return self._loop is not None

    def soon(self, action: Callable[[], None], seconds: float = 0) -> bool:
        """Have an action called on the main thread once no cell blocks it; from any thread."""
        if self._loop is None:
            return False
        if seconds:
            self._loop.call_later(seconds, action)
        else:
            self._loop.add_callback(action)
        return True

    def idle_interrupts(self, action: Callable[[], None] | None) -> None:
        """From now on ■ calls `action` while no cell runs; None: as before.

        A cell that runs has SIGINT for itself: ipykernel sets its handler before
        each and puts this one back after it.
        """
        if action is not None:
            self._idle_action = action
            if signal.getsignal(signal.SIGINT) != self._idle:
                self._before_idle = signal.signal(signal.SIGINT, self._idle)
        elif signal.getsignal(signal.SIGINT) == self._idle:
            signal.signal(signal.SIGINT, self._before_idle)

    def _idle(self, number: int, frame: FrameType | None) -> None:
        self._idle_action()

    def is_users(self, code: CodeType) -> bool:
        """Whether code is of a cell, or of the user's own modules beside the notebook."""
        name = code.co_filename
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self.title(name) is not None or self._is_beside(name)
        return known

    def _is_beside(self, name: str) -> bool:
        inside = name.startswith(self._home)
        return inside and not any(part in name for part in _INSTALLED) and os.path.exists(name)

    def place(self, frames: Sequence[tuple[str, str, int]]) -> str:
        """ "Cell In[3], line 7, in train"."""
        if not frames:
            return "a line of the cell"
        file, function, line = frames[0]
        within = "" if function.startswith("<") else f", in {function}"
        return f"{self.title(file) or os.path.basename(file)}, line {line}{within}"

    @property
    def in_kernel(self) -> bool:
        """Whether a front end is there to display to."""
        return getattr(self.shell, "kernel", None) is not None

    @property
    def comms(self) -> Any:
        """The kernel's comm manager; None if it has none."""
        return getattr(getattr(self.shell, "kernel", None), "comm_manager", None)

    def connect(self, target: str) -> Any:
        """Open a comm to whatever front ends know of `target`."""
        from comm import create_comm

        return create_comm(target_name=target)

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

    def _afterwards(self, number: int, former: Any) -> Any:
        former = super()._afterwards(number, former)
        # ipykernel sets its own handler again when the message that brought the cell is done
        cell = number == signal.SIGINT and self.heard and self.busy and self.in_kernel
        return self._quiet(former) if cell else former

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

    def captured(self, *, show: bool) -> Output:
        """A layer that takes what a trial prints and displays; `show` also lets it through."""
        return CellOutput(self.shell.display_pub, show=show)

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
        told = self.shell.user_ns.get("__vsc_ipynb_file__")
        if isinstance(told, str) and told.endswith(".ipynb"):
            return Path(told)
        return self.whereabouts.path

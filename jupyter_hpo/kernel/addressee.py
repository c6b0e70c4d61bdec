"""The cell that output goes to, when what prints runs later than the cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

Undo = Callable[[], object]


class Addressee:
    """Notes to which cell output goes now, and sends it there again later.

    ipykernel keeps the message that output answers in half a dozen places,
    from 7 on mostly in context variables, before that in attributes. All that
    are found are noted; a terminal has none.

    Threads that a trial starts follow it only where ipykernel tells threads
    apart (6.29 to 7.0): later versions send the output of all threads to the
    cell that ran last, and to turn that would turn those of the user as well.

    Parameters
    ----------
    shell : the IPython shell, asked in the cell that is to have the output.
    """

    def __init__(self, shell: Any) -> None:
        self._noted: list[tuple[Callable[[Any], Undo], Any]] = []
        kernel = getattr(shell, "kernel", None)
        if kernel is None:
            return
        streams = (getattr(kernel, "_stdout", None), getattr(kernel, "_stderr", None))
        publishers = (shell.display_pub, shell.displayhook)
        for owner in (shell, *publishers, *streams):
            if not self._note_variable(owner, "_parent_header"):
                self._note_attribute(owner, "parent_header")
        for name in ("_shell_parent", "_shell_parent_ident"):
            self._note_variable(kernel, name)
        for name in ("_parents", "_parent_ident"):
            self._note_entry(getattr(kernel, name, None))
        self._note_attribute(kernel, "_new_threads_parent_header")

    @contextmanager
    def addressed(self) -> Iterator[None]:
        """Print and display to that cell; afterwards to the one it was before."""
        undo: list[Undo] = []
        try:
            for put, value in self._noted:
                undo.append(put(value))  # what is put when one fails, too
            yield
        finally:
            for each in reversed(undo):
                each()

    def _note_variable(self, owner: Any, name: str) -> bool:
        variable = getattr(owner, name, None)
        if not isinstance(variable, ContextVar):
            return False
        try:
            self._noted.append((partial(_set, variable), variable.get()))
        except LookupError:  # a context that follows the others
            return True
        return True

    def _note_attribute(self, owner: Any, name: str) -> None:
        if hasattr(owner, name):
            self._noted.append((partial(_assign, owner, name), getattr(owner, name)))

    def _note_entry(self, table: Any) -> None:
        # from ipykernel 7 on a read-only mapping of the context variables
        if isinstance(table, dict) and "shell" in table:
            self._noted.append((partial(_enter, table), table["shell"]))


def _set(variable: ContextVar[Any], value: Any) -> Undo:
    return partial(variable.reset, variable.set(value))


def _assign(owner: Any, name: str, value: Any) -> Undo:
    former = getattr(owner, name)
    setattr(owner, name, value)
    return partial(setattr, owner, name, former)


def _enter(table: dict[str, Any], value: Any) -> Undo:
    former = table["shell"]
    table["shell"] = value
    return partial(table.__setitem__, "shell", former)

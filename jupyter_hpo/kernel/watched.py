"""Which comms belong to a widget, and the cure for ipykernel 7.4's routing of their messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

# Where ipykernel 7.4 looks up the shell that a message to a comm is sent to: the one that last
# published on it. For a widget of a busy cell that is the shell that is busy.
_ROUTE = "_reply_subshell_for"


class Watched:
    """The comms of some widgets.

    Parameters
    ----------
    comms : all open comms by id, as the comm manager holds them.
    """

    def __init__(self, comms: Callable[[], Mapping[str, Any]]) -> None:
        self._comms = comms
        self._of: WeakKeyDictionary[Any, frozenset[str]] = WeakKeyDictionary()
        self.ids: frozenset[str] = frozenset()  # replaced, never changed: other threads read it

    def add(self, widget: Any) -> None:
        """Count a widget in, with every widget that its traits hold now."""
        self._of[widget] = frozenset(comm.comm_id for comm in _comms_of(widget))
        self._recount()

    def remove(self, widget: Any) -> None:
        """Count it out again, closed or not; unknown ones are ignored."""
        self._of.pop(widget, None)
        self._recount()

    def _recount(self) -> None:
        former, self.ids = self.ids, frozenset().union(*self._of.values())
        open_now = self._comms()
        for comm_id in former - self.ids:
            getattr(open_now.get(comm_id), "__dict__", {}).pop(_ROUTE, None)
        for comm_id in self.ids:
            comm = open_now.get(comm_id)
            if hasattr(comm, _ROUTE):
                setattr(comm, _ROUTE, _as_sent)


def _as_sent(data: object, default: str | None) -> str | None:
    """The shell that the front end chose."""
    return default


def _comms_of(widget: Any) -> Iterator[Any]:
    """The open comms of a widget and of all that its synchronised traits hold."""
    met: set[int] = set()
    waiting = [widget]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list | tuple):
            waiting.extend(each)
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif hasattr(each, "comm") and hasattr(each, "keys") and id(each) not in met:
            met.add(id(each))
            if each.comm is not None:
                yield each.comm
            waiting.extend(getattr(each, name, None) for name in each.keys)

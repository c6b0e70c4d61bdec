"""A trial's variables, laid over the notebook's namespace while the trial runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .layers import Layer

_ABSENT: Any = object()


class Overlay(Layer):
    """Names of one trial, put into a namespace by `enter` and taken out by `leave`.

    The trial runs in the namespace itself and not in a copy: functions and
    classes of other cells then see its variables, and its classes can be
    pickled. Between `leave` and the next `enter` the namespace is the user's;
    what the user's cells change meanwhile the trial sees, except under names
    of its own.

    An assignment of the very object a name already holds (a small number, say)
    cannot be told from none; such a name stays the user's unless it is listed
    in `hidden` or `assigned`.

    Parameters
    ----------
    namespace : the notebook's namespace; changed in place, never replaced.
    own : variables the trial starts with, by name.
    hidden : names the trial must not see until it assigns them itself.
    assigned : names it may assign; from the first `leave` on they are its own, as they are then.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        own: Mapping[str, Any],
        hidden: Iterable[str] = (),
        assigned: Iterable[str] = (),
    ) -> None:
        self._namespace = namespace
        self._own: dict[str, Any] = dict(own)
        self._assigned = frozenset(assigned)
        self._hidden = set(hidden) - self._own.keys()
        self._under: dict[str, Any] | None = None
        self._touched: set[str] = set()

    @property
    def entered(self) -> bool:
        """Whether the trial's names lie over the namespace now."""
        return self._under is not None

    @property
    def own(self) -> dict[str, Any]:
        """The variables the trial started with, made or changed, by name."""
        return self._difference()[0] if self.entered else dict(self._own)

    def enter(self) -> None:
        """Lay the trial's names over the namespace; does nothing if they lie there."""
        if self._under is not None:
            return
        self._under = self._namespace.copy()
        self._namespace.update(self._own)
        for name in self._hidden:
            self._namespace.pop(name, None)
        # The values are let go: what the trial replaces or deletes while it
        # runs has to be freed then, not when it leaves.
        self._touched = self._own.keys() | self._hidden
        self._own = {}

    def leave(self) -> None:
        """Take the trial's names out and put the user's back; never raises.

        Does nothing if they do not lie there.
        """
        under = self._under
        if under is None:
            return
        self._touched |= self._assigned
        self._own, self._hidden = self._difference()
        restored, added = {}, []
        for name in self._own.keys() | self._hidden:
            value = under.get(name, _ABSENT)
            if value is _ABSENT:
                added.append(name)
            else:
                restored[name] = value
        self._namespace.update(restored)
        for name in added:
            self._namespace.pop(name, None)
        self._under = None

    def clear(self) -> None:
        """Leave, and let go of everything the trial made."""
        self.leave()
        self._own, self._hidden, self._touched = {}, set(), set()

    def _difference(self) -> tuple[dict[str, Any], set[str]]:
        """What the trial has made of the namespace: its variables, and the names without one."""
        under, touched = self._under or {}, self._touched
        # A copy, because another thread of the user's may write meanwhile.
        now = self._namespace.copy()
        seen = under.get
        own = {
            name: value
            for name, value in now.items()
            if seen(name, _ABSENT) is not value or name in touched
        }
        return own, (under.keys() | touched) - now.keys()

"""Settings that trials assign, put back to what they were after each of them.

``args.lr = lr`` says no more than ``lr`` does, and ends no study. But where the
next trial reads it before it assigns it, say as a default, and in the notebook
after the study, there has to be what was there before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from .classes import attributes, extends
from .watch import ABSENT, is_plain, same

HOLDERS_AT_MOST = 100  # whose scalars are looked at around every trial; about 0.01 ms each
KEYS_AT_MOST = 100  # of each; more are data


@dataclass
class _Holder:
    """An object with settings: as attributes, or as entries by key or index.

    Attributes
    ----------
    found : keys that a trial was seen to change.
    scalars : keys of scalars that a trial may change; trial 0 assigns the defaults,
        which are often what is there.
    old : by key, what was there when last noted.
    trials : by key, what a trial that is parked has made of those found, and of all where other
        trials run meanwhile.
    """

    thing: Any
    attribute: bool
    found: list[Any] = field(default_factory=list)
    scalars: list[Any] = field(default_factory=list)
    old: dict[Any, Any] = field(default_factory=dict)
    trials: dict[Any, Any] = field(default_factory=dict)

    def state(self) -> Mapping[Any, Any]:
        if self.attribute:
            return attributes(self.thing)
        if extends(type(self.thing), dict):
            return dict(dict.items(self.thing))
        return {index: self.thing[index] for index in self.found}

    def note(self) -> None:
        state = self.state()
        self.old = {key: state[key] for key in self.scalars if key in state}
        self.old |= {key: state.get(key, ABSENT) for key in self.found}

    def put_back(self) -> None:
        state = self.state()
        for key, old in self.old.items():
            new = state.get(key, ABSENT)
            if not same(new, old) and (is_plain(new) or key in self.found):
                with suppress(Exception):
                    self._put(key, old)

    def leave(self) -> None:
        state = self.state()
        self.trials = {key: state.get(key, ABSENT) for key in self.found}
        self.put_back()

    def take(self) -> dict[Any, Any]:
        state, taken = self.state(), self.trials
        for key, old in self.old.items():
            new = state.get(key, ABSENT)
            if key not in taken and is_plain(new) and not same(new, old):
                taken[key] = new
        self.put_back()
        self.trials = {}
        return taken

    def enter(self) -> None:
        self.note()
        state = self.state()
        for key, value in self.trials.items():
            if not same(state.get(key, ABSENT), value):
                with suppress(Exception):
                    self._put(key, value)
        self.trials = {}

    def _put(self, key: Any, old: Any) -> None:
        # By the ways of the object: its class may keep an attribute and an entry in step.
        if not self.attribute:
            if old is ABSENT:
                del self.thing[key]
            else:
                self.thing[key] = old
        elif old is ABSENT:
            delattr(self.thing, key)
        else:
            with suppress(Exception):
                setattr(self.thing, key, old)
            if not same(self.state().get(key, ABSENT), old):
                object.__setattr__(self.thing, key, old)  # a frozen dataclass


class Settings:
    """The places where trials of a study put settings, or may."""

    def __init__(self) -> None:
        self._holders: dict[tuple[int, bool], _Holder] = {}

    def _of(self, thing: Any, attribute: bool) -> _Holder:
        return self._holders.setdefault((id(thing), attribute), _Holder(thing, attribute))

    def add(self, thing: Any, key: Any, old: Any, *, attribute: bool) -> None:
        """A trial was seen to change a setting.

        Parameters
        ----------
        thing : what the setting is in.
        key : its attribute's name, key or index.
        old : what it was before the trial; `ABSENT`: there was none.
        attribute : whether it is an attribute.
        """
        holder = self._of(thing, attribute)
        if key not in holder.found:
            holder.found.append(key)
        holder.old.setdefault(key, old)

    def offer(self, thing: Any, keys: Iterable[Any], *, attribute: bool) -> None:
        """An object holds scalars that may be settings; see `add`."""
        scalars = list(keys)
        if 0 < len(scalars) <= KEYS_AT_MOST and len(self._holders) < HOLDERS_AT_MOST:
            self._of(thing, attribute).scalars = scalars

    def note(self) -> None:
        """Before a trial: what is there now is what will be put back."""
        for holder in self._holders.values():
            with suppress(Exception):
                holder.note()

    def leave(self) -> None:
        """The trial is parked: what is known to be changed by trials is as it was before it."""
        for holder in self._holders.values():
            if holder.found:
                with suppress(Exception):
                    holder.leave()

    def enter(self) -> None:
        """The trial goes on: such settings are as it left them."""
        for holder in self._holders.values():
            if holder.found or holder.trials:
                with suppress(Exception):
                    holder.enter()

    def take(self) -> list[tuple[_Holder, dict[Any, Any]]]:
        """What the trial left last has made of them, which is known here no more."""
        taken = []
        for holder in self._holders.values():
            with suppress(Exception):
                taken.append((holder, holder.take()))
        return taken

    def give(self, taken: list[tuple[_Holder, dict[Any, Any]]]) -> None:
        """What `take` returned, before that trial goes on."""
        for holder, trials in taken:
            holder.trials = trials

    def put_back(self) -> None:
        """After a trial. What refuses to be set stays as the trial left it."""
        for holder in self._holders.values():
            with suppress(Exception):
                holder.put_back()
            holder.old = {}  # it may be large, and the user may delete it

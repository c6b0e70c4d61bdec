"""Tables of plug-ins: ours by a line of a table, those of other packages by an entry point."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from ..errors import UsageError
from . import options as _options
from .text import split

Factory = Callable[..., Any]


@dataclass(frozen=True)
class Table:
    """Plug-ins of one kind.

    A line ``family:NAME`` stands for many: what it names is called with what the user wrote
    for NAME, and returns a factory.

    Attributes
    ----------
    kind : "optimizer", say, as messages call it.
    places : ``module:attribute`` of a factory by its name.
    group : of the entry points of other packages, which are looked at where a name is missing.
    example : how options are written.
    leading : how many leading parameters of a factory are not given by name.
    given : parameters that are the study's to give, to factories that have them.
    planned : names of a later version.
    """

    kind: str
    places: Mapping[str, str]
    group: str
    example: str
    leading: int
    given: tuple[str, ...]
    planned: tuple[str, ...] = ()

    def names(self) -> list[str]:
        """Every one there is: ours, families as ``optuna:NAME``, then those of plug-ins."""
        return list(dict.fromkeys([*self.places, *sorted(each.name for each in self._plugins())]))

    def parse(self, text: str) -> tuple[str, dict[str, Any]]:
        """Name and options of ``grid(points=5)``; nothing in it is evaluated.

        Raises
        ------
        UsageError
            If it is not written that way, or there is none of that name, or no such option.
        """
        name, options = split(text, self.kind, self.example)
        self.check(name, options)
        return name, options

    def check(self, name: str, options: Mapping[str, Any]) -> None:
        """Raise UsageError if it does not take such options."""
        taken = _options.parameters(self.factory(name), self.leading)
        _options.check(name, {k: p for k, p in taken.items() if k not in self.given}, options)

    def create(
        self, name: str, *leading: Any, study: Mapping[str, Any], options: Mapping[str, Any]
    ) -> Any:
        """What its factory makes of its options, and of what the study gives.

        Raises
        ------
        UsageError
            As `parse`; options may be in the name, too.
        """
        name, literal = self.parse(name)
        options = {**literal, **options}
        self.check(name, options)
        factory = self.factory(name)
        taken = _options.parameters(factory, self.leading)
        of_study = {key: study[key] for key in self.given if key in taken}
        return factory(*leading, **of_study, **options)

    def factory(self, name: str) -> Factory:
        """What makes it.

        Raises
        ------
        UsageError
            If there is none of that name, or it cannot be imported.
        """
        first, colon, member = name.partition(":")
        family = f"{first}:NAME"
        if colon and family in self.places:
            return cast("Factory", _attribute(self.places[family])(member))
        if name in self.places:
            return cast("Factory", _attribute(self.places[name]))
        if family in self.places:
            raise UsageError(
                f"{name} has several {self.kind}s; write which, for example {name}:TPE"
            )
        for entry in self._plugins():
            if entry.name == name:
                return self._load(entry)
        there_are = f"there are {', '.join(self.names())}"
        if first in self.planned:
            raise UsageError(f"{name!r} is not in this version; {there_are}")
        near = difflib.get_close_matches(name, self.names(), 1)
        hint = f"did you mean {near[0]!r}? T" if near else "t"
        raise UsageError(f"there is no {self.kind} {name!r}; {hint}{there_are[1:]}")

    def _plugins(self) -> list[EntryPoint]:
        return list(entry_points(group=self.group))

    def _load(self, entry: EntryPoint) -> Factory:
        try:
            return cast("Factory", entry.load())
        except Exception as error:
            package = entry.dist.name if entry.dist else entry.value
            raise UsageError(
                f"the {self.kind} {entry.name!r} of the package {package} could not be imported: "
                f"{type(error).__name__}: {error}"
            ) from error


def _attribute(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)

"""Which columns the table has and how wide they are, known before the first trial."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import words
from .glance import Glance

LONGEST = 16  # characters of a value for which room is kept
SAMPLES = (0.0123456, 0.456789)  # shares of a range, for the digits that values in it take


@dataclass(frozen=True)
class Column:
    """A hyperparameter's column; `room` is what its values take, in characters."""

    name: str
    numeric: bool
    room: int


@dataclass(frozen=True)
class Columns:
    """The columns; in a live table they only ever get more, or it would jump."""

    params: Sequence[Column]
    reports: bool
    reason: bool
    whole: bool


def columns(seen: Glance, *, reason: bool, whole: bool) -> Columns:
    """The columns of a study; `whole` if the objective's values are whole numbers."""
    domains: dict[str, list[Mapping[str, Any]]] = {}
    for row in seen.info.searched:
        domains.setdefault(row["name"], []).append(row)
    params = [
        Column(name, all(map(_numeric, rows)), max(map(_room, rows)))
        for name, rows in domains.items()
    ]
    return Columns(params, seen.reported, reason, whole)


def _numeric(row: Mapping[str, Any]) -> bool:
    choices = row.get("choices")
    if choices is None:
        return row.get("type") in ("Float", "Int")
    return all(isinstance(choice, int | float) and type(choice) is not bool for choice in choices)


def _room(row: Mapping[str, Any]) -> int:
    """Characters of the longest value, about."""
    values = row.get("choices")
    if values is None:
        values = _some(row) if row.get("type") in ("Float", "Int") else []
    return min(max((len(words.value(value)) for value in values), default=1), LONGEST)


def _some(row: Mapping[str, Any]) -> list[Any]:
    low, high, step = row.get("low", 0), row.get("high", 1), row.get("step")
    if row.get("type") == "Int":
        return [low, high]
    if step:
        return [float(low), low + step, float(high)]
    if row.get("log"):
        start, span = math.log(low), math.log(high) - math.log(low)
        return [math.exp(start + span * share) for share in SAMPLES]
    return [low * (1 - share) + high * share for share in SAMPLES]

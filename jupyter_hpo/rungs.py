"""Rungs of successive halving: who of the trials that got to one goes on to the next."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from .curves import Curve

SHARE: Final = 27  # of the reports of a whole trial the first rung is one in so many


def first_rung(longest: int) -> int:
    """Reports before a trial is compared for the first time, of `longest` ones of a whole trial."""
    return max(round(longest / SHARE), 1)


def standing(curve: Curve, step: int) -> float | None:
    """How good a trial was at a step, smaller being better; None if it did not get there."""
    return curve.recent_at(step)


def promotable(
    waiting: Sequence[Curve], peers: Iterable[Curve], reduction: float, *, least: int = 0
) -> Curve | None:
    """The best trial of the highest rung that is to go on; None if none is.

    Of all trials that got to a rung, those that ended or went on included, the best 1 in
    `reduction` go on, rounded down, or rounded up and `least` at least if that is not 0.
    Ties go to the trial that began first.
    """
    ended = list(peers)
    for step in sorted({curve.steps[-1] for curve in waiting}, reverse=True):
        there = sorted(_there([*ended, *waiting], step))
        count = len(there) / reduction
        room = max(math.ceil(count), least) if least else int(count)
        numbers = {number for _, number in there[:room]}
        here = [c for c in waiting if c.steps[-1] == step and c.number in numbers]
        if here:
            return min(here, key=lambda c: (standing(c, step), c.number))
    return None


def _there(curves: Iterable[Curve], step: int) -> Iterator[tuple[float, int]]:
    for curve in curves:
        value = standing(curve, step)
        if value is not None:
            yield value, curve.number

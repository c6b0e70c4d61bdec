"""What an optimizer is to do, from its options and the search space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...domains.base import short
from ...errors import UsageError
from ...space import Parameter, Space
from .coordinates import smooth
from .walk import Plan

ALONE: Final = (10, 0.5, 4)  # steps at least, share of the trials, patience of a walk
SHARED: Final = (4, 0.2, 3)  # the same where an outer optimizer chooses among other things
UNKNOWN: Final = 20  # steps, where the study's total is not known
ENDLESS: Final = 1_000_000  # steps, which no study has


def plan_of(trials: int | None, rate: float, steps: int | None, *, shared: bool) -> Plan:
    """How far a walk goes in a study of so many trials; `shared` with an outer search."""
    least, share, patience = SHARED if shared else ALONE
    if steps is None:
        steps = UNKNOWN if trials is None else max(least, round(share * trials))
    return Plan(rate, steps, patience)


def differentiated(space: Space, asked: Sequence[str] | None) -> list[Parameter]:
    """The hyperparameters to differentiate by.

    Raises
    ------
    UsageError
        For a name that is not one, or has no derivative.
    """
    if asked is None:
        return [parameter for parameter in space if smooth(parameter)]
    names = [each.strip() for each in asked.split(",")] if isinstance(asked, str) else list(asked)
    for name in names:
        named = [parameter for parameter in space if parameter.name == name]
        if not named:
            raise UsageError(
                f"gradient: differentiate= names {short(name)}, and there are "
                f"{', '.join(space.names)}"
            )
        wrong = next((parameter for parameter in named if not smooth(parameter)), None)
        if wrong is not None:
            raise UsageError(
                f"gradient: {name} is {wrong.domain!r}, and only a Float without step has a "
                "derivative; leave it out of differentiate=, and it is searched by the outer "
                "optimizer"
            )
    return [parameter for parameter in space if parameter.name in names]

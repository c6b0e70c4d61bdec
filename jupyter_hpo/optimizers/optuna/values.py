"""A search space in Optuna's terms, and its values there and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ...domains import Categorical, Domain, Float, Int
from ...errors import SpaceError
from ...space import Space

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial

Raw = dict[str, Any]
"""Values by key as Optuna has them: of a continuum and of a log scale the number itself, of
everything else its place among the values, from 0."""

PLACES: Final = 2**40  # of a continuum that is too wide for Optuna, whose samplers square widths
WIDEST: Final = 1e100


class Values:
    """Suggests the values of a space by a trial of Optuna's, the active ones in order.

    Steps and choices are places among the values: a step need not divide its range,
    Optuna's own steps miss the decimals by rounding, and choices may be of any type.

    Parameters
    ----------
    space : the search space.
    most : whole numbers and steps of more values than this are continua for the sampler, whose
        suggestions are rounded.
    """

    def __init__(self, space: Space, most: float = math.inf) -> None:
        self._space = space
        self._axes = {p.key: _Axis(p.domain, most) for p in space}

    def suggest(self, trial: Trial) -> tuple[Raw, dict[str, Any]]:
        """What the sampler proposes, in Optuna's terms and as an assignment."""
        raw: Raw = {}
        assignment: dict[str, Any] = {}
        above: dict[str, Any] = {}
        for p in self._space:
            if p.exists(above):
                axis = self._axes[p.key]
                raw[p.key] = _suggested(trial, p.key, axis.distribution)
                assignment[p.key] = above[p.name] = axis.value(raw[p.key])
        return raw, assignment

    def raw(self, assignment: Mapping[str, Any]) -> Raw | None:
        """An assignment in Optuna's terms; None if it is of another space."""
        if any(key not in self._space for key in assignment):
            return None
        try:
            return {
                p.key: self._axes[p.key].raw(p.domain.check(assignment[p.key]))
                for p in self._space
                if p.key in assignment
            }
        except SpaceError:
            return None

    def distributions(self, raw: Raw) -> dict[str, BaseDistribution]:
        """What Optuna is to know of the values in `raw`."""
        return {key: self._axes[key].distribution for key in raw}


class _Axis:
    """One parameter.

    Attributes
    ----------
    places : number of its values where Optuna has their places; None where it has the numbers.
    smooth : whether whole numbers are a continuum for the sampler.
    """

    def __init__(self, domain: Domain, most: float) -> None:
        self.domain = domain
        self.places = None if _is_number(domain) else domain.size or PLACES
        count = 0 if isinstance(domain, Categorical) else domain.size or 0
        self.smooth = count > most
        self.distribution = self._distribution()

    def _distribution(self) -> BaseDistribution:
        from optuna.distributions import CategoricalDistribution as Choices
        from optuna.distributions import FloatDistribution as Floats
        from optuna.distributions import IntDistribution as Ints

        domain: Any = self.domain
        if isinstance(domain, Categorical):
            return Choices(tuple(range(domain.size)))
        if self.places is not None:
            last = self.places - 1
            return Floats(0, last) if self.smooth else Ints(0, last)
        kind = Ints if isinstance(domain, Int) and not self.smooth else Floats
        return kind(domain.low, domain.high, log=domain.log)

    def value(self, raw: Any) -> Any:
        if self.places is not None:
            return self.domain.decode((round(raw) + 0.5) / self.places)
        domain: Any = self.domain
        number = round(raw) if isinstance(domain, Int) else raw
        # exp(log(low)) may miss low; -0.0 becomes 0.0
        return min(max(number, domain.low), domain.high) + 0

    def raw(self, value: Any) -> Any:
        if self.places is not None:
            place = math.floor(self.domain.encode(value) * self.places)
            value = min(max(place, 0), self.places - 1)
        return float(value) if self.smooth else value


def _is_number(domain: Domain) -> bool:
    """Whether Optuna has the value itself, not its place."""
    if isinstance(domain, Float):
        return domain.size is None and (domain.log or domain.high / 2 - domain.low / 2 < WIDEST)
    return isinstance(domain, Int) and domain.log


def _suggested(trial: Trial, key: str, distribution: Any) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(key, distribution.choices)
    if isinstance(distribution, FloatDistribution):
        return trial.suggest_float(key, distribution.low, distribution.high, log=distribution.log)
    return trial.suggest_int(key, distribution.low, distribution.high, log=distribution.log)

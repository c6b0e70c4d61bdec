"""The search space as bayesian-optimization and the model see it.

A configuration is a row of numbers, one for each parameter: its place in the
unit interval, or `ABSENT` where the parameter is inactive.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from bayes_opt import TargetSpace
from bayes_opt.parameter import FloatParameter

from ...domains import Bool, Categorical, Int
from ...space import Parameter, Space
from .arrays import Array, Truth

ABSENT: Final = -1.0
MOST_COUNTED: Final = 2**50  # values; a float in [0, 1] cannot tell more of them apart
KNOWN: Final = 10_000  # answers of a condition that are kept
FINE: Final = 64  # values; with more of them a range is as good as a continuum


class Coordinate(FloatParameter):
    """One hyperparameter, in the terms of bayesian-optimization.

    ``kernel_transform`` gives the model's coordinates, in which the distance
    between the extremes is 1: numbers lie on a line; choices are the corners of
    a simplex, all equally far from each other, unless they are numbers in
    order, which lie on a line by their rank. Where a parameter may be absent,
    the line is bent to an arc whose centre stands for absence, at the same
    distance from all its points (K. Swersky et al., "Raiders of the lost
    architecture", 2014, eq. 2), and the simplex of a choice gets one corner more, the square
    root of a half from all others.

    Parameters
    ----------
    parameter : of our search space.
    conditional : whether there are configurations without it.
    """

    def __init__(self, parameter: Parameter, *, conditional: bool) -> None:
        super().__init__(parameter.key, (ABSENT if conditional else 0.0, 1.0))
        self.conditional = conditional
        domain = parameter.domain
        size = domain.size
        self.size = size if size is not None and size < MOST_COUNTED else None
        # of whole numbers on a logarithmic scale, whose places are not evenly spaced
        self._log = (domain.low, domain.high) if isinstance(domain, Int) and domain.log else None
        self.ranks = _ranks(domain) if isinstance(domain, Categorical) else None
        self.nominal = self.ranks is None and isinstance(domain, Categorical)

    @property
    def is_continuous(self) -> bool:
        """Whether it takes every value between its bounds."""
        return self.size is None

    @property
    def is_smooth(self) -> bool:
        """Whether a small step is possible and means a small change."""
        return self.ranks is None and not self.nominal and (self.size is None or self.size > FINE)

    @property
    def columns(self) -> int:
        """Number of the model's coordinates."""
        if self.nominal:
            return self.size or 1
        return 2 if self.conditional else 1

    def snapped(self, u: Array) -> Array:
        """Places in the unit interval moved to those of the values they stand for."""
        if self._log is not None:
            low, high = _ends(*self._log)
            whole = np.clip(np.rint(np.exp(low + u * (high - low))), *self._log)
            return np.asarray((np.log(whole) - low) / (high - low))
        if self.size is None:
            return np.clip(u, 0.0, 1.0)
        return (np.clip(np.floor(u * self.size), 0, self.size - 1) + 0.5) / self.size

    def kernel_transform(self, value: Array) -> Array:
        """The model's coordinates, shape (m, columns), of m rows of shape (1,)."""
        u = np.asarray(value, dtype=float).reshape(-1)
        absent = u < 0.0
        if self.nominal:
            corner = np.floor(u * (self.size or 1)).astype(int)
            corners = np.zeros((len(u), self.columns))
            here = np.flatnonzero(~absent)
            corners[here, np.clip(corner[here], 0, self.columns - 1)] = math.sqrt(0.5)
            return corners
        x = self._line(u)
        if not self.conditional:
            return x[:, None]
        arc = np.stack([np.cos(x), np.sin(x)], axis=1)
        arc[absent] = 0.0
        return arc

    def _line(self, u: Array) -> Array:
        if self.ranks is not None:
            assert self.size is not None
            place = np.clip(np.floor(u * self.size), 0, self.size - 1).astype(int)
            return np.asarray(self.ranks[place])
        if self.size is None or self.size < 2:
            return u
        if self._log is not None:
            low, high = _ends(*self._log)
            first, last = ((math.log(n) - low) / (high - low) for n in self._log)
            return (u - first) / (last - first)
        return (u * self.size - 0.5) / (self.size - 1)


def _ends(low: int, high: int) -> tuple[float, float]:
    return math.log(low - 0.5), math.log(high + 0.5)


def _ranks(domain: Categorical) -> Array | None:
    """Places of the choices on a line by their rank, shape (size,); None if they have none."""
    if isinstance(domain, Bool):
        return np.array([0.0, 1.0])
    if not domain.numeric:
        return None
    choices: Sequence[Any] = domain.grid()
    ranks = np.empty(len(choices))
    ranks[np.argsort(choices)] = np.linspace(0.0, 1.0, len(choices))
    return ranks


class Coordinates:
    """Configurations as rows of numbers, many at a time.

    Attributes
    ----------
    target : the data space of bayesian-optimization that trials are registered in.
    columns : number of the model's coordinates.
    starts : first column of each parameter among the model's coordinates.
    smooth : which parameters a gradient can be followed in.
    nominal : which are choices without an order.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        conditional = [p.when is not None or p.dynamic for p in space]
        self.each = [Coordinate(p, conditional=c) for p, c in zip(space, conditional, strict=True)]
        bounds: dict[str, Any] = {c.name: c for c in self.each}
        self.target = TargetSpace(None, bounds)
        widths = [coordinate.columns for coordinate in self.each]
        self.columns = sum(widths)
        self.starts = np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(int)
        self.smooth = np.array([c.is_smooth for c in self.each], dtype=bool)
        self.nominal = np.array([c.nominal for c in self.each], dtype=bool)
        self._whens = [_Condition(space, k) for k, p in enumerate(space) if p.when is not None]

    def row(self, assignment: Mapping[str, Any]) -> Array:
        """A configuration as a row, shape (len(space),)."""
        point = self.space.encode(assignment)
        return np.where(np.isnan(point), ABSENT, point)

    def assignment(self, row: Array) -> dict[str, Any]:
        """The configuration of a row."""
        return self.space.decode(np.clip(row, 0.0, 1.0))

    def settled(self, rows: Array) -> Array:
        """Rows of any numbers as configurations: values snapped, the inactive absent."""
        out = np.stack([c.snapped(rows[:, k]) for k, c in enumerate(self.each)], axis=1)
        for condition in self._whens:
            out[~condition.holds(out), condition.place] = ABSENT
        return out

    def model(self, rows: Array) -> Array:
        """The model's coordinates of rows, shape (m, columns)."""
        return np.asarray(self.target.kernel_transform(rows))


class _Condition:
    """Whether a parameter exists, for many rows at a time.

    A condition is a function of the user's: it is asked once for each
    combination of the values that it was seen to read.
    """

    def __init__(self, space: Space, place: int) -> None:
        self.place = place
        self._parameter = space.parameters[place]
        self._above = [(p.name, p.domain) for p in space.parameters[:place]]
        self._names = {name for name, _ in self._above}
        self._read: list[int] = []  # places of the parameters it reads, as far as known
        self._known: dict[tuple[float, ...], bool] = {}

    def holds(self, rows: Array) -> Truth:
        """Shape (m,), of rows that are settled above this parameter."""
        if len(self._known) > KNOWN:  # it reads numbers, which hardly ever come again
            self._known = {}
        answers = self._answers(rows)
        while answers is None:  # at most once for each parameter above
            answers = self._answers(rows)
        return np.array(answers, dtype=bool)

    def _answers(self, rows: Array) -> list[bool] | None:
        """None if it was found to read more than was known."""
        answers = []
        for at, key in enumerate(map(tuple, rows[:, self._read].tolist())):
            if key not in self._known:
                answer, read = self._ask(rows[at])
                if not set(read) <= set(self._read):
                    self._read = sorted({*self._read, *read})
                    self._known = {}
                    return None
                self._known[key] = answer
            answers.append(self._known[key])
        return answers

    def _ask(self, row: Array) -> tuple[bool, list[int]]:
        active = {
            name: domain.decode(u)
            for (name, domain), u in zip(self._above, row.tolist(), strict=False)
            if u >= 0.0
        }
        above = _Watched(active, self._names)
        answer = self._parameter.exists(above)
        return answer, [k for k, (name, _) in enumerate(self._above) if name in above.read]


class _Watched(dict[str, Any]):
    """Values by name, and which of the names, there or not, were asked about."""

    def __init__(self, values: Mapping[str, Any], names: set[str]) -> None:
        super().__init__(values)
        self.names = names
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)


def _reads_all(name: str) -> Callable[..., Any]:
    method = getattr(dict, name)

    def read(self: _Watched, *given: Any) -> Any:
        self.read |= self.names
        return method(self, *given)

    return read


_WHOLE: Final = ("iter", "reversed", "len", "or", "ror", "eq", "ne", "repr")
_BY_NAME: Final = ("copy", "items", "keys", "values", "pop", "popitem", "setdefault")
# whoever walks through the names, say, learns which parameters are active
for _name in (*(f"__{each}__" for each in _WHOLE), *_BY_NAME):
    setattr(_Watched, _name, _reads_all(_name))

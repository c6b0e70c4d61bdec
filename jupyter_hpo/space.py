"""The search space: hyperparameters in order, some of which exist only under a condition."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from .domains import UNSET, Domain, When, edits
from .domains.base import short
from .errors import SpaceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COUNTED = 100_000  # configurations of a conditional space are counted up to here


@dataclass(frozen=True)
class Parameter:
    """One dimension of a search space.

    Attributes
    ----------
    key : unique in the space; the name, or ``name#2`` where a name is declared
        again in another branch of the same ``if``.
    domain : its values.
    when : given the active values declared above, by name, whether it exists; None: always.
    dynamic : whether its condition can only be seen in the run: it is then
        sampled always, and is active where the run declared it.
    condition : the condition as text, for people.
    line : line of the cell it is declared on, if it is in a cell.
    declared : the domain as it was declared, if it has been edited since.
    """

    key: str
    domain: Domain
    when: When | None = None
    dynamic: bool = False
    condition: str = ""
    line: int | None = None
    declared: Domain | None = None

    @property
    def name(self) -> str:
        """The variable it is bound to."""
        return self.key.partition("#")[0]

    def exists(self, above: Mapping[str, Any]) -> bool:
        """Whether the parameter is to be sampled, given the values declared above it.

        Raises
        ------
        SpaceError
            If its condition raises, say because it reads a value that is not active.
        """
        if self.when is None:
            return True
        try:
            return bool(self.when(above))
        except KeyError as error:
            raise SpaceError(
                f"the condition of {self.name!r} reads {error}, which does not exist when "
                f"the values above are {dict(above)!r}; write p.get({error}) to allow for that"
            ) from error
        except Exception as error:
            raise SpaceError(
                f"the condition of {self.name!r} raised {type(error).__name__}: {error}"
            ) from error


class Space:
    """An ordered set of hyperparameters.

    An *assignment* maps the keys of the active parameters to values. Optimizers
    work with points of the unit cube instead: arrays of shape ``(len(space),)``,
    float64, one coordinate in [0, 1] for each parameter, NaN where inactive.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.parameters = tuple(parameters)
        self._by_key = {p.key: p for p in self.parameters}
        self._counts: dict[float | None, int] = {}
        if len(self._by_key) != len(self.parameters):
            raise SpaceError("two parameters of a space have the same key")

    @classmethod
    def of(cls, domains: Mapping[str, Domain]) -> Space:
        """The space of ``tune()``: ``{"lr": Float(1e-5, 1e-1, log=True), …}``.

        Raises
        ------
        SpaceError
            If a name is no identifier or a value is not one of our domains.
        """
        if not isinstance(domains, Mapping):
            raise SpaceError(f"the space is a dict of name: Float(…), not {short(domains)}")
        pairs: list[tuple[Any, Any]] = list(domains.items())
        for name, domain in pairs:
            if not (isinstance(name, str) and name.isidentifier()):
                raise SpaceError(f"{short(name)} cannot be the name of a hyperparameter")
            if not isinstance(domain, Domain):
                raise SpaceError(
                    f"{name!r}: {short(domain)} is not Float(…), Int(…), Categorical(…) or Bool()"
                )
        return cls([Parameter(name, domain, domain.when) for name, domain in domains.items()])

    def __len__(self) -> int:
        return len(self.parameters)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __getitem__(self, key: str) -> Parameter:
        return self._by_key[key]

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    @property
    def names(self) -> list[str]:
        """Names of the hyperparameters, each once, in order: the columns of a table."""
        return list(dict.fromkeys(p.name for p in self.parameters))

    def __repr__(self) -> str:
        rows = [f"{p.key}: {p.domain!r}" + (f" {p.condition}" if p.when else "") for p in self]
        return f"Space({', '.join(rows)})"

    def decode(self, point: Sequence[float] | NDArray[np.float64]) -> dict[str, Any]:
        """The assignment at a point of the unit cube; inactive coordinates are not read."""
        if len(point) != len(self):
            raise ValueError(f"a point of this space has {len(self)} coordinates, not {len(point)}")
        above = _Above()
        for parameter, u in zip(self.parameters, point, strict=True):
            if parameter.exists(above.by_name):
                above.add(parameter, parameter.domain.decode(float(u)))
        return above.assignment

    def encode(self, assignment: Mapping[str, Any]) -> NDArray[np.float64]:
        """Point of the unit cube, shape ``(len(space),)``, NaN where inactive."""
        import numpy as np

        point = np.full(len(self), np.nan)
        for place, parameter in enumerate(self.parameters):
            if parameter.key in assignment:
                point[place] = parameter.domain.encode(assignment[parameter.key])
        return point

    def sample(self, rng: np.random.Generator) -> dict[str, Any]:
        """A uniformly random assignment."""
        return self.decode(rng.random(len(self)))

    def defaults(self) -> dict[str, Any] | None:
        """The assignment of the defaults, or None if one that is needed has none."""
        above = _Above()
        for parameter in self.parameters:
            if parameter.exists(above.by_name):
                if parameter.domain.default is UNSET:
                    return None
                above.add(parameter, parameter.domain.default)
        return above.assignment

    def assign(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The assignment of values given by name.

        A value missing from `params` is filled by its default.

        Raises
        ------
        SpaceError
            If a name is unknown or inactive, or a value is outside its domain.
        """
        if not isinstance(params, Mapping):
            raise SpaceError(f"the values are a dict of name: value, not {short(params)}")
        above = _Above()
        for parameter in self.parameters:
            if not parameter.exists(above.by_name):
                continue
            if parameter.name in params:
                above.add(parameter, _checked(parameter, params[parameter.name]))
            elif parameter.domain.default is UNSET:
                raise SpaceError(f"a value for {parameter.name!r} is missing")
            else:
                above.add(parameter, parameter.domain.default)
        for name in params:
            if name not in above.by_name:
                raise SpaceError(self._why_not(name))
        return above.assignment

    def edited(self, changes: Mapping[str, Domain], best: Mapping[str, Any] = {}) -> Space:
        """The space with other bounds or choices for some of its parameters.

        Conditions stay; so does a default that is still inside.

        Parameters
        ----------
        changes : domains by key of the parameter.
        best : assignment whose values take the place of defaults that are outside.

        Raises
        ------
        SpaceError
            If there is no such parameter, or it cannot be searched that way.
        """
        for key, domain in changes.items():
            if key not in self:
                raise SpaceError(self._why_not(key))
            if not isinstance(domain, Domain):
                raise SpaceError(
                    f"{key}: {short(domain)} is not Float(…), Int(…), Categorical(…) or Bool()"
                )
        return Space([_edited(p, changes.get(p.key), best.get(p.key, UNSET)) for p in self])

    def _why_not(self, name: Any) -> str:
        if name in self.names:
            rule = " or ".join(p.condition for p in self.parameters if p.name == name)
            return f"{name!r} does not exist with these values" + (
                f": it needs {rule}" if rule else ""
            )
        small = {known.lower(): known for known in self.names}
        near = difflib.get_close_matches(str(name).lower(), small, 1)
        others = f"there are {', '.join(self.names)}" if self.names else "there is none"
        hint = f"did you mean {small[near[0]]!r}?" if near else others
        return f"there is no hyperparameter {short(name)}; {hint}"

    def fits(self, assignment: Mapping[str, Any]) -> bool:
        """Whether an assignment, perhaps of an earlier version of the space, is one of this."""
        try:
            kept = self._load(assignment, dumped=False)
        except SpaceError:
            return False
        return kept.keys() == assignment.keys()

    @property
    def size(self) -> int | None:
        """Number of configurations; None for a continuum.

        Of a conditional space with more than 100,000 of them, an upper bound.
        """
        if any(p.domain.size is None for p in self.parameters):
            return None
        return self.count(math.inf)

    def count(self, points: float | None = None) -> int:
        """Number of assignments that `enumerate` yields; the bound of `size` applies."""
        if points not in self._counts:
            sizes = [len(grid) for grid in self._grids(points)]
            last = max((k for k, p in enumerate(self.parameters) if p.when), default=-1) + 1
            # what follows the last condition multiplies; the rest has to be walked through
            heads = Space(self.parameters[:last])._walk(0, _Above(), self._grids(points)[:last])
            counted = sum(1 for _ in islice(heads, COUNTED + 1))
            head = counted if counted <= COUNTED else math.prod(sizes[:last])
            self._counts[points] = head * math.prod(sizes[last:])
        return self._counts[points]

    def enumerate(self, points: float | None = None) -> Iterator[dict[str, Any]]:
        """Every assignment of a grid, the last parameter changing fastest.

        Parameters
        ----------
        points : values per dimension at most; None: every value of finite
            dimensions, 5 of a continuum or a log scale; infinite: every value.
        """
        return self._walk(0, _Above(), self._grids(points))

    def _grids(self, points: float | None) -> list[Sequence[Any]]:
        domains = [p.domain for p in self.parameters]
        if points is None:
            return [domain.grid() for domain in domains]
        if math.isinf(points):
            return [domain.grid(domain.size or 5) for domain in domains]
        return [domain.grid(int(points)) for domain in domains]

    def _walk(
        self, place: int, above: _Above, grids: list[Sequence[Any]]
    ) -> Iterator[dict[str, Any]]:
        if place == len(self.parameters):
            yield dict(above.assignment)
            return
        parameter = self.parameters[place]
        if not parameter.exists(above.by_name):
            yield from self._walk(place + 1, above, grids)
            return
        for value in grids[place]:
            yield from self._walk(place + 1, above.with_(parameter, value), grids)

    def identity(self, assignment: Mapping[str, Any]) -> tuple[float | None, ...]:
        """A hashable that two assignments share if and only if they are the same.

        Of a continuum: the same to within rounding.
        """
        return tuple(
            p.domain.encode(assignment[p.key]) if p.key in assignment else None
            for p in self.parameters
        )

    def dump(self, assignment: Mapping[str, Any]) -> dict[str, Any]:
        """An assignment as JSON scalars."""
        return {key: self[key].domain.dump(value) for key, value in assignment.items()}

    def load(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The assignment that `dump` wrote.

        Raises
        ------
        SpaceError
            If it does not belong to this space any more.
        """
        assignment = self._load(stored, dumped=True)
        for key in stored:
            if key not in assignment:
                raise SpaceError(f"{key!r} does not exist with these values")
        return assignment

    def recall(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The values that `dump` wrote in an earlier version of the space, as far as known."""
        return {
            key: self[key].domain.recall(value) if key in self else value
            for key, value in stored.items()
        }

    def _load(self, values: Mapping[str, Any], *, dumped: bool) -> dict[str, Any]:
        above = _Above()
        for p in self.parameters:
            if not p.exists(above.by_name):
                continue
            if p.key in values:
                value = values[p.key]
                above.add(p, p.domain.load(value) if dumped else p.domain.check(value))
            elif not p.dynamic:
                raise SpaceError(f"a value for {p.name!r} is missing")
        return above.assignment

    def to_json(self) -> list[dict[str, Any]]:
        """The space as plain JSON, for the store and the view."""
        return [
            {
                "key": p.key,
                "name": p.name,
                "dynamic": p.dynamic,
                "condition": p.condition,
                "line": p.line,
                "default": None if p.domain.default is UNSET else p.domain.dump(p.domain.default),
                **p.domain.to_json(),
            }
            for p in self.parameters
        ]


class _Above:
    """The values assigned so far, by key and by name."""

    def __init__(self, assignment: Mapping[str, Any] = {}, by_name: Mapping[str, Any] = {}) -> None:
        self.assignment = dict(assignment)
        self.by_name = dict(by_name)

    def add(self, parameter: Parameter, value: Any) -> None:
        self.assignment[parameter.key] = value
        self.by_name[parameter.name] = value

    def with_(self, parameter: Parameter, value: Any) -> _Above:
        other = _Above(self.assignment, self.by_name)
        other.add(parameter, value)
        return other


def _edited(parameter: Parameter, asked: Domain | None, incumbent: Any) -> Parameter:
    if asked is None:
        return parameter
    with edits.named(parameter.key):
        domain = edits.edited(parameter.domain, asked, incumbent)
    declared = parameter.declared or parameter.domain
    back = edits.same(domain, declared)
    return replace(parameter, domain=domain, declared=None if back else declared)


def _checked(parameter: Parameter, value: Any) -> Any:
    try:
        return parameter.domain.check(value)
    except SpaceError as error:
        raise SpaceError(f"{parameter.name}: {error}") from None

"""Which configurations a study has tried, and one that it has not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from .errors import SpaceError
from .space import Space

if TYPE_CHECKING:
    import numpy as np

Assignment = Mapping[str, Any]

TRIES: Final = 100  # draws thrown away before the space is enumerated instead
LISTED: Final = 1_000  # unseen configurations that are chosen from
WALKED: Final = 20_000  # configurations looked at in search of them, beside the seen ones


class Seen:
    """Remembers assignments and says which suggestions they cover.

    A trial covers the suggestions that agree with it. A dynamic parameter is
    sampled always but is missing from the trials whose run did not come to it;
    such a trial covers every value of it, since its run would be the same.
    Assignments that are not of this space are not remembered.
    """

    def __init__(self, space: Space, assignments: Iterable[Assignment] = ()) -> None:
        self._space = space
        self._by_missing: dict[tuple[int, ...], set[tuple[float | None, ...]]] = {}
        for assignment in assignments:
            self.add(assignment)

    def add(self, assignment: Assignment) -> None:
        """Remember an assignment."""
        try:
            missing = self._missing(assignment)
        except SpaceError:
            return
        self._by_missing.setdefault(missing, set()).add(self._space.identity(assignment))

    def _missing(self, assignment: Assignment) -> tuple[int, ...]:
        """Places of the dynamic parameters that the run did not show, and of what hangs on them.

        Raises
        ------
        SpaceError
            If the assignment is not of this space.
        """
        if any(key not in self._space for key in assignment):
            raise SpaceError("a parameter of another space")
        above: dict[str, Any] = {}
        missing: list[int] = []
        for place, parameter in enumerate(self._space):
            if parameter.key in assignment:
                above[parameter.name] = parameter.domain.check(assignment[parameter.key])
            elif missing:
                missing.append(place)  # its condition may read a value that is missing
            elif parameter.exists(above):
                if not parameter.dynamic:
                    raise SpaceError(f"a value for {parameter.name!r} is missing")
                missing.append(place)
        return tuple(missing)

    def covers(self, suggestion: Assignment) -> bool:
        """Whether a trial of `suggestion` would repeat one that is remembered."""
        if not self._by_missing:
            return False
        identity = self._space.identity(suggestion)
        return any(
            _without(identity, missing) in seen for missing, seen in self._by_missing.items()
        )

    def __len__(self) -> int:
        return sum(map(len, self._by_missing.values()))


class Distinct:
    """Suggests configurations that no trial has tried, as long as there are any.

    What it suggests depends on the trials told and running alone, not on what
    was asked before: a resumed study gets the same suggestions.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._told = Seen(space)
        self._finite = space.size is not None
        self._rest: list[dict[str, Any]] | None = None

    def tell(self, assignment: Assignment) -> None:
        """Note the assignment of a finished trial."""
        self._told.add(assignment)

    def choose(
        self,
        draws: Iterator[dict[str, Any]],
        rng: np.random.Generator,
        running: Sequence[Assignment] = (),
    ) -> dict[str, Any] | None:
        """The first of `draws` that is new, else an unseen configuration at random.

        Parameters
        ----------
        draws : an endless supply of assignments; at most 100 are taken.
        rng : chooses among the unseen ones when all those draws were seen.
        running : assignments of the trials that have not been told.

        Returns
        -------
        None if the space is finite and every configuration is told or running.
        A continuum is never exhausted: there the last draw is returned, seen or not.
        So it is in a finite space if none of its first 20,000 configurations is new,
        which takes dynamic parameters of very many values that do not show.
        """
        now = Seen(self._space, running)
        draw: dict[str, Any] = {}
        for draw in islice(draws, TRIES):
            if not (self._told.covers(draw) or now.covers(draw)):
                return draw
        if not self._finite:
            return draw
        unseen, complete = self._unseen()
        unseen = [assignment for assignment in unseen if not now.covers(assignment)]
        if unseen:
            return dict(unseen[int(rng.integers(len(unseen)))])
        return None if complete else draw

    def _unseen(self) -> tuple[list[dict[str, Any]], bool]:
        """Configurations not told, in the order of the space, and whether that is all of them."""
        if self._rest is not None:
            self._rest = [one for one in self._rest if not self._told.covers(one)]
            return self._rest, True
        walked, limit, unseen = 0, WALKED + len(self._told), []
        for walked, assignment in enumerate(self._space.enumerate(math.inf), start=1):
            if not self._told.covers(assignment):
                unseen.append(assignment)
            if len(unseen) == LISTED or walked == limit:
                return unseen, False
        self._rest = unseen  # it can only shrink; kept so that the space is walked through once
        return unseen, True


def _without(
    identity: tuple[float | None, ...], missing: tuple[int, ...]
) -> tuple[float | None, ...]:
    if not missing:
        return identity
    return tuple(None if place in missing else u for place, u in enumerate(identity))

"""Configurations as genomes: a gene in [0, 1] for every parameter, also where it is inactive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...domains import Categorical
from ...domains.base import Domain
from ...space import Space

Genes = NDArray[np.float64]
COARSE: Final = 64  # values
LARGE: Final = 1e9


class Genome:
    """Between genes, shape (d,), and configurations.

    Genes of inactive parameters are silent: they have no effect, but are
    inherited. A gene holds more than the value it stands for, say 2.4 where the
    whole number is 2; what a trial's genes were is noted with it.

    Attributes
    ----------
    nominal : which genes stand for choices in no order, shape (d,): there is no step from one
        to the next. Choices that are numbers in order are steps on a line.
    coarse : which genes have few values, shape (d,): once all individuals have the same, no
        difference between them leads to another.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.coarse: NDArray[np.bool_] = np.array(
            [p.domain.size is not None and p.domain.size <= COARSE for p in space], dtype=bool
        )
        self.nominal: NDArray[np.bool_] = np.array(
            [_is_nominal(p.domain) for p in space], dtype=bool
        )

    def __len__(self) -> int:
        return len(self.space)

    def express(self, genes: Genes) -> dict[str, Any]:
        """The configuration that they stand for."""
        return self.space.decode(genes)

    def of(self, assignment: Mapping[str, Any], noted: Any) -> Genes:
        """Genes of a trial: those noted of it if they stand for its values."""
        own = numbers(noted, len(self))
        inside = own is not None and bool(((own >= 0.0) & (own <= 1.0)).all())
        if own is not None and inside and self._agrees(own, assignment):
            return own
        return self.encode(assignment)

    def encode(self, assignment: Mapping[str, Any]) -> Genes:
        """Genes that stand for a configuration, the silent ones in the middle."""
        point = self.space.encode(assignment)
        return np.where(np.isnan(point), 0.5, point)

    def _agrees(self, genes: Genes, assignment: Mapping[str, Any]) -> bool:
        """Whether they stand for all the values, of which a run may not have shown every one."""
        expressed = self.space.dump(self.express(genes))
        # compared as they are stored: after an edit of the space a gene may mean another value
        return self.space.dump(assignment).items() <= expressed.items()


def reflected(genes: Genes) -> Genes:
    """Genes beyond an end of the interval turned back at it, as often as it takes."""
    folded = np.abs(genes) % 2.0
    return np.where(folded > 1.0, 2.0 - folded, folded)


def _is_nominal(domain: Domain) -> bool:
    if not isinstance(domain, Categorical):
        return False
    if not domain.numeric:
        return True
    ordered = sorted(domain.choices)
    return list(domain.choices) not in (ordered, ordered[::-1])


def numbers(noted: Any, count: int) -> Genes | None:
    """What is noted as an array, if it is that many numbers of a usual size."""
    if not isinstance(noted, list) or len(noted) != count:
        return None
    if not all(type(u) in (int, float) and -LARGE < u < LARGE for u in noted):
        return None
    return np.array(noted, dtype=float)

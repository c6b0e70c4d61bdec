"""A genetic algorithm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

import numpy as np

from ...space import Space
from .genome import Genes, reflected
from .population import Draw, Evolution, Individual, ranked

BLEND: Final = 0.5  # of the interval, at both of its ends


class GA(Evolution):
    """A genetic algorithm with real-valued and nominal genes.

    The parents are the best trials of all so far, as many as the population has members
    ((mu + 1) selection). Two of them, chosen by binary tournaments, have a child: each gene
    is drawn from the interval between theirs, lengthened by half its length at both ends
    (blend crossover); of a choice it is that of either. Then about one gene mutates: a
    number moves by a normal step, a choice is drawn anew.

    Parameters
    ----------
    space, seed, trials, population : see `Evolution`.
    mutation : standard deviation of the step, in shares of each range, from 0 to 1.

    Raises
    ------
    UsageError
        If a number is out of range.

    References
    ----------
    L. J. Eshelman and J. D. Schaffer, "Real-coded genetic algorithms and
    interval-schemata", FOGA 2 (1993): blend crossover, BLX-0.5.
    G. Syswerda, "A study of reproduction in generational and steady-state genetic
    algorithms", FOGA 1 (1991): one child at a time.
    """

    name: ClassVar[str] = "ga"
    fewest: ClassVar[int] = 2

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        trials: int | None = None,
        population: int | None = None,
        mutation: float = 0.1,
    ) -> None:
        super().__init__(space, seed, trials, population)
        self._step = self.within("mutation", mutation)
        self._parents: list[Individual] = []  # the best first

    def select(self, individual: Individual) -> None:
        """Let the fittest survive."""
        self._parents = ranked([*self._parents, individual])[: self.members]

    def living(self) -> list[Individual]:
        """The parents, the best first."""
        return self._parents

    def vary(self, rng: np.random.Generator, running: int) -> Iterator[Draw]:
        """Children of two parents each."""
        parents = self._parents
        while True:
            first, second = (self._tournament(parents, rng) for _ in range(2))
            genes = self._mutated(self._crossed(first.genes, second.genes, rng), rng)
            yield Draw(genes, tuple({first.number: 0, second.number: 0}))

    def _tournament(self, parents: list[Individual], rng: np.random.Generator) -> Individual:
        return parents[int(rng.integers(len(parents), size=2).min())]

    def _crossed(self, first: Genes, second: Genes, rng: np.random.Generator) -> Genes:
        d = len(first)
        share = rng.uniform(-BLEND, 1.0 + BLEND, d)
        blend = reflected(first + share * (second - first))
        return np.where(self.genome.nominal, np.where(rng.random(d) < 0.5, first, second), blend)

    def _mutated(self, genes: Genes, rng: np.random.Generator) -> Genes:
        d = len(genes)
        mutates = rng.random(d) < 1.0 / d
        moved = np.where(
            self.genome.nominal, rng.random(d), reflected(genes + rng.normal(0.0, self._step, d))
        )
        return np.where(mutates, moved, genes)

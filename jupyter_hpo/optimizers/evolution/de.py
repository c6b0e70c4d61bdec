"""Differential evolution."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

import numpy as np

from ...space import Space
from .genome import Genes, reflected
from .population import Draw, Evolution, Individual, ranked

FACTOR: Final = (0.5, 0.9)  # of a difference, drawn anew each time
RESTLESS: Final = 0.08  # chance that one of few values is drawn anew
BEST: Final = 0.2  # share of the population that counts as best


class DE(Evolution):
    """Differential evolution, current-to-pbest/1/bin.

    Each member of the population has its place. In turn each is challenged: by a
    configuration made from it by a step towards one of the best and a step along the
    difference of two others, and mixed with it gene by gene. The challenger takes the place if it
    is no worse. A gene of a choice is that of one of the best or of one of the others, by
    chance. One of few values is sometimes drawn anew.

    Parameters
    ----------
    space, seed, trials, population : see `Evolution`.
    crossover : chance of each gene to be changed, from 0 to 1; one is always.

    Raises
    ------
    UsageError
        If a number is out of range.

    References
    ----------
    R. Storn and K. Price, "Differential evolution", J. Global Optimization 11 (1997).
    J. Zhang and A. C. Sanderson, "JADE: adaptive differential evolution with optional
    external archive", IEEE TEVC 13 (2009), eq. 6: current-to-pbest; here the two others may
    be the same one, which has served so small a population better.
    """

    name: ClassVar[str] = "de"
    fewest: ClassVar[int] = 4

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        trials: int | None = None,
        population: int | None = None,
        crossover: float = 0.7,
    ) -> None:
        super().__init__(space, seed, trials, population)
        self._crossover = self.within("crossover", crossover)
        self._members: list[Individual] = []

    def select(self, individual: Individual) -> None:
        """Fill the places; then let the better of challenger and challenged have one."""
        if len(self._members) < self.members:
            self._members.append(individual)
            return
        place = individual.member
        if place is None:  # proposed by somebody else
            place = max(range(self.members), key=lambda k: self._members[k].cost)
        if individual.cost <= self._members[place].cost:
            self._members[place] = individual

    def living(self) -> list[Individual]:
        """The members, by their places."""
        return self._members

    def vary(self, rng: np.random.Generator, running: int) -> Iterator[Draw]:
        """Challengers of the member whose turn it is."""
        place = (len(self.told) + running) % len(self._members)
        member, best = self._members[place], ranked(self._members)
        top = best[: max(1, round(BEST * len(best)))]
        while True:
            goal = top[int(rng.integers(len(top)))]
            others = [each for each in self._members if each is not member]
            first, second = (others[int(k)] for k in rng.integers(len(others), size=2))
            genes = self._challenger(member.genes, goal.genes, first.genes, second.genes, rng)
            parents = dict.fromkeys(each.number for each in (member, goal, first, second))
            yield Draw(genes, tuple(parents), place)

    def _challenger(
        self, own: Genes, goal: Genes, first: Genes, second: Genes, rng: np.random.Generator
    ) -> Genes:
        d = len(own)
        factor = rng.uniform(*FACTOR)
        moved = reflected(own + factor * (goal - own) + factor * (first - second))
        taken = np.where(rng.random(d) < factor, goal, first)
        mutant = np.where(self.genome.nominal, taken, moved)
        crosses = rng.random(d) < self._crossover
        crosses[int(rng.integers(d))] = True
        anew = self.genome.coarse & (rng.random(d) < RESTLESS)
        return np.where(anew, rng.random(d), np.where(crosses, mutant, own))

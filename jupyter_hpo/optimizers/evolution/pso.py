"""Particle swarm optimization."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Final

import numpy as np

from ...space import Space
from .genome import Genes, reflected
from .population import Draw, Evolution, Individual, ranked

PULL: Final = 1.49618
FASTEST: Final = 0.25  # of the range, in one step
RESTLESS: Final = 0.08  # chance that one of few values is drawn anew


class PSO(Evolution):
    """Particle swarm optimization.

    Each particle has a place, a velocity, and a memory of the best place it has been
    at. In turn each moves on: its velocity is a share of the one before, plus pulls to
    the best place of its own and to that of the swarm. A choice follows the same three
    by chance: it stays, is that of its own best place, or that of the swarm's. One of few
    values is sometimes drawn anew.

    Parameters
    ----------
    space, seed, trials, population : see `Evolution`; the members are the particles.
    inertia : share of a velocity that is kept, from 0 to 1. Much of it makes the swarm wander:
        0.73 is usual where there are thousands of trials.

    Raises
    ------
    UsageError
        If a number is out of range.

    References
    ----------
    J. Kennedy and R. Eberhart, "Particle swarm optimization", ICNN 1995.
    M. Clerc and J. Kennedy, "The particle swarm: explosion, stability, and convergence",
    IEEE TEVC 6 (2002): the strength of the pulls.
    """

    name: ClassVar[str] = "pso"
    fewest: ClassVar[int] = 2

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        trials: int | None = None,
        population: int | None = None,
        inertia: float = 0.4,
    ) -> None:
        super().__init__(space, seed, trials, population)
        self._inertia = self.within("inertia", inertia)
        self._now: list[Individual] = []  # where each particle is
        self._best: list[Individual] = []  # where each has been best

    def select(self, individual: Individual) -> None:
        """Move a particle; one that was proposed by somebody else is where the worst was."""
        if len(self._now) < self.members:
            individual = replace(individual, velocity=self._push(individual))
            self._now.append(individual)
            self._best.append(individual)
            return
        particle = individual.member
        if particle is None:
            particle = max(range(self.members), key=lambda k: self._best[k].cost)
        self._now[particle] = individual
        if individual.cost <= self._best[particle].cost:
            self._best[particle] = individual

    def _push(self, individual: Individual) -> Genes:
        """The first velocity of a particle: half way to a random place."""
        rng = np.random.default_rng([self._seed, individual.number])
        push = (rng.random(len(self.space)) - individual.genes) / 2.0
        return np.where(self.genome.nominal, 0.0, push)

    def living(self) -> list[Individual]:
        """Where each particle is."""
        return self._now

    def vary(self, rng: np.random.Generator, running: int) -> Iterator[Draw]:
        """Where the particle whose turn it is may go."""
        particle = (len(self.told) + running) % len(self._now)
        now, own = self._now[particle], self._best[particle]
        swarm = ranked(self._best)[0]
        while True:
            velocity = self._velocity(now, own.genes, swarm.genes, rng)
            to = now.genes + velocity
            velocity = np.where((to < 0.0) | (to > 1.0), -0.5 * velocity, velocity)
            genes = np.where(self.genome.nominal, self._choice(now, own, swarm, rng), reflected(to))
            anew = self.genome.coarse & (rng.random(len(genes)) < RESTLESS)
            genes = np.where(anew, rng.random(len(genes)), genes)
            parents = dict.fromkeys(each.number for each in (now, own, swarm))
            yield Draw(genes, tuple(parents), particle, velocity)

    def _velocity(
        self, now: Individual, own: Genes, swarm: Genes, rng: np.random.Generator
    ) -> Genes:
        d = len(own)
        pulls = rng.random(d) * (own - now.genes) + rng.random(d) * (swarm - now.genes)
        velocity = np.clip(self._inertia * now.velocity + PULL * pulls, -FASTEST, FASTEST)
        return np.where(self.genome.nominal, 0.0, velocity)

    def _choice(
        self, now: Individual, own: Individual, swarm: Individual, rng: np.random.Generator
    ) -> Genes:
        d = len(now.genes)
        weights = np.array([self._inertia, PULL / 2, PULL / 2])
        which = rng.choice(3, size=d, p=weights / weights.sum())
        return np.choose(which, [now.genes, own.genes, swarm.genes])

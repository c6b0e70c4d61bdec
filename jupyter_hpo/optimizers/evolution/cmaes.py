"""CMA-ES: a normal distribution that moves and takes the shape of what succeeds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar, Final

import numpy as np

from ...errors import UsageError
from ...space import Space
from .distribution import Distribution
from .genome import Genes
from .population import Draw, Evolution, Individual

MOST: Final = 1_000  # parameters
GENERATIONS: Final = 16  # that the trials should be enough for
CONVERGED: Final = 1e-5  # standard deviation, of every number


class CMAES(Evolution):
    """Covariance matrix adaptation evolution strategy, as the package cmaes implements it.

    Numbers are drawn from a normal distribution, first around the default
    configuration, else the centre, and choices each from a distribution of its own. After
    each generation both move to the better half of it. Whole numbers and choices keep a
    margin: a least chance to become another (CatCMA with margin). A trial is taken as a step of at
    most a usual length, as it may be drawn from an older distribution, or not at all. Once it
    has converged in all numbers that are a continuum, it starts anew from another point.

    Parameters
    ----------
    space, seed, trials, population : see `Evolution`.
    sigma : standard deviation at the start, in shares of each range, at most 1.

    Raises
    ------
    UsageError
        If the population or `sigma` is out of range, or the space has more than 1,000 parameters.

    References
    ----------
    N. Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772 (2016).
    R. Hamano et al., "CatCMA with margin: stochastic optimization for continuous,
    integer, and categorical variables", GECCO 2025: its mixed-variable form.
    N. Hansen, "Injecting external solutions into CMA-ES", arXiv:1110.4181 (2011), eq. 4:
    the length of steps.
    """

    name: ClassVar[str] = "cmaes"
    fewest: ClassVar[int] = 4

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        trials: int | None = None,
        population: int | None = None,
        sigma: float = 0.2,
    ) -> None:
        if len(space) > MOST:
            raise UsageError(
                f"cmaes: the covariance of {len(space):,} parameters takes too long, at most "
                f"{MOST:,}; write ga, de or pso"
            )
        super().__init__(space, seed, trials, population)
        self._sigma = self.within("sigma", sigma, least=1e-6)
        self._distribution = self._around(self._start())

    def _start(self) -> Genes:
        defaults = self.space.defaults()
        if defaults is None:
            return np.full(len(self.space), 0.5)
        return self.genome.encode(defaults)

    def suitable(self, trials: int | None) -> int:
        """4 + 3 log(d), as long as it leaves time for generations (the tutorial, eq. 48)."""
        usual = 4 + int(3 * math.log(max(len(self.space), 1)))
        return usual if trials is None else min(usual, trials // GENERATIONS)

    def _around(self, start: Genes) -> Distribution:
        return Distribution(self.genome, start, self._sigma, self.members)

    def select(self, individual: Individual) -> None:
        """Adapt the distribution, once a generation is complete."""
        if self._distribution.size != self.members:  # told trials were made with another
            self._distribution = self._around(self._start())
        if len(self.told) % self.members:
            return
        self._distribution.adapt(self.told[-self.members :])
        if self._distribution.spread < CONVERGED:
            self._distribution = self._around(self.scattered(len(self.told)))

    def vary(self, rng: np.random.Generator, running: int) -> Iterator[Draw]:
        """Draws from the distribution."""
        while True:
            yield Draw(self._distribution.draw(rng))

    def first(self, number: int, rng: np.random.Generator) -> Iterator[Draw]:
        """Draws around the default configuration, else the centre and draws around it."""
        if self.space.defaults() is None:
            yield Draw(self._distribution.start)
        yield from self.vary(rng, 0)

    def distribution(self) -> tuple[Genes, Genes]:
        """Mean and covariance of the numbers; of choices the likeliest one, and 0."""
        return self._distribution.mean, self._distribution.covariance

"""The distribution of CMA-ES over genes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from cmaes import CatCMAwM
from numpy.typing import NDArray

from .genome import Genes, Genome
from .population import Individual, ranked

STEPPED: Final = 100  # values; with more of them a range is as good as a continuum
TINY: Final = 1e-300
FEW: Final = 20  # numbers; of more hardly a draw is inside all bounds
RESAMPLED: Final = 20  # draws until one is inside the bounds; then one is cut off at them

Places = NDArray[np.int_]


class Distribution:
    """A normal distribution of numbers and a categorical one of choices.

    Parameters
    ----------
    genome : of the space.
    start : the mean, shape (d,).
    sigma : standard deviation of each number at the start.
    size : of the generations it is adapted to.
    """

    def __init__(self, genome: Genome, start: Genes, sigma: float, size: int) -> None:
        self.start, self.size = start, size
        domains = self._domains = [parameter.domain for parameter in genome.space]
        counts = [domain.size or 0 for domain in domains]
        chosen = [n == 2 or (n > 2 and bool(genome.nominal[k])) for k, n in enumerate(counts)]
        stepped = [2 < n <= STEPPED and not chosen[k] for k, n in enumerate(counts)]
        free = [n != 1 and not chosen[k] and not stepped[k] for k, n in enumerate(counts)]
        self._free, self._stepped, self._chosen = (
            np.flatnonzero(each) for each in (free, stepped, chosen)
        )
        self._counts = np.array([counts[k] for k in self._chosen], dtype=int)
        self._numbers: Places = np.concatenate([self._free, self._stepped])
        self._steps = [
            sorted(domains[k].encode(value) for value in domains[k].grid(counts[k]))
            for k in self._stepped
        ]
        anything = len(self._numbers) + len(self._chosen) > 0
        self._cma: Any = self._made(sigma) if anything else None

    def _made(self, sigma: float) -> Any:
        n = len(self._numbers)
        return CatCMAwM(
            x_space=[[0.0, 1.0]] * len(self._free) or None,
            z_space=self._steps or None,
            c_space=self._counts.tolist() or None,
            population_size=self.size,
            mean=self.start[self._numbers].copy() if n else None,
            cov=np.eye(n) if n else None,
            sigma=sigma,
        )

    def draw(self, rng: np.random.Generator) -> Genes:
        """Genes of one individual, shape (d,); what was drawn before plays no part."""
        genes = self.start.copy()
        if self._cma is None:
            return genes
        self._cma.reseed_rng(int(rng.integers(2**32)))
        solution = self._inside()
        if solution._v_raw is not None:
            genes[self._numbers] = np.clip(solution._v_raw, 0.0, 1.0)
        if solution.c is not None:
            genes[self._chosen] = (solution.c.argmax(axis=1) + 0.5) / self._counts
        return genes

    def _inside(self) -> Any:
        for _ in range(RESAMPLED if len(self._free) <= FEW else 1):
            solution = self._cma.ask()
            if solution._v_raw is None:
                break
            numbers = solution._v_raw[: len(self._free)]
            if ((numbers >= 0.0) & (numbers <= 1.0)).all():
                break
        return solution

    def adapt(self, generation: Sequence[Individual]) -> None:
        """Learn from a generation, of `size` individuals."""
        if self._cma is None:
            return
        genes = [self._as_tried(each.genes) for each in ranked(generation)]
        numbers = self._shortened(np.array([each[self._numbers] for each in genes]))
        solutions = [self._solution(*pair) for pair in zip(genes, numbers, strict=True)]
        # ranks are all that counts, and unlike costs they are finite and differ
        self._cma.tell([(solution, float(rank)) for rank, solution in enumerate(solutions)])

    def _as_tried(self, genes: Genes) -> Genes:
        """With steps in places that are nearest to those of the values that were tried.

        The borders between two values are in the middle of their places, but of whole
        numbers on a logarithmic scale those of the search space are not.
        """
        genes = genes.copy()
        for k, places in zip(self._stepped, self._steps, strict=True):
            tried = self._domains[k].encode(self._domains[k].decode(genes[k]))
            if places[int(np.abs(np.array(places) - genes[k]).argmin())] != tried:
                genes[k] = tried
        return genes

    def _solution(self, genes: Genes, numbers: Genes) -> Any:
        choices = None
        if len(self._chosen):
            which = np.minimum(genes[self._chosen] * self._counts, self._counts - 1).astype(int)
            choices = np.arange(self._counts.max()) == which[:, None]
        return CatCMAwM.Solution(c=choices, _v_raw=numbers if len(numbers) else None)

    def _shortened(self, numbers: Genes) -> Genes:
        """Shape (m, n): what was not drawn from it, cut off at a length that might have been."""
        n = numbers.shape[1]
        if n == 0:
            return numbers
        steps = numbers - self._cma._mean
        variances, axes = np.linalg.eigh(self._normal)
        scales = np.sqrt(np.maximum(variances, TINY))
        lengths = np.linalg.norm(steps @ axes / scales, axis=1)
        longest = math.sqrt(n) + 2.0 * n / (n + 2.0)
        share = np.minimum(1.0, longest / np.maximum(lengths, TINY))
        return np.asarray(self._cma._mean + steps * share[:, None])

    @property
    def _normal(self) -> Genes:
        """Covariance of the numbers, which the package has no public name for."""
        cma = self._cma
        return np.asarray(cma._sigma**2 * cma._A[:, None] * cma._C * cma._A)

    @property
    def spread(self) -> float:
        """The largest standard deviation of a number that is a continuum, infinite without one.

        Others never converge, since they keep their margin.
        """
        if not len(self._free):
            return math.inf
        return float(np.sqrt(np.diag(self._normal)[: len(self._free)].max()))

    @property
    def mean(self) -> Genes:
        """Of the numbers, and the likeliest choices, shape (d,)."""
        mean = self.start.copy()
        if len(self._numbers):
            mean[self._numbers] = np.clip(self._cma._mean, 0.0, 1.0)
        if len(self._chosen):
            mean[self._chosen] = (self._cma._q.argmax(axis=1) + 0.5) / self._counts
        return mean

    @property
    def covariance(self) -> Genes:
        """Shape (d, d), 0 where there is a choice."""
        d = len(self.start)
        covariance = np.zeros((d, d))
        if len(self._numbers):
            covariance[np.ix_(self._numbers, self._numbers)] = self._normal
        return covariance

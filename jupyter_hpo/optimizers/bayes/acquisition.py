"""What is worth trying: acquisition functions of bayesian-optimization, on mixed spaces."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from bayes_opt.acquisition import (
    AcquisitionFunction,
    ExpectedImprovement,
    GPHedge,
    ProbabilityOfImprovement,
    UpperConfidenceBound,
)
from scipy.special import erfcx, ndtr

from .arrays import Array
from .coordinates import ABSENT, Coordinates
from .plateaus import Plateaus
from .search import maximise

if TYPE_CHECKING:
    from bayes_opt import TargetSpace

GOOD: Final = 5  # trials whose surroundings are looked at
LISTED: Final = 1_000  # configurations; of no more than these every one is looked at
WORST: Final = -1e300
FLAT: Final = 1e6  # taken off where a trial would show nothing new: such ones come last
INSIDE: Final = 0.25  # weight of the expectation that the best place is not at an edge
EDGE: Final = 0.02  # what is left of that expectation at an edge itself
FAR: Final = 1e3  # standard deviations beyond which expected improvement is a power of them


class Mixed(AcquisitionFunction):
    """Finds its maximum among configurations of our search space.

    Attributes
    ----------
    all : every configuration as a row, shape (n, len(space)), if the space is small.
    plateaus : where a trial would show nothing new.
    taken : configurations of a finite space that are told or run.
    """

    coordinates: Coordinates
    plateaus: Plateaus
    all: Array | None = None
    y_max: Any
    noise: float = 0.0
    taken: set[bytes] | frozenset[bytes] = frozenset()

    def on(self, coordinates: Coordinates, plateaus: Plateaus) -> Any:
        """The same function, for that space."""
        self.coordinates, self.plateaus = coordinates, plateaus
        space = coordinates.space
        if space.size is not None and space.size <= LISTED:
            rows = [coordinates.row(assignment) for assignment in space.enumerate(math.inf)]
            self.all = np.array(rows)
        return self

    def value(self, gp: Any, rows: Array) -> Array:
        """How good settled rows are, shape (m,); `aim` first."""
        return np.asarray(self.base_acq(*gp.predict(rows, return_std=True)))

    def aim(self, gp: Any, target_space: TargetSpace) -> Array:
        """Set what is to be improved on; the best trials' rows.

        That is the largest mean at a trial, not the largest outcome, which noise has helped.
        """
        rows = np.concatenate([target_space.params, gp.pending])
        if self.coordinates.space.size is not None:
            self.taken = set(_keys(rows))
        expected = gp.predict(rows)
        self.y_max, self.noise = float(expected.max()), gp.noise
        return rows[np.argsort(-expected, kind="stable")[:GOOD]]

    def ranked(self, gp: Any, target_space: TargetSpace, rng: np.random.Generator) -> Array:
        """Rows worth trying, the best first, shape (m, len(space))."""
        good = self.aim(gp, target_space)
        if self.all is not None:
            return self.all[np.argsort(-self._new(gp, self.all), kind="stable")]
        return maximise(lambda rows: self._new(gp, rows), self.coordinates, good, rng)

    def _new(self, gp: Any, rows: Array) -> Array:
        """How good rows are; what is known is worse, what of a finite space is taken the worst."""
        values = self.value(gp, rows)
        values[self.plateaus.know(rows)] -= FLAT
        if self.taken:
            values[[key in self.taken for key in _keys(rows)]] = WORST
        return values

    def suggest(
        self,
        gp: Any,
        target_space: TargetSpace,
        n_random: int = 0,
        n_smart: int = 0,
        fit_gp: bool = True,  # as bayesian-optimization has it
        random_state: int | np.random.RandomState | None = None,
    ) -> Array:
        """The best row, as bayesian-optimization asks for it; the numbers of points are ours."""
        if fit_gp:
            self._fit_gp(gp, target_space)
        if isinstance(random_state, np.random.RandomState):
            random_state = int(random_state.randint(2**31))
        rng = np.random.default_rng(random_state)
        return np.asarray(self.ranked(gp, target_space, rng)[0])


def _keys(rows: Array) -> list[bytes]:
    """The same for the same configuration, whichever way its row was made."""
    return [row.tobytes() for row in np.round(rows, 9) + 0.0]


class LogEI(Mixed):
    """The logarithm of expected improvement, augmented for noise.

    S. Ament et al., "Unexpected improvements to expected improvement for Bayesian
    optimization", 2023, eq. 9: it can be followed also where the improvement itself
    is too small for a float. D. Huang et al., "Global optimization of stochastic black-box
    systems via sequential kriging meta-models", 2006, eq. 12: the factor that keeps it from
    trying the same place again and again. C. Hvarfner et al., "piBO: augmenting acquisition
    functions with user beliefs for Bayesian optimization", 2022, eq. 6, here with a weight that
    stays: ranges are chosen so that the best place is somewhere inside, while a model knows
    least at the edges, of which a space of many parameters has little else.
    """

    def __init__(self, xi: float) -> None:
        super().__init__()
        self.xi, self.y_max = xi, None

    def value(self, gp: Any, rows: Array) -> Array:
        u = rows[:, self.coordinates.smooth]
        u = np.where(u == ABSENT, 0.5, np.clip(u, 0.0, 1.0))
        belief = np.log((4.0 * u * (1.0 - u) + EDGE) / (1.0 + EDGE)).sum(axis=1)
        return np.asarray(super().value(gp, rows) + INSIDE * belief)

    def base_acq(self, mean: Array, std: Array) -> Array:
        assert self.y_max is not None
        improvement = log_improvement((mean - self.y_max - self.xi) / std) + np.log(std)
        # 1 - noise / total without its cancellation: what is known to within the noise is
        # not worth another trial
        total = np.hypot(std, self.noise)
        known = 2.0 * np.log(std) - np.log(total) - np.log(total + self.noise)
        return np.asarray(improvement + known)


class EI(Mixed, ExpectedImprovement):
    """Expected improvement."""


class POI(Mixed, ProbabilityOfImprovement):
    """Probability of improvement."""


class UCB(Mixed, UpperConfidenceBound):
    """Upper confidence bound."""


def log_improvement(z: Array) -> Array:
    """log(phi(z) + z Phi(z)), for a standard normal density phi and its integral Phi."""
    density = -0.5 * z * z - 0.5 * math.log(2.0 * math.pi)
    near = z > -1.0
    out = np.empty_like(z)
    out[near] = np.log(np.exp(density[near]) + z[near] * ndtr(z[near]))
    far = np.minimum(z[~near], -1.0)
    # Phi / phi is a scaled complementary error function; far out the bracket is 1 / z^2
    ratio = math.sqrt(0.5 * math.pi) * erfcx(-far / math.sqrt(2.0))
    bracket = np.where(far < -FAR, 1.0 / (far * far), 1.0 + far * ratio)
    out[~near] = density[~near] + np.log(np.maximum(bracket, 1e-300))
    return out


def hedge(coordinates: Coordinates, plateaus: Plateaus, kappa: float, xi: float) -> GPHedge:
    """Expected improvement, confidence bound and probability, by which one has paid off so far.

    M. Hoffman, E. Brochu and N. de Freitas, "Portfolio allocation for Bayesian
    optimization", 2011, algorithm 2.
    """
    members = EI(xi), UCB(kappa), POI(xi)
    return GPHedge([member.on(coordinates, plateaus) for member in members])

"""The model of the objective: a Gaussian process that learns trial by trial."""

from __future__ import annotations

import copy
import math
from typing import Final

import numpy as np

from .arrays import Array, Places
from .coordinates import Coordinates
from .likelihood import Likelihood, prior
from .outcomes import Scale
from .posterior import Posterior

FIRST: Final = 4  # trials that the hyperparameters of the kernel are first fitted to, at most
EACH: Final = 40  # trials up to which they are fitted anew at each one, then at each tenth more
STEPS: Final = 25  # of the optimization of the hyperparameters
MOST: Final = 250  # trials that are modelled at a time
NUMBERS: Final = 2e7  # squared distances in memory at a time
LENT: Final = 100  # trials of other studies that are learnt from


class Surrogate:
    """Takes the place of scikit-learn's regressor in bayesian-optimization.

    Its state is a function of the observations and their order: they are taken
    in one after the other, and the hyperparameters are fitted at fixed numbers
    of them, each time from where the last fit ended: those of the kernel, and then, given
    these, the power by which outcomes are scaled. Beyond `MOST` observations
    it keeps the better half and an even selection of the others.

    Parameters
    ----------
    coordinates : of the search space.
    first : observations that the hyperparameters are first fitted to.
    """

    def __init__(self, coordinates: Coordinates, first: int = FIRST) -> None:
        self._coordinates, self._first = coordinates, first
        self._lent: tuple[Array, Array] | None = None
        self._theta: Array | None = None
        self._power: float | None = None  # of the scale, as of the last fit
        self._posterior: Posterior | None = None
        self._kept: Places = np.zeros(0, dtype=int)  # observations that are modelled
        self._learnt = self._fitted = 0
        self.scale = Scale(np.zeros(0))
        self.pending: Array = np.zeros((0, len(coordinates.each)))  # rows of trials that run

    @property
    def noise(self) -> float:
        """Standard deviation of the noise, on the scale of `scale`."""
        assert self._posterior is not None
        return math.sqrt(self._posterior.noise)

    @property
    def ready(self) -> bool:
        """Whether there is enough to predict from."""
        return self._posterior is not None

    def lend(self, rows: Array, targets: Array) -> None:
        """Learn from another study: its rows, shape (n, len(space)), and outcomes, shape (n,).

        They are told apart by one more coordinate, whose lengthscale says how much they
        have in common with this study (the product kernel of K. Swersky et al.,
        "Multi-task Bayesian optimization", 2013, eq. 5, with two tasks).
        """
        kept = _selection(targets, LENT)
        x = self._coordinates.model(rows[kept])
        lent = np.concatenate([x, np.ones((len(x), 1))], axis=1)
        self._lent = lent, Scale(targets)(targets[kept])
        self._fit(np.zeros((0, rows.shape[1])), np.zeros(0))

    def fit(self, rows: Array, targets: Array) -> Surrogate:
        """Learn from rows, shape (n, len(space)), and what is maximised, shape (n,).

        Those it knows already must come first, as they were.
        """
        self.take_in(rows, targets)
        if self.scale.count < len(targets):
            self._observe(targets)
        return self

    def take_in(self, rows: Array, targets: Array) -> None:
        """What takes long of `fit`: afterwards that takes no longer than one prediction."""
        while self._learnt < len(targets):
            self._learnt += 1
            count = self._learnt
            due = count - self._fitted >= (1 if self._fitted < EACH else self._fitted // 10)
            if due and (count >= self._first or self._lent is not None):
                self._fit(rows[:count], targets[:count])
            elif self._posterior is not None:
                self._posterior = self._posterior.extended(self._x(rows[count - 1 : count])[0])
                self._kept = np.append(self._kept, count - 1)

    def _observe(self, targets: Array) -> None:
        self.scale = Scale(targets, self._power)
        if self._posterior is not None:
            self._posterior = self._posterior.observed(self._y(self.scale(targets)[self._kept]))

    def _fit(self, rows: Array, targets: Array) -> None:
        lent = self._lent is not None
        starts = self._coordinates.starts
        if lent:
            starts = np.append(starts, self._coordinates.columns)
        room = int(math.sqrt(NUMBERS / len(starts))) - (len(self._lent[1]) if self._lent else 0)
        self._kept = _selection(targets, max(min(MOST, room), FIRST))
        self.scale, known = Scale(targets, self._power), targets[self._kept]
        x, y = self._x(rows[self._kept]), self._y(self.scale(known))
        if self._lent is not None:
            x = np.concatenate([self._lent[0], x])
        expected = prior(self._coordinates.nominal, lent=lent)
        start = expected[0] if self._theta is None else self._theta
        theta = Likelihood(x, y, starts, expected).best(start, STEPS)
        widths = np.diff(np.append(starts, x.shape[1]))
        scale = np.repeat(np.exp(-theta[:-2]), widths)
        self._posterior = Posterior.of(x, scale, math.exp(theta[-2]), math.exp(theta[-1]))
        if not lent:  # whose outcomes have been scaled by themselves
            self._power = self.scale.likeliest_power(known, self._posterior.variances)
            self.scale = Scale(targets, self._power)
            y = self.scale(known)
        self._posterior = self._posterior.observed(y)
        self._theta, self._fitted = theta, len(targets)

    def _x(self, rows: Array) -> Array:
        x = self._coordinates.model(rows)
        if self._lent is None:
            return x
        return np.concatenate([x, np.zeros((len(x), 1))], axis=1)

    def _y(self, outcomes: Array) -> Array:
        return outcomes if self._lent is None else np.concatenate([self._lent[1], outcomes])

    def predict(self, rows: Array, return_std: bool = False) -> Array | tuple[Array, Array]:
        """Mean, and standard deviation if asked for, on the scale of `scale`; shape (m,) each."""
        assert self._posterior is not None
        x = self._x(np.asarray(rows, dtype=float))
        return self._posterior.predict(x) if return_std else self._posterior.expect(x)

    def seeing(self, rows: Array, targets: Array, more: Array, likely: Array) -> Surrogate:
        """The model if trials that are set aside, too, had ended, as they are likely to.

        Fitted to all of them at once, from where the last fit ended; this one stays as it is.

        Parameters
        ----------
        rows, targets : what it has learnt, as of `fit`.
        more, likely : the same of those trials.
        """
        other = copy.copy(self)
        other.pending = more
        other._fit(np.concatenate([rows, more]), np.concatenate([targets, likely]))
        return other

    def expecting(self, rows: Array) -> Surrogate:
        """The model if trials that run now were to end as it expects, which leaves less to learn.

        D. Ginsbourger, R. Le Riche and L. Carraro, "Kriging is well-suited to parallelize
        optimization", 2010: the kriging believer.
        """
        other = copy.copy(self)
        assert self._posterior is not None
        posterior = self._posterior
        for x in self._x(rows):
            # without a weight of its own: an outcome that is the mean does not move the mean
            posterior = posterior.extended(x)
        other._posterior, other.pending = posterior, rows
        return other


def _selection(targets: Array, most: int) -> Places:
    """Places of the better half and an even share of the rest, at most so many, in order."""
    if len(targets) <= most:
        return np.arange(len(targets))
    order = np.argsort(-targets, kind="stable")
    best, rest = order[: most // 2], order[most // 2 :]
    spread = np.linspace(0, len(rest) - 1, most - most // 2).astype(int)
    return np.sort(np.concatenate([best, rest[spread]]))

"""How probable hyperparameters of the kernel are, given what has been observed.

The kernel is a Matern of smoothness 5/2 with a lengthscale for each parameter
of the search space; its mean is a constant that is profiled out. C. E. Rasmussen
and C. K. I. Williams, "Gaussian Processes for Machine Learning", 2006: eqs. 4.17
(the kernel), 5.8 and 5.9 (the likelihood and its gradient).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from scipy.linalg import lapack
from scipy.optimize import minimize

from .arrays import Array, Places, Truth

ROOT5: Final = math.sqrt(5.0)
JITTER: Final = 1e-8  # of the signal's variance, about 1: what keeps the factorisation stable
IMPOSSIBLE: Final = 1e10

# Normal distributions of the logarithms: mean and standard deviation. Lengthscales are
# expected to grow with the square root of the number of parameters, as distances do
# (C. Hvarfner et al., "Vanilla Bayesian optimization performs great in high dimensions", 2024),
# though from a much shorter one than there, which keeps the search near what is good. Choices
# are as far apart as the ends of a range, and to learn of one from another takes a longer one.
# The noise may be anything from none to nearly all.
LENGTH: Final = (math.log(0.25), 0.6)
NOMINAL: Final = (math.log(0.4), 1.0)
TASK: Final = (0.0, 1.0)  # how far another study's trials are from this one's
AMPLITUDE: Final = (0.0, 0.7)
NOISE: Final = (math.log(3e-3), 2.5)
LENGTHS: Final = (math.log(0.02), math.log(200.0))
AMPLITUDES: Final = (-3.0, 3.0)
NOISES: Final = (math.log(1e-7), 1.0)


def matern(squares: Array) -> Array:
    """Correlation at squared distances, of any shape."""
    r = ROOT5 * np.sqrt(squares)
    return np.asarray((1.0 + r + r * r / 3.0) * np.exp(-r))


class Likelihood:
    """The negative logarithm of the posterior density, up to a constant.

    Its argument theta, shape (d + 2,), holds the logarithms of d lengthscales, of the
    signal's variance and of the noise's.

    Parameters
    ----------
    x : the model's coordinates, shape (n, columns).
    y : outcomes, shape (n,), of mean about 0 and variance about 1.
    starts : first column of each of the d parameters.
    prior : mean and standard deviation of theta, shape (d + 2,) each.
    """

    def __init__(self, x: Array, y: Array, starts: Places, prior: tuple[Array, Array]) -> None:
        self.count, self.lengths = len(y), len(starts)
        self.squares = _squares(x, starts).reshape(self.lengths, -1)
        self.y = y
        self.mean, self.deviation = prior

    def __call__(self, theta: Array) -> tuple[float, Array]:
        """Value and gradient, shape (d + 2,)."""
        n, d = self.count, self.lengths
        weights = np.exp(-2.0 * theta[:d])
        amplitude, noise = math.exp(theta[d]), math.exp(theta[d + 1])
        r = ROOT5 * np.sqrt(weights @ self.squares)
        decay = amplitude * np.exp(-r)
        signal = ((1.0 + r + r * r / 3.0) * decay).reshape(n, n)
        covariance = signal.copy()
        covariance.flat[:: n + 1] += noise + JITTER
        low, failed = lapack.dpotrf(covariance, lower=1, clean=1)
        if failed:
            return IMPOSSIBLE, np.zeros_like(theta)
        inverse, _ = lapack.dpotri(low, lower=1)
        inverse += np.tril(inverse, -1).T
        rows = inverse.sum(axis=0)
        residual = self.y - float(rows @ self.y) / float(rows.sum())
        alpha = inverse @ residual
        value = 0.5 * float(residual @ alpha) + float(np.log(np.diagonal(low)).sum())
        slack = np.outer(alpha, alpha) - inverse
        slope = np.empty_like(theta)
        change = slack.ravel() * ((5.0 / 3.0) * (1.0 + r) * decay)
        slope[:d] = 0.5 * weights * (self.squares @ change)
        slope[d] = 0.5 * float((slack * signal).sum())
        slope[d + 1] = 0.5 * noise * float(np.trace(slack))
        z = (theta - self.mean) / self.deviation
        return value + 0.5 * float(z @ z), z / self.deviation - slope

    def best(self, start: Array, steps: int) -> Array:
        """The most probable theta that a few steps of L-BFGS reach from `start`."""
        bounds = [LENGTHS] * self.lengths + [AMPLITUDES, NOISES]
        found = minimize(
            self, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": steps}
        )
        return np.asarray(found.x)


def _squares(x: Array, starts: Places) -> Array:
    """Squared distances of n points along each of d parameters, shape (d, n, n)."""
    if len(starts) == x.shape[1]:
        return np.asarray((x.T[:, :, None] - x.T[:, None, :]) ** 2)
    squares = np.zeros((len(starts), len(x), len(x)))
    ends = [*starts[1:], x.shape[1]]
    for k, (start, end) in enumerate(zip(starts, ends, strict=True)):
        # one after the other: of a choice among thousands all at once would not fit into memory
        for column in x[:, start:end].T:
            if column.any():  # else a choice that no point has
                squares[k] += np.subtract.outer(column, column) ** 2
    return squares


def prior(nominal: Truth, *, lent: bool = False) -> tuple[Array, Array]:
    """Mean and standard deviation of theta.

    Parameters
    ----------
    nominal : which of the parameters are choices without an order, shape (d,).
    lent : whether one more coordinate tells studies apart.
    """
    wider = 0.5 * math.log(max(len(nominal), 1))
    lengths = [NOMINAL if each else LENGTH for each in nominal]
    each = [(mean + wider, deviation) for mean, deviation in lengths]
    means, deviations = zip(*each, *[TASK] * lent, AMPLITUDE, NOISE, strict=True)
    return np.array(means), np.array(deviations)

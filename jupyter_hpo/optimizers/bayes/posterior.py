"""What a Gaussian process expects, given observations and the kernel's hyperparameters."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import blas, lapack

from .arrays import Array
from .likelihood import JITTER, matern

LOWEST = 1e-12  # of a variance


@dataclass(frozen=True)
class Posterior:
    """The process at n observed points; the outcomes may change without a new factorisation.

    Attributes
    ----------
    scale : what coordinates are multiplied by, shape (columns,).
    amplitude, noise : variances of the signal and of the noise.
    x : scaled coordinates of the observations, shape (n, columns).
    inverse : of the lower Cholesky factor of their covariance, shape (n, n).
    mean : of the process far from all observations.
    weights : of the observations in the mean, shape (n,).
    """

    scale: Array
    amplitude: float
    noise: float
    x: Array
    inverse: Array
    mean: float
    weights: Array

    @classmethod
    def of(cls, x: Array, scale: Array, amplitude: float, noise: float) -> Posterior:
        """Factorise for points of shape (n, columns); outcomes are still to come."""
        scaled = x * scale
        covariance = amplitude * matern(_squares(scaled, scaled))
        extra = noise + JITTER
        while True:
            shifted = covariance + extra * np.eye(len(x))
            low, failed = lapack.dpotrf(shifted, lower=1, clean=1)
            if not failed:
                break
            extra *= 10.0  # points that nearly coincide, without noise
        inverse, _ = lapack.dtrtri(low, lower=1)
        none = np.zeros(len(x))
        return cls(scale, amplitude, extra - JITTER, scaled, inverse, 0.0, none)

    def extended(self, x: Array) -> Posterior:
        """With one more point, shape (columns,), in O(n^2)."""
        scaled = (x * self.scale)[None]
        row = self.inverse @ (self.amplitude * matern(_squares(self.x, scaled))[:, 0])
        left = self.amplitude + self.noise + JITTER - float(row @ row)
        last = 1.0 / math.sqrt(max(left, JITTER))
        n = len(self.x)
        inverse = np.zeros((n + 1, n + 1), order="F")
        inverse[:n, :n] = self.inverse
        inverse[n, :n] = -last * (row @ self.inverse)
        inverse[n, n] = last
        points = np.concatenate([self.x, scaled])
        return replace(self, x=points, inverse=inverse, weights=np.append(self.weights, 0.0))

    def observed(self, y: Array) -> Posterior:
        """With outcomes, shape (n,)."""
        mean, left = self._whitened(y)
        return replace(self, mean=float(mean), weights=self.inverse.T @ left)

    def variances(self, y: Array) -> Array:
        """The most probable factor of the covariance for outcomes in k versions, shape (n, k).

        That is what the process is surprised by in each of them, shape (k,).
        """
        _, left = self._whitened(y)
        return np.asarray((left**2).mean(axis=0))

    def _whitened(self, y: Array) -> tuple[Array, Array]:
        """The most probable mean of outcomes, and how far they are from it, as independent ones."""
        ones = self.inverse.sum(axis=1)
        z = self.inverse @ y
        mean = (ones @ z) / float(ones @ ones)
        return mean, z - np.multiply.outer(ones, mean)

    def expect(self, x: Array) -> Array:
        """Mean at points of shape (m, columns)."""
        return np.asarray(self.mean + self._covariance(x) @ self.weights)

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the signal, without noise."""
        covariance = self._covariance(x)
        mean = self.mean + covariance @ self.weights
        explained = blas.dtrmm(1.0, self.inverse, covariance.T, lower=1)
        variance = self.amplitude - np.einsum("ij,ij->j", explained, explained)
        return mean, np.sqrt(np.maximum(variance, LOWEST))

    def _covariance(self, x: Array) -> Array:
        return np.asarray(self.amplitude * matern(_squares(x * self.scale, self.x)))


def _squares(a: Array, b: Array) -> Array:
    """Squared distances, shape (len(a), len(b))."""
    sums = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :]
    return np.asarray(np.maximum(sums - 2.0 * (a @ b.T), 0.0))

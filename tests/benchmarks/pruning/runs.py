"""Recorded trials as a policy meets them: in some order, with some kind of reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from curves import load
from tasks import Task

WORST: Final = 2.0  # regret of no pick, and of any that is worse than this
NOISE: Final = 0.3  # standard deviation of the logarithm of noisy reports


@dataclass(frozen=True)
class Run:
    """A trial.

    Attributes
    ----------
    reports : of each of its epochs, one or several.
    value : of the objective when it is complete.
    regret : of its true error, and of its value: 0 is the best trial of all, 1 the median one.
        Of whichever trial has the best value, the second one is 0; the first one is not, and
        no pruner can do anything about that.
    """

    reports: list[list[float]]
    value: float
    regret: tuple[float, float]


Recorded = dict[str, Any]  # arrays of trials by epochs: batch, held, true


def _epochs(trial: Recorded, rng: np.random.Generator) -> tuple[Any, int]:
    """After each epoch the objective."""
    return trial["held"][:, None], len(trial["held"])


def _batches(trial: Recorded, rng: np.random.Generator) -> tuple[Any, int]:
    """The loss on one batch: noisy, and on another scale than the objective."""
    return trial["batch"][:, None], len(trial["held"])


def _noisy(trial: Recorded, rng: np.random.Generator) -> tuple[Any, int]:
    """Four reports an epoch, noisy estimates of the objective."""
    held = trial["held"]
    at = np.arange(4 * len(held)) / 4.0 - 0.75
    reports = np.interp(at, np.arange(len(held)), held)
    return (reports * np.exp(NOISE * rng.standard_normal(len(at)))).reshape(-1, 4), len(held)


def _lengths(trial: Recorded, rng: np.random.Generator) -> tuple[Any, int]:
    """Trials of 9 to 27 epochs."""
    length = int(rng.integers(9, len(trial["held"]) + 1))
    return trial["held"][:length, None], length


def _sums(trial: Recorded, rng: np.random.Generator) -> tuple[Any, int]:
    """The objective accumulates: the sum over all epochs so far."""
    return np.cumsum(trial["held"])[:, None], len(trial["held"])


KINDS: Final[dict[str, Callable[[Recorded, np.random.Generator], tuple[Any, int]]]] = {
    "epochs": _epochs,
    "batches": _batches,
    "noisy": _noisy,
    "lengths": _lengths,
    "sums": _sums,
}


@cache
def recorded(task: Task) -> Recorded:
    """Its curves as arrays."""
    return {kind: np.asarray(rows, dtype=float) for kind, rows in load(task).items()}


def runs(task: Task, order: int, kind: str) -> list[Run]:
    """All trials of a task in a random order, the same for every policy."""
    curves = recorded(task)
    rng = np.random.default_rng([order, len(task.name)])
    places = rng.permutation(len(curves["held"]))
    trials = [{each: rows[place] for each, rows in curves.items()} for place in places]
    reports, lengths = zip(*(KINDS[kind](trial, rng) for trial in trials), strict=True)
    ends = [(t["true"][n - 1], t["held"][n - 1]) for t, n in zip(trials, lengths, strict=True)]
    true, held = zip(*ends, strict=True)
    values = [r[-1, -1] for r in reports] if kind == "sums" else held
    both = zip(_regrets(true), _regrets(values), strict=True)
    return [Run(r.tolist(), float(v), b) for r, v, b in zip(reports, values, both, strict=True)]


def _regrets(values: Any) -> list[float]:
    finite = np.where(np.isfinite(values), values, np.inf)
    best, middle = finite.min(), np.median(finite)
    return np.minimum((finite - best) / (middle - best), WORST).round(4).tolist()

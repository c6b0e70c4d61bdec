"""The black-box functions of BBOB: continuous, noiseless, of known optimum.

Two functions of each kind the suite has (separable, moderately conditioned,
ill-conditioned, multimodal with and without structure), one for each split.
Each seed is another instance: shifted and rotated anew, so that no optimizer
gains by preferring the middle of the space; the edges it may leave out, since
the optima of nearly all functions lie within [-4, 4].
"""

from __future__ import annotations

from functools import partial

import ioh
import numpy as np

from jupyter_hpo.domains import Float

from .base import Assignment, Objective, Task, space

FUNCTIONS = {"dev": (1, 6, 8, 15, 17, 21), "test": (3, 7, 10, 13, 20, 22)}
DIMENSIONS = (2, 5, 10)


def tasks() -> list[Task]:
    """Every function in every dimension."""
    return [
        _task(function, dimension, split)
        for split, functions in FUNCTIONS.items()
        for function in functions
        for dimension in DIMENSIONS
    ]


def _task(function: int, dimension: int, split: str) -> Task:
    return Task(
        name=f"bbob-f{function:02}-d{dimension}",
        suite="bbob",
        split=split,
        space=space({f"x{k}": Float(-5.0, 5.0) for k in range(dimension)}),
        objective=_unseeded,
        reseed=partial(_objective, function, dimension),
    )


def _objective(function: int, dimension: int, seed: int) -> Objective:
    problem = ioh.get_problem(function, seed + 1, dimension, ioh.ProblemClass.BBOB)
    lowest = problem.optimum.y

    def excess(assignment: Assignment, rng: np.random.Generator) -> float:
        return float(problem([assignment[f"x{k}"] for k in range(dimension)]) - lowest)

    return excess


def _unseeded(assignment: Assignment, rng: np.random.Generator) -> float:
    raise TypeError("a BBOB function has a value only once its instance is chosen: use Task.at")

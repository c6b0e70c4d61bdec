"""What asking and telling a sampler of Optuna's costs here, beside what Optuna itself takes.

Six floats, `n` random trials told first; then the median of 40 trials, each asked for and told.
Also how long telling the `n` trials takes, as when a study is resumed.

    python tests/benchmarks/optuna_cost.py [SAMPLER ...]
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import optuna

from jupyter_hpo.domains import Float
from jupyter_hpo.optimizers import create
from jupyter_hpo.space import Space
from jupyter_hpo.trial import Trial, TrialState

SPACE = Space.of({f"x{k}": Float(0, 1) for k in range(6)})
MEASURED = 40


def score(values: Sequence[float]) -> float:
    return sum((value - 0.3) ** 2 for value in values)


def told(count: int) -> list[Trial]:
    rng = np.random.default_rng(0)
    drawn = [SPACE.sample(rng) for _ in range(count)]
    return [
        Trial(number, TrialState.COMPLETE, each, score(list(each.values())))
        for number, each in enumerate(drawn)
    ]


def median(step: Callable[[int], None], start: int) -> float:
    """Milliseconds of a step."""
    taken = []
    for number in range(start, start + MEASURED):
        before = time.perf_counter()
        step(number)
        taken.append(1e3 * (time.perf_counter() - before))
    return statistics.median(taken)


def ours(name: str, trials: list[Trial]) -> tuple[float, float]:
    """Milliseconds of a trial, and seconds of telling those of before."""
    optimizer = create(f"optuna:{name}", SPACE, seed=0)
    before = time.perf_counter()
    for trial in trials:
        optimizer.tell(trial)
    telling = time.perf_counter() - before

    def step(number: int) -> None:
        asked = optimizer.ask(number, np.random.default_rng(number), ())
        assert asked is not None
        value = score(list(asked.values()))
        optimizer.tell(Trial(number, TrialState.COMPLETE, asked, value))

    return median(step, len(trials)), telling


def optunas(name: str, trials: list[Trial]) -> float:
    """Milliseconds of a trial."""
    unit = optuna.distributions.FloatDistribution(0, 1)
    study = optuna.create_study(sampler=getattr(optuna.samplers, f"{name}Sampler")(seed=0))
    for trial in trials:
        shown = dict(trial.assignment)
        known = dict.fromkeys(shown, unit)
        study.add_trial(
            optuna.trial.create_trial(value=trial.value, params=shown, distributions=known)
        )

    def step(number: int) -> None:
        asked = study.ask()
        study.tell(asked, score([asked.suggest_float(key, 0, 1) for key in SPACE.names]))

    return median(step, len(trials))


def main() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    for name in sys.argv[1:] or ["TPE", "CmaEs", "NSGAII", "QMC", "Random"]:
        for count in (100, 1000):
            trials = told(count)
            here, telling = ours(name, trials)
            there = optunas(name, trials)
            print(
                f"{name:8} after {count:4}: {here:7.2f} ms here, {there:7.2f} ms in Optuna; "
                f"telling them {telling:5.2f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()

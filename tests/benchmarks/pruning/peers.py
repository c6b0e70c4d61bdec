"""Pruners of other packages, asked through their public interfaces."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

LONGEST: Final = 27


class Optuna:
    """One of `optuna.pruners`; `make` is given that module."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        import optuna

        warnings.simplefilter("ignore")  # of what is experimental
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = optuna.samplers.RandomSampler(seed=0)
        # its name seeds the brackets of Hyperband
        self._study = optuna.create_study(
            study_name="replay", sampler=sampler, pruner=make(optuna.pruners)
        )
        self._pruned, self._made = optuna.trial.TrialState.PRUNED, optuna.trial.create_trial

    def begin(self) -> None:
        self._trial = self._study.ask()

    def report(self, step: int, value: float) -> bool:
        self._trial.report(value, step)
        return self._trial.should_prune()

    def add(self, values: list[float]) -> None:
        """A complete trial, all at once."""
        reports = dict(enumerate(values))
        self._study.add_trial(self._made(value=values[-1], intermediate_values=reports))

    def end(self, value: float | None) -> None:
        if value is None:
            self._study.tell(self._trial, state=self._pruned)
        else:
            self._study.tell(self._trial, value)


class Ray:
    """ASHA of Ray Tune: its scheduler alone, told what its controller would tell it."""

    def __init__(self, **options: Any) -> None:
        from ray.tune.schedulers import ASHAScheduler

        self._scheduler = ASHAScheduler(metric="loss", mode="min", **options)
        self._number = 0

    def begin(self) -> None:
        self._number += 1
        self._trial = SimpleNamespace(trial_id=str(self._number))
        self._result: dict[str, float] = {}
        self._scheduler.on_trial_add(None, self._trial)

    def report(self, step: int, value: float) -> bool:
        self._result = {"training_iteration": step + 1, "loss": value}
        answer = self._scheduler.on_trial_result(None, self._trial, self._result)
        # the last report is the end, not an early one
        return answer == "STOP" and step + 1 < LONGEST

    def end(self, value: float | None) -> None:
        self._scheduler.on_trial_complete(None, self._trial, self._result)


def _hyperband(pruners: Any) -> Any:
    return pruners.HyperbandPruner(min_resource=1, max_resource=LONGEST)


TABLE: Final[dict[str, Callable[[], Any]]] = {
    "optuna-median": lambda: Optuna(lambda p: p.MedianPruner()),
    "optuna-percentile": lambda: Optuna(lambda p: p.PercentilePruner(25.0)),
    "optuna-halving": lambda: Optuna(lambda p: p.SuccessiveHalvingPruner()),
    "optuna-hyperband": lambda: Optuna(_hyperband),
    "optuna-patient": lambda: Optuna(lambda p: p.PatientPruner(p.MedianPruner(), patience=2)),
    "ray-asha": lambda: Ray(max_t=LONGEST),
    "ray-asha-3": lambda: Ray(max_t=LONGEST, reduction_factor=3),
}

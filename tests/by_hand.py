"""Studies of a Python function that a test holds while they run, as `tune` makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jupyter_hpo import Study
from jupyter_hpo.adviser import Adviser
from jupyter_hpo.bench import Settings
from jupyter_hpo.domains import Bool, Categorical, Domain
from jupyter_hpo.executors import KernelExecutor
from jupyter_hpo.launch import Request, launch
from jupyter_hpo.optimizers import TABLE
from jupyter_hpo.plain import FunctionBody, PlainHost
from jupyter_hpo.protocols import Optimizer, Pruner
from jupyter_hpo.pruners.none import Never
from jupyter_hpo.record import StudyInfo
from jupyter_hpo.runner import Runner
from jupyter_hpo.sitting import Sitting
from jupyter_hpo.space import Parameter, Space
from jupyter_hpo.store import Store

# of families such as optuna:NAME one member, quick and with something to learn in a few trials
OPTIMIZERS = [name for name in TABLE if ":" not in name] + ["optuna:TPE(n_startup_trials=3)"]


def held(
    objective: Callable[[Study, Mapping[str, Any], Any], float],
    space: Space,
    *,
    optimizer: str | Optimizer | None = None,
    trials: int | None = None,
    store: Store | None = None,
    resume: bool = False,
    seed: int | None = None,
    pruner: Pruner | None = None,
) -> Study:
    """A study that `study.sitting.drive()` runs; the objective is given it, too."""
    info = StudyInfo("study", "objective", False, "", 0, trials, space.to_json())
    request = Request(optimizer, trials, seed, resume)
    journal, chosen, earlier = launch(request, info, space, store)
    host = PlainHost()

    def objective_of_study(params: Mapping[str, Any], trial: Any) -> float:
        return objective(study, params, trial)

    executor = KernelExecutor(FunctionBody(objective_of_study), host, "objective")
    adviser = Adviser(journal, chosen, named=request.named)
    runner = Runner(journal, adviser, executor, host, Settings(), pruner or Never())
    runner.restore(earlier)
    study = Study(journal, Sitting(runner, host))
    return study


def narrowed(parameter: Parameter) -> Domain | None:
    """A domain with about half of the values; None if there is nothing to leave out."""
    now: Any = parameter.domain
    if isinstance(now, Bool) or now.size == 1:
        return None
    if isinstance(now, Categorical):
        return Categorical(*now.choices[1:])
    low, high = now.decode(0.3), now.decode(0.8)
    return type(now)(low, high, log=now.log, step=now.step)  # type: ignore[no-any-return]


def table(study: Study) -> list[tuple[Any, ...]]:
    """What must be the same, bit for bit, in two runs of a study."""
    return [(t.number, t.state, dict(t.assignment), t.value) for t in study.trials]

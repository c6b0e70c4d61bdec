"""`tune`: the same as ``%%tune``, without a cell."""

from __future__ import annotations

import numbers
import operator
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import optimizers
from .adviser import Adviser
from .bench import Settings
from .budget import Budget, seconds
from .context import refuse_inside_trial
from .domains import Domain
from .domains.base import short
from .errors import StudyError, StudyInterrupted, UsageError
from .executors import KernelExecutor
from .launch import DEFAULT_OPTIMIZER, Request, launch, pruner_of
from .options import LATER
from .plain import FunctionBody, PlainHost
from .protocols import Optimizer, Pruner
from .record import StudyInfo, StudyState
from .runner import Runner
from .sitting import Sitting
from .space import Space
from .store import Store
from .study import Study


def tune(
    objective: Callable[..., Any],
    space: Mapping[str, Domain],
    *,
    minimize: bool = True,
    optimizer: str | Optimizer | None = None,
    pruner: str | Pruner | None = None,
    trials: int | None = None,
    budget: str | None = None,
    seed: int | None = None,
    name: str = "study",
    store: str | Path | None = None,
    resume: bool = False,
    run: int | None = None,
    baseline: bool = True,
    retries: int = 0,
    max_failures: int | None = None,
    timeout: float | str | None = None,
    device: str | None = None,
    variables: Mapping[str, Any] | None = None,
    **later: Any,
) -> Study:
    """Search for the hyperparameters that make `objective` best.

    Parameters
    ----------
    objective : ``objective(params)`` or ``objective(params, trial)``, returning a number.
    space : ``{"lr": Float(1e-5, 1e-1, log=True), …}``; defaults are optional, and
        with all of them trial 0 runs them unless ``baseline=False``.
    minimize : whether smaller is better.
    optimizer : its name, perhaps with options (``"grid(points=5)"``), or an `Optimizer`.
    pruner : its name, perhaps with options (``"median(startup=3)"``), or a `Pruner`; by default
        ``"auto"``. It ends trials, all but the baseline, at one of their reports.
    trials : how many, in all sittings; by default 20, or the whole grid.
    budget : how much instead, or at most: ``"10m"``, ``"2h"``, ``"90s"`` of time, ``"500 epochs"``
        (reports of all trials together), or ``"worthwhile"``: until more trials are not.
    seed : default 0; the same call gives the same study.
    store, name, resume, run : a file or folder to keep the study in, its name there, whether
        to go on with the latest run of that name, or with which. Nothing is stored without
        `store`, or with ``"none"``.
    retries : how often a failed trial is run again before it counts as failed.
    max_failures : failed trials that end the study.
    timeout : seconds after which a trial is skipped, or a text such as ``"10m"``.
    device : what ``trial.device`` says.
    variables : tensors by name, for an optimizer whose options name some, as
        ``gradient(weights="example_weights")`` does; `params` has the trial's own under that name.

    Raises
    ------
    UsageError, SpaceError
        If an argument is wrong.
    StudyInterrupted
        On Ctrl-C; its ``study`` has the finished trials.
    StudyError
        If too many trials failed, or three in a row alike; so has its ``study``.
    Exception
        What the first trial raised, if it did. Later failures are in ``study.trials``.
    """
    for keyword in later:
        if keyword == "background":
            raise UsageError("background= needs a notebook: %%tune … --background")
        if keyword in LATER:
            raise UsageError(f"{keyword}= is not in this version: {LATER[keyword]}")
        raise TypeError(f"tune() got an unexpected keyword argument {keyword!r}")
    refuse_inside_trial("tune()")
    if not isinstance(minimize, bool):
        raise UsageError(f"minimize is True or False, not {short(minimize)}")
    if not callable(objective):
        raise UsageError(f"the objective is a function of the parameters, not {short(objective)}")
    if not (isinstance(name, str) and name):
        raise UsageError(f"name is the study's name, a text, not {short(name)}")
    searched = Space.of(space)
    chosen_name = DEFAULT_OPTIMIZER if optimizer is None else optimizer
    named = chosen_name if isinstance(chosen_name, str) else None
    if not len(searched) and (named is None or optimizers.needs_space(named)):
        raise UsageError('the space is empty; write, say, {"lr": Float(1e-5, 1e-1, log=True)}')
    info = StudyInfo(
        name, "objective", not minimize, "", 0, trials, searched.to_json(), created=time.time()
    )
    given = dict(variables or {})
    if given and named is not None and optimizers.needs_space(named):
        raise UsageError(
            f"variables= are for an optimizer that names them, as gradient(weights={min(given)!r}) "
            f"does, and {named} names none"
        )
    request = Request(
        optimizer,
        _count("trials", trials, 1),
        _count("seed", seed, 0),
        resume,
        _count("run", run, 1),
        pruner,
        given,
        _budget(budget),
    )
    # absolute: a trial may change the working directory
    kept = None if store in (None, "none") else Store(Path(store).expanduser().absolute())
    journal, chosen, earlier = launch(request, info, searched, kept)
    host = PlainHost()
    executor = KernelExecutor(
        FunctionBody(objective),
        host,
        "objective",
        maximize=not minimize,
    )
    settings = Settings(
        retries=_count("retries", retries, 0) or 0,
        max_failures=_count("max_failures", max_failures, 1),
        timeout=_time(timeout),
        baseline=baseline,
        device=device,
    )
    adviser = Adviser(journal, chosen, named=request.named, variables=given)
    chosen_pruner = pruner_of(request, journal.record.info)
    runner = Runner(journal, adviser, executor, host, settings, chosen_pruner)
    runner.restore(earlier)
    sitting = Sitting(runner, host)
    study = Study(journal, sitting)
    sitting.drive()
    failed = _how_it_ended(study)
    if failed is not None:
        raise failed
    return study


def _how_it_ended(study: Study) -> BaseException | None:
    """What `tune` raises for a study that did not run to its end."""
    info = study.record.info
    error: StudyInterrupted | StudyError
    if info.state is StudyState.PAUSED:
        error = StudyInterrupted(f"the study was interrupted after {study.record.finished} trials")
    elif info.state is StudyState.FAILED:
        error = StudyError(f"the study has failed: {info.message}")
    else:
        return None
    error.study = study
    return error


def _time(value: Any) -> float | None:
    if value is None:
        return None
    try:
        if isinstance(value, str):
            return seconds(value)
        if isinstance(value, numbers.Real) and value is not True and float(value) > 0:
            return float(value)
    except ValueError:
        pass
    raise UsageError(f"timeout is a number of seconds, say timeout=60, not {short(value)}")


def _budget(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return Budget.of(value).text
    except (ValueError, AttributeError):
        raise UsageError(
            f"budget is '10m', '2h', '90s', '500 epochs' or 'worthwhile', not {short(value)}"
        ) from None


def _count(name: str, value: Any, lowest: int) -> int | None:
    if value is None:
        return None
    try:
        number = operator.index(value)
    except TypeError:
        number = lowest - 1
    if number >= lowest and not isinstance(value, bool):
        return number
    raise UsageError(f"{name} is a whole number from {lowest}, say {name}=3, not {short(value)}")

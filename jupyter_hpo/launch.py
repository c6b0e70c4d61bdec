"""Starting a study: a new run, or the stored one that is to go on."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from . import editing, optimizers, pruners
from .budget import budgeted
from .domains.base import short
from .errors import CellError, SpaceError, StoreError, StudyError, UsageError
from .journal import Journal
from .protocols import Adapts, Optimizer, Promotes, Pruner, WorksInside
from .record import StudyInfo, StudyRecord, StudyState
from .space import Space
from .store import Store
from .trial import SEED, Trial

DEFAULT_TRIALS = 20
DEFAULT_OPTIMIZER = "auto"
DEFAULT_PRUNER = "auto"


@dataclass(frozen=True)
class Request:
    """What the user asked for; None: not said.

    Attributes
    ----------
    optimizer : its name with options, ``grid(points=5)``, or an `Optimizer`.
    trials : the study's total.
    budget : what it may spend, see `budget.Budget`.
    seed : of the study.
    pruner : its name with options, or a `Pruner`.
    resume : whether to go on with a stored run; `run` is which one, None the latest.
    variables : of the notebook, by name, for options of the optimizer that name some.
    """

    optimizer: str | Optimizer | None = None
    trials: int | None = None
    seed: int | None = None
    resume: bool = False
    run: int | None = None
    pruner: str | Pruner | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    budget: str | None = None

    @property
    def named(self) -> bool:
        """Whether the optimizer is known by its name, so that it can be made anew."""
        return self.optimizer is None or isinstance(self.optimizer, str)


def launch(
    request: Request, info: StudyInfo, space: Space, store: Store | None
) -> tuple[Journal, Optimizer, list[Trial]]:
    """The journal and the optimizer of a study, and the trials it has already.

    The search space is the journal's: that of a stored study may have been edited.

    Parameters
    ----------
    info : of the study as asked for; optimizer, total and seed are filled in here.

    Raises
    ------
    UsageError, StudyError, CellError
        If there is nothing to resume, it runs elsewhere, or its cell has changed.
    """
    if request.run is not None and not request.resume:
        raise UsageError("--run says which stored run to go on with; add --resume")
    if request.resume:
        return _resume(request, info, space, store)
    name = DEFAULT_OPTIMIZER if request.optimizer is None else request.optimizer
    info = budgeted(replace(info, seed=request.seed or 0), request.budget or "")
    optimizer, info = _with_optimizer(name, request.trials, info, space, request.variables)
    # one that works inside trials looks back from their end
    usual = "none" if isinstance(optimizer, WorksInside) else DEFAULT_PRUNER
    info = replace(info, pruner=_named(request.pruner or usual))
    _refuse_both(optimizer, request, info)
    return Journal.begin(info, space, store), optimizer, []


def _with_optimizer(
    chosen: str | Optimizer,
    trials: int | None,
    info: StudyInfo,
    space: Space,
    variables: Mapping[str, Any],
    apart: int = 0,
) -> tuple[Optimizer, StudyInfo]:
    if not isinstance(chosen, str):
        if isinstance(chosen, type) or not isinstance(chosen, Optimizer):
            raise UsageError(
                "the optimizer is a name such as 'random', or an object with ask() and tell(), "
                f"not {short(chosen)}"
            )
        total = DEFAULT_TRIALS if trials is None and not info.budget else trials
        return chosen, replace(info, optimizer=type(chosen).__name__, total=total)
    make = partial(optimizers.create, chosen, space, seed=info.seed, variables=variables)
    optimizer = make(trials=editing.left(trials, apart))
    whole = getattr(optimizer, "size", None)  # a grid knows how many configurations it has
    if trials is None and whole is None and not info.budget:
        trials = DEFAULT_TRIALS
        # which may depend on them, and does after a resume
        optimizer = make(trials=editing.left(trials, apart))
        whole = getattr(optimizer, "size", None)
    notes = dict.fromkeys([*info.notes, *editing.remarks(optimizer, trials)])
    info = replace(info, notes=tuple(notes))
    even = bool(getattr(optimizer, "even", False))
    return optimizer, replace(info, optimizer=chosen, total=trials, expected=whole, even=even)


def pruner_of(request: Request, info: StudyInfo) -> Pruner:
    """The pruner of a study.

    Raises
    ------
    UsageError
        If it is not known by its name, or no pruner at all.
    """
    if request.pruner is not None and not isinstance(request.pruner, str):
        return request.pruner
    try:
        return pruners.create(info.pruner, maximize=info.maximize)
    except UsageError as error:
        if request.pruner is not None:
            raise
        raise UsageError(
            f"study {info.name!r} used the pruner {info.pruner!r}, which is not to be found by "
            f"name ({error}); if it was an object of yours, give it again"
        ) from None


def _refuse_both(optimizer: Optimizer, request: Request, info: StudyInfo) -> None:
    """One that works inside trials is inside one at a time."""
    if isinstance(optimizer, WorksInside) and isinstance(pruner_of(request, info), Promotes):
        raise UsageError(
            f"{info.optimizer} works inside one trial at a time, and {info.pruner} sets trials "
            "aside for others; with it use --pruner none, or one that only ends trials (median)"
        )


def _named(pruner: str | Pruner) -> str:
    """What a study stores of it."""
    if isinstance(pruner, str):
        pruners.parse(pruner)
        return pruner
    if isinstance(pruner, type) or not isinstance(pruner, Pruner):
        raise UsageError(
            "the pruner is a name such as 'median', or an object with prune(trial, peers), "
            f"not {short(pruner)}"
        )
    return type(pruner).__name__


def _resume(
    request: Request, info: StudyInfo, space: Space, store: Store | None
) -> tuple[Journal, Optimizer, list[Trial]]:
    store, study_id = refuse_without(store, info, request.run)
    store.hold(study_id)
    try:
        old, stored = store.load(study_id)
        refuse_other(old, info)
        changed: dict[str, Any] = {"space": info.space, "cell": info.cell, "notes": info.notes}
        if request.seed is not None:
            changed["seed"] = request.seed
        if request.pruner is not None:
            changed["pruner"] = _named(request.pruner)
        now = replace(old, **changed, state=StudyState.PAUSED, message="")
        chosen = request.optimizer if request.optimizer is not None else old.optimizer
        space, now = _edited(space, old, now, chosen)
        if now.seed != old.seed:
            stored = [replace(each, info={SEED: old.seed, **each.info}) for each in stored]
            with suppress(StoreError):  # the study's next event says so
                store.save(study_id, trials=stored)
        trials = [_loaded(trial, space) for trial in stored]
        total, budget = old.total, old.budget
        if request.trials is not None or request.budget is not None:  # how much, said anew
            total, budget = request.trials, request.budget or ""
        now = budgeted(now, budget)
        if isinstance(chosen, str) and request.optimizer is None:
            _refuse_unnamed(chosen, old.name)
        apart = editing.apart(space, trials)
        optimizer, now = _with_optimizer(chosen, total, now, space, request.variables, apart)
        _refuse_both(optimizer, request, now)
        now = replace(now, even=now.even and old.even)
        if now.edits:
            finished, fits = editing.fitting(space, trials)
            notes = (*now.notes, editing.note(space, finished, fits))
            now = replace(now, notes=notes, expected=editing.expected(optimizer, finished, fits))
    except BaseException:
        store.release(study_id)
        raise
    record = StudyRecord(now)
    for trial in trials:
        record.put(trial)
    return Journal(record, space, store, study_id), optimizer, trials


def _edited(
    space: Space, old: StudyInfo, now: StudyInfo, chosen: str | Optimizer
) -> tuple[Space, StudyInfo]:
    """A declared space as it was edited before, as far as that still applies."""
    if not isinstance(chosen, str | Adapts):
        lost = ["The search space is that of the cell: the optimizer cannot follow its edits."]
        return space, replace(now, edits={}, notes=(*now.notes, *(lost if old.edits else [])))
    space, says = editing.again(space, old)
    edits = editing.stored(space)
    if edits and isinstance(chosen, Adapts):
        chosen.space_changed(space)
    return space, replace(now, edits=edits, notes=(*now.notes, *says))


def refuse_without(store: Store | None, info: StudyInfo, run: int | None) -> tuple[Store, int]:
    """The stored study to go on with; UsageError if there is none."""
    study_id = store.find(info.name, info.notebook, run) if store is not None else None
    if store is None or study_id is None:
        raise UsageError(
            f"there is no stored {f'run {run} of ' if run else ''}study "
            f"{info.name!r} to resume here; run it without --resume{_namesake(store, info)}"
        )
    return store, study_id


def _namesake(store: Store | None, info: StudyInfo) -> str:
    """What to do if the notebook has got another name since."""
    stored = store.list() if store is not None and info.notebook else []
    others = [each for each in stored if each.notebook not in ("", info.notebook)]
    former = next((each.notebook for each in others if each.name == info.name), "")
    return (
        f". {former!r} has one of that name: if this notebook was called so, "
        "give it that name back, and shut down its kernel to start another"
        if former
        else ""
    )


def _refuse_unnamed(chosen: str, study: str) -> None:
    """A study that used an object as its optimizer stores the name of its class only."""
    try:
        optimizers.parse(chosen)
    except UsageError as error:
        raise UsageError(
            f"study {study!r} used the optimizer {chosen!r}, which is no longer to be found by "
            f"name ({error}); if it was an object of yours, give it again"
        ) from None


def _loaded(trial: Trial, space: Space) -> Trial:
    """A stored trial with its values as the space holds or held them, as far as known."""
    try:
        return replace(trial, assignment=space.load(trial.assignment))
    except SpaceError:
        return replace(trial, assignment=space.recall(trial.assignment))


def refuse_other(old: StudyInfo, new: StudyInfo) -> None:
    """A study goes on only with the same objective and the same code.

    Raises
    ------
    StudyError, CellError
        If that is not so; the latter shows the difference.
    """
    if (old.metric, old.maximize) != (new.metric, new.maximize):
        verb = "maximizes" if old.maximize else "minimizes"
        raise StudyError(
            f"the stored study {old.name!r} {verb} {old.metric}; to go on with it, do the same, "
            "or drop --resume to start a new one"
        )
    if old.source != new.source:
        before, after = old.source.splitlines(), new.source.splitlines()
        rows = [
            row
            for row in difflib.unified_diff(before, after, lineterm="", n=0)
            if not row.startswith(("---", "+++", "@@"))
        ]
        shown = "\n    ".join(rows[:12]) + ("\n    …" if len(rows) > 12 else "")
        raise CellError(
            f"the cell has changed since study {old.name!r} was started, so its trials would not "
            f"be comparable (- then, + now):\n    {shown}\n"
            "Undo the change, or drop --resume to start a new run; the old one is kept"
        )

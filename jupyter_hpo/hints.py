"""What a user should know before a study starts, one sentence each; and the dry run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from . import optimizers
from .cell import Cell, objective
from .domains import Domain, Float, Int
from .errors import StoreError
from .launch import DEFAULT_OPTIMIZER, DEFAULT_TRIALS
from .protocols import Optimizer
from .record import StudyInfo, StudyRecord, StudyState
from .store import Store

DECADES: Final = 1000  # how many times low is high, where an even search is likely a slip


def hints(cell: Cell, asked: Any) -> list[str]:
    """Likely slips that are no errors."""
    found = [objective.direction_hint(cell.metric, asked.maximize is not None)]
    found += [
        f"`{name}` is declared but nothing in the cell reads it: tuning it is no use."
        for name in objective.unread(cell.source, cell.space.names)
    ]
    found += [_scale(p.name, p.domain) for p in cell.space]
    if asked.device and not cell.reads_device:
        found.append("--device has no effect: the cell does not read trial.device.")
    return [sentence for sentence in found if sentence]


def _scale(name: str, domain: Domain) -> str:
    """What is said of a range of several orders of magnitude that is searched evenly."""
    if not isinstance(domain, (Float, Int)) or domain.log or domain.step is not None:
        return ""
    if domain.low <= 0 or domain.high < DECADES * domain.low:
        return ""
    return (
        f"`{name}` is searched evenly from {domain.low!r} to {domain.high!r}, where nine of ten "
        f"values lie above {domain.high / 10:g}: log=True gives each order of magnitude its share."
    )


def set_aside(store: Store, notebook: str, name: str) -> list[str]:
    """Stop an earlier, paused run of a study that is started anew, and say how to get it back."""
    try:
        study_id = store.find(name, notebook)
        if study_id is None or store.alive(study_id):
            return []
        info, trials = store.load(study_id)
        if info.state is not StudyState.PAUSED:
            return []
        store.save(study_id, replace(info, state=StudyState.STOPPED))
    except StoreError:
        return []  # the new study will say what is wrong with the disk
    return [_kept(info, "paused", sum(trial.state.finished for trial in trials), stored=True)]


def kept_aside(record: StudyRecord, *, stored: bool) -> str:
    """What is said of a live study whose cell is run again."""
    was = "paused" if record.info.state is StudyState.PAUSED else "running in the background"
    return _kept(record.info, was, record.finished, stored=stored)


def _kept(info: StudyInfo, was: str, finished: int, *, stored: bool) -> str:
    of = f" of {info.total}" if info.total else ""
    what = f"Run {info.run} of this study was {was} after {finished}{of} trials and is "
    kept = f"kept; `--resume --run {info.run}` goes on with it." if stored else "stopped."
    return what + kept


def dry_run(
    cell: Cell, asked: Any, optimizer: str | Optimizer | None, variables: Mapping[str, Any]
) -> str:
    """The study as ``--trials 0`` describes it, and how it would run without.

    Parameters
    ----------
    optimizer : its name or an object, None: the default.
    """
    direction = "maximize" if asked.maximize is not None else "minimize"
    lines = [f"{direction} {cell.metric}", "", "search space:"]
    for p in cell.space:
        kind = f"   if {p.condition}" if p.condition else ""
        if kind:
            kind += " (dynamic: seen in the run)" if p.dynamic else " (static)"
        lines.append(f"  line {p.line}: {p.name}: {p.domain!r} = {p.domain.default!r}{kind}")
    lines += ["", _reports(cell), _grid(cell)]
    chosen, trials = optimizer or DEFAULT_OPTIMIZER, None if asked.budget else DEFAULT_TRIALS
    notice = ""
    if isinstance(chosen, str):
        made = optimizers.create(
            chosen, cell.space, seed=asked.seed or 0, trials=trials, variables=variables
        )
        notice = getattr(made, "notice", "")
    return "\n".join([*lines, *([notice] if notice else []), *hints(cell, asked)])


def _reports(cell: Cell) -> str:
    if not cell.loops:
        return f"reports: none; no loop of the cell assigns {cell.metric}"
    lines = " and ".join(map(str, cell.loops))
    return f"reports: {cell.metric} at the end of each iteration of the loop on line {lines}"


def _grid(cell: Cell) -> str:
    size = cell.space.size
    configurations = "infinitely many" if size is None else f"{size:,}"
    grid: Any = optimizers.create("grid", cell.space, seed=0)
    return f"configurations: {configurations}; the whole grid: {grid.size:,}"

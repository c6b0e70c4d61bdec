"""A search space that is edited while its study goes on: what is stored and said of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import optimizers
from .domains import Domain, edits
from .errors import SpaceError, StudyError
from .journal import Journal
from .protocols import Adapts, Optimizer
from .record import StudyInfo
from .space import Parameter, Space
from .trial import Trial, TrialState

SAYS = ("Search space edited: ", "The search space is as declared again")


def stored(space: Space) -> dict[str, dict[str, Any]]:
    """What of a space is not as declared, as plain JSON by key."""
    return {p.key: edits.stored(p.domain) for p in space if p.declared is not None}


def differ(one: Space, other: Space) -> bool:
    """Whether two versions of a space are not the same."""
    # as text, in which 1, 1.0 and True differ
    return json.dumps(stored(one)) != json.dumps(stored(other))


def again(space: Space, old: StudyInfo) -> tuple[Space, list[str]]:
    """A declared space with the edits of a stored study, and what the user should know.

    A parameter that is declared otherwise now is searched as it is declared.
    """
    before = {row["key"]: row for row in old.space}
    now = {row["key"]: row for row in space.to_json()}
    changes: dict[str, Domain] = {}
    lost = []
    for key, entry in old.edits.items():
        if key in now and _declares(now[key]) == _declares(before.get(key, {})):
            try:
                changes[key] = edits.restored(space[key].domain, entry)
                continue
            except SpaceError:  # written by another program
                pass
        lost.append(key)
    says = f"The edit of {', '.join(lost)} is dropped: the cell declares it otherwise now."
    return space.edited(changes), [says] if lost else []


def _declares(row: Mapping[str, Any]) -> str:
    """What a declaration says of the values; it may have moved."""
    apart = {"line", "condition", "dynamic"}
    return json.dumps({key: value for key, value in row.items() if key not in apart})


def fitting(space: Space, trials: Iterable[Trial]) -> tuple[list[Trial], list[Trial]]:
    """The finished trials, and those of them that are of this space."""
    finished = [trial for trial in trials if trial.state.finished]
    return finished, [trial for trial in finished if space.fits(trial.assignment)]


def apart(space: Space, trials: Iterable[Trial]) -> int:
    """How many trials of a study are none of this space; those that run, too."""
    there = (trial for trial in trials if trial.state is not TrialState.INTERRUPTED)
    return sum(not space.fits(trial.assignment) for trial in there)


def left(total: int | None, apart: int) -> int | None:
    """The total as an optimizer counts it, which is not told of trials of other spaces."""
    return None if total is None else max(total - apart, 1)


def note(space: Space, finished: Sequence[Trial], fits: Sequence[Trial]) -> str:
    """What is said of an edited space."""
    edited = [_change(p, p.declared) for p in space if p.declared is not None]
    says = SAYS[0] + "; ".join(edited) if edited else SAYS[1]
    kept = f"; {len(fits)} of {len(finished)} trials still fit" if finished else ""
    return f"{says}{kept}."


def _change(parameter: Parameter, declared: Domain) -> str:
    now, was = repr(parameter.domain), repr(declared)
    if now == was:
        now, was = f"= {parameter.domain.default!r}", f"= {declared.default!r}"
    return f"{parameter.key} {now}, was {was}"


def remarks(optimizer: Any, total: int | None) -> list[str]:
    """What the user should know of an optimizer for a study of so many trials."""
    notice, whole = getattr(optimizer, "notice", ""), getattr(optimizer, "size", None)
    says = f"The whole grid: {whole:,} configurations." if total is None and whole else ""
    return [each for each in (notice, says) if each]


def learned(optimizer: Any) -> list[str]:
    """What the trials told have shown it."""
    return list(getattr(optimizer, "learned", ()))


def expected(optimizer: Any, finished: Sequence[Trial], fits: Sequence[Trial]) -> int | None:
    """About how many trials there will be: those an optimizer has, and those of other spaces."""
    whole: int | None = getattr(optimizer, "size", None)
    return None if whole is None else whole + len(finished) - len(fits)


def refuse_unless_it_adapts(optimizer: Optimizer) -> None:
    """Raise StudyError for an object of the user's that cannot follow an edit."""
    if not isinstance(optimizer, Adapts):
        raise StudyError(
            f"the optimizer is an object of yours, and {type(optimizer).__name__} has no "
            "space_changed(space); give it that method, or start a new run with another space"
        )


def search(
    journal: Journal, optimizer: Optimizer, space: Space, variables: Mapping[str, Any]
) -> Optimizer:
    """Make a study search an edited space; the optimizer that does from now on.

    One that cannot follow is made anew and told again what still fits.
    """
    record = journal.record
    info = record.info
    notes = [*remarks(optimizer, info.total), *learned(optimizer)]
    finished, fits = fitting(space, record.trials)
    if isinstance(optimizer, Adapts):
        optimizer.space_changed(space)
    else:
        optimizer = _anew(info, space, record.trials, fits, variables)
    kept = [each for each in info.notes if each not in notes and not each.startswith(SAYS)]
    new = [*remarks(optimizer, info.total), note(space, finished, fits), *learned(optimizer)]
    journal.edit(
        space,
        edits=stored(space),
        notes=tuple(dict.fromkeys([*kept, *new])),
        expected=expected(optimizer, finished, fits),
    )
    return optimizer


def resized(
    journal: Journal,
    optimizer: Optimizer,
    was: int | None,
    trials: Sequence[Trial],
    variables: Mapping[str, Any],
) -> Optimizer:
    """The optimizer of a study that has another total now, as if it had been resumed with it.

    Parameters
    ----------
    optimizer : until now; one that is known by its name.
    was : the total until now.
    trials : in the order in which they ended.
    """
    info, space = journal.record.info, journal.space
    assert space is not None  # of a study that is only loaded
    finished, fits = fitting(space, trials)
    made = _anew(info, space, trials, fits, variables)
    former = [*remarks(optimizer, was), *learned(optimizer)]
    kept = [each for each in info.notes if each not in former]
    notes = dict.fromkeys([*kept, *remarks(made, info.total), *learned(made)])
    journal.update(notes=tuple(notes), expected=expected(made, finished, fits))
    return made


def _anew(
    info: StudyInfo,
    space: Space,
    trials: Sequence[Trial],
    fits: Sequence[Trial],
    variables: Mapping[str, Any],
) -> Optimizer:
    """A study's optimizer, made anew and told again."""
    total = left(info.total, apart(space, trials))
    optimizer = optimizers.create(
        info.optimizer, space, seed=info.seed, trials=total, variables=variables
    )
    for trial in fits:
        optimizer.tell(trial.minimised(info.maximize))
    return optimizer

"""What shared objects are like before a trial, and what has changed after it.

What counts as a change is what the next trial would start from: training and
writing in place, growth, and consumption. Reading, calling and iterating do
not count, nor does binding an attribute to a new object, which the next trial
does again. Objects of classes that are not known here are left alone; except
for ``len`` no code of the user's runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from . import arrays, containers, states, torches
from .reach import is_private, notebook_name
from .settings import Settings
from .watch import Check, Walk, Watch, is_cache


@dataclass(frozen=True)
class Change:
    """A shared object that a trial changed.

    Attributes
    ----------
    name : the object's name, as `reach` gave it.
    text : what became of it, "`model` was trained".
    did : the same after "this trial": "trained it".
    copied : whether ``--fresh`` can copy it.
    """

    name: str
    text: str
    did: str
    copied: bool = True


@dataclass(frozen=True)
class Fingerprint:
    """The state of shared objects; holds the objects themselves, so keep it for one trial only."""

    watches: Mapping[str, Watch]


def fingerprint(objects: Mapping[str, object]) -> Fingerprint:
    """Note what objects are like.

    Takes about 0.1 s for the 512 MB it reads at most; of an array or tensor
    above 64 MB only the shape and version are noted.

    Parameters
    ----------
    objects : by name, from `reach`.
    """
    walk = Walk(_begin)
    made = {name: walk.watch(value) for name, value in objects.items()}
    return Fingerprint({name: watch for name, watch in made.items() if watch is not None})


def changed(
    before: Fingerprint,
    objects: Iterable[str],
    expected: Iterable[object] = (),
    settings: Settings | None = None,
) -> list[Change]:
    """What has changed since the fingerprint, one change for each name.

    Parameters
    ----------
    before : from `fingerprint`.
    objects : the names to look at; a mapping of objects serves too.
    expected : values of the trial's hyperparameters. ``config["lr"] = lr`` sets what
        the next trial sets again, and is no change.
    settings : where to note such settings, to be put back.
    """
    check = Check(expected, settings)
    changes = []
    for name in objects:
        watch = before.watches.get(name)
        finding = check(watch) if watch is not None else None
        if watch is None or finding is None:
            continue
        if is_cache(name, watch, finding, private=is_private(name)):
            continue
        whole = f"`{name}{finding.path}`"
        it = whole if finding.path else "it"
        changes.append(
            Change(name, f"{whole} {finding.was}", finding.did.format(it=it), watch.copied)
        )
    return changes


def explain(changes: Iterable[Change], trial: str = "this trial") -> str:
    """The message that ends a study one of whose trials changed shared objects.

    Parameters
    ----------
    trial : which, in words.
    """
    changes = list(changes)
    told = [
        f"`{change.name}` was created outside this cell and {trial} {change.did}"
        for change in changes
    ]
    names = list(dict.fromkeys(notebook_name(change.name) for change in changes))
    fresh = [change.name for change in changes if change.name.isidentifier() and change.copied]
    them = "it" if len(changes) == 1 else "them"
    advice = f"Create {them} in the cell"
    if len(fresh) == len(changes):
        advice += f", or use `--fresh {','.join(fresh)}`"
    accepts = f"`--shared {','.join(names)}` accepts {them}."
    return (
        f"{'; '.join(told)}, so every trial would start where the last one ended. "
        f"{advice}. {accepts}"
    )


def _begin(walk: Walk, thing: Any, depth: int) -> Watch | None:
    return (
        torches.begin(walk, thing)
        or arrays.begin(walk, thing)
        or states.begin(walk, thing)
        or containers.begin(walk, thing, depth)
    )

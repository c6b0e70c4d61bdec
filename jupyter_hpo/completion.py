"""Completion on ``%%tune`` and ``%tune`` lines: options, optimizers, verbs, studies, variables."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from . import optimizers, pruners, verbs
from .errors import StoreError
from .options import OPTIONS

KEYS = ("%%tune", "%tune")


def install(shell: InteractiveShell, notebook: verbs.Notebook) -> None:
    """Let IPython ask us for the two magics' words."""

    def complete(self: Any, event: SimpleNamespace) -> list[str]:
        line = str(event.line)
        words = line.split()
        if not line or line[-1].isspace():
            words.append("")
        names = [str(name) for name in shell.user_ns if not str(name).startswith("_")]
        if words[0] == "%%tune":
            return [w for w in _of_cell(words[1:], names) if w.startswith(words[-1])]
        return [w for w in _of_line(words[1:], notebook) if w.startswith(words[-1])]

    hook: Any = shell.set_hook
    for key in KEYS:
        hook("complete_command", complete, str_key=key)


def remove(shell: InteractiveShell) -> None:
    """Undo `install`."""
    for key in KEYS:
        shell.strdispatchers["complete_command"].strs.pop(key, None)


def _of_cell(words: list[str], names: list[str]) -> list[str]:
    last = words[-2] if len(words) > 1 else ""
    option = next((o for o in OPTIONS if last in o.flags and o.metavar), None)
    if option is None:
        return [flag for o in OPTIONS for flag in o.flags if flag.startswith("--")]
    if option.dest == "optimizer":
        return sorted(name.replace(":NAME", ":TPE") for name in optimizers.names())
    if option.dest == "pruner":
        return sorted(pruners.names())
    if option.metavar in ("NAME", "NAMES") and option.dest != "device":
        return names
    return []


def _of_line(words: list[str], notebook: verbs.Notebook) -> list[str]:
    if len(words) <= 1:
        return list(verbs.VERBS)
    return sorted({*notebook.studies, *_stored(notebook)})


def _stored(notebook: verbs.Notebook) -> list[str]:
    place = notebook.place()
    store = place.store()
    try:
        return [each.name for each in store.list(place.notebook)] if store is not None else []
    except StoreError:
        return []

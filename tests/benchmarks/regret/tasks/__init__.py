"""All tasks, by suite. A suite is imported only if it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from .base import Among, Assignment, Task, space

__all__ = ["SUITES", "Among", "Assignment", "Task", "select", "space"]

SUITES = ("bbob", "tables", "training")


def select(suites: Sequence[str], split: str = "all", names: Sequence[str] = ()) -> list[Task]:
    """The tasks of these suites, in a fixed order.

    Parameters
    ----------
    suites : some of `SUITES`.
    split : ``dev``, ``test`` or ``all``.
    names : if given, only tasks whose name contains one of these.
    """
    unknown = set(suites) - set(SUITES)
    if unknown:
        raise SystemExit(f"no suite {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")
    tasks = [task for suite in suites for task in import_module(f"tasks.{suite}").tasks()]
    return [
        task
        for task in tasks
        if split in ("all", task.split) and (not names or any(name in task.name for name in names))
    ]

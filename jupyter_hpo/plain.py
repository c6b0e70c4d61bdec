"""Trials that are calls of a Python function, in plain Python."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from .context import TrialContext, trial
from .interrupts import Interrupts


class _NotCaptured:
    text = ""


class PlainHost(Interrupts):
    """Implements `protocols.Host` for a script: what trials print goes where it always does."""

    headless = True

    @contextmanager
    def capture(self, *, show: bool) -> Iterator[_NotCaptured]:
        """Let everything through."""
        yield _NotCaptured()

    def title(self, filename: str) -> str | None:
        """Files keep their names."""
        return None


class FunctionBody:
    """``objective(params)`` or ``objective(params, trial)``; implements `protocols.Body`."""

    def __init__(self, objective: Callable[..., Any]) -> None:
        self.objective = objective
        self._wants_trial = _wants_trial(objective)

    def run(self, context: TrialContext, interruptible: AbstractContextManager[None]) -> Any:
        """Call the objective with the active hyperparameters by name."""
        params = dict(context.params)
        with interruptible:
            return self.objective(params, trial) if self._wants_trial else self.objective(params)

    def release(self, keep: Sequence[str] = ()) -> dict[str, Any]:
        """A function leaves nothing behind."""
        return {}

    def expose(self) -> None:
        """A function leaves nothing behind."""


def _wants_trial(function: Callable[..., Any]) -> bool:
    """Whether a function takes a second argument: one without a default, or called trial."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    second = [p for p in parameters if p.kind in kinds][1:2]
    return any(p.default is inspect.Parameter.empty or p.name == "trial" for p in second)

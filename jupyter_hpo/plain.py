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
        self._wants_trial = _positional(objective) > 1

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


def _positional(function: Callable[..., Any]) -> int:
    """How many positional arguments a function must or may be given without a default."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is inspect.Parameter.empty for p in parameters)

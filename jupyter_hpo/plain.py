"""Trials that are calls of a Python function, in plain Python."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import CodeType
from typing import Any

from .context import TrialContext, trial
from .interrupts import Interrupts
from .protocols import Output


class _NotCaptured(Output):
    text = ""

    def enter(self) -> None:
        """Let everything through."""

    leave = enter


class PlainHost(Interrupts):
    """Implements `protocols.Host` for a script: what trials print goes where it always does."""

    headless = True

    def captured(self, *, show: bool) -> Output:
        """Let everything through."""
        return _NotCaptured()

    def is_users(self, code: CodeType) -> bool:
        """No line: a script has nobody to give the thread to."""
        return False

    def soon(self, action: Callable[[], None], seconds: float = 0) -> bool:
        """There is no event loop."""
        return False

    busy = False

    def place(self, frames: Sequence[tuple[str, str, int]]) -> str:
        """File and line."""
        return ", line ".join(map(str, frames[0][::2])) if frames else ""

    def addressee(self) -> Callable[[], AbstractContextManager[None]]:
        """There is one place to print to."""
        return nullcontext

    def attending(self) -> AbstractContextManager[None]:
        """There are no buttons."""
        return nullcontext()

    def title(self, filename: str) -> str | None:
        """Files keep their names."""
        return None


class FunctionBody:
    """``objective(params)`` or ``objective(params, trial)``; implements `protocols.Body`."""

    def __init__(self, objective: Callable[..., Any]) -> None:
        self.objective = objective
        self._wants_trial = _wants_trial(objective)

    def run(self, context: TrialContext, steered: AbstractContextManager[None]) -> Any:
        """Call the objective with the active hyperparameters by name."""
        params = context.bound
        with steered:
            return self.objective(params, trial) if self._wants_trial else self.objective(params)

    def beside(self) -> FunctionBody:
        """A call has its variables to itself: there is nothing to tell apart."""
        return self

    def variables(self) -> dict[str, Any]:
        """A function keeps its variables to itself."""
        return {}

    def others(self) -> list[Any]:
        """What the function finds in its module, and where it was defined."""
        held = getattr(self.objective, "__globals__", {})
        return [self.objective, *held.values()]

    def leave(self) -> None:
        """A function has variables of its own."""

    enter = leave

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

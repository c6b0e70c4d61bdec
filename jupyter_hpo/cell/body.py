"""The body of a trial that is a cell: its code, run in the notebook under an overlay."""

from __future__ import annotations

import asyncio
from asyncio import events
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import CodeType
from typing import TYPE_CHECKING, Any

from ..overlay import Overlay
from ..scalar import ObjectiveError
from . import Cell, is_coroutine
from .hooks import MISSING, Hooks
from .names import ANNOTATIONS, bindings
from .objective import RESULT
from .rewrite import HOOKS

if TYPE_CHECKING:
    from ..context import TrialContext


class CellBody:
    """Runs the cell once for each trial; implements `protocols.Body`.

    Parameters
    ----------
    cell, code : the cell and its compiled body.
    namespace : the notebook's.
    fresh : makes the objects of ``--fresh`` anew for a trial.
    """

    def __init__(
        self,
        cell: Cell,
        code: CodeType,
        namespace: dict[str, Any],
        fresh: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self.cell, self.code, self.namespace, self.fresh = cell, code, namespace, fresh
        self._dynamic_defaults = {p.key: p.domain.default for p in cell.space if p.dynamic}
        self._assigned = {binding.name for binding in bindings(code)}
        self._overlay: Overlay | None = None
        self._parked = False

    def run(self, context: TrialContext, steered: AbstractContextManager[None]) -> Any:
        """Run the cell; the value is what the objective's name holds at its end."""
        given = context.assignment
        # an earlier run may not have come to a declaration that this one comes to
        values = {**self._dynamic_defaults, **given}
        hooks = Hooks(
            {**values, **context.values},
            self.namespace,
            self.cell.metric,
            context.automatic,
            context.point,
        )
        # the metric that a plain run of the cell left in the notebook is not this trial's
        hidden = [self.cell.metric, ANNOTATIONS]
        own = {HOOKS: hooks, **self.fresh(), **context.laid}
        self._overlay = Overlay(self.namespace, own, hidden, self._assigned)
        try:
            with self._overlay:
                with steered:
                    self._execute()
                return self._objective(hooks)
        finally:
            context.assignment = {
                p.key: values[p.key]
                for p in self.cell.space
                if p.key in hooks.active or (p.key in given and not p.dynamic)
            }

    def _execute(self) -> None:
        if is_coroutine(self.code):
            _run_apart(self.code, self.namespace)
        else:
            exec(self.code, self.namespace)

    def _objective(self, hooks: Hooks) -> Any:
        metric = self.cell.metric
        if metric == RESULT:
            if hooks.outcome is None:
                raise ObjectiveError(
                    "the cell's last expression gave None (as print(…) does), not a number; "
                    "end the cell with the value itself"
                )
            return hooks.outcome
        value = self.namespace.get(metric, MISSING)
        if value is MISSING:
            raise ObjectiveError(f"the cell ended without assigning `{metric}`")
        return value

    def beside(self) -> CellBody:
        """The same cell, for a trial while that of this one stands still."""
        return CellBody(self.cell, self.code, self.namespace, self.fresh)

    def variables(self) -> dict[str, Any]:
        """The trial's variables, by name."""
        own = {} if self._overlay is None else self._overlay.own
        own.pop(HOOKS, None)
        return own

    def others(self) -> list[Any]:
        """What the notebook's variables hold."""
        return list(self.namespace.values())

    def leave(self) -> None:
        """Take the trial's variables out of the notebook, to `enter` later."""
        if self._overlay is not None and self._overlay.entered:
            self._overlay.leave()
            self._parked = True

    def enter(self) -> None:
        """Put them back."""
        if self._overlay is not None and self._parked:
            self._parked = False
            self._overlay.enter()

    def release(self, keep: Sequence[str] = ()) -> dict[str, Any]:
        """Let go of the trial's variables; return those named in `keep`."""
        if self._overlay is None:
            return {}
        kept = {name: self._overlay.own[name] for name in keep if name in self._overlay.own}
        self._overlay.clear()
        self._overlay = None
        return kept

    def expose(self) -> None:
        """Leave the trial's variables in the notebook, as a plain cell would."""
        if self._overlay is not None:
            own = dict(self._overlay.own)
            own.pop(HOOKS, None)
            self.namespace.update(own)
        self.release()


def _run_apart(code: CodeType, namespace: dict[str, Any]) -> None:
    """Run a cell that awaits on an event loop of its own: the kernel's is busy with this cell."""
    kernels = events._get_running_loop()
    events._set_running_loop(None)
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(eval(code, namespace))
    finally:
        try:
            _finish(loop)
        finally:
            loop.close()
            events._set_running_loop(kernels)


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what the cell started and did not await, as ``asyncio.run`` does."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:  # gather() of nothing would look for a loop of its own
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())

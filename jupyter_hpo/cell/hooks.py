"""What the rewritten cell calls while a trial runs: ``__tune__``; see `rewrite`."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Any

MISSING = object()


class Hooks:
    """Feeds values into one run of a cell, and watches its metric.

    Parameters
    ----------
    values : value of each parameter to be assigned, by key.
    namespace : where the cell runs.
    metric : name of the objective.
    report : called with the metric's value and the iteration's index at the end of
        each iteration of the reporting loop in which it was assigned.
    point : called at the end of each iteration, where the trial may be parked or ended.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        namespace: Mapping[str, Any],
        metric: str,
        report: Callable[[Any, int], None],
        point: Callable[[], None] = lambda: None,
    ) -> None:
        self.active: dict[str, Any] = {}
        self.outcome: Any = MISSING
        self._values, self._namespace = values, namespace
        self._metric, self._report, self._point = metric, report, point
        self._running = self._marked = False
        self._ended = 0  # iterations, counted on over all loops: no step comes twice
        self._last: Any = MISSING

    def value(self, key: str) -> Any:
        """The value of a declaration that the run has reached."""
        value = self.active[key] = self._values[key]
        return value

    def mark(self) -> None:
        """The metric has just been assigned."""
        self._marked = True

    def marked(self, value: Any) -> Any:
        """The metric is being assigned `value`."""
        self._marked = True
        return value

    def begin(self) -> None:
        """A loop begins; one that an exception has left before has not ended its iteration."""
        self._running = False

    def holds(self, test: Any) -> bool:
        """Whether the test of a ``while`` holds; if not, there is no further iteration."""
        self._running = bool(test)
        return self._running

    def tick(self) -> bool:
        """A new iteration begins, so the one before has ended. Always True."""
        if self._running:
            self._iteration_ended()
        else:  # what the metric held before the loop is no report of it
            self._marked, self._last = False, self._namespace.get(self._metric, MISSING)
        self._running = True
        return True

    def end(self) -> None:
        """The loop has ended."""
        if self._running:
            self._iteration_ended()
        self._running = False

    def loop(self, iterable: Iterable[Any]) -> Iterator[Any]:
        """`iterable`, with a tick before each of its items and an end after the last."""
        self.begin()
        return _Loop(self, iter(iterable))

    def aloop(self, iterable: AsyncIterable[Any]) -> AsyncIterator[Any]:
        """The same for ``async for``."""
        self.begin()
        return _AsyncLoop(self, iterable.__aiter__())

    def result(self, value: Any) -> Any:
        """The value of the cell's last expression."""
        self.outcome = value
        return value

    def _iteration_ended(self) -> None:
        # a metric assigned by a function through `global` shows by its identity only
        value = self._namespace.get(self._metric, MISSING)
        assigned = self._marked or value is not self._last
        self._marked, self._last = False, value
        step, self._ended = self._ended, self._ended + 1
        if assigned and value is not MISSING:
            self._report(value, step)
        self._point()


class _Loop:
    """A plain iterator rather than a generator: ``break`` leaves nothing to be closed late."""

    def __init__(self, hooks: Hooks, items: Iterator[Any]) -> None:
        self._hooks, self._items = hooks, items

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        self._hooks.tick()
        try:
            return next(self._items)
        except StopIteration:
            self._hooks._running = False
            raise


class _AsyncLoop:
    def __init__(self, hooks: Hooks, items: AsyncIterator[Any]) -> None:
        self._hooks, self._items = hooks, items

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        self._hooks.tick()
        try:
            return await self._items.__anext__()
        except StopAsyncIteration:
            self._hooks._running = False
            raise

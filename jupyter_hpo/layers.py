"""What surrounds a trial while it runs, and is put aside while the trial is parked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any


class Layer:
    """One state of the process that a trial has for itself.

    `enter` puts the trial's in force, `leave` the user's again, any number of
    times; `end` is the last `leave`. None of them raises.
    """

    def enter(self) -> None:
        """The trial begins, or goes on: its state is in force. By default there is none."""

    def leave(self) -> None:
        """The trial is parked: its state is kept, the user's is in force."""

    def end(self) -> None:
        """The trial is over: the user's state is in force."""
        self.leave()

    def take(self) -> Any:
        """What `leave` has put aside; it is held no more, for another trial is to have its turn."""

    def give(self, taken: Any) -> None:
        """What `take` has returned is to be in force from the next `enter` on."""

    def __enter__(self) -> None:
        self.enter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()


class Sliced(Layer):
    """A layer from a context manager, made anew for each slice of the trial."""

    def __init__(self, make: Callable[[], AbstractContextManager[Any]]) -> None:
        self._make = make
        self._open = ExitStack()

    def enter(self) -> None:
        self._open.enter_context(self._make())

    def leave(self) -> None:
        self._open.close()


class Surroundings(Layer):
    """All layers of a trial, entered in order and left in the opposite one."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = list(layers)

    def silence(self) -> None:
        """Leave the innermost layer, after which no signal raises: the others go in one piece."""
        self._layers[-1].leave()

    def enter(self) -> None:
        _all([layer.enter for layer in self._layers])

    def leave(self) -> None:
        _all([layer.leave for layer in reversed(self._layers)])

    def end(self) -> None:
        _all([layer.end for layer in reversed(self._layers)])


def _all(steps: Sequence[Callable[[], None]]) -> None:
    """Do all steps; one that fails keeps none of the others from being done."""
    failed: BaseException | None = None
    for step in steps:
        try:
            step()
        except BaseException as error:  # noqa: BLE001  # raised below
            failed = failed or error
    if failed is not None:
        raise failed

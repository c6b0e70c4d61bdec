"""The layers of a trial that runs on this thread."""

from __future__ import annotations

import sys
import time
from asyncio import events
from collections.abc import Mapping
from typing import Any

from .context import Running, TrialContext
from .controls import Controls
from .figures import Figures
from .interrupts import Steering
from .layers import Layer, Sliced, Surroundings
from .modes import Mode, Modes
from .protocols import Body, Output
from .randomness import Seeded
from .resources import Usage, measure
from .thread_modes import ThreadModes


def surroundings(
    body: Body,
    context: TrialContext,
    controls: Controls,
    printed: Output,
    steering: Steering,
    usage: Usage,
    seed: int,
    modes: Mapping[Mode, Any],
    inside: Layer,
) -> Surroundings:
    """All that is laid around a trial of `body`; what it costs is added to `usage`.

    Parameters
    ----------
    modes : of the process, as each trial of the study starts with them.
    inside : of an optimizer that works inside trials.
    """
    return Surroundings(
        [
            printed,
            Modes(modes),  # before the figures, which are drawn by them
            Figures(),
            Sliced(lambda: measure(usage)),
            Seeded(seed, context.number),
            ThreadModes(),
            inside,
            EventLoop(),
            Clock(controls),
            Running(context),
            InNotebook(body),
            steering,
        ]
    )


class InNotebook(Layer):
    """The trial's variables are in the notebook while it runs."""

    def __init__(self, body: Body) -> None:
        self._body = body

    def enter(self) -> None:
        self._body.enter()

    def leave(self) -> None:
        self._body.leave()

    def end(self) -> None:
        """Nothing: the body itself takes its variables out."""


class EventLoop(Layer):
    """asyncio's running loop: a cell that awaits has one of its own; see `cell.body`.

    With it go the hooks by which a loop knows the asynchronous generators that it is to close.
    """

    def __init__(self) -> None:
        self._users = self._trials = self._now()
        self._parked = False

    @staticmethod
    def _now() -> tuple[Any, Any]:
        return events._get_running_loop(), sys.get_asyncgen_hooks()

    @staticmethod
    def _put(loop: Any, hooks: Any) -> None:
        events._set_running_loop(loop)
        sys.set_asyncgen_hooks(*hooks)

    def enter(self) -> None:
        self._users = self._now()
        if self._parked:
            self._put(*self._trials)

    def leave(self) -> None:
        self._parked, self._trials = True, self._now()
        self._put(*self._users)

    def end(self) -> None:
        """Nothing: a body that sets a loop puts the other back."""


class Clock(Layer):
    """The time a trial may take runs while the trial does."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._left = controls.allowed

    def enter(self) -> None:
        if self._left is not None:
            self._controls.deadline = time.monotonic() + self._left
        if self._left is not None or self._controls.left() is not None:
            self._controls.notify()

    def leave(self) -> None:
        deadline, self._controls.deadline = self._controls.deadline, None
        self._left = None if deadline is None else deadline - time.monotonic()

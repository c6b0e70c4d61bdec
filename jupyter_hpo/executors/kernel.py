"""Trials on this thread, one after the other: the notebook's kernel, or a plain script."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from .. import modes
from ..context import TrialContext, running
from ..figures import figures
from ..protocols import Body, Host, Outcome
from ..randomness import seeded
from ..resources import collect, is_out_of_memory, measure, release_frames
from ..scalar import ObjectiveError, as_scalar, carries_graph
from ..tracebacks import summary, text


class KernelExecutor:
    """Implements `protocols.Executor` on the calling thread.

    Parameters
    ----------
    body : the trial's code.
    host : the kernel, or plain Python.
    metric, maximize : the objective's name and direction, for messages.
    seed : of the study; each trial's random number generators follow from it.
    """

    def __init__(
        self, body: Body, host: Host, metric: str, seed: int, *, maximize: bool = False
    ) -> None:
        self.body, self.host, self.metric, self.seed = body, host, metric, seed
        self.maximize = maximize

    def run(self, context: TrialContext, *, show: bool) -> Outcome:
        """Run one trial to its end."""
        outcome, process = Outcome(), os.getpid()
        with ExitStack() as around:
            printed = around.enter_context(self.host.capture(show=show))
            around.enter_context(modes.kept())  # before the figures, which are drawn by them
            around.enter_context(figures())
            spent = around.enter_context(measure())
            around.enter_context(seeded(self.seed, context.number))
            try:
                with running(context):
                    raw = self.body.run(context, self.host.interruptible())
                outcome.graph = carries_graph(raw)
                outcome.value = as_scalar(raw, self.metric, maximize=self.maximize)
            except BaseException as error:  # SystemExit, too, only ends a trial
                if os.getpid() != process:
                    raise  # a child that the trial has forked goes its own way
                outcome.exception = error
                plain = isinstance(error, ObjectiveError)  # says all there is to say
                outcome.error = str(error) if plain else text(error, self.host.title)
                outcome.reason = str(error) if plain else summary(error)
        outcome.seconds = spent.seconds
        outcome.peak_memory, outcome.peak_memory_cuda = spent.peak_memory, spent.peak_memory_cuda
        outcome.output = printed.text
        return outcome

    def release(self, outcome: Outcome, keep: Sequence[str] = ()) -> dict[str, Any]:
        """Let go of all the trial made; return the variables named in `keep`."""
        kept = self.body.release(keep)
        full = outcome.exception is not None and is_out_of_memory(outcome.exception)
        if outcome.exception is not None:
            release_frames(outcome.exception)
            outcome.exception = None
        collect(out_of_memory=full)
        return kept

    def expose(self) -> None:
        """Leave the trial's variables in the notebook, for the debugger."""
        self.body.expose()

"""Trials on this thread, one after the other: the notebook's kernel, or a plain script."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..context import TrialContext
from ..errors import GradientError
from ..layers import Layer
from ..modes import Mode, snapshot
from ..parking import Standing
from ..protocols import Body, Host, Outcome, Output
from ..resources import Usage, collect, is_out_of_memory, release_frames, trial_under_way
from ..scalar import ObjectiveError, as_scalar, carries_graph
from ..surroundings import surroundings
from ..tracebacks import summary, text


class KernelExecutor:
    """Implements `protocols.Executor` on the calling thread.

    Parameters
    ----------
    body : the trial's code.
    host : the kernel, or plain Python.
    metric, maximize : the objective's name and direction, for messages.
    modes : of the process, as each trial starts with them; by default, as they are now.
    """

    def __init__(
        self,
        body: Body,
        host: Host,
        metric: str,
        *,
        maximize: bool = False,
        modes: Mapping[Mode, Any] | None = None,
    ) -> None:
        self.body, self.host, self.metric = body, host, metric
        self.maximize = maximize
        # What the user's cells change while the study is parked or behind them is not the trials'.
        self._modes = snapshot() if modes is None else modes
        self._printed: Output | None = None  # by the trial that runs now
        self._usage: Usage | None = None  # of it

    def run(self, context: TrialContext, parking: Standing, *, show: bool) -> Outcome:
        """Run one trial to its end, in as many slices as `parking` makes of it."""
        outcome, process, usage = Outcome(), os.getpid(), Usage()
        self._usage = usage
        printed = self._printed = self.host.captured(show=show)
        steering = self.host.steered(parking.arm)
        inside, layer = context.inside, Layer()
        if inside is not None:
            context.bind(inside.enter(context.assignment))
            layer = inside.around()
        around = surroundings(
            self.body,
            context,
            parking.controls,
            printed,
            steering,
            usage,
            context.seed,
            self._modes,
            layer,
        )
        with trial_under_way(), around, parking.around(around):
            try:
                raw = self.body.run(context, steering)
                value = as_scalar(raw, self.metric, maximize=self.maximize)
                if inside is None:
                    outcome.graph = carries_graph(raw)
                else:
                    with steering:  # it may take as long as the trial itself
                        outcome.info = inside.leave(self.body.variables(), raw)
                outcome.value = value
            except BaseException as error:  # SystemExit, too, only ends a trial
                if os.getpid() != process:
                    raise  # a child that the trial has forked goes its own way
                outcome.exception = error
                outcome.info = context.so_far()
                # some say all there is to say
                plain = isinstance(error, ObjectiveError | GradientError)
                outcome.error = str(error) if plain else text(error, self.host.title)
                outcome.reason = str(error) if plain else summary(error)
        outcome.seconds = usage.seconds
        outcome.peak_memory, outcome.peak_memory_cuda = usage.peak_memory, usage.peak_memory_cuda
        outcome.output, self._printed, self._usage = printed.text, None, None
        return outcome

    def beside(self) -> KernelExecutor:
        """Another one, for a trial that runs while that of this one stands still."""
        body, maximize = self.body.beside(), self.maximize
        return KernelExecutor(body, self.host, self.metric, maximize=maximize, modes=self._modes)

    def held(self) -> tuple[list[Any], list[Any]]:
        """What a trial that stands still holds in variables of its own, and what is not its own."""
        return list(self.body.variables().values()), self.body.others()

    def output(self) -> str:
        """What the trial has printed so far, "" if none runs; from any thread."""
        printed = self._printed
        return "" if printed is None else printed.text

    def seconds(self) -> float:
        """Seconds the trial has run so far, 0 if none runs; from any thread."""
        usage = self._usage
        return 0.0 if usage is None else usage.so_far

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

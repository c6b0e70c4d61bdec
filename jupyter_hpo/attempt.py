"""One trial, from its start to its end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .bench import Bench
from .context import TrialContext
from .curves import Curve
from .errors import TrialEnded, TuneError
from .protocols import Executor, Outcome
from .pruning import Verdict
from .record import reports_of
from .resources import is_out_of_memory, resident
from .stowing import Stowed, stow
from .strands import Strand
from .trial import (
    FORECAST,
    RAN,
    REPORTED,
    RUN_AGAIN,
    SET_ASIDE,
    TURN,
    WAITING,
    Report,
    Trial,
    TrialState,
)

_abandoned: list[Attempt] = []  # for what is let go of while it stands still runs on to end


@dataclass
class Attempt:
    """A trial that runs, perhaps again after it has failed.

    Parameters
    ----------
    bench : what it is run with.
    executor : runs it; no other trial that is under way may have the same.
    trial : as it was started: number, assignment and info; and what it had reported if it was
        set aside by a process that has ended, in which case it is run from its beginning.

    Attributes
    ----------
    tried : the search space when it began.
    resident : bytes of this process then.
    parked : when the study was paused in it, seconds since the epoch.
    parked_since : when, if it stands still now.
    complaint : of the guard, which ends the study.
    outcome : how the code ended.
    """

    bench: Bench
    executor: Executor
    trial: Trial
    resident: int | None = None
    parked: list[tuple[float, float]] = field(default_factory=list)
    parked_since: float | None = None
    complaint: TuneError | None = None
    outcome: Outcome = field(default_factory=Outcome)

    def __post_init__(self) -> None:
        self.tried = self.bench.space
        self._judged = self.bench.pruning.begin(self.trial)
        self._context = TrialContext(self.number, self.trial.assignment)  # until it runs
        self._strand: Strand | None = None
        self._stowed: Stowed | None = None
        self.searched = False  # for what may be moved while it is set aside

    @property
    def number(self) -> int:
        """Of the trial."""
        return self.trial.number

    @property
    def curve(self) -> Curve:
        """What it has reported, perhaps to a process that has ended."""
        known = self.bench.pruning.curve(self.trial) if self._strand is None else None
        return known or self._judged.curve

    def stands_still(self) -> None:
        """The study is paused in it."""
        if self.parked_since is None:
            self.parked_since = round(time.time(), 2)

    def is_moving(self) -> None:
        """The study is paused no more, or the parked trial is to end."""
        if self.parked_since is not None:
            self.parked = [*self.parked, (self.parked_since, round(time.time(), 2))]
            self.parked_since = None

    # -- from the study's loop -----------------------------------------------------------

    def run(self) -> None:
        """Run it to its end; `trial` is then how it ended."""
        bench, first = self.bench, self.trial
        for attempt in range(bench.settings.retries + 1):
            noted = {**first.info, "attempt": attempt + 1} if attempt else first.info
            started = bench.adviser.equipped(replace(first, info=noted))
            self._run_once(started)
            if self._ran_out() and bench.make_room():  # of memory that others hold while they wait
                self.executor.release(self.outcome)
                self._run_once(started)
            last = attempt == bench.settings.retries or bench.controls.stopped
            if self.trial.state is not TrialState.FAIL or last:
                break
            self.executor.release(self.outcome)

    def go_on(self, because: str = "") -> bool:
        """Run it until it is set aside (True) or has ended (False).

        Parameters
        ----------
        because : why it is to end instead, where it stands.
        """
        bench, started = self.bench, self._strand is not None
        self.trial, self.searched = _moving(self.trial), False
        if self._strand is None:
            self._strand = bench.parking.strand(self.run)
        if started:
            if not self._unstow():
                self._abandon()
                return False
            noted = {**self.trial.info, RAN: self.trial.moves(time.time())}
            self.trial = replace(self.trial, info=noted)
            self._record()
            bench.controls.begin(self.number)
            if because:
                bench.controls.prune(because)
        if not bench.parking.go_on(self._strand):
            return False
        bench.controls.end()
        return True

    def end(self, because: str) -> None:
        """End it, set aside as it is: pruned, or interrupted where there is no reason."""
        if self._strand is not None:
            # nothing of this was the code's
            known = {k: v for k, v in self.trial.info.items() if k == FORECAST}
            known[RAN] = self.trial.rests(time.time())
            self.go_on(because)
            self.trial = replace(self.trial, error=None, info={**self.trial.info, **known})
        elif because:
            noted = {**_moving(self.trial).info, "reason": because}
            self.trial = replace(self.trial, state=TrialState.PRUNED, info=noted)
        else:
            self.trial = replace(_moving(self.trial), state=TrialState.INTERRUPTED)

    # -- what it holds, while it is set aside --------------------------------------------

    def held(self) -> tuple[list[Any], list[Any]]:
        """Objects that are its own, and others that are not."""
        if self._strand is None:
            return [], []
        own, others = self.executor.held()
        return [*own, *self._strand.held()], others

    def stow(self, others: Sequence[Any], device: str) -> int:
        """Move its tensors to the host's memory, all but those that `others` hold, too.

        Parameters
        ----------
        device : type of the one to relieve.

        Returns
        -------
        Bytes that were moved.
        """
        own, around = self.held()
        self._stowed = self._stowed or stow(own, [*others, *around], device)
        self.searched = True
        return self._stowed.bytes if self._stowed is not None else 0

    @property
    def stowed(self) -> bool:
        """Whether that has been done, or nothing was ever run."""
        return self._strand is None or self._stowed is not None

    def _unstow(self) -> bool:
        """Have its tensors where they were; whether there was room."""
        while self._stowed is not None:
            try:
                self._stowed.back()
                self._stowed = None
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                if not self.bench.make_room():
                    return False
        return True

    def _abandon(self) -> None:
        """End it without running its code again, which would find its tensors empty."""
        _abandoned.append(self)
        because = "set aside, and there is no room for it on the device any more"
        noted = {**self.trial.info, "reason": because}
        self.trial = replace(self.trial, state=TrialState.PRUNED, info=noted)

    def _ran_out(self) -> bool:
        error = self.outcome.exception
        failed = self.trial.state is TrialState.FAIL
        return failed and error is not None and is_out_of_memory(error)

    def waits(self, turn: int) -> None:
        """It was set aside."""
        counts = [*self.trial.set_aside, len(self._judged.curve)]
        noted = {**self.trial.info, TURN: turn, WAITING: True, SET_ASIDE: counts}
        noted |= {RAN: self.trial.rests(time.time()), **self._many()}
        noted |= self._forecast()
        self.trial = replace(
            self.trial,
            info=noted,
            reports=reports_of(self._context.reports),
            duration=self.executor.seconds(),
            log=self._context.logged,
            output=self.executor.output(),
        )
        self._record()
        # what it made of objects that trials share cannot be told from what others do now
        self.bench.guard(replace(self.trial, state=TrialState.INTERRUPTED))

    def _forecast(self) -> dict[str, float]:
        expected = self.bench.pruning.forecast(self._judged.curve)
        return {} if expected is None else {FORECAST: expected}

    def _record(self) -> None:
        self.bench.journal.put(self.trial)
        self.bench.journal.record.follow(self.number, self._context.reports)

    # -- in the trial's own greenlet, if it has one --------------------------------------

    def _on_report(self, report: Report) -> None:
        bench, reports = self.bench, self._context.reports
        bench.journal.record.follow(self.number, reports)
        verdict = self._judged.report(report, reports)
        if verdict is Verdict.WAIT:
            bench.controls.set_aside()
        elif isinstance(verdict, str):
            bench.controls.prune(verdict)
        elif because := bench.meter.reported(self._context.reported):
            bench.controls.stop(because)

    def _run_once(self, started: Trial) -> None:
        bench = self.bench
        self.trial = replace(started, state=TrialState.RUNNING, started=time.time())
        bench.journal.put(self.trial)
        self.parked, self.parked_since, self.tried = [], None, bench.space
        self._judged = bench.pruning.begin(started)
        self._context = bench.context(started, self._on_report)
        bench.guard(self.trial)
        self.resident = resident()
        bench.controls.begin(self.number)
        outcome = self._execute()
        if self._is_to_be_repeated(outcome):
            self.trial = replace(self.trial, info={**self.trial.info, RUN_AGAIN: outcome.reason})
            self.executor.release(outcome)
            self._judged = bench.pruning.begin(started)
            self._context = bench.context(started, self._on_report)
            outcome = self._execute()
            self._is_to_be_repeated(outcome)  # it is not, but the optimizer is told
        self.outcome, self.trial = outcome, self._ended(outcome)
        if bench.controls.aside and self.trial.state is TrialState.COMPLETE:
            why = bench.parking.kept_going or "something"
            bench.journal.note(f"Trials ran on that were to be set aside, because of {why}.")
        bench.controls.end()
        self.parked = []
        self.complaint = self._complaint_of_guard()

    def _execute(self) -> Outcome:
        show = self.number == 0 and self.bench.settings.show_first
        return self.executor.run(self._context, self.bench.parking, show=show)

    def _is_to_be_repeated(self, outcome: Outcome) -> bool:
        """Whether an optimizer that works inside trials wants another try, say without tensors."""
        error, inside = outcome.exception, self._context.inside
        if inside is None or self.bench.controls.struck or not isinstance(error, Exception):
            return False
        return inside.failed(error)

    def _ended(self, outcome: Outcome) -> Trial:
        state, context = self._state(outcome), self._context
        return replace(
            self.trial,
            state=state,
            assignment=context.assignment,
            value=outcome.value if state is TrialState.COMPLETE else None,
            reports=reports_of(context.reports),
            duration=outcome.seconds,
            peak_memory=outcome.peak_memory,
            peak_memory_cuda=outcome.peak_memory_cuda,
            error=outcome.error,
            info=self._info(state, outcome),
            log=context.logged,
            output=outcome.output,
            arrays={**self.trial.arrays, **self.bench.adviser.found()},
        )

    def _complaint_of_guard(self) -> TuneError | None:
        try:
            self.bench.guard(self.trial)
        except TuneError as error:
            return error
        return None

    def _state(self, outcome: Outcome) -> TrialState:
        """What became of a trial: one told to end has ended, whatever its code made of it."""
        controls, error = self.bench.controls, outcome.exception
        if error is None and not controls.struck:
            return TrialState.COMPLETE
        if not controls.struck and not isinstance(error, (TrialEnded, KeyboardInterrupt)):
            return TrialState.FAIL
        if not controls.stopped and not controls.interrupted:
            if controls.skipped or controls.expired:
                return TrialState.SKIPPED
            if controls.pruned:
                return TrialState.PRUNED
        if not controls.stopped:
            controls.interrupt()  # also where the cell itself raised it
        return TrialState.INTERRUPTED

    def _info(self, state: TrialState, outcome: Outcome) -> Mapping[str, Any]:
        controls, reason = self.bench.controls, outcome.reason
        info = {**self.trial.info, **outcome.info}
        if state is TrialState.SKIPPED:
            expired = controls.expired and not controls.skipped
            limit = self.bench.settings.timeout
            reason = f"took longer than {limit:g} s" if expired else "skipped"
        if state is TrialState.PRUNED:
            reason = controls.pruned_because
            if not self.bench.journal.record.info.even:  # an optimizer may learn from it
                info |= self._forecast()
        if state is TrialState.INTERRUPTED:
            reason = controls.stopped_because or reason
        if reason:
            info["reason"] = reason
        if RAN in info:
            info[RAN] = self.trial.rests(time.time())
        if state.finished:  # else it is what it was when it was set aside
            info |= self._many()
        if self.parked:
            info["parked"] = [list(each) for each in self.parked]
        return info

    def _many(self) -> Mapping[str, Any]:
        """How many reports it made, where not all are kept."""
        many = self._context.reported
        return {REPORTED: many} if many > len(self._context.reports) else {}

    # -- when it has ended ---------------------------------------------------------------

    def verify(self, trial: Trial) -> Trial:
        """A complete trial, with what the optimizer learns from running it once more."""
        bench, inside = self.bench, self.bench.adviser.inside

        def run(assignment: Mapping[str, Any]) -> float | None:
            space = bench.space
            held = {key: value for key, value in assignment.items() if key in space}
            again = replace(trial, assignment=space.load(space.dump(held)))
            bench.controls.begin(trial.number)
            context = bench.context(again, lambda report: None, plain=True)
            context.laid.update({k: v for k, v in assignment.items() if k not in held})
            outcome = self.executor.run(context, bench.parking, show=False)
            bench.controls.end()
            self.executor.release(outcome)
            return outcome.value

        if inside is None or trial.state is not TrialState.COMPLETE or self.complaint is not None:
            return trial
        return replace(trial, info={**trial.info, **inside.verify(run)})


def begun(number: int, assignment: Mapping[str, Any], info: Mapping[str, Any]) -> Trial:
    """A trial that is to be run."""
    return Trial(number, TrialState.RUNNING, assignment, info=info)


def again(trial: Trial, *, waits: bool = False) -> Trial:
    """A trial that was interrupted after it had been set aside, as it was then.

    Parameters
    ----------
    waits : whether it is set aside again, rather than to be run.
    """
    of_then = ("reason", "parked", RAN, RUN_AGAIN, WAITING)
    noted = {k: v for k, v in trial.info.items() if k not in of_then}
    noted |= {WAITING: True} if waits else {}
    reports = trial.reports[: trial.set_aside[-1]] if trial.set_aside else ()
    return replace(trial, state=TrialState.RUNNING, info=noted, error=None, reports=reports)


def _moving(trial: Trial) -> Trial:
    """The record of a trial that waits no more."""
    return replace(trial, info={k: v for k, v in trial.info.items() if k != WAITING})

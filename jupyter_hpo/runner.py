"""The loop of a study: ask, run, tell, store."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from .adviser import Adviser
from .attempt import Attempt, again, begun
from .bench import Bench, Settings
from .budget import Meter, budgeted, unfinished
from .controls import Controls
from .errors import SpaceError
from .failures import Failures, FirstTrialFailed, is_users_to_debug
from .journal import Journal
from .parking import Standing
from .protocols import Executor, Host, Pruner
from .pruners.none import Never
from .pruning import Pruning
from .randomness import kept
from .record import StudyRecord, StudyState
from .room import Room
from .space import Space
from .standby import Standby, in_turn
from .tracebacks import summary
from .trial import FORECAST, TURN, Trial, TrialState

IMPORTING = 2  # trials after which everything that is going to be imported has been


@dataclass
class Runner:
    """Runs the trials of one study, on the thread that calls `run`.

    ``parking`` is where it stands still when asked to. ``around`` is called with
    every trial before it runs, and after with how it ended; what it raises then
    ends the study (the guard against objects that trials share). ``between`` is
    called between two trials, to do what other threads have asked for.
    """

    journal: Journal
    adviser: Adviser
    executor: Executor
    host: Host
    settings: Settings = field(default_factory=Settings)
    pruner: Pruner = field(default_factory=Never)
    parking: Standing = field(default_factory=lambda: Standing(Controls()))
    around: Callable[[Trial], None] = lambda trial: None
    between: Callable[[], None] = lambda: None
    freeze: Callable[[bool], None] = lambda more: None
    exposes: bool = True  # whether a first trial that fails leaves its variables to `%debug`
    _resumed: bool = False

    def __post_init__(self) -> None:
        self._failures = Failures(self.settings.max_failures)
        self.pruning = Pruning(self.pruner, self.record.info.maximize, self.journal.note)
        self.standby = Standby(self.pruning)
        self.room = Room(self.standby, self.journal.note)
        self.meter = Meter(self.record, expected=self._expected if self.pruning.promotes else None)
        self.bench = Bench(
            self.journal,
            self.adviser,
            self.pruning,
            self.parking,
            self.settings,
            self.around,
            self.room.clear,
            self.meter,
        )
        self.controls.allowed, self.controls.left = self.settings.timeout, self.meter.left
        self._process = os.getpid()  # a child that a trial forks has no study
        self.attempt: Attempt | None = None  # the trial that ran last, or runs
        self.ended = 0  # trials of this sitting since the heap was last frozen whole
        self._exhausted = False  # whether the optimizer has nothing left to propose
        self._closing = False  # whether no trial runs any more, and those that wait end
        self._enough = ""  # why no more trials were worth it then

    @property
    def controls(self) -> Controls:
        """What the study is asked to do."""
        return self.parking.controls

    @property
    def record(self) -> StudyRecord:
        """The study's record."""
        return self.journal.record

    @property
    def space(self) -> Space:
        """What the next trial is of."""
        return self.bench.space

    @property
    def running(self) -> Attempt | None:
        """The trial under way, if it is not set aside."""
        return None if self.controls.running is None else self.attempt

    def output(self) -> str:
        """What the running trial has printed so far, "" if none runs; from any thread."""
        running = self.running
        return "" if running is None else running.executor.output()

    def stands_still(self) -> None:
        """The study is paused; note since when, if that is in the middle of a trial."""
        if self.attempt is not None and self.parking.occupied:
            self.attempt.stands_still()

    def goes_on(self) -> None:
        """The study is paused no more, or the parked trial is to end."""
        if self.attempt is not None:
            self.attempt.is_moving()

    def spend(self, total: int | None, budget: str) -> None:
        """Have so many trials in all, and this budget, from now on."""
        was, info = self.record.info.total, budgeted(self.record.info, budget)
        self.journal.update(total=total, budget=budget, notes=info.notes)
        if total != was:
            self.adviser.resize(was, in_turn(self.record.trials))
            self._exhausted = False
        self.meter.changed()
        self.controls.spent = self.meter.says

    def restore(self, trials: Sequence[Trial]) -> int:
        """Go on from what an earlier sitting found; see `Adviser.restore`."""
        self._resumed = any(trial.state.finished for trial in trials)
        ordered = in_turn(trials)
        self.pruning.restore(ordered)
        self.standby.restore(ordered, self.bench, self.executor)
        for trial in ordered:
            if trial.state.finished:
                self.meter.tell(trial)
        return self.adviser.restore(ordered)

    def run(self) -> None:
        """Run trials until the study ends, or cannot be parked where it is to stand still.

        Raises
        ------
        FirstTrialFailed
            If trial 0 raised; the study has failed.
        """
        try:
            while self.step():
                self.ended += 1
                self.freeze(self.ended <= IMPORTING)
        except BaseException as error:
            if self.record.info.state is StudyState.RUNNING and os.getpid() == self._process:
                self._end(StudyState.FAILED, summary(error))
            raise

    def _end(self, state: StudyState, message: str = "") -> bool:
        self.end_waiting()
        self.journal.update(state=state, message=message)
        return False

    def end_waiting(self) -> None:
        """End the trials that are set aside, each where it stands, to be run again later."""
        if self.standby:
            self.controls.stop()
        for attempt in list(self.standby):
            self._leave_out(attempt, "")

    def _leave_out(self, attempt: Attempt, because: str) -> None:
        """End one that is set aside."""
        self.standby.take(attempt.number)
        self.attempt = attempt
        attempt.end(because)
        if attempt.trial.state.finished:
            self._finish(attempt)
        else:
            attempt.executor.release(attempt.outcome)
            self.journal.put(attempt.trial)

    def step(self) -> bool:
        """Run one trial until it ends or is set aside; whether there is more to do."""
        if not self.parking.rest():
            return self._end(StudyState.PAUSED, self.controls.paused_because or "interrupted")
        self.between()
        if self.controls.stopped and not self.controls.stopped_because:
            return self._end(StudyState.STOPPED, "stopped by the user")
        spent = "" if self._closing else self.meter.spent
        if because := self.controls.stopped_because or spent:
            self.controls.stop(because)
            return self._end(StudyState.FINISHED, unfinished(because, self._under_way))
        attempt = None if self._closing else self._promoted() or self._begun()
        if attempt is None:
            return self._finished()
        self.attempt = attempt
        self.controls.spent = self.meter.says
        self.meter.begin(attempt.number, attempt.executor.seconds())
        if not self.pruning.promotes:
            attempt.run()
        elif attempt.go_on():
            attempt.waits(self.standby.next_turn())
            self.standby.add(attempt)
            for worst, because in self.room.make():
                self._leave_out(worst, because)
            return True
        return self._settle(attempt)

    @property
    def _fresh(self) -> int | None:
        """How many trials can still be begun; None if there is no limit."""
        total = self.record.info.total
        if self._exhausted or self.meter.enough:
            return 0
        return None if total is None else max(total - self.record.finished - len(self.standby), 0)

    @property
    def _under_way(self) -> int:
        """How many trials stand in their middle, with no trial running."""
        ended = self.attempt is not None and self.attempt.trial.state is TrialState.INTERRUPTED
        return len(self.standby) + ended

    def _promoted(self) -> Attempt | None:
        """The trial that is to go on before a new one is begun."""
        number = self.pruning.promote(self._fresh) if self.standby else None
        return None if number is None else self.standby.take(number)

    def _begun(self) -> Attempt | None:
        """A new trial; None if there is to be none."""
        if self._fresh == 0:
            return None
        trial = self._propose(self.record.next_number())
        if trial is None:
            self._exhausted = True
            return self._promoted()
        executor = self.executor.beside() if self.pruning.promotes else self.executor
        return Attempt(self.bench, executor, trial)

    def _finished(self) -> bool:
        """No trial is to run: those that wait end, one in each step, and then the study."""
        if not self._closing:
            self._closing, self._enough = True, self.meter.enough
        for attempt in self.standby:
            self._leave_out(attempt, "set aside, and others were more promising")
            return True
        exhausted = self.adviser.exhausted(self.record.finished) if self._exhausted else ""
        return self._end(StudyState.FINISHED, exhausted or self._enough)

    def _propose(self, number: int) -> Trial | None:
        """The next trial, to be run; None if nothing is left to try."""
        info, earlier = self.record.info, self.record.get(number)
        if earlier is not None and (again := self._again(earlier)) is not None:
            return again
        if number == 0 and self.settings.baseline:
            defaults = self.space.defaults()
            if defaults is not None:
                return begun(number, defaults, {"baseline": True})
        if info.queue:
            params, *rest = info.queue
            self.journal.update(queue=tuple(rest))
            try:
                return begun(number, self.space.load(params), {"enqueued": True})
            except SpaceError as error:
                self.journal.note(f"An enqueued configuration was left out: {error}.")
                return self._propose(number)
        asked = self.adviser.ask(number, self._standing())
        return None if asked is None else begun(number, asked, self.adviser.notes())

    def _standing(self) -> list[Trial]:
        """The trials that are set aside, with what they are expected to come to as things stand."""
        trials = [attempt.trial for attempt in self.standby]
        if not self.adviser.watches:
            return trials
        expected = self._expected()
        noted = [{FORECAST: expected[t.number]} if t.number in expected else {} for t in trials]
        return [replace(t, info={**t.info, **n}) for t, n in zip(trials, noted, strict=True)]

    def _expected(self) -> dict[int, float]:
        return self.pruning.forecasts(self.pruning.waiting)

    def _again(self, earlier: Trial) -> Trial | None:
        """A trial that was interrupted and is run as it was, rather than proposed anew."""
        enqueued = earlier.info.get("enqueued")
        if not enqueued and earlier.turn is None:  # it had not been set aside
            return None
        if not self.space.fits(earlier.assignment):
            if enqueued:
                number = earlier.number
                self.journal.note(f"The enqueued configuration of trial {number} fits no longer.")
            return None
        if earlier.turn is None:
            return begun(earlier.number, earlier.assignment, {"enqueued": True})
        return again(earlier)

    def _settle(self, attempt: Attempt) -> bool:
        """Store and tell a trial that has ended; whether the study goes on."""
        trial, outcome = attempt.trial, attempt.outcome
        if is_users_to_debug(trial, outcome, resumed=self._resumed):
            assert outcome.exception is not None
            if self.exposes:
                attempt.executor.expose()
            self.journal.put(trial)
            self._end(StudyState.FAILED, f"trial {trial.number} failed: {trial.reason}")
            raise FirstTrialFailed(outcome.exception)
        self._finish(attempt)
        if attempt.complaint is not None:
            self._end(StudyState.FAILED, str(attempt.complaint).splitlines()[0])
            raise attempt.complaint
        return self._goes_on(trial)

    def _finish(self, attempt: Attempt) -> None:
        """Let go of the trial's objects, keep those of a new incumbent, store and tell."""
        trial, outcome = attempt.trial, attempt.outcome
        keep = self.settings.keep if self.record.would_lead(trial) else ()
        kept = attempt.executor.release(outcome, keep)
        if missing := ", ".join(f"`{name}`" for name in keep if name not in kept):
            self.journal.note(f"--keep finds no {missing} among the variables of a trial.")
        trial = attempt.verify(trial)
        if self.pruning.promotes and trial.state.finished:
            trial = replace(trial, info={**trial.info, TURN: self.standby.next_turn()})
        self.journal.put(replace(trial, namespace=kept) if keep else trial)
        # one that began before its space was edited may be outside
        fits = attempt.tried is self.space or self.space.fits(trial.assignment)
        if fits and trial.state.finished:
            self.adviser.tell(trial)
        if trial.state.finished:
            self.meter.tell(trial)
        self.pruning.end(trial)
        if outcome.graph:
            name = self.record.info.metric
            self.journal.note(
                f"`{name}` holds the graph of its computation; write {name} = {name}.item() "
                "to free that memory."
            )

    def _goes_on(self, trial: Trial) -> bool:
        """Whether the study goes on after this trial."""
        alike = self._failures.alike(trial)
        if alike and self.host.headless:
            return self._end(StudyState.FAILED, alike)
        if too_many := self._failures.too_many(trial, self.record):
            return self._end(StudyState.FAILED, too_many)
        if alike:
            self.controls.pause(alike)
        return True

    def replay(self, trial: Trial) -> float:
        """Run a trial again and raise what it raises; see `Study.replay`."""
        standing = Standing(Controls())
        settings = replace(self.settings, directory=None)  # the files of the trial are kept
        bench = replace(self.bench, parking=standing, settings=settings)
        context = bench.context(trial, lambda report: None)
        self.around(replace(trial, state=TrialState.RUNNING))
        try:
            with self.host.listen(standing.controls), kept():
                outcome = self.executor.run(context, standing, show=True)
        finally:
            self.around(replace(trial, state=TrialState.INTERRUPTED))  # it ends no study
        if outcome.exception is not None:
            self.executor.expose()
            raise outcome.exception
        self.executor.release(outcome)
        assert outcome.value is not None
        return outcome.value

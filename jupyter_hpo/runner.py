"""The loop of a study: ask, run, tell, store."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .adviser import Adviser
from .context import TrialContext
from .controls import Controls
from .errors import SpaceError, TrialEnded, TuneError
from .failures import Failures, FirstTrialFailed, is_users_to_debug
from .journal import Journal
from .parking import Standing
from .protocols import Executor, Host, Outcome, Pruner
from .pruners.none import Never
from .pruning import Pruning
from .randomness import kept
from .record import StudyRecord, StudyState, reports_of
from .resources import resident
from .space import Space
from .tracebacks import summary
from .trial import RUN_AGAIN, Report, Trial, TrialState

IMPORTING = 2  # trials after which everything that is going to be imported has been


@dataclass(frozen=True)
class Settings:
    """How a study runs, apart from what it searches.

    Attributes
    ----------
    keep : variables of the best trial to hold.
    retries : how often a failed trial is run again before it counts as failed.
    max_failures : failed trials that end the study; None: no limit.
    timeout : seconds a trial may take; None: no limit.
    baseline : whether trial 0 runs the defaults.
    device : what ``trial.device`` says; None: whatever torch has.
    directory : where trials get their folders; None: a temporary place.
    show_first : whether trial 0's output is shown.
    """

    keep: tuple[str, ...] = ()
    retries: int = 0
    max_failures: int | None = None
    timeout: float | None = None
    baseline: bool = True
    device: str | None = None
    directory: Path | None = None
    show_first: bool = True


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
    freeze: Callable[[], None] = lambda: None
    exposes: bool = True  # whether a first trial that fails leaves its variables to `%debug`
    _resumed: bool = False
    _complaint: TuneError | None = None

    def __post_init__(self) -> None:
        self._failures = Failures(self.settings.max_failures)
        self.pruning = Pruning(self.pruner, self.record.info.maximize, self.journal.note)
        self.controls.allowed = self.settings.timeout
        self._process = os.getpid()  # a child that a trial forks has no study
        self.resident: int | None = None  # bytes of this process when the last trial began
        self.ended = 0  # trials of this sitting since the heap was last frozen whole
        # of the running trial: when the study was paused in it, s since the epoch
        self.parked: list[tuple[float, float]] = []
        self.parked_since: float | None = None  # if it stands still now

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
        assert self.journal.space is not None  # of a study that is only loaded
        return self.journal.space

    def output(self) -> str:
        """What the running trial has printed so far, "" if none runs; from any thread."""
        return "" if self.controls.running is None else self.executor.output()

    def stands_still(self) -> None:
        """The study is paused; note since when, if that is in the middle of a trial."""
        if self.parking.occupied and self.parked_since is None:
            self.parked_since = round(time.time(), 2)

    def goes_on(self) -> None:
        """The study is paused no more, or the parked trial is to end."""
        if self.parked_since is not None:
            self.parked = [*self.parked, (self.parked_since, round(time.time(), 2))]
            self.parked_since = None

    def restore(self, trials: Sequence[Trial]) -> int:
        """Go on from what an earlier sitting found; see `Adviser.restore`."""
        self._resumed = any(trial.state.finished for trial in trials)
        self.pruning.restore(trials)
        return self.adviser.restore(trials)

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
                if self.ended <= IMPORTING:
                    self.freeze()
        except BaseException as error:
            if self.record.info.state is StudyState.RUNNING and os.getpid() == self._process:
                self._end(StudyState.FAILED, summary(error))
            raise

    def _end(self, state: StudyState, message: str = "") -> bool:
        self.journal.update(state=state, message=message)
        return False

    def step(self) -> bool:
        """Run one trial; whether there is more to do."""
        if not self.parking.rest():
            return self._end(StudyState.PAUSED, self.controls.paused_because or "interrupted")
        self.between()
        info, finished = self.record.info, self.record.finished
        if self.controls.stopped:
            return self._end(StudyState.STOPPED, "stopped by the user")
        if info.total is not None and finished >= info.total:
            return self._end(StudyState.FINISHED)
        number = self.record.next_number()
        proposal = self._propose(number)
        if proposal is None:
            return self._end(
                StudyState.FINISHED,
                f"every configuration of the search space was tried ({finished} trials)",
            )
        return self._settle(*self._attempts(number, *proposal))

    def _propose(self, number: int) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Assignment and info of the next trial; None if nothing is left to try."""
        info = self.record.info
        earlier = self.record.get(number)
        if earlier is not None and earlier.info.get("enqueued"):
            if self.space.fits(earlier.assignment):
                return dict(earlier.assignment), {"enqueued": True}
            self.journal.note(f"The enqueued configuration of trial {number} fits no longer.")
        if number == 0 and self.settings.baseline:
            defaults = self.space.defaults()
            if defaults is not None:
                return defaults, {"baseline": True}
        if info.queue:
            params, *rest = info.queue
            self.journal.update(queue=tuple(rest))
            try:
                return self.space.load(params), {"enqueued": True}
            except SpaceError as error:
                self.journal.note(f"An enqueued configuration was left out: {error}.")
                return self._propose(number)
        asked = self.adviser.ask(number)
        return None if asked is None else (asked, self.adviser.notes())

    def _attempts(
        self, number: int, assignment: dict[str, Any], info: dict[str, Any]
    ) -> tuple[Trial, Outcome]:
        """Run a trial, again if it fails and may be retried."""
        for attempt in range(self.settings.retries + 1):
            noted = {**info, "attempt": attempt + 1} if attempt else info
            started = Trial(number, TrialState.RUNNING, assignment, started=time.time(), info=noted)
            trial, outcome = self._run_once(started)
            last = attempt == self.settings.retries or self.controls.stopped
            if trial.state is not TrialState.FAIL or last:
                break
            self.executor.release(outcome)
        return trial, outcome

    def _run_once(self, started: Trial) -> tuple[Trial, Outcome]:
        def on_report(report: Report) -> None:
            self.record.follow(started.number, context.reports)
            because = self.pruning.report(report, context.reports)
            if because:
                self.controls.prune(because)

        self.journal.put(started)
        self.parked, self.parked_since, self._tried = [], None, self.space
        context = self._context(started, on_report, self.parking)
        self.around(started)
        show = started.number == 0 and self.settings.show_first
        self.resident = resident()
        self.controls.begin(started.number)
        self.pruning.begin(started)
        outcome = self.executor.run(context, self.parking, show=show)
        again: dict[str, Any] = {}
        if self._is_to_be_repeated(context, outcome):
            again[RUN_AGAIN] = outcome.reason
            self.executor.release(outcome)
            self.pruning.begin(started)
            context = self._context(started, on_report, self.parking)
            outcome = self.executor.run(context, self.parking, show=show)
            self._is_to_be_repeated(context, outcome)  # it is not, but the optimizer is told
        state = self._state(outcome)
        ended = replace(
            started,
            state=state,
            assignment=context.assignment,
            value=outcome.value if state is TrialState.COMPLETE else None,
            reports=reports_of(context.reports),
            duration=outcome.seconds,
            peak_memory=outcome.peak_memory,
            peak_memory_cuda=outcome.peak_memory_cuda,
            error=outcome.error,
            info={**self._info(started, state, outcome), **again},
            log=context.logged,
            output=outcome.output,
        )
        self.controls.end()
        self.parked = []
        self._complaint = self._complaint_of_guard(ended)
        return ended, outcome

    def _is_to_be_repeated(self, context: TrialContext, outcome: Outcome) -> bool:
        """Whether an optimizer that works inside trials wants another try, say without tensors."""
        error, inside = outcome.exception, context.inside
        if inside is None or self.controls.struck or not isinstance(error, Exception):
            return False
        return inside.failed(error)

    def _verified(self, trial: Trial) -> Trial:
        """A complete trial, with what the optimizer learns from running it once more."""
        inside, space = self.adviser.inside, self.space

        def run(assignment: Mapping[str, Any]) -> float | None:
            again = replace(trial, assignment=space.load(space.dump(assignment)))
            context = self._context(again, lambda report: None, self.parking, plain=True)
            self.controls.begin(trial.number)
            outcome = self.executor.run(context, self.parking, show=False)
            self.controls.end()
            self.executor.release(outcome)
            return outcome.value

        if inside is None or trial.state is not TrialState.COMPLETE or self._complaint is not None:
            return trial
        return replace(trial, info={**trial.info, **inside.verify(run)})

    def _context(
        self,
        trial: Trial,
        on_report: Callable[[Report], None],
        parking: Standing,
        *,
        plain: bool = False,
    ) -> TrialContext:
        study, settings = self.record.info, self.settings
        return TrialContext(
            trial.number,
            trial.assignment,
            seed=study.seed,
            device=settings.device,
            metric=study.metric,
            # a run to verify has files of its own: those of the trial are its result
            directory=settings.directory / str(trial.number)
            if settings.directory and not plain
            else None,
            on_report=on_report,
            point=parking.point,
            inside=None if plain else self.adviser.inside,
        )

    def _state(self, outcome: Outcome) -> TrialState:
        """What became of a trial: one told to end has ended, whatever its code made of it."""
        controls, error = self.controls, outcome.exception
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

    def _info(self, started: Trial, state: TrialState, outcome: Outcome) -> Mapping[str, Any]:
        info, reason = {**started.info, **outcome.info}, outcome.reason
        if state is TrialState.SKIPPED:
            expired = self.controls.expired and not self.controls.skipped
            reason = f"took longer than {self.settings.timeout:g} s" if expired else "skipped"
        if state is TrialState.PRUNED:
            reason = self.controls.pruned_because
        if reason:
            info["reason"] = reason
        if self.parked:
            info["parked"] = [list(each) for each in self.parked]
        return info

    def _settle(self, trial: Trial, outcome: Outcome) -> bool:
        """Store and tell a trial that has ended; whether the study goes on."""
        if is_users_to_debug(trial, outcome, resumed=self._resumed):
            assert outcome.exception is not None
            if self.exposes:
                self.executor.expose()
            self.journal.put(trial)
            self._end(StudyState.FAILED, f"trial {trial.number} failed: {trial.reason}")
            raise FirstTrialFailed(outcome.exception)
        self._finish(trial, outcome)
        if self._complaint is not None:
            self._end(StudyState.FAILED, str(self._complaint).splitlines()[0])
            raise self._complaint
        return self._goes_on(trial)

    def _complaint_of_guard(self, trial: Trial) -> TuneError | None:
        try:
            self.around(trial)
        except TuneError as error:
            return error
        return None

    def _finish(self, trial: Trial, outcome: Outcome) -> None:
        """Let go of the trial's objects, keep those of a new incumbent, store and tell."""
        keep = self.settings.keep if self.record.would_lead(trial) else ()
        kept = self.executor.release(outcome, keep)
        trial = self._verified(trial)
        self.journal.put(replace(trial, namespace=kept) if keep else trial)
        # one that began before its space was edited may be outside
        fits = self._tried is self.space or self.space.fits(trial.assignment)
        if fits and trial.state.finished:
            self.adviser.tell(trial)
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
        context = self._context(trial, lambda report: None, standing)
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

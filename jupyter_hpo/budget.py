"""How much a study may spend: time, epochs, or as long as its trials are worth it."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median
from typing import Final

from .record import StudyInfo, StudyRecord
from .trial import Trial, TrialState

WORTHWHILE: Final = "worthwhile"
AHEAD: Final = 10  # trials that are looked back on, and ahead to
SHARE: Final = 0.02  # of what a study has gained, below which as many more are not worth it
LEAST: Final = 20  # trials before that is asked
FIRST: Final = 10  # complete ones that show what a trial comes to without a search
CLOCK: Final = (
    "The budget is one of time: how many trials there will be depends on the clock, and a "
    "resumed study need not have the same."
)
_UNITS: Final = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """A time such as 90, 90s, 10m or 1.5h in seconds; ValueError if it is none."""
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+)\s*([smh]?)", text.strip())
    if found is None or not float(found[1]):
        raise ValueError(f"a time, say 90s, 10m or 1h, not {text!r}")
    return float(found[1]) * _UNITS[found[2]]


@dataclass(frozen=True)
class Budget:
    """What a study may spend; without any of these, as much as its trials take.

    Attributes
    ----------
    text : as the user wrote it, spaces left out but for that before "epochs".
    seconds : that the study may run, in all sittings; pauses do not count.
    epochs : reports of all its trials together; a trial that reports nothing counts as one.
    worthwhile : whether it is to end when further trials are not worth their cost.
    """

    text: str = ""
    seconds: float | None = None
    epochs: int | None = None
    worthwhile: bool = False

    @classmethod
    def of(cls, text: str) -> Budget:
        """The budget that ``10m``, ``2h``, ``90s``, ``500 epochs`` or ``worthwhile`` names.

        Raises
        ------
        ValueError
            If it is none of these.
        """
        asked = text.strip().lower()
        epochs = re.fullmatch(r"(\d+)\s*epochs?", asked)
        if asked == WORTHWHILE:
            return cls(asked, worthwhile=True)
        if epochs is not None and int(epochs[1]):
            return cls(f"{int(epochs[1])} epochs", epochs=int(epochs[1]))
        if asked[-1:].isalpha():  # a bare number may be meant for any of them
            try:
                return cls("".join(asked.split()), seconds=seconds(asked))
            except ValueError:
                pass
        raise ValueError(f"10m, 2h, 90s, '500 epochs' or worthwhile, not {text!r}")


def budgeted(info: StudyInfo, budget: str) -> StudyInfo:
    """A study with this budget, empty for none, and what the user should know of it."""
    notes = tuple(note for note in info.notes if note != CLOCK)
    timed = Budget.of(budget).seconds is not None if budget else False
    return replace(info, budget=budget, notes=(*notes, *([CLOCK] if timed else [])))


class Meter:
    """Watches what a study spends; what it may is `StudyInfo.budget`, which can change.

    Parameters
    ----------
    record : of the study.
    clock : gives the time, seconds since the epoch.
    expected : gives what the trials that are set aside are expected to come to, by number, in
        the user's sign; None if none ever is.
    """

    def __init__(
        self,
        record: StudyRecord,
        clock: Callable[[], float] = time.time,
        expected: Callable[[], Mapping[int, float]] | None = None,
    ) -> None:
        self._record, self._clock, self._expected = record, clock, expected
        self._budget = Budget()
        self._told: list[float | None] = []  # values of the trials that have ended, in that order
        self._seen = 0  # of them, after which it was asked whether more are worth it
        self._in_vain = ""
        self._asked: int | None = None  # the record's version when it was, with trials set aside
        self._others = 0  # epochs of all trials but the running one
        self._running: int | None = None  # the trial that runs, or ran last
        self._ran = 0.0  # s that it had run when the study had run for none
        self._until: float | None = None  # s that the study has run when that one must have ended

    @property
    def budget(self) -> Budget:
        """What the study may spend."""
        text = self._record.info.budget
        if self._budget.text != text:
            self._budget = Budget.of(text) if text else Budget()  # taken back on resume
        return self._budget

    def tell(self, trial: Trial) -> None:
        """A trial has ended, for good."""
        known = trial.minimised(self._record.info.maximize)
        self._told.append(known.value if known.state is TrialState.COMPLETE else None)

    @property
    def spent(self) -> str:
        """Why the study ends between two trials; empty if it goes on."""
        budget = self.budget
        ran, epochs = self._record.info.ran(self._clock()), budget.epochs
        over = budget.seconds is not None and ran >= budget.seconds
        over = over or (epochs is not None and epochs_of(self._record.trials) >= epochs)
        return self.says if over else ""

    @property
    def enough(self) -> str:
        """Why no more trials are begun; empty if they are.

        Of trials that end one after the other: once this has been said, it stays. Where some are
        set aside it may be taken back, when one of them comes to more than was expected.
        """
        if not self.budget.worthwhile:
            return ""
        if self._expected is not None:
            if self._asked != self._record.version:
                self._in_vain = in_vain(self._begun(self._expected()))
                self._asked = self._record.version
            return self._in_vain
        while not self._in_vain and self._seen < len(self._told):
            self._seen += 1  # every one: a resumed study must end where it would have ended
            self._in_vain = in_vain(self._told[: self._seen])
        return self._in_vain

    def _begun(self, expected: Mapping[int, float]) -> list[float | None]:
        """What each trial came to, or is expected to; to be minimised, by number."""
        found: list[float | None] = []
        for trial in self._record.trials:
            if trial.waits or trial.state.finished:
                known = expected.get(trial.number, trial.forecast)
                value = trial.value if trial.state is TrialState.COMPLETE else known
                found.append(-value if value and self._record.info.maximize else value)
        return found

    def begin(self, number: int, ran: float) -> None:
        """A trial is to run; it has run for so many seconds before it was set aside."""
        self._running, self._ran = number, ran - self._record.info.ran(self._clock())
        self._allot()

    def changed(self) -> None:
        """The budget is another one, perhaps in the middle of a trial."""
        if self._running is not None:
            self._allot()

    def _allot(self) -> None:
        budget, trials = self.budget, self._record.trials
        self._until = None
        if budget.epochs is not None:
            self._others = epochs_of(each for each in trials if each.number != self._running)
        if budget.seconds is not None:
            took = [t.duration for t in trials if t.state is TrialState.COMPLETE and t.duration]
            self._until = budget.seconds + _more(self._ran + budget.seconds, took)

    def left(self) -> float | None:
        """Seconds until the running trial is to end, by the study's budget; None: no limit."""
        until = self._until
        return None if until is None else until - self._record.info.ran(self._clock())

    def reported(self, reports: int) -> str:
        """Why the running trial is to end here, with so many reports; empty if it is not."""
        epochs = self.budget.epochs
        if epochs is None or self._others + reports < epochs:
            return ""
        complete = [t.reported for t in self._record.trials if t.state is TrialState.COMPLETE]
        last = epochs - self._others  # report of it that is within the budget
        return self.says if reports >= last + _more(last, complete) else ""

    @property
    def says(self) -> str:
        """That it is spent."""
        return f"the budget of {self.budget.text} is spent"


def unfinished(because: str, trials: int) -> str:
    """Why a study has ended, and what of it a larger budget goes on with."""
    if not trials:
        return because
    these = "the trial that was" if trials == 1 else f"the {trials} trials that were"
    return f"{because}; resumed with a larger one, the study goes on with {these} under way"


def _more(had: float, complete: Sequence[float]) -> float:
    """How much more than the budget a trial may take that has had so much when it is spent.

    It may finish if that is expected to take no more than it has had, or is not known; and it
    has as much for that at most, and takes no more than twice what complete trials take.
    """
    usual = median(complete) if complete else math.inf
    if math.isfinite(usual) and usual - had > had:
        return 0.0
    return max(min(had, 2 * usual - had), 0.0)


def epochs_of(trials: Iterable[Trial]) -> int:
    """Reports of trials together; those that were interrupted are run again, and do not count."""
    return sum(
        max(trial.reported, trial.state.finished)
        for trial in trials
        if trial.state is not TrialState.INTERRUPTED
    )


def in_vain(values: Sequence[float | None]) -> str:
    """Why further trials are not worth their cost, one sentence; empty if they may be.

    Of n trials in no order the next one beats the best with probability 1 / (n + 1), and by
    the mean distance of the best from those just behind it, if values are spread there as
    those of most distributions are (Weissman 1978, Estimation of parameters and large
    quantiles based on the k largest observations, JASA 73). A search that still learns does
    better than that, which its latest trials show. If both, the next ten by that estimate
    and the last ten in fact, come to less than 2 % of what the search has gained
    over the median of its first ten complete trials, it is over; not before 20 trials.

    Parameters
    ----------
    values : of trials in the order they ended or began, to be minimised, some perhaps forecasts;
        None: of one that has none.
    """
    complete = [value for value in values if value is not None and math.isfinite(value)]
    before = [v for v in values[:-AHEAD] if v is not None and math.isfinite(v)]
    if len(values) < LEAST or len(complete) < FIRST or not before:
        return ""
    ordered = sorted(complete)
    gained = median(complete[:FIRST]) - ordered[0]
    few = max(5, round(math.sqrt(len(ordered))))
    step = ordered[few] - fmean(ordered[:few])
    last, expected = min(before) - ordered[0], AHEAD * step / (len(values) + 1)
    if max(last, expected) > SHARE * gained:
        return ""
    return (
        f"more trials are not worthwhile: the last {AHEAD} gained {last:.2g} and the next {AHEAD} "
        f"are expected to gain {expected:.2g}, less than {SHARE:.0%} of the {gained:.2g} that the "
        "study has gained"
    )

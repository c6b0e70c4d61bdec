"""What a study asks its pruner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum, auto
from typing import Final, TypeVar

from .context import LONGEST_CURVE
from .curves import Curve, Curves, curve_of
from .forecast import Forecast
from .protocols import Promotes, Pruner
from .trial import Report, Trial

LONGEST: Final = 2 * LONGEST_CURVE  # reports; a longer curve becomes that which the trial keeps
Answer = TypeVar("Answer")


class Verdict(Enum):
    """What a trial is to do that has reported, unless it is to end."""

    GO_ON = auto()
    WAIT = auto()  # stand still, for others to have their turn


class Pruning:
    """The pruner of a study, in the user's own sign and with its mistakes survived.

    Parameters
    ----------
    maximize : whether larger values are better.
    complain : told, in one sentence, that the pruner failed; it is not asked again.

    Attributes
    ----------
    waiting : curves of the trials that are set aside, in the order they were.
    """

    def __init__(self, pruner: Pruner, maximize: bool, complain: Callable[[str], None]) -> None:
        self._pruner: Pruner | None = pruner
        self._maximize, self._complain = maximize, complain
        self._peers = Curves()
        self.waiting: list[Curve] = []
        self.promotes = isinstance(pruner, Promotes)

    def restore(self, trials: Iterable[Trial]) -> None:
        """Know what trials of an earlier sitting reported."""
        for trial in trials:
            self.end(trial)

    def begin(self, trial: Trial) -> Judged:
        """A trial starts, or starts over after it was set aside by a process that has ended.

        The baseline is never pruned: the others are compared with it.
        """
        known = len(trial.reports) if trial.turn is not None else 0
        return Judged(self, trial.number, spared=bool(trial.info.get("baseline")), known=known)

    def curve(self, trial: Trial) -> Curve:
        """What a trial has reported, to be minimised."""
        return Curve(trial.number, dict(trial.minimised(self._maximize).reports))

    def end(self, trial: Trial) -> None:
        """A trial has ended."""
        curve = curve_of(trial.minimised(self._maximize))
        if curve is not None:
            self._peers.add(curve)

    def promote(self, fresh: int | None) -> int | None:
        """Which of those that wait is to go on; None: a new trial begins, if there is one.

        Parameters
        ----------
        fresh : how many trials can still be begun; None if there is no limit.
        """
        numbers = [curve.number for curve in self.waiting]

        def ask(pruner: Pruner) -> int | None:
            assert isinstance(pruner, Promotes)
            chosen = pruner.promote(self.waiting, self._peers, fresh)
            if chosen is not None and chosen not in numbers:
                raise ValueError(f"promote() gave {chosen!r}, and there wait {numbers}")
            return chosen

        first: int | None = numbers[0]  # without a pruner all run to their end
        return self._answer(ask, first, f"with {len(numbers)} trials set aside")

    def forecast(self, curve: Curve) -> float | None:
        """What a trial that has not come to its end would come to, in the user's sign."""
        return self.forecasts([curve]).get(curve.number)

    def forecasts(self, curves: Sequence[Curve]) -> dict[int, float]:
        """The same of several, by number; of those of which it can be said."""
        if not self._peers.complete or not curves:
            return {}
        known = {curve.number: curve for curve in (*self.waiting, *curves)}
        forecast = Forecast([*self._peers, *known.values()], self._peers)
        found = {curve.number: forecast.value(curve) for curve in curves}
        return {n: self.sign * value[0] for n, value in found.items() if value is not None}

    def judge(self, curve: Curve) -> str | Verdict:
        """Whether a trial that has reported goes on, waits, or ends; then why."""

        def ask(pruner: Pruner) -> str | Verdict:
            because = str(pruner.prune(curve, self._peers) or "")
            if because or not isinstance(pruner, Promotes):
                return because or Verdict.GO_ON
            if curve.number == 0:
                return Verdict.GO_ON
            aside = pruner.sets_aside(curve, self._peers, self.waiting)
            return Verdict.WAIT if aside else Verdict.GO_ON

        otherwise: str | Verdict = Verdict.GO_ON
        return self._answer(ask, otherwise, f"in trial {curve.number}")

    def _answer(self, ask: Callable[[Pruner], Answer], otherwise: Answer, where: str) -> Answer:
        if self._pruner is None:
            return otherwise
        try:
            return ask(self._pruner)
        except Exception as error:  # noqa: BLE001  # of another package, or the user's own
            name = type(self._pruner).__name__
            self._pruner = None
            self._complain(
                f"The pruner {name} raised {type(error).__name__} {where} ({error}); from there "
                "on every trial runs to its end."
            )
            return otherwise

    @property
    def sign(self) -> float:
        """By which reports are multiplied, to be minimised."""
        return -1.0 if self._maximize else 1.0


class Judged:
    """What the pruner knows of one trial.

    Parameters
    ----------
    spared : whether it runs to its end whatever it reports.
    known : reports that it had made when it was set aside, and makes again.
    """

    def __init__(self, pruning: Pruning, number: int, *, spared: bool, known: int = 0) -> None:
        self._pruning, self._spared, self._known = pruning, spared, known
        self._waited = 0  # reports after which it was to wait last
        self.curve = Curve(number, {})

    def report(self, report: Report, kept: Mapping[int, float]) -> str | Verdict:
        """What comes of a report: why the trial is to end, or what it is to do.

        Parameters
        ----------
        kept : the reports that the trial keeps, by their steps.
        """
        if self._spared:
            return Verdict.GO_ON
        sign = self._pruning.sign
        self.curve.add(report.step, sign * report.value)
        if len(self.curve) > max(LONGEST, 2 * len(kept)):
            self.curve.renew({step: sign * value for step, value in kept.items()})
        if len(self.curve) <= self._known:
            return Verdict.GO_ON
        verdict = self._pruning.judge(self.curve)
        if verdict is Verdict.WAIT:
            if len(self.curve) == self._waited:  # one more report of the same step
                return Verdict.GO_ON
            self._waited = len(self.curve)
        return verdict

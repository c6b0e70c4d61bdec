"""What a study asks its pruner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from .context import LONGEST_CURVE
from .curves import Curve, Curves, curve_of
from .protocols import Pruner
from .trial import Report, Trial

LONGEST: Final = 2 * LONGEST_CURVE  # reports; a longer curve becomes that which the trial keeps


class Pruning:
    """The pruner of a study, in the user's own sign and with its mistakes survived.

    Parameters
    ----------
    maximize : whether larger values are better.
    complain : told, in one sentence, that the pruner failed; it is not asked again.
    """

    def __init__(self, pruner: Pruner, maximize: bool, complain: Callable[[str], None]) -> None:
        self._pruner: Pruner | None = pruner
        self._maximize, self._complain = maximize, complain
        self._peers = Curves()
        self._curve = Curve(0, {})
        self._spared = False

    def restore(self, trials: Iterable[Trial]) -> None:
        """Know what trials of an earlier sitting reported."""
        for trial in trials:
            self.end(trial)

    def begin(self, trial: Trial) -> None:
        """A trial starts. The baseline is never pruned: the others are compared with it."""
        self._curve = Curve(trial.number, {})
        self._spared = bool(trial.info.get("baseline"))

    def report(self, report: Report, kept: Mapping[int, float]) -> str:
        """Why the trial is to end at this report; empty if it is to go on.

        Parameters
        ----------
        kept : the reports that the trial keeps, by their steps.
        """
        if self._pruner is None or self._spared:
            return ""
        sign = -1.0 if self._maximize else 1.0
        self._curve.add(report.step, sign * report.value)
        if len(self._curve) > max(LONGEST, 2 * len(kept)):
            self._curve.renew({step: sign * value for step, value in kept.items()})
        try:
            return str(self._pruner.prune(self._curve, self._peers) or "")
        except Exception as error:  # noqa: BLE001  # of another package, or the user's own
            name = type(self._pruner).__name__
            self._pruner = None
            self._complain(
                f"The pruner {name} raised {type(error).__name__} in trial {self._curve.number} "
                f"({error}); from there on every trial runs to its end."
            )
            return ""

    def end(self, trial: Trial) -> None:
        """A trial has ended."""
        curve = curve_of(trial.minimised(self._maximize))
        if curve is not None:
            self._peers.add(curve)

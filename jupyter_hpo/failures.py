"""What failed trials mean for their study."""

from __future__ import annotations

from .protocols import Outcome
from .record import StudyRecord
from .resources import is_out_of_memory
from .trial import Trial, TrialState

SAME_FAILURES = 3  # in a row pause a study: the next one would very likely be the fourth


class FirstTrialFailed(Exception):
    """The first trial raised: the user's own exception is the cause, to be shown as theirs."""

    def __init__(self, exception: BaseException) -> None:
        super().__init__(str(exception))
        self.exception = exception


class Failures:
    """Watches the trials of one sitting.

    Parameters
    ----------
    limit : failed trials that end the study; None: no limit.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._in_a_row: list[str] = []

    def alike(self, trial: Trial) -> str:
        """Why the study should be looked at before it goes on; "" if it need not."""
        if trial.state is not TrialState.FAIL:
            self._in_a_row.clear()
            return ""
        self._in_a_row.append(trial.reason)
        last = self._in_a_row[-SAME_FAILURES:]
        if len(last) < SAME_FAILURES or len(set(last)) > 1:
            return ""
        self._in_a_row.clear()
        return f"{SAME_FAILURES} trials in a row failed with: {last[0]}"

    def too_many(self, trial: Trial, record: StudyRecord) -> str:
        """Why the study must end with this trial; "" if it need not."""
        failed = record.count(TrialState.FAIL)
        if self._limit is None or trial.state is not TrialState.FAIL or failed < self._limit:
            return ""
        return f"{failed} trials failed, as many as allowed"


def is_users_to_debug(trial: Trial, outcome: Outcome, *, resumed: bool) -> bool:
    """Whether the very first trial raised: then the cell raises, as it would without us."""
    return (
        trial.state is TrialState.FAIL
        and trial.number == 0
        and not resumed
        and outcome.exception is not None
        and not is_out_of_memory(outcome.exception)
    )

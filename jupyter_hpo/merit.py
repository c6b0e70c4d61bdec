"""What the outcome of a trial counts for, also of one that reached no value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from .trial import Trial, TrialState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POOR: Final = 25  # percentile of the outcomes that a trial given up without a report counts for


def merit(trial: Trial, known: Sequence[float] | NDArray[np.floating[Any]]) -> float:
    """A number that is larger the better a trial is, whose value is to be minimised.

    A failed trial is minus infinity: worse than all others, which says where not to
    go. One that was pruned or skipped was on its way to no better than a middling value: it
    counts for what it was expected to come to, or its last report, and at most for the median of
    the trials so far. One that is set aside counts for the same, and at most for the best.

    Parameters
    ----------
    known : merits of the trials told before, shape (n,).
    """
    if trial.state in (TrialState.PRUNED, TrialState.SKIPPED, TrialState.RUNNING):
        return _given_up(trial, known)
    if trial.value is None or math.isnan(trial.value):
        return -math.inf
    return -trial.value


def _given_up(trial: Trial, known: Sequence[float] | NDArray[np.floating[Any]]) -> float:
    import numpy as np

    finite = np.asarray(known)[np.isfinite(known)]
    reports = [-report.value for report in trial.reports if math.isfinite(report.value)]
    if trial.forecast is not None:
        reports.append(-trial.forecast)
    if not len(finite):
        return reports[-1] if reports else -math.inf
    if not reports:
        # of halves: between two numbers near the largest is more than that
        return 2.0 * float(np.percentile(0.5 * finite, POOR))
    with np.errstate(over="ignore"):
        most = finite.max() if trial.state is TrialState.RUNNING else np.median(finite)
        return min(reports[-1], float(most))

"""The trials of a study as a pandas frame, with Optuna's column names."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from .record import StudyRecord
from .trial import ORIGIN, RAN, Trial

if TYPE_CHECKING:
    import pandas as pd

APART = ("reason", "parked", ORIGIN, RAN)  # of a trial's `info`, and shown in other columns
SHOWN = ("generation", "parents", "warm_from")  # of what the optimizer noted


def frame(record: StudyRecord) -> pd.DataFrame:
    """One row per trial.

    Columns: ``number``, ``value``, ``datetime_start``, ``datetime_complete``,
    ``duration``, a ``params_NAME`` for each hyperparameter (missing where it did
    not exist), ``user_attrs_NAME`` for logged values, ``info_NAME`` for what the
    optimizer noted, ``peak_memory``, ``error``, ``state``.
    """
    import pandas as pd

    rows = [_row(trial) for trial in record.trials]
    middle = [f"params_{name}" for name in record.info.columns]
    for prefix in ("user_attrs_", "info_"):
        middle += dict.fromkeys(key for row in rows for key in row if key.startswith(prefix))
    first = ["number", "value", "datetime_start", "datetime_complete", "duration"]
    return pd.DataFrame(rows, columns=[*first, *middle, "peak_memory", "error", "state"])


def _stood_still(trial: Trial) -> float:
    """Seconds for which the study was paused in the middle of the trial."""
    try:
        return sum(float(end) - float(begin) for begin, end in trial.info.get("parked", ()))
    except (TypeError, ValueError):  # stored by another program
        return 0.0


def _row(trial: Trial) -> dict[str, Any]:
    start = None if trial.started is None else datetime.fromtimestamp(trial.started)
    duration = None if trial.duration is None else timedelta(seconds=trial.duration)
    end = None
    if start and duration is not None:
        end = start + duration + timedelta(seconds=_stood_still(trial))
    if trial.ran and (last := trial.ran[-1][1]) is not None:  # it was set aside in between
        end = datetime.fromtimestamp(last)
    return {
        "number": trial.number,
        "value": trial.value,
        "datetime_start": start,
        "datetime_complete": end,
        "duration": duration,
        "peak_memory": trial.peak_memory,
        "error": trial.reason or None,
        "state": str(trial.state),
        **{f"params_{name}": value for name, value in trial.params.items()},
        **{f"user_attrs_{name}": value for name, value in trial.log.items()},
        **{f"info_{name}": value for name, value in trial.info.items() if name not in APART},
        **{f"info_{name}": value for name, value in trial.origin.items() if name in SHOWN},
    }

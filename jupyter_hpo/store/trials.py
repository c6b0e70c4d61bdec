"""Trials on their way into the tables, and out of them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import replace

from ..blobs import Blob
from ..errors import StoreError
from ..record import StudyInfo, StudyState
from ..trial import Report, Trial, TrialState
from .rows import DAMAGE, ENDED, read_report, read_trial, report_rows, study_row, trial_row


def converted_study(info: StudyInfo) -> dict[str, object]:
    """Values of the columns; StoreError if it cannot be stored."""
    try:
        return study_row(info)
    except DAMAGE as error:
        raise StoreError(f"study {info.name!r} cannot be stored: {error}") from error


def converted_trial(
    study_id: int, trial: Trial
) -> tuple[dict[str, object], list[tuple[object, ...]]]:
    """The same of a trial and of its reports."""
    try:
        return trial_row(study_id, trial), report_rows(study_id, trial)
    except DAMAGE as error:
        raise StoreError(f"trial {trial.number} cannot be stored: {error}") from error


def put_trial(
    db: sqlite3.Connection, trial: dict[str, object], reports: list[tuple[object, ...]]
) -> None:
    """Write a trial in the place of what is known of it."""
    db.execute(
        """
        INSERT INTO trials (
            study_id, number, state, value, params, started, duration, peak_memory,
            peak_memory_cuda, error, info, log, output
        ) VALUES (
            :study_id, :number, :state, :value, :params, :started, :duration, :peak_memory,
            :peak_memory_cuda, :error, :info, :log, :output
        ) ON CONFLICT (study_id, number) DO UPDATE SET
            state = excluded.state, value = excluded.value, params = excluded.params,
            started = excluded.started, duration = excluded.duration,
            peak_memory = excluded.peak_memory, peak_memory_cuda = excluded.peak_memory_cuda,
            error = excluded.error, info = excluded.info, log = excluded.log,
            output = excluded.output
        """,
        trial,
    )
    db.execute("DELETE FROM reports WHERE study_id = :study_id AND number = :number", trial)
    db.executemany(
        "INSERT OR REPLACE INTO reports (study_id, number, step, value) VALUES (?, ?, ?, ?)",
        reports,
    )


def read_trials(
    trials: list[sqlite3.Row], reports: list[sqlite3.Row], held: dict[int, dict[str, Blob]]
) -> list[Trial]:
    """Trials of rows, with their reports and arrays."""
    by_number: defaultdict[int, list[Report]] = defaultdict(list)
    for row in reports:
        by_number[row["number"]].append(read_report(row))
    return [
        read_trial(row, by_number[row["number"]], held.get(row["number"], {})) for row in trials
    ]


def ended(info: StudyInfo, trials: list[Trial]) -> tuple[StudyInfo, list[Trial]]:
    """What a dead kernel left behind."""
    if info.state is StudyState.RUNNING:
        info = replace(info, state=StudyState.PAUSED, message=ENDED)
    return info, [
        replace(trial, state=TrialState.INTERRUPTED) if trial.state is TrialState.RUNNING else trial
        for trial in trials
    ]

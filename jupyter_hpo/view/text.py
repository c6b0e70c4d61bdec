"""A study as plain text, for ``print`` and terminals."""

from __future__ import annotations

import textwrap
import time

from ..record import StudyRecord
from . import ahead, words
from .glance import Glance, failures, gain, last_report, look, others, progress, ran

WIDTH = 100  # characters


def line(record: StudyRecord) -> str:
    """A study in one line."""
    seen = look(record)
    parts = [str(seen.info.state), progress(seen)]
    if seen.best is not None:
        parts.append(_best(seen))
    if seen.failed:
        parts.append(f"{len(seen.failed)} failed")
    if seen.unsaved:
        parts.append("NOT SAVED")
    return f"{words.short(seen.info.name)}: {', '.join(parts)}"


def summary(record: StudyRecord, *, now: float | None = None) -> str:
    """A study in a few lines.

    Parameters
    ----------
    now : seconds since the epoch, for the time left; None: the clock's.
    """
    seen = look(record)
    info = seen.info
    rows = [("", _head(seen, time.time() if now is None else now))]
    if seen.message:
        rows.append(("why", words.short(seen.message, 300)))
    if seen.best is not None:
        rows.append(("best", f"{_best(seen)}, trial {seen.best.number}"))
        rows.append(("with", _params(seen)))
    else:
        rows.append(("best", _none_yet(seen)))
    rows += [(words.running(seen.active), _running(seen))] if seen.running else []
    rows += [("others", ", ".join(told))] if (told := others(seen)) else []
    rows += [("failed", lost)] if (lost := failures(seen)) else []
    rows += [("note", words.short(note, 300)) for note in info.notes]
    if seen.unsaved:
        rows.append(("NOT SAVED", words.short(seen.unsaved, 300)))
    return "\n".join(_laid_out(label, text) for label, text in rows)


def _laid_out(label: str, text: str) -> str:
    if not label:
        return text
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=f"  {label:<10}",
        subsequent_indent=" " * 12,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _head(seen: Glance, now: float) -> str:
    info = seen.info
    head = f"{words.short(info.name)}: {info.state}, {progress(seen)}"
    if lasted := ran(seen, now):
        head += f" in {lasted}"
    left = ahead.said(info, seen.trials, now)
    return f"{head}, {left}" if left else head


def _best(seen: Glance) -> str:
    assert seen.best is not None and seen.best.value is not None  # only complete trials are best
    base = seen.baseline.value if seen.baseline and seen.baseline.value is not None else None
    value = seen.best.value
    text = words.number(value) if base is None else words.apart(value, base)[0]
    told = gain(seen)
    return f"{words.metric(seen.info.metric)} {text}{', ' if told else ''}{told}"


def _none_yet(seen: Glance) -> str:
    direction = "larger" if seen.info.maximize else "smaller"
    return f"no value of {words.metric(seen.info.metric)} yet ({direction} is better)"


def _params(seen: Glance) -> str:
    if seen.best is None:
        return "-"
    parts = [f"{words.short(k)}={words.literal(v)}" for k, v in seen.best.params.items()]
    parts += [f"{words.short(name)} of its own" for name in seen.best.tensors]
    return ", ".join(parts) or "-"


def _running(seen: Glance) -> str:
    trial = seen.running[0]
    report = last_report(trial)
    more = f", and {len(seen.running) - 1} more" if len(seen.running) > 1 else ""
    return f"trial {trial.number}{', ' if report else ''}{report}{more}"

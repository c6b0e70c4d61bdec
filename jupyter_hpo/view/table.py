"""The trials of a study as an HTML table: the best first, then the latest or the next best."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..trial import Report, Trial, TrialState
from . import words
from .glance import Glance, last_report

SPARK_WIDTH, SPARK_HEIGHT = 72, 18  # px
SPARK_POINTS = 36  # reports drawn at most
ROW_HEIGHT = 27  # px, as the style sheet has it


@dataclass(frozen=True)
class Columns:
    """Which columns there are; in a live table they only ever get more, or it would jump."""

    params: Sequence[str]
    numeric: frozenset[str]
    reports: bool
    reason: bool
    whole: bool


def table(seen: Glance, rows: int, *, live: bool) -> str:
    """The table in a box that scrolls sideways.

    Parameters
    ----------
    rows : trials shown at most; in a live table the best comes on top of that.
    live : the latest trials follow the best one; otherwise the next best do.
    """
    shown = latest(seen, rows) if live else ranked(seen, rows)
    columns = _columns(seen, shown, live=live)
    body = "".join(_row(trial, seen, columns) for trial in shown)
    if not shown:
        span = 3 + len(columns.params) + 1
        body = f'<tr><td colspan="{span}" class="jhpo-none">no trial has started yet</td></tr>'
    room = ""
    if live:
        total = seen.info.aim
        expected = rows + 1 if total is None else min(rows + 1, max(total, 1))
        room = f' style="min-height:{(max(expected, len(shown)) + 1) * ROW_HEIGHT}px"'
    return (
        f'<div class="jhpo-scroll" role="region" aria-label="Trials" tabindex="0"{room}>'
        f'<table class="jhpo-table">{_head(seen, columns)}<tbody>{body}</tbody></table></div>'
        + ("" if live else _rest(seen, shown))
    )


def latest(seen: Glance, rows: int) -> list[Trial]:
    """The best trial, then the latest others, newest first."""
    best = seen.best
    others = seen.trials[-rows - 1 :][::-1] if rows > 0 else []
    if best is None:
        return others[:rows]
    return [best, *[trial for trial in others if trial.number != best.number][:rows]]


def ranked(seen: Glance, rows: int) -> list[Trial]:
    """The best trials, best first, then the latest others, and the baseline in any case."""
    sign = -1.0 if seen.info.maximize else 1.0

    def rank(trial: Trial) -> tuple[float, int]:
        value = trial.value
        none = value is None or math.isnan(value)
        return (math.inf if none else sign * (value or 0.0), trial.number)

    shown = heapq.nsmallest(rows, seen.complete, key=rank)
    if len(shown) < rows:
        others = (*seen.ended, *seen.failed, *seen.running, *seen.interrupted)
        shown += heapq.nlargest(rows - len(shown), others, key=lambda trial: trial.number)
    base = seen.baseline
    if base is not None and all(trial.number != base.number for trial in shown):
        shown.append(base)
    return shown


def _columns(seen: Glance, shown: Sequence[Trial], *, live: bool) -> Columns:
    kinds = {row["name"]: row.get("type") for row in seen.info.space}
    values = [t.value for t in shown if t.value is not None and math.isfinite(t.value)]
    return Columns(
        params=seen.info.columns,
        numeric=frozenset(name for name, kind in kinds.items() if kind in ("Float", "Int")),
        reports=seen.reported,
        reason=bool(seen.failed) if live else any(trial.error for trial in shown),
        whole=all(value.is_integer() for value in values),
    )


def _head(seen: Glance, columns: Columns) -> str:
    metric = words.metric(seen.info.metric)
    cells = [_th("trial", "trial"), _th("state", "state"), _th(metric, metric, numeric=True)]
    cells += [_th(name, name, numeric=name in columns.numeric) for name in columns.params]
    cells.append(_th("seconds", "seconds", numeric=True))
    cells += [_th("reports", "intermediate values")] if columns.reports else []
    cells += [_th("reason", "why it failed")] if columns.reason else []
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _th(text: str, title: str, *, numeric: bool = False) -> str:
    style = ' class="jhpo-num"' if numeric else ""
    return f'<th scope="col"{style} title="{words.escape(title, 200)}">{words.escape(text)}</th>'


def _row(trial: Trial, seen: Glance, columns: Columns) -> str:
    best = seen.best is not None and trial.number == seen.best.number
    base = seen.baseline is not None and trial.number == seen.baseline.number
    tags = "".join(
        f"\N{NO-BREAK SPACE}<small>{t}</small>"
        for t, on in (("best", best), ("default", base))
        if on
    )
    word, mark = words.state(trial.state)
    params = trial.params
    sign = f'<span aria-hidden="true">{mark}</span>\N{NO-BREAK SPACE}'
    cells = [
        f'<th scope="row">{trial.number}{tags}</th>',
        f'<td class="jhpo-s-{word}">{sign}{word}</td>',
        _value(trial, columns),
        *(_param(params, name, columns) for name in columns.params),
        _time(trial),
        f"<td>{_spark(trial)}</td>" if columns.reports else "",
        _reason(trial) if columns.reason else "",
    ]
    style = ' class="jhpo-best"' if best else ""
    return f"<tr{style}>{''.join(cells)}</tr>"


def _value(trial: Trial, columns: Columns) -> str:
    if trial.value is not None and trial.state is TrialState.COMPLETE:
        text = words.number(trial.value, fixed=not columns.whole)
        return f'<td class="jhpo-num" title="{trial.value!r}">{text}</td>'
    if not trial.reports:
        return '<td class="jhpo-num"></td>'
    title = f"no final value; the last report is {last_report(trial)}"
    text = words.number(trial.reports[-1].value, fixed=not columns.whole)
    return f'<td class="jhpo-num jhpo-dim" title="{title}">({text})</td>'


def _param(params: dict[str, object], name: str, columns: Columns) -> str:
    style = "jhpo-num" if name in columns.numeric else "jhpo-cat"
    if name not in params:
        return f'<td class="{style} jhpo-dim" title="not active">·</td>'
    text = words.value(params[name])
    title = f' title="{words.escape(repr(params[name]), 300)}"' if _cut(params[name], text) else ""
    return f'<td class="{style}"{title}>{words.escape(text)}</td>'


def _cut(value: object, text: str) -> bool:
    """Whether the cell may show less than the value."""
    return isinstance(value, float) or (isinstance(value, str) and len(text) > 16)


def _time(trial: Trial) -> str:
    if trial.duration is None or not math.isfinite(trial.duration):
        return '<td class="jhpo-num"></td>'
    memory = [
        f"peak memory{where} {words.size(peak)}"
        for where, peak in (("", trial.peak_memory), (" on the GPU", trial.peak_memory_cuda))
        if peak is not None
    ]
    title = f' title="{", ".join(memory)}"' if memory else ""
    return f'<td class="jhpo-num"{title}>{words.seconds(trial.duration)}</td>'


def _reason(trial: Trial) -> str:
    if not trial.error:
        return "<td></td>"
    reason = trial.reason
    return (
        f'<td class="jhpo-why" title="{words.escape(reason, 300)}">{words.escape(reason, 120)}</td>'
    )


def _spark(trial: Trial) -> str:
    """The reports of a trial as a small line, on a scale of its own."""
    reports = _some(trial.reports)
    if not reports:
        return ""
    low, high = min(v for _, v in reports), max(v for _, v in reports)
    first, last = reports[0].step, max(reports[-1].step, reports[0].step + 1)
    half = high / 2 - low / 2 or 1.0
    places = " ".join(
        f"{2 + (SPARK_WIDTH - 4) * (step - first) / (last - first):.1f},"
        f"{SPARK_HEIGHT - 3 - (SPARK_HEIGHT - 6) * ((value / 2 - low / 2) / half):.1f}"
        for step, value in reports
    )
    end_x, end_y = places.rpartition(" ")[2].split(",")
    label = (
        f"{words.count(len(trial.reports), 'report')}, "
        f"the first {words.number(trial.reports[0].value)}, "
        f"the last {words.number(trial.reports[-1].value)}"
    )
    return (
        f'<svg class="jhpo-spark" width="{SPARK_WIDTH}" height="{SPARK_HEIGHT}" role="img"'
        f' aria-label="{label}"><polyline points="{places}"/>'
        f'<circle cx="{end_x}" cy="{end_y}" r="2"/></svg>'
    )


def _some(reports: Sequence[Report]) -> list[Report]:
    """At most SPARK_POINTS reports and the first, the last one among them; the finite ones."""
    stride = max(-(-len(reports) // SPARK_POINTS), 1)
    some = dict.fromkeys((*reports[:1], *reversed(reports[::-stride])))
    return [report for report in some if math.isfinite(report.value)]


def _rest(seen: Glance, shown: Sequence[Trial]) -> str:
    more = len(seen.trials) - len(shown)
    if more <= 0:
        return ""
    name = seen.info.name
    where = f"{name}.trials" if name.isidentifier() else "the study's trials"
    text = words.escape(
        f"{words.count(more, 'more trial')} not shown; {where} has all of them", 200
    )
    return f'<div class="jhpo-dim jhpo-rest">{text}</div>'

"""The trials of a study as an HTML table: the best first, then the latest or the next best."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

from ..trial import Report, Trial, TrialState
from . import words
from .columns import Columns, columns
from .glance import Glance, last_report

ROWS_LIVE, ROWS = 8, 20  # trials shown: the latest of a live study, the top of a finished one
OPEN = ROWS_LIVE + 1  # of a finished one, those that do not stand behind a click
SPARK_WIDTH, SPARK_HEIGHT = 64, 18  # px
SPARK_POINTS = 36  # reports drawn at most
ROW_HEIGHT = 27  # px, as the style sheet has it
VALUE_ROOM, SECONDS_ROOM = 7, 5  # characters


def table(seen: Glance, rows: int | None, *, live: bool) -> str:
    """The table in a box that scrolls sideways.

    Parameters
    ----------
    rows : trials shown at most; in a live table the best comes on top of that.
        None: as many as keep it as high when it is finished as it was live,
        the rest of the top behind a click.
    live : the latest trials follow the best one; otherwise the next best do.
    """
    top, folded = _trials(seen, rows, live=live)
    values = [t.value for t in top + folded if t.value is not None and math.isfinite(t.value)]
    cols = columns(
        seen,
        reason=bool(seen.failed) if live else any(trial.error for trial in top + folded),
        whole=all(value.is_integer() for value in values),
    )
    body = "".join(_row(trial, seen, cols) for trial in top)
    if not top:
        none = "" if seen.active else "no trial has started"
        body = f'<tr><td colspan="{4 + len(cols.params)}" class="jhpo-none">{none}</td></tr>'
    box = _scroll(seen, cols, body, "Trials")
    if not live:
        return box + _rest(seen, cols, len(top), folded)
    limit = (ROWS_LIVE if rows is None else rows) + 1
    expected = limit if seen.info.aim is None else min(limit, max(seen.info.aim, 1))
    height = (max(expected, len(top)) + 1) * ROW_HEIGHT
    return f'<div class="jhpo-room" style="min-height:{height}px">{box}</div>{_order(seen, rows)}'


def _scroll(seen: Glance, cols: Columns, body: str, label: str) -> str:
    return (
        f'<div class="jhpo-scroll" role="region" aria-label="{label}" tabindex="0">'
        f'<table class="jhpo-table">{_head(seen, cols)}<tbody>{body}</tbody></table></div>'
    )


def _trials(seen: Glance, rows: int | None, *, live: bool) -> tuple[list[Trial], list[Trial]]:
    """The trials that are shown, and those behind a click."""
    if live:
        return latest(seen, ROWS_LIVE if rows is None else rows), []
    if rows is not None:
        return ranked(seen, rows), []
    shown = ranked(seen, ROWS)
    if len(shown) <= OPEN + 1:
        return shown, []
    # what every trial is compared with is always in sight
    base = seen.baseline
    kept = [trial for trial in shown[OPEN - 1 :] if base and trial.number == base.number]
    top = [*shown[: OPEN - len(kept)], *kept]
    numbers = {trial.number for trial in top}
    return top, [trial for trial in shown if trial.number not in numbers]


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
        others = (*seen.ended, *seen.failed, *seen.running, *seen.waiting, *seen.interrupted)
        shown += heapq.nlargest(rows - len(shown), others, key=lambda trial: trial.number)
    base = seen.baseline
    if base is not None and all(trial.number != base.number for trial in shown):
        shown.append(base)
    return shown


def _head(seen: Glance, cols: Columns) -> str:
    metric = words.metric(seen.info.metric)
    cells = [_th("trial", "trial"), _th("state", "state", room=9)]
    cells.append(_th(metric, metric, numeric=True, room=VALUE_ROOM))
    cells += [_th(c.name, c.name, numeric=c.numeric, room=c.room) for c in cols.params]
    cells.append(_th("sec", "seconds it took", numeric=True, room=SECONDS_ROOM))
    cells += [_th("reports", "intermediate values")] if cols.reports else []
    cells += [_th("reason", "why it failed")] if cols.reason else []
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _th(text: str, title: str, *, numeric: bool = False, room: int = 0) -> str:
    """A head; `room` characters are kept for values, so that columns stay where they are."""
    style = ' class="jhpo-num"' if numeric else ""
    # the head's letters are smaller than the values'
    width = f' style="min-width:calc({room * 1.1:.1f}ch + 12px)"' if room > len(text) else ""
    title = words.escape(title, 200)
    return f'<th scope="col"{style}{width} title="{title}">{words.escape(text)}</th>'


def _row(trial: Trial, seen: Glance, cols: Columns) -> str:
    best = seen.best is not None and trial.number == seen.best.number
    params = trial.params
    cells = [
        f'<th scope="row">{trial.number}</th>',
        _state(trial, seen, best=best),
        _value(trial, cols),
        *(_param(params, column.name, numeric=column.numeric) for column in cols.params),
        _time(trial),
        f"<td>{_spark(trial)}</td>" if cols.reports else "",
        _reason(trial) if cols.reason else "",
    ]
    style = ' class="jhpo-best"' if best else ""
    return f"<tr{style}>{''.join(cells)}</tr>"


def _state(trial: Trial, seen: Glance, *, best: bool) -> str:
    """One short word; of complete trials that they are the best, or the default."""
    word, mark = words.state(trial)
    if trial.state is TrialState.RUNNING and not trial.waits and not seen.active:
        word, mark = words.running(seen.active), words.BARS
    style, hidden = f"jhpo-s-{word}", ""
    if trial.state is TrialState.COMPLETE:
        base = seen.baseline is not None and trial.number == seen.baseline.number
        mark = "★" if best else mark
        word = "default" if base else "best" if best else "done"
        hidden = '<span class="jhpo-unseen">best, </span>' if base and best else ""
    sign = f'<span aria-hidden="true">{mark}</span>\N{NO-BREAK SPACE}'
    return f'<td class="{style}">{sign}{hidden}{word}</td>'


def _value(trial: Trial, cols: Columns) -> str:
    if trial.value is not None and trial.state is TrialState.COMPLETE:
        text = words.number(trial.value, fixed=not cols.whole)
        return f'<td class="jhpo-num" title="{trial.value!r}">{text}</td>'
    if not trial.reports:
        return '<td class="jhpo-num"></td>'
    title = f"no final value; the last report is {last_report(trial)}"
    text = words.number(trial.reports[-1].value, fixed=not cols.whole)
    return f'<td class="jhpo-num jhpo-dim" title="{title}">({text})</td>'


def _param(params: dict[str, object], name: str, *, numeric: bool) -> str:
    style = "jhpo-num" if numeric else "jhpo-cat"
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
    reason = trial.reason
    if not reason:
        return "<td></td>"
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


def _order(seen: Glance, rows: int | None) -> str:
    """What a live table shows, on the line where a finished one says what it leaves out."""
    if rows is not None or (seen.info.aim is not None and seen.info.aim <= OPEN + 1):
        return ""
    told = "the best trial, then the latest" if seen.trials else ""
    return f'<div class="jhpo-dim jhpo-rest">{told}</div>'


def _rest(seen: Glance, cols: Columns, top: int, folded: Sequence[Trial]) -> str:
    """The rest of the top behind a click, and where those are that are not shown at all."""
    name = seen.info.name
    where = f"{name}.trials" if name.isidentifier() else "the study's trials"
    more = len(seen.trials) - top - len(folded)
    told = f"{words.count(more, 'more trial')} not shown; {where} has all of them"
    if not folded:
        return f'<div class="jhpo-dim jhpo-rest">{words.escape(told, 200)}</div>' if more else ""
    text = f"{words.count(len(folded), 'more trial')}"
    if more:
        text = f"{len(folded)} more of the top {ROWS}; {where} has all {len(seen.trials)}"
    body = "".join(_row(trial, seen, cols) for trial in folded)
    return (
        f'<details class="jhpo-more"><summary>{words.escape(text, 200)}</summary>'
        f"{_scroll(seen, cols, body, 'More trials')}</details>"
    )

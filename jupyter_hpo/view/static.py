"""A study as HTML that needs neither kernel, scripts nor anything from elsewhere.

It is the live display, rendered anew at each update, and what is left of it in
the saved notebook. Where Jupyter and GitHub take out style sheets and SVG, in
notebooks they do not trust, the words and the table stay.
"""

from __future__ import annotations

import html as markup
import time

from ..record import StudyRecord, StudyState
from ..trial import Trial
from . import ahead, words
from .glance import Glance, failures, gain, last_report, look, others, progress, ran, share
from .history import chart
from .style import SHEET
from .table import table

_STATES = {
    StudyState.RUNNING: "●",
    StudyState.PAUSED: words.BARS,
    StudyState.FINISHED: "✓",
    StudyState.STOPPED: "■",
    StudyState.FAILED: "✕",
}


def html(
    record: StudyRecord,
    *,
    rows: int | None = None,
    live: bool | None = None,
    now: float | None = None,
    message: bool = True,
) -> str:
    """A study as an HTML fragment, well-formed also as XML.

    Parameters
    ----------
    rows : trials in the table; None: the best and the latest 8 of a live
        display, the top 20 of a finished one, of which the first stand open.
    live : whether this rendering will be replaced by a next one; None: whether
        the study is running. A live one keeps its height and says less on hover.
    now : seconds since the epoch, for what is still running; None: the clock's.
    message : whether the message is in it; if not, it is shown elsewhere.
    """
    seen = look(record)
    if not message:
        seen.message = ""
    now = time.time() if now is None else now
    live = seen.active if live is None else live
    parts = [
        f'<div class="jhpo"><style>{SHEET}</style>',
        _top(seen, now),
        _bar(seen, now),
        _best(seen),
        _with(seen, now, live=live),
        _says(seen),
        chart(seen, live=live),
        table(seen, rows, live=live),
        "</div>",
    ]
    return "".join(parts)


def _top(seen: Glance, now: float) -> str:
    state = seen.info.state
    told = [progress(seen), *others(seen)]
    told += [each for each in (ran(seen, now), ahead.said(seen.info, seen.trials, now)) if each]
    name = words.escape(seen.info.name, 80)
    return (
        f'<div class="jhpo-top"><b class="jhpo-name" title="{name}">{name}</b> '
        f'<span class="jhpo-state jhpo-is-{state}"><span aria-hidden="true">{_STATES[state]}'
        f'</span> {state}</span> <span class="jhpo-count">{" · ".join(told)}</span></div>'
    )


def _bar(seen: Glance, now: float) -> str:
    done = share(seen, now)
    full, numbers = 0.0 if seen.active else 100.0, ""
    if done is not None:
        full = 100.0 * done
        numbers = f' aria-valuemin="0" aria-valuemax="100" aria-valuenow="{full:.0f}"'
    return (
        f'<div class="jhpo-bar" role="progressbar" aria-label="trials done"{numbers}>'
        f'<div style="width:{full:.1f}%"></div></div>'
    )


def _best(seen: Glance) -> str:
    metric = words.escape(words.metric(seen.info.metric))
    better = "larger is better" if seen.info.maximize else "smaller is better"
    best, base = seen.best, seen.baseline
    if best is None or best.value is None:
        told = f"no value of {metric}{' yet' if seen.active else ''}; {better}"
        told = "starting…" if seen.active and not seen.trials else told
        return f'<div class="jhpo-value jhpo-dim"><span>{told}</span></div>'
    other = base.value if base is not None and base.value is not None else None
    number = words.number(best.value) if other is None else words.apart(best.value, other)[0]
    told = f"trial {best.number}; {better}"
    against = gain(seen)
    comma = "," if against else ""
    return (
        f'<div class="jhpo-value"><span><b>{number}</b> {metric}{comma}</span> '
        f"<span>{against}</span> "
        f'<span class="jhpo-dim">{told}</span></div>'
    )


def _with(seen: Glance, now: float, *, live: bool) -> str:
    """One line of constant height: the trial that runs, then the best configuration."""
    if seen.running:
        line = _running(seen, now)
    elif live:
        line = "between trials" if seen.trials and seen.active else ""
    else:
        line = _params(seen.best) if seen.best else ""
    if not line and not live:
        return ""
    return f'<div class="jhpo-now jhpo-dim" title="{line}">{line}</div>'


def _running(seen: Glance, now: float) -> str:
    trial = seen.running[0]
    told = [f"trial {trial.number} {_since(trial, seen, now)}"]
    told += [report] if (report := last_report(trial)) else []
    told += [params] if (params := _params(trial)) else []
    if len(seen.running) > 1:
        told.insert(0, f"{len(seen.running)} trials at once")
    return " · ".join(told)


def _params(trial: Trial) -> str:
    return ", ".join(
        [
            *(
                f"{words.escape(name)} {words.escape(words.value(value), 40)}"
                for name, value in trial.params.items()
            ),
            *(f"{words.escape(name)} of its own" for name in trial.tensors),
        ]
    )


def _since(trial: Trial, seen: Glance, now: float) -> str:
    if not seen.active:
        return words.running(seen.active)
    if trial.started is None or now < trial.started:
        return "running"
    return f"running for {words.duration(now - trial.started)}"


def _says(seen: Glance) -> str:
    """What the user should know, the loudest first."""
    parts = []
    if seen.unsaved:
        reason = words.escape(seen.unsaved.rstrip(". \n"), 500)
        parts.append(
            f'<div class="jhpo-loud" role="note"><b>Not saved.</b> {reason}. '
            "What is not saved is lost when the kernel ends; with --store PATH a study is kept "
            "elsewhere.</div>"
        )
    if seen.message:
        parts.append(f'<div class="jhpo-say">{words.escape(seen.message, 500)}</div>')
    if lost := failures(seen):
        parts.append(
            '<div class="jhpo-say"><span class="jhpo-is-failed" aria-hidden="true">✕</span> '
            f"{markup.escape(lost)}</div>"
        )
    parts += [
        f'<div class="jhpo-say jhpo-dim">{words.escape(note, 500)}</div>'
        for note in seen.info.notes
    ]
    return "".join(parts)

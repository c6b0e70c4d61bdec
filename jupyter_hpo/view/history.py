"""The history of a study as a chart: every value by trial, and the best so far.

Lines and points are an SVG; the numbers on the axes and what shows on hover
are HTML laid over it, all of whose words stand in attributes. Where a notebook
is not trusted, Jupyter and GitHub take out SVG and style sheets but leave the
words that stood in them: a chart with text inside would turn into pages of
numbers there. This one vanishes.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..trial import Trial, TrialState
from . import words
from .glance import Glance
from .sampling import Sample, sample, thin
from .scale import Axis, axis, trial_room, trial_ticks

MARKS = 120  # failed and pruned trials drawn at most, each kind
HOVERS = 400  # trials that say their configuration on hover, at most
HOVERS_LIVE = 80  # the tooltip goes with the next update anyway
HOVER_ROOM = 60_000  # characters of tooltips after which they leave the configuration out
SHOWN_PARAMS = 8  # hyperparameters in a tooltip, at most

WIDTH = 1000  # units of the drawing across, stretched to the page
HEIGHT, LANE = 170, 16  # px; the lane beneath holds trials without a value
END_HEIGHT = 13  # px that the values at the lines' ends take
PAD = 10  # units or px kept free at the edges


@dataclass(frozen=True)
class Plane:
    """Where numbers and values stand in the drawing."""

    values: Axis | None
    last: int

    def x(self, trial: Trial) -> float:
        return PAD + (WIDTH - 2 * PAD) * trial.number / max(self.last, 1)

    def y(self, value: float) -> float:
        place = self.values.place(value) if self.values else 0.5
        return PAD + (HEIGHT - 2 * PAD) * (1 - place)

    def outside(self, value: float) -> bool:
        return self.values is None or not self.values.low <= value <= self.values.high


def chart(seen: Glance, *, live: bool) -> str:
    """The chart of a study as an HTML fragment of constant height."""
    drawn = sample(seen)
    base = seen.baseline.value if seen.baseline else None
    base = base if base is not None and math.isfinite(base) else None
    values = axis(drawn.values, seen.info.maximize, base) if drawn.values else None
    last = seen.trials[-1].number if seen.trials else 0
    plane = Plane(values, trial_room(last, seen.info.aim, live=live))
    ticks = values.ticks() if values else []
    label = html.escape(describe(seen))
    gutter = 14 + 7 * max([4, *(len(text) for _, text in ticks)])
    ends = _ends(plane, seen, base)
    lost = [thin(kind, MARKS) for kind in (seen.failed, seen.ended + seen.interrupted)]
    return "".join(
        (
            f'<div class="jhpo-chart" role="img" aria-label="{label}"'
            f' style="margin-left:{gutter}px;margin-right:{_end_room(seen, base)}px">',
            f'<svg width="100%" height="{HEIGHT + LANE}" viewBox="0 0 {WIDTH} {HEIGHT + LANE}"'
            ' preserveAspectRatio="none" aria-hidden="true" focusable="false">',
            _grid(plane, ticks),
            _points(plane, drawn, seen, base),
            "</svg>",
            _labels(plane, ticks),
            ends,
            *(_mark(plane, trial) for kind in lost for trial in kind),
            _hovers(plane, drawn, HOVERS_LIVE if live else HOVERS),
            "</div>",
            _legend(seen, drawn, plane),
        )
    )


def describe(seen: Glance) -> str:
    """The chart in a sentence, for those who do not see it."""
    name = words.metric(seen.info.metric)
    if seen.best is None or seen.best.value is None:
        return f"History of {name}: no value yet"
    first = seen.incumbents[0] if seen.incumbents else seen.best
    lost = len(seen.failed)
    return (
        f"History of {name} over {words.count(len(seen.trials), 'trial')}: best so far from "
        f"{words.number(first.value or 0.0)} at trial {first.number} to "
        f"{words.number(seen.best.value)} at trial {seen.best.number}"
        + (f"; {lost} failed" if lost else "")
    )


def _grid(plane: Plane, ticks: Sequence[tuple[float, str]]) -> str:
    rows = "".join(f"M0 {plane.y(value):.1f}h{WIDTH}" for value, _ in ticks)
    return f'<path class="jhpo-grid" d="{rows}M0 {HEIGHT}h{WIDTH}"/>'


def _points(plane: Plane, drawn: Sample, seen: Glance, base: float | None) -> str:
    steps = ""
    if drawn.incumbents and plane.values is not None:
        steps = _steps(plane, drawn.incumbents, seen.trials[-1])
    parts = []
    if base is not None:
        level = f"{plane.y(base):.1f}"
        if steps and len(drawn.incumbents) > 1:
            parts.append(f'<path class="jhpo-gain" d="{steps}V{level}Z"/>')
        parts.append(f'<path class="jhpo-base" d="M0 {level}h{WIDTH}"/>')
    if steps:
        parts.append(f'<path class="jhpo-steps" d="{steps}"/>')
    for name, trials in (("jhpo-dots", drawn.others), ("jhpo-tops", drawn.incumbents)):
        # lines of no length with round ends: the page stretches the drawing, not the dots
        dots = "".join(
            f"M{plane.x(t):.1f} {plane.y(t.value):.1f}h0"
            for t in trials
            if t.value is not None and not plane.outside(t.value)
        )
        parts.append(f'<path class="{name}" d="{dots}"/>')
    return "".join(parts)


def _steps(plane: Plane, incumbents: Sequence[Trial], last: Trial) -> str:
    first, *others = incumbents
    corners = "".join(f"H{plane.x(t):.1f}V{plane.y(t.value or 0.0):.1f}" for t in others)
    start = f"M{plane.x(first):.1f} {plane.y(first.value or 0.0):.1f}"
    return f"{start}{corners}H{plane.x(last):.1f}"


def _end_texts(seen: Glance, base: float | None) -> tuple[str, str]:
    """The best value and the default's as they stand at the ends of their lines, "" if unknown."""
    best = seen.best.value if seen.best else None
    if best is None or not math.isfinite(best):
        return "", "" if base is None else words.number(base)
    return (words.number(best), "") if base is None else words.apart(best, base)


def _end_room(seen: Glance, base: float | None) -> int:
    """Width of the margin that holds them, in px; the least of it is there from the start."""
    return 14 + 7 * min(max(6, *map(len, _end_texts(seen, base))), 12)


def _ends(plane: Plane, seen: Glance, base: float | None) -> str:
    """The values of the two lines beside their ends, where both have room."""
    best_text, base_text = _end_texts(seen, base)
    best = seen.best.value if seen.best else None
    parts = []
    if best_text and best is not None:
        left = plane.x(seen.trials[-1]) / WIDTH * 100
        style = f"left:{left:.2f}%;top:{plane.y(best):.1f}px"
        parts.append(f'<i class="jhpo-end" style="{style}" data-t="{best_text}"></i>')
    if base_text and base is not None:
        near = best is not None and abs(plane.y(base) - plane.y(best)) < END_HEIGHT
        if not near:
            style = f"left:{100 - 100 * PAD / WIDTH:g}%;top:{plane.y(base):.1f}px"
            parts.append(f'<i class="jhpo-end jhpo-from" style="{style}" data-t="{base_text}"></i>')
    return "".join(parts)


def _labels(plane: Plane, ticks: Iterable[tuple[float, str]]) -> str:
    rows = [
        f'<i class="jhpo-y" style="top:{plane.y(value):.1f}px" data-t="{text}"></i>'
        for value, text in ticks
    ]
    for number in trial_ticks(plane.last):
        left = (PAD + (WIDTH - 2 * PAD) * number / max(plane.last, 1)) / WIDTH * 100
        rows.append(f'<i class="jhpo-x" style="left:{left:.2f}%" data-t="{number}"></i>')
    return "".join(rows)


def _mark(plane: Plane, trial: Trial) -> str:
    word, mark = words.state(trial)
    shown = f' data-t="{mark}"' if trial.state is TrialState.FAIL else ""
    why = f": {words.escape(trial.reason, 100)}" if trial.reason else ""
    style = "jhpo-bad" if trial.state is TrialState.FAIL else "jhpo-cut"
    return (
        f'<i class="jhpo-mark {style}" style="left:{plane.x(trial) / WIDTH * 100:.2f}%"'
        f'{shown} title="trial {trial.number} {word}{why}"></i>'
    )


def _hovers(plane: Plane, drawn: Sample, limit: int) -> str:
    """What hovering says; values beyond the axis also get their arrow here."""
    latest = drawn.trials[-limit:]
    beyond = [t for t in drawn.trials if t.value is not None and plane.outside(t.value)]
    kept = {t.number: t for t in (*latest, *drawn.incumbents[-limit:], *thin(beyond, MARKS))}
    parts, size = [], 0
    for trial in reversed(kept.values()):  # those of most interest first, while there is room
        parts.append(_hover(plane, trial, with_params=size < HOVER_ROOM))
        size += len(parts[-1])
    return "".join(parts)


def _hover(plane: Plane, trial: Trial, *, with_params: bool) -> str:
    value = trial.value or 0.0
    style, arrow = "jhpo-dot", ""
    if plane.outside(value):
        style = "jhpo-dot jhpo-far"
        up = value > 0 if plane.values is None else value > plane.values.high
        arrow = f' data-t="{"▲" if up else "▼"}"'
        plane = plane if plane.values else replace(plane, values=Axis(-1.0, 1.0))
    title = f"trial {trial.number}: {words.number(value, 6)}"
    title += _params(trial) if with_params else ""
    return (
        f'<i class="{style}" style="left:{plane.x(trial) / WIDTH * 100:.2f}%;'
        f'top:{plane.y(value):.1f}px"{arrow} title="{title}"></i>'
    )


def _params(trial: Trial) -> str:
    params = list(trial.params.items())
    rows = [
        f"&#10;{words.escape(name, 24)} = {words.escape(words.value(value), 24)}"
        for name, value in params[:SHOWN_PARAMS]
    ]
    if len(params) > SHOWN_PARAMS:
        rows.append(f"&#10;and {len(params) - SHOWN_PARAMS} more")
    return "".join(rows)


def _legend(seen: Glance, drawn: Sample, plane: Plane) -> str:
    """What the marks mean."""
    base = seen.baseline.value if seen.baseline else None
    keys = [("jhpo-k-dot", "trial"), ("jhpo-k-best", "best so far")]
    if base is not None:
        keys.append(("jhpo-k-base", f"default {words.number(base)}"))
    keys += [("jhpo-k-bad", "failed")] if seen.failed else []
    keys += [("jhpo-k-cut", "pruned or ended early")] if seen.ended or seen.interrupted else []
    if any(t.value is not None and plane.outside(t.value) for t in drawn.trials):
        keys.append(("jhpo-k-far", "beyond the axis"))
    scale = ", log scale" if plane.values is not None and plane.values.log else ""
    name = html.escape(f"{words.metric(seen.info.metric)} by trial{scale}")
    items = "".join(f'<i class="jhpo-key {style}" data-t="{text}"></i>' for style, text in keys)
    return f'<div class="jhpo-legend" aria-hidden="true"><i data-t="{name}"></i>{items}</div>'

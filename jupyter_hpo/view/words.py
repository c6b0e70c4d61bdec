"""Numbers, durations and names as people read them, and as HTML can hold them."""

from __future__ import annotations

import html
import math
import re
from typing import Any

from ..trial import Trial, TrialState

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)")
# not allowed in XML, able to reverse the reading order, or not encodable as UTF-8
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
BARS = '<i class="jhpo-bars"></i>'  # drawn by the style sheet: fonts differ too much, or have none
_MARKS = {
    TrialState.RUNNING: ("running", "●"),
    TrialState.COMPLETE: ("complete", "✓"),
    TrialState.PRUNED: ("pruned", "⊘"),
    TrialState.SKIPPED: ("skipped", "»"),
    TrialState.FAIL: ("failed", "✕"),
    TrialState.INTERRUPTED: ("interrupted", "■"),
}
_WAITING = ("waiting", "○")  # set aside, for others to run


def clean(text: str) -> str:
    """`text` without terminal colours, other control characters shown as �."""
    return _UNFIT.sub("�", _ANSI.sub("", text)) if not _plain(text) else text


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def short(text: str, limit: int = 60) -> str:
    """`text` cleaned, in one line of at most `limit` characters."""
    # cut first: cleaning a message of megabytes would hold up the view
    line = " ".join(clean(text[: 4 * limit + 100]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def escape(text: str, limit: int = 60) -> str:
    """`short` text, safe in HTML content and quoted attributes."""
    return html.escape(short(text, limit))


def number(x: float, digits: int = 4, *, fixed: bool = False) -> str:
    """A number to `digits` significant digits; `fixed` keeps trailing zeros, for columns."""
    if not math.isfinite(x):
        return "nan" if math.isnan(x) else "∞" if x > 0 else "-∞"
    if 10**digits <= abs(x) < 1e6:
        return f"{x:.0f}"
    text = f"{x:#.{digits}g}" if fixed else f"{x:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    if fixed and mantissa.endswith("."):
        mantissa = mantissa[:-1]
    if e:
        return f"{mantissa}e{int(exponent)}"
    return "0" if mantissa == "-0" else mantissa


def apart(a: float, b: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to see their difference, to a tenth of it."""
    digits = 4
    if a != b and math.isfinite(a - b):
        while digits < 16 and abs(_rounded(a, digits) - _rounded(b, digits) - (a - b)) > abs(
            (a - b) / 10
        ):
            digits += 1
    return number(a, digits), number(b, digits)


def _rounded(x: float, digits: int) -> float:
    return float(f"{x:.{digits}g}")


def value(thing: Any) -> str:
    """The value of a hyperparameter; objects go by their name, else by their repr."""
    if isinstance(thing, str):
        return thing
    try:
        if type(thing) is float:
            return number(thing)
        if type(thing) is int:
            return str(thing) if abs(thing) < 10**15 else number(thing)
        return str(getattr(thing, "__name__", None) or repr(thing))
    except Exception:  # noqa: BLE001  # the repr of a user's object may raise anything
        return type(thing).__name__


def literal(thing: Any) -> str:
    """`value` with strings in quotes, as the cell would write it."""
    return short(repr(thing[:100]) if isinstance(thing, str) else value(thing))


def percent(ratio: float) -> str:
    """0.312 -> "31 %"."""
    share = abs(ratio) * 100
    if 99 < share < 100:
        return "over 99 %"
    return f"{share:.0f} %" if share >= 9.95 else f"{share:.2g} %"


def seconds(s: float) -> str:
    """Seconds for a column of figures."""
    places = 0 if s >= 999.95 else 1 if s >= 9.995 else 2 if s >= 0.0095 else 4
    return f"{s:.{places}f}"


def duration(s: float) -> str:
    """Seconds in words: "350 ms", "12 s", "2 min 05 s", "3 h 20 min", "2 d 4 h"."""
    if not math.isfinite(s):
        return "?"
    if s < 0.9995:
        return f"{max(s, 0) * 1000:.0f} ms"
    if s < 9.95:
        return f"{s:.1f} s"
    whole = round(s)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def whole(s: float) -> str:
    """`duration` of a round time: "10 min"."""
    return duration(s).removesuffix(" 00 s").removesuffix(" 00 min")


def about(s: float) -> str:
    """An estimate of seconds, no more precise than estimates are."""
    if s < 10:
        return "a few seconds"
    if s < 55:
        return f"about {round(s / 10) * 10} s"
    if s < 600:
        return f"about {max(round(s / 60), 1)} min"
    if s < 7_050:
        return f"about {round(s / 300) * 5} min"
    if s < 172_800:
        return f"about {round(s / 3600)} h"
    return f"about {round(s / 86_400)} days"


def size(count: int) -> str:
    """Bytes in words, decimal units: "1.2 GB"."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.3g} {unit}" if unit != "TB" else f"{amount:.1f} TB"


def count(n: int, noun: str) -> str:
    """ "1 trial", "3 trials"."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def running(active: bool) -> str:
    """What a trial that has not ended does, in a study that runs or does not."""
    return "running" if active else "parked"


def state(trial: Trial) -> tuple[str, str]:
    """The state of a trial in a word, and the mark that goes with it."""
    return _WAITING if trial.waits else _MARKS[trial.state]


def metric(name: str) -> str:
    """What the objective is called."""
    return "last expression" if name == "_" else short(name, 40)

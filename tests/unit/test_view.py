"""The text and HTML of a study: right, safe, small, and the same in every corner case."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_hpo.domains import Bool, Categorical, Float, Int
from jupyter_hpo.record import StudyInfo, StudyRecord, StudyState
from jupyter_hpo.space import Parameter, Space
from jupyter_hpo.trial import WAITING, Report, Trial, TrialState
from jupyter_hpo.view import glance, sampling, text, words
from jupyter_hpo.view.history import chart
from jupyter_hpo.view.scale import Axis, axis, trial_room, trial_ticks
from jupyter_hpo.view.static import html
from jupyter_hpo.view.style import SHEET
from jupyter_hpo.view.table import latest, ranked

NOW = 1_000_000.0
SPACE = Space(
    [
        Parameter("lr", Float(1e-5, 1e-1, log=True)),
        Parameter("activation", Categorical("relu", "tanh")),
        Parameter("leak", Float(0.0, 0.3), when=lambda p: p["activation"] == "relu"),
        Parameter("layers", Int(1, 9)),
        Parameter("norm", Bool()),
    ]
)
PARAMS = {"lr": 0.001, "activation": "tanh", "layers": 3, "norm": True}
HOSTILE = "\"><script>alert('x')</script>&amp;\x1b[31m\x00\u202e\ud800\n<b>"


def record(*trials: Trial, **info: Any) -> StudyRecord:
    given: dict[str, Any] = {
        "name": "study",
        "metric": "val_loss",
        "maximize": False,
        "optimizer": "random",
        "seed": 0,
        "total": 40,
        "space": SPACE.to_json(),
        "elapsed": 57.0,
    }
    made = StudyRecord(StudyInfo(**{**given, **info}))
    for trial in trials:
        made.put(trial)
    return made


def complete(number: int, value: float | None, **fields: Any) -> Trial:
    given: dict[str, Any] = {"duration": 2.0, "assignment": PARAMS}
    return Trial(number, TrialState.COMPLETE, value=value, **{**given, **fields})


def baseline(value: float | None, state: TrialState = TrialState.COMPLETE) -> Trial:
    return Trial(0, state, PARAMS, value=value, duration=2.0, info={"baseline": True})


def failed(number: int, error: str) -> Trial:
    return Trial(number, TrialState.FAIL, PARAMS, duration=1.0, error=error)


def study(trials: int, *, maximize: bool = False, **info: Any) -> StudyRecord:
    """A study whose values wander, with some pruned and failed trials."""
    made = record(total=trials, maximize=maximize, **info)
    for number in range(trials):
        value = 1 + math.sin(number * 12.9898) * 0.9
        reports = tuple(Report(step, value + 1 / (step + 1)) for step in range(20))
        if number % 11 == 5:
            made.put(failed(number, "Traceback\nRuntimeError: out of memory"))
        elif number % 7 == 3:
            made.put(Trial(number, TrialState.PRUNED, PARAMS, reports=reports, duration=1.0))
        else:
            info_ = {"baseline": number == 0}
            made.put(complete(number, value, reports=reports, info=info_))
    return made


def tree(fragment: str) -> ET.Element:
    return ET.fromstring(fragment)


def having(root: ET.Element, style: str) -> Iterator[ET.Element]:
    return (e for e in root.iter() if style in e.get("class", "").split())


def words_of(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def without_sheet(root: ET.Element) -> str:
    root.remove(next(root.iter("style")))
    return words_of(root)


def texts(row: ET.Element) -> list[str]:
    return [words_of(cell) for cell in row]


def rows_of(root: ET.Element) -> list[list[str]]:
    return [texts(row) for row in next(root.iter("tbody"))]


def header_of(root: ET.Element) -> list[str]:
    return [words_of(cell) for cell in next(root.iter("thead")).iter("th")]


# --- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        (0.0421, "0.0421"),
        (0.98765432, "0.9877"),
        (1e-5, "1e-5"),
        (-0.0, "0"),
        (512.0, "512"),
        (12345.6, "12346"),
        (123456789.0, "1.235e8"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (math.nan, "nan"),
    ],
)
def test_numbers_have_four_digits_and_short_exponents(x: float, shown: str) -> None:
    assert words.number(x) == shown


def test_numbers_of_a_column_keep_their_zeros() -> None:
    shown = [words.number(x, fixed=True) for x in (0.94, 0.9375, 1.0, 1234.0, 1e-9)]
    assert shown == ["0.9400", "0.9375", "1.000", "1234", "1.000e-9"]


def test_numbers_that_differ_are_told_apart() -> None:
    assert words.apart(0.98765, 0.98764) == ("0.98765", "0.98764")
    assert words.apart(0.5, 0.5) == ("0.5", "0.5")


@pytest.mark.parametrize(
    ("s", "shown"),
    [
        (0.0351, "35 ms"),
        (3.21, "3.2 s"),
        (12.3, "12 s"),
        (59.7, "1 min 00 s"),
        (132, "2 min 12 s"),
        (3_900, "1 h 05 min"),
        (187_200, "2 d 4 h"),
        (math.inf, "?"),
    ],
)
def test_durations(s: float, shown: str) -> None:
    assert words.duration(s) == shown


@pytest.mark.parametrize(
    ("s", "shown"),
    [
        (4, "a few seconds"),
        (43, "about 40 s"),
        (56, "about 1 min"),
        (190, "about 3 min"),
        (3_000, "about 50 min"),
        (9_000, "about 2 h"),
        (500_000, "about 6 days"),
    ],
)
def test_estimates_are_round(s: float, shown: str) -> None:
    assert words.about(s) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_230_000_000, "1.23 GB"), (10**16, "10000.0 TB")],
)
def test_sizes(count: int, shown: str) -> None:
    assert words.size(count) == shown


def test_values_go_by_their_name_or_repr_whatever_they_do() -> None:
    class Rude:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    assert words.value(Rude()) == "Rude"
    assert words.value(math.sqrt) == "sqrt"
    assert words.value((1, 2)) == "(1, 2)"
    assert words.value(10**5000) == "int"
    assert words.value(True) == "True"
    assert words.literal("relu") == "'relu'"


def test_control_characters_are_not_passed_on() -> None:
    assert words.clean("\x1b[31mred\x1b[0m \x00 \u202e \ud800") == "red � � �"
    assert words.short("a\n  b\tc") == "a b c"
    assert words.short("x" * 10**7, 10) == "x" * 9 + "…"


# --- the gain over the default ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "best", "maximize", "told"),
    [
        (0.0612, 0.0421, False, "0.0191 (31 %) below the default's 0.0612"),
        (0.95, 0.98, True, "0.03 (3.2 %) above the default's 0.95"),
        (-120.0, -100.0, True, "20 (17 %) above the default's -120"),
        (-0.5, 0.5, True, "1 above the default's -0.5"),
        (0.01, 0.98, True, "0.97 above the default's 0.01"),
        (0.0, -1.0, False, "1 below the default's 0"),
        (100.0, 0.001, False, "100 (over 99 %) below the default's 100"),
        (math.inf, 3.0, False, "below the default's ∞"),
        (0.98764, 0.98765, True, "1e-5 above the default's 0.98764"),
    ],
)
def test_gain(base: float, best: float, maximize: bool, told: str) -> None:
    made = record(baseline(base), complete(1, best), maximize=maximize)
    assert glance.gain(glance.look(made)) == told


def test_gain_where_there_is_none() -> None:
    def told(*trials: Trial, state: StudyState = StudyState.FINISHED) -> str:
        return glance.gain(glance.look(record(*trials, state=state)))

    assert told() == ""
    assert told(baseline(None, TrialState.FAIL)) == ""
    assert told(complete(0, 1.0), complete(1, 0.5)) == ""
    assert told(baseline(None, TrialState.RUNNING)) == ""
    assert told(baseline(0.5)) == "the default; no other trial has a value"
    assert told(baseline(0.5), complete(1, 0.6)) == "nothing beat the default"
    assert (
        told(baseline(0.5), complete(1, 0.6), state=StudyState.RUNNING)
        == "the default is the best so far"
    )
    assert (
        told(baseline(None, TrialState.FAIL), complete(1, 0.6))
        == "the default failed, so there is nothing to compare with"
    )


# --- trials that are set aside -----------------------------------------------------------------


def test_trials_that_are_set_aside_have_a_word_of_their_own() -> None:
    aside = Trial(1, TrialState.RUNNING, PARAMS, duration=1.0, info={WAITING: True})
    made = record(
        complete(0, 0.5),
        aside,
        replace(aside, number=2, reports=(Report(0, 0.7),)),
        Trial(3, TrialState.PRUNED, PARAMS, duration=1.0),
        Trial(4, TrialState.RUNNING, PARAMS, started=NOW - 3),
        state=StudyState.RUNNING,
    )
    root = tree(html(made, now=NOW))
    top = words_of(next(having(root, "jhpo-count")))
    assert top.startswith("2 of 40 trials · 2 waiting · 1 pruned")
    assert words_of(next(having(root, "jhpo-now"))).startswith("trial 4 running for 3.0 s")
    states = {row[0]: row[1] for row in rows_of(root)}
    assert states == {"0": "★ best", "4": "● running", "3": "⊘ pruned"} | dict.fromkeys(
        ("1", "2"), "○ waiting"
    )
    told = text.summary(made, now=NOW)
    assert "  running   trial 4\n" in told and "  others    2 waiting, 1 pruned" in told
    made.update(state=StudyState.PAUSED)  # they wait for one another, whoever stands still
    states = {row[0]: row[1] for row in rows_of(tree(html(made, now=NOW)))}
    assert states["1"] == "○ waiting" and "parked" in states["4"]


# --- text ------------------------------------------------------------------------------------


def test_summary() -> None:
    made = record(
        baseline(0.0612),
        failed(1, "Traceback\nRuntimeError: out of memory"),
        failed(2, "Traceback\nRuntimeError: out of memory"),
        failed(3, "val_loss is nan"),
        complete(4, 0.0421),
        Trial(5, TrialState.PRUNED, PARAMS, duration=2.0),
        Trial(6, TrialState.RUNNING, PARAMS, reports=(Report(3, 0.5),)),
        notes=("optimizer: sobol",),
    )
    made.mark_unsaved("the disk is full")
    assert text.summary(made, now=NOW) == (
        "study: running, 6 of 40 trials in 57 s, about 20 s to 2 min left\n"
        "  best      val_loss 0.0421, 0.0191 (31 %) below the default's 0.0612, trial 4\n"
        "  with      lr=0.001, activation='tanh', layers=3, norm=True\n"
        "  running   trial 6, step 3: 0.5\n"
        "  others    1 pruned\n"
        "  failed    3 trials failed, most often: RuntimeError: out of memory\n"
        "  note      optimizer: sobol\n"
        "  NOT SAVED the disk is full"
    )
    assert text.line(made) == (
        "study: running, 6 of 40 trials, val_loss 0.0421, "
        "0.0191 (31 %) below the default's 0.0612, 3 failed, NOT SAVED"
    )


def test_summary_of_an_empty_study() -> None:
    made = record(total=None, maximize=True, metric="accuracy", elapsed=0.0)
    assert text.summary(made, now=NOW) == (
        "study: running, 0 trials\n  best      no value of accuracy yet (larger is better)"
    )


def test_a_reason_that_the_message_gives_is_not_said_again() -> None:
    once = record(failed(0, "x\nbroken"), message="trial 0 failed: broken")
    row = record(*(failed(n, "x\nbad") for n in range(5)), message="5 trials in a row failed: bad")
    more = record(*(failed(n, "x\nbad") for n in range(7)), message="5 trials in a row failed: bad")
    for made, reason in ((once, "broken"), (row, "bad"), (more, "bad")):
        assert text.summary(made, now=NOW).count(reason) == 1
        # the table has it besides
        said = without_sheet(tree(html(made, rows=0, now=NOW)))
        assert said.count(reason) == 1
    assert "7 trials failed" in text.summary(more, now=NOW)


def test_long_texts_stay_on_the_screen() -> None:
    params = {f"parameter_{n}": n / 7 for n in range(30)}
    made = record(complete(0, 1.0, assignment=params), message="word " * 200)
    lines = text.summary(made, now=NOW).splitlines()
    assert max(map(len, lines)) <= text.WIDTH
    assert "parameter_29=4.143" in " ".join(lines)


def test_reasons_that_are_all_different_give_the_latest() -> None:
    made = record(failed(0, "one"), failed(1, "two"))
    assert glance.failures(glance.look(made)) == "2 trials failed, the latest: two"
    assert glance.failures(glance.look(record(failed(0, "")))) == "1 trial failed"


# --- HTML ------------------------------------------------------------------------------------


def test_html_says_what_there_is_to_say() -> None:
    running = Trial(2, TrialState.RUNNING, PARAMS, reports=(Report(5, 0.0812),), started=NOW - 14)
    made = record(baseline(0.0612), complete(1, 0.0421), running, notes=("a note",), message="why")
    said = without_sheet(tree(html(made, now=NOW)))
    for phrase in (
        "study ● running 2 of 40 trials · 57 s · about 50 s to 2 min left",
        "0.0421 val_loss, 0.0191 (31 %) below the default's 0.0612 trial 1; smaller is better",
        "trial 2 running for 14 s · step 5: 0.0812 · lr 0.001, activation tanh",
        "a note",
        "why",
    ):
        assert phrase in said


def test_what_is_not_saved_is_said_loudly() -> None:
    made = record()
    assert "jhpo-loud" not in html(made, now=NOW).partition("</style>")[2]
    made.mark_unsaved("database is locked.")
    box = next(having(tree(html(made, now=NOW)), "jhpo-loud"))
    assert words_of(box).startswith("Not saved. database is locked. What")


def test_a_paused_study_says_where_its_trial_is_parked() -> None:
    said = "trial 1 is parked at Cell In[2], line 7"
    parked = Trial(1, TrialState.RUNNING, PARAMS, reports=(Report(4, 0.25),), started=NOW)
    made = record(baseline(0.6), parked, state=StudyState.PAUSED, message=said)
    shown = without_sheet(tree(html(made, now=NOW + 60)))
    assert "study paused 1 of 40 trials" in shown
    assert said in shown
    assert "parked(0.2500)" in shown
    assert "trial 1 parked · step 4: 0.25 · lr 0.001" in without_sheet(tree(html(made, live=True)))
    assert f"why       {said}" in text.summary(made)
    assert "parked    trial 1, step 4: 0.25" in text.summary(made)


def test_a_message_that_is_shown_elsewhere_moves_nothing() -> None:
    made = study(12)
    quiet = html(made, live=True, message=False, now=NOW)
    made.doing = lambda: "pausing: waiting for `fit` (12 s)"
    assert html(made, live=True, message=False, now=NOW) == quiet
    loud = html(made, live=True, now=NOW)
    assert "pausing: waiting for `fit` (12 s)" in without_sheet(tree(loud))


def test_html_is_one_element_without_scripts_or_anything_from_elsewhere() -> None:
    fragment = html(study(50), now=NOW)
    assert tree(fragment).get("class") == "jhpo"
    assert not re.search(r"<script|https?:|url\(|@import|\son\w+=|<img|<link", fragment)


def test_the_style_sheet_touches_nothing_else() -> None:
    rules = re.findall(r"(?:^|[{}])\s*([^@{}]+)\{", SHEET)
    selectors = [selector.strip() for rule in rules for selector in rule.split(",")]
    assert len(selectors) > 50
    assert all(re.match(r"\.jhpo(?![\w-])", selector) for selector in selectors)


def test_hostile_text_is_shown_not_obeyed() -> None:
    space = Space([Parameter("lr", Categorical(HOSTILE, "b"))]).to_json()
    space[0]["name"] = HOSTILE
    made = record(
        replace(baseline(1.0), assignment={HOSTILE: HOSTILE}),
        complete(1, 0.5, assignment={HOSTILE: HOSTILE}),
        replace(failed(2, HOSTILE), assignment={HOSTILE: HOSTILE}),
        Trial(3, TrialState.RUNNING, {HOSTILE: HOSTILE}, started=NOW),
        name=HOSTILE,
        metric=HOSTILE,
        message=HOSTILE,
        notes=(HOSTILE,),
        space=space,
    )
    made.mark_unsaved(HOSTILE)
    for live in (True, False):
        fragment = html(made, live=live, now=NOW)
        root = tree(fragment)
        assert {e.tag for e in root.iter()} <= {
            *("div", "style", "b", "i", "span", "small", "svg", "path", "polyline", "circle"),
            *("table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
        }
        assert not any(name.startswith("on") for e in root.iter() for name in e.attrib)
        assert "<script>alert" in without_sheet(root)
        fragment.encode("utf-8")
        assert not re.search("[\x00\x1b\u202e]", fragment)
    told = text.summary(made, now=NOW) + text.line(made)
    told.encode("utf-8")
    assert not re.search("[\x00\x1b\u202e]", told)


@pytest.mark.parametrize("live", [True, False])
def test_where_styles_and_svg_are_taken_out_no_words_of_the_chart_stay(live: bool) -> None:
    root = tree(html(study(100), live=live, now=NOW))
    for part in ("jhpo-chart", "jhpo-legend"):
        assert words_of(next(having(root, part))) == ""
    assert all(words_of(svg) == "" for svg in root.iter("svg"))
    assert "best" in without_sheet(root)


@pytest.mark.parametrize("improving", [True, False])
def test_a_thousand_trials_stay_below_200_kB(improving: bool) -> None:
    many = {f"a_rather_long_name_{n}": f"a long value {n} <&>" for n in range(30)}
    space = Space([Parameter(name, Categorical(value, "b")) for name, value in many.items()])
    made = record(total=1000, space=space.to_json(), state=StudyState.FINISHED)
    for number in range(1000):
        value = 1 / (number + 1) if improving else math.sin(number)
        made.put(complete(number, value, assignment=many))
    assert len(html(made, now=NOW).encode()) < 200_000
    made.update(state=StudyState.RUNNING)
    assert len(html(made, now=NOW).encode()) < 120_000


@pytest.mark.parametrize("state", list(StudyState))
@pytest.mark.parametrize(
    "trials",
    [
        [],
        [baseline(1.0)],
        [failed(n, "broken") for n in range(5)],
        [baseline(math.inf), complete(1, -math.inf)],
        [complete(n, math.inf) for n in range(3)],
        [complete(0, math.nan), complete(1, None)],
        [complete(0, 1.7e308), complete(1, -1.7e308)],
        [complete(0, 5e-324), complete(1, 1e300)],
        [complete(n, 0.25) for n in range(9)],
        [Trial(0, TrialState.RUNNING, {})],
        [Trial(7, TrialState.INTERRUPTED, PARAMS, reports=(Report(0, math.inf),))],
    ],
)
def test_corner_cases_are_complete_pages(trials: list[Trial], state: StudyState) -> None:
    for total in (None, 0, 1, 40):
        made = record(*trials, state=state, total=total)
        root = tree(html(made, now=NOW))
        assert next(having(root, "jhpo-chart")).get("role") == "img"
        assert len(rows_of(root)) == max(len(trials), 1)
        assert next(having(root, "jhpo-bar")).get("role") == "progressbar"
        assert str(state) in text.line(made)


def test_screen_readers_get_the_chart_in_a_sentence_and_the_table_with_scopes() -> None:
    root = tree(html(study(30), now=NOW))
    label = next(having(root, "jhpo-chart")).get("aria-label", "")
    assert re.fullmatch(
        r"History of val_loss over 30 trials: best so far from \S+ at trial 0 to \S+ at trial \d+; "
        r"3 failed",
        label,
    )
    assert {th.get("scope") for th in next(root.iter("thead")).iter("th")} == {"col"}
    assert all(row[0].get("scope") == "row" for row in next(root.iter("tbody")))
    assert all(svg.get("aria-label") for svg in having(root, "jhpo-spark"))
    bar = next(having(root, "jhpo-bar"))
    assert (bar.get("role"), bar.get("aria-valuenow")) == ("progressbar", "100")


def _luminance(rgb: tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))


@pytest.mark.parametrize(
    ("fore", "back"), [("#1f2328", "#ffffff"), ("#e6e6e6", "#16181b"), ("#e1e1e1", "#111111")]
)
def test_coloured_words_have_contrast(fore: str, back: str) -> None:
    mixed = re.findall(r"color-mix\(in srgb, (#\w{6}) (\d+)%, var\(--jhpo-fg\)\)", SHEET)
    assert len(mixed) == 4
    for colour, share in mixed:
        part = int(share) / 100
        rgb = tuple(
            part * c + (1 - part) * f for c, f in zip(_rgb(colour), _rgb(fore), strict=True)
        )
        low, high = sorted((_luminance(rgb), _luminance(_rgb(back))))
        assert (high + 0.05) / (low + 0.05) >= 4.5


# --- the table -------------------------------------------------------------------------------


def test_a_live_table_has_the_best_then_the_latest() -> None:
    made = study(40, state=StudyState.RUNNING)
    assert made.best is not None
    root = tree(html(made, now=NOW))
    numbers = [int(row[0]) for row in rows_of(root)]
    others = [n for n in range(39, -1, -1) if n != made.best.number][:8]
    assert numbers == [made.best.number, *others]
    assert rows_of(root)[0][1] == "★ best"
    assert [row.get("class") for row in next(root.iter("tbody"))].count("jhpo-best") == 1
    assert len(rows_of(tree(html(made, rows=3, now=NOW)))) == 4


@pytest.mark.parametrize("maximize", [True, False])
def test_a_finished_table_has_the_top_and_says_what_is_missing(maximize: bool) -> None:
    made = study(100, maximize=maximize, state=StudyState.FINISHED)
    root = tree(html(made, now=NOW))
    top, folded = (list(map(texts, body)) for body in root.iter("tbody"))
    values = [float(row[2]) for row in (*top[:8], *folded)]
    assert values == sorted(values, reverse=maximize)
    assert len(top) == 9 and top[0][1] == "★ best"
    assert [row[0] for row in top if row[1] == "✓ default"] == ["0"]
    assert len({row[0] for row in (*top, *folded)}) == len(top) + len(folded)
    summary = next(root.iter("summary"))
    assert words_of(summary) == f"{len(folded)} more of the top 20; study.trials has all 100"
    all_open = tree(html(made, rows=30, now=NOW))
    more = 100 - len(rows_of(all_open))
    assert f"{more} more trials not shown; study.trials has all of them" in without_sheet(all_open)


def test_a_finished_view_is_as_high_as_a_live_one() -> None:
    live = tree(html(study(25), live=True, now=NOW))
    finished = tree(html(study(25), live=False, now=NOW))
    for root in (live, finished):
        root.remove(next(root.iter("style")))
    assert len(rows_of(live)) == len(rows_of(finished)) == 9
    assert next(finished.iter("details")).get("open") is None
    kinds = [[part.get("class", "").split()[-1] for part in root] for root in (live, finished)]
    # the lines of the running trial and of the order are those of the configuration and the rest
    same = {"jhpo-room": "jhpo-scroll", "jhpo-rest": "jhpo-more"}
    assert [same.get(kind, kind) for kind in kinds[0]] == kinds[1]


def test_the_first_frame_says_one_thing() -> None:
    said = without_sheet(tree(html(record(), now=NOW)))
    assert "starting…" in said
    assert not re.search(r"—|\bno\b|yet", said)
    waiting = without_sheet(tree(html(record(Trial(0, TrialState.RUNNING, PARAMS)), now=NOW)))
    assert waiting.count("no ") == 1 and "no value of val_loss yet" in waiting


def test_a_short_study_is_shown_whole() -> None:
    made = study(12, state=StudyState.FINISHED)
    root = tree(html(made, now=NOW))
    numbers = [int(texts(row)[0]) for body in root.iter("tbody") for row in body]
    assert sorted(numbers) == list(range(12))
    assert "not shown" not in without_sheet(root)
    assert "details" not in {e.tag for e in tree(html(study(10), live=False, now=NOW)).iter()}


def test_cells() -> None:
    relu = {**PARAMS, "activation": "relu", "leak": 0.125}
    reports = tuple(Report(step, 1 / (step + 1)) for step in range(50))
    made = record(
        complete(0, 0.5, peak_memory=2 * 10**9, reports=reports),
        complete(1, 0.25, assignment=relu, duration=0.035),
        failed(2, "Traceback\nValueError: bad <input>"),
        Trial(3, TrialState.PRUNED, PARAMS, reports=(Report(0, 2.0),)),
    )
    root = tree(html(made, now=NOW))
    assert header_of(root) == [
        *("trial", "state", "val_loss", "lr", "activation", "leak", "layers", "norm"),
        *("sec", "reports", "reason"),
    ]
    assert rows_of(root) == [
        ["1", "★ best", "0.2500", "0.001", "relu", "0.125", "3", "True", "0.04", "", ""],
        ["3", "⊘ pruned", "(2.000)", "0.001", "tanh", "·", "3", "True", "", "", ""],
        [
            *("2", "✕ failed", "", "0.001", "tanh", "·", "3", "True", "1.00", ""),
            "ValueError: bad <input>",
        ],
        ["0", "✓ done", "0.5000", "0.001", "tanh", "·", "3", "True", "2.00", "", ""],
    ]
    titles = {cell.get("title") for cell in root.iter("td")}
    assert {"not active", "peak memory 2 GB", "ValueError: bad <input>"} <= titles
    spark = next(
        svg for svg in having(root, "jhpo-spark") if "50 reports" in svg.attrib["aria-label"]
    )
    assert spark.attrib["aria-label"] == "50 reports, the first 1, the last 0.02"
    assert len(spark[0].attrib["points"].split()) <= 37


def test_columns_do_not_move_while_trials_come_in() -> None:
    def shape(made: StudyRecord) -> tuple[list[str], str | None]:
        root = tree(html(made, now=NOW))
        return header_of(root), next(having(root, "jhpo-room")).get("style")

    made = record(baseline(1.0))
    first = shape(made)
    for number in range(1, 30):
        made.put(complete(number, 1 / number))
        assert shape(made) == first


def test_the_column_of_reasons_stays_in_a_live_table_and_goes_from_a_finished_one() -> None:
    made = record(failed(0, "broken"), *(complete(n, float(n)) for n in range(1, 30)))
    assert "reason" in header_of(tree(html(made, live=True, now=NOW)))
    assert "reason" not in header_of(tree(html(made, live=False, now=NOW)))
    assert "reason" in header_of(tree(html(made, live=False, rows=40, now=NOW)))


def test_choices_that_are_numbers_stand_as_numbers_do_and_have_room_from_the_start() -> None:
    space = Space(
        [
            Parameter("batch", Categorical(16, 32)),
            Parameter("name", Categorical("a_name", "b")),
            Parameter("flag", Bool()),
            Parameter("lr", Float(1e-4, 1e-1, log=True)),
            Parameter("n", Int(1, 10_000)),
        ]
    )
    root = tree(html(record(space=space.to_json()), now=NOW))
    heads = {words_of(th): th for th in root.iter("th")}
    numeric = {name for name, th in heads.items() if th.get("class") == "jhpo-num"}
    assert numeric == {"val_loss", "batch", "lr", "n", "sec"}
    room = {
        name: float(found[1])
        for name, th in heads.items()
        if (found := re.search(r"\((\d+\.\d)ch", th.get("style", "")))
    }
    assert set(room) == {"state", "name", "flag", "lr", "n", "sec"}
    assert room["lr"] > len("0.0001234") > room["n"] > 5


def test_long_values_have_their_full_text_on_hover() -> None:
    long = "a very long name of a choice that goes on"
    made = record(complete(0, 0.123456789, assignment={**PARAMS, "activation": long}))
    root = tree(html(made, now=NOW))
    titles = {words_of(cell): cell.get("title") for cell in root.iter("td")}
    assert titles[long] == repr(long)
    assert titles["0.1235"] == "0.123456789"


def test_rows_of_a_table_where_little_has_happened() -> None:
    assert latest(glance.look(record()), 8) == []
    assert ranked(glance.look(record()), 20) == []
    lost = [failed(n, "broken") for n in range(3)]
    assert [t.number for t in latest(glance.look(record(*lost)), 2)] == [2, 1]
    assert [t.number for t in ranked(glance.look(record(*lost)), 2)] == [2, 1]


# --- the history -----------------------------------------------------------------------------


def test_sampling_keeps_every_incumbent_and_is_stable() -> None:
    def drawn(count: int) -> set[int]:
        seen = glance.look(study(count))
        kept = {trial.number for trial in sampling.sample(seen).trials}
        assert {trial.number for trial in seen.incumbents} <= kept
        assert len(kept) <= sampling.POINTS + len(seen.incumbents)
        return kept

    assert len(drawn(400)) == len(glance.look(study(400)).complete)
    assert len(drawn(3000)) > sampling.POINTS / 2
    assert drawn(2900) <= drawn(3000)


def test_of_thousands_of_incumbents_one_in_each_column_stays() -> None:
    made = record(*(complete(n, -float(n)) for n in range(4000)), total=4000)
    kept = [t.number for t in sampling.sample(glance.look(made)).incumbents]
    assert kept[0] == 0 and kept[-1] == 3999
    assert max(b - a for a, b in pairwise(kept)) <= 16


def path_of(root: ET.Element, style: str) -> str:
    return next(having(root, style)).attrib["d"]


def test_the_best_so_far_is_a_staircase() -> None:
    made = record(*(complete(n, v) for n, v in enumerate((3.0, 4.0, 2.0, 5.0, 1.0))), total=5)
    root = tree(f"<div>{chart(glance.look(made), live=False)}</div>")
    steps = re.findall(r"[MHV][\d. ]+", path_of(root, "jhpo-steps"))
    assert [step[0] for step in steps] == ["M", "H", "V", "H", "V", "H"]
    heights = [float(steps[0].split()[1]), float(steps[2][1:]), float(steps[4][1:])]
    assert heights == sorted(heights)  # down the page, as smaller is better
    assert path_of(root, "jhpo-tops").count("h0") == 3
    assert path_of(root, "jhpo-dots").count("h0") == 2


def test_marks_of_trials_without_a_value_and_of_values_beyond_the_axis() -> None:
    values = [baseline(1.0), *(complete(n, 1 + n / 100) for n in range(1, 12))]
    made = record(*values, complete(12, math.inf), complete(13, -1e9), failed(14, "x\nbroken"))
    made.update(maximize=True)
    root = tree(f"<div>{chart(glance.look(made), live=True)}</div>")
    arrows = {
        e.attrib["title"].split("\n")[0]: e.attrib["data-t"] for e in having(root, "jhpo-far")
    }
    assert arrows == {"trial 12: ∞": "▲", "trial 13: -1e9": "▼"}
    assert [e.attrib["title"] for e in having(root, "jhpo-bad")] == ["trial 14 failed: broken"]
    assert path_of(root, "jhpo-base").startswith("M0 ")
    legend = [e.attrib["data-t"] for e in having(root, "jhpo-key")]
    assert legend == ["trial", "best so far", "default 1", "failed", "beyond the axis"]


def test_hovering_tells_the_configuration() -> None:
    root = tree(f"<div>{chart(glance.look(record(complete(3, 0.5))), live=True)}</div>")
    title = next(having(root, "jhpo-dot")).attrib["title"]
    assert title.split("\n") == [
        *("trial 3: 0.5", "lr = 0.001", "activation = tanh", "layers = 3", "norm = True")
    ]


def test_axis_is_log_where_positive_losses_differ_by_factors() -> None:
    assert axis([0.2, 1.2], False).log
    assert not axis([0.3, 1.2], False).log
    assert not axis([-0.01, 5.0], False).log
    assert not axis([0.1, 0.98], True).log  # scores near the top would be pressed together
    assert axis([0.1, 50.0], True).log
    assert [label for _, label in Axis(0.11, 2.3, log=True).ticks()] == ["0.2", "0.5", "1", "2"]
    assert [label for _, label in Axis(1e-3, 20.0, log=True).ticks()] == [
        "0.001",
        "0.01",
        "0.1",
        "1",
        "10",
    ]
    assert "log scale" in chart(glance.look(record(complete(0, 1e-3), complete(1, 9.0))), live=True)


def test_stray_values_do_not_press_the_others_flat() -> None:
    scores = [0.5 + n / 100 for n in range(20)]
    assert axis([*scores, -1e6], True).low == 0.5
    assert axis([-s for s in scores] + [1e6], False).high == -0.5
    assert axis([*scores, 1e6], True).high == 1e6  # the best is never cut off
    assert axis([*scores, 0.4], True).low == 0.4  # not so far out
    assert axis(scores, True).low == 0.5
    assert axis([0.5, 0.5, 0.6, 1e6], False).high == 0.6


def test_a_loss_stays_on_the_log_axis_once_it_is_there() -> None:
    values = [0.19, 2.30, 1.05, 2.03, 0.32, 0.44, 0.22, 2.30, 2.26, 0.27, 0.38, 0.2, 0.2, 0.18]
    made = [axis(values[:count], False, 0.19) for count in range(2, len(values) + 1)]
    assert all(shown.log for shown in made)
    assert all(len(shown.ticks()) >= 2 for shown in made)
    assert {shown.high for shown in made[:10]} == {2.30}  # and is not cut to and fro
    assert axis([*(0.5 + n / 100 for n in range(20)), 1e6], False).ticks()[0][1] == "0.50"


@pytest.mark.parametrize(
    ("values", "maximize"),
    [
        # losses, most of which learnt nothing: 0.19 is the default's, 0.11 the best
        ([0.19, 2.30, 1.05, 2.03, 0.32, 0.44, 0.22, 2.30, 2.26, 0.27, 0.17, 2.3, 0.11], False),
        ([0.95, 0.10, 0.12, 0.90, 0.95, 0.96, 0.93, 0.11, 0.35, 0.97, 0.98, 0.98, 0.94], True),
    ],
)
def test_the_gain_over_the_default_is_in_plain_sight(values: list[float], maximize: bool) -> None:
    made = axis(values, maximize, values[0])
    best = made.place(max(values) if maximize else min(values))
    assert abs(best - made.place(values[0])) > 1 / 7
    without = axis([values[0]], maximize, values[0])  # the first trial alone
    assert without.low < values[0] < without.high


def test_the_best_value_and_the_gain_are_marked() -> None:
    made = record(baseline(0.19), complete(1, 2.3), complete(2, 0.11), total=3)
    root = tree(f"<div>{chart(glance.look(made), live=False)}</div>")
    ends = [e.attrib["data-t"] for e in having(root, "jhpo-end")]
    assert ends == ["0.11", "0.19"]
    top, bottom = (float(re.findall(r"V([\d.]+)", path_of(root, "jhpo-gain"))[k]) for k in (-1, 0))
    assert top == pytest.approx(float(path_of(root, "jhpo-base").split()[1].partition("h")[0]))
    assert bottom > top  # down the page
    others = [complete(n, 0.2 + n / 10) for n in range(2, 9)]
    close = record(baseline(0.19), complete(1, 0.1899), *others, total=9)
    root = tree(f"<div>{chart(glance.look(close), live=False)}</div>")
    assert [e.attrib["data-t"] for e in having(root, "jhpo-end")] == ["0.1899"]


def test_ticks_are_round_and_labelled_with_the_digits_they_need() -> None:
    assert [label for _, label in Axis(0.913, 0.988).ticks()] == ["0.92", "0.94", "0.96", "0.98"]
    assert [label for _, label in Axis(-3.0, 4.0).ticks()] == ["-2", "0", "2", "4"]
    assert [label for _, label in Axis(1e7, 4e7).ticks()] == ["1e7", "2e7", "3e7", "4e7"]
    assert trial_ticks(39) == [0, 10, 20, 30]
    assert trial_ticks(0) == [0]


def test_the_axis_of_trials_is_the_study_or_grows_in_steps() -> None:
    assert [trial_room(n, None, live=True) for n in (0, 10, 11, 21, 60, 400, 501)] == [
        *(10, 10, 20, 50, 100, 500, 1000)
    ]
    assert trial_room(61, None, live=False) == 61
    assert [trial_room(n, 40, live=True) for n in (0, 30, 39, 40)] == [39, 39, 39, 40]
    assert trial_room(30, 40, live=False) == 39
    assert trial_room(3, 1000, live=False) == 3  # stopped long before: the rest would be empty


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=1, max_size=40), st.booleans())
def test_axes_hold_for_any_values(values: list[float], maximize: bool) -> None:
    made = axis(values, maximize)
    assert made.low < made.high
    best = max(values) if maximize else min(values)
    assert made.low <= best <= made.high
    places = [made.place(v) for v in sorted(values)]
    assert all(0 <= place <= 1 for place in places)
    assert places == sorted(places)
    ticks = made.ticks()
    assert len(ticks) <= 12
    assert all(math.isfinite(value) and label for value, label in ticks)


# --- anything at all -------------------------------------------------------------------------

anything = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary())
numbers = st.one_of(st.none(), st.floats())


@st.composite
def trials(draw: st.DrawFn, number: int) -> Trial:
    steps = draw(st.lists(st.integers(0, 10**6), max_size=5, unique=True))
    keys = draw(st.lists(st.sampled_from(["lr", "activation", "leak#2", "x<y"]), unique=True))
    return Trial(
        number,
        draw(st.sampled_from(TrialState)),
        {key: draw(anything) for key in keys},
        value=draw(numbers),
        reports=tuple(Report(step, draw(st.floats())) for step in sorted(steps)),
        started=draw(st.one_of(st.none(), st.floats(0, 2e9))),
        duration=draw(st.one_of(st.none(), st.floats(0, 1e9))),
        peak_memory=draw(st.one_of(st.none(), st.integers(0, 10**15))),
        error=draw(st.one_of(st.none(), st.text())),
        info={"baseline": draw(st.booleans())},
    )


@st.composite
def records(draw: st.DrawFn) -> StudyRecord:
    made = record(
        name=draw(st.text()),
        metric=draw(st.text()),
        maximize=draw(st.booleans()),
        total=draw(st.one_of(st.none(), st.integers(0, 100))),
        state=draw(st.sampled_from(StudyState)),
        message=draw(st.text()),
        notes=tuple(draw(st.lists(st.text(), max_size=2))),
        elapsed=draw(st.floats(0, 1e9)),
    )
    for number in draw(st.lists(st.integers(0, 60), max_size=12, unique=True)):
        made.put(draw(trials(number)))
    made.mark_unsaved(draw(st.text()))
    return made


@settings(max_examples=150, deadline=None)
@given(records(), st.booleans(), st.integers(0, 30))
def test_any_study_can_be_shown(made: StudyRecord, live: bool, rows: int) -> None:
    fragment = html(made, live=live, rows=rows, now=NOW)
    assert tree(fragment).get("class") == "jhpo"
    fragment.encode("utf-8")
    text.summary(made, now=NOW).encode("utf-8")
    assert "\n" not in text.line(made)


# --- budgets ---------------------------------------------------------------------------------


def test_what_a_budget_is_and_how_much_of_it_is_spent() -> None:
    reports = tuple(Report(step, 0.5) for step in range(10))
    trials = [complete(n, 0.5, reports=reports) for n in range(3)]
    left = Trial(3, TrialState.INTERRUPTED, PARAMS, reports=reports[:5])

    def shown(**info: Any) -> tuple[str, str]:
        made = record(*trials, left, **{"state": StudyState.FINISHED, "total": None, **info})
        root = tree(html(made, now=NOW))
        width = next(having(root, "jhpo-bar"))[0].get("style", "")
        return words_of(next(having(root, "jhpo-count"))), width

    assert shown(budget="70 epochs", elapsed=0.0, since=None) == (
        "3 trials, 35 of 70 epochs · 1 interrupted",
        "width:50.0%",
    )
    assert shown(budget="10m", elapsed=150.0, since=None) == (
        "3 trials · 1 interrupted · 2 min 30 s of 10 min",
        "width:25.0%",
    )
    assert shown(budget="10m", total=4, elapsed=150.0, since=None)[1] == "width:75.0%"
    running = shown(budget="worthwhile", state=StudyState.RUNNING, elapsed=0.0, since=None)
    assert running == ("3 trials, while worthwhile · 1 interrupted", "width:0.0%")

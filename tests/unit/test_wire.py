"""What pages are told of a study: all of it, then what has changed, as JSON that says no more."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_hpo.domains import Categorical, Float
from jupyter_hpo.record import StudyInfo, StudyRecord, StudyState
from jupyter_hpo.space import Parameter, Space
from jupyter_hpo.trial import RAN, SET_ASIDE, WAITING, Report, Trial, TrialState
from jupyter_hpo.view import wire
from jupyter_hpo.view.feed import Feed, Running, dumped
from jupyter_hpo.view.kept import bundle

SPACE = Space(
    [
        Parameter("lr", Float(1e-5, 1e-1, log=True, default=1e-3)),
        Parameter("act", Categorical(math.sin, "tanh", default="tanh")),
    ]
)
HOSTILE = "<script>\"'&\x1b[31m\x00\u202e\ud800\n"


def record(**info: Any) -> StudyRecord:
    given: dict[str, Any] = {
        "name": "study",
        "metric": "loss",
        "maximize": False,
        "optimizer": "random",
        "seed": 0,
        "total": 40,
        "space": SPACE.to_json(),
    }
    return StudyRecord(StudyInfo(**{**given, **info}))


def trial(number: int, state: TrialState = TrialState.COMPLETE, **fields: Any) -> Trial:
    given: dict[str, Any] = {"assignment": {"lr": 0.01, "act": math.sin}}
    if state is TrialState.COMPLETE:
        given["value"] = 0.5
    return Trial(number, state, **{**given, **fields})


def strict(message: Any) -> Any:
    """Through JSON and back, as a browser reads it: no NaN, no lone surrogates."""
    text = json.dumps(message, allow_nan=False)
    text.encode()
    json.dumps(message, allow_nan=False, ensure_ascii=False).encode()
    return json.loads(text)


class Page:
    """What a page makes of messages, as `labextension/src/view/data/study.ts` does."""

    def __init__(self) -> None:
        self.version, self.info = -1, {}
        self.trials: dict[int, dict[str, Any]] = {}
        self.curves: dict[int, tuple[list[Any], list[Any]]] = {}
        self.tail: Any = None

    def take(self, message: dict[str, Any]) -> bool:
        if message["kind"] == "all":
            if message["part"] == 0:
                self.trials.clear()
                self.curves.clear()
            self._put(message["trials"])
            self.version = message["version"]
        else:
            if message["from"] > self.version:
                return False
            self._put(message.get("trials", []))
            for curve in message.get("curves", []):
                steps, values = self.curves[curve["n"]]
                at = curve["at"]
                if len(steps) < at:
                    return False
                self.curves[curve["n"]] = (
                    [*steps[:at], *curve["r"][0]],
                    [*values[:at], *curve["r"][1]],
                )
            self.version = max(self.version, message["version"])
        self.info = message.get("info", self.info)
        self.tail = message.get("tail", self.tail)
        return True

    def _put(self, trials: list[dict[str, Any]]) -> None:
        for row in trials:
            steps, values = row.get("r", ([], []))
            self.curves[row["n"]] = (list(steps), list(values))
            self.trials[row["n"]] = {k: v for k, v in row.items() if k not in ("r", "k")}

    @property
    def known(self) -> Any:
        info = {**self.info, "elapsed": 0}
        return info, self.trials, self.curves


def all_of(feed: Feed) -> Page:
    page = Page()
    for message in feed.everything():
        assert page.take(strict(message))
    return page


def events(seed: int, held: StudyRecord, count: int) -> Iterator[None]:
    """Let a study live: trials begin, report, are replaced and end, and the study pauses."""
    chance = random.Random(seed)
    running: dict[int, dict[int, float]] = {}
    for _ in range(count):
        number, what = chance.randrange(6), chance.random()
        if what < 0.25:
            running[number] = {}
            held.put(trial(number, TrialState.RUNNING, started=1.0))
        elif what < 0.75 and number in running:
            reports = running[number]
            if reports and chance.random() < 0.2:  # let go of, as a long curve is thinned
                reports.pop(max(reports))
            step = chance.choice([len(reports), max(reports, default=0) + 1])
            reports[step] = chance.random()
            held.follow(number, reports)
        elif what < 0.8 and number in running:  # set aside, or taken up again
            former = held.get(number)
            assert former is not None
            now = {**former.info, WAITING: not former.waits, SET_ASIDE: [len(former.reports)]}
            held.put(replace(former, info=now))
            held.follow(number, running[number])
        elif what < 0.9:
            running.pop(number, None)
            state = chance.choice([s for s in TrialState if s is not TrialState.RUNNING])
            held.put(trial(number, state, duration=chance.random(), error="E: x"))
        else:
            held.update(state=chance.choice(list(StudyState)), message=str(chance.random()))
        yield


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(0, 3))
def test_a_page_that_misses_nothing_knows_what_a_new_page_is_told(
    seed: int, count: int, patience: int
) -> None:
    held = record()
    feed = Feed(held, lambda: SPACE)
    page = all_of(feed)
    for n, _ in enumerate(events(seed, held, count)):
        if n % (patience + 1) == 0 and (message := feed.news()) is not None:
            assert page.take(strict(message))
    if (message := feed.news()) is not None:
        assert page.take(strict(message))
    assert page.known == all_of(Feed(held, lambda: SPACE)).known


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.booleans(), min_size=5, max_size=40))
def test_a_page_that_missed_a_message_notices_or_lost_nothing(seed: int, comes: list[bool]) -> None:
    held = record()
    feed = Feed(held, lambda: SPACE)
    page = all_of(feed)
    missed = False
    for arrives, _ in zip(comes, events(seed, held, len(comes)), strict=True):
        message = feed.news()
        if message is None:
            continue
        if arrives:
            assert page.take(message) or missed
        else:
            missed = True
        if arrives and message["from"] > page.version:
            page = all_of(feed)  # it says hello
    page = all_of(feed) if missed else page
    assert page.known == all_of(Feed(held, lambda: SPACE)).known


def test_a_trial_that_is_set_aside_waits_and_its_clock_is_that_of_its_pieces() -> None:
    held = record()
    going = trial(0, TrialState.RUNNING, started=5.0, duration=2.0, info={RAN: [[5, 7], [9, None]]})
    pieces = {WAITING: True, SET_ASIDE: [1, 3], RAN: [[5, 7], [9, 10]]}
    held.put(going)
    held.put(replace(going, number=1, info=pieces, duration=3.0))
    held.put(trial(2, TrialState.PRUNED, duration=3.0, info={**pieces, WAITING: False}))
    runs, waits, over = strict(bundle(held, None))["trials"]
    assert (runs["s"], runs["w"], "d" in runs) == ("RUNNING", [[5, 7], [9, None]], False)
    assert (waits["s"], waits["a"], waits["d"]) == ("WAITING", 3, 3.0)
    assert (over["s"], "a" in over, over["w"]) == ("PRUNED", False, [[5, 7], [9, 10]])


def test_pages_are_told_when_the_study_will_end_and_of_its_budget() -> None:
    held = record(state=StudyState.RUNNING, budget="1h", total=None, since=time.time())
    feed = Feed(held, lambda: SPACE)
    [message] = feed.everything()
    assert message["left"] == "about 60 min left"
    assert message["info"]["budget"] == {"seconds": 3600.0, "epochs": None}
    held.update(budget="500 epochs", state=StudyState.PAUSED)
    news = feed.news()
    assert news is not None and news["left"] == ""
    assert news["info"]["budget"] == {"seconds": None, "epochs": 500}
    assert bundle(record(), None)["info"]["budget"] is None


def test_nothing_is_said_before_anyone_asks_and_when_nothing_has_changed() -> None:
    held = record(state=StudyState.PAUSED)
    feed = Feed(held, lambda: SPACE)
    held.put(trial(0))
    assert feed.news() is None
    all_of(feed)
    assert feed.news() is None


def test_a_delta_is_as_small_as_the_change() -> None:
    held = record(state=StudyState.PAUSED)
    for number in range(10_000):
        held.put(trial(number, reports=tuple(Report(s, 1 / (s + 1)) for s in range(200))))
    feed = Feed(held, lambda: SPACE)
    parts = list(feed.everything())
    assert [part["part"] for part in parts] == list(range(20))
    assert len(json.dumps(parts)) < 8_000_000
    held.put(trial(10_000))
    message = feed.news()
    assert message is not None
    assert [row["n"] for row in message["trials"]] == [10_000]
    assert "info" not in message
    assert len(json.dumps(message)) < 400


def test_reports_of_a_running_trial_are_sent_once() -> None:
    held = record(state=StudyState.PAUSED)
    held.put(trial(0, TrialState.RUNNING))
    reports: dict[int, float] = {}
    feed = Feed(held, lambda: SPACE)
    page = all_of(feed)
    sent = 0
    for step in range(100):
        reports[step] = float(step)
        held.follow(0, reports)
        message = feed.news()
        assert message is not None and "trials" not in message
        sent += len(message["curves"][0]["r"][0])
        assert page.take(message)
    assert page.curves[0][0] == list(range(100))
    assert sent <= 300


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_a_word(x: float) -> None:
    held = record()
    held.put(trial(0, value=x, reports=(Report(0, x),), assignment={"lr": x}))
    row = strict(bundle(held, None))["trials"][0]
    word = {"nan": "nan", "inf": "inf", "-inf": "-inf"}[repr(x)]
    assert row["v"] == word
    assert row["r"] == [[0], [word]]
    assert row["p"] == {"lr": word}


def test_hostile_text_is_json_without_terminal_colours_and_surrogates() -> None:
    held = record(
        name=HOSTILE, metric=HOSTILE, message=HOSTILE, notes=(HOSTILE,), optimizer=HOSTILE
    )
    held.mark_unsaved(HOSTILE)
    held.put(trial(0, TrialState.FAIL, error=HOSTILE, output=HOSTILE, log={HOSTILE: HOSTILE}))
    held.put(trial(1, assignment={"lr": 0.1, "act": HOSTILE}))
    text = json.dumps(strict(bundle(held, None)), ensure_ascii=False)
    for bad in ("\x1b", "\\u001b", "\\u0000", "\u202e", "\ud800"):
        assert bad not in text


def test_choices_go_by_their_label_also_where_the_space_has_them_no_more() -> None:
    assert dumped(SPACE, {"lr": 0.1, "act": math.sin}) == {"lr": 0.1, "act": "sin"}
    narrowed = Space([Parameter("act", Categorical("tanh", "gelu"))])
    assert dumped(narrowed, {"lr": 0.1, "act": math.sin}) == {"lr": 0.1, "act": "sin"}


def test_a_curve_keeps_its_ends() -> None:
    reports = [Report(step, step / 3) for step in range(1_000)]
    steps, values = wire.curve(reports, 60)
    assert (steps[0], steps[-1]) == (0, 999)
    assert len(steps) == len(values) <= 61
    assert values[-1] == pytest.approx(333, rel=1e-5)


def test_the_tail_is_that_of_the_running_trial_and_said_once() -> None:
    held = record(state=StudyState.PAUSED)
    printed = ["a\n"]
    feed = Feed(held, lambda: SPACE, running=lambda: Running(3, "".join(printed)))
    page = all_of(feed)
    assert page.tail == {"n": 3, "text": "a\n"}
    feed._tail_due = 0.0
    assert feed.news() is None
    printed.append("\x1b[1mb")
    feed._tail_due = 0.0
    message = feed.news()
    assert message is not None
    assert message["tail"] == {"n": 3, "text": "a\nb"}


def test_a_bundle_is_bounded_whatever_trials_print() -> None:
    held = record()
    for number in range(300):
        error = f"Error {number}\n" + "x" * 100_000
        held.put(trial(number, TrialState.FAIL, error=error, output="y" * 50_000))
    kept = bundle(held, SPACE)
    assert len(kept["trials"]) == 300
    assert 10 < len(kept["details"]) <= wire.DETAILED
    assert len(json.dumps(kept)) < wire.DETAILS_ROOM + 150_000
    assert "characters left out" in next(iter(kept["details"].values()))["error"]


def test_a_bundle_has_the_best_and_the_default_in_detail() -> None:
    held = record()
    held.put(trial(0, value=1.0, info={"baseline": True}, output="first"))
    held.put(trial(1, value=0.1, output="best"))
    for number in range(2, 500):
        held.put(trial(number, value=0.9))
    details = bundle(held, SPACE)["details"]
    assert details["0"]["output"] == "first"
    assert details["1"]["output"] == "best"
    assert details["1"]["code"] == "lr = 0.01\nact = <built-in function sin>"


def test_the_browser_knows_every_name_that_is_sent() -> None:
    """Both halves of the protocol change together."""
    source = Path(__file__).parents[2] / "labextension/src/view/protocol.ts"
    known = source.read_text("utf-8")
    held = record()
    held.put(
        trial(
            0,
            duration=1.0,
            started=1.0,
            peak_memory=1,
            peak_memory_cuda=1,
            reports=(Report(0, 1.0),),
            error="E: x",
            info={"baseline": True, "enqueued": True, "parked": [[1.0, 2.0]]},
        )
    )
    kept = bundle(held, SPACE)
    parts = [kept, kept["info"], *kept["info"]["params"], kept["trials"][0], kept["details"]["0"]]
    for part in parts:
        for name in part:
            assert f" {name}: " in known or f" {name}?: " in known, name

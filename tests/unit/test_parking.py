"""Where a trial stands still: the greenlet, the trace to the next line, and what forbids both."""

from __future__ import annotations

import itertools
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import greenlet
import pytest
from parked import CELL, Notebook, planned, traces_left

from jupyter_hpo.controls import Controls
from jupyter_hpo.errors import TrialEnded
from jupyter_hpo.parking import Standing
from jupyter_hpo.sitting import Sitting
from jupyter_hpo.trial import TrialState

LOOP = """
lr: LR = 0.01
loss = 0.0
for k in range(6):
    step = k * 2
    loss += step
"""


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


def value(sitting: Sitting) -> float | None:
    return sitting.runner.record.trials[0].value


# -- standing --------------------------------------------------------------------------------------


def test_a_study_that_stands_runs_through() -> None:
    log: list[str] = []
    standing = Standing(Controls())
    standing.start(lambda: log.append("ran"))
    assert not standing.advance()
    assert log == ["ran"]
    standing.point()
    assert standing.rest()
    standing.controls.pause()
    assert not standing.rest()  # it is to end where it would stand still
    standing.controls.stop()
    with pytest.raises(TrialEnded):
        standing.point()
    assert standing.controls.struck


# -- lines -----------------------------------------------------------------------------------------


def test_it_parks_at_the_next_line_and_says_where(notebook: Notebook) -> None:
    notebook.run("def helper(k):\n    double = k * 2\n    return double")
    sitting, lines = planned(notebook, LOOP.replace("k * 2", "helper(k)"), [5])
    sitting.slice()
    assert lines.occupied and not lines.armed and sys.gettrace() is None
    (file, function, line), (cell, module, below) = lines.spot
    assert (file, function, line) == (f"{CELL}1>", "helper", 2)
    assert (cell, module, below) == (f"{CELL}2>", "<module>", 5)
    sitting.slice()
    assert not lines.occupied and value(sitting) == 30.0


def test_nothing_is_traced_unless_something_is_asked(notebook: Notebook) -> None:
    seen: list[object] = []
    notebook.names["seen"] = lambda: seen.append((sys.gettrace(), sys._getframe(1).f_trace))
    sitting = notebook.study(LOOP + "    seen()\n")
    sitting.slice()
    assert seen == [(None, None)] * 6


def test_a_request_that_is_taken_back_disarms(notebook: Notebook) -> None:
    seen: list[object] = []
    sitting = notebook.study(LOOP + "    ask(k)\n    look(k)\n")

    def ask(k: int) -> None:
        if k == 2:  # asked and taken back before another line
            sitting.controls.yielding = True
            sitting.parking.arm(sys._getframe())  # type: ignore[misc]
            sitting.controls.yielding = False

    def look(k: int) -> None:
        seen.append((sys.gettrace(), sys._getframe(1).f_trace, sitting.parking.armed))

    notebook.names |= {"ask": ask, "look": look}
    notebook.module.__dict__.update(notebook.names)
    sitting.slice()
    assert seen == [(None, None, False)] * 6
    assert value(sitting) == 30.0


def test_the_trace_ends_with_the_trial(notebook: Notebook) -> None:
    """Asked on its last line, a trial ends before it comes to another."""
    sitting = notebook.study("\nlr: LR = 0.01\nloss = 1.0\nask()\n", trials=2)

    def ask() -> None:
        if sitting.controls.running == 0:
            sitting.controls.yielding = sitting.controls.attention = True
            sitting.parking.arm(sys._getframe())  # type: ignore[misc]

    notebook.names["ask"] = ask
    sitting.slice()
    assert sitting.live and not sitting.parking.occupied and not sitting.parking.armed
    assert sys.gettrace() is None
    sitting.slice()
    assert [trial.state for trial in sitting.runner.record.trials] == [TrialState.COMPLETE] * 2


def test_the_user_may_trace_while_a_trial_is_parked(notebook: Notebook) -> None:
    def traced() -> list[str]:
        events: list[str] = []

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            events.append(event)
            return trace

        def function() -> int:
            one = 1
            return one + 1

        sys.settrace(trace)
        try:
            function()
        finally:
            sys.settrace(None)
        return events

    expected = traced()
    sitting, lines = planned(notebook, LOOP, itertools.repeat(1))
    while sitting.live:
        sitting.slice()
        assert traced() == expected
    assert value(sitting) == 30.0 and lines.parks > 15


def test_a_debugger_keeps_the_trace_and_the_trial_parks_at_a_report(notebook: Notebook) -> None:
    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        return None

    sitting, lines = planned(notebook, LOOP, itertools.repeat(1))
    former = sys.gettrace()
    sys.settrace(trace)
    try:
        while sitting.live:
            sitting.slice()
            assert sys.gettrace() is trace
    finally:
        sys.settrace(former)
    assert value(sitting) == 30.0
    assert lines.parks == 6  # at the end of each iteration


def test_without_a_trace_it_parks_at_the_ends_of_iterations(notebook: Notebook) -> None:
    sitting, lines = planned(notebook, LOOP, itertools.repeat(1), traces=False)
    spots = set()
    while sitting.live:
        sitting.slice()
        spots |= {spot[2] for spot in lines.spot}
    assert value(sitting) == 30.0
    assert spots == {4}  # the line of the loop


# -- what forbids it -------------------------------------------------------------------------------


def refused(notebook: Notebook, text: str) -> tuple[set[str], list[str], Sitting]:
    """Park at every line; why it was not parked, and the functions it was parked in."""
    reasons: set[str] = set()
    spots: list[str] = []
    sitting, lines = planned(notebook, text, itertools.repeat(1))
    point = lines.point

    def noted() -> None:
        point()
        reasons.add(lines.waiting_for)

    lines.point = noted  # type: ignore[method-assign]
    while sitting.live:
        sitting.slice()
        spots += [spot[1] for spot in lines.spot]
    assert sitting.runner.record.trials[0].error is None
    return reasons - {""}, spots, sitting


def test_not_while_a_module_is_imported(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another cell that imports it would wait for the parked trial, for ever."""
    (tmp_path / "slow_to_import.py").write_text("called()\nx = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    notebook.run("import builtins\ndef called():\n    a = 1\n    b = 2\nbuiltins.called = called")
    text = "\nlr: LR = 0.01\nimport sys\nimport slow_to_import\nloss = slow_to_import.x\n"
    try:
        reasons, spots, _ = refused(notebook, text)
    finally:
        sys.modules.pop("slow_to_import", None)
        notebook.run("del builtins.called")
    assert reasons <= {"an import"} and "called" not in spots


def test_not_in_a_greenlet_of_the_trials_own(notebook: Notebook) -> None:
    text = """
lr: LR = 0.01
def inner():
    a = 1
    b = 2
    return a + b
loss = greenlet.greenlet(inner).switch()
after = loss
"""
    notebook.names["greenlet"] = greenlet
    reasons, spots, sitting = refused(notebook, text)
    assert reasons == {"a greenlet of the trial's own"}
    assert "inner" not in spots and value(sitting) == 3


def test_not_in_a_thread_of_the_trials_own(notebook: Notebook) -> None:
    text = """
lr: LR = 0.01
found = []
def work():
    a = 1
    trial.report(a)
    found.append(a)
thread = threading.Thread(target=work)
thread.start()
thread.join()
loss = float(len(found))
"""
    notebook.names["threading"] = threading
    _, spots, sitting = refused(notebook, text)
    assert "work" not in spots and value(sitting) == 1.0


def test_not_while_threads_of_the_trial_run_the_users_code(notebook: Notebook) -> None:
    text = """
lr: LR = 0.01
scale = 2
def work(i):
    time.sleep(0.002)
    return scale * i
total = 0
with pool(2) as workers:
    for each in workers.map(work, range(20)):
        total += each
loss = float(total)
"""
    # parked, the threads would go on with the notebook's value
    notebook.names.update(time=time, pool=ThreadPoolExecutor, scale=1000)
    reasons, _, sitting = refused(notebook, text)
    assert "a thread of the trial's own" in reasons
    assert value(sitting) == 2 * sum(range(20))


# -- several ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_studies_are_parked_and_go_on_in_any_order(notebook: Notebook, seed: int) -> None:
    chance = random.Random(seed)
    studies = [
        planned(notebook, LOOP.replace("k * 2", f"k * {n}"), [chance.randrange(1, 4)] * 9)[0]
        for n in (1, 2, 3)
    ]
    left = list(studies)
    while left:
        sitting = chance.choice(left)
        sitting.slice()
        assert not {"loss", "k", "step", "lr"} & notebook.names.keys()
        left = [each for each in left if each.live]
    assert [value(sitting) for sitting in studies] == [15.0, 30.0, 45.0]


def test_a_study_may_be_driven_within_another_greenlet(notebook: Notebook) -> None:
    sitting, _ = planned(notebook, LOOP, [3, 3, 3])
    sitting.slice()
    greenlet.greenlet(sitting.slice).switch()
    greenlet.greenlet(lambda: greenlet.greenlet(sitting.slice).switch()).switch()
    while sitting.live:
        sitting.slice()
    assert value(sitting) == 30.0


def test_nothing_of_a_parked_and_stopped_study_stays(notebook: Notebook) -> None:
    def stopped(lines: int) -> None:
        sitting, _ = planned(notebook, LOOP, [lines])
        sitting.slice()
        assert sitting.parking.occupied
        sitting.stop()

    before = traces_left()
    for lines in (1, 3, 5, 8, 13):
        stopped(lines)
    assert traces_left() == before


def test_a_trial_that_is_stopped_runs_its_finally(notebook: Notebook) -> None:
    text = "\nlr: LR = 0.01\nloss = 0.0\ntry:\n    for k in range(9):\n        loss += k\n"
    notebook.names["log"] = log = []
    sitting, _ = planned(notebook, text + "finally:\n    log.append(k)\n", [6])
    sitting.slice()
    sitting.stop()
    assert sitting.runner.record.trials[0].state is TrialState.INTERRUPTED
    assert len(log) == 1 and sys.gettrace() is None

"""A study in slices: pause, resume, skip, stop, wait and suspend in each of its states."""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from parked import Notebook, planned
from promoting import Rounds

from jupyter_hpo import controls, pacer
from jupyter_hpo.errors import StudyError
from jupyter_hpo.sitting import Sitting
from jupyter_hpo.turns import Turns

LOOP = """
lr: LR = 0.01
loss = 0.0
for k in range(5):
    step = k
    loss += step
"""
ENDLESS = """
lr: LR = 0.01
loss = 0.0
while True:
    loss += 1.0
"""


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


def states(sitting: Sitting) -> list[str]:
    return [str(trial.state) for trial in sitting.runner.record.trials]


def failed(sitting: Sitting, error: BaseException) -> None:
    raise error


def behind(notebook: Notebook, text: str, trials: int = 1) -> Sitting:
    """A study that runs in the background, when `notebook.host.idle` is called."""
    return notebook.study(text, trials=trials, background=Turns(notebook.host, failed))


def parked(notebook: Notebook, text: str = LOOP, trials: int = 1) -> Sitting:
    """A study that is paused in its first trial."""
    sitting, lines = planned(notebook, text, [7], trials=trials)
    lines.pauses = True
    sitting.drive()
    assert sitting.info.state == "paused" and lines.occupied
    return sitting


def soon(sitting: Sitting, action: Callable[[], object]) -> threading.Thread:
    """Do something from another thread, a moment after the trial has begun."""

    def run() -> None:
        while sitting.live and not sitting.parking.occupied:
            time.sleep(0.002)
        time.sleep(0.05)
        action()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


# -- while it runs -----------------------------------------------------------------------


def test_pause_while_it_runs(notebook: Notebook) -> None:
    sitting = notebook.study(ENDLESS)
    thread = soon(sitting, sitting.pause)
    sitting.drive()
    thread.join()
    assert (sitting.info.state, states(sitting)) == ("paused", ["RUNNING"])
    assert "trial 0 is parked at" in sitting.info.message
    assert sitting.live and not sitting.running and sitting.info.since is None
    sitting.stop()


@pytest.mark.parametrize(
    "text",
    [
        ENDLESS,
        "\nlr: LR = 0.01\nimport time\nloss = 1.0\ntime.sleep(1000)\n",
        "\nlr: LR = 0.01\nimport threading\nloss = 1.0\nthreading.Event().wait()\n",
        ENDLESS.replace(
            "    loss += 1.0", "    try:\n        loss += 1.0\n    except Exception: 0"
        ),
    ],
)
@pytest.mark.parametrize("what", ["stop", "skip"])
def test_stop_and_skip_while_it_runs(notebook: Notebook, text: str, what: str) -> None:
    sitting = notebook.study(text)
    thread = soon(sitting, getattr(sitting, what))
    sitting.drive()
    thread.join()
    state, trial = ("stopped", "INTERRUPTED") if what == "stop" else ("finished", "SKIPPED")
    assert (sitting.info.state, states(sitting)) == (state, [trial])


def test_a_trial_whose_time_is_over(notebook: Notebook) -> None:
    sitting = notebook.study(ENDLESS, timeout=0.05)
    sitting.drive()
    (trial,) = sitting.runner.record.trials
    assert (sitting.info.state, trial.state) == ("finished", "SKIPPED")
    assert trial.info["reason"] == "took longer than 0.05 s"


def test_the_time_does_not_run_while_the_trial_is_parked(notebook: Notebook) -> None:
    sitting, lines = planned(notebook, LOOP, [4, 4], timeout=0.5)
    sitting.slice()
    assert sitting.controls.deadline is None
    time.sleep(0.6)
    sitting.slice()
    sitting.slice()
    assert lines.parks == 2 and states(sitting) == ["COMPLETE"]


# -- while it is parked ------------------------------------------------------------------


def test_stop_while_it_is_parked(notebook: Notebook) -> None:
    sitting = parked(notebook, trials=3)
    sitting.stop()
    assert not sitting.live
    assert (sitting.info.state, states(sitting)) == ("stopped", ["INTERRUPTED"])
    sitting.stop()  # once more is nothing
    sitting.pause()
    sitting.skip()
    sitting.suspend()
    sitting.wait()
    assert (sitting.info.state, states(sitting)) == ("stopped", ["INTERRUPTED"])


@pytest.mark.usefixtures("heap_in_sight")
@pytest.mark.parametrize("how", ["stop", "skip", "suspend"])
def test_a_parked_trial_that_is_ended_leaves_no_heap_frozen(notebook: Notebook, how: str) -> None:
    before = gc.get_freeze_count()
    sitting = parked(notebook, trials=3)
    getattr(sitting, how)()
    assert gc.get_freeze_count() == before
    sitting.stop()


@pytest.mark.usefixtures("heap_in_sight")
def test_the_heap_is_frozen_again_while_trials_wait(notebook: Notebook) -> None:
    """And thaws for each of those that waited during the pause, for what it made to go."""
    aside = Rounds(lambda curve: len(curve) == 2)
    sitting = notebook.study(LOOP + "look()\n", trials=4, pruner=aside)
    seen: list[int] = []
    notebook.names["look"] = lambda: seen.append(gc.get_freeze_count())

    def pause() -> None:
        if len(sitting.runner.standby) == 2:
            sitting.pause()

    sitting.runner.between = pause
    sitting.drive()
    assert sitting.info.state == "paused" and states(sitting).count("RUNNING") >= 2
    assert gc.get_freeze_count() == 0
    sitting.runner.between = lambda: None
    sitting.drive()
    assert states(sitting) == ["COMPLETE"] * 4
    assert len(seen) == 4 and min(seen) > 1000
    assert gc.get_freeze_count() == 0


def test_skip_while_it_is_parked_leaves_it_paused(notebook: Notebook) -> None:
    sitting = parked(notebook, trials=2)
    sitting.skip()
    assert (sitting.info.state, states(sitting)) == ("paused", ["SKIPPED"])
    sitting.drive()
    while sitting.live:
        sitting.drive()
    assert states(sitting) == ["SKIPPED", "COMPLETE"]


def test_suspend_while_it_is_parked(notebook: Notebook) -> None:
    sitting = parked(notebook)
    sitting.suspend()
    assert states(sitting) == ["INTERRUPTED"]
    assert sitting.info.state == "paused" and not sitting.parking.occupied


def test_pause_and_wait_while_it_is_paused_are_nothing(notebook: Notebook) -> None:
    sitting = parked(notebook)
    message = sitting.info.message
    sitting.pause()
    sitting.wait()
    sitting.wait(0.01)
    assert sitting.info.message == message and sitting.parking.occupied
    sitting.stop()


# -- in the background -------------------------------------------------------------------


def turns(notebook: Notebook, sitting: Sitting, times: int = 10_000) -> None:
    for _ in range(times):
        if not sitting.running:
            return
        notebook.host.idle(1)
    raise AssertionError("it goes on and on")


def test_resume_goes_on_in_the_background(notebook: Notebook) -> None:
    sitting = behind(notebook, LOOP, 2)
    sitting.begin()
    assert sitting.running and states(sitting) == []
    turns(notebook, sitting)
    assert (sitting.info.state, states(sitting)) == ("finished", ["COMPLETE", "COMPLETE"])
    with pytest.raises(StudyError, match="study 'study' is finished for good; run its cell again"):
        sitting.resume()


def test_pause_and_resume_in_the_background(notebook: Notebook) -> None:
    sitting = behind(notebook, ENDLESS)
    sitting.begin()
    notebook.host.idle(2)
    sitting.pause()
    assert sitting.info.state == "paused" and sitting.parking.occupied
    sitting.resume()
    assert sitting.running
    notebook.host.idle(2)
    thread = threading.Thread(target=sitting.skip)  # a button
    thread.start()
    thread.join()
    turns(notebook, sitting)
    assert (sitting.info.state, states(sitting)) == ("finished", ["SKIPPED"])


def test_without_an_event_loop_nothing_runs_in_the_background(notebook: Notebook) -> None:
    sitting = notebook.study(LOOP)
    with pytest.raises(StudyError, match="no event loop"):
        sitting.begin()
    sitting.wait()  # here, in this cell
    assert states(sitting) == ["COMPLETE"]


def test_wait_with_a_time_limit(notebook: Notebook) -> None:
    sitting = behind(notebook, ENDLESS)
    sitting.begin()
    sitting.wait(0.1)
    assert sitting.running and sitting.parking.occupied
    sitting.stop()
    assert states(sitting) == ["INTERRUPTED"]


def test_studies_take_turns(notebook: Notebook) -> None:
    background = Turns(notebook.host, failed)
    first, second = (notebook.study(ENDLESS, background=background) for _ in range(2))
    for sitting in (first, second):
        sitting.begin()
    notebook.host.idle(4)
    assert first.parking.occupied and second.parking.occupied
    for sitting in (first, second):
        sitting.stop()
        assert states(sitting) == ["INTERRUPTED"]


# -- trials that do not want to end ------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controls, "CLEANING", 0.02)
    monkeypatch.setattr(pacer, "CLEANING", 0.02)
    monkeypatch.setattr(pacer, "AGAIN", 0.01)


CATCHES = """
lr: LR = 0.01
import time
loss, caught = 0.0, 0
while caught < {}:
    try:
        while True:
            loss += 1.0
            time.sleep(0.001)
    except:
        caught += 1
"""


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("what", ["stop", "skip"])
def test_a_trial_that_catches_everything_for_a_while_ends(notebook: Notebook, what: str) -> None:
    sitting = notebook.study(CATCHES.format(3))
    thread = soon(sitting, getattr(sitting, what))
    sitting.drive()
    thread.join()
    assert states(sitting) == ["INTERRUPTED" if what == "stop" else "SKIPPED"]


@pytest.mark.usefixtures("impatient")
def test_a_trial_that_cannot_be_ended_is_parked_and_named(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacer, "STUBBORN", 0.3)
    notebook.names["going"] = [True]
    # nested too deep for what is thrown, one or two at a time, to get out of
    text = (
        "\nlr: LR = 0.01\nloss = 0.0\n"
        "def stubborn(depth):\n    while going[0]:\n        try:\n"
        "            if depth:\n                stubborn(depth - 1)\n"
        "        except BaseException:\n            pass\nstubborn(30)\n"
    )
    sitting = notebook.study(text)
    thread = soon(sitting, sitting.stop)
    sitting.drive()
    thread.join()
    assert sitting.live and sitting.info.state == "paused"
    assert "does not end: it catches every exception at" in sitting.info.message
    with pytest.raises(StudyError, match="does not end"):
        sitting.stop()
    notebook.names["going"].clear()
    notebook.names["going"].append(False)
    sitting.stop()
    assert not sitting.live and states(sitting) == ["INTERRUPTED"]


@pytest.mark.usefixtures("impatient")
def test_a_long_call_is_not_taken_for_a_trial_that_does_not_end(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacer, "STUBBORN", 0.1)
    held = threading.Event()

    def library() -> None:  # catches nothing, and hears nothing before it returns
        with interrupts_held():
            held.wait(0.5)

    notebook.names["library"] = library
    sitting = notebook.study("\nlr: LR = 0.01\nlibrary()\nloss = 1.0\n")
    thread = soon(sitting, sitting.skip)
    sitting.drive()
    thread.join()
    assert "SKIPPED" in states(sitting) and sitting.info.state == "finished"


@contextmanager
def interrupts_held() -> Iterator[None]:
    """As in one call of C: signals wait for its end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGURG])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGURG])


def test_cleaning_up_is_left_alone(notebook: Notebook) -> None:
    log: list[str] = []
    notebook.names["log"] = log
    text = ENDLESS.replace("while True:\n    loss += 1.0", "") + (
        "try:\n    while True:\n        loss += 1.0\nfinally:\n"
        "    import time\n    time.sleep(0.1)\n    log.append('clean')\n"
    )
    sitting = notebook.study(text)
    thread = soon(sitting, sitting.stop)
    sitting.drive()
    thread.join()
    assert log == ["clean"] and states(sitting) == ["INTERRUPTED"]


def test_what_it_waits_for_is_said(notebook: Notebook) -> None:
    sitting = notebook.study("\nlr: LR = 0.01\nimport time\ntime.sleep(0.3)\nloss = 1.0\n")
    said: list[str] = []

    def ask() -> None:
        sitting.pause()
        said.append(sitting.doing())

    thread = soon(sitting, ask)
    sitting.drive()
    thread.join()
    assert said == ["pausing: waiting for `time.sleep(0.3)` (0 s)"]
    assert sitting.doing() == ""
    if sitting.live:
        sitting.stop()

"""■ during a study: first it parks the trial, then it ends it; and going on."""

from __future__ import annotations

import random
import re
import time

import pytest
from kernels import Kernel, Result

# `gate` keeps the trial whose number it names waiting, as training would, while it names it.
SETUP = """import threading, time
gate = {'at': -1}
def wait_at(number):
    while gate['at'] == number: time.sleep(0.005)"""
STUDY = """%%tune {name} --minimize v -n {total} -o random --shared gate {options}
import random, numpy
x: Float(0, 1) = 0.5
kind: Categorical("a", "b") = "a"
for step in range(3):
    v = x + random.random() + numpy.random.random()
    if trial.number == gate['at'] and step == 1:
        mark('waiting')
        {wait}
"""
WAIT = "wait_at(trial.number)"
STATES = "{name}.state, [t.state.value for t in {name}.trials]"
VALUES = "[(t.number, t.state.value, t.params, t.value) for t in {name}.trials]"


@pytest.fixture(name="kernel")
def with_gate(kernel: Kernel) -> Kernel:
    """The kernel of this file with a `gate` that holds no trial."""
    kernel.run(SETUP)
    return kernel


def study(name: str, options: str = "", total: int = 8, wait: str = WAIT) -> str:
    return STUDY.format(name=name, options=options, total=total, wait=wait)


def interrupted(kernel: Kernel, cell: str, at: int, *, presses: int = 1) -> Result:
    """Run a cell and press ■ in its trial number `at`; more presses end the trial."""
    kernel.run(f"gate['at'] = {at}")
    running = kernel.start(cell, person=True)
    running.marked("waiting")
    time.sleep(0.05)  # Python loses a signal between its last look and an endless wait
    kernel.interrupt()
    for _ in range(presses - 1):
        time.sleep(2.0)  # more than a second after the kernel has noted the first one
        kernel.interrupt()
    return running.finish()


def is_the_users_again(kernel: Kernel) -> bool:
    """Whether ■ ends a cell that has nothing to do with studies."""
    plain = kernel.start("mark('here')\nwhile True: pass")
    plain.marked("here")
    kernel.interrupt()
    shown = plain.finish()
    return shown.error is not None and shown.error.ename == "KeyboardInterrupt"


@pytest.mark.parametrize(
    "wait",
    [
        WAIT,
        "while True:\n            pass",
        "for _ in range(10**6): time.sleep(0.01)",
        "while True: await __import__('asyncio').sleep(0.01)",
        # ■ goes to the whole process group, as always: the child ends, the trial is parked
        "__import__('subprocess').run(['sleep', '1000']); 1",
    ],
)
def test_the_first_press_parks_the_trial_and_ends_the_cell_quietly(
    kernel: Kernel, wait: str
) -> None:
    shown = interrupted(kernel, study("quiet", wait=wait), at=2)
    assert shown.status == "error" and shown.error is not None
    assert shown.error.ename == "StudyInterrupted"
    assert len(shown.error.traceback.strip().splitlines()) == 1
    assert re.fullmatch(
        r"study 'quiet' is paused after 2 of 8 trials: trial 2 is parked at "
        r"Cell In\[\d+\], line \d+(, in wait_at)?(; it holds [\d,]+ MB)?\. "
        r"Resume, or `%tune resume`, goes on from there",
        shown.told,
    ), shown.told
    assert shown.view.startswith("quiet: paused, 2 of 8 trials") and shown.stderr == ""
    parked = "('paused', ['COMPLETE', 'COMPLETE', 'RUNNING'])"
    assert kernel.value(STATES.format(name="quiet")) == parked
    assert kernel.value("'step' in globals(), 'kind' in globals()") == "(False, False)"
    assert is_the_users_again(kernel)
    assert kernel.value(STATES.format(name="quiet")) == parked
    assert "its 2 trials are kept" in kernel.run("%tune stop quiet").stdout
    assert kernel.value(STATES.format(name="quiet")) == parked.replace("paused", "stopped").replace(
        "RUNNING", "INTERRUPTED"
    )


@pytest.mark.parametrize(
    "wait",
    [
        "time.sleep(1000)",
        "threading.Event().wait()",
        "while True: pass",  # a jump onto itself: Python never comes to a new line
        "await __import__('asyncio').sleep(1000)",
        "input()",
    ],
)
def test_a_press_a_second_later_ends_a_trial_that_does_not_come_to_a_line(
    kernel: Kernel, wait: str
) -> None:
    shown = interrupted(kernel, study("long", wait=wait), at=2, presses=2)
    assert shown.error is not None and shown.error.ename == "StudyInterrupted"
    assert shown.told == (
        "study 'long' is paused after 2 of 8 trials: interrupted. "
        "Resume, or `%tune resume`, goes on from there"
    )
    ended = "('paused', ['COMPLETE', 'COMPLETE', 'INTERRUPTED'])"
    assert kernel.value(STATES.format(name="long")) == ended
    assert is_the_users_again(kernel)
    kernel.run("gate['at'] = -1; long.resume()")
    kernel.run("long.wait()")  # its number is run again
    assert kernel.value(STATES.format(name="long")) == f"('finished', {['COMPLETE'] * 8})"


def test_a_press_within_the_second_asks_for_no_more_than_the_first(kernel: Kernel) -> None:
    kernel.run("gate['at'] = 2")
    running = kernel.start(study("eager", wait="time.sleep(0.8); 1"))
    running.marked("waiting")
    for _ in range(3):
        kernel.interrupt()
        time.sleep(0.01)
    assert "is parked at" in running.finish().told
    assert kernel.value("eager.trials[2].state.value") == "'RUNNING'"
    kernel.run("gate['at'] = -1")
    assert kernel.run("eager.wait()\neager.resume()\neager.wait()").error is None
    assert kernel.value(STATES.format(name="eager")) == f"('finished', {['COMPLETE'] * 8})"


def test_queued_cells_are_aborted(kernel: Kernel) -> None:
    kernel.run("gate['at'] = 1; ran = []")
    running = kernel.start(study("queue"))
    next_one, last = kernel.start("ran.append(1)"), kernel.start("ran.append(2)")
    running.marked("waiting")
    kernel.interrupt()
    assert running.finish().status == "error"
    assert (next_one.finish().status, last.finish().status) == ("aborted", "aborted")
    assert kernel.value("ran") == "[]"


def test_resumed_equals_uninterrupted(kernel: Kernel) -> None:
    kernel.run(study("whole"))
    interrupted(kernel, study("parts"), at=3)
    kernel.run("began = parts.trials[3].started, id(parts)")
    interrupted(kernel, study("parts", "--resume"), at=5)
    # it was the same trial that went on
    assert kernel.value("(parts.trials[3].started, id(parts)) == began") == "True"
    kernel.run("gate['at'] = -1")
    shown = kernel.run(study("parts", "--resume"))
    assert shown.error is None, shown.told
    assert shown.view.startswith("parts: finished, 8")
    assert kernel.value(VALUES.format(name="parts")) == kernel.value(VALUES.format(name="whole"))
    assert kernel.value("parts.state, [t.number for t in parts.trials]") == (
        "('finished', [0, 1, 2, 3, 4, 5, 6, 7])"
    )


@pytest.mark.parametrize("optimizer", ["sobol", "grid(points=3)", "auto"])
def test_resumed_equals_uninterrupted_for_each_optimizer(kernel: Kernel, optimizer: str) -> None:
    def cell(name: str, options: str = "") -> str:
        cell = study(name, options, total=6, wait="time.sleep(1000)")
        return cell.replace("-o random", f"-o '{optimizer}'")

    kernel.run(cell("entire"))
    interrupted(kernel, cell("resumed"), at=2, presses=2)
    kernel.run("gate['at'] = -1")
    kernel.run(cell("resumed", "--resume"))
    assert kernel.value(VALUES.format(name="resumed")) == kernel.value(VALUES.format(name="entire"))


def test_interrupting_the_first_trial(kernel: Kernel) -> None:
    shown = interrupted(kernel, study("early"), at=0)
    assert shown.error is not None and shown.error.ename == "StudyInterrupted"
    assert kernel.value(STATES.format(name="early")) == "('paused', ['RUNNING'])"
    kernel.run("gate['at'] = -1")
    assert kernel.run(study("early", "--resume")).error is None
    assert kernel.value("early.trials[0].params") == "{'x': 0.5, 'kind': 'a'}"
    assert kernel.value("early.state, len(early)") == "('finished', 8)"


def test_a_trial_that_swallows_the_interrupt_is_the_last(kernel: Kernel) -> None:
    cell = study("stubborn", wait="time.sleep(1000)").replace(
        "        mark", "      try:\n        mark"
    )
    swallow = "\n      except BaseException: mark('swallowed')"
    shown = interrupted(kernel, cell.rstrip() + swallow, at=2, presses=2)
    assert shown.marks == ["waiting", "swallowed"]
    assert shown.error is not None and shown.error.ename == "StudyInterrupted"
    assert kernel.value("stubborn.state, stubborn.trials[-1].number") == "('paused', 2)"


def test_interrupts_at_random_moments_lose_and_tear_nothing(kernel: Kernel) -> None:
    def cell(name: str, options: str = "") -> str:
        marking = "mark(trial.number)\nfor step"
        return study(name, options, total=60).replace("for step", marking)

    kernel.run(cell("calm"))
    kernel.run("gate['at'] = 59")
    chance = random.Random(0)
    for sitting in range(8):
        running = kernel.start(cell("stormy", "--resume" if sitting else ""))
        marks = chance.randrange(1, 8)
        running.until(
            lambda shown, marks=marks: len(shown.marks) >= marks or "waiting" in shown.marks
        )
        kernel.interrupt()
        shown = running.finish()
        assert shown.error is not None
        assert shown.error.ename == "StudyInterrupted", shown.error.traceback
    kernel.run("gate['at'] = -1")
    kernel.run(cell("stormy", "--resume"))
    assert kernel.value("stormy.record.unsaved") == "''"
    assert kernel.value(VALUES.format(name="stormy")) == kernel.value(VALUES.format(name="calm"))


AT_THE_END = """
import os, signal, traceback
from jupyter_hpo.errors import StudyInterrupted

def fire(delay, sent):
    time.sleep(delay)
    os.kill(os.getpid(), signal.SIGINT)
    sent.set()

def last_trial_ends():
    threading.Thread(target=fire, args=(delay, sent)).start()

torn = []
for delay in (i / 2000 for i in range(24)):
    sent = threading.Event()
    try:
        get_ipython().run_cell_magic(
            'tune', 'ending --minimize v -n 2 --quiet -o random',
            'x: Float(0, 1) = 0.5\\nif trial.number: last_trial_ends()\\nv = x',
        )
    except StudyInterrupted:
        pass
    except KeyboardInterrupt as error:
        files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        ours = [name for name in files if 'jupyter_hpo' in name]
        torn += [name for name in ours[-1:] if not name.endswith(('magic.py', 'extension.py'))]
    try:
        sent.wait()
        time.sleep(0.001)
    except KeyboardInterrupt:
        pass
"""


def test_an_interrupt_as_the_study_ends_tears_nothing(kernel: Kernel) -> None:
    shown = kernel.run(AT_THE_END)
    assert shown.error is None, shown.error
    assert kernel.value("torn") == "[]"
    listed = "{*get_ipython().run_line_magic('tune', 'list ending')['state']}"
    assert kernel.value(f"{listed} <= {{'finished', 'paused', 'stopped'}}") == "True"


def test_stop_of_a_paused_study(kernel: Kernel) -> None:
    interrupted(kernel, study("done_with"), at=2)
    assert "stopped; its 2 trials are kept" in kernel.run("%tune stop done_with").stdout
    stopped = "('stopped', ['COMPLETE', 'COMPLETE', 'INTERRUPTED'])"
    assert kernel.value(STATES.format(name="done_with")) == stopped
    assert "stopped already" in kernel.run("done_with.stop()\n%tune stop done_with").stdout


def test_run_again_after_a_pause_keeps_the_paused_run_and_says_so(kernel: Kernel) -> None:
    interrupted(kernel, study("anew"), at=4)
    kernel.run("gate['at'] = -1; old = anew")
    shown = kernel.run(study("anew", total=3))
    assert shown.error is None, shown.told
    told = " ".join(shown.view.split())
    assert (
        "Run 1 of this study was paused after 4 of 8 trials and is kept; "
        "`--resume --run 1` goes on with it." in told
    )
    assert kernel.value("(anew.record.info.run, len(anew), len(old))") == "(2, 3, 5)"
    kernel.run("rows = %tune list anew")
    assert kernel.value("rows['state'].tolist()") == "['finished', 'stopped']"
    kernel.run(study("anew", "--resume --run 1"))
    assert kernel.value("(anew.record.info.run, anew.state, len(anew))") == "(1, 'finished', 8)"


def test_run_again_after_the_end_is_a_new_run(kernel: Kernel) -> None:
    kernel.run(study("twice"))
    shown = kernel.run(study("twice"))
    assert "is kept" not in shown.view
    assert kernel.value("twice.record.info.run") == "2"


def test_resume_with_another_body_is_refused_with_the_difference(kernel: Kernel) -> None:
    interrupted(kernel, study("changed"), at=2)
    other = study("changed", "--resume").replace("v = x +", "v = 2 * x +")
    shown = kernel.run(other)
    assert "- v = x + random.random()" in shown.told and "+ v = 2 * x +" in shown.told
    assert kernel.value("changed.state, len(changed)") == "('paused', 3)"
    wider = study("changed", "--resume").replace("Float(0, 1)", "Float(0, 2)")
    kernel.run("gate['at'] = -1")
    assert kernel.run("# comment\n" + wider).error is not None
    assert kernel.run(wider + "# a comment changes nothing\n").error is None
    assert kernel.value("changed.state, len(changed)") == "('finished', 8)"
    assert (
        "nothing in this cell"
        in kernel.run(study("changed", "--resume").replace("minimize v", "minimize w")).told
    )
    assert (
        "minimizes v"
        in kernel.run(study("changed", "--resume").replace("minimize v", "maximize v")).told
    )


def test_resume_of_what_is_not_there(kernel: Kernel) -> None:
    assert (
        "no stored study 'unheard_of' to resume" in kernel.run(study("unheard_of", "--resume")).told
    )
    assert "--resume" in kernel.run(study("unheard_of", "--run 3")).told

"""Skip and Stop end whatever a trial does, and `--timeout` does so by itself."""

from __future__ import annotations

import time

import pytest
from kernels import Execution, Kernel

SETUP = """
import subprocess, threading, time
import torch
from torch.utils.data import DataLoader, Dataset

ended, stuck, go = [], threading.Event(), threading.Event()

class Sleeping(Dataset):
    def __len__(self): return 4
    def __getitem__(self, index): time.sleep(1000)

def soon(act):
    def run():
        stuck.wait(); time.sleep(0.05); act()
    threading.Thread(target=run, daemon=True).start()
"""
CELL = """%%tune {name} --minimize v -n 3 -o random --shared ended,stuck {options}
x: Float(0, 1) = 0.5
v = x
if trial.number == 1:
    try:
        mark('stuck'); stuck.set()
{body}
    finally:
        ended.append('begun')
        time.sleep(0.02)
        ended.append('over')
"""
BODIES = {
    "loop": "while True: pass",  # a jump onto itself: Python never comes to a new line
    "lines": "while True:\n    time.sleep(0.001)",
    "sleep": "time.sleep(1000)",
    "wait": "threading.Event().wait()",
    "lock": "lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "child": "subprocess.run(['sleep', '1000'])",
    "worker": "next(iter(DataLoader(Sleeping(), num_workers=1, multiprocessing_context='fork')))",
    "await": "await __import__('asyncio').sleep(1000)",
    "swallows": "while True:\n    try:\n        time.sleep(0.01)\n    except:\n        pass",
    "swallows in a row": "def stubborn():\n    while True:\n        try:\n            while True:\n"
    "                time.sleep(0.01)\n        except:\n            time.sleep(0.01)\nstubborn()",
}
STATES = "({name}.state, [t.state.value for t in {name}.trials], ended)"


def cell(name: str, body: str, options: str = "") -> str:
    lines = "\n".join(" " * 8 + line for line in body.splitlines())
    return CELL.format(name=name, body=lines, options=options)


@pytest.fixture(name="kernel")
def with_helpers(kernel: Kernel) -> Kernel:
    """The kernel of this file, the helpers above defined."""
    kernel.run(SETUP if kernel.value("'Sleeping' in globals()") == "False" else "ended.clear()")
    kernel.run("stuck.clear()")
    return kernel


def in_background(kernel: Kernel, text: str) -> Execution:
    """A study in the background whose trial 1 is stuck."""
    running = kernel.start(text)
    assert running.finish().error is None, running.shown.told
    running.later(lambda shown: "stuck" in shown.marks)
    return running


SKIPPED = f"('finished', ['COMPLETE', 'SKIPPED', 'COMPLETE'], {['begun', 'over']})"
STOPPED = f"('stopped', ['COMPLETE', 'INTERRUPTED'], {['begun', 'over']})"


@pytest.mark.parametrize("body", BODIES)
def test_skip_of_a_running_trial(kernel: Kernel, body: str) -> None:
    kernel.run("soon(lambda: front.skip())")
    shown = kernel.run(cell("front", BODIES[body]))
    assert shown.error is None, shown.told
    assert kernel.value(STATES.format(name="front")) == SKIPPED
    assert kernel.value("front.trials[1].reason, front.trials[1].value") == "('skipped', None)"


@pytest.mark.parametrize("body", BODIES)
def test_stop_of_a_running_trial(kernel: Kernel, body: str) -> None:
    kernel.run("soon(lambda: halted.stop())")
    shown = kernel.run(cell("halted", BODIES[body]))
    assert shown.error is None, shown.told
    assert kernel.value(STATES.format(name="halted")) == STOPPED
    after = kernel.run("%%tune next_one --minimize v -n 2 -o random\nx: Float(0, 1) = 0.5\nv = x")
    assert after.error is None and kernel.value("next_one.state") == "'finished'"


@pytest.mark.parametrize("body", ["lines", "swallows"])
def test_skip_and_stop_in_the_background(kernel: Kernel, body: str) -> None:
    in_background(kernel, cell("behind", BODIES[body], "-b"))
    assert kernel.run("behind.skip()").error is None
    kernel.until("behind.state", "'finished'")
    assert kernel.value(STATES.format(name="behind")) == SKIPPED
    kernel.run("ended.clear()")
    in_background(kernel, cell("behind", BODIES[body], "-b"))
    assert "its 1 trials are kept" in kernel.run("%tune stop").stdout
    kernel.until("behind.state", "'stopped'")
    assert kernel.value(STATES.format(name="behind")) == STOPPED


@pytest.mark.parametrize("body", ["swallows", "nested"])
def test_skip_and_stop_of_a_parked_trial(kernel: Kernel, body: str) -> None:
    bodies = {
        **BODIES,
        "nested": "def waiting():\n    try:\n        while True: mark('in'); time.sleep(0.005)\n"
        "    finally:\n        ended.append('inner')\nwaiting()",
        "swallows": BODIES["swallows"].replace("time", "mark('in'); time"),
    }
    inner = "['inner', " if body == "nested" else "["
    for verb in ("skip", "stop"):
        running = kernel.start(cell("parked", bodies[body]))
        running.marked("in")
        kernel.interrupt()
        assert "trial 1 is parked" in running.finish().told
        assert kernel.run(f"%tune {verb} parked").error is None
        state = "paused" if verb == "skip" else "stopped"
        end = "SKIPPED" if verb == "skip" else "INTERRUPTED"
        assert kernel.value(STATES.format(name="parked")) == (
            f"('{state}', ['COMPLETE', '{end}'], {inner}'begun', 'over'])"
        )
        if verb == "skip":
            assert kernel.run("parked.resume()\nparked.wait()").error is None
            assert kernel.value("parked.state, len(parked)") == "('finished', 3)"
        kernel.run("ended.clear(); stuck.clear()")


def test_skip_while_a_pause_waits_for_a_long_call(kernel: Kernel) -> None:
    kernel.run("soon(lambda: (both.pause(), time.sleep(0.3), both.skip()))")
    shown = kernel.run(cell("both", "time.sleep(1000)"))
    assert shown.error is not None and "between two trials" in shown.told, shown.told
    assert kernel.value(STATES.format(name="both")) == (
        "('paused', ['COMPLETE', 'SKIPPED'], ['begun', 'over'])"
    )


def test_a_pause_that_waits_says_for_what(kernel: Kernel) -> None:
    running = kernel.start(cell("waits", "time.sleep(1000)"))
    running.marked("stuck")
    time.sleep(0.05)  # to be inside, for sure
    kernel.interrupt()
    for seconds in (0, 2):
        words = f"pausing: waiting for `time.sleep(1000)` ({seconds} s)"
        running.until(lambda shown, words=words: words in str(shown.displays))
    kernel.interrupt()
    assert "interrupted" in running.finish().told


def test_the_button_ends_a_background_trial_that_holds_the_kernel_up(kernel: Kernel) -> None:
    in_background(kernel, cell("holds", "time.sleep(1000)", "-b"))
    time.sleep(0.05)
    for _ in range(2):
        kernel.interrupt()
        time.sleep(2.0)  # one of them, for sure, since the kernel has noted the first one
    assert kernel.value(STATES.format(name="holds")) == (
        "('paused', ['COMPLETE', 'INTERRUPTED'], ['begun', 'over'])"
    )
    assert "its 1 trials are kept" in kernel.run("%tune stop holds").stdout


def test_skip_asked_for_between_two_trials_does_nothing(kernel: Kernel) -> None:
    kernel.run("go.clear()")
    shown = kernel.run(cell("idle", "pass"))
    assert shown.error is None
    kernel.run("idle.skip(); idle.pause(); idle.stop()")
    assert kernel.value("idle.state, len(idle)") == "('finished', 3)"


@pytest.mark.parametrize("options", ["", "--background"])
@pytest.mark.parametrize("body", ["loop", "sleep", "swallows"])
def test_timeout(kernel: Kernel, body: str, options: str) -> None:
    kernel.run(cell("late", BODIES[body], f"--timeout 1s {options}"))
    kernel.run("late.wait()")
    assert kernel.value(STATES.format(name="late")) == SKIPPED
    assert kernel.value("late.trials[1].reason") == "'took longer than 1 s'"


def test_the_time_a_trial_stands_still_does_not_count(kernel: Kernel) -> None:
    text = cell("clocked", "while not go.is_set(): time.sleep(0.005)", "--timeout 2s")
    kernel.run("go.clear()")
    running = kernel.start(text)
    running.marked("stuck")
    kernel.interrupt()
    assert "is parked" in running.finish().told
    kernel.run("go.set(); time.sleep(2.2)")
    kernel.run("clocked.resume()\nclocked.wait()")
    assert kernel.value("clocked.state, [t.state.value for t in clocked.trials]") == (
        "('finished', ['COMPLETE', 'COMPLETE', 'COMPLETE'])"
    )
    assert kernel.value("clocked.trials[1].duration < 2") == "True"

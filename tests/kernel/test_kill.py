"""A killed kernel loses at most the running trial; two kernels do not run one study."""

from __future__ import annotations

import random
import re
import sqlite3
import time

import pytest
from conftest import Starter
from kernels import Kernel

STUDY = """%%tune {name} --minimize v -n {total} -o random {options}
import random, time
x: Float(0, 1) = 0.5
mark(trial.number)
for step in range(5):
    v = x + random.random()
    time.sleep({pace})
"""
VALUES = "[(t.number, t.state.value, t.params, t.value, t.reports) for t in {name}.trials]"


def study(name: str, options: str = "", total: int = 40, pace: float = 0.0) -> str:
    return STUDY.format(name=name, options=options, total=total, pace=pace)


def listed(kernel: Kernel, name: str) -> tuple[str, int]:
    """State and number of trials of a study's latest run as `%tune list` gives them."""
    kernel.run(f"rows = %tune list {name}")
    state, trials = eval(kernel.value("rows['state'].iloc[0], int(rows['trials'].iloc[0])"))
    return state, trials


def test_kill_at_random_moments_loses_no_finished_trial(kernel: Kernel) -> None:
    total = 100  # so many that none of these kernels gets to the end
    kernel.run(study("whole", total=total))
    whole = kernel.value(VALUES.format(name="whole"))
    chance, options, done = random.Random(1), "", 0
    for more in (1, 4, 4, 7, 10):
        moment = done + more  # a kernel that is faster than this process gets further
        running = kernel.start(study("killed", options, total, pace=0.006))
        running.marked(str(moment))
        time.sleep(chance.uniform(0, 0.04))  # anywhere in a trial, or between two
        kernel.kill()
        kernel.restart()
        state, trials = listed(kernel, "killed")
        assert state == "paused" and trials >= moment
        shown = kernel.run("%tune show killed").text
        assert shown.startswith(f"killed: paused, {trials} of {total} trials")
        assert trials >= done
        options, done = "--resume", trials
    shown = kernel.run(study("killed", "--resume", total, pace=0.006))
    assert shown.error is None, shown.told
    assert kernel.value(VALUES.format(name="killed")) == whole
    file = next(kernel.directory.glob(".jupyter_hpo/studies.db"))
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_the_running_trial_is_listed_as_interrupted(kernel: Kernel) -> None:
    running = kernel.start(study("lost", pace=1000))
    running.marked("0")
    kernel.kill()
    kernel.restart()
    kernel.run("lost = get_ipython().run_line_magic('tune', 'show lost')")
    assert kernel.value("lost.state, [t.state.value for t in lost.trials]") == (
        "('paused', ['INTERRUPTED'])"
    )
    assert "only loaded" in kernel.run("lost.replay(0)").told
    assert "only loaded" in kernel.run("lost.enqueue(x=1)").told
    assert "no complete trial" in kernel.run("lost.best_params").told


def test_two_kernels_do_not_run_one_study(start: Starter) -> None:
    one = start()
    two = start(one.directory)
    one.run("import threading; go = threading.Event()")
    cell = study("ours", total=5).replace(
        "for step", "if trial.number == 2:\n    while not go.wait(0.02): pass\nfor step"
    )
    running = one.start(cell)
    running.marked("2")
    assert listed(two, "ours") == ("running", 2)
    assert two.run("%tune show ours").text.startswith("ours: running, 2 of 5 trials")
    two.run("import threading; go = threading.Event()")
    refused = two.run(cell.replace("-o random", "-o random --resume"))
    assert refused.told == "study 'ours' is running in another kernel"
    deleted = two.run("%tune delete ours")
    assert "stop it before you delete it" in deleted.told
    stopped = two.run("%tune stop ours")
    assert "running in another kernel" in stopped.told + stopped.stdout
    anew = two.run(study("ours", total=2))
    assert anew.error is None, anew.told
    assert two.value("ours.record.info.run") == "2"
    one.interrupt()
    assert running.finish().status == "error"
    # its trial is parked there
    resumed = cell.replace("-o random", "-o random --resume --run 1")
    assert "in another kernel" in two.run(resumed).told
    one.run("ours.stop()")
    two.run("go.set()")
    taken_over = two.run(resumed)
    assert taken_over.error is None, taken_over.told
    assert two.value("ours.state, len(ours)") == "('finished', 5)"


@pytest.mark.parametrize("late", ["move.stop()", "move.enqueue(x=0.25)"])
def test_a_stopped_study_can_go_on_in_another_kernel(start: Starter, late: str) -> None:
    one = start()
    two = start(one.directory)
    for kernel in (one, two):
        kernel.run("import threading; go = threading.Event()")
    cell = study("move", total=4).replace(
        "for step", "if trial.number == 2:\n    while not go.wait(0.02): pass\nfor step"
    )
    running = one.start(cell)
    running.marked("2")
    one.interrupt()
    running.finish()
    one.run("move.stop()")
    two.run("go.set()")
    assert two.run(cell.replace("-o random", "-o random --resume")).error is None
    assert listed(one, "move") == ("finished", 4)
    # what the first kernel remembers is older: it must not be written over the newer
    shown = one.run(late)
    assert listed(two, "move") == ("finished", 4), shown
    two.run("stored = %tune show move")
    assert two.value("len(stored.record.info.queue), stored.record.info.elapsed") == two.value(
        "0, move.record.info.elapsed"
    )


FINALLY = """
try:
    mark('in trial'); gate.wait()
finally:
    open('cleaned', 'a').write('up ')
"""


def parked_at_a_gate(kernel: Kernel, name: str) -> str:
    """A study whose trial 2 is parked, with something to clean up; its cell."""
    kernel.run(
        "import threading, time\nclass gate:\n    def wait():\n        "
        "while trial.number == 2 and not gate.open: time.sleep(0.005)\n    open = False"
    )
    cell = study(name, total=5).replace("for step", FINALLY + "for step")
    running = kernel.start(cell)
    running.until(lambda shown: shown.marks.count("in trial") == 3)
    kernel.interrupt()
    assert "trial 2 is parked" in running.finish().told
    return cell


@pytest.mark.parametrize("end", ["kill", "shutdown"])
def test_a_kernel_that_ends_while_a_study_is_paused(start: Starter, end: str) -> None:
    kernel = start()
    kernel.run(study("whole", total=5))
    whole = kernel.value(VALUES.format(name="whole"))
    cell = parked_at_a_gate(kernel, "left")
    if end == "kill":
        kernel.kill()
    else:
        kernel.shut_down()
    kernel.restart()
    cleaned = kernel.directory / "cleaned"
    # what the kernel was killed in has no time to clean up
    assert cleaned.read_text() == ("up up " if end == "kill" else "up up up ")
    assert listed(kernel, "left") == ("paused", 2)
    kernel.run("left = get_ipython().run_line_magic('tune', 'show left')")
    assert kernel.value("[t.state.value for t in left.trials]") == (
        "['COMPLETE', 'COMPLETE', 'INTERRUPTED']"
    )
    kernel.run("class gate:\n    def wait(): pass")
    shown = kernel.run(cell.replace("-o random", "-o random --resume"))
    assert shown.error is None, shown.told
    assert [mark for mark in shown.marks if mark != "in trial"] == ["2", "3", "4"]
    assert kernel.value(VALUES.format(name="left")) == whole


@pytest.mark.parametrize("how", ["exit", "quit()", "reload"])
def test_leaving_while_a_study_is_paused_ends_its_trial(start: Starter, how: str) -> None:
    kernel = start()
    parked_at_a_gate(kernel, "gone")
    cleaned = kernel.directory / "cleaned"
    assert cleaned.read_text() == "up up "
    if how == "reload":
        kernel.run("%reload_ext jupyter_hpo")
    else:
        kernel.run(how)
        kernel.wait_for_its_end()
    assert cleaned.read_text() == "up up up "


@pytest.mark.parametrize("what", ["show", "code", "apply"])
def test_stored_studies_are_of_use_after_a_restart(kernel: Kernel, what: str) -> None:
    kernel.run(study("stored", total=4))
    best = kernel.value("stored.best_params, stored.best_value")
    kernel.restart()
    if what == "show":
        kernel.run("stored = get_ipython().run_line_magic('tune', 'show stored')")
        assert kernel.value("stored.best_params, stored.best_value") == best
        assert kernel.value("len(stored.trials_dataframe())") == "4"
    elif what == "code":
        code = kernel.run("%tune code stored").stdout
        assert re.search(r"^x = [0-9.e-]+$", code, re.MULTILINE) and "# tuned by" in code
    else:
        kernel.run("%tune apply stored")
        assert kernel.value("x") == str(eval(best)[0]["x"])

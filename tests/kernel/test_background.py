"""`--background`: the study runs between the user's cells, and shows itself in its own."""

from __future__ import annotations

import pytest
from kernels import Execution, Kernel
from pages import Page

SETUP = """
import random, threading, time
go, told = threading.Event(), threading.Event()
def wait_for_go():
    while not go.is_set():
        if not told.is_set():
            told.set(); mark('waits')
        time.sleep(0.002)
"""
CELL = """%%tune {name} --minimize v -n {total} -o random {options}
x: Float(0, 1) = 0.5
v = 0.0
print('printed by', trial.number)
display({{'trial': trial.number}})
for step in range(4):
    if trial.number == {at}: {place}
    v = v + x + random.random()
mark(trial.number)
"""
RAN = "[(t.state.value, t.params, t.value, t.reports) for t in {name}.trials]"


def cell(
    name: str, options: str = "-b", place: str = "wait_for_go()", at: int = 1, total: int = 3
) -> str:
    return CELL.format(name=name, options=options, place=place, at=at, total=total)


@pytest.fixture(name="kernel")
def with_helpers(kernel: Kernel) -> Kernel:
    """The kernel of this file, the helpers above defined."""
    if kernel.value("'go' in globals()") == "False":
        kernel.run(SETUP)
    kernel.run("go.clear(); told.set()")
    return kernel


def waiting(kernel: Kernel, text: str) -> Execution:
    """A study in the background whose trial 1 waits."""
    running = kernel.start(text, person=True)
    assert running.finish().error is None, running.shown.told
    kernel.until(f"len({text.split()[1]})", "2")
    return running


def finished(kernel: Kernel, name: str) -> None:
    kernel.run("go.set()")
    kernel.until(f"{name}.state", "'finished'")


def test_the_cell_comes_back_and_the_study_goes_on_between_cells(kernel: Kernel) -> None:
    kernel.run("go.set()")
    kernel.run(cell("alone", ""))
    kernel.run("go.clear()")
    running = waiting(kernel, cell("behind"))
    for number in range(5):
        assert kernel.value(f"{number} + 1, behind.state, len(behind)") == (
            f"({number + 1}, 'running', 2)"
        )
    # nothing of the trial's is seen from the user's cells, and the other way round
    assert kernel.value("[n for n in ('x', 'v', 'step') if n in globals()]") == "[]"
    kernel.run("random.seed(1); x = v = step = 'mine'")
    drawn = kernel.value("random.Random(1).random()")
    finished(kernel, "behind")
    assert kernel.value("random.random(), x, v, step") == f"({drawn}, 'mine', 'mine', 'mine')"
    kernel.run("del x, v, step")
    assert kernel.value(RAN.format(name="behind")) == kernel.value(RAN.format(name="alone"))
    running.later(lambda shown: shown.view.startswith("behind: finished, 3"))
    assert running.shown.marks == ["0", "1", "2"]


def test_what_trial_0_prints_and_displays_goes_to_the_studys_cell(kernel: Kernel) -> None:
    running = kernel.start(cell("prints", at=0))
    assert running.finish().error is None
    users = [kernel.run(f"print('mine', {number}); display('own')") for number in range(3)]
    finished(kernel, "prints")
    running.later(lambda shown: shown.view.startswith("prints: finished"))
    assert [shown.stdout for shown in users] == ["mine 0\n", "mine 1\n", "mine 2\n"]
    assert [len(shown.displays) for shown in users] == [1, 1, 1]
    assert running.shown.stdout == "printed by 0\n"
    assert [d["text/plain"] for d in running.shown.displays[1:] if "trial" in str(d)][:1] == [
        "{'trial': 0}"
    ]
    assert kernel.value("prints.trials[2].output.splitlines()") == (
        """['printed by 2', "{'trial': 2}"]"""
    )


def test_the_error_of_trial_0_is_shown_in_the_studys_cell(kernel: Kernel) -> None:
    running = kernel.start(cell("fails", place="1 / 0", at=0))
    assert running.finish().status == "ok"
    shown = running.later(lambda shown: shown.error is not None)
    assert shown.error is not None and shown.error.ename == "ZeroDivisionError"
    assert "1 / 0" in shown.error.traceback and "jupyter_hpo" not in shown.error.traceback
    assert kernel.value("fails.state, fails.trials[0].state.value") == "('failed', 'FAIL')"
    assert kernel.value("1 + 1") == "2"


def test_the_button_in_the_users_own_cell_is_for_that_cell(kernel: Kernel) -> None:
    waiting(kernel, cell("apart"))
    own = kernel.start("mark('own')\nwhile True: time.sleep(0.01)")
    own.marked("own")
    kernel.interrupt()
    shown = own.finish()
    assert shown.error is not None and shown.error.ename == "KeyboardInterrupt"
    assert kernel.value("apart.state, len(apart)") == "('running', 2)"
    finished(kernel, "apart")


def test_the_button_while_no_cell_runs_pauses_the_study(kernel: Kernel) -> None:
    running = waiting(kernel, cell("idle"))
    kernel.interrupt()
    kernel.until("idle.state", "'paused'")
    assert "trial 1 is parked at" in kernel.value("idle.record.info.message")
    # and then it is nobody's
    kernel.interrupt()
    assert kernel.value("1 + 1") == "2"
    kernel.run("idle.resume()")
    finished(kernel, "idle")
    assert running.shown.error is None


def test_while_a_cell_blocks_the_kernel_the_view_says_so(kernel: Kernel) -> None:
    running = waiting(kernel, cell("stands"))
    page = Page.of(kernel, running)
    own = kernel.start("mark('own')\nwhile True: time.sleep(0.01)")
    own.marked("own")
    page.until(lambda: page.info["message"] == "waiting for your cell to end")
    kernel.interrupt()
    own.finish()
    finished(kernel, "stands")
    assert "waiting for your cell" not in running.shown.view


@pytest.mark.parametrize("wait", ["{}.wait()", "%tune wait {}", "%tune wait"])
def test_wait(kernel: Kernel, wait: str) -> None:
    waiting(kernel, cell("awaited"))
    # in one cell: between two the study would go on, and be over before anybody waits
    shown = kernel.run("threading.Timer(0.1, go.set).start()\n" + wait.format("awaited"))
    assert shown.error is None and shown.stdout == ""
    assert kernel.value("awaited.state, len(awaited)") == "('finished', 3)"


def test_wait_for_some_time_and_for_what_is_paused(kernel: Kernel) -> None:
    waiting(kernel, cell("patient"))
    assert kernel.value("patient.wait(0.1), patient.state") == "(None, 'running')"
    kernel.run("patient.pause()")
    assert kernel.value("patient.wait(), patient.wait(9), patient.state") == (
        "(None, None, 'paused')"
    )
    kernel.run("patient.resume()")
    finished(kernel, "patient")


def test_the_button_while_a_cell_waits_pauses_the_study(kernel: Kernel) -> None:
    waiting(kernel, cell("waited"))
    own = kernel.start("told.clear()\nwaited.wait()\nmark(waited.state)")
    own.marked("waits")  # by the trial, which runs in `wait` now
    kernel.interrupt()
    assert own.finish().marks == ["waits", "paused"]
    kernel.run("waited.resume()")
    finished(kernel, "waited")


def test_a_study_paused_in_its_cell_goes_on_in_the_background(kernel: Kernel) -> None:
    kernel.run("told.clear()")
    running = kernel.start(cell("handed", ""))
    running.marked("waits")
    kernel.interrupt()
    assert "trial 1 is parked" in running.finish().told
    assert kernel.run("handed.resume()").error is None
    assert kernel.value("handed.state") == "'running'"
    kernel.run("handed.pause()")
    assert kernel.value("handed.state") == "'paused'"
    kernel.run("handed.resume(); handed.resume()")
    finished(kernel, "handed")


VERBS = [
    ("%tune pause {}", "paused"),
    ("%tune pause", "paused"),
    ("{}.pause()", "paused"),
    ("%tune resume {}", "running"),
    ("%tune resume", "running"),
    ("%tune stop {}", "stopped"),
]


def test_verbs_with_and_without_a_name(kernel: Kernel) -> None:
    waiting(kernel, cell("steered"))
    for line, state in VERBS:
        told = kernel.run(line.format("steered"))
        assert told.error is None, told.told
        assert kernel.value("steered.state") == f"'{state}'", line
        assert line.startswith("{") or "study 'steered'" in told.stdout
    for verb in ("pause", "resume", "skip", "stop", "wait"):
        assert "no study is running or paused" in kernel.run(f"%tune {verb}").told


INSIDE = [
    "get_ipython().run_cell_magic('tune', 'in --minimize v', 'x: Float(0, 1) = 0.5\\nv = x')",
    "nests.wait()",
    "nests.resume()",
    "nests.replay(0)",
    "get_ipython().run_line_magic('tune', 'wait nests')",
    "get_ipython().run_line_magic('tune', 'resume nests')",
]


@pytest.mark.parametrize("options", ["", "-b"])
def test_nesting_is_refused(kernel: Kernel, options: str) -> None:
    kernel.run(
        "refused = []\ndef attempt(line):\n    try: eval(line)\n"
        "    except Exception as error: refused.append((type(error).__name__, str(error)))"
    )
    place = f"[attempt(line) for line in {INSIDE}] if step == 0 else None"
    kernel.run(cell("nests", f"--shared refused {options}", place))
    finished(kernel, "nests")
    assert kernel.value("len(refused), {kind for kind, _ in refused}") == (
        f"({len(INSIDE)}, {{'StudyError'}})"
    )
    assert kernel.value("all('inside a trial' in told for _, told in refused)") == "True"

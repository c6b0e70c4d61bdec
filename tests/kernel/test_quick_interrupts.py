"""■ pressed several times, at bad moments, or after the cell has taken SIGINT for itself."""

from __future__ import annotations

import random
import time

import pytest
from kernels import Kernel

SETUP = """
import signal, time
from jupyter_hpo.errors import StudyInterrupted
users = signal.getsignal(signal.SIGINT)
"""
CELL = """%%tune {name} --minimize v -n {n} -o random {options}
x: Float(0, 1) = 0.5
v = x
for step in range(3):
    v = v + trial.rng.random()
    {body}
"""
RAN = "[(t.number, t.state.value, t.value) for t in {name}.trials]"


def cell(name: str, body: str = "time.sleep(0.005)", n: int = 30, options: str = "") -> str:
    return CELL.format(name=name, body=body, n=n, options=options)


def test_several_presses_leave_one_quiet_line(kernel: Kernel) -> None:
    kernel.run(SETUP)
    kernel.run(cell("calm"))
    chance, sittings, state = random.Random(0), 0, "'paused'"
    while state == "'paused'" and sittings < 12:
        running = kernel.start(cell("stormy", options="--resume" if sittings else ""))
        running.until(lambda shown: bool(shown.displays))
        time.sleep(chance.uniform(0, 0.05))
        for _ in range(chance.randrange(2, 7)):
            kernel.interrupt()
            time.sleep(chance.uniform(0, 0.03))
        shown = running.finish()
        sittings += 1
        assert shown.stderr == ""
        if shown.error is not None:
            assert shown.error.ename == "StudyInterrupted", shown.error.traceback
            assert len(shown.error.traceback.strip().splitlines()) == 1
        assert kernel.value("signal.getsignal(signal.SIGINT) is users") == "True"
        assert kernel.value("'x' in globals(), 'step' in globals()") == "(False, False)"
        state = kernel.value("stormy.state")
    if state == "'paused'":
        assert kernel.run(cell("stormy", options="--resume")).error is None
    assert kernel.value(RAN.format(name="stormy")) == kernel.value(RAN.format(name="calm"))


@pytest.mark.parametrize("handler", ["signal.SIG_IGN", "lambda *ignored: None"])
def test_a_trial_that_takes_sigint_does_not_disarm_the_button(kernel: Kernel, handler: str) -> None:
    kernel.run(SETUP)
    body = (
        f"if trial.number == 0: signal.signal(signal.SIGINT, {handler})\n"
        "    while trial.number == 2:\n        mark('waiting'); time.sleep(0.02)"
    )
    running = kernel.start(cell("taken", body))
    running.marked("waiting")
    kernel.interrupt()
    shown = running.finish()
    assert shown.error is not None and shown.error.ename == "StudyInterrupted"
    assert kernel.value("taken.state, len(taken)") == "('paused', 3)"
    assert kernel.value("signal.getsignal(signal.SIGINT) is users") == "True"


def test_the_button_is_the_users_again_in_code_that_goes_on_after_the_study(
    kernel: Kernel,
) -> None:
    kernel.run(SETUP)
    study = cell("inner", "mark('study'); time.sleep(0.02)").partition("\n")
    running = kernel.start(
        "def tune():\n"
        f"    try: get_ipython().run_cell_magic('tune', {study[0][7:]!r}, {study[2]!r})\n"
        "    except StudyInterrupted: mark('caught')\n"
        "tune()\nwhile True: mark('on'); time.sleep(0.02)"
    )
    running.marked("study")
    kernel.interrupt()
    shown = running.marked("on")
    assert "caught" in shown.marks
    kernel.interrupt()
    shown = running.finish()
    assert shown.error is not None and shown.error.ename == "KeyboardInterrupt"
    assert kernel.value("inner.state") == "'paused'"


def test_a_press_before_the_trials_own_code_keeps_it_from_beginning(kernel: Kernel) -> None:
    kernel.run(
        SETUP
        + "class Slow:\n"
        + "    def __deepcopy__(self, memo):\n"
        + "        if trial.number == 1: mark('copying'); time.sleep(0.3)\n"
        + "        return Slow()\n"
        + "slow, ran = Slow(), set()"
    )
    body = "ran.add((trial.number, type(slow)))"
    running = kernel.start(cell("copied", body, options="--fresh slow --shared ran"))
    running.marked("copying")
    kernel.interrupt()
    shown = running.finish()
    assert shown.error is not None and shown.error.ename == "StudyInterrupted", shown.told
    assert kernel.value("[number for number, _ in ran], copied.state") == "([0], 'paused')"

"""`study.edit_space`: while the study is in the background, and once it is resumed."""

from __future__ import annotations

import pytest
from kernels import Kernel

CELL = """%%tune edited --minimize v -n {total} -o {how}{options}
x: {x} = 0.5
act: Categorical("relu", math.sin, "tanh") = "relu"
v = x + len(str(act))
if trial.number == 1: wait_for_go()
mark(trial.number)
"""
SETUP = """
import math, threading, time
from jupyter_hpo import Categorical, Float
go = threading.Event()
def wait_for_go():
    while not go.is_set(): time.sleep(0.002)
"""
NARROW = 'Float(0, 0.25), act=Categorical(math.sin, "gelu")'
INSIDE = "all(t.params['x'] <= 0.25 and t.params['act'] in (math.sin, 'gelu') for t in {})"
NOTES = "[n for n in edited.record.info.notes if n.startswith('Search space edited')]"


def cell(options: str = "", total: int = 6, how: str = "random", x: str = "Float(0, 1)") -> str:
    return CELL.format(options=f" {options}", total=total, how=how, x=x)


@pytest.fixture(name="kernel")
def with_helpers(kernel: Kernel) -> Kernel:
    """The kernel of this file, the helpers above defined."""
    kernel.run(SETUP)
    return kernel


@pytest.mark.parametrize("how", ["random", "sobol"])
def test_in_the_background_paused_and_after_a_restart(kernel: Kernel, how: str) -> None:
    running = kernel.start(cell("-b", how=how), person=True)
    assert running.finish().error is None, running.shown.told
    kernel.until("len(edited)", "2")
    # at once, though a trial is in the middle of its run, and not for that one
    assert (
        kernel.run(f"held = dict(edited.trials[1].params)\nedited.edit_space(x={NARROW})").told
        == ""
    )
    assert kernel.value("sorted(edited.record.info.edits)") == "['act', 'x']"
    assert "x Float(0.0, 0.25), was Float(0.0, 1.0); act " in kernel.value(NOTES)
    kernel.run("go.set()")
    kernel.until("edited.state", "'finished'")
    assert kernel.value("edited.trials[1].params == held") == "True"
    assert kernel.value(INSIDE.format("edited.trials[2:]")) == "True"
    assert kernel.value("[t.state.value for t in edited.trials]") == str(["COMPLETE"] * 6)

    kernel.restart()
    kernel.run(SETUP + "go.set()")
    shown = kernel.run(cell("--resume", 9, how))
    assert shown.error is None, shown.told
    assert kernel.value(INSIDE.format("edited.trials[2:]") + ", len(edited)") == "(True, 9)"
    assert kernel.value(f"len({NOTES})") == "1"

    # what is declared otherwise now is searched as it is declared
    shown = kernel.run(cell("--resume", 14, how, "Float(0.5, 1)"))
    assert shown.error is None, shown.told
    assert kernel.value("all(t.params['x'] >= 0.5 for t in edited.trials[9:])") == "True"
    assert kernel.value("'relu' in [t.params['act'] for t in edited.trials[9:]]") == "False"
    # a choice that the cell does not have is written as it is
    assert kernel.value("edited.best_params['act']") == "'gelu'"
    assert "act = 'gelu'\n" in kernel.run("%tune code edited").stdout
    kernel.run(cell("", 1, how))  # a new run, of the cell's own space
    assert kernel.value("dict(edited.record.info.edits)") == "{}"


def test_resumed_in_the_same_kernel(kernel: Kernel) -> None:
    running = kernel.start(cell("-b"), person=True)
    assert running.finish().error is None, running.shown.told
    kernel.until("len(edited)", "2")
    # the choice that the running trial has is dropped as well
    kernel.run(
        "its = edited.trials[1].params['act']\n"
        "others = [c for c in ('relu', math.sin, 'tanh') if c is not its]\n"
        "edited.edit_space(act=Categorical(*others))"
    )
    kernel.run("edited.pause()")
    assert kernel.value("edited.state") == "'paused'"
    kernel.run(f"edited.edit_space(x={NARROW}); edited.enqueue(x=0.125)")
    assert kernel.value("[row['x'] for row in edited.record.info.queue]") == "[0.125]"
    shown = kernel.run("go.set(); before = edited")
    shown = kernel.run(cell("--resume"))
    assert shown.error is None, shown.told
    assert kernel.value("edited is before, edited.trials[2].params['x']") == "(True, 0.125)"
    assert kernel.value(INSIDE.format("edited.trials[2:]")) == "True"
    assert kernel.value("edited.trials[1].params['act'] == its") == "True"
    assert kernel.value("edited.trials[1].state.value, edited.state") == "('COMPLETE', 'finished')"
    assert kernel.value("len(edited.trials[1].info['parked'])") == "1"


def test_from_another_thread_while_the_cell_blocks_the_kernel(kernel: Kernel) -> None:
    kernel.run(
        "def ask():\n"
        "    while 'edited' not in globals() or len(edited) < 2: time.sleep(0.002)\n"
        f"    edited.edit_space(x={NARROW})\n"
        "    edited.enqueue(x=0.125)\n"
        "    said.append(len(edited.record.info.queue))\n"
        "    go.set()\n"
        "said = []; globals().pop('edited', None)\n"
        "thread = threading.Thread(target=ask); thread.start()"
    )
    shown = kernel.run(cell())
    assert shown.error is None, shown.told
    kernel.run("thread.join()")
    assert kernel.value("said, edited.trials[2].params['x']") == "([0], 0.125)"
    assert kernel.value(INSIDE.format("edited.trials[2:]")) == "True"

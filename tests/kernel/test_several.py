"""Several studies at once: each ends with what it finds alone."""

from __future__ import annotations

import pytest
from conftest import Starter
from kernels import Kernel

SETUP = """
import os, random, threading, time, torch
torch.set_num_threads(1)
go = {}
def pass_gate(name):
    while not go.get(name, True): time.sleep(0.002)
"""
CELL = """%%tune {name} --minimize v -n 4 -o random --seed {seed} --shared go {options}
x: Float(0, 1) = 0.5
w = torch.zeros(2, requires_grad=True)
for step in range(5):
    (w - torch.rand(2)).square().sum().backward()
    with torch.no_grad():
        w -= x * w.grad
        if trial.number == 1: pass_gate('{name}')
    w.grad = None
    v = float(w.sum()) + random.random()
    if step == 1: mark(trial.number)
"""
NAMES = ("first", "second", "third", "fourth")
RAN = "[(t.state.value, t.params, t.value, t.reports) for t in {name}.trials]"


def cell(name: str, options: str = "") -> str:
    return CELL.format(name=name, seed=NAMES.index(name), options=options)


@pytest.fixture(name="kernel")
def with_helpers(kernel: Kernel) -> Kernel:
    """The kernel of this file, the helpers above defined."""
    if kernel.value("'go' in globals()") == "False":
        kernel.run(SETUP)
    kernel.run("go.clear()")
    return kernel


def test_each_ends_with_what_it_finds_alone(kernel: Kernel) -> None:
    alone = []
    for name in NAMES:
        assert kernel.run(cell(name)).error is None
        alone.append(kernel.value(RAN.format(name=name)))
    assert len(set(alone)) == 4
    kernel.run("go.update(first=False, second=False, third=False)")
    # two in the background, one paused, one in its cell
    for name in ("first", "second", "third"):
        kernel.start(cell(name, "-b")).later(lambda shown: "0" in shown.marks)
    kernel.until("[len(s) for s in (first, second, third)]", "[2, 2, 2]")
    kernel.run("%tune pause third")
    kernel.run("torch.manual_seed(7); random.seed(7)")
    assert kernel.run(cell("fourth")).error is None
    assert kernel.value("[s.state for s in (first, second, third, fourth)]") == (
        "['running', 'running', 'paused', 'finished']"
    )
    kernel.run("go.clear()")
    kernel.until("[first.state, second.state]", "['finished', 'finished']")
    kernel.run("third.wait(); third.resume()")
    kernel.run("third.wait()")
    assert [kernel.value(RAN.format(name=name)) for name in NAMES] == alone
    drawn = kernel.value("torch.rand(1).item(), random.random()")
    kernel.run("torch.manual_seed(7); random.seed(7)")
    assert kernel.value("torch.rand(1).item(), random.random()") == drawn


@pytest.mark.parametrize("state", ["running", "paused"])
def test_running_a_cell_again_stops_and_keeps_the_one_before(kernel: Kernel, state: str) -> None:
    kernel.run("go.update(first=False)")
    kernel.start(cell("first", "-b")).later(lambda shown: "0" in shown.marks)
    kernel.until("len(first)", "2")
    if state == "paused":
        kernel.run("first.pause()")
    kernel.run(
        "old = first\n"
        "def opening():\n"
        "    while old.state != 'stopped': time.sleep(0.01)\n"
        "    go.clear()\n"
        "threading.Thread(target=opening, daemon=True).start()"
    )
    was = "paused" if state == "paused" else "running in the background"
    shown = kernel.run(cell("first"))
    assert shown.error is None, shown.told
    run = kernel.value("old.record.info.run")
    assert (
        f"Run {run} of this study was {was} after 1 of 4 trials and is kept; "
        f"`--resume --run {run}` goes on with it." in " ".join(shown.view.split())
    )
    assert kernel.value("old.state, [t.state.value for t in old.trials], len(first)") == (
        "('stopped', ['COMPLETE', 'INTERRUPTED'], 4)"
    )
    assert kernel.run(cell("first", f"--resume --run {run}")).error is None
    assert kernel.value(
        f"first.record.info.run, first.state == 'finished', {RAN}".format(name="first")
    ).startswith(f"({run}, True, ")


def test_the_button_while_no_cell_runs_pauses_all(kernel: Kernel) -> None:
    kernel.run("go.update(first=False, second=False)")
    for name in ("first", "second"):
        kernel.start(cell(name, "-b")).later(lambda shown: "0" in shown.marks)
    kernel.until("len(first), len(second)", "(2, 2)")
    kernel.interrupt()
    kernel.until("'paused' in (first.state, second.state)")
    kernel.interrupt()
    kernel.until("first.state, second.state", "('paused', 'paused')")
    kernel.run("%tune stop first")
    kernel.run("%tune stop second")


def test_two_parked_studies_end_with_their_kernel(start: Starter) -> None:
    kernel = start()
    kernel.run(SETUP)
    kernel.run("go.update(first=False, second=False)")
    for name in ("first", "second"):
        body = cell(name, "-b").replace(
            f"pass_gate('{name}')",
            f"\n            try: pass_gate('{name}')\n"
            f"            finally: open('{name}', 'w').close()",
        )
        kernel.start(body).later(lambda shown: "0" in shown.marks)
    kernel.until("len(first), len(second)", "(2, 2)")
    kernel.run("first.pause()")
    kernel.shut_down()
    assert (kernel.directory / "first").exists() and (kernel.directory / "second").exists()

"""`--pruner` ends trials of a cell at the iterations of its loop."""

from __future__ import annotations

import ast

import pytest
from kernels import Kernel

CELL = """%%tune pr --minimize loss -n 12 -o random --shared closed {options}
x: Float(0, 1) = 0.3
model = [x]
try:
    for epoch in range(8):
        loss = (x - 0.3) ** 2 + 1 / (epoch + 1)
        later = epoch
finally:
    closed.append((trial.number, epoch))
"""
STATES = "[(t.state.value, len(t.reports), t.value is None) for t in pr.trials]"


def states(kernel: Kernel) -> list[tuple[str, int, bool]]:
    found: list[tuple[str, int, bool]] = ast.literal_eval(kernel.value(STATES))
    return found


@pytest.mark.parametrize("options", ["", "--background"])
def test_poor_trials_end_at_an_iteration(kernel: Kernel, options: str) -> None:
    kernel.run("closed = []; x = 'mine'; loss = 'mine, too'")
    shown = kernel.run(CELL.format(options=f"--pruner 'median(startup=2)' {options}"))
    assert shown.error is None, shown.told
    kernel.run("pr.wait()")
    found = states(kernel)
    pruned = [number for number, (state, *_) in enumerate(found) if state == "PRUNED"]
    assert len(found) == 12 and len(pruned) > 2 and 0 not in pruned
    for number, (_, reports, empty) in enumerate(found):
        assert empty == (number in pruned)
        assert (reports < 8) == (number in pruned)
    closed = ast.literal_eval(kernel.value("closed"))  # what the cell does at the end is done
    assert closed == [(n, reports - 1) for n, (_, reports, _) in enumerate(found)]
    assert kernel.value("(x, loss, 'model' in globals(), 'epoch' in globals())") == (
        "('mine', 'mine, too', False, False)"
    )
    assert "worse than the median of" in kernel.value(f"pr.trials[{pruned[0]}].reason")
    assert f"{len(pruned)} pruned" in kernel.value("str(pr)")


def test_none_runs_every_trial_to_its_end(kernel: Kernel) -> None:
    kernel.run("closed = []")
    assert kernel.run(CELL.format(options="--pruner none")).error is None
    assert {state for state, *_ in states(kernel)} == {"COMPLETE"}


def test_a_pruner_of_the_notebook(kernel: Kernel) -> None:
    kernel.run(
        "closed = []\n"
        "class Second:\n"
        "    def prune(self, trial, peers):\n"
        "        return 'second' if len(trial) == 2 and trial.number > 9 else ''\n"
        "mine = Second()"
    )
    assert kernel.run(CELL.format(options="--pruner mine")).error is None
    assert [state for state, *_ in states(kernel)] == ["COMPLETE"] * 10 + ["PRUNED"] * 2


def test_a_misspelt_pruner_runs_nothing(kernel: Kernel) -> None:
    kernel.run("closed = []")
    shown = kernel.run(CELL.format(options="--pruner medain"))
    assert "there is no pruner 'medain'; did you mean 'median'?" in shown.told
    assert kernel.value("closed") == "[]"

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


@pytest.mark.parametrize("options", ["", "--background"])
@pytest.mark.parametrize("pruner", ["asha", "hyperband", "screen"])
def test_the_most_promising_go_on_and_the_others_end_where_they_stood(
    kernel: Kernel, pruner: str, options: str
) -> None:
    kernel.run("closed = []; x = 'mine'; loss = 'mine, too'")
    shown = kernel.run(CELL.format(options=f"--pruner {pruner} {options}"))
    assert shown.error is None, shown.told
    kernel.run("between = (x, loss, 'model' in globals())")
    kernel.run("pr.wait()")
    found = states(kernel)
    complete = [number for number, (state, *_) in enumerate(found) if state == "COMPLETE"]
    assert len(found) == 12 and 0 in complete and 3 <= len(complete) < 12
    for number, (state, reports, empty) in enumerate(found):
        assert state == ("COMPLETE" if number in complete else "PRUNED")
        assert (reports == 8) == (number in complete) == (not empty)
    closed = ast.literal_eval(kernel.value("closed"))
    assert sorted(closed) == [(n, reports - 1) for n, (_, reports, _) in enumerate(found)]
    assert closed != sorted(closed)  # some waited while others ran
    assert kernel.value("(*between, 'epoch' in globals())") == "('mine', 'mine, too', False, False)"
    assert (
        kernel.value(
            "pr.best_trial.number == min(pr.trials, key=lambda t: (t.params['x'] - .3) ** 2).number"
        )
        == "True"
    )


def test_a_study_is_paused_while_trials_wait_and_goes_on_with_them(kernel: Kernel) -> None:
    kernel.run(
        "closed = []\n"
        "def check(epoch):\n"
        "    if trial.number == 5 and epoch == 0:\n"
        "        pr.pause()"
    )
    cell = CELL.replace("later = epoch", "check(epoch)").format(options="--pruner asha")
    assert "is paused after 1 of 12 trials: trial 5 is parked" in kernel.run(cell).told
    assert kernel.value("pr.state") == "'paused'"
    waiting = ast.literal_eval(kernel.value("[t.number for t in pr.trials if t.waits]"))
    assert len(waiting) >= 2
    assert kernel.value("('model' in globals(), 'epoch' in globals())") == "(False, False)"
    kernel.run("epoch = 'mine'; pr.resume(); pr.wait()")
    assert kernel.value("(pr.state, epoch)") == "('finished', 'mine')"
    found = states(kernel)
    assert {state for state, *_ in found} == {"COMPLETE", "PRUNED"}
    closed = ast.literal_eval(kernel.value("closed"))
    assert sorted(closed) == [(n, reports - 1) for n, (_, reports, _) in enumerate(found)]


def test_a_study_is_stopped_while_trials_wait_and_resumed(kernel: Kernel) -> None:
    kernel.run("closed = []\ndef check(epoch):\n    if trial.number == 6: pr.stop()")
    cell = CELL.replace("later = epoch", "check(epoch)")
    assert kernel.run(cell.format(options="--pruner asha")).error is None
    assert kernel.value("pr.state") == "'stopped'"
    left = [number for number, (state, *_) in enumerate(states(kernel)) if state == "INTERRUPTED"]
    assert len(left) >= 2
    kernel.run("closed = []\ndef check(epoch): pass")
    assert kernel.run(cell.format(options="--pruner asha --resume")).error is None
    found = states(kernel)
    assert len(found) == 12 and {state for state, *_ in found} == {"COMPLETE", "PRUNED"}

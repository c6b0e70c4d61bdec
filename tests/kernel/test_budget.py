"""`--budget` ends a study in the kernel, in the middle of a call if need be, and can be raised."""

from __future__ import annotations

import ast

from kernels import Kernel

CELL = """%%tune spent --minimize loss -o random --pruner none {options}
x: Float(0, 1) = 0.3
for epoch in range(8):
    loss = (x - 0.3) ** 2
    if trial.number == sleeps and epoch == 2:
        time.sleep(1000)
"""
STATES = "[(t.state.value, len(t.reports)) for t in spent.trials]"


def test_a_budget_ends_a_study_and_a_larger_one_goes_on(kernel: Kernel) -> None:
    def states() -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = ast.literal_eval(kernel.value(STATES))
        return found

    kernel.run("import time\nsleeps = None")
    assert kernel.run(CELL.format(options="--budget 19 epochs")).error is None
    assert states() == [("COMPLETE", 8)] * 2 + [("INTERRUPTED", 3)]
    assert "the budget of 19 epochs is spent; resumed with a larger" in kernel.value("str(spent)")
    assert kernel.run(CELL.format(options="--resume -t '21 epochs'")).error is None
    assert states() == [("COMPLETE", 8)] * 3  # it had five of eight: it may finish
    kernel.run("sleeps = 4")
    assert kernel.run(CELL.format(options="--resume --budget 3s")).error is None
    assert states() == [("COMPLETE", 8)] * 4 + [("INTERRUPTED", 2)]
    assert kernel.value("spent.state") == "'finished'"

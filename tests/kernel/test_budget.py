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


def test_how_much_can_be_said_anew_in_the_middle_of_a_trial(kernel: Kernel) -> None:
    cell = (
        "%%tune anew --minimize loss -o random --pruner none {options}\n"
        "x: Float(0, 1) = 0.3\n"
        "for epoch in range(8):\n"
        "    loss = (x - 0.3) ** 2\n"
        "    if trial.number == 2 and epoch == 4 and not get_ipython().user_ns['went']:\n"
        "        get_ipython().user_ns['went'].append(1)\n"
        "        anew.pause()\n"
    )
    clock = "any('one of time' in note for note in anew.record.info.notes)"

    def paused(options: str, options_then: str) -> None:
        kernel.run("went = []")
        shown = kernel.run(cell.format(options=options))
        assert "is parked at" in shown.told, shown
        shown = kernel.run(cell.format(options=f"--resume {options_then}"))
        assert shown.error is None, shown.told

    paused("--budget 100s", "-n 4")
    assert kernel.value(f"anew.state, len(anew), {clock}") == "('finished', 4, False)"
    paused("-n 3", "--budget '21 epochs'")  # twice 8 and 5: it may finish
    assert kernel.value(f"len(anew), {clock}") == "(3, False)"
    paused("--budget 30 epochs", "-n 4 --budget 100s")
    assert kernel.value(f"len(anew), anew.record.info.message, {clock}") == "(4, '', True)"


def test_a_budget_said_anew_is_that_of_the_parked_trial(kernel: Kernel) -> None:
    cell = (
        "%%tune longer --minimize loss -o random --pruner none {options}\n"
        "x: Float(0, 1) = 0.3\n"
        "import time\n"
        "loss = x\n"
        "if not get_ipython().user_ns['went']:\n"
        "    get_ipython().user_ns['went'].append(1)\n"
        "    longer.pause()\n"
        "    time.sleep(0)\n"
        "    time.sleep(2)\n"
    )
    kernel.run("went = []")
    assert "is parked at" in kernel.run(cell.format(options="--budget 0.5s")).told
    shown = kernel.run(cell.format(options="--resume -n 2 --budget 100s"))
    assert shown.error is None, shown.told
    assert kernel.value("[t.state.value for t in longer.trials]") == "['COMPLETE', 'COMPLETE']"


def test_an_optimizer_hears_of_another_number_of_trials_as_after_a_restart(kernel: Kernel) -> None:
    cell = (
        "%%tune {name} --minimize v {options}\n"
        "y: Int(1, 6) = 2\n"
        "z: Bool() = True\n"
        "v = (y - 4) ** 2 + z\n"
        "if trial.number == 3 and not get_ipython().user_ns['went']:\n"
        "    get_ipython().user_ns['went'].append(1)\n"
        "    {name}.pause()\n"
        "    pass\n"
    )
    for name in ("live", "anew"):
        kernel.run("went = []")
        assert "is paused" in kernel.run(cell.format(name=name, options="-n 5")).told
        if name == "anew":
            kernel.run("anew.suspend()")
        shown = kernel.run(cell.format(name=name, options="-n 12 --resume"))
        assert shown.error is None, shown.told
    told = "[t.params for t in {0}.trials], {0}.record.info.notes, {0}.record.info.expected"
    assert kernel.value(told.format("live")) == kernel.value(told.format("anew"))
    assert "auto chose grid" in kernel.value(told.format("live"))

"""The panel's half in the kernel: all studies in a line each, steered while a cell blocks it."""

from __future__ import annotations

import pytest
from kernels import Kernel
from pages import PANEL, Panel, Refused, helped

CELL = """%%tune {name} --minimize loss -n {total} -o random --no-baseline {options}
x: Float(0, 1) = 0.5
for step in range(3):
    loss = x + step
    if trial.number == {at} and step == 1:
        mark('waits')
        wait_for_go()
"""


def cell(name: str, options: str = "", at: int = 5, total: int = 8) -> str:
    return CELL.format(name=name, options=options, at=at, total=total)


@pytest.fixture(name="kernel")
def with_helpers(kernel: Kernel) -> Kernel:
    return helped(kernel)


def test_studies_are_listed_and_steered_while_a_cell_blocks_the_kernel(kernel: Kernel) -> None:
    assert PANEL not in kernel.opened  # a kernel that tunes nothing says nothing
    running = kernel.start(cell("first"), person=True)
    running.marked("waits")
    panel = Panel(kernel)
    panel.until(lambda: panel.named("first").get("done") == 5)
    line = panel.named("first")
    told = [line[key] for key in ("state", "aim", "live", "asked", "failed", "metric", "stored")]
    assert told == ["running", 8, True, "", 0, "loss", True]
    with pytest.raises(Refused, match="does not have this study"):
        panel.ask("nobody", "pause")
    with pytest.raises(Refused, match="'use', which is unknown"):
        panel.ask("first", "use")  # it lists and steers; all else is asked of the study's own page

    panel.ask("first", "pause")
    shown = running.finish()
    assert shown.error is not None and shown.error.ename == "StudyInterrupted"
    panel.until(lambda: panel.named("first")["state"] == "paused")
    assert "parked" in panel.named("first")["message"]

    kernel.run("go.set()")
    panel.ask("first", "resume")
    panel.until(lambda: panel.named("first")["state"] == "finished")
    line = panel.named("first")
    values = [
        float(each) for each in kernel.value("[t.value for t in first.trials]")[1:-1].split(",")
    ]
    leading = [n for n, value in enumerate(values) if value < min(values[:n], default=9.0)]
    assert line["leaders"] == [leading, [values[n] for n in leading]]
    assert (line["best"], line["done"], line["live"]) == (min(values), 8, False)

    # another study, and the first one's cell once more: its former run is not the kernel's any more
    before = line["uid"]
    kernel.run("go.clear()")
    second = kernel.start(cell("second"), person=True)
    second.marked("waits")
    panel.until(lambda: panel.named("second").get("done") == 5)
    panel.ask("second", "stop")
    second.finish()
    panel.until(lambda: panel.named("second")["state"] == "stopped")
    kernel.run("go.set()")
    kernel.run(cell("first"), person=True)
    panel.until(lambda: panel.named("first").get("run") == 2)
    panel.until(lambda: panel.named("first")["state"] == "finished")
    assert before not in panel.studies
    assert [each["name"] for each in panel.studies.values()] == ["second", "first"]


def test_a_comm_that_a_front_end_has_closed_is_opened_again(kernel: Kernel) -> None:
    kernel.run("go.set()")
    kernel.run(cell("again", total=2, at=9), person=True)
    closed = kernel.opened[PANEL]
    kernel.send("comm_close", {"comm_id": closed, "data": {}})
    kernel.run(cell("later", total=2, at=9), person=True)
    assert kernel.opened[PANEL] != closed
    panel = Panel(kernel)
    assert {"again", "later"} <= {each["name"] for each in panel.studies.values()}

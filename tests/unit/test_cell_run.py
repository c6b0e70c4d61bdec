"""The body of a trial: a cell run in a namespace, its reports, its names and its tracebacks."""

from __future__ import annotations

import asyncio
import linecache
import pickle
import sys
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import pytest
from cells import notebook, read

from jupyter_hpo.cell import is_coroutine
from jupyter_hpo.cell.body import CellBody
from jupyter_hpo.context import Running, TrialContext, trial
from jupyter_hpo.scalar import ObjectiveError

FILE = "<the cell>"
Steps = dict[int, float]


class Ran:
    """A cell that has been run once."""

    def __init__(
        self,
        text: str,
        metric: str = "loss",
        values: Mapping[str, Any] | None = None,
        names: dict[str, Any] | None = None,
        fresh: Mapping[str, Any] | None = None,
    ) -> None:
        self.names = notebook(trial=trial) if names is None else names
        cell = read(text, metric, self.names)
        body = CellBody(cell, cell.compile(FILE), self.names, lambda: fresh or {})
        self.names["__builtins__"] = __builtins__  # as IPython has it
        self.before = dict(self.names)
        self.body = body
        self.context = TrialContext(0, {**(cell.space.defaults() or {}), **(values or {})})
        self.error: BaseException | None = None
        self.value: Any = None
        with Running(self.context):
            try:
                self.value = body.run(self.context, nullcontext())
            except BaseException as error:
                self.error = error

    @property
    def reports(self) -> Steps:
        if self.error is not None:
            raise self.error
        return self.context.reports

    @property
    def own(self) -> dict[str, Any]:
        kept = self.body._overlay
        assert kept is not None
        return kept.own


def reports(loop: str, **names: Any) -> Steps:
    return Ran(f"lr: LR = 0.01\nloss = None\n{loop}", names=notebook(trial=trial, **names)).reports


def at(*values: float) -> Steps:
    return dict(enumerate(values))


# -- automatic reports ----------------------------------------------------------------------------


def test_one_report_per_iteration_with_the_value_at_its_end() -> None:
    loop = """
total = 0.0
for epoch in range(3):
    loss = 0.0
    for batch in range(4):
        loss += epoch
"""
    assert reports(loop) == at(0.0, 4.0, 8.0)


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("for k in range(3):\n    loss = k\n    continue\n    loss = 9", at(0, 1, 2)),
        ("for k in range(9):\n    loss = k\n    if k == 2: break", at(0, 1, 2)),
        ("for k in range(3):\n    loss = k\nelse:\n    loss = 9", at(0, 1, 2)),
        ("for k in range(9):\n    loss = k\n    if k == 1: break\nelse:\n    loss = 9", at(0, 1)),
        (
            "for k in range(3):\n    try:\n        continue\n    finally:\n        loss = k",
            at(0, 1, 2),
        ),
        ("for k in range(9):\n    try:\n        break\n    finally:\n        loss = k", at(0)),
        ("for k in []:\n    loss = k", {}),
        ("for k in range(3):\n    pass\nloss = 9", {}),
        ("for k in range(3):\n    with open_() as loss:\n        pass", at(1, 1, 1)),
        ("for loss in [3, 2, 2]:\n    pass", at(3, 2, 2)),
        ("for k in range(2):\n    for loss in [5, 4]:\n        pass", at(4, 4)),
        ("for k in range(2):\n    (loss, n), *rest = (k, 1), 2, 3", at(0, 1)),
        ("for k in range(2):\n    loss: float = k + 0.5", at(0.5, 1.5)),
        ("for k in range(2):\n    loss: float", {}),
        ("for k in range(3):\n    if (loss := 7) > 3: pass", at(7, 7, 7)),
        ("for k in range(2):\n    kept = [loss := j for j in range(3)]", at(2, 2)),
        ("for k in range(2):\n    kept = [loss for loss in range(3)]", {}),
        ("for k in range(2):\n    f = lambda: (loss := 3)\n    f()", {}),
        ("k = 0\nwhile k < 3:\n    loss = 5\n    k += 1", at(5, 5, 5)),
        ("k = 0\nwhile k < 3:\n    k += 1\n    loss = k\n    continue", at(1, 2, 3)),
        ("k = 0\nwhile True:\n    loss = k\n    k += 1\n    if k == 2: break", at(0, 1)),
        ("k = 0\nwhile k < 2:\n    k += 1\n    loss = k\nelse:\n    loss = 9", at(1, 2)),
        ("v = iter([5, 5, 4, 1])\nwhile (loss := next(v)) > 3:\n    pass", at(5, 5, 4)),
        ("v = iter([5, 5])\nwhile (loss := next(v, 0)) and True:\n    loss = 3", at(3, 3)),
        ("while (loss := 3) > 3:\n    pass", {}),
        ("while False:\n    loss = 1", {}),
    ],
)
def test_reports_of_a_loop(loop: str, expected: Steps) -> None:
    class Manager:
        def __enter__(self) -> int:
            return 1

        def __exit__(self, *anything: object) -> None:
            pass

    assert reports(loop, open_=Manager) == expected


@pytest.mark.parametrize(
    "frame",
    ["with manager():\n    {}", "try:\n    {}\nfinally:\n    pass", "if mode == 'fast':\n    {}"],
)
def test_a_loop_within_a_block_reports(frame: str) -> None:
    loop = frame.format("for k in range(2):\n        loss = k")
    assert reports(loop, manager=nullcontext) == at(0, 1)


def test_an_iteration_that_does_not_assign_makes_no_report() -> None:
    seen = reports("for k in range(6):\n    if k % 2: loss = 4.0")
    assert list(seen.values()) == [4.0, 4.0, 4.0]
    assert reports("loss = 3\nfor k in range(3):\n    if k == 5: loss = 1") == {}


def test_what_is_no_number_is_not_reported() -> None:
    seen = reports("for value in ['a', None, [1], {}, 2.0, 'b']:\n    loss = value")
    assert list(seen.values()) == [2.0]


def test_values_that_are_not_finite_are_reported() -> None:
    seen = reports("for value in ['inf', '-inf', 'nan']:\n    loss = float(value)")
    assert [str(value) for value in seen.values()] == ["inf", "-inf", "nan"]


def test_a_metric_assigned_by_a_function_is_seen_in_a_loop_that_reports() -> None:
    loop = """
def measure():
    global loss
    loss = epoch + 0.5
for epoch in range(3):
    if epoch == 9:
        loss = 1
    measure()
"""
    assert reports(loop) == at(0.5, 1.5, 2.5)


def test_a_loop_in_a_function_reports_nothing() -> None:
    function = "def f():\n    for k in range(3):\n        loss = k\n    return loss"
    ran = Ran(f"lr: LR = 0.01\n{function}\nloss = f()")
    assert ran.reports == {}
    assert ran.value == 2


def test_two_loops_count_on() -> None:
    assert reports("for k in range(2):\n    loss = k\nfor k in range(5, 7):\n    loss = k") == at(
        0, 1, 5, 6
    )


def test_an_iteration_that_raises_makes_no_report() -> None:
    loop = """
try:
    for k in range(5):
        loss = k
        if k == 2:
            raise ValueError
except ValueError:
    loss = 100
for k in range(2):
    loss = 10 + k
"""
    assert reports(loop) == at(0, 1, 10, 11)
    assert reports(loop.replace("for k in range(2)", "k = 0\nwhile (k := k + 1) < 2")) == at(
        0, 1, 11
    )


def test_the_first_report_by_hand_ends_the_automatic_ones() -> None:
    loop = """
for k in range(4):
    loss = k
    if k == 2:
        trial.report(20, accuracy=0.5)
"""
    ran = Ran(f"lr: LR = 0.01\n{loop}")
    assert ran.reports == at(0, 1, 20)
    assert ran.context.logged == {"accuracy": 0.5}


def test_a_report_may_name_its_step() -> None:
    ran = Ran(
        "lr: LR = 0.01\nfor k in range(3):\n    loss = k\n    trial.report(loss, step=k * 10)"
    )
    assert ran.reports == {0: 0, 10: 1, 20: 2}


def test_items_of_a_loop_are_those_of_the_plain_cell() -> None:
    class Stops:
        """An iterator that may be asked again after it has ended."""

        def __init__(self) -> None:
            self.asked = 0

        def __iter__(self) -> Stops:
            return self

        def __next__(self) -> int:
            self.asked += 1
            if self.asked % 3 == 0:
                raise StopIteration
            return self.asked

    items = Stops()
    assert reports(
        "for k in items:\n    loss = k\nfor k in items:\n    loss = k", items=items
    ) == at(1, 2, 4, 5)
    with pytest.raises(TypeError, match="'int' object is not iterable"):
        _ = reports("for k in 5:\n    loss = k")


# -- the value ------------------------------------------------------------------------------------


def test_the_value_is_what_the_name_holds_at_the_end() -> None:
    ran = Ran("lr: LR = 0.01\nfor k in [3, 1, 2]:\n    loss = k\nloss = loss * 10")
    assert ran.value == 20


@pytest.mark.parametrize("text", ["if lr > 1:\n    loss = 3", "loss = 1\ndel loss"])
def test_a_stale_metric_of_the_notebook_is_not_the_trials(text: str) -> None:
    ran = Ran(f"lr: LR = 0.01\n{text}", names=notebook(loss=0.123))
    assert isinstance(ran.error, ObjectiveError)
    assert str(ran.error) == "the cell ended without assigning `loss`"
    assert ran.names["loss"] == 0.123


def test_a_stale_metric_cannot_be_read_either() -> None:
    ran = Ran("lr: LR = 0.01\nloss = loss + 1", names=notebook(loss=0.123))
    assert isinstance(ran.error, NameError)


def test_a_metric_equal_to_the_notebooks_is_the_trials() -> None:
    assert Ran("lr: LR = 0.01\nloss = shared", names=notebook(loss=5, shared=5)).value == 5


def test_the_last_expression() -> None:
    assert Ran("lr: LR = 0.01\nloss = 3\nlr * 100", "_").value == 1.0
    assert Ran("lr: LR = 0.01\n(lambda: lr)()", "_", {"lr": 0.05}, notebook(_=7)).value == 0.05
    assert Ran("lr: LR = 0.01\nimport asyncio\nawait asyncio.sleep(0, lr)", "_").value == 0.01


def test_a_last_expression_without_a_value() -> None:
    ran = Ran("lr: LR = 0.01\nprint(lr)", "_")
    assert isinstance(ran.error, ObjectiveError)
    assert str(ran.error) == (
        "the cell's last expression gave None (as print(…) does), not a number; "
        "end the cell with the value itself"
    )


# -- hyperparameters ------------------------------------------------------------------------------

BRANCHES = """
kind: Categorical("a", "b", "c") = "a"
if kind == "a":
    x: Int(0, 9) = 1
elif kind == "b":
    x: Int(10, 19) = 11
else:
    x = -1
loss = x
"""


def test_values_are_those_of_the_trial() -> None:
    assert Ran("lr: LR = 0.01\nloss = lr", values={"lr": 0.05}).value == 0.05
    assert Ran("lr: LR = 0.01\nloss = trial.params['lr']", values={"lr": 0.05}).value == 0.05


def test_a_value_is_that_of_its_branch() -> None:
    assert Ran(BRANCHES, values={"kind": "a", "x": 3}).value == 3
    assert Ran(BRANCHES, values={"kind": "b", "x#2": 13}).value == 13
    assert Ran(BRANCHES, values={"kind": "c"}).value == -1


def test_a_hyperparameter_assigned_later_keeps_its_declared_value() -> None:
    ran = Ran(
        "lr: LR = 0.01\nfor k in range(3):\n    lr *= 0.5\n    loss = lr", values={"lr": 0.08}
    )
    assert ran.value == 0.01
    assert ran.context.assignment == {"lr": 0.08}


DYNAMIC = """
a: Int(0, 9) = 1
if len(options) > a:
    b: Int(0, 9) = 2
    if b > 5:
        c: Int(0, 9) = 3
loss = a
"""


@pytest.mark.parametrize(
    ("values", "active"),
    [
        ({"a": 0, "b": 3}, {"a": 0, "b": 3}),
        ({"a": 0, "b": 7, "c": 4}, {"a": 0, "b": 7, "c": 4}),
        ({"a": 5, "b": 7, "c": 4}, {"a": 5}),
    ],
)
def test_dynamic_activity_is_what_the_run_showed(
    values: dict[str, int], active: dict[str, int]
) -> None:
    ran = Ran(DYNAMIC, values=values)
    assert ran.context.assignment == active
    assert list(ran.context.assignment) == list(active)


def test_a_run_may_come_to_more_than_its_assignment_has() -> None:
    """As when a trial is replayed that ended before its dynamic declarations."""
    names = notebook(trial=trial)
    cell = read(DYNAMIC, names=names)
    body = CellBody(cell, cell.compile(FILE), names)
    context = TrialContext(0, {"a": 0})
    assert body.run(context, nullcontext()) == 0
    assert context.assignment == {"a": 0, "b": 2}


def test_static_activity_does_not_depend_on_the_run() -> None:
    ran = Ran("lr: LR = 0.01\n1 / 0\nwidth: Int(1, 4) = 2\nloss = 1", values={"width": 3})
    assert isinstance(ran.error, ZeroDivisionError)
    assert ran.context.assignment == {"lr": 0.01, "width": 3}


def test_dynamic_activity_of_a_run_that_raises() -> None:
    ran = Ran("a: Int(0, 9) = 1\nif len(options):\n    1 / 0\n    b: Int(0, 9) = 2\nloss = 1")
    assert ran.context.assignment == {"a": 1}


# -- names ----------------------------------------------------------------------------------------

EVERYTHING = """
import math as mathematics
lr: LR = 0.01
kept: int = 3
high = 99
options = ["changed"]
del mode
for k in range(2):
    loss = k
def function():
    global made
    made = lr
class Class:
    value = lr
function()
(lambda: (walrus := 1))()
"""


@pytest.mark.parametrize("last", ["", "1 / 0", "raise SystemExit", "raise KeyboardInterrupt"])
def test_nothing_leaks(last: str) -> None:
    ran = Ran(EVERYTHING + last, names=notebook(loss=1, lr=2, k="mine"))
    assert (ran.error is None) is (last == "")
    assert list(ran.names.items()) != [] and ran.names == ran.before
    ran.body.release()
    assert ran.names == ran.before


def test_annotations_of_the_notebook_stay_as_they_are() -> None:
    noted: dict[str, Any] = {"mine": int}
    ran = Ran("lr: LR = 0.01\nsteps: int = 3\nloss = 1", names=notebook(__annotations__=noted))
    assert (ran.value, noted, ran.names["__annotations__"]) == (1, {"mine": int}, noted)
    assert "__annotations__" not in ran.body.cell.reads


def test_functions_and_classes_see_the_trials_names() -> None:
    text = """
lr: LR = 0.01
def outer():
    def inner():
        return lr
    return inner()
class Model:
    rate = lr
    def __init__(self):
        self.rate = lr
loss = outer() + Model().rate + Model.rate + sum(lr for k in range(2))
"""
    assert Ran(text, values={"lr": 0.02}).value == pytest.approx(0.1)


def test_functions_of_other_cells_see_the_trials_names() -> None:
    names = notebook(trial=trial, lr="the notebook's")
    exec("def helper():\n    return lr", names)
    assert Ran("lr: LR = 0.01\nloss = helper()", names=names).value == 0.01
    assert names["helper"]() == "the notebook's"


def test_objects_of_the_trial_can_be_pickled(monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    module = types.ModuleType("of_the_cell")
    monkeypatch.setitem(sys.modules, "of_the_cell", module)
    names = module.__dict__
    names.update(notebook(pickle=pickle))
    text = "lr: LR = 0.01\nclass Model:\n    pass\nloss = len(pickle.dumps(Model()))"
    assert Ran(text, names=names).value > 0


def test_fresh_objects_lie_over_the_notebooks() -> None:
    mine, fresh = [1], [1]
    ran = Ran(
        "lr: LR = 0.01\nstate.append(lr)\nloss = 1",
        names=notebook(state=mine),
        fresh={"state": fresh},
    )
    assert (mine, fresh) == ([1], [1, 0.01])
    assert ran.names["state"] is mine


def test_release_returns_what_is_kept_and_lets_go() -> None:
    import gc
    import weakref

    ran = Ran("lr: LR = 0.01\nclass Model:\n    pass\nmodel = Model()\nother = Model()\nloss = 1")
    gone = weakref.ref(ran.own["other"])
    kept = ran.body.release(["model", "absent", "high"])
    assert list(kept) == ["model"]
    gc.collect()
    assert gone() is None
    assert ran.body.release(["model"]) == {}


def test_expose_leaves_the_names_as_a_plain_cell_would() -> None:
    ran = Ran("lr: LR = 0.01\nmodel = 3\n1 / 0\nloss = 1")
    ran.body.expose()
    added = {name: ran.names[name] for name in ran.names.keys() - ran.before.keys()}
    assert added == {"lr": 0.01, "model": 3}


def test_each_run_starts_anew() -> None:
    names = notebook(trial=trial)
    text = "lr: LR = 0.01\ntry:\n    count += 1\nexcept NameError:\n    count = 1\nloss = count"
    cell = read(text, names=names)
    body = CellBody(cell, cell.compile(FILE), names)
    for number in range(3):
        assert body.run(TrialContext(number, {"lr": 0.01}), nullcontext()) == 1
        body.release()


# -- lines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "function"),
    [
        ("lr: LR = 0.01\n\n1 / 0\nloss = 1", 4, "<module>"),
        ("lr: LR = 0.01\nfor k in range(3):\n    loss = 1\n    1 / 0", 5, "<module>"),
        ("lr: LR = 0.01\nfor k in 1 / 0:\n    loss = 1", 3, "<module>"),
        ("lr: LR = 0.01\nwhile 1 / 0:\n    loss = 1", 3, "<module>"),
        ("lr: LR = 0.01\nfor k in range(3):\n    loss = (1 +\n      1 / 0)", 5, "<module>"),
        ("lr: LR = 0.01\nloss = 1\ndef f():\n\n    1 / 0\nf()", 6, "f"),
        ("lr: LR = 0.01\nloss = 1\n1 / 0", 4, "<module>"),
        ("if gpu:\n    lr: LR = 0.01\nloss = 1 / 0", 4, "<module>"),
        ("lr: Float(\n  0, 1\n) = 0.5\nloss = 1 / 0", 5, "<module>"),
    ],
)
def test_lines_of_tracebacks_are_those_of_the_cell(text: str, line: int, function: str) -> None:
    ran = Ran(text)
    assert isinstance(ran.error, ZeroDivisionError)
    frame = traceback.extract_tb(ran.error.__traceback__)[-1]
    assert (frame.filename, frame.lineno, frame.name) == (FILE, line, function)


def test_every_line_of_the_cell_is_traced() -> None:
    """The debugger and coverage stop at the same lines as in the plain cell."""
    text = "lr: LR = 0.01\nfor k in range(2):\n    loss = k\n    if k: continue\nloss = 3\nloss"
    lines: list[set[int]] = [set(), set()]

    def trace(into: set[int]) -> Any:
        def local(frame: Any, event: str, argument: object) -> Any:
            if event == "line" and frame.f_code.co_filename == FILE:
                into.add(frame.f_lineno)
            return local

        return local

    former = sys.gettrace()
    try:
        sys.settrace(trace(lines[0]))
        exec(compile("\n" + text, FILE, "exec"), notebook())
        sys.settrace(trace(lines[1]))
        ran = Ran(text)
    finally:
        sys.settrace(former)
    assert ran.error is None
    assert lines[0] == lines[1] == {2, 3, 4, 5, 6, 7}


def test_the_source_of_the_cell_can_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["%%tune\n", "lr: LR = 0.01\n", "loss = 1 / 0\n"]
    monkeypatch.setitem(linecache.cache, FILE, (1, None, rows, FILE))
    ran = Ran("lr: LR = 0.01\nloss = 1 / 0")
    assert ran.error is not None
    assert "loss = 1 / 0" in "".join(traceback.format_exception(ran.error))


# -- await ----------------------------------------------------------------------------------------

AWAITS = """
import asyncio
lr: LR = 0.01
async def stream():
    for k in range(3):
        await asyncio.sleep(0)
        yield k
async for item in stream():
    loss = item * 10
    await asyncio.sleep(0.001)
async for item in stream():
    loss = item
    if item: break
async with asyncio.timeout(5):
    others = await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2))
left_behind = asyncio.create_task(asyncio.sleep(100))
loss = others[1]
"""


def test_a_cell_that_awaits_inside_a_running_loop() -> None:
    async def kernel() -> tuple[Ran, bool]:
        here = asyncio.get_running_loop()
        ran = Ran(AWAITS)
        await asyncio.sleep(0)
        return ran, asyncio.get_running_loop() is here

    ran, unchanged = asyncio.run(kernel())
    assert ran.reports == at(0, 10, 20, 0, 1)
    assert ran.value == 2
    assert unchanged
    assert ran.own["left_behind"].cancelled()
    assert ran.names == ran.before


def test_a_cell_that_awaits_without_a_running_loop() -> None:
    assert Ran(AWAITS).value == 2
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


@pytest.mark.parametrize("error", ["ZeroDivisionError", "KeyboardInterrupt", "SystemExit"])
def test_a_cell_that_awaits_and_raises(error: str) -> None:
    async def kernel() -> Ran:
        ran = Ran(f"import asyncio\nlr: LR = 0.01\nloss = await asyncio.sleep(0, 1)\nraise {error}")
        await asyncio.sleep(0)
        return ran

    ran = asyncio.run(kernel())
    assert type(ran.error).__name__ == error
    assert traceback.extract_tb(ran.error.__traceback__)[-1].lineno == 5  # type: ignore[union-attr]
    assert ran.names == ran.before


@pytest.mark.parametrize(
    ("text", "awaits"),
    [
        ("loss = await f()", True),
        ("loss = 1", False),
        ("async def f():\n    await g()\nloss = 1", False),
    ],
)
def test_which_cells_await(text: str, awaits: bool) -> None:
    assert is_coroutine(read(f"lr: LR = 0.01\n{text}").compile(FILE)) is awaits


def test_future_imports_of_the_cell_and_of_the_notebook() -> None:
    text = "from __future__ import annotations\nlr: LR = 0.01\nnote: Undefined = 3\nloss = lr"
    assert Ran(text).value == 0.01
    import __future__

    cell = read("lr: LR = 0.01\nnote: Undefined = 3\nloss = lr")
    flags = __future__.annotations.compiler_flag
    names = notebook()
    body = CellBody(cell, cell.compile(FILE, flags), names)
    assert body.run(TrialContext(0, {"lr": 1.0}), nullcontext()) == 1.0


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("loss = f(trial.device)", True),
        ("x = cfg.device\nloss = 1", False),
        ("loss = trial.number", False),
    ],
)
def test_whether_a_cell_asks_where_to_run(text: str, reads: bool) -> None:
    assert read(f"lr: LR = 0.01\n{text}").reads_device is reads


def test_what_resume_compares_leaves_out_declarations_comments_and_layout() -> None:
    one = "lr: LR = 0.01\nif gpu:\n    width: Int(1, 4) = 2\nloss = f( lr )  # measured\n"
    other = "\nlr: Float(0, 1) = 0.2\nif gpu:\n    # none\n    depth: Int(1, 4) = 2\n\nloss = f(lr)"
    assert read(one).body == read(other).body
    assert read(one).body != read(one.replace("f( lr )", "g(lr)")).body


def test_the_condition_of_a_branch_is_evaluated_when_a_trial_is_suggested() -> None:
    names = notebook(gpu=False)
    space = read(
        "n: Int(1, 4) = 2\nif n > 2 and not gpu:\n    x: LR = 0.01\nloss = n", names=names
    ).space
    assert space.assign({"n": 3}) == {"n": 3, "x": 0.01}
    assert space.assign({"n": 2}) == {"n": 2}
    names["gpu"] = True
    assert space.assign({"n": 3}) == {"n": 3}


def test_a_name_that_a_function_below_assigns_is_not_known_beforehand() -> None:
    change = "def change():\n    global gpu\n    gpu = True\n"
    text = f"n: Int(1, 4) = 2\nif gpu:\n    x: LR = 0.01\n{change}loss = n"
    assert read(text).space["x"].dynamic
    assert not read(text.replace("    global gpu\n", "")).space["x"].dynamic


@pytest.mark.parametrize("test", ["missing > 2", "n > 'a'", "options[n + 9]", "n / 0 > 1"])
def test_a_condition_that_raises_holds_for_no_branch(test: str) -> None:
    text = f"n: Int(1, 4) = 2\nif {test}:\n    x: LR = 0.01\nelse:\n    y: LR = 0.01\nloss = n"
    assert read(text).space.defaults() == {"n": 2}
    assert Ran(text).error is not None

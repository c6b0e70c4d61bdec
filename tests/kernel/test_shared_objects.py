"""Objects of other cells that trials would share."""

from __future__ import annotations

import pytest
from kernels import Kernel

TRAIN = """%%tune {name} --minimize loss -o random -n 4 {options}
rate: Float(0.01, 1) = 0.1
optimizer = torch.optim.SGD(net.parameters(), rate)
for step in range(2):
    loss = (net(torch.ones(1, 2)) ** 2).sum()
    optimizer.zero_grad(); loss.backward(); optimizer.step()
loss = float(loss)
"""


def train(name: str, options: str = "") -> str:
    return TRAIN.format(name=name, options=options)


@pytest.fixture
def torch_kernel(kernel: Kernel) -> Kernel:
    kernel.run("import torch; torch.manual_seed(0); net = torch.nn.Linear(2, 1)")
    kernel.run("start = [p.detach().clone() for p in net.parameters()]")
    return kernel


UNCHANGED = "all(torch.equal(a, b) for a, b in zip(start, net.parameters()))"


def test_a_model_of_another_cell_stops_the_study(torch_kernel: Kernel) -> None:
    shown = torch_kernel.run(train("guarded"))
    assert shown.error is not None and shown.error.ename == "CellError"
    assert shown.told == (
        "`net` was created outside this cell and this trial trained it, so every trial would "
        "start where the last one ended. Create it in the cell, or use `--fresh net`. "
        "`--shared net` accepts it."
    )
    assert shown.view.startswith("guarded: failed, 1 of 4 trials")
    assert torch_kernel.value("guarded.state, len(guarded)") == "('failed', 1)"


def test_fresh_copies_it_for_each_trial(torch_kernel: Kernel) -> None:
    shown = torch_kernel.run(train("fresh", "--fresh net"))
    assert shown.error is None, shown.told
    assert torch_kernel.value(f"len(fresh), {UNCHANGED}") == "(4, True)"
    torch_kernel.run("print(fresh.replay(2) == fresh.trials[2].value)")
    assert torch_kernel.value("fresh.replay(2) == fresh.trials[2].value") == "True"


def test_shared_lets_trials_change_it(torch_kernel: Kernel) -> None:
    shown = torch_kernel.run(train("shared", "--shared net"))
    assert shown.error is None, shown.told
    assert torch_kernel.value(f"len(shared), {UNCHANGED}") == "(4, False)"


def test_through_functions_of_other_cells(kernel: Kernel) -> None:
    kernel.run("history = []\ndef note(x):\n    history.append(x)\ndef log(x):\n    note(x)")
    shown = kernel.run(
        "%%tune reach --minimize v -o random -n 3\nx: Float(0, 1) = 0.5\nlog(x)\nv = x"
    )
    assert "`history` was created outside this cell" in shown.told
    kernel.run("history.clear()")
    shown = kernel.run(
        "%%tune reach --minimize v -o random -n 3 --fresh history\nx: Float(0, 1) = 0.5\n"
        "log(x)\nv = x + len(history)"
    )
    assert shown.error is None, shown.told
    assert kernel.value("history, reach.trials[2].value == reach.trials[2].params['x'] + 1") == (
        "([], True)"
    )


def test_reading_is_no_offence(kernel: Kernel) -> None:
    kernel.run(
        "import numpy as np, pandas as pd\ndata = np.arange(10.0)\n"
        "frame = pd.DataFrame({'a': data})\nsettings = {'lr': [1, 2]}\nrows = list(range(5))"
    )
    shown = kernel.run(
        "%%tune reads --minimize v -o random -n 3\nx: Float(0, 1) = 0.5\n"
        "v = data.sum() * x + frame['a'].mean() + settings['lr'][0] + sum(rows)"
    )
    assert shown.error is None, shown.told


def test_it_is_asked_once_in_a_sitting(kernel: Kernel) -> None:
    kernel.run("seen = {}")
    shown = kernel.run(
        "%%tune late --minimize v -o random -n 5\nx: Float(0, 1) = 0.5\n"
        "if trial.number == 3: seen[trial.number] = x\nv = x"
    )
    assert shown.error is None, shown.told
    assert kernel.value("len(seen)") == "1"


def test_what_only_another_branch_changes(torch_kernel: Kernel) -> None:
    shown = torch_kernel.run(
        "%%tune branch --minimize v -o random -n 20\nx: Float(0, 1) = 0.5\n"
        "tune_base: Bool() = False\nif tune_base:\n    net.weight.data -= x\nv = x"
    )
    assert shown.error is not None and shown.error.ename == "CellError"
    number = int(torch_kernel.value("len(branch) - 1"))
    assert number > 0
    assert f"outside this cell and trial {number} trained it, so every trial" in shown.told
    assert torch_kernel.value("branch.state, branch.trials[-1].params['tune_base']") == (
        "('failed', True)"
    )


def test_what_only_a_condition_opens(kernel: Kernel) -> None:
    kernel.run("seen = []")
    shown = kernel.run(
        "%%tune deep --minimize v -o random -n 20\nlayers: Int(1, 3) = 1\n"
        "if layers > 1:\n    width: Int(1, 9) = 3\n    seen.append(width)\nv = layers"
    )
    assert "this cell and trial" in shown.told
    assert kernel.value("len(seen), deep.state") == "(1, 'failed')"


@pytest.mark.parametrize(("choice", "noticed"), [(5, True), (15, False)])
def test_only_so_many_trials_are_watched(kernel: Kernel, choice: int, noticed: bool) -> None:
    kernel.run("seen = []")
    kernel.run(
        "%%tune many --minimize v -o grid --no-baseline\nc: Categorical(*range(20)) = 0\n"
        f"if c == {choice}: seen.append(c)\nv = c"
    )
    assert kernel.value("many.state == 'failed', len(seen)") == f"({noticed}, 1)"


SETTINGS = """import dataclasses, types
args = types.SimpleNamespace(lr=0.1)
class Counter: n = 0
def count():
    Counter.n += 1
    count.calls += 1
    return Counter.n + count.calls
count.calls = 0"""


@pytest.mark.parametrize("end", ["v = seen", "v = seen if trial.number != 2 else 1 / 0"])
def test_settings_are_put_back(kernel: Kernel, end: str) -> None:
    kernel.run(SETTINGS)
    cell = (
        "%%tune sets --minimize v -o random -n 5\nlr: Float(0, 1) = args.lr\n"
        f"seen = args.lr + count()\nargs.lr = lr\n{end}"
    )
    kernel.run(cell)
    first = kernel.value("[t.value for t in sets.trials], [t.params for t in sets.trials]")
    assert kernel.value("{t.value for t in sets.trials} - {None}") == "{2.1}"
    assert kernel.value("args.lr, Counter.n, count.calls") == "(0.1, 0, 0)"
    kernel.run(cell)
    assert kernel.value("[t.value for t in sets.trials], [t.params for t in sets.trials]") == first
    kernel.run("args.lr = 0.7; sets.replay(3)")
    assert kernel.value("args.lr, Counter.n") == "(0.7, 0)"


def test_settings_are_put_back_when_the_first_trial_fails(kernel: Kernel) -> None:
    kernel.run(SETTINGS)
    shown = kernel.run(
        "%%tune bad --minimize v -n 2\nlr: Float(0, 1) = 0.3\nargs.lr = lr\nv = 1 / 0"
    )
    assert shown.error is not None and shown.error.ename == "ZeroDivisionError"
    assert kernel.value("args.lr") == "0.1"

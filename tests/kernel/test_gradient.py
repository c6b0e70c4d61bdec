"""`-o gradient` in a real kernel: the quickstart as it is, a pause, strict errors, resume."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from kernels import Kernel, Result

QUICKSTART = Path(__file__).parents[2] / "example_notebooks" / "quickstart.ipynb"
NOTEBOOK = QUICKSTART.with_name("hypergradients.ipynb")
SETUP = """
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(40, 5); Y = X.sum(1, keepdim=True).sin()
"""
CELL = """%%tune {name} --minimize loss -o '{how}' -n 3 {options}
lr: Float(1e-4, 1.0, log=True) = 1e-2
model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
for epoch in range(10):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(X), Y).backward()
    optimizer.step()
    if pause(epoch): {name}.pause()
loss = nn.functional.mse_loss(model(X), Y).item()
"""
USED_UP = "--shared asked"  # a trial may end before the pause that it asks for has come about


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Kernel:  # type: ignore[misc]
    running = Kernel(tmp_path_factory.mktemp("notebook"))
    running.run(SETUP + "pause = lambda epoch: False")
    yield running  # type: ignore[misc]
    running.close()


def cell(name: str, how: str = "gradient", options: str = "") -> str:
    return CELL.format(name=name, how=how, options=options)


def gradients(kernel: Kernel, name: str) -> str:
    return kernel.value(f"[t.info.get('gradient_lr') for t in {name}.trials]")


def quickstart(kernel: Kernel, how: str) -> Result:
    """The tuned cell of that notebook, after those above it."""
    cells = [
        "".join(c["source"])
        for c in json.loads(QUICKSTART.read_text("utf-8"))["cells"]
        if c["cell_type"] == "code"
    ]
    tuned = next(text for text in cells if text.startswith("%%tune"))
    for text in cells[1 : cells.index(tuned) - 1]:
        kernel.run(cells[0].replace("%load_ext jupyter_hpo", "") + "\n" + text)
    return kernel.run(tuned.replace("--trials 25", f"--trials 2 -o {how}"))


def test_the_cell_of_the_quickstart(kernel: Kernel) -> None:
    shown = quickstart(kernel, "gradient")
    assert shown.error is None and "gradient goes down lr and momentum" in shown.view
    assert kernel.value("'gradient_lr' in digits.trials[1].info") == "True"
    assert kernel.value("'info_gradient_lr' in digits.trials_dataframe()") == "True"


def test_the_notebook_about_it(kernel: Kernel) -> None:
    cells = [
        "".join(c["source"])
        for c in json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
        if c["cell_type"] == "code"
    ]
    for text in cells:
        short = re.sub(r"--trials \d+", "--trials 2", text).replace("%load_ext jupyter_hpo", "")
        shown = kernel.run(short)
        assert shown.error is None, shown.told
        if text.startswith("%%tune"):
            assert "finished, 2 of 2 trials" in shown.view
            assert "times the finite difference" in " ".join(shown.view.split())


def test_paused_and_resumed_in_mid_training(kernel: Kernel) -> None:
    kernel.run(SETUP + "pause = lambda epoch: False")
    kernel.run(cell("whole"))
    kernel.run("asked = iter([0, 0, 1] + 10 * [0] + [1]); pause = lambda epoch: next(asked, 0)")
    kernel.run(cell("parked", options=USED_UP))
    assert kernel.value("parked.state") == "'paused'"
    assert kernel.value("'step' in vars(torch.optim.SGD([nn.Parameter(X)], lr=1.0))") == "False"
    for _ in range(2):
        kernel.run("parked.resume(); parked.wait()")
    assert kernel.value("parked.state") == "'finished'"
    assert gradients(kernel, "parked") == gradients(kernel, "whole")


def test_strict_names_the_line_as_the_editor_shows_it(kernel: Kernel) -> None:
    kernel.run(SETUP + "pause = lambda epoch: False")
    shown = kernel.run(cell("strict", "gradient(strict=True)"))
    assert ".item() in line 10 (loss = nn.functional.mse_loss" in shown.told


def test_a_cell_without_gradient_says_why(kernel: Kernel) -> None:
    kernel.run(SETUP + "pause = lambda epoch: False")
    shown = kernel.run(cell("unknown").replace("optim.SGD", "optim.RMSprop"))
    assert "torch.optim.RMSprop is none of SGD" in shown.view.replace("\n            ", " ")


def test_resumed_from_the_store(kernel: Kernel) -> None:
    kernel.run(SETUP + "pause = lambda epoch: False")
    kernel.run(cell("stored", options="-n 6").replace("-n 3", ""))
    kernel.run(cell("again").replace("-n 3", "-n 2"))
    kernel.run(cell("again", options="--resume").replace("-n 3", "-n 6"))
    assert gradients(kernel, "again") == gradients(kernel, "stored")


WEIGHTS = """%%tune {name} --minimize loss -n {trials} {options} \
-o 'gradient(inner_loss="train_loss", weights="example_weights")'
model = nn.Linear(5, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
def inner():
    errors = (model(X) - Y)[:, 0] ** 2
    return (torch.sigmoid(example_weights) * errors).mean() + 0.1 * (model.weight ** 2).sum()
for epoch in range(30):
    optimizer.zero_grad()
    inner().backward()
    optimizer.step()
    if pause(epoch): {name}.pause()
train_loss = inner()
loss = nn.functional.mse_loss(model(X[:10]), Y[:10]).item()
"""


def test_a_tensor_of_the_notebook(kernel: Kernel) -> None:
    def tuned(name: str, trials: int = 4, options: str = "") -> Result:
        return kernel.run(WEIGHTS.format(name=name, trials=trials, options=options))

    kernel.run(SETUP + "pause = lambda epoch: False; example_weights = torch.zeros(40)")
    shown = tuned("whole")  # nothing is declared, and nothing is said of a shared object
    assert shown.error is None, shown.told
    assert "gradient goes down example_weights (40 entries)." in shown.view
    assert kernel.value("example_weights.any().item()") == "False"
    tuned("again", 2)
    tuned("again", 4, "--resume")
    kernel.run("asked = iter(3 * [0] + [1]); pause = lambda epoch: next(asked, 0)")
    tuned("parked", options=USED_UP)
    assert kernel.value("parked.state") == "'paused'"
    assert kernel.value("example_weights.any().item(), example_weights.requires_grad") == (
        "(False, False)"
    )
    kernel.run("parked.resume(); parked.wait()")
    kernel.run("arrays = lambda study: [dict(trial.arrays) for trial in study.trials]")
    assert kernel.value("arrays(whole) == arrays(again) == arrays(parked)") == "True"
    kernel.run("held = example_weights; best = whole.apply()['example_weights']")
    assert kernel.value("held.any().item(), type(example_weights) is torch.Tensor") == (
        "(False, True)"
    )
    assert kernel.value("(example_weights.numpy() == best).all()") == "np.True_"


def test_a_tensor_that_is_not_there(kernel: Kernel) -> None:
    kernel.run(SETUP + "example_weights = torch.zeros(40, dtype=int)")
    shown = kernel.run(WEIGHTS.format(name="bad", trials=2, options=""))
    assert "is a tensor of int64, which has no slope" in shown.told
    kernel.run("del example_weights")
    shown = kernel.run(WEIGHTS.format(name="bad", trials=2, options=""))
    assert "write `example_weights = torch.zeros(1000)`" in shown.told
    shown = kernel.run(WEIGHTS.format(name="bad", trials=0, options=""))
    assert "there is no such variable" in shown.told


def test_the_cell_of_the_quickstart_adapts_its_rate_while_it_trains(kernel: Kernel) -> None:
    shown = quickstart(kernel, "'gradient(online=True)'")
    assert shown.error is None and "while each trial trains" in " ".join(shown.view.split())
    path = "[[step for step, lr in t.info['path_lr'] if 1e-4 <= lr <= 1e-1] for t in digits.trials]"
    assert kernel.value(path) == str([list(range(12))] * 2)
    assert kernel.value("digits.trials[0].params['lr']") == "0.001"
    assert kernel.value("digits.trials[0].info['online_lr'] > 0.001") == "True"


def test_paused_and_resumed_while_its_rate_is_adapted(kernel: Kernel) -> None:
    adapted = "gradient(online=True)"
    kernel.run(SETUP + "pause = lambda epoch: False")
    kernel.run(cell("whole", adapted))
    kernel.run("asked = iter([0, 0, 1] + 10 * [0] + [1]); pause = lambda epoch: next(asked, 0)")
    kernel.run(cell("parked", adapted, USED_UP))
    assert kernel.value("parked.state") == "'paused'"
    assert kernel.value("'step' in vars(torch.optim.SGD([nn.Parameter(X)], lr=1.0))") == "False"
    for _ in range(2):
        kernel.run("parked.resume(); parked.wait()")
    rates = "[t.info['online_lr'] for t in {}.trials]"
    assert kernel.value(rates.format("parked")) == kernel.value(rates.format("whole"))

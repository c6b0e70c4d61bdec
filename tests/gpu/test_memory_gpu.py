"""Memory of a device: running out of it is a failed trial, and a stopped trial gives it back."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from parked import Notebook, planned

from jupyter_hpo import Float, tune
from jupyter_hpo.trial import TrialState

SPACE = {"x": Float(0.0, 1.0, default=0.5)}
TOO_MUCH = 1 << 50  # bytes; no machine has as many


def allocate(device: str) -> Any:
    return torch.empty(TOO_MUCH, dtype=torch.uint8, device=device)


def test_out_of_memory_is_a_failed_trial_and_the_next_is_fine(device: str) -> None:
    calls: list[int] = []

    def objective(params: Mapping[str, Any]) -> float:
        calls.append(1)
        model = torch.nn.Linear(64, 64).to(device)
        if len(calls) == 2:
            allocate(device)
        return model(torch.ones(1, 64, device=device)).sum().item() * 0 + params["x"]

    study = tune(objective, SPACE, trials=4, optimizer="random")
    states = [trial.state for trial in study.trials]
    ok, failed = TrialState.COMPLETE, TrialState.FAIL
    assert states == [ok, failed, ok, ok]
    assert "memory" in str(study.trials[1].error)


@pytest.mark.gpu
def test_a_failed_trial_leaves_nothing_on_the_device() -> None:
    torch.ones(1, device="cuda")
    gc.collect()
    before, calls = torch.cuda.memory_allocated(), []

    def objective(params: Mapping[str, Any]) -> float:
        calls.append(torch.cuda.memory_allocated())
        held = torch.ones(32 << 20, device="cuda")  # 128 MB
        if len(calls) == 2:
            allocate("cuda")
        return held[0].item() * params["x"]

    tune(objective, SPACE, trials=4, optimizer="random")
    gc.collect()
    assert calls == [before] * 4
    assert torch.cuda.memory_allocated() == before
    # what torch had kept for later went back to the driver after the failure
    assert torch.cuda.memory_reserved() - before < 256 << 20


CELL = """
lr: LR = 0.01
import torch
model = torch.nn.Linear(1024, 1024).to(device)
optimizer = torch.optim.Adam(model.parameters())
x = torch.ones(256, 1024, device=device)
loss = 0.0
for k in range(100):
    out = model(x)
    error = out.pow(2).mean()
    error.backward()
    optimizer.step()
    loss += error.item()
"""


def allocated(device: str) -> int:
    """Bytes of tensors: torch counts those of a device; on the CPU they are found one by one."""
    gc.collect()
    if device == "cuda":
        torch.cuda.synchronize()
        return torch.cuda.memory_allocated()
    return sum(
        each.untyped_storage().nbytes()
        for each in gc.get_objects()
        if issubclass(type(each), torch.Tensor)
    )


@pytest.mark.parametrize("end", ["stop", "skip", "suspend"])
def test_a_parked_trial_gives_its_memory_back_when_it_ends(device: str, end: str) -> None:
    def ended(lines: int) -> None:
        notebook = Notebook()
        notebook.names["device"] = device
        sitting, _ = planned(notebook, CELL, [lines])
        sitting.slice()
        assert sitting.parking.occupied and allocated(device) > before
        getattr(sitting, end)()
        assert not sitting.parking.occupied
        sitting.stop()

    torch.ones(1, device=device)
    (
        torch.ones(8, 8, device=device, requires_grad=True) @ torch.ones(8, 8, device=device)
    ).sum().backward()  # the workspace of the first product stays
    before = allocated(device)
    for lines in (7, 12, 40):
        ended(lines)
        after = allocated(device)
        assert after <= before + (16 << 20 if device == "cuda" else 0)  # a workspace of cuBLAS
        before = after

"""Trials that wait give up a device's memory, and go on as if they had not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from parking_law import prepared, shown
from promoting import Rounds
from users_state import undone

from jupyter_hpo.trial import TrialState

CELL = """
lr: LR = 0.01
model = nn.Sequential(nn.Linear(4, 512), nn.Tanh(), nn.Linear(512, 512), nn.Linear(512, 2))
model = model.to(device)
x, y = features.to(device), labels.to(device)
optimizer = torch.optim.Adam(model.parameters(), lr)
for epoch in range(4):
    optimizer.zero_grad()
    error = nn.functional.cross_entropy(model(x) + shared, y)
    error.backward()
    optimizer.step()
    loss = error.item()
    look()
"""
FULL = """
lr: LR = 0.01
model = nn.Linear(64, 64).to(device)
for epoch in range(3):
    loss = model.weight.pow(2).sum().item() + lr
    if trial.number == 3 and epoch == 1:
        fill()
"""


@pytest.fixture
def notebook(exact: None) -> Iterator[Any]:
    notebook = prepared()
    with undone(notebook.names):
        yield notebook


def test_the_device_has_room_while_trials_wait(notebook: Any, device: str) -> None:
    seen: list[int] = []
    notebook.names["device"] = device
    notebook.names["shared"] = torch.zeros(2, device=device)

    def look() -> None:
        if device == "cuda":
            seen.append(torch.cuda.memory_allocated())

    notebook.names["look"] = look

    def study(pruner: Any, room: float) -> list[dict[str, Any]]:
        sitting = notebook.study(CELL, trials=8, pruner=pruner)
        sitting.runner.room.device = device
        sitting.runner.room.device_room = lambda: room
        seen.clear()
        sitting.drive()
        return [shown(trial) for trial in sitting.runner.record.trials]

    expected = study(Rounds(aside=lambda trial: False), 1.0)
    alone = max(seen, default=0)
    assert study(Rounds(), 1.0) == expected
    together = max(seen, default=0)
    assert study(Rounds(), 0.0) == expected
    moved = max(seen, default=0)
    if device == "cuda":
        assert together > 3 * alone and moved < 2 * alone
    assert notebook.names["shared"].sum().item() == 0


@pytest.mark.gpu
def test_a_device_that_is_full_has_the_others_moved_and_the_trial_run_again(notebook: Any) -> None:
    held: list[Any] = []
    notebook.names["device"] = "cuda"

    def fill() -> None:
        """Takes all there is, the first time."""
        if not held:
            held.append(True)
            free, _ = torch.cuda.mem_get_info()
            torch.empty(2 * free, dtype=torch.uint8, device="cuda")

    notebook.names["fill"] = fill
    sitting = notebook.study(FULL, trials=6, pruner=Rounds())
    sitting.drive()
    trials = sitting.runner.record.trials
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 6
    assert any("host's memory" in note for note in sitting.info.notes)
    assert sitting.runner.room.device_room() > 0.5

"""What trials hold while they wait: moved away, brought back, and never mixed up."""

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest
import torch
from parked import Notebook
from promoting import Rounds

from jupyter_hpo import stowing
from jupyter_hpo.stowing import stow
from jupyter_hpo.trial import TrialState


def trained() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    optimizer = torch.optim.Adam(model.parameters())
    step(model, optimizer)
    return model, optimizer


def step(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    model(torch.arange(20.0).reshape(5, 4)).pow(2).sum().backward()
    optimizer.step()


def test_training_goes_on_as_if_nothing_had_been_moved() -> None:
    (model, optimizer), (again, same) = trained(), trained()
    row = model[0].weight[1]  # type: ignore[index]
    stowed = stow([{"model": model, "optimizer": optimizer, "row": row}], [], "cpu")
    assert stowed is not None and stowed.bytes > 200
    assert all(p.untyped_storage().nbytes() == 0 for p in model.parameters())
    stowed.back()
    assert torch.equal(row, again[0].weight[1])  # type: ignore[index]
    assert row.data_ptr() == model[0].weight[1].data_ptr()  # type: ignore[index]
    for _ in range(3):
        step(model, optimizer), step(again, same)
    for one, other in zip(model.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_what_is_shared_stays() -> None:
    data, model = torch.ones(8), torch.nn.Linear(2, 2)
    view = data[2:4]
    stowed = stow([{"view": view, "model": model}], [{"loader": [data]}], "cpu")
    assert stowed is not None
    assert data.sum() == 8 and model.weight.untyped_storage().nbytes() == 0
    stowed.back()
    assert stow([view], [data], "cpu") is None


def test_nothing_of_another_device_is_moved() -> None:
    assert stow([torch.ones(3)], [], "cuda") is None
    assert stow([{"a": 1, "b": [object()]}], [], "cpu") is None


CELL = """
x: Float(0, 1) = 0.5
torch.manual_seed(0)
def train():
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01 + x)
    for epoch in range(3):
        optimizer.zero_grad()
        error = model(data).pow(2).mean()
        error.backward()
        optimizer.step()
        trial.report(error)
    return error.item()
other = torch.ones(4) * x
loss = train() + float(other.sum())
"""


@pytest.mark.parametrize("scarce", [True, False])
def test_trials_that_wait_are_moved_where_memory_is_short(*, scarce: bool) -> None:
    notebook = Notebook()
    notebook.names |= {"torch": torch, "data": torch.arange(12.0).reshape(4, 3)}
    plain = notebook.study(CELL, trials=4)
    plain.drive()
    sizes: list[int] = []
    sitting = notebook.study(CELL, trials=4, pruner=Rounds())
    room = sitting.runner.room
    room.device = "cpu"

    def left() -> float:
        sizes.extend(each._stowed.bytes for each in sitting.runner.standby if each._stowed)
        return 0.0 if scarce else 1.0

    room.device_room = left
    sitting.drive()
    found, expected = sitting.runner.record.trials, plain.runner.record.trials
    assert [trial.value for trial in found] == [trial.value for trial in expected]
    assert [trial.reports for trial in found] == [trial.reports for trial in expected]
    assert (max(sizes, default=0) > 0) == scarce
    assert any("host's memory" in note for note in sitting.info.notes) == scarce
    assert notebook.names["data"].sum() == 66


def test_each_is_searched_once_while_it_waits() -> None:
    searches = 0

    class Noticing(type):
        """Its instances notice that they are come across in a search."""

        @property
        def __module__(cls) -> str:  # type: ignore[override]
            nonlocal searches
            searches += sys._getframe(1).f_code.co_filename == stowing.__file__
            return __name__

    notebook = Notebook()
    notebook.names |= {"torch": torch, "Met": Noticing("Met", (), {})}
    sitting = notebook.study(
        """
x: Float(0, 1) = 0.5
met = Met()
for epoch in range(3):
    loss = x + epoch
""",
        trials=6,
        pruner=Rounds(),
    )
    room: Any = sitting.runner.room
    room.device, room.device_room = "cpu", lambda: 0.0
    sitting.drive()
    assert searches == 5 * 3  # all but trial 0, at each of their reports


def test_out_of_memory_has_the_others_moved_and_the_trial_run_again() -> None:
    notebook = Notebook()
    notebook.names |= {"torch": torch, "data": torch.arange(12.0).reshape(4, 3)}
    full = iter([True])
    sitting = notebook.study(
        """
x: Float(0, 1) = 0.5
model = torch.nn.Linear(3, 1)
for epoch in range(2):
    loss = model(data).mean().item()
    fill()
""",
        trials=4,
        pruner=Rounds(),
    )
    sitting.runner.room.device = "cpu"

    def fill() -> None:
        if notebook.names["trial"].number == 3 and next(full, False):
            raise torch.OutOfMemoryError("CUDA out of memory")

    notebook.names["fill"] = fill
    sitting.drive()
    assert [t.state for t in sitting.runner.record.trials] == [TrialState.COMPLETE] * 4
    assert not next(full, False)


def test_the_worst_end_where_that_does_not_do() -> None:
    notebook = Notebook()
    sitting = notebook.study(
        """
x: Float(0, 1) = 0.5
for epoch in range(3):
    loss = x + 1 / (epoch + 1)
""",
        trials=8,
        pruner=Rounds(),
    )
    room: Any = sitting.runner.room
    room.host_room = lambda: 0.0 if len(sitting.runner.standby) > 3 else 1.0
    sitting.drive()
    trials = sitting.runner.record.trials
    ended = [trial for trial in trials if trial.state is TrialState.PRUNED]
    assert {t.info["reason"] for t in ended} == {"set aside, and ended since memory is short"}
    assert len(ended) == 4
    assert min(t.params["x"] for t in ended) > max(
        t.params["x"] for t in trials[1:] if t.state is TrialState.COMPLETE
    )
    assert "the least promising have ended: memory is short." in sitting.info.notes[-1]


def test_what_local_variables_hold_is_let_go_of() -> None:
    notebook = Notebook()
    notebook.names |= {"torch": torch, "data": torch.arange(12.0).reshape(4, 3)}
    sitting = notebook.study(CELL, trials=3, pruner=Rounds())
    sitting.runner.room.device = "cpu"
    sitting.runner.room.device_room = lambda: 0.0
    gc.collect()
    before = sum(type(each) is torch.nn.Linear for each in gc.get_objects())
    sitting.drive()
    gc.collect()
    assert sum(type(each) is torch.nn.Linear for each in gc.get_objects()) == before

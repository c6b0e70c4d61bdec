"""The parking law on a device: its generators, streams, events, graphs and autocast."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from parking_law import parked, prepared, unparked
from users_state import undone

CELLS = {
    "chance": """
lr: LR = 0.01
draws = []
for k in range(4):
    draws.append(torch.rand(3, device=device))
    noise = torch.randn(5, device=device)
    draws.append(nn.functional.dropout(noise, 0.5))
    draws.append(torch.randperm(7, device=device))
torch.manual_seed(3)
after = torch.rand(2, device=device)
loss = after.sum().item()
""",
    "training": """
lr: LR = 0.01
model = make_model(8).to(device)
x, y = features.to(device), labels.to(device)
optimizer = torch.optim.Adam(model.parameters(), lr)
for epoch in range(3):
    for start in range(0, 24, 8):
        optimizer.zero_grad()
        out = model(x[start:start + 8])
        error = nn.functional.cross_entropy(out, y[start:start + 8])
        error.backward()
        optimizer.step()
    with torch.no_grad():
        loss = nn.functional.cross_entropy(model(x), y).item()
""",
    "autocast bfloat16": """
lr: LR = 0.01
model = make_model(8).to(device)
x, y = features.to(device), labels.to(device)
optimizer = torch.optim.SGD(model.parameters(), lr)
for step in range(3):
    optimizer.zero_grad()
    with torch.autocast(device, dtype=torch.bfloat16):
        first = model(x[:12])
        assert first.dtype == torch.bfloat16
        second = model(x[12:])
        out = torch.cat([first, second])
    error = nn.functional.cross_entropy(out.float(), y)
    error.backward()
    optimizer.step()
    loss = error.item()
""",
    "default device": """
lr: LR = 0.01
loss = 0.0
with torch.device(device):
    for k in range(3):
        made_here = torch.ones(3)
        assert made_here.device.type == device
        loss += made_here.sum().item()
outside = torch.ones(1).device.type
""",
}
ON_DEVICE = {
    "scaled gradients": """
lr: LR = 0.01
model = make_model(8).cuda()
x, y = features.cuda(), labels.cuda()
optimizer = torch.optim.SGD(model.parameters(), lr)
scaler = torch.amp.GradScaler("cuda", init_scale=1024.0, growth_interval=2)
scales = []
for step in range(4):
    optimizer.zero_grad()
    with torch.autocast("cuda", dtype=torch.float16):
        out = model(x)
        assert out.dtype == torch.float16
        error = nn.functional.cross_entropy(out, y)
    scaled = scaler.scale(error)
    scaled.backward()
    scaler.step(optimizer)
    scaler.update()
    scales.append(scaler.get_scale())
    loss = error.item()
""",
    "streams and events": """
lr: LR = 0.01
side = torch.cuda.Stream()
before = torch.cuda.current_stream()
x = torch.ones(64, 64, device="cuda")
torch.cuda.synchronize()
with torch.cuda.stream(side):
    assert torch.cuda.current_stream() == side
    y = x @ x
    for k in range(3):
        y = y / 64 @ x
        assert torch.cuda.current_stream() == side
    done = side.record_event()
assert torch.cuda.current_stream() == before
before.wait_event(done)
z = y.sum()
y.record_stream(before)
loss = z.item()
finished = done.query()
side = before = done = None
""",
    "a graph": """
lr: LR = 0.01
model = make_model(8).cuda().eval()
held = features.cuda().clone()
side = torch.cuda.Stream()
side.wait_stream(torch.cuda.current_stream())
with torch.cuda.stream(side), torch.no_grad():
    for k in range(3):
        warm = model(held)
torch.cuda.current_stream().wait_stream(side)
graph = torch.cuda.CUDAGraph()
with torch.no_grad(), torch.cuda.graph(graph):
    made_in_capture = model(held)
    out = made_in_capture * 2
total = 0.0
for k in range(4):
    held.copy_(features.cuda() * (k + 1))
    graph.replay()
    result = out.clone()
    total += result.sum().item()
loss = total
side = graph = None
""",
}
USERS = [
    "mine = torch.rand(4, device=device)",
    "torch.manual_seed(11)",
    "mine = (torch.ones(64, 64, device=device) @ torch.ones(64, 64, device=device)).sum().item()",
    "with torch.autocast(device, dtype=torch.bfloat16):\n    mine = nn.Linear(4, 2).to(device)"
    "(torch.ones(3, 4, device=device))\nassert mine.dtype == torch.bfloat16",
    "assert (torch.ones(2, requires_grad=True, device=device) * 2).requires_grad",
    "gc.collect()\ntorch.cuda.empty_cache()",
]
USERS_ON_DEVICE = [
    "mine = torch.cuda.Stream()\nwith torch.cuda.stream(mine):\n    torch.ones(9, device=device)\n"
    "torch.cuda.synchronize()",
    "assert torch.cuda.current_stream() == torch.cuda.default_stream()\n"
    "assert torch.cuda.current_device() == 0",
    "mine = torch.cuda.CUDAGraph()\nkept = torch.zeros(4, device=device)\n"
    "torch.cuda.synchronize()\n"
    "with torch.cuda.graph(mine):\n    kept += 1\nmine.replay()\nassert kept.sum().item() == 4",
    "torch.cuda.set_stream(torch.cuda.Stream())\n"
    "torch.cuda.set_stream(torch.cuda.default_stream())",
]


@pytest.fixture
def notebook(exact: None) -> Iterator[Any]:
    notebook = prepared()
    gc.freeze()
    with undone(notebook.names):
        yield notebook


def generators(device: str) -> list[bytes]:
    """State of the user's generators, those of the device included."""
    states = [torch.get_rng_state()]
    if device == "cuda":
        states += torch.cuda.get_rng_state_all()
    return [state.numpy().tobytes() for state in states]


def holds(notebook: Any, text: str, device: str, cells: list[str]) -> int:
    """The law for one cell; how often it was parked."""
    notebook.names["device"] = device
    torch.ones(1, device=device)  # initialises it, or the generators of the user are not there yet
    unparked(notebook, text)  # what is chosen at the first call of a kernel is chosen now
    expected = unparked(notebook, text)
    assert expected["error"] is None
    parks = 0
    for lines in (1, 3):
        seen: list[list[bytes]] = []
        notebook.names["note"] = lambda seen=seen: seen.append(generators(device))
        result, times = parked(
            notebook,
            text,
            itertools.repeat(lines),
            [f"{cell}\nnote()" for cell in cells],
            lambda seen=seen: check(seen, device),
        )
        assert result == expected
        parks += times
    return parks


def check(seen: list[list[bytes]], device: str) -> None:
    """After a user's cell, nothing else has drawn."""
    assert generators(device) == seen[-1]


@pytest.mark.parametrize("name", CELLS)
def test_parked_on_any_device(notebook: Any, device: str, name: str) -> None:
    cells = USERS + (USERS_ON_DEVICE if device == "cuda" else [])
    assert holds(notebook, CELLS[name], device, cells) >= 10


@pytest.mark.gpu
@pytest.mark.parametrize("name", ON_DEVICE)
def test_parked_on_a_device(notebook: Any, name: str) -> None:
    assert holds(notebook, ON_DEVICE[name], "cuda", USERS + USERS_ON_DEVICE) >= 10


@pytest.mark.gpu
def test_the_capture_of_a_graph_is_waited_for(notebook: Any) -> None:
    """The user's work must not be recorded, nor end the capture."""
    from parked import planned

    reasons = set()
    sitting, lines = planned(notebook, ON_DEVICE["a graph"], itertools.repeat(1))
    point = lines.point

    def noted() -> None:
        point()
        reasons.add(lines.waiting_for)

    lines.point = noted  # type: ignore[method-assign]
    while sitting.live:
        sitting.slice()
        assert not torch.cuda.is_current_stream_capturing()
    assert reasons == {"", "the capture of a CUDA graph"}


def test_the_user_keeps_the_generators_of_the_device(notebook: Any, device: str) -> None:
    from parked import planned

    notebook.names["device"] = device
    torch.ones(1, device=device)
    torch.manual_seed(5)
    expected = [torch.rand(3, device=device) for _ in range(4)]
    torch.manual_seed(5)
    sitting, _ = planned(notebook, CELLS["chance"], itertools.repeat(4))
    for value in expected:
        sitting.slice()
        assert torch.equal(torch.rand(3, device=device), value)
    sitting.stop()

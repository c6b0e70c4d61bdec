"""The user's random state comes back, and every trial has its own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from jupyter_hpo import randomness

PROGRAM = """
import random, sys
from jupyter_hpo import randomness
with_torch = {torch}
if with_torch:
    import torch
randomness.seed_all(7, 3)
import numpy as np
print(random.random(), np.random.rand(), randomness.generator(7, 3, 1).random())
assert ("torch" in sys.modules) is with_torch
"""

EXPECTED = ["0.5251830049424141", "0.34135191213708527", "0.3339960766801735"]


@pytest.fixture(autouse=True)
def _leave_no_trace() -> Iterator[None]:
    state = random.getstate(), np.random.get_state(), torch.get_rng_state()
    yield
    random.setstate(state[0])
    np.random.set_state(state[1])
    torch.set_rng_state(state[2])


def draw() -> tuple[Any, ...]:
    """A few numbers of every global generator; normals, because their second half is cached."""
    return (
        random.random(),
        random.gauss(0, 1),
        np.random.rand(),
        np.random.normal(),
        torch.rand(1).item(),
        torch.randn(1).item(),
        torch.nn.Linear(3, 3).weight[0, 0].item(),
    )


def test_restore_continues_the_users_stream() -> None:
    draw()
    taken = randomness.snapshot()
    expected = draw()
    randomness.seed_all(0, 1)
    draw()
    randomness.restore(taken)
    assert draw() == expected
    randomness.restore(taken)
    assert draw() == expected


def test_a_trial_draws_the_same_whenever_it_runs() -> None:
    randomness.seed_all(4, 2)
    first = draw()
    np.random.normal()
    random.gauss(0, 1)
    randomness.seed_all(4, 2)
    assert draw() == first
    for other in ((4, 3), (5, 2), (2, 4)):
        randomness.seed_all(*other)
        assert not set(draw()) & set(first)


def test_any_global_bit_generator_of_numpy_is_seeded_and_restored() -> None:
    legacy: Any = np.random
    usual = legacy.get_bit_generator()
    try:
        legacy.set_bit_generator(np.random.PCG64(1))
        taken = randomness.snapshot()
        expected = np.random.rand(3)
        randomness.seed_all(0, 0)
        first = np.random.rand(3)
        randomness.seed_all(0, 0)
        assert (np.random.rand(3) == first).all()
        randomness.restore(taken)
        assert (np.random.rand(3) == expected).all()
    finally:
        legacy.set_bit_generator(usual)


def test_a_library_imported_meanwhile_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before_import:
        before_import.delitem(sys.modules, "torch")
        before_import.delitem(sys.modules, "numpy")
        taken = randomness.snapshot()
    assert taken.numpy is None
    assert taken.torch is None
    torch.manual_seed(5)
    np.random.seed(5)
    expected = torch.rand(1), np.random.rand()
    torch.manual_seed(5)
    np.random.seed(5)
    randomness.restore(taken)
    assert (torch.rand(1), np.random.rand()) == expected


def test_cuda_is_not_initialised() -> None:
    cuda: Any = torch.cuda
    before = cuda.is_initialized()
    taken = randomness.snapshot()
    randomness.seed_all(0, 0)
    randomness.restore(taken)
    assert cuda.is_initialized() is before


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_cuda_is_seeded_and_restored() -> None:
    torch.rand(1, device="cuda")
    taken = randomness.snapshot()
    expected = torch.rand(3, device="cuda")
    randomness.seed_all(0, 0)
    first = torch.rand(3, device="cuda")
    randomness.seed_all(0, 0)
    assert torch.equal(torch.rand(3, device="cuda"), first)
    randomness.restore(taken)
    assert torch.equal(torch.rand(3, device="cuda"), expected)


def test_inside_inference_mode() -> None:
    with torch.inference_mode():
        taken = randomness.snapshot()
        expected = torch.rand(2)
    randomness.seed_all(0, 0)
    randomness.restore(taken)
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("with_torch", [False, True])
def test_the_same_in_every_process(with_torch: bool) -> None:
    # Written down, so that a change of the numbers between releases is noticed too.
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(torch=with_torch)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "3"},
    )
    assert run.stdout.split() == EXPECTED


def test_the_streams_of_a_trial_differ() -> None:
    assert randomness.generator(0, 0, randomness.ASK).random() != (
        randomness.generator(0, 0, randomness.TRIAL).random()
    )


@given(
    st.tuples(st.integers(-3, 2**40), st.integers(0, 5), st.integers(0, 1)),
    st.tuples(st.integers(-3, 2**40), st.integers(0, 5), st.integers(0, 1)),
)
def test_generators_agree_only_on_equal_numbers(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = randomness.generator(*one).integers(2**62, size=2)
        again = randomness.generator(*one).integers(2**62, size=2)
        second = randomness.generator(*other).integers(2**62, size=2)
    assert (first == again).all()
    assert (first == second).all() == (one == other)

"""What every tier shares."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

# an example may wait for a busy machine; the same examples on every machine
settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")


@pytest.fixture(scope="module", autouse=True)
def heap_of_file() -> Iterator[None]:
    """What a file leaves behind is collected when its tests are over."""
    yield
    gc.unfreeze()
    gc.collect()


@pytest.fixture(autouse=True)
def heap_of_test(heap_of_file: None) -> None:
    """What a test finds there is out of the garbage collector's sight.

    A study looks through the heap when it begins; with torch, pandas and scipy
    that takes a tenth of a second, and the tests run thousands of studies.
    """
    gc.freeze()


@pytest.fixture
def heap_in_sight(heap_of_test: None) -> None:
    """For tests of what becomes of the heap itself."""
    gc.unfreeze()

"""Chance: the user's random state put aside, and every trial's own drawn from the study's seed.

The streams come from numpy's SeedSequence (M. E. O'Neill, "Developing a seed_seq
alternative", 2015), whose mixing is the same on every platform and in every version.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .layers import Layer

if TYPE_CHECKING:
    import numpy as np

ASK, TRIAL, _PYTHON, _NUMPY, _TORCH = range(5)
"""Streams of one trial: for the optimizer's `ask`, for ``trial.rng``, for the global generators."""


@dataclass(frozen=True)
class Snapshot:
    """State of the global generators; None for a library that was not loaded."""

    python: tuple[Any, ...]
    numpy: dict[str, Any] | None
    torch: Any
    cuda: list[Any] | None


def snapshot() -> Snapshot:
    """Note the state of the global generators of python, numpy and torch (CPU and CUDA).

    Libraries that are not imported, and CUDA while it is not initialised, are left alone.
    """
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    return Snapshot(
        python=random.getstate(),
        numpy=numpy.random.get_state(legacy=False) if numpy else None,
        torch=torch.get_rng_state() if torch else None,
        cuda=torch.cuda.get_rng_state_all() if torch and torch.cuda.is_initialized() else None,
    )


def restore(taken: Snapshot) -> None:
    """Put the generators back where `snapshot` found them.

    A library imported since then is left alone. CUDA devices initialised since
    then are seeded as torch would have seeded them at the time of the snapshot.
    """
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    random.setstate(taken.python)
    if numpy and taken.numpy is not None:
        numpy.random.set_state(taken.numpy)
    if torch and taken.torch is not None:
        torch.set_rng_state(taken.torch)
        if taken.cuda is not None:
            torch.cuda.set_rng_state_all(taken.cuda)
        elif torch.cuda.is_available():  # otherwise torch notes the call stack for nothing
            # Waits for the initialisation if there was none yet.
            torch.cuda.manual_seed_all(torch.initial_seed())


def seed_all(seed: int, number: int) -> None:
    """Seed the global generators of python, numpy and (if imported) torch for one trial.

    CUDA devices are seeded too, at their initialisation if that is still to come.

    Parameters
    ----------
    seed : the study's seed.
    number : the trial's number, from 0.
    """
    import numpy as np

    words = _sequence(seed, number, _PYTHON).generate_state(4)
    random.seed(int.from_bytes(words.astype("<u4").tobytes(), "little"))
    # The user may have exchanged numpy's global bit generator: seed the kind there is.
    legacy: Any = np.random
    kind = type(legacy.get_bit_generator())
    # Also drops the second normal number that the last draw of one left over.
    legacy.set_state(kind(_sequence(seed, number, _NUMPY)).state)
    if "torch" in sys.modules:
        _seed_torch(seed, number)


@contextmanager
def kept() -> Iterator[None]:
    """Put the generators back at the end."""
    taken = snapshot()
    try:
        yield
    finally:
        restore(taken)


class Seeded(Layer):
    """A trial's chance: `seed_all` at its start, and torch when the trial is first to import it.

    Over a park the trial's generators are kept; the user's are put back by
    whoever runs the study (`kept`).
    """

    def __init__(self, seed: int, number: int) -> None:
        self._seed, self._number = seed, number
        self._finder: _OnImport | None = None
        self._trials: Snapshot | None = None

    def enter(self) -> None:
        if self._trials is None:
            seed_all(self._seed, self._number)
        else:
            restore(self._trials)
            if self._trials.torch is None and "torch" in sys.modules:
                self._seed_torch()  # the user has imported it meanwhile
        if "torch" not in sys.modules:
            self._finder = _OnImport("torch", self._seed_torch)
            sys.meta_path.insert(0, self._finder)

    def leave(self) -> None:
        self.end()
        self._trials = snapshot()

    def end(self) -> None:
        if self._finder is not None:
            with suppress(ValueError):
                sys.meta_path.remove(self._finder)
            self._finder = None

    def _seed_torch(self) -> None:
        _seed_torch(self._seed, self._number)


class _OnImport(MetaPathFinder):
    """Calls `then` when a module has been imported."""

    def __init__(self, name: str, then: Callable[[], None]) -> None:
        self.name, self.then = name, then

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """The module's own spec, its loader followed by `then`."""
        if fullname != self.name:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                self.then()

            loader.exec_module = exec_module
        return spec


def _seed_torch(seed: int, number: int) -> None:
    torch = sys.modules["torch"]
    word = int(_sequence(seed, number, _TORCH).generate_state(1, "uint64")[0])
    # torch.manual_seed notes the call stack for each kind of device that is not there: 1 ms
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        torch.manual_seed(word)
    else:
        torch.default_generator.manual_seed(word)


def generator(seed: int, number: int, stream: int = ASK) -> np.random.Generator:
    """A generator of its own for one use in one trial.

    Parameters
    ----------
    seed : the study's seed, any whole number.
    number : the trial's number, from 0.
    stream : which use: `ASK` for the optimizer, `TRIAL` for ``trial.rng``.

    Returns
    -------
    PCG64 generator, the same for the same three numbers everywhere.
    """
    import numpy as np

    return np.random.Generator(np.random.PCG64(_sequence(seed, number, stream)))


def _sequence(seed: int, number: int, stream: int) -> np.random.SeedSequence:
    import numpy as np

    # SeedSequence refuses negative numbers; a user's --seed -1 is a seed like any other.
    return np.random.SeedSequence(seed & (2**128 - 1), spawn_key=(number, stream))

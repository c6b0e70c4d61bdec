"""Random search with nothing added: the least anything has to beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from jupyter_hpo.space import Space


class Uniform:
    """Samples and forgets."""

    def __init__(self, space: Space, seed: int) -> None:
        self.space, self.rng = space, np.random.default_rng([seed, 17])

    def ask(self) -> dict[str, Any]:
        return self.space.sample(self.rng)

    def tell(self, assignment: Mapping[str, Any], value: float | None) -> None:
        pass


def make(space: Space, seed: int, trials: int) -> Uniform:
    """Random search."""
    return Uniform(space, seed)

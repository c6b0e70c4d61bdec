"""Our optimizers behind the interface of `peers`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from jupyter_hpo import optimizers
from jupyter_hpo.protocols import Notes
from jupyter_hpo.space import Space
from jupyter_hpo.trial import ORIGIN, Trial, TrialState


class Ours:
    """Makes the records and random generators that a study makes."""

    def __init__(self, name: str, space: Space, seed: int, trials: int) -> None:
        self.optimizer = optimizers.create(name, space, seed=seed, trials=trials)
        self.seed, self.number = seed, 0

    def ask(self) -> Mapping[str, Any] | None:
        rng = np.random.default_rng([self.seed, self.number])
        return self.optimizer.ask(self.number, rng, [])

    def tell(self, assignment: Mapping[str, Any], value: float | None) -> None:
        state = TrialState.FAIL if value is None else TrialState.COMPLETE
        shown = MappingProxyType(dict(assignment))
        noted = self.optimizer.notes() if isinstance(self.optimizer, Notes) else {}
        self.optimizer.tell(Trial(self.number, state, shown, value, info={ORIGIN: noted}))
        self.number += 1


def make(name: str, space: Space, seed: int, trials: int) -> Ours:
    """The optimizer as ``--optimizer`` takes it."""
    return Ours(name, space, seed, trials)

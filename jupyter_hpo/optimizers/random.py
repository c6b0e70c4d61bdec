"""Random search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..distinct import Distinct
from ..space import Space
from ..trial import Trial

if TYPE_CHECKING:
    import numpy as np


class Random:
    """Draws configurations uniformly, on a logarithmic scale where that is asked for.

    No configuration is tried twice while a finite space has untried ones; when
    it has none, the study ends.

    Parameters
    ----------
    space : the search space.

    References
    ----------
    J. Bergstra and Y. Bengio, "Random search for hyper-parameter optimization",
    JMLR 13 (2012).
    """

    notice = ""
    even = True  # trials are spread over the space, whatever they find

    def __init__(self, space: Space) -> None:
        self._space = space
        self._distinct = Distinct(space)

    def ask(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any] | None:
        """A random configuration that is neither told nor running."""
        draws = iter(lambda: self._space.sample(rng), None)
        return self._distinct.choose(draws, rng, running)

    def tell(self, trial: Trial) -> None:
        """Note what has been tried."""
        self._distinct.tell(trial.assignment)

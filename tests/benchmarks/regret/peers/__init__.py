"""Other people's optimizers behind one small interface, one file each.

A peer is imported only when it is asked for: some take seconds to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

from jupyter_hpo.space import Space

TABLE = {
    "uniform": "peers.uniform:make",
    "optuna-tpe": "peers.optuna_peers:tpe",
    "optuna-gp": "peers.optuna_peers:gp",
    "ax": "peers.ax_peer:make",
    "ax-tree": "peers.ax_peer:tree",
    "smac": "peers.smac_peer:make",
    "bayes-opt": "peers.bayes_opt_peer:make",
    "pymoo-ga": "peers.pymoo_peers:ga",
    "pymoo-ga-small": "peers.pymoo_peers:ga_small",
    "pymoo-pso": "peers.pymoo_peers:pso",
    "pymoo-pso-small": "peers.pymoo_peers:pso_small",
    "pymoo-de": "peers.pymoo_peers:de",
    "pymoo-de-small": "peers.pymoo_peers:de_small",
    "scipy-de": "peers.scipy_peers:de",
    "scipy-de-small": "peers.scipy_peers:de_small",
    "nevergrad-pso": "peers.nevergrad_peers:pso",
    "cmaes-cma": "peers.cmaes_peers:make",
    "optuna-cmaes": "peers.optuna_peers:cmaes",
}


class Sequential(Protocol):
    """An optimizer, ours or not, that is used one trial after the other; it minimises."""

    def ask(self) -> Mapping[str, Any] | None:
        """The next assignment, active values only; None if it has no more."""

    def tell(self, assignment: Mapping[str, Any], value: float | None) -> None:
        """Outcome of the assignment asked last, or of one it has not asked for.

        The value is None if the trial failed.
        """


def make(name: str, space: Space, seed: int, trials: int) -> Sequential:
    """The peer of that name, else our optimizer, perhaps with options in brackets."""
    if name not in TABLE:
        return import_module("ours").make(name, space, seed, trials)
    module, _, attribute = TABLE[name].partition(":")
    return getattr(import_module(module), attribute)(space, seed, trials)

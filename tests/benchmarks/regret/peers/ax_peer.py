"""Ax with the generation strategy it chooses by itself.

Twice: flat, where values that do not exist are suggested and ignored, and as
the tree that Ax can make of dependent parameters. In a tree a parameter hangs
on one value of one choice; those that exist with several values stay flat.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import Any

from ax.api.client import Client
from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig
from ax.utils.common.logger import set_ax_logger_levels

from jupyter_hpo.domains import Bool, Categorical, Int
from jupyter_hpo.space import Parameter, Space

from .values import active, filled

TYPES = {bool: "bool", int: "int", float: "float", str: "str"}


class Ax:
    """A client of Ax, without a database."""

    def __init__(self, space: Space, seed: int, dependent: bool) -> None:
        set_ax_logger_levels(logging.CRITICAL)
        warnings.filterwarnings("ignore")
        self.space, self.dependent = space, dependent
        self.client = Client(random_seed=seed)
        self.client.configure_experiment([self._config(parameter) for parameter in space])
        self.client.configure_optimization("-value")
        self.asked: int | None = None

    def ask(self) -> dict[str, Any]:
        ((self.asked, flat),) = self.client.get_next_trials(1).items()
        return active(self.space, flat)

    def tell(self, assignment: Mapping[str, Any], value: float | None) -> None:
        if self.asked is None:
            flat = filled(self.space, assignment)
            if self.dependent:
                flat = {
                    k: v for k, v in flat.items() if k in assignment or not _hangs(self.space[k])
                }
            self.asked = self.client.attach_trial(flat)
        if value is None:
            self.client.mark_trial_failed(self.asked)
        else:
            self.client.complete_trial(self.asked, {"value": value})
        self.asked = None

    def _config(self, parameter: Parameter) -> ChoiceParameterConfig | RangeParameterConfig:
        key, domain = parameter.key, parameter.domain
        if isinstance(domain, Categorical):
            kind = "bool" if isinstance(domain, Bool) else TYPES[type(domain.choices[0])]
            below = self._below(parameter) if self.dependent else None
            return ChoiceParameterConfig(
                key, list(domain.choices), kind, dependent_parameters=below or None
            )
        kind = "int" if isinstance(domain, Int) else "float"
        scale = "log" if domain.log else "linear"
        return RangeParameterConfig(key, (domain.low, domain.high), kind, domain.step, scale)

    def _below(self, parent: Parameter) -> dict[Any, list[str]]:
        below: dict[Any, list[str]] = {}
        for child in self.space:
            if _hangs(child) and child.when.parent == parent.key:
                below.setdefault(child.when.values[0], []).append(child.key)
        return below


def _hangs(parameter: Parameter) -> bool:
    return parameter.when is not None and len(parameter.when.values) == 1


def make(space: Space, seed: int, trials: int) -> Ax:
    """Ax on the flat space."""
    return Ax(space, seed, dependent=False)


def tree(space: Space, seed: int, trials: int) -> Ax:
    """Ax that knows which parameters depend on which choice."""
    return Ax(space, seed, dependent=True)

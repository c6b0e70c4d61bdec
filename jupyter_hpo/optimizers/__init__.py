"""Optimizers by name.

A new one is one new file and one line in `TABLE`; one of another package is an
entry point of the group ``jupyter_hpo.optimizers``. A line ``family:NAME`` is that
of many: what it names is called with what the user wrote for NAME. Each gives a callable
that is given the search space, and the study's `seed`, `trials` and `variables` (the
notebook's, by name) if it has parameters of these names; its other parameters are the user's
options, which need a default and are checked against their annotation. It returns an `Optimizer`,
which may have more attributes: ``notice``, a sentence for the
user about what it chose to do; ``size``, the number of configurations
after which it ends by itself; ``ended``, why it has, where that is not because all are tried;
``learned``, sentences about what the trials told have shown;
``even``, whether it spreads trials over the space, whatever
they find. When the search space is edited it is made anew
and told all trials that still fit, unless it is one that `protocols.Adapts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from ..domains import Domain
from ..domains.base import short
from ..errors import UsageError
from ..named.table import Table
from ..protocols import Optimizer
from ..space import Space

TABLE: Final = {
    "auto": "jupyter_hpo.optimizers.auto:auto",
    "bayes": "jupyter_hpo.optimizers.bayes.optimizer:Bayes",
    "cmaes": "jupyter_hpo.optimizers.evolution.cmaes:CMAES",
    "de": "jupyter_hpo.optimizers.evolution.de:DE",
    "ga": "jupyter_hpo.optimizers.evolution.ga:GA",
    "gradient": "jupyter_hpo.optimizers.gradient.optimizer:Gradient",
    "grid": "jupyter_hpo.optimizers.grid:Grid",
    "pso": "jupyter_hpo.optimizers.evolution.pso:PSO",
    "random": "jupyter_hpo.optimizers.random:Random",
    "sobol": "jupyter_hpo.optimizers.sobol:Sobol",
    "optuna:NAME": "jupyter_hpo.optimizers.optuna:sampler",
}
GROUP: Final = "jupyter_hpo.optimizers"
_TABLE: Final = Table(
    *("optimizer", TABLE, GROUP, "grid(points=5)"),
    leading=1,
    given=("seed", "trials", "variables"),
)
names = _TABLE.names
parse = _TABLE.parse


def create(
    name: str,
    space: Space | Mapping[str, Domain],
    *,
    seed: int = 0,
    trials: int | None = None,
    variables: Mapping[str, Any] = {},
    **options: Any,
) -> Optimizer:
    """The optimizer of that name.

    Parameters
    ----------
    name : one of `names`, perhaps with literal options, as in ``"grid(points=5)"``.
    space : what it searches; a dict as `tune` takes it will do.
    seed : of the study; the same seed gives the same trials.
    trials : the study's total; None if it is not known. Then `grid` alone can be
        expected to end by itself, others only where a finite space is exhausted.
    variables : of the notebook, by name, for options that name some.
    options : the optimizer's own.

    Raises
    ------
    UsageError
        If there is no such optimizer, or an option is unknown or has the wrong type.
    """
    if not isinstance(seed, int) or seed < 0:
        raise UsageError(f"seed is a whole number from 0 up, not {short(seed)}")
    searched = space if isinstance(space, Space) else Space.of(space)
    study = {"seed": seed, "trials": trials, "variables": variables}
    return cast("Optimizer", _TABLE.create(name, searched, study=study, options=options))


def needs_space(name: str) -> bool:
    """Whether there must be a hyperparameter for the optimizer of that name, with its options.

    A factory with a function ``beside(options)`` says by it whether it has something else to
    search.

    Raises
    ------
    UsageError
        As `parse`.
    """
    plain, options = parse(name)
    beside = getattr(_TABLE.factory(plain), "beside", None)
    return not (callable(beside) and beside(options))

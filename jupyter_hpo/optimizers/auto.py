"""The default: a grid where the trials cover the space, else a model of the objective."""

from __future__ import annotations

from typing import Final

from ..protocols import Optimizer
from ..space import Space
from . import create

WIDE: Final = 300  # parameters; with more of them the model takes longer than most trials


def auto(space: Space, *, seed: int = 0, trials: int | None = None) -> Optimizer:
    """The optimizer that suits the space, its ``notice`` saying which and why.

    A finite space of no more configurations than `trials` gets a grid of all of
    them. Every other one gets Bayesian optimization, which in most tasks of
    ``tests/benchmarks/regret`` finds better configurations than the alternatives after
    10, 20, 50 and 100 trials; only where there are so many parameters that its model
    is slow does a particle swarm take its place.

    Parameters
    ----------
    space : the search space.
    seed : the study's.
    trials : the study's total, None if it is not known.
    """
    size = space.size
    if size is not None and trials is not None and size <= trials:
        optimizer = create("grid", space, seed=seed, trials=trials, points=size)
        covered = "1 trial covers it" if trials == 1 else f"{trials:,} trials cover it"
        reason = f"grid: the space has only {_configurations(size)} and {covered}"
    elif len(space) > WIDE:
        optimizer = create("pso", space, seed=seed, trials=trials)
        reason = f"pso: a model of {len(space):,} parameters is slow, and a swarm learns without"
    else:
        optimizer = create("bayes", space, seed=seed, trials=trials)
        reason = f"bayes: {_why_not_grid(size, trials)}, and a model learns where to look"
    optimizer.notice = f"auto chose {reason}"  # type: ignore[attr-defined]  # optional there
    return optimizer


def _why_not_grid(size: int | None, trials: int | None) -> str:
    if size is None:
        return "the space is a continuum"
    if trials is None:
        return "the number of trials is not set"
    several = "1 trial" if trials == 1 else f"{trials:,} trials"
    return f"{several} cannot cover the space's {_configurations(size)}"


def _configurations(size: int) -> str:
    return f"{size:,} configuration" + ("s" if size != 1 else "")

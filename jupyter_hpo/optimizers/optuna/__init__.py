"""The samplers of Optuna: ``optuna:TPE``, ``optuna:GP``, ``optuna:CmaEs`` and the others.

Needs the extra ``optuna``. `classes` finds a sampler and says what it is like,
`values` puts the search space into Optuna's terms, `history` is the study that
Optuna sees, and `sampled` makes an optimizer of the three. Optuna itself is
imported only when a sampler is named.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...space import Space
from . import classes
from .sampled import Sampled


def sampler(member: str) -> Callable[..., Sampled]:
    """What makes an optimizer of an Optuna sampler; its signature has the sampler's options.

    Parameters
    ----------
    member : what stands behind the colon: a class of `optuna.samplers`, with or without
        "Sampler" at its end, or the dotted path of another package's.

    Returns
    -------
    Takes the space and the study's `seed`, and the keywords of the sampler's constructor but
    ``seed`` and those that are samplers themselves: their chance would not be the study's.

    Raises
    ------
    UsageError
        If there is no such sampler, it cannot keep to the laws of `protocols.Optimizer`, or it
        needs a package that is not installed. What is returned raises it for options that the
        sampler refuses, and for a space that the sampler cannot search.
    """
    found = classes.find(member)

    def make(space: Space, *, seed: int = 0, **options: Any) -> Sampled:
        return Sampled(space, found, seed, options)

    make.__signature__ = classes.signature(found)  # type: ignore[attr-defined]  # inspect reads it
    return make

"""Optimizers by name.

A new one is one new file and one line in `TABLE`; one of another package is an
entry point of the group ``jupyter_hpo.optimizers``. A line ``family:NAME`` is that
of many: what it names is called with what the user wrote for NAME. Each gives a callable
that is given the search space, and the study's `seed` and `trials` if it has
parameters of these names; its other parameters are the user's options, which
need a default and are checked against their annotation. It returns an
`Optimizer`, which may have three more attributes: ``notice``, a sentence for the
user about what it chose to do, ``learned``, sentences about what the trials told
have shown, and ``size``, the number of configurations after which it ends by
itself. When the search space is edited it is made anew and told all trials that
still fit, unless it is one that `protocols.Adapts`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, cast

from ..domains import Domain
from ..domains.base import short
from ..errors import UsageError
from ..protocols import Optimizer
from ..space import Space
from . import options as _options
from .text import split

TABLE: Final = {
    "auto": "jupyter_hpo.optimizers.auto:auto",
    "bayes": "jupyter_hpo.optimizers.bayes.optimizer:Bayes",
    "gradient": "jupyter_hpo.optimizers.gradient.optimizer:Gradient",
    "grid": "jupyter_hpo.optimizers.grid:Grid",
    "random": "jupyter_hpo.optimizers.random:Random",
    "sobol": "jupyter_hpo.optimizers.sobol:Sobol",
    "optuna:NAME": "jupyter_hpo.optimizers.optuna:sampler",
}
GROUP: Final = "jupyter_hpo.optimizers"
PLANNED: Final = ("cmaes", "ga", "pso", "de")

Factory = Callable[..., Optimizer]


def names() -> list[str]:
    """Every optimizer there is: ours, families as ``optuna:NAME``, then those of plug-ins."""
    return list(dict.fromkeys([*TABLE, *sorted(entry.name for entry in _plugins())]))


def parse(text: str) -> tuple[str, dict[str, Any]]:
    """Name and options of ``grid(points=5)``; nothing in it is evaluated.

    Raises
    ------
    UsageError
        If it is not written that way, or there is no such optimizer or option.
    """
    name, options = split(text)
    _options.check(name, _factory(name), options)
    return name, options


def create(
    name: str,
    space: Space | Mapping[str, Domain],
    *,
    seed: int = 0,
    trials: int | None = None,
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
    options : the optimizer's own.

    Raises
    ------
    UsageError
        If there is no such optimizer, or an option is unknown or has the wrong type.
    """
    if not isinstance(seed, int) or seed < 0:
        raise UsageError(f"seed is a whole number from 0 up, not {short(seed)}")
    name, literal = parse(name)
    options = {**literal, **options}
    space = space if isinstance(space, Space) else Space.of(space)
    factory = _factory(name)
    _options.check(name, factory, options)
    study = {"seed": seed, "trials": trials}
    taken = _options.parameters(factory)
    return factory(space, **{key: study[key] for key in study if key in taken}, **options)


def _factory(name: str) -> Factory:
    first, colon, member = name.partition(":")
    family = f"{first}:NAME"
    if colon and family in TABLE:
        return cast("Factory", _attribute(TABLE[family])(member))
    if name in TABLE:
        return cast("Factory", _attribute(TABLE[name]))
    if family in TABLE:
        raise UsageError(f"{name} has several optimizers; write which, for example {name}:TPE")
    for entry in _plugins():
        if entry.name == name:
            return _load(entry)
    there_are = f"there are {', '.join(names())}"
    if name.partition(":")[0] in PLANNED:
        raise UsageError(f"{name!r} is not in this version; {there_are}")
    near = difflib.get_close_matches(name, names(), 1)
    hint = f"did you mean {near[0]!r}? T" if near else "t"
    raise UsageError(f"there is no optimizer {name!r}; {hint}{there_are[1:]}")


def _attribute(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)


def _load(entry: EntryPoint) -> Factory:
    try:
        return cast("Factory", entry.load())
    except Exception as error:
        package = entry.dist.name if entry.dist else entry.value
        raise UsageError(
            f"the optimizer {entry.name!r} of the package {package} could not be imported: "
            f"{type(error).__name__}: {error}"
        ) from error


def _plugins() -> list[EntryPoint]:
    return list(entry_points(group=GROUP))

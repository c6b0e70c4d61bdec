"""Optuna's samplers by name: which there are, what they are like, which options they take."""

from __future__ import annotations

import collections.abc
import difflib
import inspect
import typing
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from ...domains.base import short
from ...errors import UsageError

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

PLAIN: Final = ("TPE", "GP", "Random", "BruteForce")
REFUSED: Final = {
    "Grid": "its grid is not that of the search space; write grid, or grid(points=5)",
    "PartialFixed": "it wraps another sampler; name that, and narrow what is to be fixed",
}
NEEDS: Final = {"CmaEs": ("cmaes", "optuna"), "GP": ("torch", "torch")}
HIDDEN: Final = ("seed", "independent_sampler")  # chance of its own; it has the study's instead


@dataclass(frozen=True)
class Kind:
    """A sampler class, and how it learns.

    Attributes
    ----------
    name : as the user wrote it, with ``optuna:``.
    make : the class.
    short : its name without "Sampler"; of another package its dotted path.
    replays : whether it notes in the study, when it is asked, what it goes on from when it is
        asked again. Such a study is not made of its finished trials alone: each has to be
        asked for as it was.
    adopts : whether it may take a trial that it did not propose for one that it did.
    steady : whether it learns only about the parameters that every trial has. It would go
        astray if it were told others: they are drawn at random.
    """

    name: str
    make: Callable[..., BaseSampler]
    short: str
    replays: bool
    adopts: bool = False
    steady: bool = False


@contextmanager
def quiet() -> Iterator[None]:
    """Optuna says nothing inside; its verbosity and the filters are as before at the end."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)


def find(member: str) -> Kind:
    """The sampler of that name, see `sampler`."""
    name = f"optuna:{member}"
    try:
        import optuna
    except ImportError as error:
        raise UsageError(
            f"{name} needs Optuna, which cannot be imported here ({error}); "
            "pip install 'jupyter_hpo[optuna]'"
        ) from error
    with quiet():
        found = _imported(name, member) if "." in member else _own(name, member)
        title = next((short for short, each in _samplers().items() if each is found), member)
    if title in NEEDS and find_spec(NEEDS[title][0]) is None:
        package, extra = NEEDS[title]
        raise UsageError(f"{name} needs {package}; pip install 'jupyter_hpo[{extra}]'")
    if issubclass(found, optuna.samplers.BaseGASampler):
        return Kind(name, found, title, replays=True, adopts=True, steady=True)
    if title in ("CmaEs", "QMC"):
        return Kind(name, found, title, replays=True, adopts=title == "CmaEs", steady=True)
    return Kind(name, found, title, replays=title not in PLAIN)


def _own(name: str, member: str) -> type[BaseSampler]:
    title = member.removesuffix("Sampler")
    if title in REFUSED:
        raise UsageError(f"{name} is not to be had here: {REFUSED[title]}")
    there_are = _samplers()
    if title in there_are:
        return there_are[title]
    small = {each.lower(): each for each in there_are}
    near = difflib.get_close_matches(title.lower(), small, 1)
    hint = f"did you mean 'optuna:{small[near[0]]}'? T" if near else "t"
    raise UsageError(f"Optuna has no sampler {title!r}; {hint}here are {', '.join(there_are)}")


def _samplers() -> dict[str, type[BaseSampler]]:
    from optuna import samplers

    found = {each.removesuffix("Sampler"): getattr(samplers, each) for each in samplers.__all__}
    return {
        title: found[title]
        for title in sorted(found)
        if inspect.isclass(found[title])
        and issubclass(found[title], samplers.BaseSampler)
        and not inspect.isabstract(found[title])
        and title not in REFUSED
    }


def _imported(name: str, path: str) -> type[BaseSampler]:
    from optuna.samplers import BaseSampler

    module, _, attribute = path.rpartition(".")
    try:
        found = getattr(import_module(module), attribute)
    except Exception as error:
        raise UsageError(
            f"{name} could not be imported: {type(error).__name__}: {error}"
        ) from error
    if not (inspect.isclass(found) and issubclass(found, BaseSampler)):
        raise UsageError(f"{name} is {short(found)}, which is no sampler of Optuna's kind")
    if "seed" not in inspect.signature(found).parameters:
        raise UsageError(f"{name} takes no seed: its trials would be others each time")
    return found


def signature(kind: Kind) -> inspect.Signature:
    """Of what makes an optimizer of the sampler: the space, the seed and the sampler's options."""
    given = list(inspect.signature(kind.make).parameters.values())
    hints = _hints(kind.make)
    options = [
        each
        if each.kind is each.VAR_KEYWORD
        else each.replace(kind=each.KEYWORD_ONLY, annotation=hints.get(each.name, each.annotation))
        for each in given
        if each.name not in HIDDEN and each.kind is not each.VAR_POSITIONAL
    ]
    space = inspect.Parameter("space", inspect.Parameter.POSITIONAL_ONLY)
    seed = inspect.Parameter("seed", inspect.Parameter.KEYWORD_ONLY, default=0, annotation=int)
    return inspect.Signature([space, seed, *options])


def _hints(sampler: Any) -> dict[str, Any]:
    """Types of the options, as far as their names can be resolved."""
    init = inspect.unwrap(sampler.__init__)
    names = getattr(init, "__globals__", {})
    written = getattr(init, "__annotations__", {})
    return {name: _resolved(annotation, names) for name, annotation in written.items()}


def _resolved(annotation: Any, names: Mapping[str, Any]) -> Any:
    def one() -> None: ...

    one.__annotations__ = {"it": annotation}
    try:  # names imported for type checkers alone are mostly those of collections.abc
        return typing.get_type_hints(one, {**vars(collections.abc), **names})["it"]
    except Exception:  # noqa: BLE001  # annotations of other packages may hold anything
        return annotation

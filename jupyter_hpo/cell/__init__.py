"""A tuned cell: text in, search space and compiled body out. Runs nothing of the cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

from ..space import Space
from . import objective
from .declarations import Declaration, read, space_of
from .names import reads
from .rewrite import HOOKS, compile_body, normalised
from .source import Source, depth_checked, is_coroutine, leading_imports, parse

__all__ = [
    "HOOKS",
    "Cell",
    "Declaration",
    "Source",
    "is_coroutine",
    "leading_imports",
    "objective",
    "parse",
    "read_cell",
]


@dataclass(frozen=True)
class Cell:
    """What a tuned cell says.

    Attributes
    ----------
    source : its text.
    declared : its declarations, in order.
    space : the search space they make.
    metric : name of the objective.
    loops : lines of the loops that report it.
    reads : names it looks up globally.
    body : the cell without its declarations, normalised; what resume compares.
    """

    source: Source
    declared: tuple[Declaration, ...]
    space: Space
    metric: str
    loops: tuple[int, ...]
    reads: frozenset[str]
    body: str

    @property
    def reads_device(self) -> bool:
        """Whether the cell, or a function it calls may, asks ``trial`` where to run."""
        return "trial" in self.reads and ".device" in self.source.text

    def compile(self, filename: str, flags: int = 0) -> CodeType:
        """The body of a trial; see `rewrite.compile_body`."""
        with depth_checked():
            return compile_body(self.source, list(self.declared), self.metric, filename, flags)


def read_cell(
    source: Source,
    metric: str | None,
    namespace: dict[str, Any],
    scope: Mapping[str, Any],
    written_elsewhere: Collection[str] = (),
    *,
    declares: bool = True,
) -> Cell:
    """Read a cell's declarations and objective.

    Parameters
    ----------
    metric : name of the objective; None is an error that lists the candidates.
    namespace, scope : see `declarations.read`.
    written_elsewhere : see `objective.check`.
    declares : whether it has to declare a hyperparameter.

    Raises
    ------
    CellError
        One readable error for the first thing that is wrong.
    """
    with depth_checked():
        return _read(source, metric, namespace, scope, written_elsewhere, declares)


def _read(
    source: Source,
    metric: str | None,
    namespace: dict[str, Any],
    scope: Mapping[str, Any],
    written_elsewhere: Collection[str],
    declares: bool,
) -> Cell:
    declared = read(source, namespace, scope, some=declares)
    names = [declaration.name for declaration in declared]
    if metric is None:
        raise objective.missing(source, names)
    objective.check(source, metric, names, written_elsewhere)
    loops = objective.reporting_loops(source.tree, metric)
    return Cell(
        source,
        tuple(declared),
        space_of(declared),
        metric,
        tuple(loop.lineno for loop in loops),
        frozenset(reads(source.plain)),
        normalised(source, declared),
    )

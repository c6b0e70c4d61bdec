"""The objective of a cell: which names could be it, what could assign it, where it is reported."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection, Iterable

from ..errors import CellError
from .names import bindings, reads
from .source import Source

RESULT = "_"  # the name that stands for the value of the last expression
_TELLING = re.compile(r"loss|acc|err|score|auc|f1|mse|mae|rmse|r2|metric|perplex|reward|val", re.I)
_HELD_OUT = re.compile(r"val|test|dev|cv", re.I)
_HIGHER = re.compile(r"acc|score|auc|f1|r2|reward|precision|recall|iou|bleu", re.I)
_LOWER = re.compile(r"loss|err|mse|mae|rmse|perplex|regret|cost", re.I)
_INDIRECT = {"exec", "eval", "globals", "get_ipython", "setattr", "vars"}
_Loop = ast.For | ast.AsyncFor | ast.While


def candidates(source: Source, declared: Collection[str]) -> list[str]:
    """Names the cell assigns that could be the objective, the likeliest first, at most 8."""
    boring = set(declared) | _loop_targets(source.tree) | _defined(source.tree)
    names = [b.name for b in bindings(source.plain) if not b.nested and b.name not in boring]
    names = [name for name in dict.fromkeys(names) if not name.startswith("_")]
    likely = [name for name in names if _TELLING.search(name)]
    likely.sort(key=lambda name: not _HELD_OUT.search(name))  # what is tuned on is held out
    return (likely + [name for name in reversed(names) if name not in likely])[:8]


def missing(source: Source, declared: Collection[str]) -> CellError:
    """The error for a ``%%tune`` line that does not say what to optimize."""
    found = candidates(source, declared)
    text = "say what to optimize: --minimize NAME or --maximize NAME"
    if not found:
        text += ". The cell assigns nothing that could be it; end it with an expression and use `_`"
        return CellError(text, write="%%tune --minimize _")
    direction = "--maximize" if looks_higher_better(found[0]) else "--minimize"
    text += f". The cell assigns: {', '.join(found)}"
    return CellError(text, write=f"%%tune {direction} {found[0]}")


def check(
    source: Source, metric: str, declared: Collection[str], written_elsewhere: Collection[str]
) -> None:
    """Refuse a metric that nothing in the cell could assign.

    Parameters
    ----------
    written_elsewhere : names that functions of the notebook, called by the cell, assign globally.

    Raises
    ------
    CellError
        With the nearest name that the cell does assign.
    """
    if metric == RESULT:
        if source.tree.body and not isinstance(source.tree.body[-1], ast.Expr):
            last = source.tree.body[-1]
            raise source.error(
                last, "`_` is the value of the cell's last expression, and its last line is none"
            )
        return
    if metric in declared:
        raise CellError(f"`{metric}` is a hyperparameter of this cell; it cannot be the objective")
    assigned = {b.name for b in bindings(source.plain)} | set(written_elsewhere)
    if metric in assigned or not _INDIRECT.isdisjoint(reads(source.plain)) or _stars(source.tree):
        return
    found = candidates(source, declared)
    near = difflib.get_close_matches(metric, found, 1, 0.5) or found[:1]
    text = f"nothing in this cell assigns `{metric}`"
    if found:
        text += f"; it assigns {', '.join(found)}"
    direction = "--maximize" if looks_higher_better(near[0] if near else metric) else "--minimize"
    raise CellError(text, write=f"{direction} {near[0]}" if near else f"{metric} = …")


def direction_hint(metric: str, maximize: bool) -> str:
    """A sentence if the direction looks like a slip; empty if not."""
    if not maximize and looks_higher_better(metric):
        return f"Minimizing `{metric}`: usually more of it is better. Did you mean --maximize?"
    if maximize and _LOWER.search(metric) and not _HIGHER.search(metric):
        return f"Maximizing `{metric}`: usually less of it is better. Did you mean --minimize?"
    return ""


def looks_higher_better(name: str) -> bool:
    """Whether more of something of this name is usually better."""
    return bool(_HIGHER.search(name)) and not _LOWER.search(name)


def unread(source: Source, declared: Iterable[str]) -> list[str]:
    """Declared names that nothing in the cell reads."""
    seen = reads(source.plain)
    if not seen.isdisjoint(_INDIRECT | {"locals", "trial"}):
        return []
    return [name for name in dict.fromkeys(declared) if name not in seen]


def reporting_loops(tree: ast.Module, metric: str) -> list[_Loop]:
    """The outermost loops, outside functions, in which the metric is assigned."""
    return [] if metric == RESULT else list(_loops(tree.body, metric))


def _loops(statements: Iterable[ast.AST], metric: str) -> Iterable[_Loop]:
    for node in statements:
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            if any(stores(inner, metric) for inner in _visible(node)):
                yield node
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            yield from _loops(ast.iter_child_nodes(node), metric)


def _visible(node: ast.AST) -> Iterable[ast.AST]:
    """A node and all below it outside functions, classes and variables of comprehensions."""
    yield node
    for child in ast.iter_child_nodes(node):
        hidden = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        own = isinstance(node, ast.comprehension) and child is node.target
        if not (own or isinstance(child, hidden)):
            yield from _visible(child)


def stores(node: ast.AST, name: str) -> bool:
    """Whether a node itself is the binding of `name`."""
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)


def _loop_targets(tree: ast.Module) -> set[str]:
    loops = [node for node in ast.walk(tree) if isinstance(node, (ast.For, ast.AsyncFor))]
    return {n.id for loop in loops for n in ast.walk(loop.target) if isinstance(n, ast.Name)}


def _defined(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)  # unbound again at the end of the handler
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def _stars(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        for node in ast.walk(tree)
    )

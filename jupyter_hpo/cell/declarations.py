"""The hyperparameters a cell declares: annotated assignments at its top level or in an ``if``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..domains import Categorical, Domain
from ..errors import CellError, SpaceError
from ..space import Parameter, Space
from . import suggest
from .annotations import OURS, Annotations
from .conditions import Condition, Test, branch
from .names import Binding, bindings
from .source import Source, unquoted

Path = tuple[tuple[ast.If, bool], ...]  # the branches a statement stands in, outermost first


@dataclass(frozen=True)
class Declaration:
    """One declared hyperparameter: its statement and what came of it."""

    parameter: Parameter
    node: ast.AnnAssign
    path: Path

    @property
    def name(self) -> str:
        """The variable it is bound to."""
        return self.parameter.name


def space_of(declared: Iterable[Declaration]) -> Space:
    """The search space of some declarations."""
    return Space([declaration.parameter for declaration in declared])


def read(
    source: Source, namespace: dict[str, Any], scope: Mapping[str, Any], *, some: bool = True
) -> list[Declaration]:
    """Find the declarations of a cell, in order.

    Parameters
    ----------
    namespace : the notebook's, in which conditions are evaluated when a trial is suggested.
    scope : the notebook's names and what the imports at the top of the cell bring;
        annotations and defaults are evaluated in it, now.
    some : whether there has to be one.

    Raises
    ------
    CellError
        If a declaration is wrong, stands where it cannot, or there is none.
    """
    reader = _Reader(source, namespace, scope)
    reader.block(source.tree.body, ())
    if some and not reader.found:
        raise suggest.no_declarations(source)
    return reader.found


class _Reader:
    def __init__(self, source: Source, namespace: dict[str, Any], scope: Mapping[str, Any]) -> None:
        self.source, self.namespace = source, namespace
        self.annotations = Annotations(source, scope)
        self.bound = bindings(source.plain)
        self.declared_lines: set[int] = set()
        self.found: list[Declaration] = []
        self.imported = _imported_first(source)

    def block(self, statements: Iterable[ast.stmt], path: Path) -> None:
        for node in statements:
            if isinstance(node, ast.If):
                self.block(node.body, (*path, (node, True)))
                self.block(node.orelse, (*path, (node, False)))
            elif isinstance(node, ast.AnnAssign):
                self._annotated(node, path)
            else:
                self._refuse_assigned_range(node)
                self._refuse_hidden(node)

    def _annotated(self, node: ast.AnnAssign, path: Path) -> None:
        annotation = node.annotation
        if self.annotations.is_ours(annotation) or self.annotations.is_unknown(annotation):
            self._refuse_unstable(node)
        domain = self.annotations.of(node)
        if domain is None:
            return
        if not isinstance(node.target, ast.Name):
            target, written = map(self.source.written, (node.target, annotation))
            raise self.source.error(
                node,
                f"`{target}` cannot be a hyperparameter; only a plain name can",
                f"value: {written} = …\n{target} = value",
            )
        name = node.target.id
        self._refuse_conflicts(node, name, path)
        self.declared_lines.add(node.lineno)
        parameter = self._parameter(node, name, self._with_default(node, name, domain), path)
        self.found.append(Declaration(parameter, node, path))

    def _parameter(self, node: ast.AnnAssign, name: str, domain: Domain, path: Path) -> Parameter:
        same = sum(declaration.name == name for declaration in self.found)
        key = f"{name}#{same + 1}" if same else name
        if not path:
            return Parameter(key, domain, line=node.lineno)
        condition = Condition(tuple(self._tests(path)), self.namespace)
        return Parameter(
            key, domain, condition, condition.dynamic, str(condition), line=node.lineno
        )

    def _tests(self, path: Path) -> Iterator[Test]:
        for statement, outcome in path:
            yield branch(statement.test, outcome, self._unstable(statement.lineno))

    def _unstable(self, line: int) -> set[str]:
        """Names the cell itself has bound by `line`, and hyperparameters only the run reveals."""
        bound = {b.name for b in self.bound if b.line <= line and not self._declares(b)}
        # a function with `global x` may run before the line wherever it is defined
        bound |= {b.name for b in self.bound if b.nested}
        return bound | {d.name for d in self.found if d.parameter.dynamic}

    def _declares(self, binding: Binding) -> bool:
        return binding.line in self.declared_lines and any(
            d.name == binding.name and d.node.lineno == binding.line for d in self.found
        )

    def _with_default(self, node: ast.AnnAssign, name: str, domain: Domain) -> Domain:
        if node.value is None:
            raise self.source.error(
                node,
                f"`{name}` has no default, the value that trial 0 runs and all others are "
                "measured by",
                f"{self.source.segment(node)} = {suggest.middle(domain, node.annotation)}",
            )
        try:
            value = self.annotations.evaluate(node.value)
        except Exception as error:
            raise self.source.error(
                node,
                f"the default of `{name}` cannot be evaluated before the cell runs: "
                f"{type(error).__name__}: {error}",
            ) from None
        try:
            return domain.with_default(value)
        except SpaceError as error:
            written = self.source.segment(node.annotation)
            what = "choices" if isinstance(domain, Categorical) else "range"
            fitting = suggest.nearest(domain, value, node.annotation)
            raise self.source.error(
                node,
                f"the default of `{name}` does not fit its {what}: {error}",
                f"{name}: {written} = {fitting}",
            ) from None

    def _refuse_conflicts(self, node: ast.AnnAssign, name: str, path: Path) -> None:
        for declaration in self.found:
            if declaration.name == name and not _exclusive(declaration.path, path):
                raise self.source.error(
                    node,
                    f"`{name}` is declared twice, on lines {declaration.node.lineno} and "
                    f"{node.lineno}; keep one, or put them in different branches of one `if`",
                )
        for binding in self.bound:
            earlier = binding.name == name and binding.line < node.lineno and not binding.nested
            if earlier and not self._declares(binding) and not _elsewhere(binding.line, path):
                raise self.source.error(
                    node,
                    f"`{name}` is assigned on line {binding.line}, before its declaration; "
                    "declare it first, or give one of them another name",
                )

    def _refuse_unstable(self, node: ast.AnnAssign) -> None:
        """Ranges and defaults are evaluated once, before the cell: what it assigns is not there."""
        mine = {b.name: b.line for b in reversed(self.bound) if b.name not in self.imported}
        for part in (unquoted(node.annotation), node.value):
            for name in _free_names(part):
                if name in mine:
                    write = f"{name} = …    # in a cell above"
                    if ast.unparse(node.target) == name:
                        written = self.source.segment(node.annotation)
                        write = f"start = {name}    # in a cell above\n{name}: {written} = start"
                    raise self.source.error(
                        node,
                        f"the range or default reads `{name}`, which the cell itself assigns "
                        f"(line {mine[name]}); ranges are fixed before the cell runs",
                        write,
                    )

    def _refuse_assigned_range(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign) and self.annotations.is_call(node.value):
            target = self.source.written(node.targets[0])
            written = self.source.segment(node.value)
            try:
                domain = self.annotations.domain(node.value)
            except CellError:
                domain = None
            value = "…" if domain is None else suggest.middle(domain, node.value)
            raise self.source.error(
                node,
                f"`{target}` would be the range itself, not a value from it: "
                "write a colon before the range, and the default after `=`",
                f"{target}: {written} = {value}",
            )

    def _refuse_hidden(self, node: ast.stmt) -> None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.AnnAssign) and self.annotations.is_ours(inner.annotation):
                raise self.source.error(
                    inner,
                    f"a hyperparameter cannot be declared inside {_kind(node)} (line "
                    f"{node.lineno}), only at the cell's top level or in an `if` there",
                    f"{self.source.segment(inner)}    # above line {node.lineno}, unindented",
                )


def _kind(node: ast.stmt) -> str:
    words = {
        ast.For: "a loop",
        ast.AsyncFor: "a loop",
        ast.While: "a loop",
        ast.FunctionDef: "a function",
        ast.AsyncFunctionDef: "a function",
        ast.ClassDef: "a class",
        ast.With: "a `with` block",
        ast.AsyncWith: "a `with` block",
        ast.Try: "a `try` block",
        ast.TryStar: "a `try` block",
        ast.Match: "a `match` block",
    }
    return words.get(type(node), "this statement")


def _exclusive(one: Path, other: Path) -> bool:
    """Whether two statements stand in different branches of the same ``if``."""
    sides = {id(node): side for node, side in one}
    return any(id(node) in sides and sides[id(node)] is not side for node, side in other)


def _elsewhere(line: int, path: Path) -> bool:
    """Whether `line` is in the branch not taken of an ``if`` that `path` goes through."""
    return any(
        _spans(statement.orelse if side else statement.body, line) for statement, side in path
    )


def _spans(block: list[ast.stmt], line: int) -> bool:
    return bool(block) and block[0].lineno <= line <= (block[-1].end_lineno or block[-1].lineno)


def _imported_first(source: Source) -> set[str]:
    names = set()
    for node in source.tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def _free_names(node: ast.expr | None) -> list[str]:
    if node is None:
        return []
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    own = {part.id for part in names if isinstance(part.ctx, ast.Store)}
    return [part.id for part in names if part.id not in own and part.id not in OURS]

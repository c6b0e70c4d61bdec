"""From an annotation to a domain: ``Float(…)``, an alias of it, ``Annotated[T, Float(…)]``."""

from __future__ import annotations

import ast
import builtins
import difflib
import typing
from collections.abc import Mapping
from typing import Any, TypeGuard

from ..domains import Bool, Categorical, Domain, Float, Int
from ..errors import SpaceError
from . import suggest
from .source import Source, unquoted

OURS: dict[str, type[Domain]] = {
    "Float": Float,
    "Int": Int,
    "Categorical": Categorical,
    "Bool": Bool,
}


class Annotations:
    """Evaluates the annotations of one cell in the notebook's namespace."""

    def __init__(self, source: Source, namespace: Mapping[str, Any]) -> None:
        self.source, self.namespace = source, dict(namespace)
        self._statement: ast.AnnAssign | None = None

    def of(self, statement: ast.AnnAssign) -> Domain | None:
        """The domain of an annotated assignment; see `domain`."""
        self._statement = statement
        try:
            return self.domain(statement.annotation)
        finally:
            self._statement = None

    def domain(self, annotation: ast.expr) -> Domain | None:
        """The domain an annotation stands for; None if it is an ordinary annotation.

        Raises
        ------
        CellError
            If it was meant for us and is wrong.
        """
        node = unquoted(annotation)
        if isinstance(node, ast.Call):
            return self._of_call(node)
        if isinstance(node, ast.Subscript):
            return self._of_annotated(node)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._of_name(node)
        return None

    def is_ours(self, annotation: ast.expr) -> bool:
        """Whether it is a range: a call of our classes, a name that holds one, or Annotated."""
        node = unquoted(annotation)
        parts = [*self._metadata(node), node]
        return any(self.is_call(part) or isinstance(self._find(part), Domain) for part in parts)

    def is_call(self, node: ast.expr) -> bool:
        """Whether an expression is a call of one of our classes."""
        return isinstance(node, ast.Call) and _is_class(self._find(node.func))

    def is_unknown(self, annotation: ast.expr) -> bool:
        """Whether an annotation is a call of a name that does not exist before the cell runs."""
        node = unquoted(annotation)
        return isinstance(node, ast.Call) and self._find(node.func) is _MISSING

    def _metadata(self, node: ast.expr) -> list[ast.expr]:
        """What stands after the type in ``Annotated[…]``; nothing if `node` is no such thing."""
        if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple)):
            return []
        return node.slice.elts[1:] if self._find(node.value) is typing.Annotated else []

    def _of_call(self, node: ast.Call) -> Domain | None:
        written = ast.unparse(node.func)
        last = written.rpartition(".")[2]
        found = self._find(node.func)
        if found is _MISSING:
            raise self._unknown(node, written, last)
        ours = _is_class(found)
        if last in OURS and not ours:
            raise self._taken(node, written, last, found)
        if ours:
            self._refuse_keywords(node)
        try:
            value = self.evaluate(node)
        except Exception as error:
            if not ours:
                return None
            raise self._wrong(node, found.__name__, error) from None
        return value if isinstance(value, Domain) else None

    def _of_annotated(self, node: ast.Subscript) -> Domain | None:
        found = [self.domain(part) for part in self._metadata(node) if not _is_text(part)]
        domains = [domain for domain in found if domain is not None]
        if len(domains) > 1:
            raise self.source.error(node, "Annotated holds more than one search range; keep one")
        return domains[0] if domains else None

    def _of_name(self, node: ast.Name | ast.Attribute) -> Domain | None:
        found = self._find(node)
        if isinstance(found, Domain):
            return found
        if _is_class(found):
            name = found.__name__
            raise self.source.error(
                node,
                f"`{self.source.written(node)}` needs to say which values to search",
                self._written(self._example(name)),
            )
        return None

    def _written(self, annotation: str, default: ast.expr | None = None) -> str:
        """The user's statement with another annotation, and `default` if it has none."""
        statement = self._statement
        target = "name" if statement is None else ast.unparse(statement.target)
        value = default if statement is None else statement.value or default
        return f"{target}: {annotation} = {'…' if value is None else self.source.segment(value)}"

    def _example(self, kind: str) -> str:
        return suggest.example(kind, self._statement.value if self._statement else None)

    def evaluate(self, node: ast.expr) -> Any:
        """The value of an expression of the cell in the notebook's namespace."""
        return eval(compile(ast.Expression(node), "<cell>", "eval"), self.namespace)

    def _find(self, node: ast.expr) -> Any:
        """What a dotted name holds; `_MISSING` if it holds nothing."""
        if isinstance(node, ast.Name):
            return self.namespace.get(node.id, getattr(builtins, node.id, _MISSING))
        if isinstance(node, ast.Attribute):
            owner = self._find(node.value)
            try:
                return _MISSING if owner is _MISSING else getattr(owner, node.attr, _MISSING)
            except Exception:  # a property of the user's object that raises
                return None
        return None

    def _refuse_keywords(self, node: ast.Call) -> None:
        for keyword in node.keywords:
            if keyword.arg == "default":
                raise self.source.error(
                    node,
                    "in a cell the default is the right-hand side, not default=",
                    self._written(_without(node, "default"), keyword.value),
                )
            if keyword.arg == "when":
                raise self.source.error(
                    node,
                    "in a cell a condition is an `if` around the declaration, not when=",
                    f"if …:\n    {self._written(_without(node, 'when'))}",
                )

    def _unknown(self, node: ast.Call, written: str, last: str) -> Exception:
        if last in OURS:
            return self.source.error(
                node,
                f"`{written}` does not exist in this notebook",
                f"from jupyter_hpo import {last}    # in a cell above",
            )
        near = difflib.get_close_matches(last, OURS, 1, 0.5)
        hint, fixed = f"there are {', '.join(OURS)}", self._example("Float")
        if near:
            hint = f"did you mean {near[0]}?"
            meant = ast.Name(written.removesuffix(last) + near[0])
            fixed = ast.unparse(ast.Call(meant, node.args, node.keywords))
        return self.source.error(node, f"`{written}` does not exist; {hint}", self._written(fixed))

    def _taken(self, node: ast.Call, written: str, last: str, found: Any) -> Exception:
        holds = f"{getattr(found, '__module__', '')}.{getattr(found, '__qualname__', found)!s}"
        ours = ast.Call(ast.Attribute(ast.Name("hpo"), last), node.args, node.keywords)
        return self.source.error(
            node,
            f"`{written}` in this notebook is {holds.strip('.')}, not a search range",
            f"import jupyter_hpo as hpo\n{self._written(ast.unparse(ours))}",
        )

    def _wrong(self, node: ast.expr, last: str, error: Exception) -> Exception:
        if isinstance(error, SpaceError):
            message, write = str(error), None
        elif isinstance(error, NameError):
            message = f"{error}; a range may read variables that exist before the cell runs"
            write = None
        elif isinstance(error, TypeError):
            message = f"`{self.source.written(node)}`: {str(error).replace('.__init__()', '')}"
            write = self._written(self._example(last))
        else:
            message, write = f"`{self.source.written(node)}`: {type(error).__name__}: {error}", None
        return self.source.error(node, message, write)


class _Missing:
    pass


_MISSING = _Missing()


def _is_class(found: Any) -> TypeGuard[type[Domain]]:
    return isinstance(found, type) and issubclass(found, Domain)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _without(node: ast.Call, keyword: str) -> str:
    kept = [each for each in node.keywords if each.arg != keyword]
    return ast.unparse(ast.Call(node.func, node.args, kept))

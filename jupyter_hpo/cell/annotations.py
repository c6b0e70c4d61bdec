"""From an annotation to a domain: ``Float(…)``, an alias of it, ``Annotated[T, Float(…)]``."""

from __future__ import annotations

import ast
import builtins
import difflib
import typing
from collections.abc import Mapping
from typing import Any

from ..domains import Bool, Categorical, Domain, Float, Int
from ..errors import SpaceError
from .source import Source

OURS: dict[str, type[Domain]] = {
    "Float": Float,
    "Int": Int,
    "Categorical": Categorical,
    "Bool": Bool,
}
EXAMPLES = {
    "Float": "Float(1e-5, 1e-1, log=True)",
    "Int": "Int(1, 8)",
    "Categorical": 'Categorical("a", "b")',
    "Bool": "Bool()",
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
        node = _unquoted(annotation)
        if isinstance(node, ast.Call):
            return self._of_call(node)
        if isinstance(node, ast.Subscript) and self._find(node.value) is typing.Annotated:
            return self._of_annotated(node)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._of_name(node)
        return None

    def is_ours(self, node: ast.expr | None) -> bool:
        """Whether an expression is a call of one of our classes, or Annotated with one."""
        if isinstance(node, ast.Subscript):
            return any(self.is_ours(part) for part in ast.walk(node) if isinstance(part, ast.Call))
        found = self._find(node.func) if isinstance(node, ast.Call) else None
        return isinstance(found, type) and issubclass(found, Domain)

    def _of_call(self, node: ast.Call) -> Domain | None:
        written = ast.unparse(node.func)
        last = written.rpartition(".")[2]
        found = self._find(node.func)
        if found is _MISSING:
            raise self._unknown(node, written, last)
        ours = isinstance(found, type) and issubclass(found, Domain)
        if last in OURS and not ours:
            raise self._taken(node, written, last, found)
        if ours:
            self._refuse_keywords(node)
        try:
            value = self.evaluate(node)
        except Exception as error:
            if not ours:
                return None
            raise self._wrong(node, last, error) from None
        return value if isinstance(value, Domain) else None

    def _of_annotated(self, node: ast.Subscript) -> Domain | None:
        if not self.is_ours(node):
            return None
        try:
            metadata = self.evaluate(node).__metadata__
        except Exception as error:
            raise self._wrong(node, "Float", error) from None
        domains = [item for item in metadata if isinstance(item, Domain)]
        if len(domains) > 1:
            raise self.source.error(node, "Annotated holds more than one search range; keep one")
        return domains[0] if domains else None

    def _of_name(self, node: ast.Name | ast.Attribute) -> Domain | None:
        found = self._find(node)
        if isinstance(found, Domain):
            return found
        if isinstance(found, type) and issubclass(found, Domain):
            name = found.__name__
            raise self.source.error(
                node,
                f"`{ast.unparse(node)}` needs to say which values to search",
                self._written(EXAMPLES.get(name, name)),
            )
        return None

    def _written(self, annotation: str) -> str:
        """The user's statement with another annotation."""
        statement = self._statement
        target = "name" if statement is None else ast.unparse(statement.target)
        value = statement.value if statement is not None else None
        return f"{target}: {annotation} = {'…' if value is None else self.source.segment(value)}"

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
                    self._written(_without(node, "default")),
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
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(OURS)}"
        fixed = ast.unparse(node).replace(written, near[0] if near else "Float", 1)
        return self.source.error(node, f"`{written}` does not exist; {hint}", self._written(fixed))

    def _taken(self, node: ast.Call, written: str, last: str, found: Any) -> Exception:
        holds = f"{getattr(found, '__module__', '')}.{getattr(found, '__qualname__', found)!s}"
        arguments = ast.unparse(node).partition("(")[2]
        return self.source.error(
            node,
            f"`{written}` in this notebook is {holds.strip('.')}, not a search range",
            f"import jupyter_hpo as hpo\n{self._written(f'hpo.{last}({arguments}')}",
        )

    def _wrong(self, node: ast.expr, last: str, error: Exception) -> Exception:
        if isinstance(error, SpaceError):
            message, write = str(error), None
        elif isinstance(error, NameError):
            message = f"{error}; a range may read variables that exist before the cell runs"
            write = None
        elif isinstance(error, TypeError):
            message = f"`{ast.unparse(node)}`: {str(error).replace('.__init__()', '')}"
            write = self._written(EXAMPLES.get(last, EXAMPLES["Float"]))
        else:
            message, write = f"`{ast.unparse(node)}`: {type(error).__name__}: {error}", None
        return self.source.error(node, message, write)


class _Missing:
    pass


_MISSING = _Missing()


def _unquoted(annotation: ast.expr) -> ast.expr:
    """A quoted annotation means what it quotes."""
    if not (isinstance(annotation, ast.Constant) and isinstance(annotation.value, str)):
        return annotation
    try:
        node = ast.parse(annotation.value.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return annotation
    for part in ast.walk(node):
        ast.copy_location(part, annotation)
    return node


def _without(node: ast.Call, keyword: str) -> str:
    kept = [each for each in node.keywords if each.arg != keyword]
    return ast.unparse(ast.Call(node.func, node.args, kept))

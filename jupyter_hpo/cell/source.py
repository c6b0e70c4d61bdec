"""The text of a cell, parsed once; lines are those of the editor, the ``%%tune`` line being 1."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType

from ..errors import CellError

FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


@dataclass(frozen=True)
class Source:
    """A parsed cell.

    Attributes
    ----------
    text : the cell after IPython's own rewriting of ``%`` and ``!`` lines, its
        first line standing for the ``%%tune`` line.
    tree : its syntax tree, unchanged; `plain` is it compiled, for analysis only.
    raw : the cell as the user wrote it.
    """

    text: str
    tree: ast.Module
    plain: CodeType
    raw: str

    def line(self, number: int) -> str:
        """The text of a line, as the user wrote it."""
        lines = self.raw.split("\n")  # Python, unlike splitlines(), goes on at a form feed
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def segment(self, node: ast.AST) -> str:
        """The text of a node."""
        return ast.get_source_segment(self.text, node) or ast.unparse(node)

    def written(self, node: ast.AST) -> str:
        """A node as the user wrote it, on one line: for messages."""
        text = self.segment(node)
        return ast.unparse(node) if "\n" in text else text

    def error(self, node: ast.AST | int, message: str, write: str | None = None) -> CellError:
        """A CellError about the line of `node`."""
        number = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return CellError(message, line=number, code=self.line(number), write=write)


def parse(
    text: str, raw: str, transform: Callable[[ast.Module], ast.Module] | None = None
) -> Source:
    """Parse a cell.

    Parameters
    ----------
    text : the cell after IPython's rewriting, with one line for ``%%tune``.
    raw : as the user wrote it.
    transform : IPython's syntax-tree transformers, if there are any.

    Raises
    ------
    CellError
        If it is not Python.
    """
    try:
        tree = ast.parse(text)
        if transform is not None:
            tree = transform(tree)
        plain = compile(tree, "<cell>", "exec", flags=FLAGS, dont_inherit=True)
    except SyntaxError as error:
        raise _syntax_error(error, raw) from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise CellError(f"Python cannot read this cell: {error}") from None
    return Source(text, tree, plain, raw)


@contextmanager
def depth_checked() -> Iterator[None]:
    """Around what walks through a syntax tree: one too deep for that is the cell's error."""
    try:
        yield
    except RecursionError:
        raise CellError(
            "an expression of this cell is nested too deeply, or has too many terms, to be read; "
            "split it into several statements"
        ) from None


def _syntax_error(error: SyntaxError, raw: str) -> CellError:
    number, lines = error.lineno or 1, raw.split("\n")
    code = lines[number - 1] if 0 < number <= len(lines) else (error.text or "")
    if error.offset and code.strip():
        margin = len(code) - len(code.lstrip())
        code = code.strip() + "\n    " + " " * max(error.offset - 1 - margin, 0) + "^"
    return CellError(f"{error.msg} ({type(error).__name__})", line=number, code=code)


def unquoted(annotation: ast.expr) -> ast.expr:
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


def leading_imports(source: Source, filename: str = "<cell>") -> CodeType | None:
    """The imports at the top of the cell, compiled; annotations are evaluated after them."""
    imports = []
    for node in source.tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.append(node)
        elif not _is_preamble(node):
            break
    if not imports:
        return None
    module = ast.Module(body=list(imports), type_ignores=[])
    return compile(module, filename, "exec", dont_inherit=True)


def _is_preamble(node: ast.stmt) -> bool:
    """A docstring, or a ``%`` line: people put ``%matplotlib inline`` above their imports."""
    if not isinstance(node, ast.Expr):
        return False
    return isinstance(node.value, ast.Constant) or "get_ipython()" in ast.unparse(node.value)


def is_coroutine(code: CodeType) -> bool:
    """Whether the cell awaits at its top level."""
    return bool(code.co_flags & inspect.CO_COROUTINE)

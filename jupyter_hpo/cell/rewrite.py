"""The body of a trial: the cell with its right-hand sides, loops and last line hooked.

Nothing is moved: every node keeps its place, so that line numbers, tracebacks
and the debugger are those of the cell.

============================  ====================================================
``lr: Float(…) = 1e-3``       ``lr = __tune__.value("lr")``
``for x in xs:``              ``for x in __tune__.loop(xs):`` … ``__tune__.end()``
``while test:``               ``while __tune__.tick() and __tune__.holds(test):`` …
``val_loss = f()`` in it      ``val_loss = f(); __tune__.mark()``
``(val_loss := f())`` in it   ``(val_loss := __tune__.marked(f()))``
``f()`` as the last line      ``__tune__.result(f())``
============================  ====================================================
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from types import CodeType

from .declarations import Declaration
from .objective import reporting_loops, stores
from .source import FLAGS, Source

HOOKS = "__tune__"
_Block = list[ast.stmt]


def compile_body(
    source: Source, declared: list[Declaration], metric: str, filename: str, flags: int = 0
) -> CodeType:
    """Compile the cell as the body of a trial.

    Parameters
    ----------
    filename : name under which tracebacks find the cell's text.
    flags : compiler flags of the notebook (``from __future__`` of earlier cells).
    """
    tree = copy.deepcopy(source.tree)
    places = {(d.node.lineno, d.node.col_offset): d.parameter.key for d in declared}
    _Declared(places).visit(tree)
    _hook_loops(tree, metric)
    _hook_result(tree)
    ast.fix_missing_locations(tree)
    code: CodeType = compile(tree, filename, "exec", flags=FLAGS | flags, dont_inherit=True)
    return code


def normalised(source: Source, declared: list[Declaration]) -> str:
    """The cell without its declarations, comments and layout: what resume compares."""
    tree = copy.deepcopy(source.tree)
    places = {(d.node.lineno, d.node.col_offset) for d in declared}
    _Dropped(places).visit(tree)
    return ast.unparse(tree)


class _Declared(ast.NodeTransformer):
    def __init__(self, places: Mapping[tuple[int, int], str]) -> None:
        self.places = places

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        key = self.places.get((node.lineno, node.col_offset))
        if key is None:
            return node
        value = _call(node, "value", ast.Constant(key))
        return ast.copy_location(ast.Assign(targets=[node.target], value=value), node)


class _Dropped(ast.NodeTransformer):
    def __init__(self, places: set[tuple[int, int]]) -> None:
        self.places = places

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        return None if (node.lineno, node.col_offset) in self.places else node

    def visit_If(self, node: ast.If) -> ast.stmt:
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node


def _hook_loops(tree: ast.Module, metric: str) -> None:
    loops = {id(loop) for loop in reporting_loops(tree, metric)}
    if loops:
        _Loops(loops, metric).visit(tree)


class _Loops(ast.NodeTransformer):
    """Hooks the reporting loops: an iteration ends where the next begins, or after the loop.

    So an iteration left by ``continue`` or ``break`` needs no hook of its own.
    """

    def __init__(self, loops: set[int], metric: str) -> None:
        self.loops, self.metric = loops, metric

    def _leave_alone(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = _leave_alone

    def visit_For(self, node: ast.For | ast.AsyncFor) -> list[ast.stmt] | ast.AST:
        if id(node) not in self.loops:
            return self.generic_visit(node)
        wrap = "aloop" if isinstance(node, ast.AsyncFor) else "loop"
        node.iter = _call(node.iter, wrap, node.iter)
        _Marks(self.metric).visit(node)
        return [node, _statement(node, "end")]

    visit_AsyncFor = visit_For

    def visit_While(self, node: ast.While) -> list[ast.stmt] | ast.AST:
        if id(node) not in self.loops:
            return self.generic_visit(node)
        _Marks(self.metric).visit(node)
        tests: list[ast.expr] = [_call(node.test, "tick"), _call(node.test, "holds", node.test)]
        node.test = ast.copy_location(ast.BoolOp(ast.And(), tests), node.test)
        return [_statement(node, "begin"), node, _statement(node, "end")]


class _Marks(ast.NodeTransformer):
    """Marks each assignment of the metric, so that a stale value is not reported again."""

    def __init__(self, metric: str) -> None:
        self.metric = metric

    def _leave_alone(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = _leave_alone

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        self.generic_visit(node)
        if self._stores(node.target):
            node.value = _call(node.value, "marked", node.value)
        return node

    def _after(self, node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> ast.AST | list[ast.AST]:
        self.generic_visit(node)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        bound = node.value is not None and self._stores(*targets)
        return [node, _statement(node, "mark")] if bound else node

    visit_Assign = visit_AugAssign = visit_AnnAssign = _after

    def _inside(self, node: ast.For | ast.AsyncFor | ast.With | ast.AsyncWith) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            targets = [item.optional_vars for item in node.items if item.optional_vars]
        else:
            targets = [node.target]
        if self._stores(*targets):
            node.body.insert(0, _statement(node.body[0], "mark"))
        return node

    visit_For = visit_AsyncFor = visit_With = visit_AsyncWith = _inside

    def _stores(self, *targets: ast.expr) -> bool:
        return any(stores(inner, self.metric) for target in targets for inner in ast.walk(target))


def _hook_result(tree: ast.Module) -> None:
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1]
        last.value = _call(last.value, "result", last.value)


def _call(at: ast.AST, method: str, *arguments: ast.expr) -> ast.Call:
    function = ast.Attribute(ast.Name(HOOKS, ast.Load()), method, ast.Load())
    call = ast.Call(function, list(arguments), [])
    for node in (function.value, function, call, *arguments):
        if not hasattr(node, "lineno"):
            ast.copy_location(node, at)
    return call


def _statement(at: ast.stmt, method: str) -> ast.Expr:
    return ast.copy_location(ast.Expr(_call(at, method)), at)

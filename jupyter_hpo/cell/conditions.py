"""The ``if`` around a declaration: when the hyperparameter exists.

A test is *static* if nothing the cell does can change its outcome: constants,
hyperparameters declared above, notebook names, with operators, attributes and
subscripts, and no call. It is evaluated when a trial is suggested. Any other
test is *dynamic*: only the run shows its outcome.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

_STATIC = (
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.Compare,
    ast.cmpop,
    ast.BoolOp,
    ast.boolop,
    ast.UnaryOp,
    ast.unaryop,
    ast.BinOp,
    ast.operator,
    ast.IfExp,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.Tuple,
    ast.List,
    ast.Set,
    ast.Dict,
)


@dataclass(frozen=True)
class Test:
    """One branch of an ``if``: its test is `outcome`.

    ``code`` is None for a dynamic test.
    """

    text: str
    outcome: bool
    code: CodeType | None

    def __str__(self) -> str:
        if self.outcome:
            return self.text
        return f"not ({self.text})" if " " in self.text else f"not {self.text}"


def branch(test: ast.expr, outcome: bool, unstable: Iterable[str]) -> Test:
    """The branch of an ``if`` on `test`.

    Parameters
    ----------
    unstable : names whose value when the test runs cannot be known beforehand.
    """
    nodes = list(ast.walk(test))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    static = all(isinstance(node, _STATIC) for node in nodes) and names.isdisjoint(unstable)
    code = compile(ast.Expression(test), "<condition>", "eval") if static else None
    return Test(ast.unparse(test), outcome, code)


@dataclass(frozen=True)
class Condition:
    """All branches a declaration stands in; callable as `Parameter.when`."""

    tests: tuple[Test, ...]
    namespace: dict[str, Any]

    @property
    def dynamic(self) -> bool:
        """Whether some outcome shows in the run only."""
        return any(test.code is None for test in self.tests)

    def __str__(self) -> str:
        if len(self.tests) == 1:
            return str(self.tests[0])
        return " and ".join(f"({t})" if " or " in str(t) else str(t) for t in self.tests)

    def __call__(self, above: Mapping[str, Any]) -> bool:
        """Whether the static tests hold.

        A test that raises holds for no branch: the trial's own code will raise
        the same error where the user sees it.
        """
        for test in self.tests:
            if test.code is None:
                continue
            try:
                holds = bool(eval(test.code, self.namespace, dict(above)))
            except Exception:
                return False
            if holds is not test.outcome:
                return False
        return True

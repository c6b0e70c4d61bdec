"""Each wrong declaration: one error with its line, what is wrong and what to write.

``cells/mistakes.cells`` is the table: a name, the cell below the ``%%tune`` line, and the exact
text that is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cells import MAGIC, notebook, read

from jupyter_hpo import Categorical
from jupyter_hpo.cell import parse
from jupyter_hpo.errors import CellError, TuneError

TABLE = Path(__file__).parent / "cells" / "mistakes.cells"


def mistakes() -> Iterator[Any]:
    for section in re.split(r"^===== ", TABLE.read_text("utf-8"), flags=re.M)[1:]:
        head, _, shown = section.partition("\n-----\n")
        name, _, text = head.partition("\n")
        yield pytest.param(text, shown.strip("\n"), id=name)


MISTAKES = list(mistakes())


@pytest.mark.parametrize(("text", "shown"), MISTAKES)
def test_a_mistake_is_one_error(text: str, shown: str, request: pytest.FixtureRequest) -> None:
    names = notebook()
    names["ACT"] = Categorical(names["relu"], names["tanh"])
    if "our own name" in request.node.name:
        names["Float"] = names["other"].Float
    with pytest.raises(CellError) as caught:
        read(text, names=names)
    assert str(caught.value) == shown


def test_what_an_error_says_to_write_can_be_written() -> None:
    """In the place of the line the advice is read, unless it has a gap or is of a cell above."""
    tried = 0
    for text, shown, *_ in (mistake.values for mistake in MISTAKES):
        line = re.match(r"line (\d+): ", shown)
        advice = shown.partition("\nWrite:\n    ")[2].replace("\n    ", "\n")
        above = "…" in advice or "above" in advice or "import" in advice
        if not line or not advice or above or "1, 0" in advice:
            continue
        rows = text.split("\n")
        before = rows[int(line[1]) - 2]
        margin = before[: len(before) - len(before.lstrip())]
        rows[int(line[1]) - 2] = margin + advice
        names = notebook()
        names["ACT"] = Categorical(names["relu"], names["tanh"])
        assert read("\n".join(rows), names=names).space.names, advice
        tried += 1
    assert tried > 25


def test_the_table_is_read() -> None:
    assert len(MISTAKES) > 70
    shown = [str(mistake.values[1]) for mistake in MISTAKES]
    assert all(text.startswith(("line ", "this cell")) for text in shown)


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("lr: Float(0, 1) = = 0.5", 2, "lr: Float(0, 1) = = 0.5\n    " + " " * 18 + "^"),
        ("lr: LR = 0.5\n  loss = 1", 3, "loss = 1\n    ^"),
        ("lr: LR = 0.5\nif gpu:\n    return lr", 4, "return lr\n    ^"),
        ("lr: LR = 0.5\nx = 'größe\n", 3, "x = 'größe\n        ^"),
        ("a = '\f'\nlr: LR = = 0.5", 3, "lr: LR = = 0.5\n             ^"),
    ],
)
def test_a_cell_that_is_not_python(text: str, line: int, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse("\n" + text, f"{MAGIC}\n{text}")
    assert (caught.value.line, caught.value.code) == (line, code)
    assert "Error)" in caught.value.message


def test_what_python_cannot_read_at_all() -> None:
    for text in ("a = '\ud800'", "a = '\0'", "-" * 100_000 + "1", "(" * 300 + ")" * 300):
        with pytest.raises(CellError):
            parse("\n" + text, f"{MAGIC}\n{text}")


@pytest.mark.parametrize(
    "text",
    [
        "lr: LR = 0.01\nloss = " + "+".join(["1"] * 900),
        "lr: Float(0, " + "+".join(["1"] * 900) + ") = 0.01\nloss = lr",
        "lr: LR = " + "-" * 900 + "0.01\nloss = lr",
        "if " + "+".join(["1"] * 900) + ":\n    lr: LR = 0.01\nloss = lr",
    ],
)
def test_an_expression_that_is_too_deep(text: str) -> None:
    with pytest.raises(CellError) as caught:
        read(text).compile("<cell>")
    assert str(caught.value) == (
        "an expression of this cell is nested too deeply, or has too many terms, to be read; "
        "split it into several statements"
    )


def test_a_transformer_of_the_notebook_is_applied() -> None:
    import ast

    class Doubled(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.copy_location(ast.Constant(node.value * 2), node)

    source = parse("\nx = 4", f"{MAGIC}\nx = 4", Doubled().visit)
    assert ast.unparse(source.tree) == "x = 8"


@pytest.mark.parametrize(
    ("text", "metric", "shown"),
    [
        (
            "lr: LR = 0.01\nmodel = make()\nval_accuracy = f(lr)\nn = 3",
            None,
            (
                "say what to optimize: --minimize NAME or --maximize NAME. "
                "The cell assigns: val_accuracy, n, model\n"
                "Write:\n    %%tune --maximize val_accuracy"
            ),
        ),
        (
            "lr: LR = 0.01\nfor epoch in range(3):\n    loss = f(lr)",
            None,
            (
                "say what to optimize: --minimize NAME or --maximize NAME. "
                "The cell assigns: loss\nWrite:\n    %%tune --minimize loss"
            ),
        ),
        (
            "lr: LR = 0.01\nimport os\nf(lr)",
            None,
            (
                "say what to optimize: --minimize NAME or --maximize NAME. "
                "The cell assigns nothing that could be it; end it with an expression and use `_`\n"
                "Write:\n    %%tune --minimize _"
            ),
        ),
        (
            "lr: LR = 0.01\nval_loss = f(lr)",
            "val_los",
            (
                "nothing in this cell assigns `val_los`; it assigns val_loss\n"
                "Write:\n    --minimize val_loss"
            ),
        ),
        (
            "lr: LR = 0.01\naccuracy = f(lr)",
            "accurcy",
            (
                "nothing in this cell assigns `accurcy`; it assigns accuracy\n"
                "Write:\n    --maximize accuracy"
            ),
        ),
        (
            "lr: LR = 0.01\nf(lr)",
            "loss",
            "nothing in this cell assigns `loss`\nWrite:\n    loss = …",
        ),
        (
            "lr: LR = 0.01\ndef f():\n    loss = lr",
            "loss",
            "nothing in this cell assigns `loss`\nWrite:\n    loss = …",
        ),
        (
            "lr: LR = 0.01\nf(lr)",
            "lr",
            "`lr` is a hyperparameter of this cell; it cannot be the objective",
        ),
        (
            "lr: LR = 0.01\nloss = f(lr)",
            "_",
            (
                "line 3: `_` is the value of the cell's last expression, "
                "and its last line is none\n    loss = f(lr)"
            ),
        ),
    ],
)
def test_a_mistake_about_the_objective(text: str, metric: str | None, shown: str) -> None:
    with pytest.raises(CellError) as caught:
        read(text, metric)
    assert str(caught.value) == shown


@pytest.mark.parametrize(
    "last",
    [
        "exec('loss = lr')",
        "globals()['loss'] = lr",
        "get_ipython().run_line_magic('run', 'train.py')",
        "from training import *",
        "import training.loss as loss",
        "def f():\n    global loss\n    loss = lr\nf()",
        "with f(lr) as loss:\n    pass",
        "print(loss := lr)",
        "def loss():\n    pass",
    ],
)
def test_a_metric_that_could_be_assigned_is_not_refused(last: str) -> None:
    assert read(f"lr: LR = 0.01\n{last}").metric == "loss"


def test_our_errors_show_as_their_text_alone() -> None:
    error = CellError("it is wrong", line=3, code="  x = 1", write="x = 2\ny = 3")
    assert error._render_traceback_() == [
        "%%tune, line 3: it is wrong",
        "    x = 1",
        "Write:",
        "    x = 2",
        "    y = 3",
    ]
    assert isinstance(error, TuneError)

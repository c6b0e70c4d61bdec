"""A plain cell with the tuned values in it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from cells import MAGIC, notebook, read

from jupyter_hpo import Categorical
from jupyter_hpo.record import StudyInfo, StudyRecord
from jupyter_hpo.space import Space
from jupyter_hpo.trial import Trial, TrialState
from jupyter_hpo.tuned import code

FOLDER = Path(__file__).parent / "cells"
CELLS = {
    path.stem: path.read_text("utf-8").partition("\n" + "-" * 40)[0]
    for path in sorted(FOLDER.glob("*.txt"))
}


def names() -> dict[str, Any]:
    held = notebook()
    return held | {"ACT": Categorical(held["relu"], held["tanh"])}


def study(space: Space, cell: str, trial: Trial, *more: Trial) -> StudyRecord:
    info = StudyInfo("fit", "loss", False, "random", 0, 9, space.to_json(), cell=cell)
    record = StudyRecord(info)
    for each in (*more, trial):
        record.put(each)
    return record


def written(text: str, loaded: bool = False, **params: Any) -> str:
    """The cell with `params` tuned, without the line of evidence; `loaded`: from the store."""
    space = read(text, names=names()).space
    assignment = space.assign(params)
    stored = space.dump(assignment)
    trial = Trial(0, TrialState.COMPLETE, stored if loaded else assignment, 0.5)
    shown = code(study(space, f"{MAGIC}\n{text}", trial), trial, stored)
    evidence, _, body = shown.partition("\n")
    assert evidence == "# tuned by jupyter_hpo: study 'fit', run 1, trial 0 of 1: loss = 0.5"
    return body


@pytest.mark.parametrize(
    ("text", "params", "expected"),
    [
        ("lr: Float(0, 1) = 0.5\nloss = lr", {"lr": 0.25}, "lr = 0.25\nloss = lr"),
        ("lr: LR = 1e-3  # why\nloss = lr", {"lr": 0.02}, "lr = 0.02  # why\nloss = lr"),
        (
            "n: Int(1, 4) = 2; lr: LR = 0.1\nloss = lr",
            {"n": 3, "lr": 0.02},
            "n = 3; lr = 0.02\nloss = lr",
        ),
        (
            "\n\nlr: Float(\n  0, 1,\n) = (\n  0.5\n)\nloss = lr",
            {"lr": 0.25},
            "\n\nlr = 0.25\nloss = lr",
        ),
        (
            "größe: Int(1, 4) = 2; 幅: Int(1, 4) = 2  # é\nloss = 1",
            {"größe": 3, "幅": 4},
            "größe = 3; 幅 = 4  # é\nloss = 1",
        ),
        ("a: Bool() = False\nloss = 1", {"a": True}, "a = True\nloss = 1"),
        ('a: Categorical("x", "y") = "x"\nloss = 1', {"a": "y"}, "a = 'y'\nloss = 1"),
        ("a: Categorical(options) = 'sgd'\nloss = 1", {"a": "adam"}, "a = 'adam'\nloss = 1"),
        ("a: Categorical(None, 2) = 2\nloss = 1", {"a": None}, "a = None\nloss = 1"),
        (
            "if gpu:\n    a: Int(1, 4) = 2\nelse:\n    a: Int(5, 9) = (3 +\n      4)\nloss = a",
            {"a": 8},
            "if gpu:\n    a = 2\nelse:\n    a = 8\nloss = a",
        ),
        (
            "if not gpu:\n    a: Int(1, 4) = 2\nelse:\n    a: Int(5, 9) = (3 +\n      4)\nloss = a",
            {"a": 3},
            "if not gpu:\n    a = 3\nelse:\n    a = 3 + 4\nloss = a",
        ),
        (
            "x: float = 3\nlr: LR = 0.1\ndef f(lr: float = 0.1):\n    y: int = 2\nloss = lr",
            {"lr": 0.02},
            "x: float = 3\nlr = 0.02\ndef f(lr: float = 0.1):\n    y: int = 2\nloss = lr",
        ),
        (
            "text = '\f\u2028'\n\f\nlr: LR = 0.1\nloss = lr",
            {"lr": 0.02},
            "text = '\f\u2028'\n\f\nlr = 0.02\nloss = lr",
        ),
    ],
)
def test_declarations_become_assignments(text: str, params: dict[str, Any], expected: str) -> None:
    assert written(text, **params) == expected
    assert written(text, loaded=True, **params) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("Categorical(relu, tanh)", "tanh"),
        ("Categorical([relu, tanh])", "tanh"),
        ("hpo.Categorical((relu, tanh))", "tanh"),
        ("Annotated[object, Categorical(relu, tanh)]", "tanh"),
        ("'Categorical(relu, tanh)'", "tanh"),
        ("ACT", "ACT.choices[1]"),
        ("Annotated[object, 'note', ACT]", "ACT.choices[1]"),
        ("Categorical(*[relu, tanh])", "Categorical(*[relu, tanh]).choices[1]"),
    ],
)
def test_a_choice_that_is_no_literal_is_written_as_in_the_cell(
    annotation: str, expected: str
) -> None:
    space = names()
    text = f"f: {annotation} = relu\nloss = 1"
    shown = written(text, f=space["tanh"])
    assert shown == f"f = {expected}\nloss = 1"
    exec(shown, space)
    assert space["f"] is space["tanh"]


def test_a_choice_of_a_loaded_study_is_written_as_in_the_cell() -> None:
    text = "f: Categorical(relu, tanh) = relu\nloss = 1"
    assert written(text, loaded=True, f=names()["tanh"]) == "f = tanh\nloss = 1"


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "!ls -l",
        "files = !ls *.py",
        "a, b = %who_ls",
        "%time fit(lr)",
        "if lr:\n    %who",
        "x = (7\n     % 4)",
        "text = '''\n%not a magic\n'''",
        "await fit(lr)",
    ],
)
def test_lines_of_ipython_stay_as_they_are(line: str) -> None:
    from IPython.core.inputtransformer2 import TransformerManager

    raw = f"lr: LR = 0.1\n{line}\nn: Int(1, 4) = 2\nloss = lr"
    space = read(TransformerManager().transform_cell(raw), names=names()).space
    trial = Trial(3, TrialState.COMPLETE, {"lr": 0.02, "n": 4}, 0.5)
    shown = code(study(space, f"{MAGIC}\n{raw}", trial), trial, dict(trial.assignment))
    assert shown.partition("\n")[2] == f"lr = 0.02\n{line}\nn = 4\nloss = lr"


def test_a_cell_that_cannot_be_edited_gives_the_values() -> None:
    raw = "lr: LR = 0.1\nlr?\nloss = lr"
    space = read("lr: LR = 0.1\npass\nloss = lr").space
    trial = Trial(3, TrialState.COMPLETE, {"lr": 0.02}, 0.5)
    shown = code(study(space, f"{MAGIC}\n{raw}", trial), trial, dict(trial.assignment))
    assert shown.partition("\n")[2] == "lr = 0.02"


def test_the_evidence_names_the_value_of_the_defaults() -> None:
    text = "lr: LR = 0.1\nloss = lr"
    first = Trial(0, TrialState.COMPLETE, {"lr": 0.1}, 0.1, info={"baseline": True})
    failed = Trial(1, TrialState.FAIL, {"lr": 0.05}, error="ValueError: no")
    best = Trial(2, TrialState.COMPLETE, {"lr": 0.02}, 0.02)
    record = study(read(text).space, f"{MAGIC}\n{text}", best, first, failed)
    shown = code(record, best, {"lr": 0.02})
    assert shown.partition("\n")[0] == (
        "# tuned by jupyter_hpo: study 'fit', run 1, trial 2 of 3: loss = 0.02 (defaults: 0.1)"
    )
    assert "defaults" not in code(record, first, {"lr": 0.1})


@pytest.mark.parametrize("name", CELLS)
def test_every_golden_cell_can_be_written(name: str) -> None:
    """And nothing in it is a declaration any more."""
    text, held = CELLS[name], names()
    space = read(text, "_" if name == "last_expression" else "loss", held).space
    defaults = space.defaults()
    assert defaults is not None
    trial = Trial(0, TrialState.COMPLETE, defaults, 0.5)
    shown = code(study(space, f"{MAGIC}\n{text}", trial), trial, space.dump(defaults))
    compile(shown, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert read(f"{shown}\nrate: LR = 0.1\nloss = 1", names=held).space.names == ["rate"]

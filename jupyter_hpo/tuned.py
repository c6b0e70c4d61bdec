"""A plain cell with the tuned values in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .cell.suggest import choice
from .domains import UNSET
from .record import StudyInfo, StudyRecord
from .trial import Trial

_MAGIC = re.compile(r"^(\s*)(?:[%!]|\w[\w, ]*=\s*[%!]).*$")


def code(record: StudyRecord, trial: Trial, stored: Mapping[str, Any]) -> str:
    """The study's cell with the values of `trial` in place of the declarations, and the evidence.

    A study without a cell gives its parameters as a dict.

    Parameters
    ----------
    stored : the trial's assignment as `Space.dump` writes it.
    """
    evidence = _evidence(record, trial)
    if not record.info.cell:
        return f"{evidence}\nparams = {trial.params!r}"
    body = record.info.cell.partition("\n")[2]
    try:
        edits = list(_edits(body, trial, record.info, stored))
    except SyntaxError:  # a magic of a kind we do not know: the values alone
        values = "\n".join(f"{name} = {value!r}" for name, value in trial.params.items())
        return f"{evidence}\n{values}"
    for start, end, text in sorted(edits, reverse=True):
        body = body[:start] + text + body[end:]
    return f"{evidence}\n{body}"


def assignments(record: StudyRecord, trial: Trial, stored: Mapping[str, Any]) -> str:
    """The hyperparameters of a trial as lines of Python, to be pasted into a cell.

    Parameters
    ----------
    stored : the trial's assignment as JSON scalars.
    """
    try:
        declared = _declarations(record.info.cell.partition("\n")[2], record.info)
        sources = {
            row["name"]: _written(node.annotation, row, trial.assignment[key], stored[key])
            for node, row in declared
            if (key := row["key"]) in stored
        }
    except SyntaxError:  # a magic of a kind we do not know
        sources = {}
    return "\n".join(
        f"{name} = {sources.get(name, repr(value))}" for name, value in trial.params.items()
    )


def _evidence(record: StudyRecord, trial: Trial) -> str:
    info = record.info
    text = (
        f"# tuned by jupyter_hpo: study {info.name!r}, run {info.run}, "
        f"trial {trial.number} of {record.finished}: {info.metric} = {trial.value:.6g}"
    )
    baseline = record.baseline
    if baseline is not None and baseline.value is not None and baseline.number != trial.number:
        text += f" (defaults: {baseline.value:.6g})"
    if trial.tensors:
        names = ", ".join(trial.tensors)
        text += f"\n# with {names} of that trial: study.apply(), or best_trial.weights"
    if "warm_from" in trial.origin:
        text += f"\n# it began with the weights that trial {trial.origin['warm_from']} had trained"
    return text


def _edits(
    body: str, trial: Trial, info: StudyInfo, stored: Mapping[str, Any]
) -> Iterator[tuple[int, int, str]]:
    """Start, end and new text of each declaration, in characters of `body`."""
    lines = body.split("\n")
    for node, row in _declarations(body, info):
        key = row["key"]
        if key in stored:
            value = _written(node.annotation, row, trial.assignment[key], stored[key])
        elif node.value is not None:
            value = _one_line(body, node.value)
        begin = _place(lines, node.lineno, node.col_offset)
        end = _place(lines, node.end_lineno or node.lineno, node.end_col_offset or 0)
        yield begin, end, f"{row['name']} = {value}"


def _declarations(body: str, info: StudyInfo) -> Iterator[tuple[ast.AnnAssign, Mapping[str, Any]]]:
    """The declarations of a cell, each with its entry in `StudyInfo.space`."""
    rows = {(row["line"], row["name"]): row for row in info.space}
    for node in ast.walk(_parsed(body)):
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        row = rows.get((node.lineno + 1, node.target.id))  # the %%tune line comes before
        if row is not None and node.value is not None:
            yield node, row


def _parsed(body: str) -> ast.Module:
    """The cell's tree; if it has ``%`` and ``!`` lines, with `pass` in their place."""
    try:
        return ast.parse(body)
    except SyntaxError:
        return ast.parse("\n".join(_MAGIC.sub(r"\1pass", line) for line in body.split("\n")))


def _written(annotation: ast.expr, row: Mapping[str, Any], value: Any, stored: Any) -> str:
    """A value as source: by its repr, or a choice as the cell writes it."""
    if row["type"] != "Categorical":
        return repr(value)
    plain = value if type(value) is type(stored) and value == stored else UNSET
    places = [type(one) is type(stored) and one == stored for one in row["choices"]]
    if True not in places:  # one that an edit of the search space has brought
        return repr(value)
    return choice(annotation, places.index(True), len(places), plain)


def _one_line(body: str, node: ast.expr) -> str:
    text = ast.get_source_segment(body, node) or ""
    return ast.unparse(node) if "\n" in text or not text else text


def _place(lines: list[str], line: int, offset: int) -> int:
    """Characters before a position: the syntax tree counts columns in UTF-8."""
    before = sum(len(text) + 1 for text in lines[: line - 1])
    return before + len(lines[line - 1].encode()[:offset].decode(errors="ignore"))

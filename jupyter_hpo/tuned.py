"""A plain cell with the tuned values in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

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
        edits = list(_edits(body, record.info, stored))
    except SyntaxError:  # a magic of a kind we do not know: the values alone, then the cell
        values = "\n".join(f"{name} = {value!r}" for name, value in trial.params.items())
        return f"{evidence}\n{values}"
    for start, end, text in sorted(edits, reverse=True):
        body = body[:start] + text + body[end:]
    return f"{evidence}\n{body}"


def _evidence(record: StudyRecord, trial: Trial) -> str:
    info = record.info
    text = (
        f"# tuned by jupyter_hpo: study {info.name!r}, run {info.run}, "
        f"trial {trial.number} of {record.finished}: {info.metric} = {trial.value!r}"
    )
    baseline = record.baseline
    if baseline is not None and baseline.value is not None and baseline.number != trial.number:
        text += f" (defaults: {baseline.value!r})"
    return text


def _edits(body: str, info: StudyInfo, stored: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    """Start, end and new text of each declaration, in characters of `body`."""
    parsable = "\n".join(_MAGIC.sub(r"\1pass", line) for line in body.splitlines())
    rows = {(row["line"], row["name"]): row for row in info.space}
    starts, lines = _line_starts(body), body.splitlines()
    for node in ast.walk(ast.parse(parsable)):
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        row = rows.get((node.lineno + 1, node.target.id))  # the %%tune line comes before
        if row is None or node.value is None:
            continue
        value = ast.get_source_segment(parsable, node.value) or ast.unparse(node.value)
        if row["key"] in stored:
            value = _written(node, row, stored[row["key"]], parsable)
        begin = starts[node.lineno - 1] + _column(lines[node.lineno - 1], node.col_offset)
        last = (node.end_lineno or node.lineno) - 1
        end = starts[last] + _column(lines[last], node.end_col_offset or 0)
        yield begin, end, f"{node.target.id} = {value}"


def _written(node: ast.AnnAssign, row: Mapping[str, Any], stored: Any, text: str) -> str:
    """A value as source: a choice as it stands in the declaration, anything else by its repr."""
    call = node.annotation
    if row["type"] != "Categorical" or not isinstance(call, ast.Call):
        return repr(stored)
    arguments = call.args
    if len(arguments) == 1 and isinstance(arguments[0], (ast.List, ast.Tuple)):
        arguments = arguments[0].elts
    labels = row["choices"]
    if stored in labels and len(arguments) == len(labels):
        argument = arguments[labels.index(stored)]
        return ast.get_source_segment(text, argument) or ast.unparse(argument)
    return repr(stored)


def _line_starts(text: str) -> list[int]:
    starts, here = [], 0
    for line in text.splitlines(keepends=True):
        starts.append(here)
        here += len(line)
    return starts


def _column(line: str, offset: int) -> int:
    """Characters before a byte offset: the syntax tree counts in UTF-8."""
    return len(line.encode()[:offset].decode(errors="ignore"))

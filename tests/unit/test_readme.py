"""The README says what there is: its options are those of the parser, its code is valid."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from jupyter_hpo.options import OPTIONS

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
# what follows a magic's line is Python; the line itself is not
CODE = [
    re.sub(r"^%.*$", "", block, flags=re.MULTILINE)
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL)
]


def test_its_table_has_every_option_and_no_other() -> None:
    rows = [line.split("|")[1] for line in README.splitlines() if re.match(r"\| `-", line)]
    shown = {flag for row in rows for flag in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", row)}
    assert shown == {flag for option in OPTIONS for flag in option.flags}


@pytest.mark.parametrize("code", CODE)
def test_its_code_is_python(code: str) -> None:
    ast.parse(code)

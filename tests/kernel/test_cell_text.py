"""The text of a cell: what IPython adds to Python works; lines are those of the editor."""

from __future__ import annotations

import pytest
from kernels import Kernel


def test_magics_shell_lines_and_assignments_from_them(kernel: Kernel) -> None:
    shown = kernel.run(
        "%%tune lines --minimize v -n 3 -o random\n"
        "x: Float(0, 1) = 0.5\n"
        "%matplotlib inline\n"
        "!echo from the shell\n"
        "files = !echo one; echo two\n"
        "where = %pwd\n"
        "if x >= 0:\n"
        "    %time y = x\n"
        "assert files == ['one', 'two'] and where\n"
        "v = y"
    )
    assert shown.error is None, shown.told
    assert "from the shell" in shown.stdout and "Wall time" in shown.stdout
    assert shown.stdout.count("from the shell") == 1
    assert kernel.value("all('from the shell' in t.output for t in lines.trials)") == "True"
    assert kernel.value("all(t.value == t.params['x'] for t in lines.trials)") == "True"


def test_top_level_await_and_async_loops(kernel: Kernel) -> None:
    kernel.run("import asyncio\nasync def half(x):\n    await asyncio.sleep(0)\n    return x / 2")
    shown = kernel.run(
        "%%tune waits --minimize v -n 3 -o random\nx: Float(0, 1) = 0.5\n"
        "async def steps():\n    for i in range(4):\n        yield i\n"
        "async for i in steps():\n    v = await half(x)\n"
        "forgotten = asyncio.ensure_future(asyncio.sleep(1000))\n"
    )
    assert shown.error is None, shown.told
    assert shown.stderr == ""
    assert kernel.value(
        "[(len(t.reports), t.value * 2 == t.params['x']) for t in waits.trials]"
    ) == ("[(4, True), (4, True), (4, True)]")
    assert kernel.value("await half(3)") == "1.5"


def test_future_imports_and_unicode(kernel: Kernel) -> None:
    shown = kernel.run(
        "%%tune größe --minimize ζ -n 3 -o random\n"
        "from __future__ import annotations\n"
        "lernrate_α: Float(0, 1) = 0.5  # Übung, 学習率 🎯\n"
        "art: Categorical('größer', '更大', '🎯') = '更大'\n"
        "def f(a: unknown_type) -> also_unknown: return a\n"
        "print('Grüße 🎯', art)\n"
        "ζ = f(lernrate_α)"
    )
    assert shown.error is None, shown.told
    assert shown.stdout == "Grüße 🎯 更大\n"
    assert kernel.value("größe.trials[0].params") == "{'lernrate_α': 0.5, 'art': '更大'}"


def test_future_imports_of_a_cell_stay_in_it(kernel: Kernel) -> None:
    kernel.run(
        "%%tune fut --minimize v -n 1\nfrom __future__ import annotations\n"
        "x: Float(0, 1) = 0.5\nv = x"
    )
    assert kernel.run("def f(a: this_name_is_not_there): pass").error is not None


def test_the_last_expression_as_objective(kernel: Kernel) -> None:
    shown = kernel.run("%%tune last --maximize _ -n 3 -o random\nx: Float(0, 1) = 0.5\nx * 2")
    assert shown.error is None, shown.told
    assert kernel.value("all(t.value == 2 * t.params['x'] for t in last.trials)") == "True"


def test_unusual_layouts(kernel: Kernel) -> None:
    shown = kernel.run(
        "%%tune layout --minimize v -n 2 -o random  # a comment on the line\r\n"
        "\r\nx: Float(\r\n    0,  # low\r\n    1,\r\n) = 0.5; y: Int(1, 3) = 2\r\n"
        "text = '''\r\n%%tune not a magic\r\n'''\r\nv = x + y \\\r\n    + 1"
    )
    assert shown.error is None, shown.told
    assert kernel.value("layout.trials[0].value") == "3.5"


@pytest.mark.parametrize(
    "top", ["", "\n", "\n\n\n", "# comment\n\n", "   \n\t\n\n", "\n# c\n\n\n# d\n"]
)
def test_lines_are_those_of_the_editor(kernel: Kernel, top: str) -> None:
    cell = f"%%tune where --minimize v\n{top}x: Float(0, 1) = 0.5\n\ny = 0\nv = x / y  # here\n"
    line = cell.splitlines().index("v = x / y  # here") + 1
    shown = kernel.run(cell)
    assert shown.error is not None and shown.error.ename == "ZeroDivisionError"
    count = kernel.value("len(In) - 2")
    assert f"Cell In[{count}], line {line}" in shown.error.traceback.replace("\n", " ")
    arrow = [row for row in shown.error.traceback.splitlines() if row.startswith("-")][1]
    assert arrow.lstrip("->").split() == [str(line), "v", "=", "x", "/", "y", "#", "here"]
    assert "jupyter_hpo" not in shown.error.traceback


def test_lines_in_later_failures_too(kernel: Kernel) -> None:
    kernel.run(
        "%%tune later --minimize v -n 2 -o random\n\n\n# c\nx: Float(0, 1) = 0.5\n"
        "def f():\n    raise ValueError('no')\nif trial.number: f()\nv = x"
    )
    count = kernel.value("len(In) - 2")
    error = kernel.run("print(later.trials[1].error)").stdout
    assert f"Cell In[{count}], line 8" in error and f"Cell In[{count}], line 7, in f" in error
    assert "if trial.number: f()" in error and "raise ValueError('no')" in error
    assert error.rstrip().endswith("ValueError: no")
    assert "jupyter_hpo" not in error


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("x: Float(0, 1) = 0.5\nv = = x", 3),
        ("\n\nx: Float(0, 1) = 0.5\n  v = x", 5),
        ("x: Float(0, 1) = 0.5\nv = (x", 3),
        ("x: Float(0, 1) = 0.5\nreturn x", 3),
    ],
)
def test_syntax_errors_say_their_line(kernel: Kernel, body: str, line: int) -> None:
    shown = kernel.run(f"%%tune wrong --minimize v\n{body}")
    assert shown.error is not None and f"line {line}" in shown.error.traceback
    assert "jupyter_hpo" not in shown.error.traceback
    assert kernel.value("'wrong' in globals()") == "False"


def test_an_unknown_magic_says_so_as_in_a_plain_cell(kernel: Kernel) -> None:
    shown = kernel.run("%%tune mag --minimize v -n 1\nx: Float(0, 1) = 0.5\n%no_such_magic\nv = x")
    assert "`%no_such_magic` not found" in shown.stderr


def test_the_magic_must_come_first(kernel: Kernel) -> None:
    shown = kernel.run("# my study\n%%tune --minimize v\nx: Float(0, 1) = 0.5\nv = x")
    assert "must stand on the first line" in shown.told


def test_a_second_cell_magic_below_is_refused(kernel: Kernel) -> None:
    shown = kernel.run("%%tune two --minimize v\n%%time\nx: Float(0, 1) = 0.5\nv = x")
    assert "a second %% line in one cell" in shown.told and "%%time" in shown.told

"""What loading and unloading the extension does to a notebook, and what Tab offers."""

from __future__ import annotations

import pytest
from conftest import Starter
from kernels import Kernel


def test_loading_offers_names_but_takes_none(start: Starter) -> None:
    kernel = start(setup="Bool = 'mine'; before = set(globals())")
    kernel.run("%load_ext jupyter_hpo")
    assert kernel.value("Bool") == "'mine'"
    added = kernel.value("sorted(n for n in set(globals()) - before if not n.startswith('_'))")
    assert added == "['Categorical', 'Float', 'Int', 'before', 'trial']"
    kernel.run("Int = 'mine now'")
    kernel.run("%unload_ext jupyter_hpo")
    left = kernel.value("sorted({*globals()} & {'Bool', 'Int', 'Float', 'Categorical', 'trial'})")
    assert left == "['Bool', 'Int']"
    assert kernel.value("Bool, Int") == "('mine', 'mine now')"
    told = kernel.run("%%tune s --minimize v\nx: int = 1\nv = 1")
    assert "UsageError" in told.stderr + told.told and "tune" in told.stderr + told.told
    kernel.run("%load_ext jupyter_hpo")
    kernel.run("from jupyter_hpo import Float")
    assert kernel.run("%%tune s --minimize v -n 2\nx: Float(0, 1) = 0.5\nv = x").status == "ok"


def test_the_annotated_cell_runs_without_its_magic(kernel: Kernel) -> None:
    cell = "wide: Int(1, 9) = 3\nfor i in range(2):\n    trial.report(wide)\ntrial.log(a=1)\nwide"
    assert kernel.value(cell) == "3"


@pytest.mark.parametrize(
    ("line", "offered", "not_offered"),
    [
        ("%%tune --m", ["--minimize", "--maximize", "--max-failures"], ["--keep"]),
        ("%%tune some --minimize v --re", ["--resume", "--retries"], ["--minimize"]),
        ("%%tune -o s", ["sobol"], ["random", "--seed"]),
        ("%%tune --optimizer ", ["auto", "grid", "random", "sobol", "optuna:TPE"], ["--seed"]),
        ("%%tune --fresh net", ["network"], ["--seed"]),
        ("%tune s", ["show", "stop"], ["list"]),
        ("%tune ", ["list", "show", "options", "apply"], ["--seed"]),
        ("%tune show compl", ["completed"], ["show"]),
    ],
)
def test_completion(kernel: Kernel, line: str, offered: list[str], not_offered: list[str]) -> None:
    kernel.run("network = []")
    if "completed" not in kernel.value("list(globals())"):
        kernel.run("%%tune completed --minimize v -n 1\nx: Float(0, 1) = 0.5\nv = x")
    words = kernel.complete(line)
    assert set(offered) <= set(words)
    assert not set(not_offered) & set(words)

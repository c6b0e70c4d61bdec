"""The house: which module may import which, and what else it may import.

`FLOORS` is the whole rule. A module imports lower floors, and `protocols` from anywhere; a
sub-package is one room, whose files import each other freely but never in a circle. Imports for
type checkers alone (`if TYPE_CHECKING`) bind nothing at run time and do not count.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = "jupyter_hpo"
FOLDER = Path(__file__).parents[2] / PACKAGE

FLOORS: list[list[str]] = [
    ["errors", "controls", "layers", "blobs"],
    ["domains", "trial", "interrupts", "capture", "expand", "waiting", "pacer"],
    ["space"],
    [
        "protocols",
        "record",
        "randomness",
        "resources",
        "stowing",
        "overlay",
        "scalar",
        "tracebacks",
        "figures",
        "modes",
        "torch_stacks",
        "analysis",
    ],
    ["torch_casts", "unrolled", "budget"],
    ["thread_modes"],
    [
        "cell",
        "store",
        "context",
        "guard",
        "view",
        "distinct",
        "sequence",
        "named",
        "curves",
        "merit",
        "frame",
        "failures",
    ],
    ["strands", "rungs", "options"],
    ["forecast"],
    [
        "parking",
        "surroundings",
        "optimizers",
        "pruners",
        "pruning",
        "optimizers.bayes",
        "optimizers.evolution",
        "optimizers.optuna",
        "journal",
        "places",
        "guarded",
        "plain",
        "testing",
        "tuned",
    ],
    ["executors", "editing", "optimizers.gradient"],
    ["adviser", "launch"],
    ["bench"],
    ["attempt"],
    ["standby"],
    ["room"],
    ["runner"],
    ["sitting"],
    ["study", "hints", "turns"],
    ["tuning", "kernel", "view.kept", "view.widget", "verbs"],
    ["reading", "view.answers", "applied"],
    ["building", "view.window"],
    ["view.live"],
    ["view.pages"],
    ["view.panels"],
    ["magic", "completion"],
    ["extension", "server"],
    [PACKAGE],  # __init__.py itself
]
# Packages that some rooms may import and no other; the rest is the standard library and numpy.
ONLY_IN = {
    "sqlite3": {"store"},
    "filelock": {"store"},
    "IPython": {
        *("expand", "kernel", "view.live", "verbs", "completion", "magic", "extension", "reading"),
        "building",
    },
    "ipykernel": {"kernel"},
    "comm": {"kernel"},
    "jupyter_server": {"server"},
    "tornado": {"server"},
    "greenlet": {"parking", "strands"},
    "anywidget": {"view.widget"},
    "zmq": {"kernel"},
    "bayes_opt": {"optimizers.bayes"},
    "optuna": {"optimizers.optuna"},
    "cmaes": {"optimizers.evolution"},
}
# Imported inside the function that uses them: `import jupyter_hpo` stays fast without them.
LAZY = {
    "torch",
    "pandas",
    "scipy",
    "sklearn",
    "threadpoolctl",
    "matplotlib",
    "matplotlib_inline",
    "optuna",
}
# Rooms that are themselves imported inside functions, and may therefore import all that at the top.
HEAVY = {"optimizers.bayes", "optimizers.evolution", "unrolled"}
# Rooms of plug-ins: a file there knows the table of names, in __init__.py, and no neighbour.
PLUGINS = {"optimizers", "pruners", "executors"}
LONGEST = 400


class Import(NamedTuple):
    """An import of the absolute, dotted `module`; `lazy` if inside a function."""

    line: int
    module: str
    lazy: bool


def imports(source: str, name: str, *, is_package: bool) -> list[Import]:
    """Every import that the module `name` does at run time."""
    package = name if is_package else name.rpartition(".")[0]
    return list(_imports(ast.parse(source), package, lazy=False))


def _imports(node: ast.AST, package: str, *, lazy: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(node.lineno, alias.name, lazy)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*above, *filter(None, [node.module])])
        for alias in node.names:
            yield Import(node.lineno, f"{base}.{alias.name}", lazy)
    elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        for child in node.orelse:
            yield from _imports(child, package, lazy=lazy)
    else:
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from _imports(child, package, lazy=lazy or inside)


def _modules() -> dict[str, Path]:
    found = {}
    for path in sorted(FOLDER.rglob("*.py")):
        parts = path.relative_to(FOLDER.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = _modules()
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
IMPORTS = {
    name: imports(path.read_text("utf-8"), name, is_package=path.name == "__init__.py")
    for name, path in MODULES.items()
}


def prefixes(dotted: str) -> Iterator[str]:
    """``a.b.c``, ``a.b``, ``a``."""
    while dotted:
        yield dotted
        dotted = dotted.rpartition(".")[0]


def room(module: str) -> str | None:
    """The room that `module` is in: the longest name of the table that it begins with."""
    inner = module.removeprefix(f"{PACKAGE}.")
    return next((name for name in prefixes(inner) if name in FLOOR), None)


def ours(module: str) -> str | None:
    """The module of ours behind an import, where the last part may be a name inside it."""
    return next((name for name in prefixes(module) if name in MODULES), None)


def neighbours(name: str, *, lazy: bool = True) -> Iterable[tuple[int, str]]:
    """Lines and modules of ours that `name` imports."""
    for found in IMPORTS[name]:
        target = ours(found.module)
        if target and target != name and (lazy or not found.lazy):
            yield found.line, target


every_module = pytest.mark.parametrize("name", MODULES)


@every_module
def test_every_module_has_a_floor(name: str) -> None:
    assert room(name), f"{name}: give it a floor in FLOORS"


@every_module
def test_a_module_imports_lower_floors_only(name: str) -> None:
    here = room(name)
    wrong = []
    for line, target in neighbours(name):
        there = room(target)
        if here is None or there is None or there in (here, "protocols"):
            continue
        if FLOOR[there] >= FLOOR[here]:
            wrong.append(f"line {line}: {here} (floor {FLOOR[here]}) -> {there} ({FLOOR[there]})")
    assert not wrong, f"{MODULES[name]}: " + "; ".join(wrong)


@every_module
def test_a_plugin_knows_no_other(name: str) -> None:
    here = room(name)
    if here not in PLUGINS or MODULES[name].name == "__init__.py":
        return
    met = {target for _, target in neighbours(name) if room(target) == here}
    assert met <= {f"{PACKAGE}.{here}"}, f"{name} imports {met}"


def test_no_import_goes_in_a_circle() -> None:
    graph = {name: {target for _, target in neighbours(name, lazy=False)} for name in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("imports in a circle: " + " <- ".join(error.args[1]))


@every_module
def test_a_heavy_room_is_imported_when_used(name: str) -> None:
    if room(name) not in HEAVY:
        met = {target for _, target in neighbours(name, lazy=False) if room(target) in HEAVY}
        assert not met, f"{name} imports {met} at its top"


@every_module
def test_other_packages_stay_where_they_belong(name: str) -> None:
    here = room(name)
    wrong = []
    for line, module, lazy in IMPORTS[name]:
        top = module.split(".")[0]
        if top in ONLY_IN:
            allowed = here in ONLY_IN[top] and (lazy or top not in LAZY)
        elif top in LAZY:
            allowed = lazy or here in HEAVY
        else:
            allowed = top in sys.stdlib_module_names or top in (PACKAGE, "numpy")
        if not allowed:
            wrong.append(f"line {line}: {module}")
    assert not wrong, f"{MODULES[name]}: " + "; ".join(wrong)


@every_module
def test_files_are_short(name: str) -> None:
    lines = len(MODULES[name].read_text("utf-8").splitlines())
    assert lines <= LONGEST, f"{MODULES[name]} has {lines} lines: is it two rooms?"


def test_the_walk_sees_what_it_should() -> None:
    source = """
from __future__ import annotations
from . import near
from ..room.file import name
if TYPE_CHECKING:
    import torch
else:
    import json
try:
    import scipy.stats
except ImportError:
    pass
class Thing:
    import csv
    def method(self):
        from .near import other
"""
    seen = [tuple(found[1:]) for found in imports(source, "a.b.c", is_package=False)]
    assert seen == [
        ("__future__.annotations", False),
        ("a.b.near", False),
        ("a.room.file.name", False),
        ("json", False),
        ("scipy.stats", False),
        ("csv", False),
        ("a.b.near.other", True),
    ]
    assert imports("from .x import y", "a.b", is_package=True)[0].module == "a.b.x.y"

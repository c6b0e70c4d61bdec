"""Optimizers by name: the table, plug-ins, options, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_hpo.domains import Float, Int
from jupyter_hpo.errors import UsageError
from jupyter_hpo.optimizers import TABLE, create, names, parse
from jupyter_hpo.optimizers.grid import Grid
from jupyter_hpo.space import Space

SPACE = Space.of({"x": Float(0, 1), "n": Int(1, 3)})

PLUGIN = """
from typing import Literal

class Corner:
    def __init__(self, space, trials, *, where: Literal["low", "high"] = "low", size: float = 1):
        self.space, self.trials, self.where = space, trials, where

    def ask(self, number, rng, running):
        return self.space.decode([float(self.where == "high")] * len(self.space))

    def tell(self, trial):
        pass

def loose(space, **anything):
    corner = Corner(space, None)
    corner.anything = anything
    return corner
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corner_search.py").write_text(PLUGIN)
    info = tmp_path / "corner_search-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: corner-search\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[jupyter_hpo.optimizers]\ncorner = corner_search:Corner\n"
        "loose-one = corner_search:loose\nbroken = corner_search_missing:X\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "corner_search", raising=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grid", ("grid", {})),
        (" sobol ", ("sobol", {})),
        ("random()", ("random", {})),
        ("grid(points=5)", ("grid", {"points": 5})),
        ("grid ( points = None )", ("grid", {"points": None})),
        ("sobol(scramble=False)", ("sobol", {"scramble": False})),
    ],
)
def test_name_and_options(text: str, expected: tuple[str, dict[str, Any]]) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "sobl",
            "there is no optimizer 'sobl'; did you mean 'sobol'? There are auto, bayes, cmaes",
        ),
        (
            "xyz",
            "there is no optimizer 'xyz'; there are auto, bayes, cmaes, de, ga, gradient, grid",
        ),
        ("optuna", "optuna has several optimizers; write which, for example optuna:TPE"),
        ("optuna(seed=1)", "optuna has several optimizers; write which, for example optuna:TPE"),
        ("otpuna:TPE", "there is no optimizer 'otpuna:TPE'; did you mean 'optuna:NAME'?"),
        ("grid,random", "racing several optimizers is not in this version; name one of them"),
        ("grid(points=3), sobol", "racing several optimizers is not in this version"),
        ("", "write a name, or a name with options such as grid(points=5), not ''"),
        ("(1)", "write a name"),
        (3, "write a name, or a name with options such as grid(points=5), not 3"),
        ("grid(5)", "grid(5): options are written with their name, as in grid(points=5)"),
        ("grid(**{'points': 5})", "options are written one by one"),
        ("grid(points=5", "'grid(points=5' cannot be read"),
        ("grid(points=5).x", "cannot be read"),
        ("grid points", "cannot be read"),
        ("grid(points=1, points=2)", "grid: points= stands there twice"),
        (
            "grid(points=n)",
            (
                'grid: points=n is not a literal such as 5, 0.1, True or "text"; '
                "for a variable of the notebook write points={n}"
            ),
        ),
        ("grid(points=f(2))", "grid: points=f(2) is not a literal"),
        ("grid(points={[]: 1})", "is not a literal"),
        ("grid(pints=5)", "grid has no option 'pints'; did you mean 'points'? grid takes grid("),
        ("random(x=1)", "random has no option 'x'; random takes no options"),
        ("sobol(seed=1)", "sobol has no option 'seed'; sobol takes sobol(scramble=True)"),
        (
            "grid(points='5')",
            "grid: points must be a whole number or None, not '5'; grid takes grid(points=None)",
        ),
        ("grid(points=True)", "grid: points must be a whole number or None, not True"),
        ("grid(points=5.0)", "grid: points must be a whole number or None, not 5.0"),
        ("sobol(scramble=1)", "sobol: scramble must be True or False, not 1"),
    ],
)
def test_what_is_refused(text: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert message in str(caught.value)


@given(
    st.text()
    | st.text(st.sampled_from("grid(points=5),[]{}'\"\\\n\0#*-. "))
    | st.builds("grid({})".format, st.text())
    | st.builds("grid(points={})".format, st.text("()[]{}-~1a'\\,: "))
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        name, options = parse(text)
    except UsageError:
        return
    assert name in names() or name.startswith("optuna:")
    assert set(options) <= {"points", "scramble"}


@pytest.mark.parametrize("deep", ["-" * 5000 + "1", "[" * 5000, "(" * 150 + "x" + ")" * 150])
def test_deep_nesting_is_refused(deep: str) -> None:
    with pytest.raises(UsageError):
        parse(f"grid(points={deep})")


def test_nothing_is_evaluated(tmp_path: Path) -> None:
    victim = tmp_path / "made"
    with pytest.raises(UsageError):
        parse(f"grid(points=open({str(victim)!r}, 'w'))")
    assert not victim.exists()


def test_options_are_taken_as_text_and_as_keywords() -> None:
    assert create("grid(points=2)", SPACE).size == 4  # type: ignore[attr-defined]
    assert create("grid", SPACE, points=3).size == 9  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="whole number"):
        create("grid", SPACE, points="3")


@pytest.mark.parametrize("seed", [-1, "1", None, 1.0])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(UsageError, match="seed is a whole number from 0 up"):
        create("random", SPACE, seed=seed)


def test_names_are_those_of_the_table() -> None:
    assert names() == list(TABLE)
    ours = ["auto", "bayes", "cmaes", "de", "ga", "gradient", "grid", "pso", "random", "sobol"]
    assert names() == [*ours, "optuna:NAME"]


def test_importing_the_table_imports_no_optimizer() -> None:
    code = (
        "import sys, jupyter_hpo.optimizers as o; o.names();"
        "print([m for m in sys.modules if m.startswith('jupyter_hpo.optimizers.')"
        " and m.rsplit('.')[-1] in o.TABLE or m.split('.')[0] in ('scipy', 'numpy')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_plug_in_is_found_and_its_options_are_checked(plugin: None) -> None:
    assert names() == [*TABLE, "broken", "corner", "loose-one"]
    corner = create("corner(where='high', size=2)", SPACE, trials=7)
    assert corner.ask(0, None, ()) == {"x": 1.0, "n": 3}  # type: ignore[arg-type]
    assert corner.trials == 7  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="corner: where must be 'low' or 'high', not 'left'"):
        parse("corner(where='left')")
    with pytest.raises(UsageError, match=r"size must be a number, not None; corner takes corner\("):
        parse("corner(size=None)")
    with pytest.raises(UsageError, match="random, sobol, optuna:NAME, broken, corner"):
        parse("nothing-like-it")
    assert create("loose-one(a=1)", SPACE).anything == {"a": 1}  # type: ignore[attr-defined]


def test_a_plug_in_that_cannot_be_imported_is_named(plugin: None) -> None:
    with pytest.raises(UsageError, match="'broken' of the package corner-search could not be imp"):
        create("broken", SPACE)


def test_the_table_comes_before_plug_ins(plugin: None) -> None:
    assert type(create("grid", SPACE)) is Grid

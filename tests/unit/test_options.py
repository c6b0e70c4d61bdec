"""The ``%%tune`` line: how it is taken apart, and what is refused with which words."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_hpo.errors import UsageError
from jupyter_hpo.options import LATER, OPTIONS, describe, parse, split

# the lines that are refused, with the words: the editor's tests read the same table
TABLE = Path(__file__).parent / "cells/editor.json"
REFUSED = json.loads(TABLE.read_text("utf-8"))["lines"]


def read(line: str) -> argparse.Namespace:
    return parse(split(line))


def given_options(line: str) -> dict[str, Any]:
    """What a line sets, apart from what is left as it is without."""
    usual = vars(read(""))
    return {key: value for key, value in vars(read(line)).items() if value != usual[key]}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("study --minimize loss", ["study", "--minimize", "loss"]),
        ("  a\t b  ", ["a", "b"]),
        ("-o 'grid(points=5)'", ["-o", "grid(points=5)"]),
        ('-o "grid(points=5)"', ["-o", "grid(points=5)"]),
        ("""-o 'bayes(acquisition="ucb", kappa=2)'""", ["-o", 'bayes(acquisition="ucb", kappa=2)']),
        ("--keep 'model, history'", ["--keep", "model, history"]),
        ("--store='my folder/a.db'", ["--store=my folder/a.db"]),
        ("a # b c", ["a"]),
        ("# all of it", []),
        ("a#b", ["a#b"]),
        ("--store 'a # b' # c", ["--store", "a # b"]),
        ('--store "it\'s # one" x', ["--store", "it's # one", "x"]),
        ("a  # don't", ["a"]),
        ("''", [""]),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert split(line) == words


@pytest.mark.parametrize("line", ["--store 'a", '--store "a', "it's", "a 'b # c"])
def test_an_open_quote(line: str) -> None:
    with pytest.raises(UsageError) as caught:
        split(line)
    assert str(caught.value) == "cannot read the %%tune line: no closing quotation"


@given(st.text("ab '\"#\\-=n1\n", max_size=20))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        read(line)
    except UsageError as error:
        shown = str(error)
    else:
        shown = "read"
    assert shown


def test_nothing_given() -> None:
    options = vars(read(""))
    assert options["name"] is None
    switches = {option.dest for option in OPTIONS if not option.metavar}
    assert {key for key, value in options.items() if value is False} == switches
    assert all(value is None for key, value in options.items() if key not in switches)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("fit --minimize loss", {"name": "fit", "minimize": "loss"}),
        ("--minimize loss fit", {"name": "fit", "minimize": "loss"}),
        ("--maximize acc fit --trials 3", {"name": "fit", "maximize": "acc", "trials": 3}),
        ("--minimize=loss", {"minimize": "loss"}),
        ("--minimize _", {"minimize": "_"}),
        ("-n 40 -o random", {"trials": 40, "optimizer": "random"}),
        ("-n40 -orandom", {"trials": 40, "optimizer": "random"}),
        ("--trials=0", {"trials": 0}),
        ("--optimizer 'grid(points=5)'", {"optimizer": "grid(points=5)"}),
        ("--seed 7", {"seed": 7}),
        ("--resume --run 2", {"resume": True, "run": 2}),
        ("--keep model,history", {"keep": ("model", "history")}),
        ("--keep 'model, history,'", {"keep": ("model", "history")}),
        ("--fresh a --shared b,c", {"fresh": ("a",), "shared": ("b", "c")}),
        ("--no-baseline --quiet", {"no_baseline": True, "quiet": True}),
        ("--quiet --quiet", {"quiet": True}),
        ("--retries 0 --max-failures 1", {"retries": 0, "max_failures": 1}),
        ("--device cuda:1 --store none", {"device": "cuda:1", "store": "none"}),
        ("größe # the name", {"name": "größe"}),
    ],
)
def test_what_is_read(line: str, expected: dict[str, Any]) -> None:
    assert given_options(line) == expected


@pytest.mark.parametrize(("line", "message"), REFUSED)
def test_what_is_refused(line: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(line)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", LATER)
def test_options_of_later_versions_are_refused_by_name(name: str) -> None:
    flag = f"--{name.replace('_', '-')}"
    for line in (f"{flag} 3", f"{flag}=3", flag, f"fit {flag}"):
        with pytest.raises(UsageError) as caught:
            read(line)
        assert str(caught.value) == f"{flag} is not in this version: {LATER[name]}"


@pytest.mark.parametrize(
    ("line", "flag"),
    [
        ("-j 4", "--jobs"),
        ("-j4", "--jobs"),
    ],
)
def test_short_options_of_later_versions(line: str, flag: str) -> None:
    with pytest.raises(UsageError, match=f"^{flag} is not in this version: "):
        read(line)


@pytest.mark.parametrize(
    ("line", "budget"),
    [
        ("-t 10m", "10m"),
        ("-t10m", "10m"),
        ("--budget=1.5h", "1.5h"),
        ("--budget '90 s'", "90s"),
        ("--budget '500 epochs'", "500 epochs"),
        ("--budget 500 epochs", "500 epochs"),
        ("-t 500 Epochs".lower(), "500 epochs"),
        ("--budget=500 epochs", "500 epochs"),
        ("--budget 1epoch", "1 epochs"),
        ("--budget worthwhile", "worthwhile"),
    ],
)
def test_budgets(line: str, budget: str) -> None:
    asked = read(f"fit {line} --seed 3")
    assert (asked.budget, asked.name, asked.seed) == (budget, "fit", 3)


@pytest.mark.parametrize("text", ["90", "0s", "0 epochs", "ten", "10d", "-3m", "1e3s", "epochs"])
def test_what_is_no_budget(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(f"--budget='{text}'")
    told = f"10m, 2h, 90s, '500 epochs' or worthwhile, not {text!r}"
    assert str(caught.value) == f"--budget takes {told}"


def test_epochs_may_be_a_study() -> None:
    assert read("--trials 5 epochs").name == "epochs"
    assert read("--budget 5m epochs").name == "epochs"


def test_a_value_is_no_option_of_a_later_version() -> None:
    assert read("--minimize pruner").minimize == "pruner"
    assert read("budget").name == "budget"


def test_the_table_describes_every_option() -> None:
    shown = " ".join(describe().split())  # long lines are wrapped
    for option in OPTIONS:
        assert ", ".join(option.flags) in shown
        assert option.help in shown
    assert len({flag for option in OPTIONS for flag in option.flags}) == sum(
        len(option.flags) for option in OPTIONS
    )
    assert not {option.dest for option in OPTIONS} & LATER.keys()

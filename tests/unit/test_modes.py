"""Modes of the process and its libraries, put back after a trial."""

from __future__ import annotations

import decimal
import locale
import os
import pathlib
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import sklearn
import torch

import jupyter_hpo as hpo
from jupyter_hpo.modes import Modes, restore, snapshot


def ignore(*args: object) -> None:
    """A hook."""


def traps() -> dict[Any, bool]:
    return dict(decimal.getcontext().traps)


CASES: dict[str, tuple[Callable[[], object], Callable[[], Any]]] = {
    "grad mode": (lambda: torch.set_grad_enabled(False), torch.is_grad_enabled),
    "dtype": (lambda: torch.set_default_dtype(torch.float64), torch.get_default_dtype),
    "device": (lambda: torch.set_default_device("meta"), lambda: torch.ones(1).device),
    "deterministic": (
        lambda: torch.use_deterministic_algorithms(True, warn_only=True),
        lambda: (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        ),
    ),
    "threads": (
        lambda: torch.set_num_threads(torch.get_num_threads() + 1),
        torch.get_num_threads,
    ),
    "matmul": (
        lambda: torch.set_float32_matmul_precision("medium"),
        torch.get_float32_matmul_precision,
    ),
    "anomaly": (lambda: torch.autograd.set_detect_anomaly(True), torch.is_anomaly_enabled),
    "cudnn": (
        lambda: setattr(torch.backends.cudnn, "benchmark", True),
        lambda: torch.backends.cudnn.benchmark,
    ),
    "errors": (lambda: np.seterr(all="raise"), np.geterr),
    "error call": (lambda: np.seterrcall(ignore), np.geterrcall),
    "print options": (
        lambda: np.set_printoptions(precision=2, suppress=True, formatter={"int": str}),
        np.get_printoptions,
    ),
    "pandas": (
        lambda: pd.set_option("display.max_rows", 7, "display.precision", 2),
        lambda: (pd.get_option("display.max_rows"), pd.get_option("display.precision")),
    ),
    "matplotlib": (
        lambda: mpl.rcParams.update({"font.size": 33, "axes.grid": True}),
        lambda: (mpl.rcParams["font.size"], mpl.rcParams["axes.grid"]),
    ),
    "sklearn": (lambda: sklearn.set_config(transform_output="pandas"), sklearn.get_config),
    "a filter": (lambda: warnings.simplefilter("ignore"), lambda: list(warnings.filters)),
    "no filters": (warnings.resetwarnings, lambda: list(warnings.filters)),
    "new filters": (
        lambda: setattr(warnings, "filters", []),
        lambda: (id(warnings.filters), list(warnings.filters)),
    ),
    "folder": (lambda: os.chdir("/"), os.getcwd),
    "a new variable": (
        lambda: os.environ.update(MODES_TEST="1"),
        lambda: (dict(os.environ), os.getenv("MODES_TEST")),
    ),
    "no variables": (os.environ.clear, lambda: dict(os.environ)),
    "decimal": (
        lambda: setattr(decimal.getcontext(), "prec", 3),
        lambda: (decimal.getcontext().prec, id(decimal.getcontext())),
    ),
    "decimal traps": (
        lambda: decimal.getcontext().traps.update({decimal.Inexact: True}),
        traps,
    ),
    "another decimal context": (
        lambda: decimal.setcontext(decimal.Context(prec=5)),
        lambda: (decimal.getcontext().prec, id(decimal.getcontext())),
    ),
    "locale": (
        lambda: locale.setlocale(locale.LC_ALL, "C"),
        lambda: locale.setlocale(locale.LC_ALL),
    ),
    "display hook": (lambda: setattr(sys, "displayhook", ignore), lambda: sys.displayhook),
    "except hook": (lambda: setattr(sys, "excepthook", ignore), lambda: sys.excepthook),
    "recursion": (lambda: sys.setrecursionlimit(9000), sys.getrecursionlimit),
}


@pytest.fixture
def c_utf8() -> None:
    locale.setlocale(locale.LC_ALL, "C.UTF-8")


@pytest.mark.usefixtures("c_utf8")
@pytest.mark.parametrize("name", CASES)
def test_put_back(name: str) -> None:
    change, read = CASES[name]
    with Modes():  # whatever this test breaks, the others do not see it
        before = read()
        for _ in range(2):  # the second time from what is remembered of the first
            with Modes():
                change()
                assert read() != before
            assert read() == before


def test_what_the_user_has_set_stays() -> None:
    with Modes():
        pd.set_option("display.max_rows", 11)
        mpl.rcParams["font.size"] = 21
        os.environ["MODES_TEST"] = "mine"
        warnings.simplefilter("error")
        with Modes():
            pd.set_option("display.max_rows", 12)
            mpl.rcParams["font.size"] = 22
            os.environ["MODES_TEST"] = "trial's"
            warnings.simplefilter("ignore")
        assert pd.get_option("display.max_rows") == 11
        assert mpl.rcParams["font.size"] == 21
        assert os.environ["MODES_TEST"] == "mine"
        with pytest.raises(UserWarning, match="raised"):
            warnings.warn("raised", stacklevel=1)


def test_warnings_decided_by_the_trials_filters_are_decided_anew() -> None:
    def warn() -> None:
        warnings.warn("once more", stacklevel=1)

    with Modes():
        warnings.simplefilter("always")
        with Modes():
            warnings.simplefilter("once")
            with pytest.warns(UserWarning, match="once more"):
                warn()
        for _ in range(2):
            with warnings.catch_warnings(record=True) as seen:
                warn()
            assert len(seen) == 1


def test_the_backend_stays() -> None:
    with Modes():
        mpl.use("svg")
    assert mpl.get_backend() == "svg"
    mpl.use("agg")


def test_what_cannot_be_put_back_is_left(tmp_path: pathlib.Path) -> None:
    gone, start = tmp_path / "gone", pathlib.Path.cwd()
    gone.mkdir()
    os.chdir(gone)
    try:
        with Modes():
            os.chdir(start)
            gone.rmdir()
            np.seterr(all="ignore")
        assert pathlib.Path.cwd() == start
        assert np.geterr()["divide"] == "warn"
    finally:
        os.chdir(start)


def test_where_there_is_no_folder(tmp_path: pathlib.Path) -> None:
    gone, start = tmp_path / "gone", pathlib.Path.cwd()
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    try:
        taken = snapshot()
    finally:
        os.chdir(start)
    restore(taken)
    assert pathlib.Path.cwd() == start


def test_nothing_is_imported_for_it() -> None:
    code = (
        "import sys; from jupyter_hpo.modes import Modes\n"
        "with Modes(): pass\n"
        "assert not {'numpy', 'torch', 'pandas', 'matplotlib', 'sklearn'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_trials_leave_none_changed() -> None:
    seen = []

    def objective(params: dict[str, float]) -> float:
        seen.append((torch.is_grad_enabled(), np.geterr()["divide"], os.getcwd()))
        torch.set_grad_enabled(False)
        np.seterr(all="raise")
        os.chdir("/")
        if len(seen) == 2:
            raise ValueError("also a trial that fails")
        return params["x"]

    before = (True, "warn", os.getcwd())
    hpo.tune(objective, {"x": hpo.Float(0, 1)}, trials=3, optimizer="random")
    assert seen == [before] * 3
    assert (torch.is_grad_enabled(), np.geterr()["divide"], os.getcwd()) == before


def test_a_trial_starts_with_the_modes_of_its_study(tmp_path: pathlib.Path) -> None:
    with Modes():
        here, start = os.getcwd(), snapshot()
        os.chdir(tmp_path)  # the user's, while the study is parked or behind
        torch.set_default_dtype(torch.float64)
        with Modes(start):
            assert os.getcwd() == here and torch.get_default_dtype() is torch.float32
        assert os.getcwd() == str(tmp_path) and torch.get_default_dtype() is torch.float64

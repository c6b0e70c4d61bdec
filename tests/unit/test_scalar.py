"""What counts as the objective's value, and what is said of what does not."""

from __future__ import annotations

import math
from collections import deque
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_hpo.scalar import ObjectiveError, as_report, as_scalar, carries_graph

torch = pytest.importorskip("torch")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.25, 0.25),
        (3, 3.0),
        (-0.0, 0.0),
        (True, 1.0),
        (10**300, 1e300),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
        (Fraction(1, 4), 0.25),
        (Decimal("0.25"), 0.25),
        (np.float32(0.25), 0.25),
        (np.int64(3), 3.0),
        (np.bool_(True), 1.0),
        (np.float64("inf"), math.inf),
        (np.array(0.25), 0.25),
        (np.array([0.25]), 0.25),
        (np.array([[[3]]]), 3.0),
        (np.ma.array([0.25]), 0.25),
        (pd.Series([0.25]), 0.25),
        (pd.Series([3], index=["loss"]), 3.0),
        (torch.tensor(0.25), 0.25),
        (torch.tensor([[3]]), 3.0),
        (torch.tensor(True), 1.0),
        (torch.tensor(0.25, requires_grad=True) * 2, 0.5),
        (torch.tensor(0.25, dtype=torch.bfloat16), 0.25),
        (torch.nn.Parameter(torch.tensor([0.25])), 0.25),
    ],
    ids=repr,
)
def test_a_number(value: Any, expected: float) -> None:
    found = as_scalar(value, "loss")
    assert (type(found), found) == (float, expected)
    assert as_report(value, "loss") == expected


class Unfriendly:
    """An object that raises wherever it is touched."""

    def __getattr__(self, name: str) -> Any:
        raise ValueError(name)

    def __len__(self) -> int:
        raise ValueError

    def __float__(self) -> float:
        raise ValueError

    def __repr__(self) -> str:
        raise ValueError


FRAME = pd.DataFrame({"loss": [0.5]})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0.5", "`loss` is a string ('0.5'), not a number; write loss = float(loss)"),
        (b"0.5", "`loss` is a string (b'0.5'), not a number; write loss = float(loss)"),
        (
            np.str_("0.5"),
            "`loss` is a string (np.str_('0.5')), not a number; write loss = float(loss)",
        ),
        (
            None,
            ("`loss` is None, not a number; does the function it comes from `return` its value?"),
        ),
        (
            [0.5, 0.25],
            (
                "`loss` is a list of 2 values, not a number; the objective must be one: "
                "write loss = loss[-1], or loss = min(loss)"
            ),
        ),
        (
            (0.5,),
            (
                "`loss` is a tuple of 1 values, not a number; the objective must be one: "
                "write loss = loss[-1], or loss = min(loss)"
            ),
        ),
        (
            deque([1, 2]),
            (
                "`loss` is a deque of 2 values, not a number; the objective must be one: "
                "write loss = loss[-1], or loss = min(loss)"
            ),
        ),
        (
            np.array([0.5, 0.25]),
            (
                "`loss` is a ndarray of 2 values, not a number; the objective must be one: "
                "write loss = loss[-1], or loss = loss.mean()"
            ),
        ),
        (
            torch.zeros(2, 3),
            (
                "`loss` is a Tensor of 6 values, not a number; the objective must be one: "
                "write loss = loss[-1], or loss = loss.mean()"
            ),
        ),
        ([], "`loss` is a list of 0 entries, not a number"),
        (np.array([]), "`loss` is a ndarray of 0 entries, not a number"),
        ({"loss": 0.5}, "`loss` is a dict of 1 entries, not a number"),
        ({0.5}, "`loss` is a set of 1 entries, not a number"),
        (1j, "`loss` is a complex (1j), not a number"),
        (np.complex128(1), "`loss` is a complex128 (np.complex128(1+0j)), not a number"),
        (np.array(1j), "`loss` is a ndarray (array(0.+1.j)), not a number"),
        (torch.tensor(1j), "`loss` is a Tensor (tensor(0.+1.j)), not a number"),
        (np.array("0.5"), "`loss` is a ndarray (array('0.5', dtype='<U3')), not a number"),
        (np.array([None]), "`loss` is a ndarray (array([None], dtype=object)), not a number"),
        (pd.Series(["0.5"]), "`loss` is a Series (0 0.5 dtype: str), not a number"),
        (FRAME, "`loss` is a DataFrame (loss 0 0.5), not a number"),
        (
            torch.empty((), device="meta"),
            "`loss` is a Tensor (tensor(..., device='meta', size=())), not a number",
        ),
        (print, "`loss` is a builtin_function_or_method (<built-in function print>), not a number"),
        (float, "`loss` is a type (<class 'float'>), not a number"),
        (10**400, "`loss` is too large a number"),
        (Fraction(10**400), "`loss` is too large a number"),
        (Decimal("sNaN"), "`loss` is a Decimal (Decimal('sNaN')), not a number"),
        (range(10**20), "`loss` is a range (range(0, 100000000000000000000)), not a number"),
        (Unfriendly(), "`loss` is a Unfriendly (…), not a number"),
        ("x" * 100, f"`loss` is a string ('{'x' * 36}…), not a number; write loss = float(loss)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_number(value: Any, message: str) -> None:
    with pytest.raises(ObjectiveError) as caught:
        as_scalar(value, "loss")
    assert str(caught.value) == message
    assert caught.value.__cause__ is None
    assert as_report(value, "loss") is None


@pytest.mark.parametrize(
    "value",
    [math.nan, np.nan, np.array(math.nan), torch.tensor(math.nan), Decimal("NaN")],
    ids=repr,
)
def test_nan_is_no_objective_but_a_report(value: Any) -> None:
    with pytest.raises(ObjectiveError) as caught:
        as_scalar(value, "val_loss")
    assert str(caught.value) == "`val_loss` is NaN"
    reported = as_report(value, "val_loss")
    assert reported is not None and math.isnan(reported)


def test_whether_a_value_holds_its_graph() -> None:
    weight = torch.tensor(0.25, requires_grad=True)
    assert carries_graph(weight * 2)
    assert not carries_graph((weight * 2).detach())
    assert not carries_graph(weight)  # a leaf holds nothing but itself
    assert not carries_graph(0.5)


def test_a_message_is_one_line() -> None:
    with pytest.raises(ObjectiveError) as caught:
        as_scalar(pd.DataFrame(np.zeros((1, 1)), columns=["a\nb"]), "loss")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        np.ma.masked,
        np.ma.masked_array([0.25, 0.5], [True, True]).mean(),
        np.ma.masked_array([0.25], [True]),
    ],
    ids=["constant", "mean", "entry"],
)
def test_what_is_masked_is_not_0(value: Any) -> None:
    with pytest.raises(ObjectiveError, match="`loss` is NaN"):
        as_scalar(value, "loss")
    assert math.isnan(as_report(value, "loss") or 0.0)


@pytest.mark.parametrize(
    "value",
    [
        np.timedelta64(5, "s"),
        np.timedelta64("NaT", "ns"),
        np.datetime64(5, "ns"),
        np.array([5], "m8[ns]"),
        pd.Series([pd.Timedelta(5, "s")]),
    ],
    ids=repr,
)
def test_a_time_is_no_number(value: Any) -> None:
    with pytest.raises(ObjectiveError, match=r"`loss` is a .*, not a number"):
        as_scalar(value, "loss")
    assert as_report(value, "loss") is None

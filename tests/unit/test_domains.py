"""Domains: what they accept, and that they go through the unit interval and JSON unchanged."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jupyter_hpo.domains import Bool, Categorical, Domain, Float, Int
from jupyter_hpo.domains.number import LARGEST_LOG_INT, MOST_VALUES
from jupyter_hpo.errors import SpaceError

unit = st.floats(0, 1)
finite = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(min_value=5e-324, max_value=1.7e308)


class Hostile:
    """Raises whatever is asked of it."""

    def _raise(self, *_: Any) -> Any:
        raise ZeroDivisionError("no")

    __repr__ = __float__ = __index__ = __eq__ = __bool__ = __getattr__ = _raise
    __hash__ = object.__hash__


class Shade(StrEnum):
    DARK = "dark"
    LIGHT = "light"


UNPRINTABLE = {"long": 10**5000, "hostile": Hostile()}  # by name: hypothesis prints strategies


def _built(build: Callable[[], Domain]) -> Domain:
    try:
        return build()
    except SpaceError:
        assume(False)
        raise


@st.composite
def floats(draw: st.DrawFn) -> Float:
    low, high = sorted((draw(finite), draw(finite)))
    return Float(low, high)


@st.composite
def log_floats(draw: st.DrawFn) -> Float:
    low, high = sorted((draw(positive), draw(positive)))
    return Float(low, high, log=True)


@st.composite
def ints(draw: st.DrawFn) -> Int:
    low, high = sorted(draw(st.integers(1 - 2**49, 2**49)) for _ in range(2))
    return Int(low, high, step=draw(st.none() | st.integers(1, 2**40)))


@st.composite
def log_ints(draw: st.DrawFn) -> Int:
    low, high = sorted(draw(st.integers(1, LARGEST_LOG_INT)) for _ in range(2))
    return Int(low, high, log=True)


@st.composite
def stepped_floats(draw: st.DrawFn) -> Domain:
    step = draw(st.floats(1e-9, 1e9) | positive)
    low = draw(st.floats(-1e9, 1e9) | st.integers(-1000, 1000).map(lambda k: k * step))
    high = low + step * draw(st.floats(0, 1e6))
    return _built(lambda: Float(low, high, step=step))


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.sampled_from(sorted(UNPRINTABLE)).map(lambda name: UNPRINTABLE[name]),
    st.floats(),
    st.complex_numbers(),
    st.decimals(),
    st.fractions(),
    st.text(max_size=5),
    st.binary(max_size=3),
    st.lists(st.integers() | st.text(max_size=2), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.sampled_from(
        [
            np.float64(0.5),
            np.float32("nan"),
            np.int8(3),
            np.True_,
            np.datetime64("2020-01-01"),
            np.timedelta64(3, "s"),
            np.array(2.0),
            np.array([1.0]),
            np.array([1, 2, 3]),
            np.array(["a"]),
            np.array(None),
            Decimal("sNaN"),
            Hostile,
            Shade.DARK,
            print,
            object(),
        ]
    ),
    st.from_type(type).filter(lambda t: not t.__module__.startswith("_")),
)

choices = st.lists(
    junk
    | st.sampled_from(
        [math.sin, math.cos, partial(math.pow, 2), Shade.LIGHT, (1, 2), -0.0, 1, "1"]
    ),
    min_size=1,
    max_size=6,
)
categoricals = choices.map(lambda some: _built(lambda: Categorical(*some, default=some[0])))
enumerable = st.one_of(ints(), log_ints(), stepped_floats(), categoricals, st.just(Bool()))
domains = st.one_of(enumerable, floats(), log_floats())


def same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and a == b)


@given(domains, unit)
def test_decoded_values_belong_to_the_domain(domain: Domain, u: float) -> None:
    for place in (0.0, u, 1.0):
        value = domain.decode(place)
        assert same(domain.check(value), value)
        assert 0.0 <= domain.encode(value) <= 1.0
        if isinstance(domain, (Float, Int)):
            assert domain.low <= value <= domain.high
            assert type(value) is (float if isinstance(domain, Float) else int)


@given(enumerable, unit)
def test_values_of_finite_domains_go_through_the_unit_interval_unchanged(
    domain: Domain, u: float
) -> None:
    for place in (0.0, u, 1.0):
        value = domain.decode(place)
        assert same(domain.decode(domain.encode(value)), value)


@given(floats(), unit)
def test_floats_go_through_the_unit_interval_nearly_unchanged(domain: Float, u: float) -> None:
    value = domain.decode(u)
    again = domain.decode(domain.encode(value))
    rounding = 4 * math.ulp(max(abs(domain.low), abs(domain.high)))
    assert abs(again / 2 - value / 2) <= 1e-9 * (domain.high / 2 - domain.low / 2) + rounding


@given(log_floats(), unit)
def test_log_floats_go_through_the_unit_interval_nearly_unchanged(domain: Float, u: float) -> None:
    value = domain.decode(u)
    again = domain.decode(domain.encode(value))
    span = math.log(domain.high) - math.log(domain.low)
    apart = abs(math.log(again) - math.log(value))
    assert apart <= 1e-9 * span + 1e-12 or abs(again - value) <= 2 * math.ulp(value)


@given(log_floats() | floats())
def test_the_ends_of_the_unit_interval_are_the_bounds(domain: Float) -> None:
    assert (domain.decode(0.0), domain.decode(1.0)) == (domain.low, domain.high)


@given(domains, unit)
def test_values_go_through_json_unchanged(domain: Domain, u: float) -> None:
    value = domain.decode(u)
    stored = json.loads(json.dumps(domain.dump(value), allow_nan=False))
    assert same(domain.load(stored), value)
    json.dumps(domain.to_json(), allow_nan=False)


@given(domains, st.none() | st.integers(1, 50))
def test_grids_are_distinct_values_of_the_domain(domain: Domain, points: int | None) -> None:
    grid = domain.grid(points)
    shown = [grid[k] for k in range(min(len(grid), 60))]
    assert shown
    assert all(same(domain.check(value), value) for value in shown)
    if not isinstance(domain, Categorical):
        assert len(set(shown)) == len(shown)
        assert points is None or len(grid) <= points
    if domain.size is not None:
        assert len(grid) <= domain.size
        if points is not None and domain.size <= points:
            assert len(grid) == domain.size


@given(junk, junk, junk, junk, st.none() | junk, st.sampled_from([Float, Int]))
def test_any_input_makes_a_number_domain_or_a_space_error(
    low: Any, high: Any, log: Any, default: Any, step: Any, kind: type[Float] | type[Int]
) -> None:
    for options in ({}, {"log": log}, {"step": step}, {"default": default}, {"when": default}):
        try:
            domain = kind(low, high, **options)
        except SpaceError:
            continue
        else:
            assert repr(domain)
            assert domain.low <= domain.decode(0.5) <= domain.high


@given(choices, junk, st.booleans())
def test_any_input_makes_a_categorical_or_a_space_error(
    some: list[Any], default: Any, listed: bool
) -> None:
    for options in ({}, {"default": default}, {"when": default}):
        try:
            domain = Categorical(some, **options) if listed else Categorical(*some, **options)
        except SpaceError:
            continue
        else:
            assert repr(domain)
            assert len(set(map(repr, domain.labels))) == domain.size


@given(st.one_of(floats(), log_floats(), ints(), log_ints(), st.just(Bool())), junk)
def test_any_value_is_checked_or_a_space_error(domain: Domain, value: Any) -> None:
    for method in (domain.check, domain.load, domain.with_default):
        with contextlib.suppress(SpaceError):
            method(value)


@given(domains, domains)
def test_equal_domains_have_equal_hashes(one: Domain, other: Domain) -> None:
    assert (one == other) <= (hash(one) == hash(other))
    assert one == one.with_default(one.decode(0.0))


def test_tensors_are_numbers_if_they_hold_one() -> None:
    torch = pytest.importorskip("torch")
    assert Float(torch.tensor(0.5), 1).low == 0.5
    assert Int(torch.tensor(2), 8).low == 2
    for wrong in (torch.tensor([1.0, 2.0]), torch.tensor(True), torch.empty(1, device="meta")):
        with pytest.raises(SpaceError, match="low must be"):
            Float(wrong, 2)
    tensors = [torch.zeros(3), torch.zeros(3), torch.empty((), device="meta")]
    domain = Categorical(tensors)
    assert [domain.index(one) for one in tensors] == [0, 1, 2]
    assert len(set(domain.labels)) == 3


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Float("1", 2), "low must be a number, not '1'"),
        (lambda: Float(0, math.inf), "high must be finite, not inf"),
        (lambda: Float(math.nan, 1), "low must be finite, not nan"),
        (lambda: Float(0, True), "high must be a number, not True"),
        (lambda: Float(0, np.True_), "high must be a number, not np.True_"),
        (lambda: Float(2, 1), "low (2.0) is above high (1.0); write Float(1.0, 2.0)"),
        (lambda: Float(0, 1, log=True), "a log scale needs low > 0, and low is 0.0"),
        (lambda: Float(1, 2, log=True, step=1), "exclude each other"),
        (lambda: Float(0, 1, log=1), "log is True or False, not 1"),
        (lambda: Float(0, 1, step=0), "step must be above 0, and is 0.0"),
        (lambda: Float(1e9, 2e9, step=1e-9), "step=1e-09 is too small for values around"),
        (lambda: Float(0, 1, when=True), "when= is a function"),
        (lambda: Float(0, 1, default=2), "2.0 is outside [0.0, 1.0]"),
        (lambda: Float(0, 1, step=0.1, default=0.25), "the nearest is 0.2"),
        (lambda: Int(1.5, 2), "low of an Int must be a whole number, not 1.5; use Float"),
        (lambda: Int(1, 2.0), "whole number, not 2.0; write 2"),
        (lambda: Int(0, 2**60), "whole numbers up to 2**53 only"),
        (lambda: Int(1, 2**41, log=True), "whole numbers up to 2**40 on a log scale only"),
        (lambda: Int(0, MOST_VALUES), "more than 2**50 values"),
        (lambda: Int(0, 10, step=10**5000), "is above 2**53"),
        (lambda: Int(10**5000, 1), "whole numbers up to 2**53 only"),
        (lambda: Int(0, 10, step=3, default=5), "the nearest below is 3"),
        (lambda: Categorical(), "no choices"),
        (lambda: Categorical([]), "no choices"),
        (lambda: Categorical("a", "b", "a"), "the choice 'a' stands there twice"),
        (lambda: Categorical(print, print), "stands there twice"),
        (lambda: Categorical(1.0, np.float64(1.0)), "stands there twice"),
        (lambda: Categorical("a", "b", default="c"), "'c' is not one of 'a', 'b'"),
        (lambda: Bool(default=2), "2 is not one of False, True"),
    ],
)
def test_errors_say_what_is_wrong_and_what_to_write(
    build: Callable[[], Domain], message: str
) -> None:
    with pytest.raises(SpaceError) as caught:
        build()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("domain", "values"),
    [
        (Float(0, 0.3, step=0.1), [0.0, 0.1, 0.2, 0.3]),
        (Float(0.05, 1, step=0.25), [0.05, 0.3, 0.55, 0.8]),
        (Float(-1e16, 1e16, step=1e16), [-1e16, 0.0, 1e16]),
        (Float(2, 2), [2.0]),
        (Int(1, 10, step=4), [1, 5, 9]),
        (Int(1, 3, log=True), [1, 2, 3]),
        (Bool(), [False, True]),
    ],
)
def test_values_of_finite_domains(domain: Domain, values: list[Any]) -> None:
    assert domain.size == len(values)
    assert list(domain.grid()) == values
    assert [domain.decode((k + 0.5) / len(values)) for k in range(len(values))] == values or (
        isinstance(domain, Int) and domain.log
    )


def test_choices_keep_their_type() -> None:
    domain = Categorical(1, True, 1.0, "1")
    assert domain.labels == (1, True, 1.0, "1")
    assert [type(domain.load(json.loads(json.dumps(x)))) for x in domain.labels] == [
        int,
        bool,
        float,
        str,
    ]
    assert domain != Categorical(1, 1.0, True, "1")


def test_labels_of_numpy_and_enum_choices_are_plain_and_are_loaded_as_they_were() -> None:
    domain = Categorical(np.float64(0.5), np.int64(3), np.str_("a"), Shade.DARK, np.array(7))
    assert domain.labels == (0.5, 3, "a", "dark", 7)
    assert {type(label) for label in domain.labels} == {float, int, str}
    assert domain.load(3) is domain.choices[1]
    assert domain.load("dark") is Shade.DARK


def test_labels_of_objects_have_no_address_and_are_unique() -> None:
    some = [object(), object(), lambda: 1, math.sin, "sin", Fraction(1, 2), "sin #4"]
    domain = Categorical(some)
    assert domain.labels == (
        "<object object>",
        "<object object> #2",
        "<lambda>",
        "sin #4 #4",
        "sin",
        "Fraction(1, 2)",
        "sin #4",
    )


def test_a_value_near_a_step_is_taken_as_the_step() -> None:
    assert Float(0, 1, step=0.1).check(0.1 + 0.2) == 0.3
    assert str(Float(-0.0, 1).low) == "0.0"


def test_a_grid_of_a_log_scale_has_readable_values() -> None:
    assert Float(1e-6, 1, log=True).grid(7) == [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    assert Int(1, 10_000, log=True).grid()[-1] == 10_000


def test_grids_of_wide_ranges_are_not_held_in_memory() -> None:
    assert len(Int(0, 10**12).grid()) == 10**12 + 1
    assert Float(0, 1e9, step=1e-3).grid()[10**12] == 1e9
    assert Float(0, 1, step=0.25).grid()[1:-1] == [0.25, 0.5, 0.75]

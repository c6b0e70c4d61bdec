"""The search space: points, assignments, conditions, and how many configurations there are."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_hpo.domains import Bool, Categorical, Domain, Float, Int
from jupyter_hpo.errors import SpaceError
from jupyter_hpo.space import Parameter, Space
from jupyter_hpo.testing import check_valid, spaces

KINDS: list[Domain] = [
    Float(-2, 5, default=1),
    Float(1e-8, 10, log=True, default=0.1),
    Float(0, 1, step=0.25, default=0.5),
    Int(-3, 4, default=0),
    Int(1, 4096, log=True, default=64),
    Categorical(math.sin, None, (1, 2), "a", default=None),
    Bool(default=True),
]
FINITE = [Bool(), Int(1, 3), Categorical("a", "b"), Float(0, 0.2, step=0.1), Int(1, 4, log=True)]


@st.composite
def conditional_spaces(draw: st.DrawFn, kinds: list[Domain], most: int) -> Space:
    """Parameters that may exist only in one half of an earlier one that exists."""
    parameters: list[Parameter] = []
    for k in range(draw(st.integers(0, most))):
        domain = draw(st.sampled_from(kinds))
        above = draw(st.none() | st.sampled_from(parameters)) if parameters else None
        when = None
        if above is not None:
            upper = draw(st.booleans())

            def when(p: Any, above: Parameter = above, upper: bool = upper) -> bool:
                return above.name in p and (above.domain.encode(p[above.name]) > 0.5) is upper

        dynamic = draw(st.booleans())
        parameters.append(Parameter(f"x{k}", domain, when, dynamic, condition=f"if {k}"))
    return Space(parameters)


@st.composite
def points(draw: st.DrawFn, source: st.SearchStrategy[Space]) -> tuple[Space, list[float]]:
    space = draw(source)
    return space, [draw(st.floats(0, 1)) for _ in space]


anywhere = points(conditional_spaces(KINDS, 8))


@given(anywhere)
def test_points_and_assignments_go_back_and_forth(case: tuple[Space, list[float]]) -> None:
    space, point = case
    assignment = space.decode(point)
    check_valid(space, assignment, "decoded")
    again = space.encode(assignment)
    assert again.shape == (len(space),)
    assert again.dtype == np.float64
    assert [not math.isnan(u) for u in again] == [p.key in assignment for p in space]
    assert np.nanmin(again, initial=0) >= 0 and np.nanmax(again, initial=1) <= 1
    back = space.decode(again)
    assert list(back) == list(assignment)
    for key, value in assignment.items():
        if space[key].domain.size is None:
            assert back[key] == pytest.approx(value, rel=1e-9, abs=1e-9 * 7)
        else:
            assert back[key] is value or back[key] == value
    assert space.identity(assignment) == tuple(None if math.isnan(u) else u for u in again)


@given(anywhere)
def test_assignments_go_through_json(case: tuple[Space, list[float]]) -> None:
    space, point = case
    assignment = space.decode(point)
    stored = json.loads(json.dumps(space.dump(assignment), allow_nan=False))
    loaded = space.load(stored)
    assert list(loaded) == list(assignment)
    assert all(loaded[key] is v or loaded[key] == v for key, v in assignment.items())
    assert space.fits(assignment)
    rows = json.loads(json.dumps(space.to_json(), allow_nan=False))
    assert [row["key"] for row in rows] == [p.key for p in space]


@given(anywhere)
def test_what_is_assigned_by_name_is_that(case: tuple[Space, list[float]]) -> None:
    space, point = case
    assignment = space.decode(point)
    by_name = {space[key].name: value for key, value in assignment.items()}
    assert space.assign(by_name) == assignment


@given(conditional_spaces(KINDS, 8))
def test_defaults_are_an_assignment(space: Space) -> None:
    defaults = space.defaults()
    assert defaults is not None
    check_valid(space, defaults, "defaults")
    assert space.assign({}) == defaults


@given(conditional_spaces(KINDS, 6), st.integers(0, 2**32))
def test_samples_are_assignments_and_depend_on_the_generator_alone(space: Space, seed: int) -> None:
    first, second = (space.sample(np.random.default_rng(seed)) for _ in range(2))
    check_valid(space, first, "sample")
    assert space.identity(first) == space.identity(second)


@given(conditional_spaces(FINITE, 5), st.sampled_from([None, 1, 2, 3, math.inf]))
def test_size_and_enumeration_agree(space: Space, points: float | None) -> None:
    listed = list(space.enumerate(points))
    assert len(listed) == space.count(points)
    assert len({space.identity(one) for one in listed}) == len(listed)
    for assignment in listed:
        check_valid(space, assignment, "enumerated")
    if points == math.inf:
        assert space.size == len(listed)
        missing = {space.identity(space.sample(np.random.default_rng(k))) for k in range(20)}
        assert missing <= {space.identity(one) for one in listed}


def test_a_space_with_a_continuum_has_no_size() -> None:
    assert Space.of({"b": Bool(), "x": Float(0, 1)}).size is None
    assert Space.of({"b": Bool(), "x": Float(0, 1)}).count(3) == 6
    assert Space.of({"x": Float(0, 1)}).count(8) == 8
    assert Space.of({"x": Float(0, 1)}).count(math.inf) == 5


def test_an_empty_space_has_one_configuration() -> None:
    empty = Space.of({})
    assert list(empty.enumerate()) == [{}] == [empty.sample(np.random.default_rng())]
    assert (empty.size, empty.defaults(), empty.names) == (1, {}, [])


def test_a_large_conditional_space_is_bounded_not_walked_through() -> None:
    wide = {f"n{k}": Int(1, 10**6) for k in range(5)}
    space = Space.of({**wide, "last": Bool(when=lambda p: p["n0"] == 1), "free": Int(1, 10)})
    assert space.size == 10**30 * 2 * 10


def test_many_small_branches_are_counted_exactly() -> None:
    leaves = {f"x{k}": Int(1, 9, when=lambda p, k=k: p["kind"] == k // 4) for k in range(20)}
    space = Space.of({"kind": Int(0, 4), **leaves, "seed": Int(1, 10**9)})
    assert space.size == 5 * 9**4 * 10**9


def test_enumeration_starts_at_once_however_large_the_space() -> None:
    space = Space.of({f"n{k}": Int(0, 10**15) for k in range(30)})
    first = list(itertools.islice(space.enumerate(), 3))
    assert [one["n29"] for one in first] == [0, 1, 2]


def test_a_name_in_two_branches_is_two_parameters_and_one_column() -> None:
    space = spaces()["a name in two branches"]
    assert space.names == ["kind", "w", "deep"]
    assert space.assign({"kind": "b", "w": 9}) == {"kind": "b", "w#2": 9}
    assert space.assign({"kind": "a", "w": 4, "deep": True}).keys() == {"kind", "w", "deep"}
    with pytest.raises(SpaceError, match="w: 9 is outside"):
        space.assign({"kind": "a", "w": 9})


def test_values_left_out_are_the_defaults() -> None:
    space = Space.of(
        {
            "kind": Categorical("a", "b", default="a"),
            "x": Float(0, 1, default=0.5, when=lambda p: p["kind"] == "a"),
            "y": Float(0, 1),
        }
    )
    assert space.assign({"y": 1}) == {"kind": "a", "x": 0.5, "y": 1.0}
    assert space.assign({"y": 1, "kind": "b"}) == {"kind": "b", "y": 1.0}
    assert space.defaults() is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"lr": 2}, "lr: 2.0 is outside [0.0, 1.0]"),
        ({"lr": "fast"}, "lr: the value must be a number, not 'fast'"),
        ({"lr": math.nan}, "lr: the value must be finite, not nan"),
        ({"Lr": 0.1, "lr": 0.1}, "there is no hyperparameter 'Lr'; did you mean 'lr'?"),
        ({"zzz": 1, "lr": 0.1}, "there is no hyperparameter 'zzz'; there are lr, kind, leak"),
        ({5: 1, "lr": 0.1}, "there is no hyperparameter 5; there are lr, kind, leak"),
        ({"kind": "b"}, "a value for 'lr' is missing"),
        ({"lr": 0.1, "kind": "b", "leak": 0.1}, "'leak' does not exist with these values"),
        ([("lr", 0.1)], "the values are a dict of name: value, not [('lr', 0.1)]"),
        (None, "the values are a dict of name: value, not None"),
    ],
)
def test_wrong_values_are_refused(values: Any, message: str) -> None:
    space = Space.of(
        {
            "lr": Float(0, 1),
            "kind": Categorical("a", "b", default="a"),
            "leak": Float(0, 1, default=0, when=lambda p: p["kind"] == "a"),
        }
    )
    with pytest.raises(SpaceError) as caught:
        space.assign(values)
    assert message in str(caught.value)


@given(
    st.none()
    | st.integers()
    | st.lists(st.integers())
    | st.dictionaries(
        st.text(max_size=2) | st.integers() | st.none() | st.just("ok"),
        st.none() | st.sampled_from([*KINDS, Float, "Float(0, 1)", 10**5000]),
    )
)
def test_any_mapping_makes_a_space_or_a_space_error(domains: Any) -> None:
    try:
        space = Space.of(domains)
    except SpaceError:
        return
    assert len(space) == len(domains)


@pytest.mark.parametrize(
    ("domains", "message"),
    [
        ({"a b": Bool()}, "'a b' cannot be the name of a hyperparameter"),
        ({"x": (0, 1)}, "'x': (0, 1) is not Float(…), Int(…), Categorical(…) or Bool()"),
        ([1], "the space is a dict of name: Float(…), not [1]"),
    ],
)
def test_a_space_is_made_of_names_and_domains(domains: Any, message: str) -> None:
    with pytest.raises(SpaceError) as caught:
        Space.of(domains)
    assert message in str(caught.value)


def test_two_parameters_of_one_key_are_refused() -> None:
    with pytest.raises(SpaceError, match="same key"):
        Space([Parameter("x", Bool()), Parameter("x", Bool())])


def test_a_condition_that_reads_an_inactive_value_says_how_to_write_it() -> None:
    space = Space.of(
        {
            "deep": Bool(),
            "layers": Int(1, 9, when=lambda p: p["deep"]),
            "skip": Bool(when=lambda p: p["layers"] > 3),
        }
    )
    with pytest.raises(
        SpaceError, match=r"'skip' reads 'layers', which does not .*p.get\('layers'"
    ):
        space.decode([0.0, 0.5, 0.5])


@pytest.mark.parametrize("when", [lambda p: 1 / 0, lambda: True, lambda p: np.zeros(2)])
def test_a_condition_that_raises_is_a_space_error(when: Any) -> None:
    with pytest.raises(SpaceError, match="the condition of 'x' raised"):
        Space.of({"x": Bool(when=when)}).decode([0.5])


@pytest.mark.parametrize(
    "stored",
    [
        {"kind": "a", "w": 9, "deep": True},
        {"kind": "zzz"},
        {"kind": "a"},
        {"kind": "none", "w": 1},
        {"kind": "b", "w#2": "three"},
        {},
    ],
)
def test_what_belongs_to_another_space_is_not_loaded(stored: dict[str, Any]) -> None:
    space = spaces()["a name in two branches"]
    with pytest.raises(SpaceError):
        space.load(stored)
    assert not space.fits(stored)


def test_a_dynamic_parameter_may_be_missing_from_a_trial() -> None:
    space = spaces()["dynamic"]
    assert space.load({"x": 0.5}) == {"x": 0.5}
    assert space.fits({"x": 0.5})
    assert space.identity({"x": 0.5}) == (0.5, None)


def test_a_point_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="has 1 coordinates, not 2"):
        Space.of({"x": Bool()}).decode([0.1, 0.2])


def test_a_space_shows_its_parameters() -> None:
    space = Space([Parameter("x", Float(0, 1)), Parameter("b", Bool(), bool, condition="if x")])
    assert repr(space) == "Space(x: Float(0.0, 1.0), b: Bool() if x)"

"""Other bounds and choices: what may be asked for, and what becomes of the parameter."""

from __future__ import annotations

import math
from typing import Any

import pytest

from jupyter_hpo.domains import UNSET, Bool, Categorical, Domain, Float, Int, domain_from_json
from jupyter_hpo.domains.edits import restored, stored
from jupyter_hpo.errors import SpaceError
from jupyter_hpo.space import Parameter, Space


def on(p: Any) -> bool:
    return bool(p["flag"])


SPACE = Space(
    [
        Parameter("lr", Float(1e-5, 1e-1, log=True, default=1e-3), line=2),
        Parameter("n", Int(0, 12, step=4, default=4)),
        Parameter("act", Categorical("relu", "tanh", math.sin, default="relu")),
        Parameter("flag", Bool(default=True)),
        Parameter("w", Int(1, 4, default=2), when=on, condition="flag", dynamic=True, line=7),
        Parameter("w#2", Int(3, 9, default=5), when=lambda p: not p["flag"]),
        Parameter("free", Float(0.0, 1.0)),
    ]
)


def edit(**changes: Domain) -> Space:
    return SPACE.edited(changes)


def test_everything_but_the_domain_stays() -> None:
    space = edit(w=Int(1, 3), lr=Float(1e-4, 1e-2, log=True))
    now, before = space["w"], SPACE["w"]
    assert (now.when, now.dynamic, now.condition, now.line) == (on, True, "flag", 7)
    assert now.domain == Int(1, 3) and now.domain.default == 2 and now.declared is before.domain
    assert space["lr"].domain.default == 1e-3
    assert [p for p in space if p.key not in ("w", "lr")] == [
        p for p in SPACE if p.key not in ("w", "lr")
    ]
    assert SPACE["w"].domain == Int(1, 4)


def test_a_parameter_of_one_branch_is_edited_by_its_key() -> None:
    space = SPACE.edited({"w#2": Int(3, 20)})
    assert space["w#2"].domain == Int(3, 20) and space["w"] is SPACE["w"]


@pytest.mark.parametrize(
    ("key", "domain", "best", "default"),
    [
        ("lr", Float(1e-2, 1.0, log=True), {}, 1e-2),
        ("lr", Float(1e-6, 1e-4, log=True), {"lr": 5e-5}, 5e-5),
        ("lr", Float(1e-6, 1e-4, log=True), {"lr": 5e-2}, 1e-4),
        ("lr", Float(-2.0, -1.0), {}, -1.0),
        ("lr", Float(1e-2, 1.0, log=True, default=0.5), {"lr": 0.1}, 0.5),
        ("n", Int(5, 50, step=10), {}, 5),
        ("n", Int(0, 3), {}, 3),
        ("act", Categorical("tanh", math.sin), {"act": math.sin}, math.sin),
        ("act", Categorical("tanh", math.sin), {"act": "relu"}, "tanh"),
        ("free", Float(0.5, 2.0), {"free": 0.7}, UNSET),
        ("free", Float(0.5, 2.0, default=1.5), {"free": 0.7}, 1.5),
    ],
)
def test_the_default_is_inside(
    key: str, domain: Domain, best: dict[str, Any], default: object
) -> None:
    assert SPACE.edited({key: domain}, best)[key].domain.default == default


def test_back_to_the_declaration_is_no_edit() -> None:
    there = edit(lr=Float(1e-3, 1e-2, log=True), act=Categorical("tanh"))
    back = there.edited(
        {"lr": Float(1e-5, 1e-1, log=True), "act": Categorical("relu", "tanh", math.sin)}
    )
    assert back["lr"].declared is None and back["lr"].domain.default == 1e-3
    assert back["act"].declared is not None  # its default is another now
    assert (
        back.edited({"act": Categorical("relu", "tanh", math.sin, default="relu")})["act"].declared
        is None
    )
    # the same numbers, and yet something else
    ones = Space.of({"c": Categorical(1, True, 2)})
    assert ones.edited({"c": Categorical(True, 1, 2)})["c"].declared is not None


def test_labels_stay_those_that_trials_are_stored_with() -> None:
    def twin() -> Any:
        def f() -> None:
            pass

        return f

    first, second = twin(), twin()
    space = Space.of({"f": Categorical(first, second, "third")})
    assert space.dump({"f": second}) == {"f": "f #2"}
    alone = space.edited({"f": Categorical(second)})
    assert alone.to_json()[0]["choices"] == ["f #2"]
    assert alone.dump({"f": first}) == {"f": "f"}  # a trial that began before
    assert not alone.fits({"f": first}) and alone.recall({"f": "f"}) == {"f": first}
    with pytest.raises(SpaceError, match="no longer one of"):
        alone.load({"f": "f"})
    with pytest.raises(SpaceError, match="f: 'f' is the name of the choice <function"):
        alone.edited({"f": Categorical("f")})
    more = alone.edited({"f": Categorical(first, "third", "new")})
    assert more.to_json()[0]["choices"] == ["f", "third", "new"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lrr": Float(0, 1)}, "there is no hyperparameter 'lrr'; did you mean 'lr'?"),
        ({"zzz": Float(0, 1)}, "there is no hyperparameter 'zzz'; there are lr, n, act, flag, "),
        ({"lr": Int(1, 2)}, r"lr: it is a Float, and Int\(1, 2\) is not; write Float\(…\)"),
        ({"n": Float(1, 2)}, r"n: it is an Int, and Float\(1.0, 2.0\) is not; write Int\(…\)"),
        ({"flag": Categorical(True)}, "flag: it is a Bool, and "),
        ({"act": Bool()}, "act: it is a Categorical, and "),
        ({"lr": 3}, "lr: 3 is not Float"),
        ({"lr": Float(0, 1, when=on)}, "lr: its condition cannot be edited; leave out when="),
        ({"act": Categorical("relu", object())}, "act: <object object> is not one of the declared"),
        ({"act": Categorical(math.nan)}, "act: nan is not one of the declared choices; a new one"),
        ({"act": Categorical("sin")}, "act: 'sin' is the name of the choice <built-in function"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SpaceError, match=message):
        SPACE.edited(changes)


# -- as a view sends it ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "change", "domain"),
    [
        ("lr", {"low": 1e-4, "high": 1e-2}, Float(1e-4, 1e-2, log=True)),
        ("lr", {"high": 1}, Float(1e-5, 1.0, log=True)),
        ("n", {"low": 4}, Int(4, 12, step=4)),
        ("act", {"choices": [2, 0, 2]}, Categorical("relu", math.sin)),
    ],
)
def test_a_change_in_json(key: str, change: dict[str, Any], domain: Domain) -> None:
    assert domain_from_json(SPACE[key], change) == domain
    assert SPACE.edited({key: domain_from_json(SPACE[key], change)})[key].domain == domain


def test_places_are_among_the_choices_of_now() -> None:
    now = edit(act=Categorical("tanh", math.sin))
    assert domain_from_json(now["act"], {"choices": [0]}) == Categorical("tanh")


@pytest.mark.parametrize(
    ("key", "change", "message"),
    [
        ("lr", {"low": "x"}, "lr: low must be a number, not 'x'"),
        ("lr", {"low": None}, "lr: low must be a number, not None"),
        ("lr", {"low": True}, "lr: low must be a number, not True"),
        ("lr", {"low": math.inf}, "lr: low must be finite"),
        ("lr", {"low": 0}, "lr: a log scale needs low > 0"),
        ("lr", {"low": 0.2}, "lr: empty range"),
        ("lr", {"low": 0.1}, "lr: low must be below high, and both are 0.1"),
        ("lr", {"log": False}, "lr: there is no 'log' to change, but"),
        ("lr", [1, 2], "lr: a change is a dict"),
        ("n", {"low": 0.5}, "n: low of an Int must be a whole number"),
        ("act", {"choices": []}, "act: no choices; at least one has to stay"),
        ("act", {"choices": [3]}, "act: there is no choice 3; they count from 0 to 2"),
        ("act", {"choices": [True]}, "act: there is no choice True"),
        ("act", {"choices": ["relu"]}, "act: there is no choice 'relu'"),
        ("act", {"choices": "relu"}, "act: the choices are a list of places"),
        ("act", {}, "act: the choices are a list of places, not None"),
        ("act", {"low": 1}, "act: there is no 'low' to change, but choices"),
        ("flag", {"choices": [0]}, "flag: a Bool is True or False"),
    ],
)
def test_a_change_in_json_that_is_none(key: str, change: Any, message: str) -> None:
    with pytest.raises(SpaceError) as caught:
        domain_from_json(SPACE[key], change)
    assert str(caught.value).startswith(message)


# -- as it is stored ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "domain"),
    [
        ("lr", Float(1e-4, 1e-2, default=5e-3)),
        ("n", Int(4, 40, step=4)),
        ("act", Categorical(math.sin, "new", 3, None)),
        ("free", Float(0.25, 0.75, step=0.25)),
    ],
)
def test_what_is_stored_is_restored(key: str, domain: Domain) -> None:
    edited = SPACE.edited({key: domain})[key].domain
    again = restored(SPACE[key].domain, stored(edited))
    assert again == edited and stored(again) == stored(edited)
    assert again.default is edited.default or again.default == edited.default


@pytest.mark.parametrize(
    ("key", "entry"),
    [
        ("lr", {}),
        ("lr", {"type": "Int", "low": 1, "high": 2}),
        ("lr", {"type": "Float"}),
        ("lr", {"type": "Float", "low": "1", "high": 2, "log": False, "step": None}),
        ("lr", {"type": "Float", "low": 1, "high": 2, "log": 0, "step": None}),
        ("lr", {"type": "Float", "low": 1, "high": 2, "log": False, "step": None, "default": 7}),
        ("act", {"type": "Categorical", "choices": "relu"}),
        ("act", {"type": "Categorical", "choices": [["relu"]]}),
        ("act", {"type": "Categorical", "choices": []}),
        ("act", {"type": "Categorical", "choices": ["relu", "relu"]}),
        ("act", {"type": "Categorical", "choices": ["relu"], "default": {}}),
        ("flag", {"type": "Bool", "choices": [True]}),
    ],
)
def test_a_strangers_edit_is_refused(key: str, entry: dict[str, Any]) -> None:
    with pytest.raises(SpaceError):
        restored(SPACE[key].domain, entry)

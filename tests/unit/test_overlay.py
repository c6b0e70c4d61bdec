"""The overlay puts a trial's names into the notebook and takes them out again."""

from __future__ import annotations

import gc
import pickle
import types
import weakref
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_hpo.overlay import Overlay


class Thing:
    """An object whose identity and life can be followed."""


def run(code: str, namespace: dict[str, Any]) -> None:
    exec(compile(code, "<cell>", "exec"), namespace)


def test_helpers_of_other_cells_see_the_trials_variables() -> None:
    notebook: dict[str, Any] = {"model": "old"}
    run("def evaluate(): return model", notebook)
    overlay = Overlay(notebook, {"model": "new"})
    with overlay:
        assert notebook["evaluate"]() == "new"
    assert notebook["evaluate"]() == "old"
    assert overlay.own == {"model": "new"}


def test_nothing_leaks_and_the_users_values_come_back_by_identity() -> None:
    mine = Thing()
    notebook: dict[str, Any] = {"mine": mine, "gone": mine, "n": 1}
    before = dict(notebook)
    overlay = Overlay(notebook, {"lr": 0.1})
    with overlay:
        run("mine = 2\ndel gone\nfresh = [lr]\nn += 1", notebook)
    run("", before)
    notebook.setdefault("__builtins__", before["__builtins__"])
    assert notebook.keys() == before.keys()
    assert all(notebook[name] is before[name] for name in before)
    own = overlay.own
    own.pop("__builtins__")
    assert own == {"lr": 0.1, "mine": 2, "fresh": [0.1], "n": 2}


def test_the_trial_goes_on_with_its_own_names() -> None:
    notebook: dict[str, Any] = {"model": 7, "gone": 1, "free": 0}
    overlay = Overlay(notebook, {"model": 7})
    with overlay:
        del notebook["gone"]
        notebook["made"] = 3
    notebook.update(model=99, gone=5, free=6, late=8)
    with overlay:
        # 7 is one object for both sides: still the trial's, though equal to the user's.
        assert notebook["model"] == 7
        assert "gone" not in notebook
        assert (notebook["made"], notebook["free"], notebook["late"]) == (3, 6, 8)
        notebook["gone"] = 0
        del notebook["model"]
    assert notebook == {"model": 99, "gone": 5, "free": 6, "late": 8}
    with overlay:
        assert "model" not in notebook
        assert notebook["gone"] == 0
    assert notebook["model"] == 99


def test_what_the_user_deletes_meanwhile_stays_deleted() -> None:
    notebook: dict[str, Any] = {"a": 1, "b": 2}
    overlay = Overlay(notebook, {"a": 10})
    with overlay:
        pass
    notebook.clear()
    with overlay:
        assert notebook == {"a": 10}
    assert notebook == {}


def test_hidden_names_are_out_of_sight_until_assigned() -> None:
    mine = Thing()
    notebook: dict[str, Any] = {"val_loss": mine, "leak": 1}
    overlay = Overlay(notebook, {}, hidden=["val_loss", "leak", "unknown"])
    with overlay:
        assert notebook == {}
        notebook["val_loss"] = mine
    assert notebook == {"val_loss": mine, "leak": 1}
    assert overlay.own == {"val_loss": mine}


def test_an_exception_in_the_trial_passes_and_is_cleaned_up_after() -> None:
    notebook: dict[str, Any] = {"a": 1}
    overlay = Overlay(notebook, {"b": 2})

    def fail() -> None:
        with overlay:
            notebook["a"] = 5
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert notebook == {"a": 1}
    assert overlay.own == {"a": 5, "b": 2}


def test_a_namespace_cleared_by_the_trial_comes_back() -> None:
    notebook: dict[Any, Any] = {"a": 1, 5: "odd key"}
    overlay = Overlay(notebook, {"b": 2})
    with overlay:
        notebook.clear()
        notebook[None] = 0
    assert notebook == {"a": 1, 5: "odd key"}


def test_entering_or_leaving_twice_changes_nothing() -> None:
    notebook: dict[str, Any] = {"a": 1}
    overlay = Overlay(notebook, {"a": 2})
    overlay.leave()
    assert notebook == {"a": 1}
    overlay.enter()
    overlay.enter()
    assert overlay.entered
    assert overlay.own == {"a": 2}
    overlay.leave()
    overlay.leave()
    assert notebook == {"a": 1}
    assert overlay.own == {"a": 2}


def test_clear_lets_go_of_everything() -> None:
    notebook: dict[str, Any] = {}
    overlay = Overlay(notebook, {})
    overlay.enter()
    notebook["model"] = Thing()
    alive = weakref.ref(notebook["model"])
    overlay.clear()
    gc.collect()
    assert alive() is None
    assert notebook == overlay.own == {}


def test_what_a_resumed_trial_replaces_is_freed_at_once() -> None:
    notebook: dict[str, Any] = {}
    overlay = Overlay(notebook, {"model": Thing()})
    alive = weakref.ref(overlay.own["model"])
    with overlay:
        notebook["model"] = None
        gc.collect()
        assert alive() is None


def test_a_trials_class_can_be_pickled(monkeypatch: pytest.MonkeyPatch) -> None:
    main = types.ModuleType("__main__")
    monkeypatch.setitem(__import__("sys").modules, "__main__", main)
    with Overlay(main.__dict__, {}):
        run("class Net: pass\nnet = Net()", main.__dict__)
        copy = pickle.loads(pickle.dumps(main.net))
        assert type(copy) is main.Net
    assert not hasattr(main, "Net")


names = st.sampled_from("abcdef")
spaces = st.dictionaries(names, st.integers(0, 3))
steps = st.lists(st.tuples(names, st.none() | st.integers(0, 3)), max_size=8)


def apply(changes: list[tuple[str, int | None]], *spaces: dict[str, Any]) -> None:
    for name, value in changes:
        for space in spaces:
            if value is None:
                space.pop(name, None)
            else:
                space[name] = [value]


@given(spaces, spaces, st.sets(names), st.lists(st.tuples(steps, steps), max_size=4))
def test_two_worlds_never_mix(
    users: dict[str, Any],
    own: dict[str, Any],
    hidden: set[str],
    slices: list[tuple[list[tuple[str, int | None]], list[tuple[str, int | None]]]],
) -> None:
    notebook, world = dict(users), dict(users)
    overlay = Overlay(notebook, own, hidden)
    mine: dict[str, Any] = dict(own)
    taken = set(own) | hidden
    for trials, others in slices:
        with overlay:
            expected = {k: v for k, v in world.items() if k not in taken} | mine
            assert notebook == expected
            apply(trials, notebook, expected)
            # A name that was nowhere before and is nowhere after is not the trial's.
            taken |= {name for name, _ in trials if name in notebook or name in world}
            mine = {k: v for k, v in notebook.items() if k in taken}
        assert notebook == world
        assert overlay.own == mine
        apply(others, notebook, world)


def test_many_slices_over_a_thousand_names() -> None:
    notebook: dict[str, Any] = {f"name{i}": i for i in range(1000)}
    overlay = Overlay(notebook, {"lr": 1})
    for _ in range(50):
        with overlay:
            notebook["loss"] = 0.5
    assert len(notebook) == 1000
    assert overlay.own == {"lr": 1, "loss": 0.5}

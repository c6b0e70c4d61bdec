"""Which changes of a notebook's objects end a study, and which do not."""

from __future__ import annotations

import io
import itertools
import pathlib
from typing import Any

import numpy as np
import pytest
import torch
from guard_cases import ALLOWED, CAUGHT, MODEL, STEP, guard, names_of, notebook
from hypothesis import given
from hypothesis import strategies as st

from jupyter_hpo.guard import changed, definitions, explain, fingerprint, reach
from jupyter_hpo.guard.torches import sample


@pytest.mark.parametrize("case", CAUGHT)
def test_caught(case: str) -> None:
    before, trial, expected = CAUGHT[case]
    said = guard(before, trial)
    assert len(said) == len(expected), said
    assert all(part in text for part, text in zip(expected, said, strict=True)), said


@pytest.mark.parametrize("case", ALLOWED)
def test_no_false_alarm(case: str) -> None:
    before, trial = ALLOWED[case]
    assert guard(before, trial, expected=(0.001, 32)) == []


@pytest.mark.parametrize("case", CAUGHT)
def test_looking_changes_nothing_and_sees_nothing(case: str) -> None:
    namespace = notebook(CAUGHT[case][0])
    objects = reach(sorted(names_of(CAUGHT[case][1])), namespace)
    before = fingerprint(objects)
    assert changed(before, objects) == []
    assert changed(fingerprint(objects), objects) == []
    assert changed(before, objects) == []


def test_a_file_that_is_read(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("a\nb\n")
    with path.open() as source, (tmp_path / "log.txt").open("w") as log:
        objects: dict[str, object] = {"source": source, "log": log}
        before = fingerprint(objects)
        source.readline()
        log.write("not a change")
        assert [each.text for each in changed(before, objects)] == ["`source` was read on"]


def test_large_arrays_are_left_alone() -> None:
    large, small = np.zeros(65 * 2**20, np.uint8), np.zeros(3)
    objects: dict[str, object] = {"large": large, "small": small}
    before = fingerprint(objects)
    large[0] = small[0] = 1
    assert [each.name for each in changed(before, objects)] == ["small"]


def test_the_number_of_objects_is_bounded() -> None:
    many: list[Any] = [[[[0] for _ in range(40)] for _ in range(40)] for _ in range(40)]
    objects: dict[str, object] = {"many": many}
    before = fingerprint(objects)
    many[0][0].append(1)
    assert [each.text for each in changed(before, objects)] == [
        "`many[0][0]` grew from 40 to 41 entries"
    ]


def test_circles_end() -> None:
    ring: list[Any] = [1]
    ring.append(ring)
    knot: dict[str, Any] = {"ring": ring}
    knot["self"] = knot
    objects: dict[str, object] = {"ring": ring, "knot": knot}
    before = fingerprint(objects)
    assert changed(before, objects) == []
    ring.append(2)
    assert [each.name for each in changed(before, objects)] == ["ring", "knot"]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("fused", [False, True])
def test_training_on_cuda(fused: bool) -> None:
    code = MODEL + "model, X, y = model.cuda(), X.cuda(), y.cuda()"
    optimizer = f"optimizer = torch.optim.Adam(model.parameters(), fused={fused})"
    assert guard(code, optimizer + STEP) == ["`model` was trained"]
    assert guard(code, "model.eval(); model(X); model.cpu(); model.cuda()") == []


def test_a_tensor_without_values_at_hand_by_its_version() -> None:
    tensor = torch.zeros(3, device="meta")
    before = fingerprint({"tensor": tensor})
    assert changed(before, ["tensor"]) == []
    tensor.add_(1)
    assert [each.name for each in changed(before, ["tensor"])] == ["tensor"]


@given(st.lists(st.integers(0, 70), max_size=4))
def test_the_sample_of_a_tensor_is_small_and_never_empty(shape: list[int]) -> None:
    tensor = torch.zeros(()).expand(shape)
    few = sample(tensor).numel()
    assert few <= 2 * 4096
    assert few >= min(tensor.numel(), 64)


HOSTILE = """
calls = []
def refuse(*args, **kwargs):
    calls.append(args)
    raise RuntimeError("no")
class Hostile:
    __eq__ = __len__ = __getattr__ = __getattribute__ = __iter__ = __bool__ = __repr__ = refuse
    __hash__ = __next__ = __length_hint__ = __dir__ = __sizeof__ = __reduce_ex__ = refuse
    __class__ = property(refuse)
    __dict__ = property(refuse)
class Meta(type):
    __getattribute__ = __setattr__ = __eq__ = __instancecheck__ = __subclasscheck__ = refuse
    __hash__ = __iter__ = __bool__ = __len__ = __repr__ = refuse
class Strange(metaclass=Meta):
    lr = 1
    rows = []
def helper(): return Strange, object.__new__(Strange)
class Rude(list):
    __eq__ = __len__ = __iter__ = __getitem__ = __bool__ = __repr__ = refuse
class Sly(dict):
    __eq__ = __len__ = __iter__ = __getitem__ = items = values = keys = __bool__ = refuse
"""


def test_hostile_objects_are_left_alone() -> None:
    namespace = notebook(HOSTILE)
    one, rude, sly = namespace["Hostile"](), namespace["Rude"](), namespace["Sly"]()
    array = np.empty(1, object)
    array[0] = one
    namespace |= {"one": one, "rude": rude, "sly": sly, "inside": [one, {"k": one}], "array": array}
    objects = reach(["one", "rude", "sly", "inside", "array"], namespace)
    objects.pop("calls", None)
    namespace["calls"].clear()
    before = fingerprint(objects)
    assert changed(before, objects) == []
    assert namespace["calls"] == []
    list.append(rude, 1)
    assert [each.text for each in changed(before, objects)] == ["`rude` grew from 0 to 1 entries"]


def test_hostile_classes_are_left_alone() -> None:
    namespace = notebook(HOSTILE)
    namespace["made"] = object.__new__(namespace["Strange"])
    namespace["calls"].clear()
    names = ["Strange", "made", "helper"]
    objects = definitions(names, namespace) | reach(names, namespace)
    assert objects.keys() == {"Strange", "made", "helper"}
    before = fingerprint(objects)
    assert changed(before, objects) == []
    assert namespace["calls"] == []
    type.__dict__["__dict__"].__get__(namespace["Strange"])["rows"].append(1)
    assert [each.text for each in changed(before, objects)] == [
        "`Strange.rows` grew from 0 to 1 entries"
    ]


def test_unknown_classes_of_libraries_are_not_touched() -> None:
    class Lazy:
        __module__ = "library"

        def __getattr__(self, name: str) -> Any:
            raise AssertionError("touched")

    lazy = Lazy()
    lazy.__dict__["items"] = []
    objects: dict[str, object] = {"lazy": lazy, "chain": itertools.chain([1]), "out": io.BytesIO()}
    before = fingerprint(objects)
    lazy.__dict__["items"].append(1)
    assert changed(before, objects) == []
    assert list(objects["chain"]) == [1]  # type: ignore[call-overload]


def test_the_contracts_message() -> None:
    namespace = notebook(MODEL)
    objects = reach(["model"], namespace)
    before = fingerprint(objects)
    namespace["model"][0].weight.data.zero_()
    assert explain(changed(before, objects)) == (
        "`model` was created outside this cell and this trial trained it, so every trial would "
        "start where the last one ended. Create it in the cell, or use `--fresh model`. "
        "`--shared model` accepts it."
    )


def test_the_message_for_several_and_for_what_a_function_holds() -> None:
    namespace = notebook("h = {'loss': []}\nw = []\ndef f(x=np.zeros(2)): x += 1")
    objects = reach(["h", "w", "f"], namespace)
    before = fingerprint(objects)
    namespace["h"]["loss"].append(1)
    namespace["w"].append(1)
    both = explain(changed(before, objects))
    assert "this trial let `h['loss']` grow from 0 to 1 entries; `w` was created" in both
    assert "Create them in the cell, or use `--fresh h,w`. `--shared h,w` accepts them." in both
    namespace["f"]()
    text = explain(changed(before, ["x in f"]))
    assert "--fresh" not in text
    assert "`--shared f` accepts it." in text


def test_the_message_for_a_class_and_a_later_trial() -> None:
    namespace = notebook("class Log: rows = []")
    objects = definitions(["Log"], namespace)
    before = fingerprint(objects)
    namespace["Log"].rows.append(1)
    assert explain(changed(before, objects), "trial 3") == (
        "`Log` was created outside this cell and trial 3 let `Log.rows` grow from 0 to 1 entries, "
        "so every trial would start where the last one ended. Create it in the cell. "
        "`--shared Log` accepts it."
    )


def test_names_not_looked_at_are_accepted() -> None:
    namespace = notebook("a, b = [], []")
    objects = reach(["a", "b"], namespace)
    before = fingerprint(objects)
    namespace["a"].append(1)
    assert changed(before, ["b"]) == []


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=10,
)


@given(values)
def test_any_data_is_looked_at_without_alarm(value: object) -> None:
    objects = reach(["value"], {"value": value})
    before = fingerprint(objects)
    assert changed(before, objects) == []


@given(
    st.sampled_from(["f8", "f4", "i8", "u1", "c16", "?", "M8[s]", "S3", "U2"]),
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.booleans(),
    st.data(),
)
def test_any_single_element_is_noticed(
    dtype: str, shape: list[int], flip: bool, data: st.DataObject
) -> None:
    array = np.zeros(shape, dtype)
    array = array.T[::-1] if flip else array
    before = fingerprint({"array": array})
    assert changed(before, ["array"]) == []
    place = tuple(data.draw(st.integers(0, size - 1)) for size in array.shape)
    array[place] = 1
    assert [each.text for each in changed(before, ["array"])] == ["`array` was changed in place"]

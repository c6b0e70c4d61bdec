"""Large arrays of trials: stored once by their content, let go of, and never trusted."""

from __future__ import annotations

import hashlib
import io
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from store_cases import INFO, finished, raw

from jupyter_hpo.blobs import Blob, decode, encode
from jupyter_hpo.errors import StoreError
from jupyter_hpo.journal import Journal
from jupyter_hpo.space import Space
from jupyter_hpo.store import Store
from jupyter_hpo.trial import SLOPES, Trial

ONES = np.ones(1000, np.float32)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "studies.db")


def carrying(number: int, **held: Any) -> Trial:
    return replace(finished(number), arrays={name: Blob.of(each) for name, each in held.items()})


def stored(store: Store) -> int:
    with raw(store) as db:
        return int(db.execute("SELECT count(*) FROM blobs").fetchone()[0])


@settings(max_examples=50, deadline=None)
@given(
    arrays(
        st.sampled_from([np.float32, np.float64, np.float16]),
        array_shapes(min_dims=0, max_dims=3, max_side=4),
    )
)
def test_an_array_comes_back_bit_for_bit(array: Any) -> None:
    blob, other = Blob.of(array), Blob.of(array.copy())
    assert blob == other and blob.digest == other.digest and hash(blob) == hash(other)
    for back in (blob.array(), decode(encode(array), blob.digest)):
        assert back.dtype == array.dtype and back.shape == array.shape
        assert back.tobytes() == array.tobytes() and not back.flags.writeable
    np.testing.assert_array_equal((-blob).array(), -array)
    turned = -blob
    assert turned != blob and -turned == blob


def test_what_a_blob_was_made_of_may_change(store: Store) -> None:
    entries = ONES.copy()
    blob = Blob.of(entries)
    entries[0] = 5
    assert blob.array()[0] == 1
    for wrong in (np.arange(3), np.array(["a"]), np.array([object()])):
        with pytest.raises(ValueError, match="only one of floats"):
            Blob.of(wrong)


def test_an_array_is_stored_once_and_known_by_its_hash(store: Store) -> None:
    study_id, _ = store.create(INFO)
    store.save(study_id, trials=[carrying(k, w=ONES, other=ONES * (k % 2)) for k in range(6)])
    assert stored(store) == 2
    with raw(store) as db:
        for digest, data in db.execute("SELECT digest, data FROM blobs"):
            assert hashlib.sha256(data).hexdigest() == digest  # as any tool says
            assert np.load(io.BytesIO(data), allow_pickle=False).shape == (1000,)
    trial = store.load(study_id)[1][3]
    assert trial == carrying(3, w=ONES, other=ONES)
    np.testing.assert_array_equal(trial.weights["w"], ONES)


def test_what_no_trial_has_any_more_is_gone(store: Store) -> None:
    first, _ = store.create(INFO)
    second, _ = store.create(INFO)
    store.save(first, trials=[carrying(0, w=ONES), carrying(1, w=2 * ONES)])
    store.save(second, trials=[carrying(0, w=ONES)])
    store.save(first, trials=[carrying(1, w=3 * ONES)])  # it has been run again
    assert stored(store) == 2
    store.save(first, trials=[finished(1)])
    assert stored(store) == 1
    store.delete(second)
    np.testing.assert_array_equal(store.load(first)[1][0].weights["w"], ONES)
    kept = store.load(first)[1][0]
    store.delete(first)
    assert stored(store) == 0
    with pytest.raises(StoreError, match="missing"):
        _ = kept.weights


def test_the_disk_is_given_back(store: Store) -> None:
    study_id, _ = store.create(INFO)
    noise = np.random.default_rng(0).random((12, 250_000))
    store.save(study_id, trials=[carrying(k, w=noise[k]) for k in range(12)])
    assert store.path.stat().st_size > noise.nbytes
    store.delete(study_id)
    assert store.path.stat().st_size < 1_000_000


def test_a_stored_array_is_not_held_in_memory(store: Store) -> None:
    journal = Journal.begin(INFO, Space([]), store)
    trial = replace(carrying(0, w=ONES), assignment={})
    journal.put(trial)
    with raw(store) as db:
        db.execute("UPDATE blobs SET data = ?", (encode(ONES * 2),))
    with pytest.raises(StoreError, match="not what it was"):
        _ = trial.weights
    journal.let_go(0, ["w"])
    assert journal.record.trials[0].arrays == {} and stored(store) == 0
    journal.release()


def test_without_a_file_it_is(tmp_path: Path) -> None:
    journal = Journal.begin(INFO, Space([]), None)
    journal.put(replace(carrying(0, w=ONES), assignment={}))
    np.testing.assert_array_equal(journal.record.trials[0].weights["w"], ONES)


def test_derivatives_turn_with_the_objective() -> None:
    trial = replace(finished(0), arrays={"w": Blob.of(ONES), f"{SLOPES}w": Blob.of(ONES)})
    turned = trial.minimised(maximize=True)
    np.testing.assert_array_equal(turned.arrays["w"].array(), ONES)
    np.testing.assert_array_equal(turned.arrays[f"{SLOPES}w"].array(), -ONES)
    assert trial.weights.keys() == turned.weights.keys() == {"w"}


# -- a stranger's file --------------------------------------------------------------------------


class Evil:
    def __reduce__(self) -> Any:
        return (pytest.fail, ("a stranger's pickle was read",))


def npy(header: str, rest: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + rest


def pickled() -> bytes:
    written = io.BytesIO()
    np.save(written, np.array([1.0]), allow_pickle=False)
    return npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", pickle.dumps([Evil()]))


HOSTILE = {
    "a pickle": pickle.dumps(Evil()),
    "an array of pickles": pickled(),
    "more than there is": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (10**12,), }\n"),
    "a huge shape": npy(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }\n", b"\0" * 8
    ),
    "fewer than there are": npy(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", b"\0" * 800
    ),
    "a call": npy("{'descr': __import__('os').getcwd(), 'fortran_order': False, 'shape': (1,)}\n"),
    "brackets": npy("(" * 4000),
    "a long header": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), }" + " " * 60_000),
    "another order": npy("{'descr': '<f8', 'fortran_order': True, 'shape': (1,), }\n", b"\0" * 8),
    "whole numbers": npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }\n", b"\0" * 8),
    "a record": npy(
        "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }\n", b"\0" * 8
    ),
    "a later version": b"\x93NUMPY\x02\x00" + b"\0" * 100,
    "nothing": b"",
    "a text": "abc",
    "a number": 7,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_stranger_stores_is_refused(store: Store, name: str) -> None:
    study_id, _ = store.create(INFO)
    store.save(study_id, trials=[carrying(0, w=ONES), carrying(1, w=ONES * 2)])
    data = HOSTILE[name]
    raw_data = data if isinstance(data, bytes) else str(data).encode()
    digest = hashlib.sha256(raw_data).hexdigest()
    with raw(store) as db:
        db.execute("INSERT INTO blobs VALUES (?, ?)", (digest, data))
        db.execute("UPDATE arrays SET digest = ? WHERE number = 0", (digest,))
    _, (bad, good) = store.load(study_id)  # the study itself can be looked at
    with pytest.raises(StoreError, match="array"):
        _ = bad.weights
    np.testing.assert_array_equal(good.weights["w"], ONES * 2)


@pytest.mark.parametrize(
    ("digest", "says"),
    [("x", "missing"), ("'; DROP TABLE blobs; --", "missing"), (b"\xff", "damaged")],
)
def test_a_digest_of_nothing(store: Store, digest: Any, says: str) -> None:
    study_id, _ = store.create(INFO)
    store.save(study_id, trials=[carrying(0, w=ONES)])
    with raw(store) as db:
        db.execute("UPDATE arrays SET digest = ?", (digest,))
    with pytest.raises(StoreError, match=says):
        _ = store.load(study_id)[1][0].weights

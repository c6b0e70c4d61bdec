"""The store through its public face, on real files."""

from __future__ import annotations

import math
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_cases import INFO, finished, raw

from jupyter_hpo.errors import StoreError
from jupyter_hpo.record import StudyInfo, StudyState
from jupyter_hpo.store import Store
from jupyter_hpo.store.schema import MIGRATIONS, migrate
from jupyter_hpo.trial import Report, Trial, TrialState


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".jupyter_hpo" / "studies.db")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("shared"))


# --- round trip -----------------------------------------------------------------------------

# surrogates: a file name or an output that was no UTF-8
hostile = st.text(st.characters(exclude_categories=[]), max_size=20) | st.sampled_from(
    ["\0", "'; DROP TABLE trials; --", "😀", "\ud83d\ude00", "a\udcff", "\r\n", "${x}", "<b>"]
)
huge = st.integers() | st.integers(-(10**400), 10**400)
number = st.floats(allow_nan=False)
scalar = st.none() | st.booleans() | huge | number | hostile
plain = st.recursive(
    scalar,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile, inner, max_size=3),
    max_leaves=6,
)
bytes_used = st.none() | st.integers(0, 2**63 - 1)
trials = st.builds(
    Trial,
    number=st.integers(0, 2**62),
    state=st.sampled_from(TrialState),
    assignment=st.dictionaries(hostile, scalar, max_size=4),
    value=st.none() | number,
    reports=st.dictionaries(st.integers(-(2**70), 2**70), st.floats(), max_size=5).map(
        lambda reports: tuple(Report(*item) for item in sorted(reports.items()))
    ),
    started=st.none() | number,
    duration=st.none() | number,
    peak_memory=bytes_used,
    peak_memory_cuda=bytes_used,
    error=st.none() | hostile,
    info=st.dictionaries(hostile, plain, max_size=3),
    log=st.dictionaries(hostile, plain, max_size=3),
    output=hostile,
)
infos = st.builds(
    StudyInfo,
    name=hostile,
    metric=hostile,
    maximize=st.booleans(),
    optimizer=hostile,
    seed=huge,
    total=st.none() | st.integers(0, 2**62),
    space=st.lists(st.fixed_dictionaries({"key": hostile, "name": hostile, "low": scalar})),
    notebook=hostile,
    source=hostile,
    cell=hostile,
    created=number,
    state=st.sampled_from(StudyState),
    message=hostile,
    notes=st.lists(hostile, max_size=3).map(tuple),
    queue=st.lists(st.dictionaries(hostile, scalar, max_size=3), max_size=3).map(tuple),
    edits=st.dictionaries(hostile, st.dictionaries(hostile, plain, max_size=3), max_size=3),
    elapsed=number,
)


def comparable(trial: Trial) -> tuple[Trial, list[Any]]:
    """Equal for equal trials, reports of NaN included."""
    reports = [(step, "nan" if math.isnan(value) else value) for step, value in trial.reports]
    return replace(trial, reports=()), reports


@settings(max_examples=150, deadline=None)
@given(info=infos, trial=trials)
def test_every_field_returns_as_it_was_saved(shared: Store, info: StudyInfo, trial: Trial) -> None:
    study_id, created = shared.create(info)
    shared.hold(study_id)  # else a running study would come back as interrupted
    try:
        shared.save(study_id, trials=[trial])
        loaded, (back,) = shared.load(study_id)
    finally:
        shared.release(study_id)
    assert loaded == created == replace(info, run=created.run)
    assert comparable(back) == comparable(trial)
    assert shared.find(info.name, info.notebook, created.run) == study_id
    assert study_id in [line.id for line in shared.list(info.notebook)]


def test_infinite_and_undefined_numbers(store: Store) -> None:
    study_id, _ = store.create(INFO)
    best = replace(finished(0, -math.inf, math.inf, math.nan), log={"gap": math.inf})
    store.save(study_id, trials=[best])
    _, (trial,) = store.load(study_id)
    assert trial.value == -math.inf
    assert trial.reports[0].value == math.inf
    assert math.isnan(trial.reports[1].value)
    assert trial.log == {"gap": math.inf}
    with raw(store) as db:
        assert db.execute("SELECT value FROM reports").fetchall() == [(math.inf,), (None,)]


def test_saving_again_replaces_the_trial_and_its_reports(store: Store) -> None:
    study_id, info = store.create(INFO)
    store.save(study_id, trials=[finished(0, 0.1, 3.0, 2.0, 1.0), finished(1, 0.2, 5.0)])
    paused = replace(info, state=StudyState.PAUSED, message="■", queue=({"lr": 0.5},), elapsed=3.5)
    store.save(study_id, paused, [finished(0, 0.3, 9.0)])
    assert store.load(study_id) == (paused, [finished(0, 0.3, 9.0), finished(1, 0.2, 5.0)])


def test_kept_variables_are_not_stored(store: Store) -> None:
    study_id, _ = store.create(INFO)
    store.save(study_id, trials=[replace(finished(0), namespace={"model": object()})])
    assert store.load(study_id)[1][0].namespace is None


def test_what_is_no_json_is_refused_and_named(store: Store) -> None:
    study_id, _ = store.create(INFO)
    odd = replace(finished(3), log={"model": object()})
    with pytest.raises(StoreError, match=r"trial 3 cannot be stored: .*object"):
        store.save(study_id, trials=[finished(2), odd])
    assert store.load(study_id)[1] == []


# --- the file -------------------------------------------------------------------------------


def test_reading_makes_nothing_and_the_first_study_makes_the_folder(store: Store) -> None:
    folder = store.path.parent
    assert store.list() == []
    assert store.find("study", "net.ipynb") is None
    assert not store.alive(1)
    with pytest.raises(StoreError, match="no study 1"):
        store.load(1)
    with pytest.raises(StoreError, match="does not exist"):
        store.save(1, trials=[finished(0)])
    assert not folder.exists()
    store.create(INFO)
    assert sorted(path.name for path in folder.iterdir()) == [".gitignore", "studies.db"]
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_folder_stands_for_its_file_and_gets_no_gitignore(tmp_path: Path) -> None:
    Store(tmp_path).create(INFO)
    assert [path.name for path in tmp_path.iterdir()] == ["studies.db"]


def test_write_ahead_log_is_folded_back_when_nobody_runs_a_study(store: Store) -> None:
    study_id, _ = store.create(INFO)
    store.hold(study_id)
    store.save(study_id, trials=[finished(0)])
    with raw(store) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.release(study_id)
    alone = Store(shutil.copy(store.path, store.path.with_name("copy.db")))
    assert alone.load(study_id)[1] == [finished(0)]


def test_an_empty_file_is_an_empty_store(tmp_path: Path) -> None:
    (tmp_path / "studies.db").touch()
    store = Store(tmp_path)
    assert store.list() == []
    assert store.create(INFO)[1].run == 1


def test_migrations_walk_an_older_file_and_refuse_a_newer_one(store: Store) -> None:
    study_id, _ = store.create(INFO)
    newer = (*MIGRATIONS, ("ALTER TABLE studies ADD COLUMN tags TEXT DEFAULT 'none'",))
    broken = (*MIGRATIONS, ("CREATE TABLE half (x)", "CREATE TABLE studies (x)"))
    with raw(store) as db:
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            migrate(db, store.path, broken)
        assert db.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone() is None
    assert store.load(study_id)[0].name == "study"
    with raw(store) as db:
        migrate(db, store.path, newer)
        migrate(db, store.path, newer)
        assert db.execute("SELECT name, tags FROM studies").fetchall() == [("study", "none")]
        assert db.execute("PRAGMA user_version").fetchone() == (len(newer),)
    with pytest.raises(StoreError, match=r"written by a newer jupyter_hpo.*upgrade"):
        store.list()


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    store = Store(tmp_path / "studies.db")
    with raw(store) as db:
        migrate(db, store.path, MIGRATIONS[:1])
        db.execute(
            "INSERT INTO studies VALUES (1, 'net.ipynb', 'study', 1, 'val_loss', 0, 'random', 0,"
            " 10,"
            ' \'[{"key": "lr", "name": "lr", "type": "Float", "low": 0.0, "high": 1.0}]\','
            " '', '', 0.0, 'paused', '', '[]', '[]', 0.0)"
        )
    info, _ = store.load(1)
    assert info == replace(INFO, state=StudyState.PAUSED, budget="")
    edited = replace(info, edits={"lr": {"type": "Float", "low": 0.5, "high": 1.0}})
    store.save(1, edited)
    assert store.load(1) == (edited, [])
    assert store.load(1)[0].searched == [{**INFO.space[0], "low": 0.5}]


@pytest.mark.parametrize("damage", ["[]", '{"lr": 1}', "{"])
def test_damaged_edits_are_a_damaged_study(store: Store, damage: str) -> None:
    study_id, _ = store.create(INFO)
    with raw(store) as db:
        db.execute("UPDATE studies SET edits = ?", (damage,))
    with pytest.raises(StoreError, match=r"study 'study' in .* is damaged"):
        store.load(study_id)


def test_what_is_not_our_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("Dear diary, " * 1000)
    for act in (Store(path).list, lambda: Store(path).create(INFO)):
        with pytest.raises(StoreError, match=r"notes\.db is not a file of studies"):
            act()
    assert path.read_text() == "Dear diary, " * 1000
    other = Store(tmp_path / "other.db")
    with raw(other) as db:
        db.execute("CREATE TABLE customers (name)")
    with pytest.raises(StoreError, match="database of another program"):
        other.create(INFO)
    with raw(other) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("customers",)]
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)


# --- runs, lists ----------------------------------------------------------------------------


def test_runs_are_numbered_by_notebook_and_name(store: Store) -> None:
    ids = [store.create(INFO)[0] for _ in range(3)]
    other, info = store.create(replace(INFO, notebook="other.ipynb"))
    assert info.run == 1
    assert [store.load(study_id)[0].run for study_id in ids] == [1, 2, 3]
    assert store.find("study", "net.ipynb") == ids[-1]
    assert store.find("study", "net.ipynb", 2) == ids[1]
    assert store.find("study", "other.ipynb") == other
    assert store.find("study", "net.ipynb", 4) is None
    assert store.find("lr", "net.ipynb") is None


def test_runs_stay_unique_when_many_start_at_once(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: Store(store.path).create(INFO)[1].run, range(24)))
    assert sorted(runs) == list(range(1, 25))


def test_the_list_is_of_what_a_user_wants_to_know(store: Store) -> None:
    first, _ = store.create(replace(INFO, created=5.0))
    second, _ = store.create(replace(INFO, name="top", maximize=True, total=None))
    empty, _ = store.create(replace(INFO, notebook="other.ipynb", state=StudyState.FAILED))
    states = [TrialState.PRUNED, TrialState.FAIL, TrialState.SKIPPED, TrialState.INTERRUPTED]
    rest = [replace(finished(2 + i, -9.0 + 18 * i), state=s) for i, s in enumerate(states)]
    for study_id in (first, second):
        store.save(study_id, trials=[finished(0, 0.25), finished(1, 0.75), *rest])
    store.hold(second)
    lines = store.list()
    store.release(second)
    assert [line.id for line in lines] == [empty, second, first]
    assert [line.id for line in store.list("net.ipynb")] == [second, first]
    assert [(line.finished, line.best) for line in lines] == [(0, None), (5, 0.75), (5, 0.25)]
    assert [line.alive for line in lines] == [False, True, False]
    assert [str(line.state) for line in lines] == ["failed", "running", "paused"]
    last = lines[-1]
    assert (last.notebook, last.name, last.run, last.total) == ("net.ipynb", "study", 1, 10)
    assert (last.created, last.metric, last.maximize, last.error) == (5.0, "val_loss", False, "")


def test_a_study_whose_kernel_ended_comes_back_paused(store: Store) -> None:
    study_id, _ = store.create(INFO)
    store.hold(study_id)
    running = replace(finished(1), state=TrialState.RUNNING, value=None)
    store.save(study_id, trials=[finished(0), running])
    assert store.load(study_id) == (INFO, [finished(0), running])
    store.release(study_id)
    info, trials = store.load(study_id)
    assert (info.state, info.message) == (StudyState.PAUSED, "the kernel ended while it ran")
    assert [trial.state for trial in trials] == [TrialState.COMPLETE, TrialState.INTERRUPTED]
    store.hold(study_id)  # who goes on with it finds it so too
    assert store.load(study_id) == (INFO, trials)
    store.save(study_id, trials=[running])
    store.hold(study_id)
    assert store.load(study_id)[1] == [finished(0), running]
    store.release(study_id)
    ended = replace(INFO, state=StudyState.FINISHED, message="all trials done")
    store.save(study_id, ended)
    assert store.load(study_id)[0] == ended


def test_delete(store: Store) -> None:
    study_id, _ = store.create(INFO)
    kept, _ = store.create(INFO)
    store.save(study_id, trials=[finished(0, 0.1, 1.0)])
    store.hold(study_id)
    for one in (store, Store(store.path)):
        with pytest.raises(StoreError, match="'study' runs or is paused; stop it"):
            one.delete(study_id)
    store.release(study_id)
    store.delete(study_id)
    assert [line.id for line in store.list()] == [kept]
    with raw(store) as db:
        assert db.execute("SELECT * FROM reports").fetchall() == []
    for act in (store.load, store.hold, store.delete, store.save):
        with pytest.raises(StoreError, match=f"no study {study_id}"):
            act(study_id)
    assert store.create(INFO)[0] > kept


# --- holding --------------------------------------------------------------------------------


def test_one_holds_a_study(store: Store) -> None:
    study_id, _ = store.create(INFO)
    other = Store(store.path)
    assert not other.alive(study_id)
    store.hold(study_id)
    store.hold(study_id)
    assert store.alive(study_id)
    assert other.alive(study_id)
    with pytest.raises(StoreError, match="study 'study' is running in another kernel"):
        other.hold(study_id)
    other.release(study_id)
    thread = threading.Thread(target=store.release, args=(study_id,))
    thread.start()
    thread.join()
    other.hold(study_id)
    assert store.alive(study_id)
    other.release(study_id)


def test_files_side_by_side_do_not_share_locks(tmp_path: Path) -> None:
    one, two = Store(tmp_path / "one.db"), Store(tmp_path / "two.db")
    (first, _), (second, _) = one.create(INFO), two.create(INFO)
    assert first == second
    one.hold(first)
    assert not two.alive(second)
    one.release(first)


def test_threads_share_a_store(store: Store) -> None:
    study_id, _ = store.create(INFO)
    store.hold(study_id)

    def save(number: int) -> int:
        store.save(study_id, trials=[finished(number, 0.5, 1.0, 2.0)])
        return len(store.load(study_id)[1])

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(save, range(40))) == 40
    assert store.load(study_id)[1] == [finished(n, 0.5, 1.0, 2.0) for n in range(40)]
    store.release(study_id)

"""A store that is only looked at."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from store_cases import INFO, finished

from jupyter_hpo.errors import StoreError
from jupyter_hpo.store import Overtaken, Store
from jupyter_hpo.store.schema import APPLICATION_ID, MIGRATIONS


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "studies.db")
    made.create(INFO)
    made.save(1, trials=[finished(0, 0.5, 1.0), finished(1, 0.2)])
    return made


def files(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


def test_it_tells_the_same_and_writes_nothing(store: Store) -> None:
    before = files(store.path.parent)
    looked = Store(store.path, read_only=True)
    assert (looked.list(), looked.load(1)) == (store.list(), store.load(1))
    assert looked.leaders([1, 2]) == {1: [(0, 0.5), (1, 0.2)]}
    for write in (lambda: looked.create(INFO), lambda: looked.save(1), lambda: looked.hold(1)):
        with pytest.raises(StoreError):
            write()
    assert files(store.path.parent) == before


def test_a_long_study_is_looked_at_in_one_pass(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(store.path)) as db:
        db.executemany(
            "INSERT INTO trials (study_id, number, state, value, params, info, log, output)"
            " SELECT study_id, ?, state, ?, params, info, log, output FROM trials WHERE number = 1",
            ((number, 1 / number) for number in range(2, 20_000)),
        )
        db.commit()
    monkeypatch.setattr("jupyter_hpo.store.readonly.PATIENCE", 3.0)  # s; it takes a hundredth
    [*_, last] = Store(store.path, read_only=True).leaders([1])[1]
    assert last == (19_999, 1 / 19_999)


def test_what_is_in_the_log_of_a_kernel_that_has_it_open_is_read(store: Store) -> None:
    store.hold(1)
    store.save(1, trials=[finished(2, 0.1)])
    looked = Store(store.path, read_only=True)
    assert [(each.best, each.alive) for each in looked.list()] == [(0.1, True)]
    assert store.path.with_name("studies.db-wal").exists()
    store.release(1)
    assert [(each.best, each.alive) for each in looked.list()] == [(0.1, False)]


def test_a_file_that_changes_while_it_is_read_says_so(store: Store, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(store.path, other / "studies.db")
    Store(other).save(1, trials=[finished(7)])
    looked = Store(store.path, read_only=True)
    with pytest.raises(Overtaken), looked._database.transaction("read") as db:
        db.execute("SELECT * FROM studies").fetchall()
        shutil.copy(other / "studies.db", store.path)
    assert [each.finished for each in looked.list()] == [3]


def test_an_older_file_is_read_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "studies.db"
    with closing(sqlite3.connect(path)) as db, db:
        for statement in MIGRATIONS[0]:
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
        db.execute(
            "INSERT INTO studies VALUES (1, 'n.ipynb', 'old', 1, 'loss', 0, 'random', 0, 3, '[]',"
            " '', '', 1.0, 'finished', '', '[]', '[]', 0.0)"
        )
    before = files(tmp_path)
    looked = Store(path, read_only=True)
    assert [each.name for each in looked.list()] == ["old"]
    assert looked.load(1)[0].pruner == "none"
    assert files(tmp_path) == before


def test_a_strangers_file_cannot_keep_its_reader_for_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_hpo.store.readonly.PATIENCE", 0.05)
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute("DROP TABLE studies")
        db.execute(
            "CREATE VIEW studies AS WITH RECURSIVE n (id) AS"
            " (SELECT 1 UNION ALL SELECT id + 1 FROM n)"
            " SELECT id, 'n' AS notebook, 'x' || id AS name, 1 AS run FROM n"
        )
    with pytest.raises(StoreError, match="takes too long to be read"):
        Store(store.path, read_only=True).find("study", "n")

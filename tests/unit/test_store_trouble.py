"""What the store does when the disk, other programs or strangers' files are in the way."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from store_cases import INFO, finished, raw

from jupyter_hpo.errors import StoreError
from jupyter_hpo.record import StudyState
from jupyter_hpo.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".jupyter_hpo" / "studies.db")


def test_a_save_that_fails_midway_leaves_what_was_there(store: Store) -> None:
    study_id, info = store.create(replace(INFO, state=StudyState.PAUSED))
    store.save(study_id, trials=[finished(0, 0.1, 1.0)])
    before = store.load(study_id)
    new = replace(info, message="new"), [finished(0, 0.2, 2.0), finished(1, 0.3, 3.0, 13.0)]
    with raw(store) as db:
        db.execute(
            "CREATE TRIGGER unlucky BEFORE INSERT ON reports WHEN new.value = 13"
            " BEGIN SELECT raise(ABORT, 'thirteen'); END"
        )
    store.hold(study_id)
    with pytest.raises(StoreError, match="thirteen"):
        store.save(study_id, *new)
    assert store.load(study_id) == before
    with raw(store) as db:
        db.execute("DROP TRIGGER unlucky")
    store.save(study_id, *new)
    assert store.load(study_id) == new
    store.release(study_id)


def test_a_study_file_deleted_under_a_running_study_is_noticed(store: Store) -> None:
    study_id, _ = store.create(INFO)
    store.hold(study_id)
    store.save(study_id, trials=[finished(0)])
    shutil.rmtree(store.path.parent)
    with pytest.raises(StoreError, match="does not exist any more"):
        store.save(study_id, trials=[finished(1)])
    store.release(study_id)
    assert store.list() == []


def test_another_program_that_keeps_the_file_locked(store: Store) -> None:
    study_id, _ = store.create(INFO)
    store.hold(study_id)
    with raw(store) as db:
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is busy: another program"):
            store.save(study_id, trials=[finished(0)])
        assert store.load(study_id)[1] == []  # readers do not wait
    store.save(study_id, trials=[finished(0)])
    assert len(store.load(study_id)[1]) == 1
    store.release(study_id)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / ".jupyter_hpo" / "studies.db")
    assert store.list() == []
    with pytest.raises(StoreError, match=r"/file/\.jupyter_hpo cannot be used: not a directory"):
        store.create(INFO)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Permissions do not bind root, so become nobody for a moment."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_read_only_folder_is_read_and_not_written() -> None:
    with tempfile.TemporaryDirectory() as name:  # tmp_path lies in a folder nobody may enter
        folder = Path(name) / "course"
        folder.mkdir()
        os.chmod(name, 0o755)
        store = Store(folder)
        study_id, _ = store.create(INFO)
        store.hold(study_id)
        store.save(study_id, trials=[finished(0)])
        store.release(study_id)
        (folder / "studies.db").chmod(0o444)
        folder.chmod(0o555)
        refused: list[Callable[[], object]] = [
            lambda: store.save(study_id, trials=[finished(1)]),
            lambda: store.create(INFO),
            lambda: store.hold(study_id),
            lambda: store.delete(study_id),
            lambda: Store(folder / "new" / "studies.db").create(INFO),
        ]
        with unprivileged():
            assert store.load(study_id)[1] == [finished(0)]
            assert [line.finished for line in store.list()] == [1]
            for act in refused:
                with pytest.raises(StoreError, match=r"read-only|cannot be (used|opened)"):
                    act()
        folder.chmod(0o755)
        (folder / "studies.db").chmod(0o644)
        store.save(study_id, trials=[finished(1)])
        assert store.load(study_id)[1] == [finished(0), finished(1)]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE studies SET space = 'no json'",
        "UPDATE studies SET space = '[1]'",
        "UPDATE studies SET space = '[{}]'",
        "UPDATE studies SET queue = '[0]'",
        "UPDATE studies SET notes = '[{}]'",
        "UPDATE studies SET state = 'asleep'",
        "UPDATE studies SET maximize = 7",
        "UPDATE studies SET seed = 'lucky'",
        "UPDATE studies SET created = 'today'",
        "UPDATE studies SET name = x'ff'",
        "UPDATE trials SET state = 'asleep'",
        "UPDATE trials SET value = 'good'",
        "UPDATE trials SET value = x'00'",
        "UPDATE trials SET params = '[]'",
        "UPDATE trials SET params = NULL",
        "UPDATE trials SET info = '{' || char(34) || 'a'",
        "UPDATE trials SET log = replace(hex(zeroblob(60000)), '0', '[')",
        "UPDATE reports SET value = 'good'",
        "UPDATE reports SET step = 0.5",
    ],
)
def test_a_damaged_study_harms_itself_alone(store: Store, damage: str) -> None:
    sick, _ = store.create(INFO)
    sound, _ = store.create(replace(INFO, name="sound", state=StudyState.FINISHED))
    for study_id in (sick, sound):
        store.save(study_id, trials=[finished(0, 0.1, 1.0)])
    key = "id" if "UPDATE studies" in damage else "study_id"
    with raw(store) as db:
        db.execute("PRAGMA writable_schema = ON")  # a stranger need not keep NOT NULL
        db.execute("UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '')")
    with raw(store) as db:
        db.execute(f"{damage} WHERE {key} = {sick}")
    with pytest.raises(StoreError, match="is damaged: "):
        store.load(sick)
    assert store.load(sound)[1] == [finished(0, 0.1, 1.0)]
    lines = store.list()
    assert [line.id for line in lines] == [sound, sick]
    assert (lines[0].best, lines[0].error) == (0.1, "")


def test_the_list_says_which_study_is_damaged(store: Store) -> None:
    study_id, _ = store.create(INFO)
    with raw(store) as db:
        db.execute("UPDATE studies SET maximize = 7")
    (line,) = store.list()
    assert (line.id, line.name, line.state) == (study_id, "study", StudyState.FAILED)
    assert line.error.startswith("study 'study' in ")
    assert "is damaged" in line.error


def test_text_that_is_no_utf8_does_not_break_the_list(store: Store) -> None:
    store.create(INFO)
    with raw(store) as db:
        db.execute("UPDATE studies SET name = CAST(x'6cff' AS TEXT)")
    assert [line.name for line in store.list()] == ["l\udcff"]

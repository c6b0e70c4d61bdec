"""The arrays of trials: each content once, however many trials have it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from ..blobs import Blob, decode, encode
from .rows import read_name, text

EMPTY: Final = 16 * 2**20  # bytes of a file that hold nothing, from which on it is made smaller


def put(db: sqlite3.Connection, key: tuple[int, int], arrays: Mapping[str, Blob]) -> None:
    """Make these the arrays of a trial; what no trial has any more goes.

    Parameters
    ----------
    key : the study's id and the trial's number.
    """
    asked = "SELECT name, digest FROM arrays WHERE study_id = ? AND number = ?"
    before = {row["name"]: row["digest"] for row in db.execute(asked, key)}
    now = {text(name): blob for name, blob in arrays.items()}
    if before == {name: blob.digest for name, blob in now.items()}:
        return
    db.execute("DELETE FROM arrays WHERE study_id = ? AND number = ?", key)
    for name, blob in now.items():
        if not db.execute("SELECT 1 FROM blobs WHERE digest = ?", (blob.digest,)).fetchone():
            data = encode(blob.array())
            db.execute("INSERT INTO blobs (digest, data) VALUES (?, ?)", (blob.digest, data))
        db.execute(
            "INSERT INTO arrays (study_id, number, name, digest) VALUES (?, ?, ?, ?)",
            (*key, name, blob.digest),
        )
    if not {blob.digest for blob in now.values()}.issuperset(before.values()):
        sweep(db)


def rows(db: sqlite3.Connection, study_id: int) -> list[sqlite3.Row]:
    """The names and digests of the arrays of a study's trials."""
    return db.execute(
        "SELECT number, name, digest FROM arrays WHERE study_id = ?", (study_id,)
    ).fetchall()


def read(found: list[sqlite3.Row], fetch: Callable[[str], Any]) -> dict[int, dict[str, Blob]]:
    """The arrays of trials by number and name; one of `DAMAGE` if a row is none.

    Parameters
    ----------
    fetch : reads the array of a digest, when it is asked for.
    """
    held: defaultdict[int, dict[str, Blob]] = defaultdict(dict)
    for row in found:
        digest = read_name(row["digest"])
        held[row["number"]][read_name(row["name"])] = Blob(digest, fetch=partial(fetch, digest))
    return held


def one(db: sqlite3.Connection, digest: str) -> sqlite3.Row | None:
    """The row of a digest."""
    row: sqlite3.Row | None = db.execute(
        "SELECT data FROM blobs WHERE digest = ?", (text(digest),)
    ).fetchone()
    return row


def content(row: sqlite3.Row | None, digest: str) -> Any:
    """The array of a row of ``blobs``, read-only; one of `DAMAGE` if it is none."""
    if row is None:
        raise ValueError(f"an array of its trials is missing ({digest[:12]}…)")
    if not isinstance(row["data"], bytes):
        raise ValueError(f"what is stored as an array is none ({digest[:12]}…)")
    return decode(row["data"], digest)


def sweep(db: sqlite3.Connection) -> None:
    """Delete the arrays that no trial has."""
    db.execute("DELETE FROM blobs WHERE digest NOT IN (SELECT digest FROM arrays)")

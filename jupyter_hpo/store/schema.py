"""The tables of a study file and how an older file becomes a newer one.

``PRAGMA user_version`` counts the migrations a file has seen. A released
migration is never edited: a change of the tables is one more at the end.
Values whose column has no type keep whole numbers of any size: an INTEGER,
or a TEXT of digits where 64 bits do not hold it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..errors import StoreError

APPLICATION_ID: Final = 0x6A68706F  # "jhpo" in ASCII: tells our file from another program's

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """
        CREATE TABLE studies (
            id        INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again, as locks go by it
            notebook  TEXT NOT NULL,
            name      TEXT NOT NULL,
            run       INTEGER NOT NULL,
            metric    TEXT NOT NULL,
            maximize  INTEGER NOT NULL,
            optimizer TEXT NOT NULL,
            seed      NOT NULL,
            total     INTEGER,
            space     TEXT NOT NULL,  -- JSON
            source    TEXT NOT NULL,
            cell      TEXT NOT NULL,
            created   REAL NOT NULL,  -- seconds since the epoch
            state     TEXT NOT NULL,
            message   TEXT NOT NULL,
            notes     TEXT NOT NULL,  -- JSON
            queue     TEXT NOT NULL,  -- JSON
            elapsed   REAL NOT NULL,  -- seconds
            UNIQUE (notebook, name, run)
        )
        """,
        """
        CREATE TABLE trials (
            study_id         INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
            number           INTEGER NOT NULL,
            state            TEXT NOT NULL,
            value            REAL,           -- in the user's own sign
            params           TEXT NOT NULL,  -- JSON
            started          REAL,           -- seconds since the epoch
            duration         REAL,           -- seconds
            peak_memory      INTEGER,        -- bytes
            peak_memory_cuda INTEGER,        -- bytes
            error            TEXT,
            info             TEXT NOT NULL,  -- JSON
            log              TEXT NOT NULL,  -- JSON
            output           TEXT NOT NULL,
            PRIMARY KEY (study_id, number)
        )
        """,
        """
        CREATE TABLE reports (
            study_id INTEGER NOT NULL,
            number   INTEGER NOT NULL,
            step     NOT NULL,
            value    REAL,  -- NULL: not a number
            PRIMARY KEY (study_id, number, step),
            FOREIGN KEY (study_id, number) REFERENCES trials (study_id, number) ON DELETE CASCADE
        ) WITHOUT ROWID
        """,
    ),
    ("ALTER TABLE studies ADD COLUMN edits TEXT NOT NULL DEFAULT '{}'",),  # JSON
    (
        "ALTER TABLE studies ADD COLUMN pruner TEXT NOT NULL DEFAULT 'none'",
        "ALTER TABLE studies ADD COLUMN even INTEGER NOT NULL DEFAULT 0",
    ),
    (
        """
        CREATE TABLE blobs (
            digest TEXT PRIMARY KEY,  -- SHA-256 of the data, hexadecimal
            data   BLOB NOT NULL      -- an .npy file of floats
        )
        """,
        """
        CREATE TABLE arrays (
            study_id INTEGER NOT NULL,
            number   INTEGER NOT NULL,
            name     TEXT NOT NULL,
            digest   TEXT NOT NULL REFERENCES blobs (digest),
            PRIMARY KEY (study_id, number, name),
            FOREIGN KEY (study_id, number) REFERENCES trials (study_id, number) ON DELETE CASCADE
        ) WITHOUT ROWID
        """,
        "CREATE INDEX arrays_by_digest ON arrays (digest)",
    ),
    ("ALTER TABLE studies ADD COLUMN budget TEXT NOT NULL DEFAULT ''",),
)


def version(connection: sqlite3.Connection, path: Path, newest: int = len(MIGRATIONS)) -> int:
    """Number of migrations the file has seen.

    Raises
    ------
    StoreError
        If it is another program's database, or a newer release of this package wrote it.
    """
    seen = _pragma(connection, "user_version")
    if _pragma(connection, "application_id") != APPLICATION_ID and (
        seen or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    ):
        raise StoreError(f"{path} is the database of another program, not a file of studies")
    if seen > newest:
        raise StoreError(
            f"{path} was written by a newer jupyter_hpo (its tables are of version {seen}, "
            f"this release knows {newest}); upgrade jupyter_hpo to open it"
        )
    return seen


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    migrations: Sequence[Sequence[str]] = MIGRATIONS,
) -> None:
    """Bring a file to the newest version, in one transaction.

    Raises
    ------
    StoreError
        As `version`.
    """
    if version(connection, path, len(migrations)) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # asked again: another process may have migrated while this one waited for the lock
        for script in migrations[version(connection, path, len(migrations)) :]:
            for statement in script:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

"""The connection to a study file: opened when needed, one transaction at a time."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final, Literal
from weakref import WeakSet

from ..errors import StoreError
from .schema import migrate, version
from .trouble import explained

BUSY_TIMEOUT: Final = 2.0  # seconds to wait for another process's transaction
FOLDER: Final = ".jupyter_hpo"

_databases: WeakSet[Database] = WeakSet()
_of_parent: list[sqlite3.Connection] = []


class Database:
    """A study file. Any thread may use it; they take turns.

    Parameters
    ----------
    path : the file; it and its folder are made by the first transaction that creates.

    While `keep_open` is set, the connection stays open between transactions:
    closing the last one folds the write-ahead log back, which waits for the
    disk. Otherwise it is closed after each, and the file can be copied alone.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keep_open = False
        self._turn = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._usable = True
        _databases.add(self)

    @property
    def exists(self) -> bool:
        """Whether the file has been made; StoreError where even that cannot be seen."""
        with explained(self.path):
            return self._identity() is not None

    @contextmanager
    def transaction(self, mode: Literal["read", "write", "create"]) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end of the block, rolled back if it raises.

        Raises
        ------
        StoreError
            If the file cannot be opened, read or written; the next
            transaction starts afresh.
        """
        with explained(self.path), self._turn:
            connection = self._connected(mode)
            try:
                connection.execute("BEGIN" if mode == "read" else "BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # closed as well: after an I/O error SQLite's view of the file may be stale
                with suppress(sqlite3.Error):
                    connection.rollback()
                self._close()
                raise
            if not self.keep_open:
                self._close()

    def shrink(self, empty: int) -> None:
        """Give the disk back what the file does not use, if that is at least `empty` bytes.

        Nothing happens while others use the file.
        """
        with suppress(StoreError, sqlite3.Error, OSError), self._turn:
            with self.transaction("read") as db:
                free, size = (
                    int(db.execute(f"PRAGMA {name}").fetchone()[0])
                    for name in ("freelist_count", "page_size")
                )
            if free * size >= empty:
                connection = self._connected("write")
                try:
                    connection.execute("VACUUM")
                finally:
                    if not self.keep_open:
                        self._close()

    def close(self) -> None:
        """Close the connection, if one is open."""
        with self._turn:
            self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self, mode: Literal["read", "write", "create"]) -> sqlite3.Connection:
        if not self._usable:
            raise StoreError(
                f"{self.path} was open when this process was forked from another, which alone "
                "can use it; start processes by spawn to use the file in them"
            )
        if self._connection is not None:
            if self._identity() == self._file:
                return self._connection
            # deleted or replaced under us: what we wrote there would be lost in silence
            self._close()
        if mode == "create":
            _make_folder(self.path.parent)
        elif not self.exists:
            raise StoreError(f"the study file {self.path} does not exist any more")
        try:
            self._connection = self._open("mode=rwc" if mode == "create" else "mode=rw")
        except sqlite3.OperationalError as error:
            if mode != "read" or not _unwritable(error):
                raise
            # a write-ahead log needs files beside it; where none can be made, nobody writes
            self._connection = self._open("mode=ro&immutable=1")
        self._file = self._identity()
        return self._connection

    def _open(self, options: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?{options}",
            uri=True,
            timeout=BUSY_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.row_factory = sqlite3.Row
            # a stranger's file may hold text that is no UTF-8
            connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            version(connection, self.path)  # another program's file is left as it is
            if "immutable" not in options:
                _write_ahead(connection)
                migrate(connection, self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self.path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return status.st_dev, status.st_ino

    def forget(self) -> None:
        """Give up the connection without closing it, in a forked child.

        It is the parent's: SQLite forbids using or closing it here, and would
        take the locks it holds for those of any new connection to the file.
        """
        self._turn = threading.RLock()  # a thread that does not exist here may hold the old one
        self.keep_open = False
        if self._connection is not None:
            _of_parent.append(self._connection)
            self._connection = None
            self._usable = False


def _forget_all() -> None:
    for database in list(_databases):
        database.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Readers and the writer do not wait for each other, where the file system allows it."""
    # busy: another process is switching it on right now, and the mode is kept in the file
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL").fetchone()


def _unwritable(error: sqlite3.Error) -> bool:
    return error.sqlite_errorname.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY"))


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    if folder.name == FOLDER:
        # not in a folder the user named: its other files may be meant for the repository
        (folder / ".gitignore").write_text("*\n")

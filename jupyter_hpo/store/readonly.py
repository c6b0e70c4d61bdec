"""A study file that is only looked at: nothing is written, beside it neither.

For who reads files that others write, or that come from a stranger: a web
server, say. A kernel may write at the same time.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, Literal

from ..errors import StoreError
from .database import BUSY_TIMEOUT
from .schema import MIGRATIONS, migrate, version
from .trouble import explained

PATIENCE: Final = 20.0  # s that one look may take: a stranger's file may hold endless views
_STEPS: Final = 100_000  # of SQLite's machine between two looks at the clock
_IN_PLACE: Final = "mode=ro&immutable=1"  # SQLite makes no files beside it, and asks for no locks


class Overtaken(StoreError):
    """Another program wrote to the file while it was read; read it again."""


class ReadOnly:
    """A study file, with the part of `Database` that reads. Any thread may use it."""

    keep_open = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self._log = path.with_name(path.name + "-wal")

    @property
    def exists(self) -> bool:
        """Whether there is a file; StoreError where that cannot be seen, or it is something else.

        A link counts as something else: it may lead to what its reader may not see.
        """
        with explained(self.path):
            try:
                mode = os.lstat(self.path).st_mode
            except (FileNotFoundError, NotADirectoryError):
                return False
        if not stat.S_ISREG(mode):
            raise StoreError(f"{self.path} is not a file of studies (not a regular file)")
        return True

    @contextmanager
    def transaction(self, mode: Literal["read", "write", "create"]) -> Iterator[sqlite3.Connection]:
        """A look at the file as it is at one moment.

        Raises
        ------
        StoreError
            If it cannot be opened or read, or is to be written.
        Overtaken
            If somebody began to write to it meanwhile.
        """
        if mode != "read":
            raise StoreError(f"{self.path} is only looked at here, nothing is written to it")
        if not self.exists:
            raise StoreError(f"the study file {self.path} does not exist any more")
        with explained(self.path):
            before = self._sight()
            try:
                with closing(self._opened()) as connection:
                    connection.execute("BEGIN")
                    yield connection
            except sqlite3.Error as error:
                if before is None or self._sight() == before:
                    raise
                raise Overtaken(f"{self.path} is busy") from error
            if before is not None and self._sight() != before:
                raise Overtaken(f"{self.path} is busy")

    def close(self) -> None:
        """Nothing stays open."""

    def _sight(self) -> tuple[int, int, int] | None:
        """What changes when somebody writes to the file itself; None: there is a log for that."""
        # a kernel has it open, or died: what the log holds belongs to the data
        if self._log.exists():
            return None
        status = os.stat(self.path)
        return status.st_ino, status.st_size, status.st_mtime_ns

    def _opened(self) -> sqlite3.Connection:
        """A connection to tables of the newest version."""
        logged = self._log.exists()
        try:
            return self._current(self._connected("mode=ro" if logged else _IN_PLACE))
        except sqlite3.OperationalError as error:
            # the log is somebody else's: what it holds cannot be had
            if not logged or not error.sqlite_errorname.startswith(
                ("SQLITE_CANTOPEN", "SQLITE_READONLY")
            ):
                raise
            return self._current(self._connected(_IN_PLACE))

    def _connected(self, options: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?{options}",
            uri=True,
            timeout=BUSY_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
        )
        return _guarded(connection)

    def _current(self, source: sqlite3.Connection) -> sqlite3.Connection:
        """An older file is brought to the newest version in a copy, in memory."""
        try:
            if version(source, self.path) == len(MIGRATIONS):
                return source
            copy = _guarded(sqlite3.connect(":memory:", isolation_level=None))
            source.backup(copy)
            migrate(copy, self.path)
        except BaseException:
            source.close()
            raise
        source.close()
        return copy


def _guarded(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.row_factory = sqlite3.Row
    # a stranger's file may hold text that is no UTF-8
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    connection.execute("PRAGMA trusted_schema = OFF")
    end = time.monotonic() + PATIENCE
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    return connection

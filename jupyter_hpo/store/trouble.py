"""What SQLite and the operating system report, in a sentence for the user."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn every failure of the file at `path` into a StoreError."""
    try:
        yield
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise StoreError(_of_sqlite(error, path)) from error
    except OverflowError as error:
        raise StoreError(f"a whole number is too large to be stored in {path}") from error
    except OSError as error:
        raise StoreError(_of_system(error, path)) from error


def _of_sqlite(error: sqlite3.Error, path: Path) -> str:
    # the names of extended codes begin with that of the primary one: SQLITE_IOERR_WRITE
    code = getattr(error, "sqlite_errorname", "")
    if code.startswith("SQLITE_FULL"):
        return f"the disk is full: {path} cannot be written"
    if code.startswith("SQLITE_IOERR"):
        return f"{path} cannot be read or written: the disk is full, over its quota, or failing"
    if code.startswith("SQLITE_READONLY"):
        return f"{path} is read-only"
    if code.startswith("SQLITE_CANTOPEN"):
        return f"{path} cannot be opened; may its folder be read and written?"
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path} is busy: another program has been writing to it for seconds"
    if code.startswith("SQLITE_INTERRUPT"):
        return f"{path} takes too long to be read"
    if code.startswith("SQLITE_NOTADB"):
        return f"{path} is not a file of studies (not an SQLite database)"
    if code.startswith("SQLITE_CORRUPT"):
        return f"{path} is damaged ({error})"
    return f"{path} cannot be used: {error}"


def _of_system(error: OSError, path: Path) -> str:
    where = error.filename or path
    if error.errno in _FULL:
        return f"the disk is full: {where} cannot be written"
    if error.errno == errno.EROFS:
        return f"{where} cannot be written: the disk is read-only"
    return f"{where} cannot be used: {(error.strerror or str(error)).lower()}"

"""Who runs a study: locks of the operating system, which die with their process."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from filelock import BaseFileLock

# A reader that asks who runs a study takes the lock for an instant; so long is that waited out.
PATIENCE: Final = 0.25  # seconds


class Locks:
    """One lock file for each study, ``<id>.lock`` in `folder`.

    Parameters
    ----------
    read_only : whether locks are only looked at, and no file is opened for writing.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder, self._read_only = folder, read_only
        self._process = os.getpid()
        self._own: dict[int, BaseFileLock] = {}

    @property
    def own(self) -> dict[int, BaseFileLock]:
        """The locks this process holds by study; a forked child holds none of its parent's."""
        if self._process != os.getpid():
            self._process, self._own = os.getpid(), {}
        return self._own

    def take(self, study_id: int) -> bool:
        """Take the lock of a study; False if another holds it.

        Raises
        ------
        OSError
            If the lock file cannot be made.
        """
        if study_id in self.own:
            return True
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = _acquired(self._path(study_id), PATIENCE)
        if lock is None:
            return False
        self.own[study_id] = lock
        return True

    def give(self, study_id: int, *, remove: bool = False) -> None:
        """Release the lock of a study if this process holds it; `remove`: for good."""
        lock = self.own.pop(study_id, None)
        if lock is not None:
            if remove:
                with suppress(OSError):  # Windows keeps a file that is open
                    self._path(study_id).unlink()
            lock.release()

    def taken(self, study_id: int) -> bool:
        """Whether anyone holds the lock of a study, this process included."""
        if study_id in self.own:
            return True
        path = self._path(study_id)
        if not os.path.exists(path):
            return False
        if self._read_only:
            return _seen_taken(path)
        try:
            lock = _acquired(path, 0)
        except OSError:  # somebody else's folder: whoever runs the study there, we cannot know
            return False
        if lock is None:
            return True
        lock.release()
        return False

    def _path(self, study_id: int) -> Path:
        return self.folder / f"{study_id}.lock"


def _acquired(path: Path, patience: float) -> BaseFileLock | None:
    from filelock import FileLock, Timeout

    # not per thread: a study may be released by another thread than the one that took it
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=patience, poll_interval=0.01)
    except Timeout:
        return None
    return lock


def _seen_taken(path: Path) -> bool:
    """Whether a lock file is locked, without opening it for writing."""
    try:
        import fcntl
    except ImportError:  # Windows: a file that is locked cannot be read
        try:
            path.read_bytes()
        except OSError:
            return True
        return False
    try:
        # a link may lead anywhere, a pipe would be waited for
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False

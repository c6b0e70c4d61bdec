"""Tracebacks as the user of a plain cell would see them: without our frames."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

_HOME = str(Path(__file__).parent)
_LIBRARIES = tuple(
    sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


def is_users(file: str) -> bool:
    """Whether code of a file is of a cell or a module of the user's, and of no library."""
    if file.startswith((_HOME, *_LIBRARIES, "<frozen")):
        return False
    return "site-packages" not in file and "dist-packages" not in file


def without_ours(tb: TracebackType | None) -> TracebackType | None:
    """The traceback without this package's frames; whole if nothing else would be left."""
    kept = []
    here = tb
    while here is not None:
        if not here.tb_frame.f_code.co_filename.startswith(_HOME):
            kept.append(here)
        here = here.tb_next
    while kept and "__tracebackhide__" in kept[0].tb_frame.f_locals:
        del kept[0]
    if not kept:
        return tb
    chain: TracebackType | None = None
    for part in reversed(kept):
        chain = TracebackType(chain, part.tb_frame, part.tb_lasti, part.tb_lineno)
    return chain


def text(error: BaseException, title: Callable[[str], str | None] = lambda name: None) -> str:
    """A traceback as text.

    Parameters
    ----------
    title : what to call a file: the name of a cell ("Cell In[3]"), or None for its own.
    """
    try:
        told = traceback.TracebackException(
            type(error), error, without_ours(error.__traceback__), compact=True
        )
        lines = "".join(told.format()).rstrip()
    except Exception as trouble:  # noqa: BLE001  # an exception whose __str__ raises
        return f"{type(error).__name__} (its message cannot be shown: {trouble!r})"
    for frame in told.stack:
        name = title(frame.filename)
        if name is not None:
            lines = lines.replace(f'File "{frame.filename}"', name)
    return lines


def summary(error: BaseException) -> str:
    """Type and the message's first line."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # noqa: BLE001  # an exception whose __str__ raises
        lines = []
    name = type(error).__name__
    return f"{name}: {lines[0]}" if lines else name

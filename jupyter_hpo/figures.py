"""A trial's pyplot figures, kept apart from the user's."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def figures() -> Iterator[None]:
    """Put the user's open pyplot figures aside while a trial runs.

    What the trial draws without naming a figure then goes into one of its own.
    At the end its figures are shown, where the notebook shows figures inline,
    and closed; then the user's are open again, the current one included.
    Nothing happens unless pyplot is imported, then or by the trial.
    """
    managers = _open()
    mine = {} if managers is None else dict(managers)
    if managers is not None:
        managers.clear()
    try:
        yield
    finally:
        managers = _open()
        if managers:
            # The trial may have made one of the user's current; it must not be closed.
            kept = {id(manager) for manager in mine.values()}
            for number in [n for n, manager in managers.items() if id(manager) in kept]:
                del managers[number]
        if managers:
            _show_and_close()
        if managers is not None:
            managers.update(mine)


def _open() -> Any:
    """Open figures in pyplot's own table, an ordered dict whose last entry is current."""
    if "matplotlib.pyplot" not in sys.modules:
        return None
    return sys.modules["matplotlib._pylab_helpers"].Gcf.figs


def _show_and_close() -> None:
    plt = sys.modules["matplotlib.pyplot"]
    try:
        if "inline" in plt.get_backend().lower():
            from matplotlib_inline import backend_inline

            inline: Any = backend_inline
            inline.show(close=True)
    except Exception as error:  # noqa: BLE001 - drawing runs any code of the user's
        # As in a plain cell, a figure that cannot be drawn does not fail what made it.
        warnings.warn(f"a figure of this trial could not be drawn: {error}", stacklevel=2)
    finally:
        plt.close("all")

"""A trial's pyplot figures, kept apart from the user's."""

from __future__ import annotations

import sys
import warnings
from typing import Any

from .layers import Layer


class Figures(Layer):
    """Open pyplot figures: the user's are put aside while a trial runs.

    What the trial draws without naming a figure then goes into one of its own;
    half-drawn ones are put aside while it is parked. At the end its figures are
    shown, where the notebook shows figures inline, and closed; then the user's
    are open again, the current one included. Nothing happens unless pyplot is
    imported, then or by the trial.
    """

    def __init__(self) -> None:
        self._users: dict[Any, Any] = {}
        self._trials: dict[Any, Any] = {}

    def enter(self) -> None:
        self._users = self._exchange(self._trials)

    def leave(self) -> None:
        self._trials = self._exchange(self._users)

    def end(self) -> None:
        managers = _open()
        if managers:
            # The trial may have made one of the user's current; it must not be closed.
            kept = {id(manager) for manager in self._users.values()}
            for number in [n for n, manager in managers.items() if id(manager) in kept]:
                del managers[number]
        if managers:
            _show_and_close()
        if managers is not None:
            managers.update(self._users)

    @staticmethod
    def _exchange(put: dict[Any, Any]) -> dict[Any, Any]:
        """Open `put` in the place of the figures that are open, which are returned."""
        managers = _open()
        if managers is None:
            return {}
        taken = dict(managers)
        managers.clear()
        managers.update(put)
        return taken


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

"""What a trial prints and displays in a cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..capture import Captured, Printed


class CellOutput(Captured):
    """Takes what a trial prints and displays.

    Parameters
    ----------
    publisher : IPython's, through which displays go.
    show : whether all of it is let through to the cell as well.
    """

    def __init__(self, publisher: Any, *, show: bool) -> None:
        super().__init__(show=show)
        self._publisher = publisher
        self._undo: Callable[[], None] = lambda: None

    def enter(self) -> None:
        self._undo = _intercept(self._publisher, self.printed, self._show)
        # a training loop that clears its own output must not clear the study's view
        self._publisher.clear_output = lambda wait=False: self.printed.clear()
        super().enter()

    def leave(self) -> None:
        super().leave()
        vars(self._publisher).pop("clear_output", None)
        self._undo()
        self._undo = lambda: None


def _intercept(publisher: Any, printed: Printed, show: bool) -> Callable[[], None]:
    """Note displays as text and, unless shown, swallow them; returns what undoes it."""

    def note(data: Any) -> None:
        text = data.get("text/plain") if isinstance(data, dict) else None
        printed.add(f"{text}\n" if isinstance(text, str) else "")

    if hasattr(publisher, "register_hook"):

        def hook(message: Any) -> Any:
            note(message.get("content", {}).get("data"))
            return message if show else None

        publisher.register_hook(hook)
        return lambda: publisher.unregister_hook(hook)

    publish = publisher.publish

    def instead(data: Any, *args: Any, **kwargs: Any) -> None:
        note(data)
        if show:
            publish(data, *args, **kwargs)

    publisher.publish = instead
    return lambda: delattr(publisher, "publish")

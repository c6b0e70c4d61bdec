"""Buttons beside the plain view, of stock ipywidgets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from ..errors import TuneError
from ..record import StudyState
from ..study import Study
from . import words

_TIPS = {
    "Pause": "Park the running trial where it stands; the kernel is yours",
    "Resume": "Go on from the very line, in the background",
    "Skip": "End this trial and go on with the next",
    "Stop": "End the study and keep everything",
}
# All of one width: Skip and Stop must not move when Pause turns into Resume.
_BUTTON = {"width": "76px", "margin": "0 4px 0 0", "flex": "0 0 auto"}
_ROW = {
    "align_items": "center",
    "margin": "0 0 2px 6px",
    "min_height": "34px",
    "overflow": "hidden",
}
# The table stands where JupyterLab puts plain HTML, which it is in the end.
_WHOLE = {"margin": "0", "overflow": "hidden"}
_TABLE = {"margin": "0 20px 0 0", "overflow": "hidden"}
# Two lines of it are no higher than the buttons: the view below stays where it is.
_SAYS = (
    '<div style="line-height:1.15;margin-left:8px;overflow-wrap:anywhere" role="status">{}</div>'
)


class Panel:
    """The table of a study with its buttons above.

    What a click does may be called on any thread, and only asks.

    Parameters
    ----------
    study : the buttons are for it.
    clicked : called when a click has been heard, on the same thread.
    """

    def __init__(self, study: Study, clicked: Callable[[], None]) -> None:
        self._study, self._clicked = study, clicked
        self._error = ""  # what the last click raised
        self._lock = threading.Lock()
        self._closed = False
        self._table = widgets.HTML(layout=_TABLE)
        self._pause = _button("Pause")
        self._skip = _button("Skip")
        self._stop = _button("Stop")
        self._says = widgets.HTML(layout={"margin": "0", "flex": "1 1 0", "min_width": "0"})
        self._row = widgets.HBox([self._pause, self._skip, self._stop, self._says], layout=_ROW)
        self.widget = widgets.VBox([self._row, self._table], layout=_WHOLE)
        self._pause.on_click(self._guarded(self._toggle))
        self._skip.on_click(self._guarded(study.skip))
        self._stop.on_click(self._guarded(study.stop))

    @property
    def view(self) -> dict[str, Any]:
        """The data of a widget's view, for a display."""
        return {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}

    def show(self, table: str, message: str) -> None:
        """Show the study as it is now, with a message beside the buttons."""
        with self._lock:
            if self._closed:  # by another thread, in the meantime
                return
            controls = self._study.sitting.controls
            paused = self._study.state == StudyState.PAUSED
            word = "Resume" if paused else "Pause"
            if self._pause.description != word:
                self._pause.description, self._pause.tooltip = word, _TIPS[word]
                self._pause.button_style = "primary" if paused else ""
            # as little as possible: a button that is disabled loses the keyboard's focus
            self._pause.disabled = self._stop.disabled = controls.stopped
            self._skip.disabled = controls.stopped or (paused and controls.running is None)
            if controls.stopped:
                message = "stopping…"
            elif controls.skipped:
                message = f"ending trial {controls.running}…"
            self._says.value = _SAYS.format(words.escape(self._error or message, 500))
            self._table.value = table

    def close(self, table: str) -> None:
        """Leave the table alone: a page that was opened later knows no other display."""
        with self._lock:
            self._closed = True
            self._table.value = table
            self.widget.children = [self._table]
            for each in (self._pause, self._skip, self._stop, self._says, self._row):
                each.close()  # ipywidgets keeps what is open, and with it the study

    def _toggle(self) -> None:
        if self._study.state == StudyState.PAUSED:
            self._study.resume()
        else:
            self._study.pause()

    def _guarded(self, act: Callable[[], None]) -> Callable[[Any], None]:
        def clicked(button: Any) -> None:
            self._error = ""
            try:
                act()
            except TuneError as error:
                self._error = str(error)
            self._clicked()

        return clicked


def _button(word: str) -> Any:
    return widgets.Button(description=word, tooltip=_TIPS[word], layout=_BUTTON)

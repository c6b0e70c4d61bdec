"""The widget of a study, for front ends without our own extension: VS Code, Colab and others."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

SCRIPT: Final = Path(__file__).parent / "assets" / "view.js"
MIME: Final = "application/vnd.jupyter.widget-view+json"


class NotBuilt(Exception):
    """The view's script is missing: this is a checkout in which nothing has been built."""


@cache
def _widget_class() -> type[Any]:
    """Made when first wanted: a study that no page shows imports no widgets."""
    import anywidget

    try:
        script = SCRIPT.read_text("utf-8")
    except OSError as error:
        raise NotBuilt(f"{SCRIPT} cannot be read ({error}); install jupyter_hpo again") from None

    class StudyWidget(anywidget.AnyWidget):
        """All of it goes by custom messages, see `labextension/src/view/protocol.ts`."""

        _esm = script

    return StudyWidget


def widget() -> Any:
    """A new one.

    Raises
    ------
    NotBuilt, ImportError
        If there is no script for it, or no anywidget.
    """
    return _widget_class()()


def view(shown: Any) -> dict[str, Any]:
    """The data of a widget's view, for a display."""
    return {"version_major": 2, "version_minor": 0, "model_id": shown.model_id}

"""Pages that our own extension shows a study in: each opens a comm to the kernel.

The extension finds the study by the name in the bundle that the notebook
holds, whether that was displayed a moment ago or before the page was loaded. Where nobody
answers, the page shows what the notebook has kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from ..study import Study
from .live import Attendant, LiveView
from .window import Window
from .wire import TARGET, uid


class Page:
    """A comm as the attendant knows widgets: it answers for it while a cell runs."""

    keys = ()

    def __init__(self, comm: Any) -> None:
        self.comm = comm


class Pages:
    """Takes in the pages that ask for a study of this kernel.

    Parameters
    ----------
    comms : ipykernel's comm manager.
    attendant : keeps comms alive while a cell runs.
    studies : gives the studies of this kernel.
    """

    def __init__(
        self, comms: Any, attendant: Attendant, studies: Callable[[], Iterable[Study]]
    ) -> None:
        self._comms, self._attendant, self._studies = comms, attendant, studies
        comms.register_target(TARGET, self._opened)

    def close(self) -> None:
        """Take in no more."""
        with suppress(Exception):  # unknown to this kernel, or gone with it
            self._comms.unregister_target(TARGET, self._opened)

    def _opened(self, comm: Any, message: Any) -> None:
        study = self._wanted(message["content"].get("data", {}).get("uid"))
        if study is None:
            comm.close()  # another kernel's: the page shows what the notebook has kept
            return
        page = Page(comm)
        window = Window(study, comm.send, lambda: view_of(study).clicked())
        self._attendant.watch(page)

        def left(_: Any) -> None:
            window.close()
            self._attendant.forget(page)
            view_of(study).remove(window)

        comm.on_msg(lambda each: window.heard(each["content"]["data"]))
        comm.on_close(left)
        view_of(study).add(window)

    def _wanted(self, wanted: Any) -> Study | None:
        """The study of that uid."""
        studies = list(self._studies())
        return next((each for each in studies if uid(each.record.info) == wanted), None)


def view_of(study: Study) -> LiveView:
    """What follows a study of this kernel; it may have moved to another cell."""
    assert isinstance(study.view, LiveView)
    return study.view

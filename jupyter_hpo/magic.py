"""``%%tune``: a cell becomes a study; ``%tune``: what can be done with studies."""

from __future__ import annotations

import atexit
import builtins
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from . import options, verbs
from .building import Builder
from .cell import Cell
from .context import refuse_inside_trial
from .controls import Controls
from .errors import StudyError, StudyInterrupted, UsageError
from .expand import expand
from .failures import FirstTrialFailed
from .interrupts import on_main_thread
from .kernel import KernelHost
from .places import Place
from .reading import Reader
from .record import StudyInfo, StudyState
from .sitting import Sitting
from .study import Study
from .turns import Turns
from .view.live import LiveView
from .view.pages import Pages
from .view.panels import Panels
from .view.text import line as one_line
from .view.text import summary
from .view.wire import PANEL

DEFAULT_NAME = "study"


class Tuner:
    """Runs ``%%tune`` cells and ``%tune`` lines of one IPython shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.host = KernelHost(shell)
        self.reader = Reader(shell, self.host)
        self.builder = Builder(shell, self.host, Turns(self.host, self._failed_in_background))
        self.studies: dict[str, Study] = {}
        self._asked: dict[str, Any] = {}  # options of these, by name
        self._process = os.getpid()
        self._pages: Pages | None = None
        self._panels: Panels | None = None
        if self.host.attendant is not None and self.host.comms is not None:
            attendant = self.host.attendant
            self._pages = Pages(self.host.comms, attendant, self._every)
            connect = partial(self.host.connect, PANEL)
            self._panels = Panels(connect, attendant, self._every, self.builder.renamed)
            if not self.host.headless:
                self._panels.open()
        atexit.register(self.close)

    def _every(self) -> list[Study]:
        return list(self.studies.values())

    def close(self) -> None:
        """End the trials that are parked, so that what they opened is closed."""
        atexit.unregister(self.close)
        for each in (self._pages, self._panels):
            if each is not None:
                each.close()
        if os.getpid() == self._process:
            for study in self.studies.values():
                with suppress(Exception):  # one that cannot be ended keeps no other from it
                    study.suspend()
        self.host.close()

    @property
    def namespace(self) -> dict[str, Any]:
        """The notebook's variables."""
        names: dict[str, Any] = self.shell.user_ns
        return names

    def place(self, store: str | None = None) -> Place:
        """Where studies of this notebook are stored."""
        return self.builder.place(store)

    def line(self, line: str) -> Any:
        """``%tune VERB [NAME]``."""
        return verbs.run(self, expand(options.split(line), self.namespace))

    def tune(self, line: str, text: str) -> None:
        """``%%tune [NAME] [options]`` above a cell."""
        refuse_inside_trial("%%tune")
        controls = Controls(parks=on_main_thread())
        study: Study | None = None
        try:
            # from the first line of the cell to the view's last update and the closing of the file
            with self.host.listen(controls):
                study = self._tune(line, text, controls)
        except KeyboardInterrupt:
            if not controls.interrupted:  # raised by the cell's own code
                raise
        if study is not None:
            say_how_it_ended(study)
        if controls.pressed and (study is None or not study.live):
            # before the study began, or too late for it
            when = f"{study.name!r} was {study.state}" if study else "had not begun"
            raise StudyInterrupted(f"study {when} when the interrupt came")

    def _tune(self, line: str, text: str, controls: Controls) -> Study | None:
        """The study of a cell when the cell is done with it; None if it did not begin."""
        asked = options.parse(expand(options.split(line), self.namespace))
        raw = f"%%tune {line}".rstrip() + "\n" + text
        cell, filename = self.reader.read(raw, text, asked)
        if asked.trials == 0:
            print(self.builder.describe(cell, asked))
            return None
        name = asked.name or DEFAULT_NAME
        self._refuse_name(name, cell)
        self._refuse_place(name, asked, controls)
        if controls.pausing:
            return None
        study = self._gone_on(name, cell, filename, raw, asked)
        if study is None:
            former = self.studies.get(name)
            study = self.builder.build(name, cell, filename, raw, asked, controls, former)
            # last in the table: a verb without a name means the study that was started last
            self.studies.pop(name, None)
            self.studies[name] = self.namespace[name] = study
            self._asked[name] = asked
        else:
            self.studies[name] = self.studies.pop(name)
        self._run(study, asked)
        return study

    def _gone_on(self, name: str, cell: Cell, filename: str, raw: str, asked: Any) -> Study | None:
        """The study to go on with from the very line, if ``--resume`` means one of this kernel."""
        study = self.studies.get(name)
        if study is None or not study.live or not asked.resume:
            return None
        if continues(study.record.info, self._asked[name], cell, asked):
            if asked.trials is not None or asked.budget is not None:
                study.sitting.runner.spend(asked.trials, asked.budget or "")
            return study
        self.builder.refuse(study.record.info, cell, filename, raw, asked)
        study.stop()  # its trial is run again, from the start
        return None

    def _refuse_place(self, name: str, asked: Any, controls: Controls) -> None:
        """Refuse what this thread or program cannot do, before anything is begun or ended."""
        if asked.background and not (self.host.has_loop and controls.parks):
            raise UsageError("--background needs a notebook's kernel, and its main thread")
        former = self.studies.get(name)
        if former is not None and former.live and not controls.parks:
            raise UsageError(
                f"study {name!r} is live on the kernel's main thread; give this one another name"
            )

    def _refuse_name(self, name: str, cell: Cell) -> None:
        held = self.namespace.get(name, getattr(builtins, name, None))
        if name == cell.metric or name in cell.space.names:
            why = "the cell uses that name"
        elif held is not None and not isinstance(held, Study):
            why = f"that name holds {_a(held)}"
        else:
            return
        raise UsageError(
            f"the study cannot be called {name!r}: {why}; give it another, as in "
            "`%%tune my_study …`"
        )

    def bind(self, params: Mapping[str, Any]) -> None:
        """Set variables of the notebook."""
        self.builder.bind(params)

    def _run(self, study: Study, asked: Any) -> None:
        shown = self.host.in_kernel and not asked.quiet
        study.sitting.changed = lambda: None  # what another cell was told is told here
        try:
            if self.host.in_kernel:
                attendant = None if self.host.headless else self.host.attendant
                LiveView(study, attendant).begin(show=shown)
                if self._panels is not None and attendant is not None:
                    self._panels.follow(study)
            if asked.background:
                study.sitting.begin()
            else:
                study.sitting.drive()
            if asked.quiet and study.live:
                _say_later(study.sitting)
        finally:
            if not shown and not asked.background:
                print(one_line(study.record) if asked.quiet else summary(study.record))

    def _failed_in_background(self, sitting: Sitting, error: BaseException) -> None:
        """Show what a study raised in the output of its cell."""
        if isinstance(error, FirstTrialFailed):
            error = sitting.told(error.exception)
        with sitting.addressed():
            self.shell.showtraceback((type(error), error, error.__traceback__))


def continues(info: StudyInfo, before: Any, cell: Cell, asked: Any) -> bool:
    """Whether a cell with ``--resume`` is that of a study, and its options say nothing new.

    Parameters
    ----------
    before : the options that the study was started with.
    """
    anew = {"resume", "trials", "budget", "background", "quiet", "name", "run"}
    given = {
        key: value
        for key, value in vars(asked).items()
        if value is not None and value is not False and key not in anew
    }
    return (
        info.source == cell.body
        and info.space == cell.space.to_json()
        and asked.run in (None, info.run)
        and all(getattr(before, key) == value for key, value in given.items())
    )


def _say_later(sitting: Sitting) -> None:
    """Print the one line of a quiet study that ends behind the cells that follow."""
    shown = sitting.changed

    def changed() -> None:
        shown()
        if not sitting.live:
            with sitting.addressed():
                print(one_line(sitting.runner.record))

    sitting.changed = changed


def say_how_it_ended(study: Study) -> None:
    """Raise what tells the user, and the cells that wait, that a study is not finished."""
    info, finished = study.record.info, study.record.finished
    of = f"{finished} of {info.total}" if info.total else str(finished)
    if info.state is StudyState.PAUSED:
        why = f": {info.message}" if info.message else ""
        where = "Resume, or `%tune resume`, goes on from there"
        go_on = where if study.live else f"`%%tune {info.name} … --resume` goes on with it"
        said = f"study {info.name!r} is paused after {of} trials{why}. {go_on}"
        # not the user's wish, but what the trials made necessary
        raise StudyError(said) if study.sitting.controls.paused_because else StudyInterrupted(said)
    if info.state is StudyState.FAILED:
        raise StudyError(f"study {info.name!r} has failed: {info.message}")


def _a(held: Any) -> str:
    """What a name holds, for a message."""
    if isinstance(held, type):
        return f"the class {held.__name__}"
    if callable(held):
        return f"the function {getattr(held, '__name__', held)}"
    return f"a {type(held).__name__}"

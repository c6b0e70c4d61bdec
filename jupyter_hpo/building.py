"""From a cell and its options to a study that is ready to run in this kernel."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from . import guarded, hints, optimizers, pruners
from .adviser import Adviser
from .applied import like
from .bench import Settings
from .cell import Cell
from .cell.body import CellBody
from .controls import Controls
from .errors import StoreError, StudyError
from .executors import KernelExecutor
from .guard import copies
from .interrupts import NUDGE
from .journal import Journal
from .kernel import KernelHost
from .launch import Request, launch, pruner_of, refuse_other, refuse_without
from .parking import Parking, Standing
from .places import Place
from .protocols import Optimizer, Pruner
from .reading import as_plain_cell
from .record import StudyInfo
from .runner import Runner
from .sitting import Background, Sitting
from .store import Store
from .study import Study


class Builder:
    """Builds studies of one IPython shell.

    Parameters
    ----------
    background : what runs them behind the user's cells.
    """

    def __init__(self, shell: InteractiveShell, host: KernelHost, background: Background) -> None:
        self.shell, self.host, self.background = shell, host, background

    @property
    def _names(self) -> dict[str, Any]:
        names: dict[str, Any] = self.shell.user_ns
        return names

    def place(self, store: str | None = None) -> Place:
        """Where studies of this notebook are stored."""
        return Place.of(self.host.notebook(), store)

    def renamed(self, path: str) -> None:
        """A page has the notebook open under this path: what is stored of it goes by its name."""
        former, now = self.host.whereabouts.told(path), self.host.notebook()
        if former is None or now is None or former.parent != now.parent:
            return  # another folder has a file of its own
        store = Place.of(now).store()
        with suppress(StoreError):  # `--resume` says then under which name they are
            if store is not None:
                store.rename(former.name, now.name)

    def _adopt(self, place: Place, store: Store, name: str) -> None:
        """Take over the study of a notebook that is gone: this one, renamed where nobody told."""
        now = self.host.notebook()
        with suppress(StoreError):  # what comes next says so
            if now is None or not now.exists() or place.path != Place.of(now).path:
                return
            known = {each.notebook for each in store.list() if each.name == name}
            gone = [each for each in known if each and not (now.parent / each).exists()]
            if now.name not in known and len(gone) == 1:
                store.rename(gone[0], now.name)

    def bind(self, params: Mapping[str, Any]) -> None:
        """Set variables of the notebook, those that hold tensors to tensors."""
        held = self._names
        held.update({name: like(held.get(name), value) for name, value in params.items()})

    def build(
        self,
        name: str,
        cell: Cell,
        filename: str,
        raw: str,
        asked: Any,
        controls: Controls,
        former: Study | None,
    ) -> Study:
        """A new run of a study, or the stored one that is to go on.

        Parameters
        ----------
        former : the study of that name in this kernel; it is stopped and kept.

        Raises
        ------
        TuneError
            If an option is wrong, or there is nothing to go on with; `former` is as before.
        """
        place = self.place(asked.store)
        store = place.store()
        if store is not None and asked.resume:
            _refuse_unsaved(former)
            self._adopt(place, store, name)
        notes = hints.hints(cell, asked)
        if store is not None and not asked.resume:
            notes += hints.set_aside(store, place.notebook, name)
        if former is not None and former.live:
            notes.append(hints.kept_aside(former.record, stored=store is not None))
        info = _info(name, cell, raw, asked, place.notebook, notes)
        request = Request(
            self._optimizer(asked.optimizer),
            asked.trials,
            asked.seed,
            asked.resume,
            asked.run,
            self._pruner(asked.pruner),
            self._names,
            asked.budget,
        )
        body, guard = self._body(cell, filename, asked)
        journal, optimizer, earlier = launch(request, info, cell.space, store)
        if former is not None and former.live:
            _retire(former, journal)
        if asked.resume:
            _hand_over(former, journal, asked.keep or ())
        info = journal.record.info
        parking = self._parking(controls)
        parking.outermost = guard
        guard.space = lambda: journal.space or cell.space
        runner = Runner(
            journal,
            Adviser(journal, optimizer, named=request.named, variables=self._names),
            KernelExecutor(body, self.host, cell.metric, maximize=info.maximize),
            self.host,
            _settings(asked, place.directory(name, info.run, journal.study_id)),
            pruner_of(request, info),
            parking=parking,
            around=guard,
        )
        outside = runner.restore(earlier)
        if outside and not info.edits:  # there is a note of edits that says so
            journal.note(f"{outside} earlier trials lie outside the search space as it is now.")
        sitting = Sitting(runner, self.host, self.background)
        sitting.told = lambda error: as_plain_cell(self.shell, error)
        return Study(journal, sitting, self.bind)

    def describe(self, cell: Cell, asked: Any) -> str:
        """The study as ``--trials 0`` describes it; UsageError where `build` would raise it."""
        pruner = self._pruner(asked.pruner)
        if isinstance(pruner, str):
            pruners.create(pruner)
        return hints.dry_run(cell, asked, self._optimizer(asked.optimizer), self._names)

    def refuse(self, former: StudyInfo, cell: Cell, filename: str, raw: str, asked: Any) -> None:
        """Raise what `build` would, before a study is stopped for its cell to go on with it."""
        refuse_other(former, _info(former.name, cell, raw, asked, former.notebook, []))
        chosen = self._optimizer(asked.optimizer)
        if isinstance(chosen, str):
            optimizers.create(chosen, cell.space, seed=asked.seed or 0, variables=self._names)
        pruner = self._pruner(asked.pruner)
        if isinstance(pruner, str):
            pruners.create(pruner)
        self._body(cell, filename, asked)
        refuse_without(self.place(asked.store).store(), former, asked.run)

    def _pruner(self, text: str | None) -> str | Pruner | None:
        """The pruner's name, or what the notebook variable of that name holds."""
        held = self._names.get(text) if text else None
        return held if isinstance(held, Pruner) and not isinstance(held, type) else text

    def _body(
        self, cell: Cell, filename: str, asked: Any
    ) -> tuple[CellBody, guarded.SharedObjects]:
        fresh, shared = asked.fresh or (), asked.shared or ()
        guard = guarded.SharedObjects(cell, self._names, fresh, shared, self._cells)

        def renewed() -> dict[str, Any]:
            return copies(fresh, self._names, used=cell.reads)

        renewed()  # once now: what cannot be copied is an error of the line, not of a trial
        code = cell.compile(filename, self.shell.compile.flags)
        return CellBody(cell, code, self._names, renewed), guard

    def _cells(self) -> object:
        """Says by another value that a cell of the user's may have run; one that awaits may."""
        return object() if self.host.busy else self.host.cells

    def _parking(self, controls: Controls) -> Standing:
        if not controls.parks:  # on a subshell's thread no signal reaches a trial
            return Standing(controls)
        # the environment variable is for tests: it leaves what there is on Windows
        traces = os.environ.get("JUPYTER_HPO_TRACE", "1") != "0" and NUDGE is not None
        return Parking(controls, self.host.is_users, traces=traces)

    def _optimizer(self, text: str | None) -> str | Optimizer | None:
        """The optimizer's name, or what the notebook variable of that name holds."""
        held = self._names.get(text) if text else None
        return held if isinstance(held, Optimizer) else text


def _info(
    name: str, cell: Cell, raw: str, asked: Any, notebook: str, notes: list[str]
) -> StudyInfo:
    return StudyInfo(
        name,
        cell.metric,
        asked.maximize is not None,
        "",
        0,
        asked.trials,
        cell.space.to_json(),
        notebook=notebook,
        source=cell.body,
        cell=raw,
        created=time.time(),
        notes=tuple(notes),
    )


def _retire(former: Study, journal: Journal) -> None:
    """Stop a study whose cell is run again; one that does not end is left parked."""
    try:
        former.stop()
    except StudyError as error:
        journal.note(f"{error}.")


def _hand_over(former: Study | None, journal: Journal, keep: Sequence[str]) -> None:
    """What ``--keep`` holds of the best trial goes along, or it is said that it is gone."""
    best = journal.record.best
    if best is None:
        return
    if former is not None and former.kept_in(journal.store):
        held, run = former.record.best, former.record.info.run
        if held is not None and (run, held.number) == (journal.record.info.run, best.number):
            best = replace(best, namespace=held.namespace)
            journal.record.put(best)
    lost = ", ".join(f"`{name}`" for name in keep if name not in (best.namespace or {}))
    if lost:
        journal.note(
            f"--keep has no {lost} of trial {best.number}, the best of those before: variables "
            "are held in their kernel alone, and only if that was asked for then."
        )


def _refuse_unsaved(former: Study | None) -> None:
    """A study that is in this kernel's memory alone cannot be read anew."""
    if former is not None and not former.live and (why := former.store_again()):
        raise StoreError(
            f"study {former.name!r} has trials that are in this kernel's memory alone, where "
            f"--resume does not find them: {why}"
        )


def _settings(asked: Any, directory: Path | None) -> Settings:
    return Settings(
        keep=asked.keep or (),
        retries=asked.retries or 0,
        max_failures=asked.max_failures,
        timeout=asked.timeout,
        baseline=not asked.no_baseline,
        device=asked.device,
        directory=directory,
    )

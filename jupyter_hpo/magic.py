"""``%%tune``: a cell becomes a study."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from types import CodeType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from . import guarded, hints, options, verbs
from .cell import Cell, leading_imports, parse, read_cell
from .cell.body import CellBody
from .cell.names import reads
from .context import refuse_inside_trial
from .controls import Controls
from .errors import CellError, StudyError, StudyInterrupted, UsageError
from .executors import KernelExecutor
from .expand import expand
from .guard import copies, global_writes
from .kernel import KernelHost
from .launch import Request, launch
from .places import Place
from .protocols import Optimizer
from .record import StudyInfo, StudyState
from .runner import FirstTrialFailed, Runner, Settings
from .scalar import ObjectiveError
from .study import Study
from .tracebacks import without_ours
from .view.live import LiveView
from .view.text import line as one_line
from .view.text import summary

DEFAULT_NAME = "study"


class Tuner:
    """Runs ``%%tune`` cells and ``%tune`` lines of one IPython shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.host = KernelHost(shell)
        self.studies: dict[str, Study] = {}

    @property
    def namespace(self) -> dict[str, Any]:
        """The notebook's variables."""
        names: dict[str, Any] = self.shell.user_ns
        return names

    def place(self, store: str | None = None) -> Place:
        """Where studies of this notebook are stored."""
        return Place.of(self.host.notebook(), store)

    def line(self, line: str) -> Any:
        """``%tune VERB [NAME]``."""
        return verbs.run(self, expand(options.split(line), self.namespace))

    def tune(self, line: str, text: str) -> None:
        """``%%tune [NAME] [options]`` above a cell."""
        refuse_inside_trial("%%tune")
        controls = Controls()
        study: Study | None = None
        try:
            # from the first line of the cell to the view's last update and the closing of the file
            with self.host.listen(controls):
                study = self._tune(line, text, controls)
        except KeyboardInterrupt:
            if not controls.interrupted:  # raised by the cell's own code
                raise
        if study is not None:
            self._say_how_it_ended(study)
        if controls.interrupted:  # before the study began, or too late for it
            when = f"{study.name!r} was {study.state}" if study else "had not begun"
            raise StudyInterrupted(f"study {when} when the interrupt came")

    def _tune(self, line: str, text: str, controls: Controls) -> Study | None:
        """The study of a cell when it no longer runs; None if it did not begin."""
        asked = options.parse(expand(options.split(line), self.namespace))
        raw = f"%%tune {line}".rstrip() + "\n" + text
        cell, filename = self._read(raw, text, asked)
        if asked.trials == 0:
            print(hints.dry_run(cell, asked))
            return None
        name = asked.name or DEFAULT_NAME
        self._refuse_name(name, cell)
        if controls.interrupted:
            return None
        study, runner = self._prepare(name, cell, filename, raw, asked, controls)
        self.studies[name] = self.namespace[name] = study
        try:
            self._run(runner, asked.quiet)
        finally:
            study.release()
        return study

    def _read(self, raw: str, text: str, asked: Any) -> tuple[Cell, str]:
        transformed = self._transformed(text)
        source = parse(transformed, raw, self.shell.transform_ast)
        if "run_cell_magic" in transformed and "run_cell_magic" not in text:
            raise CellError(
                "a second %% line in one cell",
                line=2,
                code=text.splitlines()[0],
                write="%time … or another one-line magic, or a cell of its own",
            )
        filename = self.host.remember_source(raw, transformed)
        scope = self._scope(leading_imports(source, filename))
        metric = asked.minimize or asked.maximize
        written = global_writes(reads(source.plain), self.namespace)
        return read_cell(source, metric, self.namespace, scope, written), filename

    def _scope(self, imports: CodeType | None) -> dict[str, Any]:
        """The notebook's names and those that the imports at the top of the cell bring."""
        scope = dict(self.namespace)
        if imports is not None:
            failed: BaseException | None = None
            try:
                with self.host.interruptible():
                    exec(imports, scope)
            except Exception as error:  # noqa: BLE001  # an import runs any code
                failed = error
            if failed is not None:
                raise self._as_plain_cell(failed)
        return scope

    def _transformed(self, text: str) -> str:
        """The body as IPython would run it, on the lines the editor shows.

        IPython drops empty lines at the top of a cell; they are put back, with
        one more for the ``%%tune`` line.
        """
        lines = text.splitlines(keepends=True)
        empty = next((i for i, line in enumerate(lines) if not line.isspace()), 0)
        body = "".join(lines[empty:])
        empty += 1
        try:
            transform: Callable[[str], str] = self.shell.transform_cell
            return "\n" * empty + transform(body)
        except SyntaxError:
            return "\n" * empty + body  # parsed as it is, to be refused with its line

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

    def _prepare(
        self, name: str, cell: Cell, filename: str, raw: str, asked: Any, controls: Controls
    ) -> tuple[Study, Runner]:
        place = self.place(asked.store)
        store = place.store()
        notes = hints.hints(cell, asked)
        if store is not None and not asked.resume:
            notes += hints.set_aside(store, place.notebook, name)
        info = StudyInfo(
            name,
            cell.metric,
            asked.maximize is not None,
            "",
            0,
            asked.trials,
            cell.space.to_json(),
            notebook=place.notebook,
            source=cell.body,
            cell=raw,
            created=time.time(),
            notes=tuple(notes),
        )
        request = Request(
            self._optimizer(asked.optimizer), asked.trials, asked.seed, asked.resume, asked.run
        )
        fresh, shared = asked.fresh or (), asked.shared or ()
        guard = guarded.SharedObjects(cell, self.namespace, fresh, shared)
        code = cell.compile(filename, self.shell.compile.flags)

        def renewed() -> dict[str, Any]:
            return copies(fresh, self.namespace, used=cell.reads)

        renewed()  # once now: what cannot be copied is an error of the line, not of a trial
        body = CellBody(cell, code, self.namespace, renewed)
        journal, optimizer, earlier = launch(request, info, cell.space, store)
        seed, run = journal.record.info.seed, journal.record.info.run
        runner = Runner(
            journal,
            cell.space,
            optimizer,
            KernelExecutor(
                body, self.host, cell.metric, seed, maximize=journal.record.info.maximize
            ),
            self.host,
            _settings(asked, place.directory(name, run)),
            controls=controls,
            around=guard,
        )
        outside = runner.restore(earlier)
        if outside:
            journal.note(f"{outside} earlier trials lie outside the search space as it is now.")
        return Study(journal, runner, self.bind), runner

    def _optimizer(self, text: str | None) -> str | Optimizer | None:
        """The optimizer's name, or what the notebook variable of that name holds."""
        held = self.namespace.get(text) if text else None
        return held if isinstance(held, Optimizer) else text

    def bind(self, params: Mapping[str, Any]) -> None:
        """Set variables of the notebook."""
        self.namespace.update(params)

    def _run(self, runner: Runner, quiet: bool) -> None:
        record = runner.record
        shown = self.host.in_kernel and not quiet
        failed: BaseException | None = None
        try:
            with LiveView(record) if shown else nullcontext():
                runner.run()
        except FirstTrialFailed as failure:
            failed = failure.exception
        finally:
            if not shown:
                print(one_line(record) if quiet else summary(record))
        if failed is not None:
            raise self._as_plain_cell(failed)  # out here, where it keeps its own cause

    def _as_plain_cell(self, error: BaseException) -> BaseException:
        """The exception of a trial, shown as it would be without ``%%tune``."""
        if isinstance(error, ObjectiveError):
            return error
        error = error.with_traceback(without_ours(error.__traceback__))
        told = self.shell.InteractiveTB.structured_traceback(
            type(error), error, error.__traceback__, tb_offset=0
        )
        with suppress(AttributeError):  # one with slots is shown with our frames
            shown: Any = error
            shown._render_traceback_ = lambda *ignored: told
        return error

    @staticmethod
    def _say_how_it_ended(study: Study) -> None:
        info, finished = study.record.info, study.record.finished
        of = f"{finished} of {info.total}" if info.total else str(finished)
        go_on = f"`%%tune {info.name} … --resume` goes on with it"
        if info.state is StudyState.PAUSED and info.message == "interrupted":
            raise StudyInterrupted(f"study {info.name!r} is paused after {of} trials; {go_on}")
        if info.state is StudyState.PAUSED:
            raise StudyError(f"study {info.name!r} is paused: {info.message}\n{go_on}")
        if info.state is StudyState.FAILED:
            raise StudyError(f"study {info.name!r} has failed: {info.message}")


def _settings(asked: Any, directory: Path | None) -> Settings:
    return Settings(
        keep=asked.keep or (),
        retries=asked.retries or 0,
        max_failures=asked.max_failures,
        baseline=not asked.no_baseline,
        device=asked.device,
        directory=directory,
    )


def _a(held: Any) -> str:
    """What a name holds, for a message."""
    if isinstance(held, type):
        return f"the class {held.__name__}"
    if callable(held):
        return f"the function {getattr(held, '__name__', held)}"
    return f"a {type(held).__name__}"

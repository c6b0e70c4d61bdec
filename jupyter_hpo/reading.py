"""A ``%%tune`` cell as the notebook has it: through IPython's syntax, in the notebook's names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import CodeType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from .cell import Cell, leading_imports, parse, read_cell
from .cell.names import reads
from .errors import CellError, GradientError
from .guard import global_writes
from .kernel import KernelHost
from .optimizers import needs_space
from .scalar import ObjectiveError
from .tracebacks import without_ours


class Reader:
    """Reads cells of one IPython shell."""

    def __init__(self, shell: InteractiveShell, host: KernelHost) -> None:
        self.shell, self.host = shell, host

    def read(self, raw: str, text: str, asked: Any) -> tuple[Cell, str]:
        """A cell, and the file name its code is known by.

        Parameters
        ----------
        raw : the cell with its ``%%tune`` line.
        text : what is below that line.
        asked : the options.

        Raises
        ------
        CellError
            If a line of it is wrong; also whatever its imports raise.
        """
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
        names: dict[str, Any] = self.shell.user_ns
        scope = self._scope(names, leading_imports(source, filename))
        metric = asked.minimize or asked.maximize
        written = global_writes(reads(source.plain), names)
        chosen = asked.optimizer
        # without options there is nothing that could be searched beside what is declared
        declares = not chosen or "(" not in chosen or needs_space(chosen)
        cell = read_cell(source, metric, names, scope, written, declares=declares)
        return cell, filename

    def _scope(self, names: dict[str, Any], imports: CodeType | None) -> dict[str, Any]:
        """The notebook's names and those that the imports at the top of the cell bring."""
        scope = dict(names)
        if imports is not None:
            failed: BaseException | None = None
            try:
                with self.host.interruptible():
                    exec(imports, scope)
            except Exception as error:  # noqa: BLE001  # an import runs any code
                failed = error
            if failed is not None:
                raise as_plain_cell(self.shell, failed)
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


def as_plain_cell(shell: InteractiveShell, error: BaseException) -> BaseException:
    """The exception of a trial, shown as it would be without ``%%tune``."""
    if isinstance(error, (ObjectiveError, GradientError)):
        return error
    error = error.with_traceback(without_ours(error.__traceback__))
    told = shell.InteractiveTB.structured_traceback(
        type(error), error, error.__traceback__, tb_offset=0
    )
    with suppress(AttributeError):  # one with slots is shown with our frames
        shown: Any = error
        shown._render_traceback_ = lambda *ignored: told
    return error

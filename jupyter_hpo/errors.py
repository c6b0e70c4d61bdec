"""What the user is told when something is wrong, and the exceptions that end a trial."""

from __future__ import annotations

from typing import Any


class TuneError(Exception):
    """Base of every error this package raises on purpose.

    IPython shows it as its message alone: a traceback through our frames
    would push the one sentence that helps off the screen.
    """

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class SpaceError(TuneError, ValueError):
    """A hyperparameter's range, choices, default or value is wrong."""


class StudyError(TuneError, RuntimeError):
    """A study cannot do what it was asked (no finished trial, wrong state, wrong place).

    ``study`` is it where `tune` raises this, so that no finished trial is lost.
    """

    study: Any = None


class StoreError(TuneError, OSError):
    """The study file cannot be read or written."""


class UsageError(TuneError, ValueError):
    """The line of ``%%tune`` or ``%tune``, or a keyword of ``tune()``, is wrong."""


class CellError(TuneError, ValueError):
    """A line of the tuned cell is wrong.

    Parameters
    ----------
    message : what is wrong, one or two sentences.
    line : line of the cell as the editor counts it, the ``%%tune`` line being 1.
    code : the text of that line, shown beneath the message.
    write : what to write instead.
    """

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        code: str | None = None,
        write: str | None = None,
    ) -> None:
        self.message, self.line, self.code, self.write = message, line, code, write
        text = message if line is None else f"line {line}: {message}"
        if code and code.strip():
            text += f"\n    {code.strip()}"
        if write:
            text += "\nWrite:" + "".join(f"\n    {row}" for row in write.splitlines())
        super().__init__(text)

    def _render_traceback_(self) -> list[str]:
        return f"%%tune, {self}".splitlines() if self.line else str(self).splitlines()


class GradientError(TuneError, ValueError):
    """There is no gradient where the optimizer was told to insist on one."""


class StudyInterrupted(KeyboardInterrupt):
    """The user pressed ■: a KeyboardInterrupt, so that queued cells do not run.

    ``study`` is the study where `tune` raises this.
    """

    study: Any = None

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


class TrialEnded(BaseException):
    """Thrown into a trial that has to end now.

    A BaseException, because ``except Exception`` in a training cell must not
    keep alive a trial that the user has ended.
    """

    def __init__(self) -> None:
        super().__init__("the study was asked to end")  # wherever the trial is, the same

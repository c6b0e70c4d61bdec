"""Where, in the user's code, a gradient was lost."""

from __future__ import annotations

import linecache
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..tracebacks import is_users

LONGEST: Final = 80  # characters of a line that is shown


@dataclass(frozen=True)
class Cut:
    """A line after which no gradient is known.

    Attributes
    ----------
    how : what was done there, as it is written: ``.item()``.
    file, line : of the user's code; line 0 if it is not known.
    """

    how: str
    file: str = ""
    line: int = 0

    @property
    def code(self) -> str:
        """The text of the line, its end left out when long."""
        text = linecache.getline(self.file, self.line).strip()
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

    def __str__(self) -> str:
        if not self.line:
            return self.how
        shown = f" ({self.code})" if self.code else ""
        name = Path(self.file)
        # cells have files, too, whose names say nothing
        module = name.suffix == ".py" and not name.parent.name.startswith("ipykernel_")
        return f"{self.how} in line {self.line}{f' of {name.name}' if module else ''}{shown}"


def here(how: str) -> Cut:
    """What is done now, and the innermost line of the user's that does it."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        if is_users(frame.f_code.co_filename):
            return Cut(how, frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return Cut(how)

"""Where a notebook's studies are stored, and under which name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .store import Store

FOLDER, FILE = ".jupyter_hpo", "studies.db"


@dataclass(frozen=True)
class Place:
    """The store of a notebook's studies.

    Attributes
    ----------
    notebook : the notebook's file name, which with the study's name and run
        identifies it; "" where the front end does not tell.
    path : of the store; None: memory only.
    """

    notebook: str
    path: Path | None

    @classmethod
    def of(cls, notebook: Path | None, store: str | None = None) -> Place:
        """Beside the notebook, else in the working directory, or where ``--store`` says.

        Parameters
        ----------
        store : a file, a folder, or "none" to store nothing.
        """
        name = notebook.name if notebook is not None else ""
        if store == "none":
            return cls(name, None)
        if store is not None:
            # absolute: a trial may change the working directory
            return cls(name, Path(store).expanduser().absolute())
        beside = (
            notebook.parent if notebook is not None and notebook.parent.is_dir() else Path.cwd()
        )
        return cls(name, beside / FOLDER / FILE)

    def store(self) -> Store | None:
        """The store, opened lazily; None: memory only."""
        return None if self.path is None else Store(self.path)

    def directory(self, study: str, run: int, study_id: int | None) -> Path | None:
        """Where the trials of a run get folders of their own; None: somewhere temporary.

        Parameters
        ----------
        study_id : in the store, which other notebooks and runs that were deleted do not share;
            None: it is not stored.
        """
        if self.path is None or study_id is None:
            return None
        inside = self.path.is_dir() or self.path.name == FILE
        folder = self.path if self.path.is_dir() else self.path.parent
        trials = "trials" if inside else f"{self.path.name}.trials"
        return folder / trials / f"{study}-{run}-{study_id}"

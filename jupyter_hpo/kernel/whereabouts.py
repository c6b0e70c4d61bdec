"""Which notebook a kernel is of."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath


class Whereabouts:
    """The notebook's file, also after it has been renamed.

    Jupyter names it in the environment of the kernel that it starts, and never again, not even to
    one that it restarts. Pages with our extension tell of what becomes of it.
    """

    def __init__(self) -> None:
        self._moved: Path | None = None
        self._root: Path | None = None  # of the server; it calls files by their way from there

    @property
    def path(self) -> Path | None:
        """The notebook, if the front end tells."""
        if self._moved is not None:
            return self._moved
        told = os.environ.get("JPY_SESSION_NAME", "")
        return Path(told) if told.endswith(".ipynb") else None

    def told(self, path: str) -> Path | None:
        """Take in what a page has open with this kernel.

        Parameters
        ----------
        path : as the server calls it.

        Returns
        -------
        What the notebook was called before; None if it is called so still, also where a second
        notebook has the kernel, or a copy.
        """
        known, parts = self.path, PurePosixPath(path).parts
        if known is None or not path.endswith(".ipynb") or {"/", ".."} & set(parts):
            return None
        if os.path.isfile(known):
            if known.parts[-len(parts) :] == parts:
                self._root = known.parents[len(parts) - 1]
            return None
        roots = known.parents if self._root is None else [self._root]
        found = [each for root in roots if os.path.isfile(each := root.joinpath(*parts))]
        if len(found) != 1:  # on a disk that the kernel does not see, say
            return None
        [self._moved] = found
        return known

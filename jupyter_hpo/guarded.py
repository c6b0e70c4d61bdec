"""The shared-object guard around the first trial of a sitting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .cell import Cell
from .errors import CellError, UsageError
from .guard import Fingerprint, changed, explain, fingerprint, notebook_name, reach
from .trial import Trial


class SharedObjects:
    """Compares every notebook object the cell reads before and after a trial.

    Parameters
    ----------
    fresh, shared : names the user has taken care of.

    Raises
    ------
    UsageError
        If one of those names holds nothing.
    """

    def __init__(
        self, cell: Cell, namespace: Mapping[str, Any], fresh: Iterable[str], shared: Iterable[str]
    ) -> None:
        self.namespace = namespace
        self.spared = {*fresh, *shared}
        self.names = cell.reads
        for name in sorted(self.spared):
            if name not in namespace:
                raise UsageError(f"--fresh and --shared name notebook objects; {name!r} is none")
        self._before: Fingerprint | None = None

    def __call__(self, trial: Trial | None) -> None:
        """Before the trial with None, after it with its record.

        Raises
        ------
        CellError
            If the trial changed an object that the next one would start from.
        """
        if trial is None:
            self._before = fingerprint(self._objects())
            return
        if self._before is None:
            return
        found = changed(self._before, self._objects(), expected=trial.params.values())
        self._before = None
        if found:
            raise CellError(explain(found))

    def _objects(self) -> dict[str, object]:
        reached = reach(self.names, self.namespace)
        return {
            name: held for name, held in reached.items() if notebook_name(name) not in self.spared
        }

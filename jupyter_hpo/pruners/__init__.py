"""Pruners by name.

A new one is one new file and one line in `TABLE`; one of another package is an entry point of
the group ``jupyter_hpo.pruners``. Each is made by a callable whose parameters are
the user's options, with defaults and annotations; one named `maximize` is told whether
larger values are better. It returns a `Pruner`.
"""

from __future__ import annotations

from typing import Any, Final, cast

from ..named.table import Table
from ..protocols import Pruner

TABLE: Final = {
    "auto": "jupyter_hpo.pruners.auto:auto",
    "none": "jupyter_hpo.pruners.none:Never",
    "median": "jupyter_hpo.pruners.median:Median",
    "patience": "jupyter_hpo.pruners.patience:Patience",
    "threshold": "jupyter_hpo.pruners.threshold:Threshold",
    "wilcoxon": "jupyter_hpo.pruners.wilcoxon:Wilcoxon",
    "asha": "jupyter_hpo.pruners.asha:asha",
    "hyperband": "jupyter_hpo.pruners.hyperband:Hyperband",
    "freezethaw": "jupyter_hpo.pruners.freezethaw:FreezeThaw",
    "screen": "jupyter_hpo.pruners.screen:Screen",
}
GROUP: Final = "jupyter_hpo.pruners"
_TABLE: Final = Table(
    *("pruner", TABLE, GROUP, "median(startup=5)"),
    leading=0,
    given=("maximize",),
)
names = _TABLE.names
parse = _TABLE.parse


def create(name: str, *, maximize: bool = False, **options: Any) -> Pruner:
    """The pruner of that name.

    Parameters
    ----------
    name : one of `names`, perhaps with literal options, as in ``"median(startup=3)"``.
    maximize : whether larger values are better; only limits that the user gives depend on it,
        what pruners are asked about is always to be minimised.
    options : the pruner's own.

    Raises
    ------
    UsageError
        If there is no such pruner, or an option is unknown, of the wrong type or out of range.
    """
    study = {"maximize": maximize}
    return cast("Pruner", _TABLE.create(name, study=study, options=options))

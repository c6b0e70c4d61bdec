"""What ``%load_ext jupyter_hpo`` does."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

from . import completion
from .context import trial
from .domains import Bool, Categorical, Float, Int
from .errors import UsageError
from .magic import Tuner
from .study import Study
from .view.kept import mimebundle

OFFERED = {
    "Float": Float,
    "Int": Int,
    "Categorical": Categorical,
    "Bool": Bool,
    "trial": trial,
}


_tuners: WeakKeyDictionary[InteractiveShell, Tuner] = WeakKeyDictionary()


def load(shell: InteractiveShell) -> None:
    """Register the magics, put our names into the notebook unless taken, show studies as HTML."""
    tuner = _tuners[shell] = Tuner(shell)

    def tune_cell(line: str, cell: str) -> None:
        """Tune the hyperparameters that this cell declares; `%tune options` lists the options."""
        tuner.tune(line, cell)

    def tune_line(line: str) -> Any:
        """List, show, stop, apply or delete studies; `%tune options` lists the verbs."""
        return tuner.line(line)

    def misplaced(line: str) -> None:
        raise UsageError(
            "%%tune must stand on the first line of the cell: move what is above it, "
            "comments too, below it"
        )

    # IPython reads a `%%tune` further down as the line magic called "%tune"
    magics: list[tuple[Any, str, str]] = [
        (tune_cell, "cell", "tune"),
        (tune_line, "line", "tune"),
        (misplaced, "line", "%tune"),
    ]
    for function, kind, name in magics:
        # we expand the line: IPython leaves all of it alone if one name in it is unknown
        shell.register_magic_function(no_var_expand(function), kind, name)
    for name, value in OFFERED.items():
        shell.user_ns.setdefault(name, value)
    formatters = shell.display_formatter
    if formatters is not None:
        formatters.mimebundle_formatter.for_type(
            Study, lambda study, include=None, exclude=None: mimebundle(study)
        )
    completion.install(shell, tuner)


def unload(shell: InteractiveShell) -> None:
    """Take back what `load` put there."""
    for kind, name in (("cell", "tune"), ("line", "tune"), ("line", "%tune")):
        shell.magics_manager.magics[kind].pop(name, None)
    for name, value in OFFERED.items():
        if shell.user_ns.get(name) is value:
            del shell.user_ns[name]
    completion.remove(shell)
    _tuners.pop(shell).close()

"""Hyperparameter tuning that lives in the notebook.

``%load_ext jupyter_hpo`` brings ``%%tune``; `tune` does the same from Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .context import trial
from .domains import Bool, Categorical, Float, Int

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .study import Study
    from .tuning import tune
    from .unrolled.training import train

__version__ = "0.1.0"
__all__ = ["Bool", "Categorical", "Float", "Int", "Study", "train", "trial", "tune"]

_LAZY = {"Study": "study", "train": "unrolled.training", "tune": "tuning"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "optimizers":
        return import_module(".optimizers", __name__)
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LAZY[name]}", __name__), name)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext jupyter_hpo``."""
    from .extension import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext jupyter_hpo``."""
    from .extension import unload

    unload(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-hpo"}]

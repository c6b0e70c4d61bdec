"""Where studies are kept: one SQLite file beside the notebook, readable by any SQLite tool."""

from .rows import StudySummary
from .studies import Store

__all__ = ["Store", "StudySummary"]

"""Where studies are kept: one SQLite file beside the notebook, readable by any SQLite tool."""

from .readonly import Overtaken
from .rows import StudySummary
from .studies import Store

__all__ = ["Overtaken", "Store", "StudySummary"]

"""The shared-object guard: notebook objects a cell can reach, and whether a trial changed them.

Every trial should start from the same place. An object made in another cell is
shared by all trials; one that a trial trains, extends or uses up would carry
each trial's outcome into the next.
"""

from .copies import copies
from .fingerprint import Change, Fingerprint, changed, explain, fingerprint
from .reach import definitions, global_writes, notebook_name, reach
from .settings import Settings

__all__ = [
    "Change",
    "Fingerprint",
    "Settings",
    "changed",
    "copies",
    "definitions",
    "explain",
    "fingerprint",
    "global_writes",
    "notebook_name",
    "reach",
]

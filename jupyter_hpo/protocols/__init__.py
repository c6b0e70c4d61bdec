"""What the parts of a study ask of each other. Third parties implement these too."""

from .optimizers import (
    Adapts,
    Carries,
    Explains,
    HearsReports,
    Learns,
    Notes,
    Optimizer,
    Watches,
    WorksInside,
)
from .pruners import Promotes, Pruner
from .trials import Body, Executor, Host, Outcome, Output

__all__ = [
    "Adapts",
    "Body",
    "Carries",
    "Executor",
    "Explains",
    "HearsReports",
    "Host",
    "Learns",
    "Notes",
    "Optimizer",
    "Outcome",
    "Output",
    "Promotes",
    "Pruner",
    "Watches",
    "WorksInside",
]

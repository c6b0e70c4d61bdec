"""What the trials of a study say about its hyperparameters."""

from .importances import Importances, importances

__all__ = ["Importances", "importances"]

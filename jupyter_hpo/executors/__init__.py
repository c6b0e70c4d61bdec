"""Where trials run."""

from .kernel import KernelExecutor

__all__ = ["KernelExecutor"]

"""The notebook's kernel: all that is private to ipykernel is in this room."""

from .host import KernelHost

__all__ = ["KernelHost"]

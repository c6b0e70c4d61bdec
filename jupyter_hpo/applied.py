"""The tensors of a trial as variables of the notebook."""

from __future__ import annotations

import sys
from typing import Any


def like(held: Any, value: Any) -> Any:
    """A value as the notebook has it: an array as a tensor, of the kind of that in its place.

    Parameters
    ----------
    held : what the variable holds now, which is not changed.
    value : what it is to hold; only numpy arrays of floats become something else.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None or not hasattr(value, "dtype") or not hasattr(value, "setflags"):
        return value
    if not isinstance(held, torch.Tensor):
        return torch.tensor(value)
    made = torch.tensor(value, dtype=held.dtype, device=held.device)
    if isinstance(held, torch.nn.Parameter):
        return torch.nn.Parameter(made, requires_grad=held.requires_grad)
    return made.requires_grad_(held.requires_grad)

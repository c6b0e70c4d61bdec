"""The tensors of the notebook that are descended by, entry by entry."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ...blobs import Blob
from ...domains.base import short
from ...errors import StudyError, UsageError
from ...space import Space

if TYPE_CHECKING:
    from torch import Tensor

MOST: Final = 1_000_000  # entries of all of them


def named(asked: Sequence[str] | str | None) -> list[str]:
    """Names of ``weights=``: a text, with commas between several, or a list.

    Raises
    ------
    UsageError
        If one is no name of a variable, or is there twice.
    """
    if asked is None:
        return []
    names = [each.strip() for each in asked.split(",")] if isinstance(asked, str) else list(asked)
    for name in names:
        if not isinstance(name, str) or not name.isidentifier():
            raise UsageError(f"gradient: weights= names variables, and {short(name)} is no name")
    if len(set(names)) < len(names) or not names:
        raise UsageError("gradient: weights= names one variable or several, each once")
    return names


class Tensors:
    """What they are like, and what they were when the study began.

    Parameters
    ----------
    variables : the notebook's.
    space : whose hyperparameters have other names.

    Attributes
    ----------
    start : their entries by name, float32, or float64 for tensors of that kind.

    Raises
    ------
    UsageError
        If one is not there, no tensor of floats, too large or not finite.
    """

    def __init__(self, names: Sequence[str], variables: Mapping[str, Any], space: Space) -> None:
        self._like = {name: _checked(name, variables, space) for name in names}
        entries = sum(like.numel() for like in self._like.values())
        if entries > MOST:
            raise UsageError(
                f"gradient: {' and '.join(names)} {'has' if len(names) == 1 else 'have'} "
                f"{entries:,} entries, and weights= takes {MOST:,} at most; give several of "
                "them one weight, as in `example_weights[group_of_example]`"
            )
        self.start: dict[str, Blob] = {n: Blob.of(plain(t)) for n, t in self._like.items()}

    def __len__(self) -> int:
        return len(self._like)

    def __iter__(self) -> Iterator[str]:
        return iter(self._like)

    @property
    def words(self) -> list[str]:
        """Each with its number of entries."""
        return [
            f"{name} ({like.numel():,} entr{'y' if like.numel() == 1 else 'ies'})"
            for name, like in self._like.items()
        ]

    def made(self, name: str, entries: NDArray[Any]) -> Tensor:
        """A tensor as the notebook's is, of kind and device, with these entries."""
        import torch

        like = self._like[name]
        # a copy: the cell may change what it is given
        return torch.tensor(entries, dtype=like.dtype, device=like.device)

    def restore(self, arrays: Mapping[str, Blob]) -> None:
        """The study began with these, by an earlier sitting.

        Raises
        ------
        StudyError
            If the notebook's are of another shape now.
        """
        for name, like in self._like.items():
            if name in arrays:
                shape = arrays[name].array().shape
                if shape != tuple(like.shape):
                    raise StudyError(
                        f"`{name}` has the shape {tuple(like.shape)} now and had {shape} when the "
                        "study began; make it as it was, or start a new run without --resume"
                    )
                self.start[name] = arrays[name]


def plain(tensor: Tensor) -> NDArray[Any]:
    """The entries of a tensor: float64 if it is of these, else float32."""
    import torch

    kind = torch.float64 if tensor.dtype == torch.float64 else torch.float32
    with torch._C.DisableTorchFunction():
        entries: NDArray[Any] = tensor.detach().to("cpu", kind).contiguous().numpy()
    return entries


def _checked(name: str, variables: Mapping[str, Any], space: Space) -> Tensor:
    try:
        import torch
    except ImportError:
        raise UsageError(
            "gradient: weights= needs torch: pip install 'jupyter_hpo[torch]'"
        ) from None
    write = f"write `{name} = torch.zeros(1000)`, say, in a cell above"
    if name in space.names:
        raise UsageError(
            f"gradient: weights= names {name}, which is declared as a hyperparameter; {write} "
            "and declare it no more"
        )
    if name not in variables:
        raise UsageError(f"gradient: weights= names {name}, and there is no such variable; {write}")
    held = variables[name]
    if not isinstance(held, torch.Tensor):
        raise UsageError(
            f"gradient: `{name}` holds {short(held)}, which is no tensor of torch; {write}"
        )
    if not held.is_floating_point() or held.layout is not torch.strided:
        raise UsageError(
            f"gradient: `{name}` is a tensor of {str(held.dtype).removeprefix('torch.')}"
            f"{'' if held.layout is torch.strided else ' with a sparse layout'}, which has no "
            f"slope; write `{name} = {name}.to_dense().float()` in a cell above"
        )
    if not held.numel():
        raise UsageError(f"gradient: `{name}` has no entries; {write}")
    if held.numel() <= MOST and not bool(torch.isfinite(held).all()):
        raise UsageError(f"gradient: `{name}` holds NaN or infinity, where no descent can begin")
    return held.detach()


def finite(entries: NDArray[Any]) -> bool:
    """Whether all are numbers."""
    return math.isfinite(float(np.abs(entries).max(initial=0.0)))

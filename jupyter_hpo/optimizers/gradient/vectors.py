"""What happens inside a trial that is differentiated by tensors of the notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...blobs import Blob
from ...errors import GradientError
from ...space import Space
from ...trial import SLOPES, Trial
from .inside import Inside
from .tensors import Tensors, finite, plain
from .trust import COARSE, FINE, Trust
from .words import NORM, no_slope_of

if TYPE_CHECKING:
    from torch import Tensor

    from ...unrolled.run import Found, Run

TRAINED = "trained:"  # what names of trained weights in a trial's `arrays` begin with


class VectorInside(Inside):
    """As `Inside`, with leaves for tensors, too. They have a gradient, or the trial fails.

    Nothing goes by pairs of trials where tensors go down: by two values of the objective a
    thousand entries are not told from each other. So gradients are followed whatever the check
    has said of one, which is told; the descent goes back where they have led up.

    Parameters
    ----------
    tensors : those of the notebook.
    rate : length of a first step of their entries, by which the check's is chosen.
    keeps : whether the weights that the trial has trained are wanted.

    Attributes
    ----------
    arrays : what the trial has come with, to be kept.
    """

    def __init__(
        self,
        space: Space,
        keys: Sequence[str],
        begin: Callable[[Mapping[str, float]], Run],
        trust: Trust,
        tensors: Tensors,
        rate: float,
        keeps: bool,
        *,
        strict: bool,
    ) -> None:
        super().__init__(space, keys, begin, trust, strict=strict)
        self._tensors, self._rate, self._keeps = tensors, rate, keeps
        self._held: dict[str, Blob] = {}
        self._versions: dict[str, int] = {}  # of the leaves, when the trial began
        self.arrays: dict[str, Blob] = {}

    def lay(self, trial: Trial) -> dict[str, Tensor]:
        """The tensors of a run of a trial, without gradients."""
        self.arrays = {}
        self._held = {name: trial.arrays[name] for name in self._tensors if name in trial.arrays}
        return {name: self._made(name, blob.array()) for name, blob in self._held.items()}

    def _made(self, name: str, entries: Any) -> Tensor:
        return self._tensors.made(name, entries)

    def enter(self, assignment: Mapping[str, Any]) -> Mapping[str, Any]:
        """Leaves in place of tensors, and floats that know theirs, or else plain numbers."""
        self._found, self._assignment = None, assignment
        plainly = self.plain or self._once
        keys = [] if plainly else [key for key in self._keys if key in assignment]
        run = self._run = self._begin({key: assignment[key] for key in keys})
        run.hold({name: self._made(name, blob.array()) for name, blob in self._held.items()})
        self._versions = {name: leaf._version for name, leaf in run.vectors.items()}
        return {**run.bound, **run.vectors}

    def failed(self, error: Exception) -> bool:
        """Whether to try plain numbers for the hyperparameters."""
        run = self._run
        again = super().failed(error)
        plain = len(self._tensors) and run is not None and not run.leaves
        if plain or isinstance(error, GradientError):
            self._once = ""
            return False
        return again

    def leave(self, namespace: Mapping[str, Any], objective: Any) -> dict[str, Any]:
        """What is known of the gradient; `arrays` has that by the tensors.

        Raises
        ------
        GradientError
            If a tensor has none.
        """
        run, why = self._run, self.plain or self._once
        assert run is not None
        for name, leaf in run.vectors.items():
            if namespace.get(name, leaf) is not leaf:
                raise GradientError(
                    f"the cell assigns `{name}` itself, so that it is not the one that goes "
                    "downhill; give what it makes of it another name"
                )
            if leaf._version != self._versions[name]:
                raise GradientError(
                    f"the cell changes `{name}` in place, so that it is not the one that is kept; "
                    f"make another tensor of it, as in `used = {name}.clamp(min=0)`"
                )
        if not run.leaves and not run.vectors:  # there is nothing to be differentiated by
            self._run, self._once = None, ""
            noted = {"plain_numbers": why} if why else {}
        else:
            noted = super().leave(namespace, objective)
            assert self._found is not None
            if why:
                noted["no_gradient_of"] = f"the cell takes plain numbers only ({why})"
            self._take(run, self._found, noted)
        self._keep(run)
        return noted

    def _take(self, run: Run, found: Found, noted: dict[str, Any]) -> None:
        for name in run.vectors:
            if name not in found.vectors:
                # of the minimum, the rest is known
                cut = found.cut if found.uphill is None else None
                raise GradientError(no_slope_of(name, cut, unrolls=run.unrolls))
            slope = plain(found.vectors[name])
            if finite(slope):
                self.arrays[SLOPES + name] = Blob.of(slope)
                noted[NORM + name] = float(np.linalg.norm(slope.astype(np.float64)))
            else:
                noted["no_gradient_of"] = f"{name}: it is not finite"

    def _keep(self, run: Run) -> None:
        """Take what the trial has trained, if that is all numbers."""
        if self._keeps:
            trained: list[Tensor] = getattr(run, "trained", [])
            kept = [plain(weight) for weight in trained]
            if all(map(finite, kept)):
                self.arrays |= {f"{TRAINED}{k}": Blob.of(each) for k, each in enumerate(kept)}

    def verify(self, run: Callable[[Mapping[str, Any]], float | None]) -> dict[str, Any]:
        """Compare the derivative along the gradient of a tensor with a finite difference."""
        if not len(self._tensors):
            return super().verify(run)
        found, self._found = self._found, None
        name = next((name for name in self._held if SLOPES + name in self.arrays), None)
        if found is None or name is None:
            return {}
        entries = self._held[name].array().astype(np.float64)
        slope = self.arrays[SLOPES + name].array().astype(np.float64)
        steepest = float(np.abs(slope).max())
        if not steepest:
            return {}
        # every entry moves, the one of the steepest slope by this share of its first step
        move = slope / steepest * (2 * self._rate * (FINE if found.exact else COARSE))
        one, other = (
            run({**self._assignment, name: self._made(name, entries + sign * move)})
            for sign in (1, -1)
        )
        if one is None or other is None:
            return {"checked": name, "finite_difference_ratio": None}
        if one == other:
            return {}
        expected = 2 * float((slope * move).sum())
        return {"checked": name, "finite_difference_ratio": expected / (one - other)}

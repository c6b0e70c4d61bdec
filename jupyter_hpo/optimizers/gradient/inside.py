"""What happens inside a trial: its hyperparameters know tensors, its metric has a gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import GradientError
from ...layers import Layer
from ...space import Space
from ...trial import GRADIENT
from .blame import blamed, named
from .trust import Check, Trust, compared
from .words import cut_off, missing, why

if TYPE_CHECKING:
    from ...unrolled.run import Found, Run


class Inside:
    """Follows one trial at a time.

    Parameters
    ----------
    keys : hyperparameters that are differentiated by.
    begin : makes what follows a trial, from the values that are differentiated by.
    trust : whether gradients are of use, and trials not run without.
    strict : whether a trial without its own graph fails.

    Attributes
    ----------
    plain : why trials are given plain numbers, if they are.
    """

    def __init__(
        self,
        space: Space,
        keys: Sequence[str],
        begin: Callable[[Mapping[str, float]], Run],
        trust: Trust,
        *,
        strict: bool,
    ) -> None:
        self._space, self._keys = space, keys
        self._begin, self._trust, self._strict = begin, trust, strict
        self.plain = ""
        self._once = ""  # the same, of the trial under way
        self._run: Run | None = None
        self._found: Found | None = None
        self._assignment: Mapping[str, Any] = {}

    def enter(self, assignment: Mapping[str, Any]) -> Mapping[str, Any]:
        """Floats that know their tensor, by key; none where the code takes plain numbers."""
        self._run = self._found = None
        self._assignment = assignment
        keys = [key for key in self._keys if key in assignment]
        if self.plain or self._once or self._trust.pairs or self._trust.aside or not keys:
            return {}
        try:
            import torch  # noqa: F401  # so that its absence is not taken for another's
        except ImportError:
            self._once = "torch is not installed: pip install 'jupyter_hpo[torch]'"
            return {}
        self._run = self._begin({key: assignment[key] for key in keys})
        return self._run.bound

    def around(self) -> Layer:
        """What follows the trial's calculations."""
        return Layer() if self._run is None else self._run

    def failed(self, error: Exception) -> bool:
        """Whether to try plain numbers: tensors are not for all libraries."""
        followed, self._run = self._run is not None, None
        # a second failure is the code's own; the next trial begins with tensors again
        self._once = str(named(error)) if followed and blamed(error) else ""
        return bool(self._once)

    def leave(self, namespace: Mapping[str, Any], objective: Any) -> dict[str, Any]:
        """What is known of the gradient.

        Raises
        ------
        GradientError
            If there is none that the code itself has kept, and it has to be there.
        """
        run, self._run = self._run, None
        plainly, self._once = self.plain or self._once, ""
        if run is None:
            if self._strict and plainly:
                raise GradientError(f"there is no gradient: {plainly}")
            return {"plain_numbers": plainly} if plainly else {}
        found = self._found = run.find(objective, namespace)
        if self._strict:
            self._insist(found, run)
        noted: dict[str, Any] = {
            GRADIENT + key.partition("#")[0]: slope for key, slope in found.gradients.items()
        }
        if found.steps and found.gradients:
            noted["unrolled_steps"] = found.steps - found.forgotten
        if found.carried:
            noted["steps_carried_forward"] = found.carried
        if found.forgotten:
            noted["steps_out_of_sight"] = found.forgotten
        if found.uphill is not None:
            noted["training_slope"] = found.uphill
        if found.cut is not None:
            noted["no_gradient"] = why(found.cut)
        elif lost := [missing(key, found) for key in run.leaves if key not in found.gradients]:
            noted["no_gradient_of"] = "; ".join(lost)
        return noted

    def _insist(self, found: Found, run: Run) -> None:
        cut = found.cut or found.through
        if cut is not None:
            raise GradientError(cut_off(cut))
        lost = [missing(key, found) for key in run.leaves if key not in found.gradients]
        if lost:
            raise GradientError(f"the gradient does not reach {'; '.join(lost)}")

    def verify(self, run: Callable[[Mapping[str, Any]], float | None]) -> dict[str, Any]:
        """Compare the gradient with differences, see `trust.compared`; empty without any."""
        found, self._found = self._found, None
        if found is None or not found.gradients:
            return {}
        return compared(found, Check(self._space, self._assignment, run))

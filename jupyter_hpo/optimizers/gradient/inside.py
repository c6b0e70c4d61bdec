"""What happens inside a trial: its hyperparameters are tensors, its metric has a gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ...errors import GradientError
from ...layers import Layer
from ...space import Space
from ...trial import GRADIENT
from .coordinates import place, rate, value
from .words import cut_off, missing

if TYPE_CHECKING:
    from ...unrolled.run import Found, Run

FINE: Final = 1e-3  # step of the check in double precision
# and in single precision, where rounding and the kinks of networks make the objective rough
COARSE: Final = 0.1


class Inside:
    """Follows one trial at a time.

    Parameters
    ----------
    keys : hyperparameters that are differentiated by.
    begin : makes what follows a trial, from the values that are differentiated by.
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
        *,
        strict: bool,
    ) -> None:
        self._space, self._keys = space, keys
        self._begin, self._strict = begin, strict
        self.plain = ""
        self._once = ""  # the same, of the trial under way
        self._run: Run | None = None
        self._found: Found | None = None
        self._assignment: Mapping[str, Any] = {}

    def enter(self, assignment: Mapping[str, Any]) -> Mapping[str, Any]:
        """Leaves in place of the values, by key; none where the code takes plain numbers."""
        self._run = self._found = None
        self._assignment = assignment
        keys = [key for key in self._keys if key in assignment]
        if self.plain or self._once or not keys:
            return {}
        try:
            import torch  # noqa: F401  # so that its absence is not taken for another's
        except ImportError:
            self._once = "torch is not installed: pip install 'jupyter_hpo[torch]'"
            return {}
        self._run = self._begin({key: assignment[key] for key in keys})
        return self._run.leaves

    def around(self) -> Layer:
        """What follows the trial's calculations."""
        return Layer() if self._run is None else self._run

    def failed(self, error: Exception) -> bool:
        """Whether to try plain numbers: tensors are not for all libraries."""
        followed, self._run = self._run is not None, None
        # a second failure is the code's own; the next trial begins with tensors again
        self._once = f"{type(error).__name__}: {error}".splitlines()[0] if followed else ""
        return followed

    def leave(self, namespace: Mapping[str, Any], objective: Any) -> dict[str, Any]:
        """What is known of the gradient.

        Raises
        ------
        GradientError
            If there is none that the code itself has kept, and it has to be there.
        """
        run, self._run = self._run, None
        why, self._once = self.plain or self._once, ""
        if run is None:
            if self._strict and why:
                raise GradientError(f"there is no gradient: {why}")
            return {"plain_numbers": why} if why else {}
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
            noted["no_gradient"] = str(found.cut)
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
        """Compare the steepest derivative with a finite difference; empty where all is flat."""
        found, self._found = self._found, None
        if found is None or not found.gradients:
            return {}
        held, domains = self._assignment, {p.key: p.domain for p in self._space}
        slopes = {k: g * rate(domains[k], held[k]) for k, g in found.gradients.items()}
        key = max(slopes, key=lambda each: abs(slopes[each]))
        z, step = place(domains[key], held[key]), FINE if found.exact else COARSE
        low, high = value(domains[key], z - step), value(domains[key], z + step)
        apart = place(domains[key], high) - place(domains[key], low)  # less at a bound
        one, other = run({**held, key: high}), run({**held, key: low})
        name = key.partition("#")[0]
        if one is None or other is None:
            return {"checked": name, "finite_difference_ratio": None}
        if one == other or not apart:
            return {}
        return {
            "checked": name,
            "finite_difference_ratio": slopes[key] * apart / (one - other),
        }

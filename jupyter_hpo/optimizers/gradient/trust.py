"""Whether gradients are worth following: they are right and useless where training is chaotic.

A derivative says how a metric changes over a step that is small enough. Through hundreds of steps
of training, of networks with kinks above all, that can be so small that nothing is gained by it,
while the derivative itself grows with every step that it looks back.

References
----------
L. Metz et al., "Understanding and correcting pathologies in the training of learned optimizers",
ICML 2019, sections 2.2 and 2.3 (exploding gradients, shorter horizons). P. Parmas et al., "PIPPS:
flexible model-based policy search robust to the curse of chaos", ICML 2018.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ...space import Space
from ...trial import GRADIENT, Trial
from .coordinates import place, rate, value

if TYPE_CHECKING:
    from ...unrolled.run import Found

FINE: Final = 1e-3  # step of a check in double precision, which tells whether the gradient is right
# and of one that tells whether it is of use, which is all that can be seen in single precision
COARSE: Final = 0.1
LONG: Final = 50  # steps of training from which on a gradient that is right may be of no use
WIDE: Final = 0.3  # step of the second check, by which it is seen where all of them lead
CLOSE: Final = 2.0  # factor within which a gradient agrees with a difference
BLIND: Final = 2  # trials without gradient after which none is looked for
STEPS: Final = 4  # latest ones of a walk that are looked at, and
UNLIKE: Final = 3  # how many of them that go otherwise than foretold are too many
SMALL: Final = 0.01  # share of the values' range that a change has to be of, to count

Runs = Callable[[Mapping[str, Any]], float | None]


class Check:
    """Compares gradients at one place with differences of the objective.

    Parameters
    ----------
    held : the assignment of the trial.
    run : gives the objective at another one, see `protocols.WorksInside.verify`.
    """

    def __init__(self, space: Space, held: Mapping[str, Any], run: Runs) -> None:
        self._domains = {parameter.key: parameter.domain for parameter in space}
        self._held, self._run = held, run

    def slopes(self, gradients: Mapping[str, float]) -> dict[str, float]:
        """Derivatives by the coordinates, by key."""
        return {k: g * rate(self._domains[k], self._held[k]) for k, g in gradients.items()}

    def along(
        self, direction: Mapping[str, float], step: float
    ) -> tuple[float | None, dict[str, float]]:
        """The difference of the objective over a step both ways, and that of the coordinates.

        None if a run came to no number.
        """
        ends: list[dict[str, Any]] = []
        for sign in (1, -1):
            moved = {
                key: value(
                    self._domains[key],
                    place(self._domains[key], self._held[key]) + sign * step * share,
                )
                for key, share in direction.items()
            }
            ends.append({**self._held, **moved})
        apart = {
            key: place(self._domains[key], ends[0][key]) - place(self._domains[key], ends[1][key])
            for key in direction  # less than two steps at a bound
        }
        high, low = (self._run(end) for end in ends)
        if high is None or low is None or not math.isfinite(high - low):
            return None, apart
        return high - low, apart


def compared(found: Found, check: Check) -> dict[str, Any]:
    """What is to be known of a trial's gradient; empty where all is flat.

    ``checked``, the hyperparameter of the steepest derivative; ``finite_difference_ratio``, that
    derivative over a difference; ``coarse_ratio``, the same over a larger step, where the first was
    small; and where these do not agree, ``trust``: by which ``horizon`` the
    gradient is followed (its derivatives take the place of those of the trial), that it leads
    ``down`` nevertheless, or that ``pairs`` of trials are better.
    """
    slopes = check.slopes(found.gradients)
    key = max(slopes, key=lambda each: abs(slopes[each]))
    noted: dict[str, Any] = {"checked": key.partition("#")[0]}
    step = FINE if found.exact else COARSE
    difference, apart = check.along({key: 1.0}, step)
    if difference is None:
        return {**noted, "finite_difference_ratio": None}
    if difference == 0 or not apart[key]:
        return {}
    noted["finite_difference_ratio"] = slopes[key] * apart[key] / difference
    if found.exact and found.steps - found.forgotten > LONG:
        difference, apart = check.along({key: 1.0}, COARSE)
        if not difference:
            return noted
        noted["coarse_ratio"] = slopes[key] * apart[key] / difference
    ratio = slopes[key] * apart[key] / difference
    if agrees(ratio):
        return noted
    for steps in sorted(found.horizons, reverse=True):
        gradients = found.horizons[steps]
        shorter = check.slopes(gradients).get(key, 0.0) * apart[key] / difference
        if agrees(shorter):
            replaced = {GRADIENT + k.partition("#")[0]: gradients.get(k, 0.0) for k in slopes}
            return {
                **noted,
                **replaced,
                "trust": "horizon",
                "horizon": steps,
                "horizon_ratio": shorter,
            }
    leads = ratio > 0 and _leads_down(slopes, check)
    return {**noted, "trust": "down" if leads else "pairs"}


def _leads_down(slopes: Mapping[str, float], check: Check) -> bool:
    """Whether the objective falls where a walk would go first: as far in every coordinate."""
    uphill = {key: math.copysign(1.0, slope) for key, slope in slopes.items() if slope}
    difference, _ = check.along(uphill, WIDE)
    return difference is not None and difference > 0


def agrees(ratio: float) -> bool:
    """Whether a gradient is about the difference, of which it is `ratio`."""
    return 1 / CLOSE <= ratio <= CLOSE


class Trust:
    """What the trials told so far say of gradients; a function of them alone.

    Parameters
    ----------
    horizon : steps of training that gradients look back; None: all.
    mixed : whether there is more in the space than what is differentiated by, on which it may
        depend whether there is a gradient.

    Attributes
    ----------
    horizon : that of the trials to come.
    pairs : whether walks go by pairs of trials, and trials run without gradients.
    aside : whether they do so for now, while one walk goes by pairs.
    """

    def __init__(self, horizon: int | None, *, mixed: bool) -> None:
        self.horizon, self.pairs, self.aside = horizon, False, False
        self._mixed = mixed
        self._blind: float = 0

    def tell(self, trial: Trial) -> None:
        """Take in a trial that has ended."""
        info = trial.info
        if info.get("trust") == "horizon":
            self.horizon = int(info["horizon"])
        self.pairs = self.pairs or info.get("trust") == "pairs"
        if any(name.startswith(GRADIENT) for name in info):
            self._blind = -math.inf
        elif "no_gradient" in info and not self._mixed:
            self._blind += 1
            self.pairs = self.pairs or self._blind >= BLIND


def foretells(steps: Sequence[tuple[float, float]]) -> bool:
    """Whether gradients on the way of a walk say how the objective changes.

    Parameters
    ----------
    steps : foretold change (the mean of the gradients at both ends times the way) and change
        of the objective, of each step so far.
    """
    spread = max((abs(change) for _, change in steps), default=0.0)
    counted = [(told, change) for told, change in steps if abs(told) > SMALL * spread][-STEPS:]
    unlike = sum(told * change <= 0 for told, change in counted)
    return len(counted) < STEPS or unlike < UNLIKE

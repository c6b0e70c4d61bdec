"""What happens inside a trial whose hyperparameters are adapted while it trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ...errors import GradientError, UsageError
from ...layers import Layer
from ...space import Space

if TYPE_CHECKING:
    from ...unrolled.online import Online

RATE: Final = 0.05  # as a share of the value for each step of training, at most
LONGEST: Final = 1_000  # places of a path that are kept
LAST, PATH, WHY_NOT = "online_", "path_", "not_adapted"  # names in a trial's `info`


def rate_of(online: bool | float) -> float:  # as the option has it
    """β of `unrolled.online`, 0 if nothing is adapted.

    Raises
    ------
    UsageError
        If it is out of range.
    """
    if isinstance(online, bool):
        return RATE if online else 0.0
    if not 0 < online < 1:
        raise UsageError(
            f"gradient: online={online!r} is the share by which a step of training changes a value "
            "at most, above 0 and below 1; online=True is 0.05"
        )
    return float(online)


def refuse_others(options: Mapping[str, object]) -> None:
    """Raise UsageError if options of another way of differentiating are given."""
    given = [name for name, value in options.items() if value not in (None, "auto")]
    if given:
        raise UsageError(
            f"gradient: online= looks back over one step of training, and has no {given[0]}=; "
            "leave one of them out"
        )


class Adapting:
    """Adapts the hyperparameters of one trial at a time, as `inside.Inside` does its work.

    Parameters
    ----------
    keys : hyperparameters that may be adapted.
    rate : see `unrolled.online.Online`.
    decay : whether a weight decay is, or learning rates alone.
    strict : whether a trial in which none is adapted fails.
    """

    plain = ""

    def __init__(
        self, space: Space, keys: Sequence[str], rate: float, *, decay: bool, strict: bool
    ) -> None:
        self._domains: dict[str, Any] = {p.key: p.domain for p in space if p.key in set(keys)}
        self._rate, self._decay, self._strict = rate, decay, strict
        self._online: Online | None = None
        self._why = ""
        self._paths: dict[str, list[list[float]]] = {}

    def enter(self, assignment: Mapping[str, Any]) -> Mapping[str, Any]:
        """Numbers that know what they depend on in place of the values, by key."""
        self._online, self._why, self._paths = None, "", {}
        values = {key: assignment[key] for key in self._domains if key in assignment}
        try:
            import torch  # noqa: F401  # so that its absence is not taken for another's
        except ImportError:
            self._why = "torch is not installed: pip install 'jupyter_hpo[torch]'"
            return {}
        from ...unrolled.online import SLOTS, Online, Range

        ranges = {
            key: Range(float(domain.low), float(domain.high), bool(domain.log))
            for key, domain in self._domains.items()
        }
        slots = SLOTS if self._decay else SLOTS[:1]
        self._online = Online(values, ranges, self._rate, slots)
        return self._online.numbers

    def around(self) -> Layer:
        """What steps the trial's optimizers."""
        return Layer() if self._online is None else self._online

    def reported(self, step: int) -> None:
        """The trial has reported: note where its hyperparameters are."""
        if self._online is not None:
            for key in self._online.adapted:
                path = self._paths.setdefault(key, [])
                if path and path[-1][0] == step:
                    path.pop()  # a second report of a step takes the place of the first
                path.append([step, self._online.values[key]])
                if len(path) > LONGEST:
                    del path[1:-1:2]

    def so_far(self) -> dict[str, Any]:
        """Where the hyperparameters are now, and where they were at each report."""
        noted: dict[str, Any] = {}
        if self._online is not None:
            for key in sorted(self._online.adapted):
                name = key.partition("#")[0]
                noted[LAST + name] = self._online.values[key]
                if key in self._paths:
                    noted[PATH + name] = self._paths[key]
        return noted

    def leave(self, namespace: Mapping[str, Any], objective: Any) -> dict[str, Any]:
        """Where the hyperparameters came to, and where they were at each report.

        Raises
        ------
        GradientError
            If none was adapted, and one has to be.
        """
        noted = {**({WHY_NOT: self._why} if self._why else {}), **self.so_far()}
        online, self._online = self._online, None
        if online is not None:
            why = {key: str(cut) for key, cut in online.cuts.items()}
            if self._decay:  # these were named to be adapted
                rest = set(online.numbers) - online.adapted - set(why)
                why |= dict.fromkeys(sorted(rest), "no optimizer has it as its rate or decay")
            if why:
                noted[WHY_NOT] = "; ".join(f"{k.partition('#')[0]}: {w}" for k, w in why.items())
            elif not online.adapted:
                noted[WHY_NOT] = "no optimizer of torch has one of them as its learning rate"
        if self._strict and WHY_NOT in noted:
            raise GradientError(f"not adapted: {noted[WHY_NOT]}")
        return noted

    def failed(self, error: Exception) -> bool:
        """No other try: the code saw plain numbers."""
        return False

    def verify(self, run: Callable[[Mapping[str, Any]], float | None]) -> dict[str, Any]:
        """Nothing: there is no gradient of the objective to be compared."""
        return {}

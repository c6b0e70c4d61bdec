"""The objective as a number."""

from __future__ import annotations

import math
import numbers
from typing import Any

from .errors import TuneError


class ObjectiveError(TuneError, ValueError):
    """What the objective's name holds is not a number, or there is nothing."""


def as_scalar(value: Any, name: str, *, maximize: bool = False) -> float:
    """`value` as a float; `maximize` only decides what is advised if it is not one.

    Numbers, numpy scalars, and arrays and tensors of one element count; ±inf does, NaN not.

    Raises
    ------
    ObjectiveError
        Saying what it is instead and what to write.
    """
    number = _number(value, name, "max" if maximize else "min")
    if math.isnan(number):
        raise ObjectiveError(f"`{name}` is NaN")
    return number


def as_report(value: Any, name: str) -> float | None:
    """`value` as a float, NaN included; None if it is not a number."""
    try:
        return _number(value, name, "min")
    except ObjectiveError:
        return None


def carries_graph(value: Any) -> bool:
    """Whether a tensor keeps the whole computation that made it in memory."""
    try:
        return getattr(value, "grad_fn", None) is not None
    except Exception:  # noqa: BLE001  # foreign classes raise anything
        return False


def _number(value: Any, name: str, best: str) -> float:
    if isinstance(value, (str, bytes)):
        raise ObjectiveError(
            f"`{name}` is a string ({_short(value)}), not a number; write {name} = float({name})"
        )
    if value is None:
        raise ObjectiveError(
            f"`{name}` is None, not a number; does the function it comes from `return` its value?"
        )
    if _is_time(value):  # for numpy whole numbers, of whatever unit, and a missing one -2**63
        kind = type(value).__name__
        raise ObjectiveError(f"`{name}` is a {kind} ({_short(value)}), not a number")
    if isinstance(value, numbers.Real):
        try:
            return float(value)
        except OverflowError:
            raise ObjectiveError(f"`{name}` is too large a number") from None
    if _is_masked(value):
        return math.nan
    return _from_container(value, name, best)


def _from_container(value: Any, name: str, best: str) -> float:
    size = _size(value)
    kind = type(value).__name__
    if size is not None and (size != 1 or isinstance(value, (list, tuple, set, dict))):
        if size == 0 or isinstance(value, (set, dict)):
            raise ObjectiveError(f"`{name}` is a {kind} of {size} entries, not a number")
        raise ObjectiveError(
            f"`{name}` is a {kind} of {size} values, not a number; the objective must be one: "
            f"write {name} = {name}[-1], or {name} = {_best_of(value, name, best)}"
        )
    try:
        number = value.item() if hasattr(value, "item") else value
        if isinstance(number, (complex, str, bytes)):  # float() takes "0.5"
            raise TypeError
        return float(number)
    except Exception:  # noqa: BLE001  # foreign classes raise anything
        raise ObjectiveError(f"`{name}` is a {kind} ({_short(value)}), not a number") from None


def _is_time(value: Any) -> bool:
    """Whether it is a date or a time span of numpy, or several."""
    try:
        return getattr(getattr(value, "dtype", None), "kind", "") in ("m", "M")
    except Exception:  # noqa: BLE001  # no such thing, and foreign classes raise anything
        return False


def _is_masked(value: Any) -> bool:
    """Whether it is one entry of numpy that is masked, for which `item()` has 0."""
    try:
        return value.size == 1 and bool(value.mask.all())
    except Exception:  # noqa: BLE001  # no such array, and foreign classes raise anything
        return False


def _best_of(values: Any, name: str, best: str) -> str:
    """The best of a list; of an array, as of scores of cross-validation, the mean."""
    return f"{name}.mean()" if hasattr(values, "mean") else f"{best}({name})"


def _size(value: Any) -> int | None:
    """Number of elements of a container, an array or a tensor; None for anything else."""
    try:
        if hasattr(value, "numel"):
            return int(value.numel())
        if hasattr(value, "shape"):
            return int(math.prod(value.shape))
        return len(value)
    except Exception:  # noqa: BLE001  # as above
        return None


def _short(value: Any) -> str:
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001  # as above
        return "…"
    return text if len(text) <= 40 else text[:37] + "…"

"""The values of one hyperparameter as cells of a grid, from the JSON of its declaration."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..domains import UNSET
from ..domains.choice import label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GRID: Final = 64  # cells of a range; a density of some hundred trials has no finer detail
MOST_STEPS: Final = 2.0**53
SLACK: Final = 1e-9  # rounding of a bound through a logarithm
SCALARS: Final = frozenset({bool, int, float, str, type(None)})


class Axis(NamedTuple):
    """The cell that each trial is in, -1 where the hyperparameter is absent.

    ``ordered`` says whether neighbouring cells are alike.
    """

    cells: NDArray[np.intp]
    size: int
    ordered: bool


def numbers(row: Mapping[str, Any], values: Sequence[Any]) -> Axis:
    """A Float or Int; NaN where it is absent.

    Steps have a cell each as long as there are not more than `GRID` of them.
    """
    import numpy as np

    x = _floats(values)
    low, high = _real(row.get("low")), _real(row.get("high"))
    if not -math.inf < low <= high < math.inf:  # no bounds are stored: those of the trials
        finite = x[np.isfinite(x)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    whole = row.get("type") == "Int"
    step = 1.0 if whole and row.get("step") is None else _real(row.get("step"))
    if row.get("log") and low > 0:
        margin = 0.5 if whole else 0.0
        low, high, step = math.log(low - margin), math.log(high + margin), math.nan
        x = np.log(x, where=x > 0, out=np.full(len(x), np.nan))
    # halves: the difference of two large bounds overflows
    span = high / 2 - low / 2
    steps = span / (step / 2) if step / 2 > 0 else math.nan
    if low == high:
        size, share = 1, np.where(x == low, 0.5, np.nan)
    else:
        with np.errstate(over="ignore"):
            size, share = GRID, (x / 2 - low / 2) / span
        if steps < MOST_STEPS:
            count = math.floor(steps + SLACK) + 1
            size, share = min(count, GRID), (share * steps + 0.5) / count
    inside = (share >= -SLACK) & (share <= 1 + SLACK)
    places = np.clip(np.where(inside, share, 0.0) * size, 0, size - 1).astype(np.intp)
    return Axis(np.where(inside, places, -1), size, ordered=True)


def categories(values: Sequence[Any], known: int) -> Axis:
    """Choices: a cell for each that occurs, and up to `known` in all; UNSET where absent.

    Choices that JSON cannot hold are the same if they are the same object. A label
    of an earlier trial is the same as the object it names, if it names only one.
    """
    import numpy as np

    places = list(map(id, values))
    seen = dict(zip(places, values, strict=True))
    seen.pop(id(UNSET), None)
    # 1, 1.0 and True are three choices
    keys: dict[int, Hashable] = {
        place: (type(value), value) if type(value) in SCALARS else place
        for place, value in seen.items()
    }
    labels = {place: label(seen[place]) for place, key in keys.items() if key == place}
    names = {place: (type(text), text) for place, text in labels.items()}
    if len(set(names.values())) == len(names):
        keys |= names
    cell_of: dict[Hashable, int] = {}
    codes = {place: cell_of.setdefault(key, len(cell_of)) for place, key in keys.items()}
    codes[id(UNSET)] = -1
    cells = np.array([codes[place] for place in places], np.intp)
    return Axis(cells, max(len(cell_of), known), ordered=False)


def _floats(values: Sequence[Any]) -> NDArray[np.float64]:
    import numpy as np

    try:
        return np.array(values, float)
    except (TypeError, ValueError, OverflowError):  # another type, before the cell was changed
        return np.array([_real(value) for value in values], float)


def _real(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan

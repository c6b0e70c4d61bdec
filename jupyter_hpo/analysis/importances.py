"""Which hyperparameters made the difference between good trials and the others: PED-ANOVA."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from ..domains import UNSET
from ..trial import Trial, TrialState
from . import anova
from .axes import Axis, categories, numbers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

METHOD: Final = "PED-ANOVA"
# After 16 trials the 8 best name the most important hyperparameter in four of five studies; the 2
# best, which are a tenth, in every other one (tests/benchmarks/importances.py: Optuna takes those).
TOP: Final = 8
ROUGH: Final = 50  # below so many trials the note calls the figures rough
PRIOR: Final = 1.0  # weight of the uniform distribution, in trials


@dataclass(frozen=True)
class Importances:
    """How much each hyperparameter matters.

    Attributes
    ----------
    values : by name, largest first, summing to 1; empty if nothing can be said.
    trials : complete trials they rest on.
    method : how they were computed.
    note : one sentence for the user; empty if there is nothing to say.
    """

    values: dict[str, float] = field(default_factory=dict)
    trials: int = 0
    method: str = METHOD
    note: str = ""


def needed(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many complete trials are needed: two for each dimension, and 16 at least."""
    return max(2 * TOP, 2 * len(rows))


def importances(
    rows: Sequence[Mapping[str, Any]],
    trials: Iterable[Trial],
    maximize: bool,
    *,
    even: bool = True,
    quantile: float = 0.1,
    region: float = 1.0,
) -> Importances:
    """Hyperparameter importance by PED-ANOVA, or by fANOVA where trials were not spread evenly.

    Of trials that an optimizer has led to the good places the best are spread as all the
    others are, and would name what it never settled: see `anova` for those.

    The best `quantile` of the trials is compared with the best `region` of them
    (1: with all), one hyperparameter at a time: where the good ones are spread as
    the others are, it does not matter. The difference is the Pearson divergence

        D(p, q) = sum over x of (p(x) - q(x))² / q(x)

    of two densities, `p` of the good trials and `q` of all in the region; up to a
    factor that is the same for all, it is the variance that the hyperparameter
    alone explains of whether a trial is good ([1]_, Theorem 1 and Algorithm 1).
    Densities are kernel estimates on a grid of the unit interval, in the scale of
    the declaration (logarithms, steps); of choices, smoothed frequencies. Trials
    are compared by rank only, and with trials, not with the whole range: where an
    optimizer has looked more often does not count as importance.

    A hyperparameter that exists in a share `b` of the trials of the region and a
    share `a` of the good ones has the importance ``a² / b · D``, with D of the
    trials in which it exists: the variance within them, by their share ([2]_,
    Theorem 4.2). That it exists at all is to the credit of what it depends on.
    Declarations of one name in several branches add up.

    Unlike in the papers, `p` and `q` are smoothed alike, with Scott's bandwidth
    for the good trials, and the divergence that as many trials drawn at random
    would have on average is subtracted. It is known in closed form and, of some
    tens of trials, as large as a real effect.

    Complete trials only: a pruned trial's last value is not comparable. An
    objective that is infinite or not a number counts as the worst, in whichever
    direction. A value outside the declared range, from before the range was
    changed, counts as absent.

    Parameters
    ----------
    rows : the space as `Space.to_json` gives it.
    trials : trials, with values as in the running study or as stored.
    maximize : whether larger values of the objective are better.
    even : whether the trials were spread over the space, rather than led by what they found.
    quantile : share of good trials; 8 are taken at least, but no more than half.
    region : share of trials they are compared with.

    Raises
    ------
    ValueError
        Unless ``0 < quantile < region <= 1``.

    References
    ----------
    .. [1] S. Watanabe, A. Bansal, F. Hutter: PED-ANOVA: Efficiently Quantifying
       Hyperparameter Importance in Arbitrary Subspaces. IJCAI 2023.
    .. [2] K. Baba, Y. Ozaki, S. Watanabe: Conditional PED-ANOVA: Hyperparameter
       Importance in Hierarchical & Dynamic Search Spaces. KDD 2026.
    """
    import numpy as np

    if not 0 < quantile < region <= 1:
        raise ValueError(f"0 < quantile < region <= 1 does not hold for {quantile} and {region}")
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    count, need = len(complete), needed(rows)
    if not rows:
        return Importances(trials=count, note="there is no hyperparameter declared")
    if count < need:
        there = "there is" if count == 1 else "there are"
        note = f"importances need {need} complete trials, and {there} {count or 'none'}"
        return Importances(trials=count, note=note)
    values = np.array([math.nan if t.value is None else t.value for t in complete], float)
    losses = np.where(np.isfinite(values), -values if maximize else values, np.inf)
    if losses.min() == losses.max():
        same = "no trial has a finite value" if np.isinf(losses[0]) else "all have the same value"
        return Importances(trials=count, note=f"importances cannot be told: {same}")
    if not even:
        everywhere = [trial.assignment for trial in complete]
        axes = [_axis(row, everywhere) for row in rows]
        return _shares(rows, anova.scores(axes, losses), count, anova.METHOD)
    inside = np.flatnonzero(_best(losses, math.ceil(region * count)))
    wanted = max(math.ceil(quantile * count), TOP)
    good = _best(losses[inside], min(wanted, max(len(inside) // 2, 1)))
    assignments = [complete[place].assignment for place in inside]
    found = [_score(_axis(row, assignments), good) for row in rows]
    return _shares(rows, found, count, METHOD)


def _shares(
    rows: Sequence[Mapping[str, Any]], found: Sequence[float], count: int, method: str
) -> Importances:
    scores: dict[str, float] = {row["name"]: 0.0 for row in rows}
    for row, score in zip(rows, found, strict=True):
        scores[row["name"]] += score
    total = math.fsum(scores.values())
    if total <= 0:
        note = f"in {count} trials no hyperparameter stands out from chance"
        return Importances(trials=count, method=method, note=note)
    ordered = sorted(scores, key=lambda name: -scores[name])
    note = f"a rough picture: {count} complete trials" if count < ROUGH else ""
    return Importances({name: scores[name] / total for name in ordered}, count, method, note)


def _best(losses: NDArray[np.float64], wanted: int) -> NDArray[np.bool_]:
    """Which are the best, about `wanted` of them: equal ones are all in or all out."""
    import numpy as np

    if wanted >= len(losses):
        return np.ones(len(losses), bool)
    limit = np.partition(losses, wanted - 1)[wanted - 1]
    below, up_to = losses < limit, losses <= limit
    few, many = int(below.sum()), int(up_to.sum())
    nearer = 2 * few >= wanted and wanted - few < many - wanted
    chosen: NDArray[np.bool_] = below if few and (nearer or many == len(losses)) else up_to
    return chosen


def _axis(row: Mapping[str, Any], assignments: Sequence[Mapping[str, Any]]) -> Axis:
    if row.get("type") in ("Float", "Int"):
        return numbers(row, _column(row["key"], assignments, math.nan))
    choices = row.get("choices")
    known = len(choices) if isinstance(choices, list) else 0
    return categories(_column(row["key"], assignments, UNSET), known)


def _column(key: str, assignments: Sequence[Mapping[str, Any]], absent: object) -> list[Any]:
    try:
        return list(map(itemgetter(key), assignments))
    except KeyError:
        return [assignment.get(key, absent) for assignment in assignments]


def _score(axis: Axis, good: NDArray[np.bool_]) -> float:
    """The importance, not yet divided by the sum of all."""
    import numpy as np

    here = axis.cells >= 0
    every = np.bincount(axis.cells[here], minlength=axis.size)
    top = np.bincount(axis.cells[here & good], minlength=axis.size)
    trials, chosen = int(every.sum()), int(top.sum())
    if axis.size < 2 or not 0 < chosen < trials:
        return 0.0
    if not axis.ordered:  # by their numbers, so that the sums below do not depend on the order
        order = np.lexsort((top, every))
        every, top = every[order], top[order]
    share = PRIOR / (chosen + PRIOR)
    flat = share / axis.size
    if axis.ordered:
        kernel = (1 - share) * _kernel(top) + flat
        p, q, squares = top @ kernel / chosen, every @ kernel / trials, every @ kernel**2 / trials
    else:  # the same with a diagonal kernel, which would not fit in memory for 10,000 choices
        p, q = (1 - share) * top / chosen + flat, (1 - share) * every / trials + flat
        squares = ((1 - share + flat) ** 2 - flat**2) * every / trials + flat**2
    divergence = np.sum((p - q) ** 2 / q)
    # the variance of p if the good ones were drawn from all, without repeats
    spread = (squares - q**2) / chosen * (trials - chosen) / (trials - 1)
    excess = max(float(divergence - np.sum(spread / q)), 0.0)
    a, b = chosen / int(good.sum()), trials / len(good)
    return a * a / b * excess


def _kernel(counts: NDArray[np.int_]) -> NDArray[np.float64]:
    """Row by row, how a trial in a cell is spread over the cells; each row sums to 1."""
    import numpy as np

    size, trials = len(counts), int(counts.sum())
    centres = (np.arange(size) + 0.5) / size
    mean = counts @ centres / trials
    width = math.sqrt(counts @ (centres - mean) ** 2 / max(trials - 1, 1))
    below = np.cumsum(counts)
    # quartiles by whole trials: exact, whatever the rounding of a share
    lower, upper = np.searchsorted(4 * below, [trials, 3 * trials])
    middle = centres[upper] - centres[lower]
    if middle > 0:
        width = min(width, float(middle) / 1.34)
    # Scott's rule; a spike narrower than a cell would not reach the next one
    width = max(1.06 * width * trials**-0.2, 0.5 / size)
    near = np.exp(-0.5 * ((centres[:, None] - centres) / width) ** 2)
    spread: NDArray[np.float64] = near / near.sum(axis=1, keepdims=True)
    return spread

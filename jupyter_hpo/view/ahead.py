"""How long a study will still take, as far as its trials tell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Final, NamedTuple

from ..budget import Budget, epochs_of
from ..record import StudyInfo, StudyState
from ..trial import Trial, TrialState
from . import words

RECENT: Final = 20  # trials of a kind whose durations the estimate is taken from
WINDOW: Final = 20  # trials that tell how many are cut short
SURE: Final = 1.28  # standard deviations to either side, between which it ends in 4 of 5 cases
UNTRIED: Final = 0.5  # by how much of their mean durations differ, as long as it is not known
FEW: Final = 10  # trials at least that tell what the next ones will cost
UNCUT: Final = 10  # trials without a pruned one, after which a pruner is not reckoned with
SETTLED: Final = 5  # trials from the first pruned one on, that tell how many will be
VAGUE: Final = 8.0  # an estimate of which one end is so many times the other says nothing


class Left(NamedTuple):
    """Seconds until a study ends, at least and at most.

    Attributes
    ----------
    most : whether it may well end long before.
    """

    low: float
    high: float
    most: bool = False


def time_left(info: StudyInfo, trials: Sequence[Trial], now: float) -> Left | None:
    """When a running study ends, by its trials and its budget; None if it is not known.

    Parameters
    ----------
    trials : of the study, by number.
    now : seconds since the epoch.
    """
    if info.state is not StudyState.RUNNING:
        return None
    budget = Budget.of(info.budget) if info.budget else Budget()
    ends = [_by_trials(info, trials, now), _by_epochs(budget, trials)]
    if budget.seconds is not None:
        left = max(budget.seconds - info.ran(now), 0.0)
        ends.append(Left(left, left))
    known = [end for end in ends if end is not None]
    if not known:
        return None
    low, high = min(end.low for end in known), min(end.high for end in known)
    most = budget.worthwhile or any(end.most for end in known)
    if not most and high > VAGUE * low and words.about(high) != words.about(low):
        return None
    return Left(low, high, most)


def said(info: StudyInfo, trials: Sequence[Trial], now: float) -> str:
    """`time_left` in words; "" if it is not known."""
    return told(time_left(info, trials, now))


def told(left: Left | None) -> str:
    """ "about 3 min left", "about 3 to 6 min left"; "" if it is not known."""
    if left is None:
        return ""
    low, high = words.about(left.low), words.about(left.high)
    if left.most:
        return f"at most {high} left"
    if left.high <= 1.6 * left.low or low == high:
        return f"{words.about(math.sqrt(max(left.low, 0.1) * max(left.high, 0.1)))} left"
    if low.split()[-1] == high.split()[-1]:
        low = low.rpartition(" ")[0]
    return f"{low} to {high.removeprefix('about ')} left"


def _by_trials(info: StudyInfo, trials: Sequence[Trial], now: float) -> Left | None:
    if info.aim is None:
        return None
    ended = [t for t in trials if t.state.finished]
    waiting = [t for t in trials if t.waits]
    running = [t for t in trials if t.state is TrialState.RUNNING and not t.waits]
    left = info.aim - len(ended)
    timed = [t for t in ended if took(t) is not None]
    if left <= 0 or not timed:
        return None
    fresh = max(left - len(waiting) - len(running), 0)
    if waiting or any(t.set_aside for t in timed[-RECENT:]):
        return _promoting(timed, waiting, fresh, now)
    found = _plain(timed, [sum(b - a for a, b in _pieces(t, now)) for t in running], fresh)
    cut = [t.state is TrialState.PRUNED for t in timed]
    settled = len(cut) - cut.index(True) >= SETTLED if True in cut else len(cut) >= UNCUT
    return found._replace(most=info.pruner != "none" and not settled)


def took(trial: Trial) -> float | None:
    """Seconds it ran, if it is known."""
    duration = trial.duration
    return duration if duration is not None and math.isfinite(duration) else None


def _pieces(trial: Trial, now: float) -> list[tuple[float, float]]:
    """From when to when it ran, or runs."""
    start, duration = now if trial.started is None else trial.started, took(trial)
    if trial.ran or duration is None:
        parts = trial.ran or [(start, None)]
        return [(a, max(now if b is None else b, a)) for a, b in parts]
    return [(start, start + duration)]


class _Kind(NamedTuple):
    """Durations of trials of a kind."""

    mean: float
    variance: float


def _kind(durations: Sequence[float]) -> _Kind:
    """Of the latest; one or two of them do not tell how much they differ."""
    recent = durations[-RECENT:]
    mean = fmean(recent)
    squares = sum((each - mean) ** 2 for each in recent) + (UNTRIED * mean) ** 2
    return _Kind(mean, squares / len(recent))


def _plain(timed: Sequence[Trial], spent: Sequence[float], fresh: int) -> Left:
    """Trials that run to their end, or until they are pruned, one after the other."""
    cut = [t.state in (TrialState.PRUNED, TrialState.SKIPPED) for t in timed]
    times = [took(t) or 0.0 for t in timed]
    whole = [time for time, short in zip(times, cut, strict=True) if not short]
    if True not in cut or not whole:
        each, known = _kind(times), len(times)
    else:
        # before the first was pruned, none could be: the mix is that of those since then
        since = cut[cut.index(True) :][-WINDOW:]
        share, known = (sum(since) + 0.5) / (len(since) + 1), len(since)
        short, long = (
            _kind([t for t, is_cut in zip(times, cut, strict=True) if is_cut]),
            _kind(whole),
        )
        mean = share * short.mean + (1 - share) * long.mean
        spread = share * short.variance + (1 - share) * long.variance
        spread += share * (1 - share) * (short.mean - long.mean) ** 2
        each = _Kind(mean, spread)
    rest = sum(max(each.mean - ran, 0.0) for ran in spent)
    return _around(fresh * each.mean + rest, fresh + len(spent), each, min(known, RECENT))


def _around(mean: float, trials: int, each: _Kind, known: int) -> Left:
    """`mean` with what chance makes of so many trials, the mean of `known` of which is known."""
    off = SURE * math.sqrt(each.variance * (trials + trials**2 / max(known, 1)))
    return Left(max(mean - off, mean / 4), mean + off)


def _promoting(
    timed: Sequence[Trial], waiting: Sequence[Trial], fresh: int, now: float
) -> Left | None:
    """Trials that are set aside, of which some go on.

    For every trial that was begun lately, so much time was spent on it and on others that went
    on meanwhile: so it will be for each of those to come.
    """
    begun = sorted((*timed, *waiting), key=lambda trial: trial.number)
    gone_on = any(len(t.set_aside) > (t.waits or t.state is TrialState.PRUNED) for t in begun)
    if not fresh or not gone_on:
        return None  # nobody knows how many of those that wait will go on
    lately = begun[-max(len(begun) // 2, FEW) :]
    since = lately[0].started or 0.0
    spent = sum(max(end - max(start, since), 0.0) for t in begun for start, end in _pieces(t, now))
    costs = _kind([took(t) or 0.0 for t in lately])
    return _around(fresh * spent / len(lately), fresh, costs, len(lately))


def _by_epochs(budget: Budget, trials: Iterable[Trial]) -> Left | None:
    """Until a budget of epochs is spent, by how long the latest epochs took."""
    if budget.epochs is None:
        return None
    there = list(trials)
    timed = [t for t in there if took(t) and t.state is not TrialState.INTERRUPTED]
    paces = sorted((took(t) or 0.0) / max(t.reported, 1) for t in timed[-RECENT:])
    if not paces:
        return None
    left = max(budget.epochs - epochs_of(there), 0)
    few = len(paces) // 4
    pace = fmean(paces)
    return Left(left * min(paces[few], pace), left * max(paces[-1 - few], pace))

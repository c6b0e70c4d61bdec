"""What there is to say of a study, found in one pass over its trials."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from ..budget import Budget
from ..record import StudyInfo, StudyRecord, StudyState
from ..trial import Trial, TrialState
from . import words


@dataclass
class Glance:
    """The trials of a study by what became of them, each list in order of numbers.

    ``message`` says why the study stands where it does, or what it waits for.
    ``incumbents`` are the trials that were the best of their study when they
    ended, by number; the last of them has the best value.
    """

    info: StudyInfo
    message: str
    unsaved: str
    best: Trial | None
    baseline: Trial | None
    trials: list[Trial]
    complete: list[Trial] = field(default_factory=list)
    incumbents: list[Trial] = field(default_factory=list)
    ended: list[Trial] = field(default_factory=list)
    failed: list[Trial] = field(default_factory=list)
    running: list[Trial] = field(default_factory=list)
    waiting: list[Trial] = field(default_factory=list)
    interrupted: list[Trial] = field(default_factory=list)
    reported: bool = False

    @property
    def done(self) -> int:
        """Number of trials that count towards the total."""
        return len(self.complete) + len(self.ended) + len(self.failed)

    @property
    def active(self) -> bool:
        """Whether the study is running."""
        return self.info.state is StudyState.RUNNING


def look(record: StudyRecord) -> Glance:
    """Sort the trials of a study."""
    info = record.info
    message = info.message or record.doing()
    seen = Glance(info, message, record.unsaved, record.best, record.baseline, record.trials)
    sign = -1.0 if info.maximize else 1.0
    lowest: float | None = None
    for trial in seen.trials:
        state = trial.state
        seen.reported = seen.reported or bool(trial.reports)
        if state is TrialState.COMPLETE:
            seen.complete.append(trial)
            value = trial.value
            if value is None or math.isnan(value):
                continue
            if lowest is None or sign * value < lowest:
                lowest = sign * value
                seen.incumbents.append(trial)
        elif state is TrialState.FAIL:
            seen.failed.append(trial)
        elif state is TrialState.RUNNING:
            (seen.waiting if trial.waits else seen.running).append(trial)
        elif state is TrialState.INTERRUPTED:
            seen.interrupted.append(trial)
        else:
            seen.ended.append(trial)
    return seen


def progress(seen: Glance) -> str:
    """ "12 of 40 trials", "12 trials, 180 of 500 epochs"."""
    total, budget = seen.info.aim, _budget(seen)
    # a default that lies off the grid is one more than the grid has
    of = "" if total is None else f" of {max(total, seen.done)}"
    noun = "trial" if (seen.done if total is None else max(total, seen.done)) == 1 else "trials"
    epochs = "" if budget.epochs is None else f", {_epochs(seen)} of {budget.text}"
    return f"{seen.done}{of} {noun}{epochs or (', while worthwhile' if _asks(seen) else '')}"


def others(seen: Glance) -> list[str]:
    """ "5 waiting", "9 pruned", "1 skipped": the trials that are neither complete nor failed."""
    counts = Counter(words.state(t)[0] for t in (*seen.waiting, *seen.ended, *seen.interrupted))
    return [f"{n} {word}" for word, n in counts.items()]


def _epochs(seen: Glance) -> int:
    """Reports that there are; a trial that has ended without any counts as one."""
    return sum(max(trial.reported, trial.state.finished) for trial in seen.trials)


def _asks(seen: Glance) -> bool:
    """Whether it goes on as long as that is worth it."""
    return seen.active and _budget(seen).worthwhile


def ran(seen: Glance, now: float) -> str:
    """ "3 min 05 s", "3 min 05 s of 10 min" where time is the budget; "" if it has not run."""
    seconds, budget = seen.info.ran(now), _budget(seen)
    of = "" if budget.seconds is None else f" of {words.whole(budget.seconds)}"
    return f"{words.duration(seconds)}{of}" if seconds > 0 else ""


def _budget(seen: Glance) -> Budget:
    return Budget.of(seen.info.budget) if seen.info.budget else Budget()


def share(seen: Glance, now: float) -> float | None:
    """How much of its trials, or of its budget, the study has had, from 0 to 1; None: no limit."""
    budget, total = _budget(seen), seen.info.aim
    shares = [] if total is None else [seen.done / total if total > 0 else 1.0]
    if budget.epochs is not None:
        shares.append(_epochs(seen) / budget.epochs)
    if budget.seconds is not None:
        shares.append(seen.info.ran(now) / budget.seconds)
    return min(max(shares), 1.0) if shares else None


def last_report(trial: Trial) -> str:
    """ "step 5: 0.081", or "" if it has reported nothing."""
    if not trial.reports:
        return ""
    step, value = trial.reports[-1]
    return f"step {step}: {words.number(value)}"


def gain(seen: Glance) -> str:
    """How the best value compares with the default's; "" if there is nothing to compare."""
    best, base = seen.best, seen.baseline
    if best is None or best.value is None or base is None:
        return ""
    if base.state in (TrialState.RUNNING, TrialState.INTERRUPTED):
        return ""
    if base.value is None or math.isnan(base.value):
        return f"the default {words.state(base)[0]}, so there is nothing to compare with"
    if best.number == base.number or best.value == base.value:
        if len(seen.complete) == 1:
            return "the default; no other trial has a value" + (" yet" if seen.active else "")
        return "the default is the best so far" if seen.active else "nothing beat the default"
    _, default = words.apart(best.value, base.value)
    side = "above" if best.value > base.value else "below"
    return f"{_difference(best.value, base.value)}{side} the default's {default}"


def _difference(best: float, base: float) -> str:
    """ "0.019 (31 %) ", where the relative part makes sense."""
    absolute = abs(best - base)
    if not math.isfinite(absolute):
        return ""
    relative = absolute / abs(base) if base else math.inf
    if best * base < 0 or not 1e-4 <= relative <= 3:
        return f"{words.number(absolute, 3)} "
    return f"{words.number(absolute, 3)} ({words.percent(relative)}) "


def failures(seen: Glance) -> str:
    """ "3 trials failed, most often: MemoryError"; "" if none did, or the message says so."""
    if not seen.failed:
        return ""
    if seen.failed[-1].reason and seen.failed[-1].reason in seen.info.message:
        # the message names the trial, or how many failed in a row
        told = len(seen.failed) == 1 or seen.info.message.startswith(f"{len(seen.failed)} trials ")
        return "" if told else f"{words.count(len(seen.failed), 'trial')} failed"
    # only the last lines are compared: tracebacks may be long, and many
    reasons = Counter((trial.error or "").rstrip().rpartition("\n")[2] for trial in seen.failed)
    reason, times = reasons.most_common(1)[0]
    how_many = f"{words.count(len(seen.failed), 'trial')} failed"
    if times == 1 < len(seen.failed):
        reason = seen.failed[-1].reason
        return f"{how_many}, the latest: {words.short(reason, 200)}" if reason else how_many
    if not reason.strip():
        return how_many
    often = "" if len(seen.failed) == 1 else ", each time" if len(reasons) == 1 else ", most often"
    return f"{how_many}{often}: {words.short(reason, 200)}"

"""Pruners: what each one ends, what none ever ends, and what a study makes of it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_hpo import Study, tune
from jupyter_hpo.curves import Curve, Curves, curve_of
from jupyter_hpo.domains import Float
from jupyter_hpo.errors import StudyInterrupted, UsageError
from jupyter_hpo.protocols import Promotes
from jupyter_hpo.pruners import TABLE, create, names
from jupyter_hpo.store import Store
from jupyter_hpo.trial import RAN, Report, Trial, TrialState

every = pytest.mark.parametrize("name", list(TABLE))
SPACE = {"x": Float(0.0, 1.0, default=0.3)}


def curve(number: int, *values: float, value: float | None = None) -> Curve:
    return Curve(number, dict(enumerate(values)), value)


def done(number: int, *values: float) -> Curve:
    return curve(number, *values, value=values[-1])


FALLING = Curves(done(k, *(k + 10.0 / (step + 1) for step in range(8))) for k in range(6))

# --- curves


values = st.floats(-1e3, 1e3) | st.sampled_from([math.nan, math.inf, -math.inf])
curves = st.dictionaries(st.integers(0, 12), values, max_size=8)


@given(reports=st.lists(st.tuples(st.integers(0, 12), values), max_size=12))
def test_a_curve_that_grows_is_the_same_as_one_that_is_whole(
    reports: list[tuple[int, float]],
) -> None:
    growing = Curve(0, {})
    for step, value in reports:
        growing.add(step, value)
    whole = Curve(0, dict(reports))
    assert growing.steps == whole.steps == sorted(dict(reports))
    assert np.array_equal(growing.values, whole.values, equal_nan=True)
    assert growing.best == whole.best
    for step in range(14):
        reached = bool(whole.steps) and min(whole.steps) <= step <= whole.steps[-1]
        known = [v for s, v in dict(reports).items() if s <= step and not math.isnan(v)]
        assert whole.best_at(step) == (min(known, default=math.inf) if reached else None)


@given(held=st.lists(curves, max_size=6), cut=st.integers(0, 6), asked=st.integers(0, 13))
def test_what_is_kept_of_all_curves_is_what_they_say(
    held: list[dict[int, float]], cut: int, asked: int
) -> None:
    known = [Curve(number, reports) for number, reports in enumerate(held)]
    peers = Curves(known[:cut])
    for step in (asked, asked + 1):
        peers.best_at(step), peers.recent_at(step)  # kept from here on
    for each in known[cut:]:
        peers.add(each)
    expected = sorted(best for each in known if (best := each.best_at(asked)) is not None)
    assert list(peers.best_at(asked)) == expected
    expected = sorted(mean for each in known if (mean := each.recent_at(asked)) is not None)
    assert list(peers.recent_at(asked)) == expected


def test_recent_is_the_last_third() -> None:
    noisy = curve(0, 1.0, 2.0, 3.0, 4.0, math.nan, 6.0)
    assert [noisy.recent_at(step) for step in range(8)] == [
        *[1.0, 2.0, 3.0, 3.5, math.inf, math.inf],
        *[None, None],
    ]


def test_only_complete_and_pruned_trials_have_a_curve() -> None:
    for state in TrialState:
        trial = Trial(3, state, {}, 0.5, (Report(0, 1.0), Report(1, 0.5)))
        found = curve_of(trial)
        assert (found is not None) == (state in (TrialState.COMPLETE, TrialState.PRUNED))
        if found is not None:
            assert found.value == (0.5 if state is TrialState.COMPLETE else None)


# --- laws


@every
@settings(max_examples=60, deadline=None)
@given(held=st.lists(st.tuples(curves, values), max_size=9), own=curves.filter(bool))
def test_any_reports_get_an_answer_and_always_the_same(
    name: str, held: list[tuple[dict[int, float], float]], own: dict[int, float]
) -> None:
    peers = Curves(Curve(number, reports, value) for number, (reports, value) in enumerate(held))
    trial = Curve(99, own)
    answers = [create(name).prune(trial, peers) for _ in range(2)]
    assert isinstance(answers[0], str)
    assert answers[0] == answers[1]
    assert trial.steps == sorted(own)


@every
def test_the_leader_is_never_pruned(name: str) -> None:
    pruner = create(name)
    for count in range(1, 9):
        leading = curve(9, *(9.0 / (step + 1) - 1.0 for step in range(count)))
        assert pruner.prune(leading, FALLING) == ""


@every
def test_without_complete_trials_only_what_diverges_is_pruned(name: str) -> None:
    pruner = create(name)
    peers = Curves(curve(k, 1.0, 0.5) for k in range(9))  # all of them pruned
    for count in range(1, 12):
        assert pruner.prune(curve(9, *[2.0] * count), peers) == ""
    assert bool(pruner.prune(curve(9, 1.0, math.nan), Curves())) == (name in ("auto", "threshold"))


# --- each


def test_median() -> None:
    pruner = create("median(startup=3, warmup=1)")
    worst = curve(9, 16.0, 11.0)
    assert pruner.prune(curve(9, 16.0), FALLING) == ""  # warmup
    assert pruner.prune(worst, FALLING) == "worse than the median of 6 trials at step 1"
    assert pruner.prune(curve(9, 12.0, 7.5), FALLING) == ""
    assert pruner.prune(curve(9, 7.0, 99.0), FALLING) == ""  # its best so far counts
    assert pruner.prune(worst, Curves(list(FALLING)[:2])) == ""  # startup
    assert pruner.prune(Curve(9, {50: 99.0}), FALLING) == ""  # where nobody got


def test_patience() -> None:
    pruner = create("patience(patience=2)")
    assert pruner.prune(curve(9, 5.0, 6.0), FALLING) == ""
    assert pruner.prune(curve(9, 5.0, 6.0, 5.0), FALLING) == "no better for 2 reports"
    assert pruner.prune(curve(9, 5.0, 6.0, 4.9), FALLING) == ""
    assert create("patience(patience=2, improvement=0.2)").prune(curve(9, 5.0, 6.0, 4.9), FALLING)
    assert pruner.prune(curve(9, 1.0, 1.0, 1.0, 1.0), FALLING) == ""  # it leads


def test_threshold_is_in_the_users_own_sign() -> None:
    low = create("threshold(lower=0.2, upper=2)")
    assert low.prune(curve(0, 1.0, 3.0), Curves()) == "reported 3 at step 1, above 2"
    assert low.prune(curve(0, 0.1), Curves()) == "reported 0.1 at step 0, below 0.2"
    assert low.prune(curve(0, 3.0, 1.0), Curves()) == ""
    high = create("threshold(lower=0.2)", maximize=True)
    assert high.prune(curve(0, -0.1), Curves()) == "reported 0.1 at step 0, below 0.2"
    assert high.prune(curve(0, -0.3), Curves()) == ""
    assert low.prune(curve(0, math.inf), Curves()) == "reported inf at step 0"


def test_wilcoxon() -> None:
    best = curve(3, 0.5, 0.1, 0.9, 0.3, 0.7, value=0.5)
    peers = Curves([best])
    pruner = create("wilcoxon")
    worse = [v + 0.05 for v in best.values]
    assert pruner.prune(curve(9, *worse[:3]), peers) == ""
    assert pruner.prune(curve(9, *worse[:4]), peers) == "worse than trial 3 in 4 folds (p = 0.062)"
    mixed = [0.6, 0.0, 1.0, 0.2, 0.8]
    assert pruner.prune(curve(9, *mixed), peers) == ""
    assert pruner.prune(curve(9, *best.values), peers) == ""
    assert create("wilcoxon(p=0.04)").prune(curve(9, *worse[:4]), peers) == ""


def test_asha_keeps_one_in_so_many_at_each_rung() -> None:
    pruner = create("asha(promote=False, first=2, reduction=3)")
    peers = Curves(curve(k, float(k), float(k)) for k in range(8))
    kept = [
        not pruner.prune(curve(9, value, value), peers) for value in np.arange(-0.5, 8, 1).tolist()
    ]
    assert kept == [True] * 3 + [False] * 6
    assert pruner.prune(curve(9, 99.0), peers) == ""  # no rung
    assert pruner.prune(curve(9, 99.0, 99.0, 99.0), peers) == ""
    assert "best 3 of 9 trials at step 1" in pruner.prune(curve(9, 99.0, 99.0), peers)


def test_auto_compares_folds_with_folds() -> None:
    rng = np.random.default_rng(0)
    folds = rng.random((6, 5))
    peers = Curves(
        curve(k, *row, value=float(np.mean(row))) for k, row in enumerate(folds.tolist())
    )
    assert peers.folds and peers.incumbent is not None
    worse = [v + 0.1 for v in peers.incumbent.values]
    pruner = create("auto")
    assert pruner.prune(curve(9, *worse[:3]), peers) == ""
    assert "folds" in pruner.prune(curve(9, *worse), peers)
    assert not FALLING.folds


@pytest.mark.parametrize("first", [math.nan, math.inf, -math.inf])
def test_auto_takes_what_complete_trials_reported_for_no_divergence(first: float) -> None:
    pruner = create("auto")
    peers = Curves(curve(k, first, 2.0, 1.0, value=1.0) for k in range(6))
    assert pruner.prune(curve(9, first), peers) == ""
    assert pruner.prune(curve(9, first), Curves()) == ""
    assert pruner.prune(curve(9, first), FALLING).startswith("reported")
    study = tune(late_to_be_finite, SPACE, trials=8, optimizer="random")
    assert all(t.state is TrialState.COMPLETE or len(t.reports) > 2 for t in study.trials)


def late_to_be_finite(params: Mapping[str, Any], trial: Any) -> float:
    best = math.inf
    for epoch in range(6):
        best = min(best, params["x"] + 1.0 / (epoch + 1)) if epoch > 1 else best
        trial.report(best)
    return best


def test_auto_waits_where_trials_differ_in_length() -> None:
    pruner = create("auto")
    falling = [[k + 10.0 / (s + 1) for s in range(n)] for k, n in enumerate((8, 12, 16, 16, 16))]
    peers = Curves(done(k, *values) for k, values in enumerate(falling))
    slow = [99.0 - step for step in range(16)]
    same = Curves(done(k, *(k + 10.0 / (s + 1) for s in range(16))) for k in range(5))
    assert pruner.prune(curve(9, *slow[:3]), same) != ""
    assert all(pruner.prune(curve(9, *slow[:n]), peers) == "" for n in range(1, 9))


def test_auto_compares_after_3_and_9_and_27_reports() -> None:
    pruner = create("auto")
    peers = Curves(done(k, *(k + 10.0 / (step + 1) for step in range(40))) for k in range(6))
    falling = [99.0 - step for step in range(40)]
    ends = [count for count in range(1, 41) if pruner.prune(curve(9, *falling[:count]), peers)]
    assert ends == [3, 9, 27]
    assert "worse than the median of 6" in pruner.prune(curve(9, *falling[:9]), peers)
    five = Curves([curve(0, 1.0, 0.5, 0.2), *list(peers)[:5]])
    assert pruner.prune(curve(9, *falling[:3]), five)
    assert pruner.prune(curve(9, *falling[:3]), Curves(list(five)[:5])) == ""  # four are complete
    long = Curves(done(k, *range(100, 0, -1)) for k in range(5))
    assert pruner.prune(curve(9, *[999.0, 998.0, 997.0]), long) == ""  # of 100


def test_auto_compares_recent_reports_and_not_the_luckiest_one() -> None:
    pruner = create("auto")
    lucky = [4.0, 0.0, 9.0, 9.0, 9.0, 9.5, 9.2, 9.1, 9.0]
    steady = [9.0, 9.0, 9.0, 9.0, 9.0, 5.0, 5.0, 4.0, 3.0]
    peers = Curves(done(k, *(5.0 + k + 1.0 / (step + 1) for step in range(12))) for k in range(5))
    assert "at step 8" in pruner.prune(curve(9, *lucky), peers)
    assert pruner.prune(curve(9, *steady), peers) == ""


def test_auto_waits_for_a_quarter_of_a_trial_that_gets_no_better() -> None:
    pruner = create("auto")
    peers = Curves(done(k, *(k + 10.0 / (step + 1) for step in range(40))) for k in range(6))
    stuck = [2.0] * 40
    ends = [count for count in range(1, 41) if pruner.prune(curve(9, *stuck[:count]), peers)]
    assert ends == list(range(11, 40))  # not at the 40th: it is as long as a complete one
    assert pruner.prune(curve(9, *stuck[:11]), peers) == "no better for 10 reports"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("media", "there is no pruner 'media'; did you mean 'median'?"),
        ("hyperbrand", "did you mean 'hyperband'? There are auto, none, median"),
        ("median(startup=0)", "median: startup is at least 1"),
        ("median(5)", "options are written with their name, as in median(startup=5)"),
        ("patience(patience=0)", "patience: patience is at least 1"),
        ("patience(improvement=-1)", "improvement at least 0"),
        ("wilcoxon(p=2)", "wilcoxon: p is from 0 to 1, not 2"),
        ("asha(reduction=1)", "reduction above 1"),
        ("asha(promote=False, first=0)", "first is at least 1"),
        ("hyperband(reduction=1)", "reduction above 1"),
        ("screen(least=0)", "first and least are at least 1"),
        ("threshold(lower=3, upper=2)", "threshold: lower=3 is above upper=2"),
        ("threshold(maximize=True)", "threshold has no option 'maximize'"),
        ("median,asha", "more than one pruner is not in this version"),
    ],
)
def test_what_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        create(text)
    assert says in str(caught.value)


def test_names() -> None:
    assert names() == list(TABLE)


# --- in a study


def training(params: Mapping[str, Any], trial: Any) -> float:
    loss = 0.0
    for epoch in range(10):
        loss = (params["x"] - 0.3) ** 2 + 1.0 / (epoch + 1)
        trial.report(loss)
    return loss


def states(study: Study) -> list[str]:
    return [str(trial.state) for trial in study.trials]


def told(study: Study) -> list[Any]:
    infos = [{k: v for k, v in t.info.items() if k != RAN} for t in study.trials]
    return [
        (t.number, t.state, t.params, t.value, t.reports, info)
        for t, info in zip(study.trials, infos, strict=True)
    ]


def test_poor_trials_end_early_by_default() -> None:
    study = tune(training, SPACE, trials=25, optimizer="random")
    pruned = [trial for trial in study.trials if trial.state is TrialState.PRUNED]
    assert len(pruned) > 5
    for trial in pruned:
        assert trial.value is None and 3 <= len(trial.reports) < 10
        assert trial.reason.startswith("worse than the median of")
        others = [t for t in study.trials if t.value is not None and t.number < trial.number]
        assert trial.reports[-1].value > min(
            t.reports[len(trial.reports) - 1].value for t in others
        )
    assert study.best_value == min(t.value for t in study.trials if t.value is not None)
    assert (
        states(tune(training, SPACE, trials=25, optimizer="random", pruner="none"))
        == ["COMPLETE"] * 25
    )


def test_the_baseline_is_never_pruned() -> None:
    worst = {"x": Float(0.0, 1.0, default=1.0)}
    study = tune(training, worst, trials=9, optimizer="random", pruner="threshold(upper=0.5)")
    assert study.trials[0].state is TrialState.COMPLETE
    assert "PRUNED" in states(study)


def test_larger_is_better_gives_the_same_trials() -> None:
    def accuracy(params: Mapping[str, Any], trial: Any) -> float:
        value = 0.0
        for epoch in range(10):
            value = -((params["x"] - 0.3) ** 2 + 1.0 / (epoch + 1))
            trial.report(value)
        return value

    low = tune(training, SPACE, trials=20, optimizer="random")
    high = tune(accuracy, SPACE, minimize=False, trials=20, optimizer="random")
    assert states(low) == states(high) and "PRUNED" in states(low)


@every
def test_resumed_equals_uninterrupted(name: str, tmp_path: Path) -> None:
    interrupted: list[int] = []

    def objective(params: Mapping[str, Any], trial: Any) -> float:
        if trial.number == 11 and not interrupted:
            interrupted.append(1)
            if not isinstance(create(name), Promotes):  # there, what it reported is known
                trial.report(0.0)
            raise KeyboardInterrupt
        return training(params, trial)

    where: dict[str, Any] = {"store": tmp_path / "studies.db", "trials": 20}
    with pytest.raises(StudyInterrupted):
        tune(objective, SPACE, pruner=name, optimizer="random", **where)
    resumed = tune(objective, SPACE, resume=True, **where)
    whole = tune(training, SPACE, trials=20, optimizer="random", pruner=name)
    assert told(resumed) == told(whole)
    assert resumed.record.info.pruner == name


def test_a_trial_that_catches_everything_ends_all_the_same() -> None:
    def objective(params: Mapping[str, Any], trial: Any) -> float:
        for epoch in range(10):
            with contextlib.suppress(BaseException):  # as careless code does
                trial.report(9.0 if trial.number else float(epoch < 9))
        return 1.0

    study = tune(objective, SPACE, trials=2, pruner="threshold(upper=2)")
    assert states(study) == ["COMPLETE", "PRUNED"]
    assert study.trials[1].value is None


class Third:
    """Ends every trial at its third report; raises in trial 4."""

    def prune(self, trial: Curve, peers: Curves) -> str:
        if trial.number == 4:
            raise ValueError("no idea")
        return "third" if len(trial) == 3 else ""


def test_a_pruner_of_ones_own(tmp_path: Path) -> None:
    store = tmp_path / "studies.db"
    study = tune(training, SPACE, trials=6, pruner=Third(), store=store, optimizer="random")
    assert states(study) == ["COMPLETE", *["PRUNED"] * 3, "COMPLETE", "COMPLETE"]
    assert [len(t.reports) for t in study.trials] == [10, 3, 3, 3, 10, 10]
    (note,) = [note for note in study.record.info.notes if "pruner" in note]
    assert note == (
        "The pruner Third raised ValueError in trial 4 (no idea); from there on every trial runs "
        "to its end."
    )
    with pytest.raises(UsageError, match=r"used the pruner 'Third'.*give it again"):
        tune(training, SPACE, trials=8, store=store, resume=True)
    assert len(tune(training, SPACE, trials=8, store=store, resume=True, pruner="none")) == 8
    with pytest.raises(UsageError, match="an object with prune"):
        tune(training, SPACE, pruner=Third)  # type: ignore[arg-type]


def test_a_study_of_an_older_file_is_not_pruned_when_resumed(tmp_path: Path) -> None:
    path = tmp_path / "studies.db"
    tune(training, SPACE, trials=3, store=path, optimizer="random", pruner="none")
    info, _ = Store(path).load(1)
    assert info.pruner == "none" and info.even
    study = tune(training, SPACE, trials=20, store=path, resume=True)
    assert set(states(study)) == {"COMPLETE"}


def test_long_curves_stay_short() -> None:
    def objective(params: Mapping[str, Any], trial: Any) -> float:
        for _ in range(9_000):
            trial.report(1.0 + params["x"])
        return 1.0

    study = tune(objective, SPACE, trials=2, pruner="threshold(upper=9)")
    assert [len(t.reports) for t in study.trials] == [9_000, 9_000]


def test_importances_know_whether_trials_are_spread_evenly() -> None:
    space = {"x": Float(0.0, 1.0)}
    even = ["random", "sobol", "grid(points=8)", "optuna:QMC"]
    for name in [*even, "bayes", "ga", "optuna:TPE"]:
        study = tune(lambda p: p["x"], space, trials=3, optimizer=name)
        assert study.record.info.even == (name in even)

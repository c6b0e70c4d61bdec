"""Trials that are set aside: how they go on, end, fail, are stored and resumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from by_hand import held
from parked import Notebook
from promoting import Rounds

from jupyter_hpo import Categorical, Float, tune
from jupyter_hpo.curves import Curve, Curves
from jupyter_hpo.errors import StudyInterrupted, UsageError
from jupyter_hpo.record import StudyState
from jupyter_hpo.space import Space
from jupyter_hpo.store import Store
from jupyter_hpo.study import Study
from jupyter_hpo.trial import RAN, SET_ASIDE, TURN, Trial, TrialState

SPACE = {"x": Float(0.0, 1.0, default=0.5)}
EPOCHS = 4


class Halving:
    """After one report and after two, the better half of all that got there goes on."""

    def prune(self, trial: Curve, peers: Curves) -> str:
        return ""

    def sets_aside(self, trial: Curve, peers: Curves, waiting: Sequence[Curve]) -> bool:
        return len(trial) in (1, 2)

    def promote(self, waiting: Sequence[Curve], peers: Curves, fresh: int | None) -> int | None:
        for rung in (2, 1):
            there = [c for c in (*peers, *waiting) if len(c) >= rung]
            best = sorted(there, key=lambda c: c.best[rung - 1])[: len(there) // 2]
            for curve in best:
                if curve in waiting and len(curve) == rung:
                    return curve.number
        return None


def objective(params: Mapping[str, Any], trial: Any) -> float:
    loss = params["x"]
    for epoch in range(EPOCHS):
        loss = params["x"] + 1 / (epoch + 1)
        trial.report(loss)
    return loss


def kept(trials: Sequence[Trial]) -> list[Any]:
    times = ("started", "duration", "peak_memory", "info")
    known = [{k: v for k, v in vars(t).items() if k not in times} for t in trials]
    info = [{k: v for k, v in t.info.items() if k != RAN} for t in trials]
    return list(zip(known, info, strict=True))


def test_the_best_go_on_and_the_others_are_pruned_where_they_stood() -> None:
    study = tune(objective, SPACE, pruner=Halving(), trials=12, optimizer="random")
    states = [trial.state for trial in study.trials]
    assert states[0] is TrialState.COMPLETE and states.count(TrialState.COMPLETE) >= 3
    complete = [t for t in study.trials if t.state is TrialState.COMPLETE]
    pruned = [t for t in study.trials if t.state is TrialState.PRUNED]
    assert len(complete) + len(pruned) == 12
    assert min(t.params["x"] for t in study.trials) == study.best_params["x"]
    for trial in complete:
        assert [r.step for r in trial.reports] == list(range(EPOCHS))
        assert trial.info.get(SET_ASIDE, [1, 2]) == [1, 2]
    for trial in pruned:
        assert len(trial.reports) == trial.info[SET_ASIDE][-1]
        assert trial.reason == "set aside, and others were more promising"
    turns = sorted(trial.info[TURN] for trial in study.trials)
    assert len(set(turns)) == 12
    assert sum(len(t.reports) for t in study.trials) < 12 * EPOCHS


def test_it_is_noted_when_a_trial_ran_and_when_it_stood_still() -> None:
    study = tune(objective, SPACE, pruner=Halving(), trials=12, optimizer="random")
    for trial in study.trials:
        pieces = trial.ran
        ended = trial.state is TrialState.PRUNED  # where it stood
        assert len(pieces) == (0 if trial.number == 0 else len(trial.set_aside) + (not ended))
        times = [time for piece in pieces for time in piece if time is not None]
        assert len(times) == 2 * len(pieces) and times == sorted(times)
        assert not pieces or pieces[0][0] == trial.started
    frame = study.trials_dataframe()
    assert "info_ran" not in frame
    order = frame.sort_values("info_turn")["datetime_complete"]
    complete = frame["state"] == "COMPLETE"
    assert order[complete].is_monotonic_increasing


def test_the_baseline_is_the_first_to_be_complete() -> None:
    rounds = Rounds()
    study = tune(objective, SPACE, pruner=rounds, trials=3, optimizer="random")
    assert study.trials[0].info[TURN] == 0
    assert rounds.asked[0] == ([1], 1)
    assert all(trial.state is TrialState.COMPLETE for trial in study.trials)


@pytest.mark.parametrize("at", [2, 5, 8, 10, 13, 17, 22])
def test_interrupted_anywhere_and_resumed_is_as_if_it_had_not_been(tmp_path: Path, at: int) -> None:
    def run(name: str, stop: int | None = None, *, resume: bool = False) -> Study:
        reports = 0

        def counted(params: Mapping[str, Any], trial: Any) -> float:
            nonlocal reports
            loss = params["x"]
            for epoch in range(EPOCHS):
                reports += 1
                if reports == stop:
                    raise KeyboardInterrupt
                loss = params["x"] + 1 / (epoch + 1)
                trial.report(loss)
            return loss

        return tune(
            counted,
            SPACE,
            pruner=Halving(),
            trials=10,
            optimizer="ga",
            store=tmp_path / "studies.db",
            name=name,
            resume=resume,
        )

    whole = run("whole")
    if sum(len(t.reports) for t in whole.trials) < at:
        return
    with pytest.raises(StudyInterrupted) as raised:
        run("halved", at)
    left = [t for t in raised.value.study.trials if not t.state.finished]
    assert all(t.state is TrialState.INTERRUPTED for t in left)
    resumed = run("halved", resume=True)
    assert kept(resumed.trials) == kept(whole.trials)


def test_a_kernel_that_is_killed_loses_no_trial_that_was_set_aside(tmp_path: Path) -> None:
    seen: list[list[Trial]] = []
    path = tmp_path / "studies.db"

    def looked(params: Mapping[str, Any], trial: Any) -> float:
        if trial.number == 5:
            store = Store(path)
            study_id = store.find("study", "", None)
            assert study_id is not None
            seen.append(store.load(study_id)[1])
        return objective(params, trial)

    tune(looked, SPACE, pruner=Rounds(), trials=6, store=path, optimizer="random")
    waiting = [trial for trial in seen[0] if trial.turn is not None and not trial.state.finished]
    assert [trial.number for trial in waiting] == [1, 2, 3, 4]
    assert all(len(trial.reports) == 1 and trial.params for trial in waiting)


CELL = """
x: Float(0, 1) = 0.5
for epoch in range(4):
    loss = x + 1 / (epoch + 1)
    hook(epoch)
"""


def notebook_with(hook: Any) -> Notebook:
    notebook = Notebook()
    notebook.names["hook"] = hook
    return notebook


def test_stop_ends_those_that_wait_and_keeps_what_they_reported() -> None:
    notebook = notebook_with(lambda epoch: None)
    sitting = notebook.study(CELL, trials=6, pruner=Rounds())
    began = 0

    def hook(epoch: int) -> None:
        nonlocal began
        began += epoch == 0
        if began == 4:
            sitting.controls.stop()

    notebook.names["hook"] = hook
    sitting.drive()
    record = sitting.runner.record
    assert record.info.state is StudyState.STOPPED
    assert [t.state for t in record.trials[1:]] == [TrialState.INTERRUPTED] * 3
    assert all(len(trial.reports) == 1 for trial in record.trials[1:3])
    assert "x" not in notebook.names and "loss" not in notebook.names


@pytest.mark.parametrize("stops", [False, True])
def test_a_study_can_be_paused_while_those_that_wait_end(stops: bool) -> None:
    notebook = notebook_with(lambda epoch: None)
    cell = """
x: Float(0, 1) = 0.5
try:
    for epoch in range(4):
        loss = x + 1 / (epoch + 1)
finally:
    leaving(epoch)
"""
    sitting = notebook.study(cell, trials=8, pruner=Halving(), optimizer="random")
    record, left = sitting.runner.record, 0

    def leaving(epoch: int) -> None:
        nonlocal left
        left += epoch < 3
        if left == 2:
            sitting.controls.pause()

    notebook.names["leaving"] = leaving
    sitting.drive()
    assert record.info.state is StudyState.PAUSED and left == 2
    assert any(trial.waits for trial in record.trials)
    if stops:
        sitting.stop()
        assert record.info.state is StudyState.STOPPED
        assert any(trial.state is TrialState.INTERRUPTED for trial in record.trials)
        return
    sitting.drive()
    assert record.info.state is StudyState.FINISHED and record.finished == 8


def test_a_trial_is_skipped_after_it_was_promoted() -> None:
    notebook = notebook_with(lambda epoch: None)
    sitting = notebook.study(CELL, trials=4, pruner=Rounds())

    def hook(epoch: int) -> None:
        if notebook.names["trial"].number == 2 and epoch == 1:
            sitting.controls.skip()

    notebook.names["hook"] = hook
    sitting.drive()
    states = [str(trial.state) for trial in sitting.runner.record.trials]
    assert states == ["COMPLETE", "COMPLETE", "SKIPPED", "COMPLETE"]


def test_a_trial_fails_after_it_was_promoted_and_the_others_do_not() -> None:
    def hook(epoch: int) -> None:
        if notebook.names["trial"].number == 1 and epoch == 2:
            raise ValueError("nothing left")

    notebook = notebook_with(hook)
    sitting = notebook.study(CELL, trials=4, pruner=Rounds())
    sitting.drive()
    failed, *others = sitting.runner.record.trials[1:]
    assert failed.state is TrialState.FAIL and failed.reason == "ValueError: nothing left"
    assert len(failed.reports) == 2
    assert all(trial.state is TrialState.COMPLETE for trial in others)


def test_settings_that_a_trial_makes_wait_with_it() -> None:
    notebook = Notebook()
    notebook.run("import types; args = types.SimpleNamespace(lr=1.0)")
    cell = """
x: Float(0, 1) = 0.5
args.lr = x
for epoch in range(3):
    loss = args.lr
assert args.lr == x
"""
    sitting = notebook.study(cell, trials=4, pruner=Rounds(), guarded=True)
    sitting.drive()
    trials = sitting.runner.record.trials
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 4
    assert all(trial.value == trial.params["x"] for trial in trials)
    assert notebook.names["args"].lr == 1.0


def test_the_time_a_trial_may_take_does_not_run_while_it_waits() -> None:
    notebook = notebook_with(lambda epoch: None)
    sitting = notebook.study(CELL, trials=3, pruner=Rounds(), timeout=30.0)
    deadlines: list[float | None] = []
    notebook.names["hook"] = lambda epoch: deadlines.append(sitting.controls.deadline)
    sitting.drive()
    assert all(deadlines) and sitting.controls.deadline is None
    assert [str(t.state) for t in sitting.runner.record.trials] == ["COMPLETE"] * 3


class Broken(Rounds):
    def promote(self, waiting: Sequence[Curve], peers: Curves, fresh: int | None) -> int | None:
        if len(waiting) == 2:
            raise LookupError("which one?")
        return None


class Elsewhere(Rounds):
    def promote(self, waiting: Sequence[Curve], peers: Curves, fresh: int | None) -> int | None:
        return 77


@pytest.mark.parametrize(
    ("pruner", "says"),
    [
        (Broken(), "The pruner Broken raised LookupError with 2 trials set aside (which one?)"),
        (Elsewhere(), "The pruner Elsewhere raised ValueError with 1 trials set aside (promote()"),
    ],
)
def test_where_the_pruner_fails_every_trial_runs_to_its_end(pruner: Rounds, says: str) -> None:
    study = tune(objective, SPACE, pruner=pruner, trials=5, optimizer="random")
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 5
    assert study.record.info.notes[-1].startswith(says)


def test_a_whole_grid_ends_when_nothing_waits() -> None:
    study = tune(objective, SPACE, pruner=Rounds(first=2), optimizer="grid(points=5)")
    assert study.state == StudyState.FINISHED
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 5


def test_a_report_from_a_thread_or_an_import_waits_for_a_better_place() -> None:
    notebook = notebook_with(lambda epoch: None)
    cell = """
x: Float(0, 1) = 0.5
import threading
for epoch in range(3):
    loss = x + epoch
    thread = threading.Thread(target=trial.report, args=(loss,))
    thread.start()
    thread.join()
trial.report(loss, 9)
"""
    sitting = notebook.study(cell, trials=4, pruner=Rounds())
    sitting.drive()
    trials = sitting.runner.record.trials
    assert [len(trial.reports) for trial in trials] == [4] * 4
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 4
    assert not sitting.runner.record.info.notes


def test_it_is_noted_if_a_thread_keeps_trials_from_being_set_aside() -> None:
    notebook = notebook_with(lambda epoch: None)
    cell = """
x: Float(0, 1) = 0.5
import threading
over = threading.Event()
def wait(over=over):
    while not over.wait(0.001):
        pass
thread = threading.Thread(target=wait)
thread.start()
for epoch in range(3):
    loss = x + epoch
over.set()
thread.join()
"""
    sitting = notebook.study(cell, trials=4, pruner=Rounds())
    sitting.drive()
    record = sitting.runner.record
    assert [trial.set_aside for trial in record.trials] == [[]] * 4
    (note,) = record.info.notes
    assert note == (
        "Trials ran on that were to be set aside, because of a thread of the trial's own."
    )


@pytest.mark.parametrize("pruner", ["asha", "screen", "hyperband", "freezethaw"])
def test_reports_of_one_step_set_a_trial_aside_once(pruner: str) -> None:
    def batches(params: Mapping[str, Any], trial: Any) -> float:
        for report in range(20):
            trial.report(params["x"] + 1 / (report + 1), step=report // 5)
        return params["x"]

    study = tune(batches, SPACE, pruner=pruner, trials=6, optimizer="random")
    counts = [trial.set_aside for trial in study.trials]
    assert any(counts) and all(len(each) == len(set(each)) for each in counts)


@pytest.mark.parametrize("optimizer", ["random", "bayes", "ga", "grid(points=4)"])
def test_trials_that_wait_may_be_outside_of_an_edited_space(optimizer: str) -> None:
    def edits(study: Study, params: Mapping[str, Any], trial: Any) -> float:
        if trial.number == 4:
            study.edit_space(kind=Categorical("a", "b"))
        trial.report(params["x"] + 1)
        trial.report(params["x"])
        return float(params["x"])

    space = Space.of({**SPACE, "kind": Categorical("a", "b", "c", default="a")})
    study = held(edits, space, optimizer=optimizer, trials=9, pruner=Rounds())
    for number in range(1, 4):
        study.enqueue({"x": number / 10, "kind": "c"})
    study.sitting.drive()
    assert study.state == StudyState.FINISHED
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 9
    assert all(trial.params["kind"] != "c" for trial in study.trials[5:])


def test_a_pruner_that_promotes_is_refused_where_the_optimizer_works_inside_trials() -> None:
    with pytest.raises(UsageError, match="sets trials aside for others; with it use --pruner none"):
        tune(objective, SPACE, optimizer="gradient", pruner="asha")
    study = tune(objective, SPACE, optimizer="gradient", pruner="asha(promote=False)", trials=3)
    assert study.state == StudyState.FINISHED

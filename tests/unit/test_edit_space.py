"""Requests to a study: another search space, a configuration to try, from whichever thread."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from by_hand import held, table
from parked import Notebook, planned

from jupyter_hpo import Categorical, Float, Int, Study, trial, tune
from jupyter_hpo.errors import SpaceError, StudyError, StudyInterrupted
from jupyter_hpo.optimizers import create
from jupyter_hpo.sitting import Sitting
from jupyter_hpo.space import Space
from jupyter_hpo.store import Store
from jupyter_hpo.trial import Trial
from jupyter_hpo.turns import Turns

SPACE = Space.of(
    {
        "lr": Float(1e-5, 0.1, log=True, default=1e-3),
        "act": Categorical("relu", "tanh", math.sin, default="relu"),
        "n": Int(1, 8, default=2),
    }
)
NARROW = {"lr": Float(1e-4, 1e-2, log=True), "act": Categorical("tanh", math.sin)}
LOOP = """
lr: LR = 0.01
width: Int(1, 64) = 8
loss = 0.0
for k in range(5):
    step = k
    loss += step
"""
Then = Callable[[Study], object]


def in_trial(number: int, then: Then) -> Callable[[Study, Mapping[str, Any], Any], float]:
    """An objective that does something with its study in one of the trials."""

    def objective(study: Study, params: Mapping[str, Any], now: Any) -> float:
        if now.number == number:
            then(study)
        return float(params["lr"]) + float(params["n"])

    return objective


def run(then: Then, number: int = 3, trials: int = 8, **more: Any) -> Study:
    study = held(in_trial(number, then), SPACE, **{"trials": trials, "optimizer": "random", **more})
    study.sitting.drive()
    return study


def notes(study: Study, *about: str) -> list[str]:
    return [n for n in study.record.info.notes if n.startswith(about or "Search space edited")]


def behind(notebook: Notebook, text: str = LOOP, trials: int = 4) -> Study:
    """A study in the background, paused nowhere, that has not begun."""

    def failed(sitting: Sitting, error: BaseException) -> None:
        raise error

    sitting = notebook.study(text, trials=trials, background=Turns(notebook.host, failed))
    sitting.begin()
    return Study(sitting.runner.journal, sitting)


def parked(notebook: Notebook, text: str = LOOP, trials: int = 3) -> Study:
    """A study that is paused in its first trial."""
    sitting, lines = planned(notebook, text, [7], trials=trials)
    lines.pauses = True
    sitting.drive()
    assert sitting.info.state == "paused" and lines.occupied
    lines.pauses = False  # the trials that follow are parked for a moment
    return Study(sitting.runner.journal, sitting)


def on_another_thread(action: Callable[[], object]) -> None:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


# -- what an edit does -------------------------------------------------------------------


def test_from_the_next_trial_on() -> None:
    study = run(lambda study: study.edit_space(**NARROW))
    plain = run(lambda study: None)
    assert table(study)[:4] == table(plain)[:4]  # the one that was running, too
    for each in study.trials[4:]:
        assert 1e-4 <= each.params["lr"] <= 1e-2 and each.params["act"] != "relu"
    info = study.record.info
    assert info.space == SPACE.to_json()
    assert info.edits.keys() == {"lr", "act"}
    searched = {row["key"]: row for row in info.searched}
    assert (searched["lr"]["low"], searched["lr"]["high"]) == (1e-4, 1e-2)
    assert searched["act"]["choices"] == ["tanh", "sin"] and searched["n"] == info.space[2]


def test_one_note_says_what_was_and_what_fits() -> None:
    def edits(study: Study) -> None:
        study.edit_space(lr=Float(1e-4, 1e-2, log=True))

    study = run(edits)
    fits = sum(1e-4 <= t.params["lr"] <= 1e-2 for t in study.trials[:4])
    assert notes(study) == [
        "Search space edited: lr Float(0.0001, 0.01, log=True), was Float(1e-05, 0.1, log=True); "
        f"{fits} of 4 trials still fit."
    ]
    study = run(lambda s: (edits(s), s.edit_space(n=Int(1, 4)), s.edit_space(n=Int(2, 4))))
    (note,) = notes(study)
    assert "; n Int(2, 4), was Int(1, 8); " in note


def test_an_edit_that_changes_nothing() -> None:
    study = run(lambda s: (s.edit_space(), s.edit_space(n=Int(1, 8)), s.edit_space(n=Int(1, 8))))
    plain = run(lambda study: None)
    assert table(study) == table(plain)
    assert study.record.info.notes == plain.record.info.notes and not study.record.info.edits


def test_back_to_the_declaration() -> None:
    def edits(study: Study) -> None:
        study.edit_space(n=Int(1, 4))
        study.edit_space(n=Int(1, 8))

    study = run(edits)
    assert not study.record.info.edits
    assert notes(study, "Search", "The search") == [
        "The search space is as declared again; 4 of 4 trials still fit."
    ]
    assert table(study) == table(run(lambda study: None))


def test_a_default_alone_can_be_edited() -> None:
    study = run(lambda s: s.edit_space(n=Int(1, 8, default=5)))
    (note,) = notes(study)
    assert "n = 5, was = 2; 4 of 4" in note


def test_what_is_refused_is_raised_to_the_caller_and_changes_nothing() -> None:
    def edits(study: Study) -> None:
        for wrong in ({"lrr": Float(0, 1)}, {"lr": Int(1, 2)}, {"act": Categorical(object())}):
            with pytest.raises(SpaceError):
                study.edit_space(**wrong)  # type: ignore[arg-type]

    study = run(edits)
    assert not notes(study) and not study.record.info.edits


def test_the_grid_that_is_left() -> None:
    space = Space.of({"lr": Categorical(1, 2, 3, 4), "n": Int(1, 3)})
    study = held(in_trial(2, lambda s: s.edit_space(lr=Categorical(1, 2))), space, optimizer="grid")
    assert study.record.info.expected == 12
    study.sitting.drive()
    assert (len(study), study.record.info.expected, study.record.info.total) == (6, 6, None)
    # those outside have been tried all the same
    study = held(in_trial(4, lambda s: s.edit_space(lr=Categorical(2, 4))), space, optimizer="grid")
    study.sitting.drive()
    assert (len(study), study.record.info.expected) == (9, 9)
    whole = [note for note in study.record.info.notes if "whole grid" in note]
    assert whole == ["The whole grid: 6 configurations."]


def test_auto_says_anew_what_it_chose() -> None:
    space = Space.of({"lr": Float(0, 1), "n": Int(1, 3)})
    study = held(in_trial(2, lambda s: s.edit_space(lr=Float(1, 1))), space, trials=9)
    study.sitting.drive()
    assert len(study) == 6  # of them three in the space as it was
    (note,) = [note for note in study.record.info.notes if note.startswith("auto chose")]
    assert note == "auto chose grid: the space has only 3 configurations and 6 trials cover it"


class Follows:
    """Proposes the lowest value of everything."""

    def __init__(self, space: Space) -> None:
        self.space, self.told = space, 0

    def ask(self, number: int, rng: Any, running: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return self.space.decode([0.0] * len(self.space))

    def tell(self, trial: Trial) -> None:
        self.told += 1

    def space_changed(self, space: Space) -> None:
        self.space = space


class Fixed(Follows):
    space_changed = None  # type: ignore[assignment]


def test_an_optimizer_that_follows_is_told_nothing_again(tmp_path: Path) -> None:
    mine, store = Follows(SPACE), Store(tmp_path / "studies.db")
    study = run(lambda s: s.edit_space(n=Int(3, 4)), optimizer=mine, store=store)
    assert [t.params["n"] for t in study.trials] == [2, 1, 1, 1, 3, 3, 3, 3]
    assert study.sitting.runner.adviser.optimizer is mine and mine.told == 8
    again = held(
        in_trial(0, id), SPACE, optimizer=Follows(SPACE), trials=9, store=store, resume=True
    )
    again.sitting.drive()
    assert again.trials[8].params["n"] == 3


def test_an_optimizer_that_cannot_follow(tmp_path: Path) -> None:
    def ask(study: Study) -> None:
        with pytest.raises(StudyError, match=r"Random has no space_changed\(space\)"):
            study.edit_space(n=Int(3, 4))

    store = Store(tmp_path / "studies.db")
    study = run(ask, optimizer=create("random", SPACE))
    assert len(study) == 8 and not notes(study)
    run(lambda s: s.edit_space(n=Int(3, 4)), store=store)
    mine = create("random", SPACE)
    again = held(in_trial(0, id), SPACE, optimizer=mine, trials=12, store=store, resume=True)
    again.sitting.drive()
    assert len(again) == 12 and not again.record.info.edits
    assert notes(again, "The search space is that of the cell")


def test_an_optimizer_that_cannot_be_made_anew_leaves_all_as_it_was() -> None:
    def edits(study: Study) -> None:
        study.edit_space(n=Int(1, 2))

    study = held(in_trial(2, edits), SPACE, optimizer="grid(points=5)", trials=6)
    study.record.update(optimizer="grid(points=0)")  # as a plug-in that another version refuses
    study.sitting.drive()
    assert len(study) == 6 and study.state == "finished"
    assert notes(study, "A request could not be met") == [
        "A request could not be met: UsageError: a grid has at least 1 point per parameter, "
        "not points=0"
    ]
    assert study.space is not None and study.space["n"].domain == Int(1, 8)


# -- later -------------------------------------------------------------------------------


def test_a_finished_study_is_edited_for_the_trials_to_come(tmp_path: Path) -> None:
    path = tmp_path / "studies.db"
    space = {p.key: p.domain for p in SPACE}
    study = tune(lambda p: float(p["n"]), space, trials=4, optimizer="random", store=path)
    study.edit_space(n=Int(3, 4))
    again = tune(lambda p: float(p["n"]), space, trials=9, store=path, resume=True)
    assert all(t.params["n"] in (3, 4) for t in again.trials[4:]) and len(again) == 9


def test_a_declaration_that_has_changed_wins(tmp_path: Path) -> None:
    store = Store(tmp_path / "studies.db")
    run(lambda s: s.edit_space(**NARROW), store=store)
    other = Space.of({**{p.key: p.domain for p in SPACE}, "lr": Float(1e-6, 1.0, log=True)})
    again = held(in_trial(0, id), other, trials=12, store=store, resume=True)
    again.sitting.drive()
    assert again.record.info.edits.keys() == {"act"}
    assert all(t.params["act"] != "relu" for t in again.trials[8:])
    assert notes(again, "The edit of") == [
        "The edit of lr is dropped: the cell declares it otherwise now."
    ]
    (note,) = notes(again)
    assert note.startswith("Search space edited: act Categorical('tanh', <built-in function sin>)")


def test_a_dropped_object_is_itself_after_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path / "studies.db")
    run(lambda s: s.edit_space(act=Categorical("relu", "new")), number=6, store=store, trials=9)
    again = held(in_trial(0, id), SPACE, trials=9, store=store, resume=True)
    acts = [t.params["act"] for t in again.trials]
    assert math.sin in acts[:7] and set(acts[7:]) <= {"relu", "new"}
    assert "params = " in again.code()


def test_a_study_that_is_only_loaded(tmp_path: Path) -> None:
    run(lambda s: None, store=Store(tmp_path / "studies.db"))
    from jupyter_hpo.journal import Journal
    from jupyter_hpo.record import StudyRecord

    store = Store(tmp_path / "studies.db")
    info, _ = store.load(1)
    loaded = Study(Journal(StudyRecord(info), None, store, 1))
    assert loaded.space is None
    with pytest.raises(StudyError, match="only loaded; run its cell with --resume"):
        loaded.edit_space(n=Int(3, 4))


def test_a_configuration_that_fits_no_longer_is_left_out() -> None:
    def then(study: Study) -> None:
        study.enqueue(n=8)
        study.enqueue(n=3)
        study.edit_space(n=Int(1, 4))

    study = run(then)
    assert study.trials[4].params["n"] == 3 and study.trials[4].info["enqueued"]
    assert notes(study, "An enqueued") == [
        "An enqueued configuration was left out: 8 is outside [1, 4]."
    ]


def test_an_enqueued_trial_that_is_run_again_fits_or_is_left_out(tmp_path: Path) -> None:
    def then(study: Study) -> None:
        if not study.record.info.edits:
            study.enqueue(n=8)

    def objective(study: Study, params: Mapping[str, Any], now: Any) -> float:
        then(study) if now.number == 1 else None
        if params["n"] == 8:
            raise KeyboardInterrupt
        return 1.0

    store = Store(tmp_path / "studies.db")
    study = held(objective, SPACE, trials=4, optimizer="random", store=store)
    study.sitting.drive()
    assert study.trials[2].info["enqueued"] and study.state == "paused"
    study.edit_space(n=Int(1, 4))
    again = held(objective, SPACE, trials=4, store=store, resume=True)
    again.sitting.drive()
    assert again.state == "finished" and again.trials[2].params["n"] <= 4
    assert notes(again, "The enqueued") == ["The enqueued configuration of trial 2 fits no longer."]


# -- from which thread, and when ---------------------------------------------------------


def test_other_threads_ask_and_the_studys_own_writes() -> None:
    seen: list[tuple[int, bool]] = []

    def then(study: Study) -> None:
        on_another_thread(lambda: study.edit_space(n=Int(1, 20)))
        on_another_thread(lambda: study.enqueue(n=15))  # of the space that is to come
        with pytest.raises(SpaceError):
            on_another_thread(lambda: study.enqueue(n=21))
        info = study.record.info
        seen.append((len(info.queue), bool(info.edits)))  # nothing has been written yet

    study = run(then)
    assert seen == [(0, False)]
    assert study.trials[4].params["n"] == 15 and study.record.info.edits.keys() == {"n"}


def test_what_goes_wrong_later_is_a_note_and_ends_no_study() -> None:
    study = run(lambda s: on_another_thread(lambda: s.sitting.soon(lambda: print(1 / 0))))
    assert study.state == "finished" and len(study) == 8
    assert notes(study, "A request") == [
        "A request could not be met: ZeroDivisionError: division by zero"
    ]


def test_what_the_last_trial_asks_for_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "studies.db")
    run(lambda s: (s.enqueue(n=7), s.edit_space(lr=Float(0, 1))), number=7, store=store)
    info, _ = store.load(1)
    assert [row["n"] for row in info.queue] == [7] and info.edits.keys() == {"lr"}
    assert info.state == "finished" and not store.alive(1)


def test_a_parked_study_is_edited_at_once() -> None:
    study = parked(Notebook())
    running = dict(study.trials[0].assignment)
    study.edit_space(width=Int(60, 62))
    study.enqueue(width=61)
    info = study.record.info
    assert info.edits["width"]["low"] == 60 and [row["width"] for row in info.queue] == [61]
    assert len(notes(study)) == 1 and "trials still fit" not in notes(study)[0]
    study.resume()
    assert study.trials[0].assignment == running and study.trials[0].params["width"] == 8
    assert [t.params["width"] in (60, 61, 62) for t in study.trials] == [False, True, True]
    assert study.trials[1].params["width"] == 61


def test_what_is_wrong_at_once_is_raised_at_once() -> None:
    study = parked(Notebook())
    with pytest.raises(ZeroDivisionError):
        study.sitting.soon(lambda: print(1 / 0))
    assert not notes(study, "A request")
    study.stop()


def test_a_background_study_is_edited_when_the_call_returns() -> None:
    notebook = Notebook()
    study = behind(notebook)
    study.edit_space(width=Int(60, 62))
    assert study.record.info.edits.keys() == {"width"}
    notebook.host.idle(50)
    assert study.state == "finished"
    assert all(t.params["width"] in (60, 61, 62) for t in study.trials)  # the default as well


def test_another_thread_while_the_users_cell_blocks_a_background_study() -> None:
    notebook = Notebook()
    study = behind(notebook)
    on_another_thread(lambda: study.enqueue(width=33))
    assert not study.record.info.queue
    notebook.host.idle(50)
    assert [t.params["width"] for t in study.trials][:2] == [8, 33]


def test_what_was_asked_before_it_parked_is_done_when_it_has() -> None:
    notebook = Notebook()
    notebook.names["ask"] = lambda: study.enqueue(width=33)
    asking = LOOP.replace("loss = 0.0", "loss = 0.0; ask()")
    sitting, lines = planned(notebook, asking, [7], trials=2)
    lines.pauses = True
    study = Study(sitting.runner.journal, sitting)
    sitting.drive()
    assert sitting.info.state == "paused" and [r["width"] for r in study.record.info.queue] == [33]
    study.stop()


def test_inside_a_trial_of_another_study_it_waits() -> None:
    notebook = Notebook()
    study = behind(notebook)

    def objective(params: Mapping[str, Any]) -> float:
        study.enqueue(width=33)
        return float(len(study.record.info.queue))

    assert tune(objective, {"x": Float(0, 1)}, trials=1).best_value == 0.0
    notebook.host.idle(50)
    assert study.trials[1].params["width"] == 33


# -- the running trial -------------------------------------------------------------------


def test_when_a_trial_stood_still_is_in_its_info(tmp_path: Path) -> None:
    study = parked(Notebook(), trials=2)
    runner = study.sitting.runner
    began = runner.attempt.parked_since
    assert (
        began is not None and runner.attempt.parked == [] and "parked" not in study.trials[0].info
    )
    study.resume()
    assert runner.attempt.parked_since is None and runner.attempt.parked == []
    ((since, until),) = study.trials[0].info["parked"]
    assert since == began <= until and "parked" not in study.trials[1].info
    assert (round(since, 2), round(until, 2)) == (since, until)
    frame = study.trials_dataframe()
    stood = (frame["datetime_complete"] - frame["datetime_start"] - frame["duration"])[0]
    assert abs(stood.total_seconds() - (until - since)) < 1e-5 and "info_parked" not in frame
    store = Store(tmp_path / "studies.db")
    study_id, _ = store.create(study.record.info)
    store.save(study_id, trials=study.trials)
    assert store.load(study_id)[1][0].info == study.trials[0].info


@pytest.mark.parametrize("how", ["skip", "stop", "suspend"])
def test_a_trial_that_is_ended_while_parked_stood_still_until_then(how: str) -> None:
    study = parked(Notebook())
    getattr(study, how)()
    assert len(study.trials[0].info["parked"]) == 1
    assert study.sitting.runner.attempt.parked_since is None
    study.stop()


def test_slices_in_the_background_are_no_pauses() -> None:
    notebook = Notebook()
    sitting, _ = planned(notebook, LOOP, [4, 4])
    for _ in range(3):
        sitting.slice()
        assert sitting.runner.attempt.parked_since is None
    assert "parked" not in sitting.runner.record.trials[0].info


def test_a_pause_between_two_trials_is_of_neither() -> None:
    notebook = Notebook()
    study = behind(notebook)
    study.pause()
    assert study.state == "paused" and study.sitting.runner.attempt is None
    study.resume()
    notebook.host.idle(50)
    assert all("parked" not in t.info for t in study.trials)


def test_what_a_running_trial_has_printed_so_far() -> None:
    notebook = Notebook()
    study = parked(notebook, LOOP.replace("step = k", "step = k; print(k)"))
    runner = study.sitting.runner
    assert runner.output() == "0\n"
    said: list[str] = []
    on_another_thread(lambda: said.append(runner.output()))
    assert said == ["0\n"]
    study.stop()
    assert runner.output() == "" and study.trials[0].output == "0\n"


def test_nothing_is_printed_where_nothing_is_captured() -> None:
    said: list[str] = []
    run(lambda study: said.append(study.sitting.runner.output()))
    assert said == [""]
    assert trial.number == 0
    with pytest.raises(StudyInterrupted):
        tune(in_trial_raises, {"x": Float(0, 1)}, trials=2)


def in_trial_raises(params: Mapping[str, Any]) -> float:
    raise KeyboardInterrupt

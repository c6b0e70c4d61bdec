"""The thread that reaches a trial."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from jupyter_hpo import pacer as room
from jupyter_hpo.controls import Controls
from jupyter_hpo.pacer import Pacer


class Trial:
    """Counts the nudges it gets."""

    def __init__(self) -> None:
        self.controls = Controls(parks=True)
        self.nudges = threading.Semaphore(0)
        self.traced = False
        self.pacer = Pacer(self.controls, self.nudges.release, lambda: self.traced)

    def nudged(self, times: int = 1) -> bool:
        return all(self.nudges.acquire(timeout=30) for _ in range(times))

    def quiet(self, seconds: float) -> bool:
        """Whether no nudge comes for a while."""
        while self.nudges.acquire(blocking=False):
            pass
        return not self.nudges.acquire(timeout=seconds)


@pytest.fixture
def trial() -> Iterator[Trial]:
    trial = Trial()
    trial.controls.begin(0)
    yield trial
    trial.pacer.close()


def until(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.002)
    return bool(condition())


@pytest.mark.parametrize("what", ["pause", "stop", "skip", "press", "interrupt"])
def test_each_request_nudges_a_running_trial(trial: Trial, what: str) -> None:
    with trial.pacer.watching():
        assert trial.quiet(0.05)
        getattr(trial.controls, what)()
        assert trial.nudged(2)  # and again, until it is heard


def test_a_request_before_the_slice_is_not_forgotten(trial: Trial) -> None:
    trial.controls.pause()
    with trial.pacer.watching():
        assert trial.nudged()


def test_no_nudge_once_the_slice_is_over(trial: Trial) -> None:
    with trial.pacer.watching():
        trial.controls.pause()
        assert trial.nudged()
    assert until(lambda: trial.quiet(4 * room.SOON))
    trial.controls.stop()
    assert trial.quiet(4 * room.SOON)


def test_a_slice_ends_when_its_time_is_over(trial: Trial) -> None:
    with trial.pacer.watching(0.01):
        assert trial.nudged()
        assert trial.controls.yielding and trial.controls.attention
        assert not trial.controls.pausing
    assert not trial.controls.yielding
    with trial.pacer.watching():  # the next has all the time there is
        assert trial.quiet(0.05)


def test_time_limit_of_a_trial(trial: Trial) -> None:
    trial.controls.deadline = time.monotonic() + 0.01
    with trial.pacer.watching():
        assert trial.nudged()
        assert trial.controls.expired


def test_a_trial_that_is_traced_is_left_to_come_to_its_line(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "TRACED", 3600)
    trial.traced = True
    with trial.pacer.watching():
        trial.controls.pause()
        assert trial.nudged()
        assert trial.quiet(5 * room.SOON)
        trial.controls.stop()  # something new is told at once
        assert trial.nudged()


def test_a_trial_that_was_struck_may_clean_up_first(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "CLEANING", 3600)
    monkeypatch.setattr(room, "AGAIN", 0.005)
    with trial.pacer.watching():
        trial.controls.strike()
        trial.controls.stop()
        assert trial.nudged()
        assert trial.quiet(0.05)
        trial.controls.strikes = 2  # it has caught the exception and another line was struck
        trial.pacer.look()
        assert trial.nudged(3)


def test_a_trial_that_does_not_end_is_given_up(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "STUBBORN", 0.02)
    with trial.pacer.watching():
        trial.controls.stop()
        assert trial.nudged(3)
        assert not trial.controls.abandoned  # inside one call of a library: it caught nothing yet
        trial.controls.strike()
        assert until(lambda: trial.controls.abandoned)
        assert not trial.controls.ending
        assert trial.nudged()  # to be parked


def test_a_pause_alone_never_gives_a_trial_up(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "STUBBORN", 0.0)
    with trial.pacer.watching():
        trial.controls.pause()
        assert trial.nudged(3)
        assert not trial.controls.abandoned


def test_it_sleeps_while_nothing_is_asked(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float | None] = []
    look = Pacer._look

    def counted(self: Pacer) -> float | None:
        looks.append(look(self))
        return looks[-1]

    monkeypatch.setattr(Pacer, "_look", counted)
    with trial.pacer.watching():
        assert until(lambda: looks)
        time.sleep(0.1)
    assert looks == [None]


def test_it_has_no_thread_before_and_ends_it_after() -> None:
    def pacers() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if thread.name == "tune-pacer"}

    before = pacers()
    trial = Trial()
    assert pacers() == before
    with trial.pacer.watching():
        pass
    with trial.pacer.watching():
        (thread,) = pacers() - before
        assert thread.daemon
    trial.pacer.close()
    thread.join(30)
    assert not thread.is_alive()

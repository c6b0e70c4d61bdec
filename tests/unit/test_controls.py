"""The requests to a running study."""

from __future__ import annotations

import threading

import pytest

from jupyter_hpo import controls as room
from jupyter_hpo.controls import Controls


@pytest.fixture
def told() -> tuple[Controls, list[int]]:
    controls, times = Controls(parks=True), []
    controls.notify = lambda: times.append(1)
    return controls, times


def test_nothing_is_asked_at_first() -> None:
    controls = Controls(parks=True)
    controls.begin(0)
    assert not (controls.wanted or controls.ending or controls.pausing or controls.attention)


@pytest.mark.parametrize("what", ["pause", "stop", "skip", "press", "interrupt"])
def test_each_request_draws_attention_and_is_told(
    told: tuple[Controls, list[int]], what: str
) -> None:
    controls, times = told
    controls.begin(3)
    getattr(controls, what)()
    assert controls.wanted and controls.attention
    assert times == [1]
    assert controls.ending is (what in ("stop", "skip", "interrupt"))


def test_a_skip_is_of_the_trial_that_runs_and_no_other() -> None:
    controls = Controls(parks=True)
    controls.skip()
    controls.begin(0)
    assert not controls.skipped  # none ran
    controls.skip()
    assert controls.skipped
    controls.end()
    assert not controls.skipped
    controls.begin(1)
    assert not controls.skipped and not controls.wanted


def test_time_that_is_over_is_of_the_trial_that_runs_and_no_other() -> None:
    controls = Controls()
    controls.begin(4)
    controls.expire(3)  # looked at a moment ago
    assert not controls.expired and not controls.ending
    controls.expire(4)
    assert controls.expired and controls.ending
    controls.end()
    controls.begin(5)
    assert not controls.expired and not controls.ending


def test_what_was_asked_of_a_number_is_not_asked_of_its_second_run() -> None:
    controls = Controls()
    controls.begin(4)
    controls.skip()
    controls.expire(4)
    controls.strike()
    controls.abandoned = True
    controls.end()
    controls.begin(4)
    assert not (controls.skipped or controls.expired or controls.struck or controls.abandoned)


def test_the_first_press_after_a_click_on_pause_is_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(room.time, "monotonic", lambda: now[0])
    controls = Controls(parks=True)
    controls.begin(0)
    controls.pause()
    now[0] += 60
    controls.press()
    assert controls.pausing and not controls.ending
    now[0] += room.SECOND_PRESS
    controls.press()
    assert controls.ending


def test_a_second_press_ends_the_trial_only_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(room.time, "monotonic", lambda: now[0])
    controls = Controls(parks=True)
    controls.begin(0)
    controls.press()
    assert controls.pausing and not controls.interrupted
    now[0] += 0.9 * room.SECOND_PRESS
    controls.press()
    assert not controls.interrupted
    now[0] += 0.2 * room.SECOND_PRESS
    controls.press()
    assert controls.interrupted and controls.ending


def test_where_trials_cannot_be_parked_the_first_press_ends_them() -> None:
    controls = Controls(parks=False)
    controls.begin(0)
    controls.press()
    assert controls.interrupted and controls.ending


def test_resume_takes_back_a_pause_and_an_interrupt_but_no_stop() -> None:
    controls = Controls(parks=True)
    controls.pause("three failures")
    controls.interrupt()
    controls.resume()
    assert not controls.wanted and controls.paused_because == ""
    controls.stop()
    controls.resume()
    assert controls.stopped and controls.ending


def test_the_first_reason_to_pause_stays() -> None:
    controls = Controls(parks=True)
    controls.pause("three failures")
    since = controls.pausing_since
    controls.pause()
    controls.press()
    assert (controls.paused_because, controls.pausing_since) == ("three failures", since)


def test_a_trial_that_does_not_end_is_forgiven_once() -> None:
    controls = Controls(parks=True)
    controls.begin(0)
    controls.skip()
    controls.stop()
    controls.abandoned = True
    assert controls.wanted and not controls.ending  # it is left alone, and parked
    controls.forgive("trial 0 does not end")
    assert controls.stubborn and controls.pausing and not controls.ending
    assert not (controls.stopped or controls.skipped)
    controls.stop()
    assert controls.ending  # asked anew, it is tried anew
    controls.end()
    controls.begin(1)
    assert not controls.stubborn and not controls.struck


def test_strikes_are_of_one_trial() -> None:
    controls = Controls()
    controls.begin(0)
    controls.strike()
    controls.strike()
    assert (controls.struck, controls.strikes) == (True, 2)
    controls.begin(1)
    assert (controls.struck, controls.strikes) == (False, 0)


def test_requests_from_many_threads_are_all_heard() -> None:
    """Whoever looks first and asks for attention later misses none of them."""
    controls, heard = Controls(parks=True), 0
    barrier = threading.Barrier(5)
    asked = threading.Semaphore(0)

    def ask() -> None:
        barrier.wait()
        for _ in range(200):
            controls.skip()
            asked.release()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    controls.begin(0)
    for thread in threads:
        thread.start()
    barrier.wait()
    for number in range(1, 200):
        assert asked.acquire(timeout=30)
        controls.attention = False  # first, as the engine does
        heard += controls.skipped
        controls.end()
        controls.begin(number)
    for thread in threads:
        thread.join()
    controls.begin(1000)
    assert not controls.skipped  # all of them were of trials that have ended
    controls.skip()
    assert controls.skipped and controls.attention and heard > 0

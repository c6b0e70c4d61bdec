"""SIGINT around a study: where it raises, where it is only noted, whose handler there is after."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from jupyter_hpo import controls as room
from jupyter_hpo.controls import Controls
from jupyter_hpo.errors import TrialEnded
from jupyter_hpo.interrupts import NUDGE, Interrupts


def press() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.fixture
def users() -> Iterator[list[int]]:
    """The user's own handler: notes each SIGINT that reaches it."""
    reached: list[int] = []

    def handler(number: int, frame: object) -> None:
        reached.append(number)

    former = signal.signal(signal.SIGINT, handler)
    yield reached
    assert signal.getsignal(signal.SIGINT) is handler
    signal.signal(signal.SIGINT, former)


def test_it_raises_in_the_users_code_and_is_noted_elsewhere(users: list[int]) -> None:
    host, before, inside = Interrupts(), Controls(), Controls()
    with host.listen(before):
        press()
    assert before.interrupted and not before.struck
    with host.listen(inside), pytest.raises(KeyboardInterrupt), host.interruptible():
        press()
    assert inside.interrupted and inside.struck
    assert users == []
    press()
    assert users == [signal.SIGINT]


def test_the_users_code_does_not_begin_after_an_interrupt(users: list[int]) -> None:
    host, began = Interrupts(), False
    with host.listen(Controls()):
        press()
        with pytest.raises(KeyboardInterrupt), host.interruptible():
            began = True
        press()  # and has not begun: no exception here
    assert not began
    with host.listen(Controls()), host.interruptible():  # another study knows nothing of it
        began = True
    assert began


def test_an_inner_listen_leaves_the_outer_one_listening(users: list[int]) -> None:
    host, controls = Interrupts(), Controls()
    with host.listen(controls):
        with host.listen(controls), host.interruptible():
            pass
        with pytest.raises(ZeroDivisionError), host.listen(controls):
            raise ZeroDivisionError
        assert not controls.interrupted
        press()
        assert controls.interrupted
    assert users == []


def test_all_controls_are_told_and_those_that_join_late_at_once(users: list[int]) -> None:
    host, first, second, late, other = (Interrupts(), *(Controls() for _ in range(4)))
    with host.listen():
        with host.listen(first, second):
            pass
        assert not first.interrupted
        with host.listen(first, second):
            press()
        assert first.interrupted and second.interrupted
        with host.listen(late):
            assert late.interrupted
    with host.listen(other):
        pass
    assert not other.interrupted


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL, signal.default_int_handler])
def test_a_trial_that_takes_the_handler_has_it_for_itself_only(
    users: list[int], handler: signal.Handlers
) -> None:
    host, controls = Interrupts(), Controls()
    with host.listen(controls):
        with host.interruptible():
            signal.signal(signal.SIGINT, handler)
        press()  # between two trials
        assert controls.interrupted and not controls.struck
    with host.listen(controls):
        with host.interruptible():
            pass
        signal.signal(signal.SIGINT, handler)  # by a thread's callback, say
        with pytest.raises(KeyboardInterrupt), host.interruptible():
            press()
    assert users == []


def test_code_that_catches_the_interrupt_is_interrupted_again(users: list[int]) -> None:
    host, caught = Interrupts(), 0
    with host.listen(Controls()), pytest.raises(KeyboardInterrupt), host.interruptible():
        for _ in range(3):
            try:
                press()
            except KeyboardInterrupt:
                caught += 1
        press()
    assert caught == 3


def test_another_thread_neither_listens_nor_disturbs(users: list[int]) -> None:
    host, controls, elsewhere = Interrupts(), Controls(), Controls()
    entered, leave, left = threading.Event(), threading.Event(), threading.Event()

    def study() -> None:
        with ExitStack() as around:
            around.enter_context(host.listen(elsewhere))
            around.enter_context(host.interruptible())
            entered.set()
            leave.wait(30)
        left.set()

    with host.listen(controls):
        threading.Thread(target=study, daemon=True).start()
        assert entered.wait(30)
        press()  # the other thread is in its user's code, this one is not
        assert controls.interrupted and not elsewhere.interrupted
    with host.listen(controls), pytest.raises(KeyboardInterrupt), host.interruptible():
        leave.set()
        assert left.wait(30)
        press()
    assert users == []


# -- a trial's own code, steered -------------------------------------------------------------------


def test_a_trial_that_can_be_parked_is_armed_and_not_interrupted(users: list[int]) -> None:
    host, controls, armed = Interrupts(), Controls(parks=True), []
    with host.listen(controls), host.steered(armed.append):
        press()
        assert len(armed) == 1 and armed[0].f_code.co_name == "press"
    assert controls.pausing and not controls.interrupted and not controls.struck
    assert users == []


def test_a_second_press_ends_a_trial_that_does_not_park(
    users: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SECOND_PRESS", 0.0)
    host, controls, armed = Interrupts(), Controls(parks=True), []
    with host.listen(controls), pytest.raises(KeyboardInterrupt), host.steered(armed.append):
        press()
        press()
    assert len(armed) == 1
    assert controls.interrupted and controls.struck


def test_what_was_asked_before_the_trial_began_is_heard(users: list[int]) -> None:
    host, controls, began = Interrupts(), Controls(parks=True), False
    controls.stop()
    with host.listen(controls), pytest.raises(TrialEnded), host.steered(lambda frame: None):
        began = True
    assert not began
    asked, armed = Controls(parks=True), []
    asked.pause()
    with host.listen(asked), host.steered(armed.append):
        began = True
    assert began and armed == [None]


@pytest.mark.skipif(NUDGE is None, reason="signals that nudge are not there")
def test_a_nudge_without_a_request_does_nothing_and_late_ones_are_ignored(
    users: list[int],
) -> None:
    host, controls, armed = Interrupts(), Controls(parks=True), []
    former = signal.getsignal(signal.SIGURG)
    host.nudge()  # nobody listens: no signal is sent at all
    with host.listen(controls):
        with host.steered(armed.append):
            host.nudge()
            signal.raise_signal(signal.SIGURG)
        controls.stop()
        signal.raise_signal(signal.SIGURG)  # between two trials
    assert armed == [] and not controls.struck
    assert signal.getsignal(signal.SIGURG) == former


@pytest.mark.skipif(NUDGE is None, reason="signals that nudge are not there")
@pytest.mark.parametrize(("spared", "ends"), [(3600.0, 1), (0.0, 6)])
def test_code_that_was_told_to_end_may_clean_up_first(
    users: list[int], monkeypatch: pytest.MonkeyPatch, spared: float, ends: int
) -> None:
    """After that each end is thrown at once, and from the next line: an ``except`` may catch it."""
    monkeypatch.setattr(room, "CLEANING", spared)
    host, controls, armed, thrown = Interrupts(), Controls(parks=True), [], 0
    with host.listen(controls), host.steered(armed.append):
        controls.begin(0)
        controls.stop()
        for _ in range(6):
            try:
                signal.raise_signal(signal.SIGURG)
            except TrialEnded:
                thrown += 1
    assert (thrown, len(armed), controls.strikes) == (ends, ends - 1, ends)


def test_over_a_park_the_users_code_is_not_the_trials(users: list[int]) -> None:
    host, controls, armed = Interrupts(), Controls(parks=True), []
    with host.listen(controls):
        steering = host.steered(armed.append)
        with steering:
            steering.leave()
            press()
            assert armed == [] and controls.pausing
            steering.enter()
            press()
            assert len(armed) == 1


def test_a_trial_that_takes_both_handlers_has_them_for_itself_only(users: list[int]) -> None:
    host, controls = Interrupts(), Controls(parks=True)
    with host.listen(controls):
        with host.steered(lambda frame: None):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGURG, signal.SIG_IGN)
        press()
        assert controls.pausing
        assert callable(signal.getsignal(signal.SIGURG))
    assert users == []

"""SIGINT around a study: where it raises, where it is only noted, whose handler there is after."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from jupyter_hpo.controls import Controls
from jupyter_hpo.interrupts import Interrupts


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

"""Layers around a trial: their order, and that all are undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jupyter_hpo.layers import Layer, Sliced, Surroundings


class Noted(Layer):
    def __init__(self, name: str, log: list[str], fails: str = "") -> None:
        self.name, self.log, self.fails = name, log, fails

    def _note(self, what: str) -> None:
        self.log.append(f"{what} {self.name}")
        if what == self.fails:
            raise RuntimeError(self.name)

    def enter(self) -> None:
        self._note("enter")

    def leave(self) -> None:
        self._note("leave")

    def end(self) -> None:
        self._note("end")


def test_entered_in_order_and_left_in_the_opposite_one() -> None:
    log: list[str] = []
    around = Surroundings([Noted("a", log), Noted("b", log)])
    with around:
        around.leave()
        around.enter()
    assert log == [
        "enter a",
        "enter b",
        "leave b",
        "leave a",
        "enter a",
        "enter b",
        "end b",
        "end a",
    ]


@pytest.mark.parametrize("what", ["leave", "end"])
def test_one_that_fails_keeps_no_other_from_being_undone(what: str) -> None:
    log: list[str] = []
    layers = [Noted("a", log), Noted("b", log, what), Noted("c", log)]
    around = Surroundings(layers)
    around.enter()
    log.clear()
    with pytest.raises(RuntimeError, match="b"):
        getattr(around, what)()
    assert log == [f"{what} c", f"{what} b", f"{what} a"]


def test_the_last_leave_is_the_end_by_default() -> None:
    class Simple(Layer):
        left = 0

        def leave(self) -> None:
            self.left += 1

    layer = Simple()
    with layer:
        layer.leave()
        layer.enter()
    assert layer.left == 2


def test_an_exception_of_the_trial_goes_on_and_the_layers_end() -> None:
    log: list[str] = []
    with pytest.raises(ZeroDivisionError), Surroundings([Noted("a", log)]):
        1 / 0  # noqa: B018
    assert log == ["enter a", "end a"]


def test_a_sliced_layer_is_made_anew_for_each_slice() -> None:
    log: list[str] = []

    @contextmanager
    def manager() -> Iterator[None]:
        log.append("in")
        try:
            yield
        finally:
            log.append("out")

    layer = Sliced(manager)
    with layer:
        layer.leave()
        layer.leave()  # once more does no harm
        layer.enter()
    assert log == ["in", "out", "in", "out"]


def test_surroundings_may_surround_surroundings() -> None:
    log: list[str] = []
    inner = Surroundings([Noted("b", log), Noted("c", log)])
    with Surroundings([Noted("a", log), inner]):
        pass
    assert log == ["enter a", "enter b", "enter c", "end c", "end b", "end a"]

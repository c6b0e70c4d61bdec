"""Time, memory and figures of a trial."""

from __future__ import annotations

import builtins
import gc
import sys
import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import torch

from jupyter_hpo import resources
from jupyter_hpo.figures import Figures

MB = 2**20


class Ring:
    """Garbage that only the collector can free."""

    def __init__(self) -> None:
        self.me = self


class TestMeasure:
    def test_seconds_count_also_when_it_raises(self) -> None:
        usage = resources.Usage(seconds=100.0)
        with pytest.raises(ZeroDivisionError), resources.measure(usage):
            raise ZeroDivisionError
        assert usage.seconds > 100

    @pytest.mark.skipif(not resources._reset_peak(), reason="the peak cannot be reset here")
    def test_the_peak_is_that_of_the_block(self) -> None:
        with resources.measure() as big:
            np.ones(200 * MB, dtype=np.uint8)
        with resources.measure() as small:
            np.ones(2 * MB, dtype=np.uint8)
        assert big.peak_memory is not None
        assert small.peak_memory is not None
        assert big.peak_memory - small.peak_memory > 100 * MB
        before = big.peak_memory
        with resources.measure(big):
            pass
        assert big.peak_memory == before

    def test_unknown_where_the_system_cannot_tell(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*args: Any, **kwargs: Any) -> Any:
            raise PermissionError

        monkeypatch.setattr(builtins, "open", refuse)
        with resources.measure() as usage:
            pass
        monkeypatch.undo()
        assert usage.peak_memory is None

    @pytest.mark.skipif(torch.cuda.is_available(), reason="for machines without CUDA")
    def test_no_cuda_no_figure(self) -> None:
        with resources.measure() as usage:
            torch.ones(3)
        assert usage.peak_memory_cuda is None

    @pytest.mark.gpu
    @pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
    def test_cuda(self) -> None:
        torch.ones(1, device="cuda")
        with resources.measure() as usage:
            torch.ones(64 * MB, dtype=torch.uint8, device="cuda")
        assert usage.peak_memory_cuda is not None
        assert usage.peak_memory_cuda >= 64 * MB


@pytest.mark.usefixtures("heap_in_sight")
class TestHeap:
    def test_frozen_for_the_length_of_the_block(self) -> None:
        counts = []

        def fail() -> None:
            with resources.frozen_heap():
                counts.append(gc.get_freeze_count())
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert counts[0] > 1000
        assert gc.get_freeze_count() == 0

    def test_who_froze_before_stays_frozen(self) -> None:
        gc.freeze()
        try:
            count = gc.get_freeze_count()
            with resources.frozen_heap():
                assert abs(gc.get_freeze_count() - count) < 100
            assert abs(gc.get_freeze_count() - count) < 100
        finally:
            gc.unfreeze()

    def test_garbage_of_a_trial_goes_and_older_garbage_is_not_kept(self) -> None:
        gc.disable()
        try:
            older = weakref.ref(Ring())
            with resources.frozen_heap():
                assert older() is None
                younger = weakref.ref(Ring())
                assert younger() is not None
                resources.collect()
                assert younger() is None
        finally:
            gc.enable()

    def test_a_trial_that_stands_still_is_frozen_and_thaws_as_it_ends(self) -> None:
        gc.disable()
        try:
            with resources.trial_under_way():
                waits = Ring()
                with resources.frozen_heap() as freeze:
                    assert gc.get_freeze_count() > 1000
                    with resources.trial_under_way():
                        freeze(True)  # not with what a trial makes that began since
                        younger = weakref.ref(Ring())
                    assert gc.get_freeze_count() > 1000
                    resources.collect()
                    assert younger() is None
                    older = weakref.ref(waits)
                    del waits
                    resources.collect()
                    assert older() is not None  # its trial has not ended
            assert gc.get_freeze_count() == 0
        finally:
            gc.enable()

    @pytest.mark.parametrize(("waiting", "ending"), [(1, 1), (2, 1), (4, 2), (5, 3)])
    def test_what_frozen_trials_made_is_freed_when_half_have_ended(
        self, waiting: int, ending: int
    ) -> None:
        gc.disable()
        try:
            with ExitStack() as others:
                trials = [resources.trial_under_way() for _ in range(waiting)]
                for trial in trials[ending:]:
                    others.enter_context(trial)
                for trial in trials[:ending]:
                    trial.__enter__()
                rings = [Ring() for _ in range(ending)]
                made = [weakref.ref(ring) for ring in rings]
                with resources.frozen_heap() as freeze:
                    for place, trial in enumerate(trials[:ending]):
                        assert gc.get_freeze_count() > 1000
                        rings.pop()
                        trial.__exit__(None, None, None)
                        resources.collect()
                        freed = place == ending - 1
                        assert all((ring() is None) == freed for ring in made[-1 - place :])
                    assert gc.get_freeze_count() == 0
                    freeze(False)
                    assert gc.get_freeze_count() > 1000
        finally:
            gc.enable()

    def test_out_of_memory_frees_what_one_of_them_made(self) -> None:
        gc.disable()
        try:
            with ExitStack() as others:
                trial = resources.trial_under_way()
                trial.__enter__()
                for _ in range(3):
                    others.enter_context(resources.trial_under_way())
                ring = Ring()
                made = weakref.ref(ring)
                with resources.frozen_heap():
                    del ring
                    trial.__exit__(None, None, None)
                    resources.collect()
                    assert made() is not None
                    resources.collect(out_of_memory=True)
                    assert made() is None
        finally:
            gc.enable()

    @pytest.mark.gpu
    @pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
    def test_idle_cuda_memory_goes_back_after_out_of_memory(self) -> None:
        torch.ones(64 * MB, dtype=torch.uint8, device="cuda")
        assert torch.cuda.memory_reserved() >= 64 * MB
        resources.collect()
        assert torch.cuda.memory_reserved() >= 64 * MB
        resources.collect(out_of_memory=True)
        assert torch.cuda.memory_reserved() < 64 * MB


def caused(by: BaseException) -> BaseException:
    try:
        raise ValueError("training failed") from by
    except ValueError as error:
        return error


def during(other: BaseException) -> BaseException:
    try:
        try:
            raise other
        except type(other):
            raise KeyError("fallback")  # noqa: B904 - the implicit context is the point
    except KeyError as error:
        return error


class HostileError(RuntimeError):
    def __str__(self) -> str:
        raise ValueError


class TestOutOfMemory:
    def test_real_ones(self) -> None:
        with pytest.raises(MemoryError) as host:
            np.ones(2**60, dtype=np.uint8)
        assert resources.is_out_of_memory(host.value)
        with pytest.raises(RuntimeError) as tensor:
            torch.ones(2**60, dtype=torch.uint8)
        assert resources.is_out_of_memory(tensor.value)

    @pytest.mark.parametrize(
        "error",
        [
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
            RuntimeError("CUDA error: out of memory"),
            RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"),
            RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
            RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
            RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried"),
            caused(MemoryError()),
            ExceptionGroup("workers", [ValueError(), MemoryError()]),
        ],
        ids=str,
    )
    def test_yes(self, error: BaseException) -> None:
        assert resources.is_out_of_memory(error)

    @pytest.mark.parametrize(
        "error",
        [
            RuntimeError("shapes cannot be multiplied"),
            ValueError("out of memory"),
            KeyboardInterrupt(),
            during(MemoryError()),
            caused(KeyError()),
            HostileError(),
        ],
        ids=repr,
    )
    def test_no(self, error: BaseException) -> None:
        assert not resources.is_out_of_memory(error)

    def test_a_circle_of_causes_ends(self) -> None:
        one, other = ValueError(), KeyError()
        one.__cause__, other.__cause__ = other, one
        assert not resources.is_out_of_memory(one)
        resources.release_frames(one)


def test_release_frames_frees_what_a_failed_trial_held() -> None:
    alive: list[weakref.ref[Ring]] = []

    def hold() -> None:
        held = Ring()
        alive.append(weakref.ref(held))
        raise ValueError

    def train() -> None:
        held = Ring()
        alive.append(weakref.ref(held))
        try:
            hold()
        except ValueError:
            raise RuntimeError  # noqa: B904 - the implicit context is the point

    try:
        train()
    except RuntimeError as error:
        caught = error
    gc.collect()
    assert len(alive) == 2
    assert all(ring() is not None for ring in alive)
    resources.release_frames(ExceptionGroup("all", [caught]))
    gc.collect()
    assert all(ring() is None for ring in alive)
    assert caught.__traceback__ is not None


class TestFigures:
    @pytest.fixture(autouse=True)
    def plt(self) -> Iterator[Any]:
        mpl.use("agg")
        import matplotlib.pyplot as plt

        plt.close("all")
        yield plt
        plt.close("all")
        mpl.use("agg")

    def test_the_users_figures_are_untouched(self, plt: Any) -> None:
        first, second = plt.figure(), plt.figure()
        plt.figure(first)
        with Figures():
            assert plt.get_fignums() == []
            plt.plot([1, 2])
            trials = plt.gcf()
            plt.close("all")
            plt.figure()
        assert plt.get_fignums() == [1, 2]
        assert plt.gcf() is first
        assert not first.axes
        assert trials is not first
        assert plt.figure(2) is second

    def test_a_users_figure_made_current_is_not_closed(self, plt: Any) -> None:
        mine = plt.figure()
        closed: list[Any] = []
        mine.canvas.mpl_connect("close_event", closed.append)
        with Figures():
            plt.figure(mine)
        assert closed == []
        assert plt.gcf() is mine

    def test_they_come_back_when_the_trial_raises(self, plt: Any) -> None:
        mine = plt.figure()

        def fail() -> None:
            with Figures():
                plt.figure()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert plt.get_fignums() == [1]
        assert plt.gcf() is mine

    def test_inline_shows_the_trials_only(self, plt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        inline = pytest.importorskip("matplotlib_inline.backend_inline")
        shown: list[Any] = []
        monkeypatch.setattr(inline, "display", lambda figure, **rest: shown.append(figure))
        mpl.use("module://matplotlib_inline.backend_inline")
        mine = plt.figure()
        with Figures():
            trials = plt.figure()
        assert shown == [trials]
        assert plt.get_fignums() == [1]
        assert plt.gcf() is mine

    def test_a_figure_that_cannot_be_drawn_is_a_warning(
        self, plt: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inline = pytest.importorskip("matplotlib_inline.backend_inline")

        def fail(figure: Any, **rest: Any) -> None:
            raise ValueError("bad mathtext")

        monkeypatch.setattr(inline, "display", fail)
        mpl.use("module://matplotlib_inline.backend_inline")
        with pytest.warns(UserWarning, match="bad mathtext"), Figures():
            plt.figure()
        assert plt.get_fignums() == []

    def test_nothing_happens_without_pyplot(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(sys.modules, "matplotlib.pyplot")
        with Figures():
            pass
        assert "matplotlib.pyplot" not in sys.modules

    def test_pyplot_imported_by_the_trial(self, plt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        with Figures():
            monkeypatch.delitem(sys.modules, "matplotlib.pyplot")
            monkeypatch.undo()
            plt.figure()
        assert plt.get_fignums() == []


def test_the_memory_that_is_left() -> None:
    left = resources.available()
    assert left is None or 0 < left < 2**50

"""What a trial costs in time and memory, and how its memory is given back."""

from __future__ import annotations

import gc
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

# Words of torch, cuBLAS, cuDNN, cuSOLVER, XLA; compared in lower case.
_OUT_OF_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "_alloc_failed")
# Above this share of a device, memory torch keeps for later is worth a slow return to the driver.
_IDLE_SHARE = 0.25
_CGROUPS = (  # limit and use of memory, in version 2 and version 1
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


@dataclass
class Usage:
    """What one trial used, over all the slices it ran in.

    Attributes
    ----------
    seconds : wall time.
    peak_memory : bytes, the largest resident size of this process; None where the
        system cannot tell (it takes Linux with a writable ``/proc/self/clear_refs``).
    peak_memory_cuda : bytes, torch's largest allocation on any one CUDA device; None
        without CUDA.
    """

    seconds: float = 0.0
    peak_memory: int | None = None
    peak_memory_cuda: int | None = None
    since: float | None = None  # when the slice that runs now began, `time.perf_counter()`

    @property
    def so_far(self) -> float:
        """Seconds up to now."""
        since = self.since
        return self.seconds + (0.0 if since is None else time.perf_counter() - since)


@contextmanager
def measure(usage: Usage | None = None) -> Iterator[Usage]:
    """Measure what runs inside; the figures are there once it has ended.

    Parameters
    ----------
    usage : what earlier slices of the same trial used; this one is added to it.
    """
    usage = Usage() if usage is None else usage
    resettable = _reset_peak()
    for device in _cuda_devices():
        sys.modules["torch"].cuda.reset_peak_memory_stats(device)
    usage.since = time.perf_counter()
    try:
        yield usage
    finally:
        usage.seconds, usage.since = usage.so_far, None
        if resettable:
            usage.peak_memory = _larger(usage.peak_memory, _peak())
        for device in _cuda_devices():
            peak = sys.modules["torch"].cuda.max_memory_allocated(device)
            usage.peak_memory_cuda = _larger(usage.peak_memory_cuda, peak)


_under_way: set[object] = set()  # trials that have begun and not ended, the parked ones included
_frozen_with: set[object] = set()  # of these, those that the heap was frozen with
_ended_frozen = 0  # how many more it was frozen with, that have ended


@contextmanager
def trial_under_way() -> Iterator[None]:
    """Around a trial: cycles in what it makes are never freed while that is frozen."""
    global _ended_frozen
    trial = object()
    _under_way.add(trial)
    try:
        yield
    finally:
        _under_way.remove(trial)
        if trial in _frozen_with:
            _frozen_with.remove(trial)
            _ended_frozen += 1
            # not at each one: those that wait would be frozen again, and it thawed for each of them
            if _ended_frozen >= len(_frozen_with):
                _thaw()


@contextmanager
def frozen_heap() -> Iterator[Callable[[bool], None]]:
    """Keep everything there is out of the garbage collector's sight, for the length of a study.

    A full collection after each trial then looks at that trial's objects only
    (with torch and pandas loaded: 1 ms and not 100 ms). If the heap is frozen
    already, whoever did so decides when it thaws, and nothing is done. Trials that stand still
    are frozen as they are; when half of them have ended the heap thaws, for what these made to be
    freed, or when memory runs out.

    Yields
    ------
    Function that freezes what has come since a trial thawed it; if True, what has come in any
    case: the libraries that the first trials and the optimizer import (scipy alone makes a
    collection take 16 ms).
    """
    if gc.get_freeze_count():
        yield lambda more: None
        return

    def freeze(more: bool) -> None:
        if not gc.get_freeze_count() or (more and not _under_way):
            gc.freeze()
            _frozen_with.update(_under_way)

    gc.collect()
    freeze(True)
    try:
        yield freeze
    finally:
        _thaw()


def _thaw() -> None:
    global _ended_frozen
    _frozen_with.clear()
    _ended_frozen = 0
    gc.unfreeze()


def resident() -> int | None:
    """Bytes of memory that this process holds; None where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def available() -> int | None:
    """Bytes of memory that may still be taken; None where the system does not tell.

    The least of what the machine has left and what the limits of control groups leave.
    """
    least = None
    with suppress(OSError, ValueError, IndexError), open("/proc/meminfo", "rb") as file:
        least = next(int(row.split()[1]) * 1024 for row in file if row.startswith(b"MemAvailable"))
    for limit, used in _CGROUPS:
        with suppress(OSError, ValueError), open(limit, "rb") as most, open(used, "rb") as taken:
            left = int(most.read()) - int(taken.read())  # "max" is no number
            least = left if least is None else min(least, left)
    return None if least is None else max(least, 0)


def collect(*, out_of_memory: bool = False) -> None:
    """Free what the last trial left behind; call it once its variables are let go of.

    Parameters
    ----------
    out_of_memory : whether the trial ran out of memory. Torch's idle CUDA memory is
        given back then, and otherwise only if it exceeds a quarter of a device.
    """
    if out_of_memory and _ended_frozen:
        _thaw()
    gc.collect()
    if any(out_of_memory or _idle_share(device) > _IDLE_SHARE for device in _cuda_devices()):
        # After a failed kernel every call of the device fails; that is the next trial's to report.
        with suppress(RuntimeError):
            sys.modules["torch"].cuda.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that host or device memory ran out.

    So says an exception raised ``from`` such a one, or a group that holds one.
    An exception raised while another was handled is a failure of its own: a
    fallback that breaks for another reason is not called out of memory.
    """
    return any(
        isinstance(each, MemoryError)
        or (isinstance(each, RuntimeError) and _says_out_of_memory(each))
        for each in _related(error, contexts=False)
    )


def release_frames(error: BaseException) -> None:
    """Empty the frames an exception passed through, and those of its causes and contexts.

    Their local variables keep a failed trial's tensors alive otherwise. The
    traceback can still be printed; frames that are running are left alone.
    """
    for each in _related(error, contexts=True):
        traceback.clear_frames(each.__traceback__)


def _related(error: BaseException, *, contexts: bool) -> Iterator[BaseException]:
    """An exception, its causes and the members of groups, each once; `contexts` too if asked."""
    todo: list[BaseException | None] = [error]
    seen = set()
    while todo:
        each = todo.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, BaseExceptionGroup):
            todo.extend(each.exceptions)
        todo.append(each.__cause__)
        if contexts:
            todo.append(each.__context__)


def _says_out_of_memory(error: RuntimeError) -> bool:
    """torch.OutOfMemoryError is a RuntimeError too, and its message says so."""
    try:
        text = str(error).lower()
    except Exception:  # noqa: BLE001 - any class may write itself badly
        return False
    return any(words in text for words in _OUT_OF_MEMORY)


def _reset_peak() -> bool:
    """Let the kernel count this process's peak resident size from now on; whether it does."""
    try:
        # 5 is "reset the peak resident set size": man 5 proc, /proc/pid/clear_refs.
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        return False
    return True


def _peak() -> int | None:
    try:
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None


def _larger(one: int | None, other: int | None) -> int | None:
    known = [value for value in (one, other) if value is not None]
    return max(known, default=None)


def _cuda_devices() -> range:
    """Indices of the CUDA devices; none unless torch is imported and has initialised them."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return range(0)
    return range(torch.cuda.device_count())


def device_room() -> float:
    """The least share of a CUDA device's memory that may still be taken; 1 without any."""
    least = 1.0
    for device in _cuda_devices():
        cuda = sys.modules["torch"].cuda
        free, total = cuda.mem_get_info(device)
        idle = cuda.memory_reserved(device) - cuda.memory_allocated(device)
        least = min(least, (free + idle) / total)
    return least


def host_room() -> float:
    """The share of memory that may still be taken; 1 where the system does not tell."""
    left, held = available(), resident()
    return 1.0 if left is None or held is None else left / max(left + held, 1)


def _idle_share(device: int) -> float:
    """Memory torch has reserved and does not use, as a share of the device's."""
    cuda = sys.modules["torch"].cuda
    idle = cuda.memory_reserved(device) - cuda.memory_allocated(device)
    return float(idle / cuda.get_device_properties(device).total_memory)

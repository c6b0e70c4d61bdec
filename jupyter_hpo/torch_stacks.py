"""The flags and stacks that torch keeps for a thread, each with how to read and set it.

For `thread_modes`. Private functions of torch, each used only where that version has it:
``_C._len_torch_function_stack`` and ``_C._len_torch_dispatch_stack`` with their push, pop and
``get_…_at``; ``_GLOBAL_DEVICE_CONTEXT`` and ``utils._device.CURRENT_DEVICE``; the flags of
``utils._python_dispatch``; ``_C._autograd._{push,pop,top}_saved_tensors_default_hooks`` (the
last since torch 2.8) and ``_saved_tensors_hooks_{enable,disable}``; the cache of
``nn.utils.parametrize``; the setters ``_C._set_grad_enabled``, ``_C._set_fwd_grad_enabled``,
``_C._set_multithreading_enabled`` and ``_C._set_view_replay_enabled`` with their getters.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple


class Piece(NamedTuple):
    """One state of the thread.

    Attributes
    ----------
    name : for whoever debugs.
    read : gives the state and changes nothing.
    write : goes to a state that `read` gave.
    start : the state when torch has just been imported.
    stack : whether it is a stack, to be emptied before other pieces are set.
    """

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], object]
    start: Any
    stack: bool = False


def stacks(torch: Any) -> Iterator[Piece]:
    """The pieces that this version of torch has; the modes that see all calls come last."""
    for find in (_flags, _parametrizations, _cuda, _saved_hooks, _dispatch, _functions):
        # Read (and set, unless modes would see it) once: what cannot do that is no piece.
        with suppress(Exception):
            for piece in find(torch):
                state = piece.read()
                if piece.stack:
                    piece.write(state)
                yield piece


# -- values ------------------------------------------------------------------------------


def _flags(torch: Any) -> Iterator[Piece]:
    for name, getter, setter, start in (
        ("grad", "is_grad_enabled", "_set_grad_enabled", True),
        ("forward", "_is_fwd_grad_enabled", "_set_fwd_grad_enabled", True),
        ("threads", "_is_multithreading_enabled", "_set_multithreading_enabled", True),
        ("views", "_is_view_replay_enabled", "_set_view_replay_enabled", False),
    ):
        with suppress(AttributeError):
            yield Piece(name, getattr(torch._C, getter), getattr(torch._C, setter), start)


def _parametrizations(torch: Any) -> Iterator[Piece]:
    lib: Any = sys.modules["torch.nn.utils.parametrize"]

    def write(state: tuple[int, dict[Any, Any]]) -> None:
        lib._cache_enabled = state[0]
        lib._cache = state[1] if state[0] else {}  # outside a region the dict may be another's

    yield Piece("parametrize", lambda: (lib._cache_enabled, lib._cache), write, (0, {}))


def _cuda(torch: Any) -> Iterator[Piece]:
    cuda = torch.cuda

    def read() -> tuple[int, list[Any]] | None:
        with suppress(Exception):  # a kernel that failed makes every later call raise
            if cuda.is_initialized():
                streams = [cuda.current_stream(n) for n in range(cuda.device_count())]
                return cuda.current_device(), streams
        return None

    def write(state: tuple[int, list[Any]] | None) -> None:
        now = read()
        if now is None:
            return
        # Only what differs: setting a device makes a context on it, which takes memory.
        if state is None:
            state = 0, [cuda.default_stream(n) for n in range(len(now[1]))]
        for old, new in zip(now[1], state[1], strict=True):
            if old != new:
                cuda.set_stream(new)
        if cuda.current_device() != state[0]:
            cuda.set_device(state[0])

    yield Piece("cuda", read, write, None)


# -- stacks ------------------------------------------------------------------------------


def _saved_hooks(torch: Any) -> Iterator[Piece]:
    lib = torch._C._autograd
    top, push = lib._top_saved_tensors_default_hooks, lib._push_saved_tensors_default_hooks
    pop = lib._pop_saved_tensors_default_hooks

    def disable(message: str) -> None:
        try:
            lib._saved_tensors_hooks_disable(message, False)  # though there are some
        except TypeError:  # in versions that did not allow that there are none
            lib._saved_tensors_hooks_disable(message)

    def popped() -> list[Any]:
        hooks = []
        while (pair := top(True)) is not None:
            hooks.append(pair)
            pop()
        return hooks[::-1]

    def write(state: tuple[list[Any], str | None]) -> None:
        lib._saved_tensors_hooks_enable()
        popped()
        for pair in state[0]:
            push(*pair)
        if state[1] is not None:
            disable(state[1])

    def read() -> tuple[list[Any], str | None]:
        why_off = lib._saved_tensors_hooks_get_disabled_error_message()
        if top(True) is None:
            return [], why_off
        state = popped(), why_off  # there is no other way to see below the top
        write(state)
        return state

    yield Piece("saved tensors", read, write, ([], None), stack=True)


def hidden_hooks(torch: Any) -> Callable[[], bool] | None:
    """Whether saved-tensors hooks are set, where torch (< 2.8) does not say which.

    They cannot be put aside there. Disabling them complains if there are any.
    """
    lib = getattr(torch._C, "_autograd", None)
    needed = ("is_enabled", "enable", "disable")
    if hasattr(lib, "_top_saved_tensors_default_hooks") or not all(
        hasattr(lib, f"_saved_tensors_hooks_{name}") for name in needed
    ):
        return None
    is_enabled, enable, disable = (getattr(lib, f"_saved_tensors_hooks_{name}") for name in needed)

    def hooked() -> bool:
        if not is_enabled():
            return False
        try:
            disable("")
        except RuntimeError:
            return True
        finally:
            enable()
        return False

    return hooked


def _stack(
    c: Any, kind: str, *top: None
) -> tuple[Callable[[], list[Any]], Callable[[list[Any]], None]]:
    """Reader and writer of the stack of function or dispatch modes, lowest first.

    `top` is what torch's function that removes one takes as its arguments.
    """
    length, at = getattr(c, f"_len_torch_{kind}_stack"), getattr(c, f"_get_{kind}_stack_at")
    pop, push = getattr(c, f"_pop_torch_{kind}_stack"), getattr(c, f"_push_on_torch_{kind}_stack")

    def read() -> list[Any]:
        return [at(n) for n in range(length())]

    def write(modes: list[Any]) -> None:
        for _ in range(length()):
            pop(*top)
        for mode in modes:
            push(mode)

    return read, write


def _dispatch(torch: Any) -> Iterator[Piece]:
    lib: Any = sys.modules["torch.utils._python_dispatch"]
    read_stack, write_stack = _stack(torch._C, "dispatch", None)
    unlike = "_is_in_any_mode_without_ignore_compile_internals"
    names = ("_is_in_torch_dispatch_mode", "_is_in_non_infra_torch_dispatch_mode", unlike)
    flags = [name for name in names if hasattr(lib, name)]
    tell = getattr(lib, "set_is_in_mode_without_ignore_compile_internals", None)

    def read() -> tuple[list[Any], list[Any]]:
        return read_stack(), [getattr(lib, flag) for flag in flags]

    def write(state: tuple[list[Any], list[Any]]) -> None:
        write_stack(state[0])
        for flag, value in zip(flags, state[1], strict=True):
            setattr(lib, flag, value)
        if tell is not None:
            tell(getattr(lib, unlike))

    yield Piece("dispatch modes", read, write, ([], [False] * len(flags)), stack=True)


def _functions(torch: Any) -> Iterator[Piece]:
    of_thread = torch._GLOBAL_DEVICE_CONTEXT
    read_stack, write_stack = _stack(torch._C, "function")

    def read() -> tuple[list[Any], Any, Any]:
        lib = sys.modules.get("torch.utils._device")  # imported with the first default device
        current = getattr(lib, "CURRENT_DEVICE", None)
        return read_stack(), current, getattr(of_thread, "device_context", None)

    def write(state: tuple[list[Any], Any, Any]) -> None:
        write_stack(state[0])
        lib: Any = sys.modules.get("torch.utils._device")
        if hasattr(lib, "CURRENT_DEVICE"):
            lib.CURRENT_DEVICE = state[1]
        of_thread.device_context = state[2]

    yield Piece("function modes", read, write, ([], None, None), stack=True)

"""What torch keeps for a thread, put aside while a trial is parked.

A trial and the user's cells take turns on one thread. Grad and inference mode, autocast,
the stacks of modes and hooks belong to the thread, so a trial parked inside
``with torch.no_grad():`` would leave the user's next cell without gradients.
`modes` has the switches of the whole process; this module those that cannot be set to a
value, because they are a guard or a stack, and those of the thread.

The order over a park: `put_aside` before `modes` goes to the user's state, and what it
returned after `modes` came back, so that the stacks are saved and set untouched.

Some functions of torch it needs are private, each used only where that version has it:
``_C._InferenceMode``, ``_C._current_graph_task_id``, ``_C._functorch.peek_interpreter_stack``,
``_C._get_tracing_state``, ``_C._get_dispatch_mode``, ``_C._is_torch_function_enabled``,
``_C._dynamo.eval_frame.get_eval_frame_callback``, ``autograd.forward_ad._current_level``,
``fx._symbolic_trace._is_fx_tracing_flag``; and those named in `torch_stacks` and `torch_casts`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from .layers import Layer
from .torch_casts import Casts, autocast
from .torch_stacks import Piece, hidden_hooks, stacks

Back = Callable[[], None]


class State(NamedTuple):
    """What torch kept for the thread at one moment.

    Attributes
    ----------
    inference : whether inference mode was on.
    casts : nesting of autocast regions, and whether they keep the weights they cast.
    pieces : everything else, one for each piece that this version of torch has.
    """

    inference: bool
    casts: tuple[int, bool]
    pieces: tuple[Any, ...]


class ThreadModes(Layer):
    """What torch keeps for the thread: the trial's while it runs, the user's while not."""

    def __init__(self) -> None:
        self._users: State | None = None
        self._back: Back = _nothing

    def enter(self) -> None:
        self._users = take()
        back, self._back = self._back, _nothing
        back()

    def leave(self) -> None:
        self._back = put_aside(self._users)

    def end(self) -> None:
        known = _known()
        if known is not None:
            known.drop(self._users)


def take() -> State | None:
    """The state of the thread now; None while torch is not imported. Takes less than 10 µs."""
    known = _known()
    return None if known is None else known.read()


def put_aside(users: State | None) -> Back:
    """Keep the state of the trial that runs, and go to the user's.

    Never raises: what this version of torch does not let one set stays as it is.

    Parameters
    ----------
    users : what `take` gave when the trial's slice began; None for the state that torch
        has when it is imported, as the trial may have been the first to do so.

    Returns
    -------
    back : called once, when the trial goes on: it brings back exactly the trial's state.
    """
    known = _known()
    if known is None:
        return _nothing
    return known.put_aside(users)


def why_not() -> str:
    """Why the trial must not be parked now, "" if it may be.

    The words fit "pausing: waiting for …". Torch does work of its own then that no switch
    puts aside, for instance a backward pass that runs a hook written in the notebook.
    """
    known = _known()
    if known is None:
        return ""
    for busy, words in known.reasons:
        with suppress(Exception):
            if busy():
                return words
    return ""


def _nothing() -> None:
    """There was nothing to put aside."""


class _Known:
    """One torch, with the pieces and reasons that its version has."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.casts = Casts(torch)
        self.pieces: list[Piece] = [*autocast(torch), *stacks(torch)]
        self.start = State(False, (0, True), tuple(piece.start for piece in self.pieces))
        self.reasons = list(_reasons(torch))
        # Deleting a guard ends it, which must happen at `back` and at no other moment.
        self.guards: set[Any] = set()

    def read(self) -> State:
        return State(
            self.torch.is_inference_mode_enabled(),
            self.casts.read(),
            tuple(piece.read() for piece in self.pieces),
        )

    def put_aside(self, users: State | None) -> Back:
        users, trials = users or self.start, self.read()
        self._empty()
        guard = self._enter(users.inference)
        kept = self.casts.keep(trials.casts)
        self._write(users)

        def back() -> None:
            self._empty()
            if guard is not None:
                guard.__exit__(None, None, None)
                self.guards.discard(guard)
            if kept:
                self.casts.release()
            self._write(trials)

        return back

    def drop(self, users: State | None) -> None:
        """Go to the user's state for good, with the trial's to be forgotten."""
        users, trials = users or self.start, self.read()
        self._empty()
        if trials.inference != users.inference:
            self._enter(users.inference)  # never ended: its end would bring the trial's back
        self.casts.forget(trials.casts, users.casts)
        self._write(users)

    def _enter(self, inference: bool) -> Any:
        """Go to that inference mode by a guard; its end brings back all that it covers.

        It is entered even where the mode is the same on both sides: the user may turn it
        on for good in between, and the guard's end puts back the trial's all the same.
        """
        with suppress(Exception):
            guard = self.torch._C._InferenceMode(inference)
            guard.__enter__()
            self.guards.add(guard)
            return guard
        return None

    def _empty(self) -> None:
        # Modes on a stack would see the calls that follow; and the guard notes which
        # dispatch keys are on, which a stack that is empty on both sides does not change.
        for piece in reversed(self.pieces):
            if piece.stack:
                with suppress(Exception):
                    piece.write(piece.start)

    def _write(self, state: State) -> None:
        self.casts.write(state.casts)
        for piece, value in zip(self.pieces, state.pieces, strict=True):
            with suppress(Exception):
                piece.write(value)


_found: tuple[Any, _Known | None] = None, None


def _known() -> _Known | None:
    """What is known of the torch that is imported, looked up once; None if none is."""
    global _found
    torch = sys.modules.get("torch")
    if torch is None or getattr(torch.__spec__, "_initializing", False):
        return None
    if _found[0] is not torch:
        _found = torch, None
        with suppress(Exception):  # a torch so different that nothing of it can be put aside
            _found = torch, _Known(torch)
    return _found[1]


def _reasons(torch: Any) -> Iterator[tuple[Callable[[], object], str]]:
    """What may run in torch, asked by a function that this version has, and its words."""
    c = torch._C

    def there(function: Callable[[], Any]) -> Callable[[], object]:
        return lambda: function() is not None

    with suppress(AttributeError):
        task = c._current_graph_task_id
        yield (lambda: task() != -1), "the backward pass"
    with suppress(AttributeError):
        yield there(c._functorch.peek_interpreter_stack), "a torch.func transformation"
    with suppress(AttributeError):
        yield there(c._get_tracing_state), "torch.jit.trace"
    yield _global("torch.autograd.forward_ad", "_current_level", -1), "forward-mode differentiation"
    yield _global("torch.fx._symbolic_trace", "_is_fx_tracing_flag", False), "a trace by torch.fx"
    with suppress(AttributeError):
        get, keys = c._get_dispatch_mode, list(c._TorchDispatchModeKey.__members__.values())
        yield (lambda: any(get(key) is not None for key in keys)), "a trace over fake tensors"
    with suppress(AttributeError):
        yield there(c._dynamo.eval_frame.get_eval_frame_callback), "a function under torch.compile"
    with suppress(AttributeError):
        enabled = c._is_torch_function_enabled
        yield (lambda: not enabled()), "a torch function override"
    with suppress(AttributeError):
        cuda = torch.cuda
        capturing = cuda.is_current_stream_capturing
        yield (lambda: cuda.is_initialized() and capturing()), "the capture of a CUDA graph"
    hooked = hidden_hooks(torch)
    if hooked is not None:
        yield hooked, "the end of the region with saved-tensors hooks"


def _global(module: str, name: str, usual: object) -> Callable[[], bool]:
    """Whether a module that torch may not have imported yet has an unusual value there."""
    return lambda: getattr(sys.modules.get(module), name, usual) != usual

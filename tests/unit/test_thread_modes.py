"""What torch keeps per thread belongs to the trial while it runs, to the user while not."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from threading import Thread
from typing import Any

import greenlet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_hpo import thread_modes
from jupyter_hpo.thread_modes import ThreadModes, take, why_not
from jupyter_hpo.torch_stacks import hidden_hooks

torch = pytest.importorskip("torch")
from torch.autograd import forward_ad  # noqa: E402
from torch.nn.utils import parametrize  # noqa: E402
from torch.overrides import TorchFunctionMode  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

Park = Callable[[], None]


class Trial:
    """A function in a greenlet that can be parked, as the engine does it."""

    def __init__(self, body: Callable[[Park], Any]) -> None:
        self.layer = ThreadModes()
        self.body = body
        self.greenlet = greenlet.greenlet(self._run)

    def _run(self) -> Any:
        with self.layer:
            return self.body(self._park)

    def _park(self) -> None:
        self.layer.leave()
        try:
            self.greenlet.parent.switch()
        finally:
            self.layer.enter()

    def go_on(self) -> Any:
        self.greenlet.parent = greenlet.getcurrent()
        return self.greenlet.switch()

    @property
    def over(self) -> bool:
        return self.greenlet.dead


def unparked(body: Callable[[Park], Any]) -> Any:
    return body(lambda: None)


# -- what can be seen of the thread's state ----------------------------------------------


class Calls(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.append(getattr(func, "__name__", str(func)))
        return func(*args, **(kwargs or {}))


class Operators(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.append(str(func))
        return func(*args, **(kwargs or {}))


def double(tensor: Any) -> Any:
    return tensor * 2


def half(tensor: Any) -> Any:
    return tensor / 2


def seen() -> dict[str, Any]:
    """The state as notebook code sees it, and the dispatch keys that all of it comes down to."""
    c = torch._C
    functions = [c._get_function_stack_at(n) for n in range(c._len_torch_function_stack())]
    dispatch = [c._get_dispatch_stack_at(n) for n in range(c._len_torch_dispatch_stack())]
    hooks = c._autograd._top_saved_tensors_default_hooks(True)
    flags = sys.modules["torch.utils._python_dispatch"]
    return {
        "grad": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "forward": c._is_fwd_grad_enabled(),
        "threads": c._is_multithreading_enabled(),
        "views": c._is_view_replay_enabled(),
        "cpu": (torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")),
        "cuda": (torch.is_autocast_enabled("cuda"), torch.get_autocast_dtype("cuda")),
        "keeps casts": torch.is_autocast_cache_enabled(),
        "functions": [type(mode).__name__ for mode in functions],
        "dispatch": [type(mode).__name__ for mode in dispatch],
        "flags": {name: vars(flags)[name] for name in vars(flags) if name.startswith("_is_in_")},
        "device": (torch.empty(0).device.type, torch.get_default_device().type),
        "current device": getattr(sys.modules.get("torch.utils._device"), "CURRENT_DEVICE", None),
        "hooks": None if hooks is None else hooks[0].__name__,
        "no hooks": c._autograd._saved_tensors_hooks_get_disabled_error_message(),
        "parametrize": parametrize._cache_enabled,
        "keys": (
            repr(c._dispatch_tls_local_include_set()),
            repr(c._dispatch_tls_local_exclude_set()),
        ),
    }


class Region:
    """Entered and left by two functions; not left by being deleted, as a generator's is."""

    def __init__(self, enter: Callable[[], object], leave: Callable[[], object]) -> None:
        self.enter, self.leave = enter, leave

    def __enter__(self) -> None:
        self.enter()

    def __exit__(self, *error: object) -> None:
        self.leave()


def default_device() -> Region:
    return Region(
        partial(torch.set_default_device, "meta"), partial(torch.set_default_device, None)
    )


def no_forward() -> Region:
    usual = torch._C._is_fwd_grad_enabled()
    return Region(
        partial(torch._C._set_fwd_grad_enabled, False),
        partial(torch._C._set_fwd_grad_enabled, usual),
    )


def autocast_cuda() -> Region:
    """As `torch.autocast("cuda")`, which does nothing where there is no such device."""

    def become(enabled: bool, dtype: Any) -> None:
        torch.set_autocast_enabled("cuda", enabled)
        torch.set_autocast_dtype("cuda", dtype)

    usual = torch.is_autocast_enabled("cuda"), torch.get_autocast_dtype("cuda")
    return Region(partial(become, True, torch.bfloat16), partial(become, *usual))


graph = torch.autograd.graph
KINDS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "no grad": torch.no_grad,
    "enable grad": torch.enable_grad,
    "inference": torch.inference_mode,
    "no inference": partial(torch.inference_mode, False),
    "autocast": partial(torch.autocast, "cpu", dtype=torch.bfloat16),
    "autocast without casts": partial(torch.autocast, "cpu", torch.bfloat16, cache_enabled=False),
    "autocast off": partial(torch.autocast, "cpu", enabled=False),
    "autocast cuda": autocast_cuda,
    "device": partial(torch.device, "meta"),
    "default device": default_device,
    "function mode": Calls,
    "dispatch mode": Operators,
    "hooks": partial(graph.saved_tensors_hooks, double, half),
    "on cpu": graph.save_on_cpu,
    "no hooks": partial(graph.disable_saved_tensors_hooks, "none here"),
    "one thread": partial(torch.autograd.set_multithreading_enabled, False),
    "views": partial(torch.autograd._force_original_view_tracking, True),
    "no forward": no_forward,
    "parametrize": parametrize.cached,
}


def weights() -> Any:
    return (torch.arange(9.0, device="cpu").reshape(3, 3) / 7).requires_grad_()


def grads_of(weight: Any, steps: int = 2) -> Any:
    """A gradient that adds up over uses of one weight: exact bits tell whether it was cast anew."""
    x = torch.linspace(0.1, 1, 6, device="cpu").reshape(2, 3)
    for _ in range(steps):
        x = torch.sin(torch.nn.functional.linear(x, weight))
    return x.float().sum()


def trained(region: Callable[[], AbstractContextManager[Any]], uses: int = 1) -> list[float]:
    """What a little training gives, that takes gradients of a fresh forward pass each step."""
    weight = (torch.ones(3, 3, device="cpu") / 3).requires_grad_()
    optimizer = torch.optim.SGD([weight], lr=0.3)
    for _ in range(4):
        optimizer.zero_grad()
        with region():
            loss = grads_of(weight, uses)
        loss.backward()
        optimizer.step()
    result: list[float] = weight.detach().flatten().tolist()
    return result


@contextmanager
def plain() -> Iterator[None]:
    yield


USUAL = seen()
TRAINED = trained(plain)
CAST = trained(KINDS["autocast"])
CAST_ANEW = trained(KINDS["autocast without casts"], uses=3)


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Each test, with all its parks, leaves the thread as torch was imported."""
    yield
    assert seen() == USUAL
    assert torch.autocast_increment_nesting() == 1
    assert torch.autocast_decrement_nesting() == 0
    assert torch.is_autocast_cache_enabled is torch._C.is_autocast_cache_enabled
    assert torch.set_autocast_cache_enabled is torch._C.set_autocast_cache_enabled
    assert trained(KINDS["autocast"], uses=3) == trained(KINDS["autocast"], uses=3) != CAST_ANEW
    assert why_not() == ""


def test_the_regions_that_are_tried_change_what_is_seen() -> None:
    unseen = {"enable grad", "no inference", "autocast off"}
    for name, region in KINDS.items():
        with region():
            assert (seen() != USUAL) == (name not in unseen), name


def test_this_torch_has_every_piece() -> None:
    known = thread_modes._known()
    assert known is not None
    names = {piece.name for piece in known.pieces}
    flags = {"grad", "forward", "threads", "views", "parametrize", "cuda"}
    assert {"autocast cpu", "autocast cuda"} | flags < names
    assert {"saved tensors", "dispatch modes", "function modes"} < names
    assert len(known.reasons) == 9
    assert known.start == take()


# -- one trial ---------------------------------------------------------------------------


def body(region: Callable[[], AbstractContextManager[Any]], park: Park) -> list[Any]:
    """One weight used in a region before and after each park, and what was seen there."""
    weight, log = weights(), []
    with region() as mode:
        losses = []
        for _ in range(3):
            losses.append(grads_of(weight))
            log.append(seen())
            park()
            log.append(seen())
    try:
        sum(losses).backward()
    except RuntimeError as error:
        log.append(str(error).partition("\n")[0])
    log.append([loss.tolist() for loss in losses])
    log.append(None if weight.grad is None else weight.grad.tolist())
    return [*log, seen(), getattr(mode, "seen", None)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_trial_parked_in_a_region_is_not_seen_and_ends_the_same(kind: str) -> None:
    expected = unparked(partial(body, KINDS[kind]))
    trial = Trial(partial(body, KINDS[kind]))
    trial.go_on()
    assert seen() == USUAL
    assert trained(plain) == TRAINED
    assert trained(KINDS["autocast"]) == CAST
    trial.go_on()
    for region in KINDS.values():
        with region():
            pass
    assert seen() == USUAL
    trial.go_on()
    assert seen() == USUAL
    assert trial.go_on() == expected
    assert seen() == USUAL


@pytest.mark.parametrize("users", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_user_changes_their_state_for_good_while_a_trial_is_parked(
    kind: str, users: str
) -> None:
    expected = unparked(partial(body, KINDS[kind]))
    trial = Trial(partial(body, KINDS[kind]))
    trial.go_on()
    with KINDS[users]():
        changed = seen()
        trial.go_on()
        assert seen() == changed
        trial.go_on()
        assert seen() == changed
    assert seen() == USUAL
    assert trial.go_on() == expected


def test_user_changes_and_trial_ends_inside() -> None:
    trial = Trial(partial(body, torch.inference_mode))
    trial.go_on()
    with torch.no_grad(), torch.device("meta"), Calls():
        changed = seen()
        trial.go_on()
        trial.go_on()
        trial.go_on()
        assert trial.over
        assert seen() == changed


never_left: list[Any] = []  # deleting one that is made of a generator ends it


@pytest.mark.parametrize("kind", KINDS)
def test_a_region_that_a_trial_never_leaves_ends_with_it(kind: str) -> None:
    def trial(park: Park) -> None:
        never_left.append(KINDS[kind]())
        never_left[-1].__enter__()
        grads_of(weights())
        park()
        assert seen() == inside[0]

    with KINDS[kind]():
        inside = [seen()]
    parked = Trial(trial)
    parked.go_on()
    assert seen() == USUAL
    parked.go_on()
    assert seen() == USUAL
    assert trained(KINDS["autocast"]) == CAST


def test_casts_of_a_region_that_a_trial_never_leaves_are_not_the_users() -> None:
    layer = torch.nn.Linear(3, 3)
    x = torch.ones(1, 3)

    def trial(park: Park) -> None:
        never_left.append(KINDS["autocast"]())
        never_left[-1].__enter__()
        layer(x)

    Trial(trial).go_on()
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.zero_()
    with KINDS["autocast"]():
        assert layer(x).tolist() == [[0, 0, 0]]


def test_the_users_modes_see_nothing_of_going_to_a_trial_and_back() -> None:
    def quiet(park: Park) -> None:
        park()
        with torch.no_grad():
            park()

    trial = Trial(quiet)
    trial.go_on()
    with Calls() as calls, Operators() as operators:
        trial.go_on()
        trial.go_on()
        assert trial.over
    assert calls.seen == operators.seen == []


def test_parametrizations_that_a_trial_has_cached_are_not_the_users() -> None:
    class Doubled(torch.nn.Module):
        def forward(self, value: Any) -> Any:
            return value * 2

    layer = torch.nn.Linear(1, 1)
    parametrize.register_parametrization(layer, "weight", Doubled())

    def trial(park: Park) -> bool:
        with parametrize.cached():
            cached = layer.weight
            park()
            return layer.weight is cached

    parked = Trial(trial)
    parked.go_on()
    with torch.no_grad():
        layer.parametrizations.weight.original.fill_(3)
    with parametrize.cached():
        assert layer.weight.item() == 6
    assert parked.go_on() is True


def test_an_exception_thrown_into_a_parked_trial_unwinds_it_in_its_own_state() -> None:
    unwound: list[Any] = []

    def trial(park: Park) -> None:
        with torch.device("meta"), torch.no_grad():
            try:
                with torch.inference_mode(), Calls(), KINDS["autocast"]():
                    park()
            finally:
                unwound.append((torch.is_grad_enabled(), torch.is_inference_mode_enabled()))
                unwound.append(torch.empty(0).device.type)

    parked = Trial(trial)
    parked.go_on()
    with torch.inference_mode():
        changed = seen()
        parked.greenlet.parent = greenlet.getcurrent()
        with pytest.raises(KeyboardInterrupt):
            parked.greenlet.throw(KeyboardInterrupt)
        assert seen() == changed
    assert unwound == [(False, False), "meta"]


def test_torch_is_imported_by_the_trial_itself() -> None:
    code = """
import sys
from jupyter_hpo.thread_modes import put_aside, take, why_not
users = take()
assert users is None and why_not() == "" and "torch" not in sys.modules
put_aside(users)()
import torch
usual = torch.get_autocast_dtype("cpu")
torch.set_default_device("meta")
with torch.inference_mode(), torch.autocast("cpu", dtype=torch.float16):
    back = put_aside(users)
    assert torch.empty(0).device.type == "cpu" and torch.get_default_device().type == "cpu"
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
    assert not torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") is usual
    back()
    assert torch.empty(0).device.type == "meta" and torch.is_inference_mode_enabled()
    assert torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") is torch.float16
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


# -- autocast's table of weights that are cast -------------------------------------------


def test_gradients_tell_whether_a_weight_was_cast_anew() -> None:
    assert trained(KINDS["autocast"], uses=3) != CAST_ANEW
    assert CAST != TRAINED


def in_autocast(park: Park) -> Any:
    return body(KINDS["autocast"], park)


def test_the_users_training_uses_no_stale_weights_while_a_trial_is_parked_in_autocast() -> None:
    made_before = KINDS["autocast"]()
    keeping = partial(torch.autocast, "cpu", dtype=torch.bfloat16, cache_enabled=True)
    expected = unparked(in_autocast)
    trial = Trial(in_autocast)
    trial.go_on()
    for region in (KINDS["autocast"], keeping, lambda: made_before):
        assert trained(region) == CAST
        assert trained(region, uses=3) == CAST_ANEW
    made_meanwhile = KINDS["autocast"]()
    with keeping():
        unfinished = grads_of(weights())
        trial.go_on()
        (unfinished + grads_of(weights())).backward()
    torch.set_autocast_cache_enabled(False)
    assert not torch.is_autocast_cache_enabled()
    trial.go_on()
    assert not torch.is_autocast_cache_enabled()
    torch.set_autocast_cache_enabled(True)
    assert trial.go_on() == expected
    assert trained(lambda: made_meanwhile, uses=3) == trained(KINDS["autocast"], uses=3)


def test_other_threads_keep_their_own_autocast_while_a_trial_is_parked_in_it() -> None:
    def elsewhere() -> None:
        found.append(torch.is_autocast_cache_enabled())
        torch.set_autocast_cache_enabled(False)
        found.append(torch.is_autocast_cache_enabled())

    found: list[bool] = []
    expected = unparked(in_autocast)
    trial = Trial(in_autocast)
    trial.go_on()
    thread = Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert found == [True, False]
    assert torch.is_autocast_cache_enabled()
    trial.go_on()
    trial.go_on()
    assert trial.go_on() == expected


def test_a_second_trial_in_autocast_while_the_first_is_parked_in_it() -> None:
    expected = unparked(in_autocast)
    once = unparked(lambda park: (park(), trained(KINDS["autocast"]))[1])

    def second(park: Park) -> Any:
        park()
        with KINDS["autocast"]():
            grads_of(weights(), 1)
            park()  # there are no casts of its own to keep
        return trained(KINDS["autocast"]), trained(KINDS["autocast"], uses=3)

    one, two = Trial(in_autocast), Trial(second)
    two.go_on()
    one.go_on()
    two.go_on()
    one.go_on()
    assert trained(KINDS["autocast"]) == CAST
    assert two.go_on() == (once, CAST_ANEW)
    one.go_on()
    assert one.go_on() == expected


# -- any regions, any parks --------------------------------------------------------------

Action = tuple[str, str]
# torch itself loses count where a default device is set inside `with torch.device(...)`
NESTING = sorted(set(KINDS) - {"default device"})
enter = st.tuples(st.just("enter"), st.sampled_from(NESTING))
others = st.sampled_from([("leave", ""), ("use", ""), ("park", "")])
programs = st.lists(st.one_of(enter, others, others), max_size=25)


def perform(actions: list[Action], shared: bool, park: Park) -> list[Any]:
    """Log of a trial that enters, leaves and uses as told; errors of torch are part of it."""
    log: list[Any] = []
    made: list[Any] = []
    open_regions: list[ExitStack] = []
    park()
    with ExitStack() as last:
        for action, kind in [*actions, ("use", "")]:
            try:
                if action == "enter":
                    with ExitStack() as stack:
                        stack.enter_context(KINDS[kind]())
                        open_regions.append(last.enter_context(stack.pop_all()))
                elif action == "leave" and open_regions:
                    open_regions.pop().close()
                elif action == "use":
                    if not made or not shared:
                        with torch.inference_mode(False):
                            made.append(weights())
                    made[-1].grad = None
                    loss = grads_of(made[-1], 2 if shared else 1)
                    log.append(loss.tolist())
                    loss.backward()
                    log.append(made[-1].grad.tolist())
                elif action == "park":
                    log.append(seen())
                    park()
            except RuntimeError as error:
                log.append(str(error).partition("\n")[0])
            log.append(seen())
    return log


@settings(max_examples=60, deadline=None)
@given(programs, st.lists(st.sampled_from(["", "train", *NESTING]), max_size=20))
def test_any_regions_with_parks_anywhere(program: list[Action], users: list[str]) -> None:
    expected = unparked(partial(perform, program, True))
    trial = Trial(partial(perform, program, True))
    result = trial.go_on()
    inside = False
    with ExitStack() as stack:
        while not trial.over:
            todo = users.pop() if users else ""
            if todo == "train":
                assert inside or trained(plain) == TRAINED
                assert inside or trained(KINDS["autocast"]) == CAST
            elif todo:
                with suppress(RuntimeError):  # some regions refuse to be inside others
                    inside = True
                    stack.enter_context(KINDS[todo]())
            before = seen()
            result = trial.go_on()
            assert seen() == before
    assert result == expected


@settings(max_examples=60, deadline=None)
@given(programs, programs, st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["", *KINDS]))))
def test_any_two_trials_in_any_order(
    one: list[Action], two: list[Action], order: list[tuple[int, str]]
) -> None:
    expected = [unparked(partial(perform, program, False)) for program in (one, two)]
    trials = [Trial(partial(perform, program, False)) for program in (one, two)]
    results = [trial.go_on() for trial in trials]
    while not all(trial.over for trial in trials):
        turn, region = order.pop() if order else (len(results) % 2, "")
        turn = turn if not trials[turn].over else 1 - turn
        with KINDS[region]() if region else plain():
            before = seen()
            results[turn] = trials[turn].go_on()
            assert seen() == before
        assert seen() == USUAL
        assert trained(KINDS["autocast"]) == CAST
    assert results == expected


# -- when not to park --------------------------------------------------------------------


def told(run: Callable[[Callable[[Any], Any]], object]) -> str:
    """What `why_not` says inside `run`, which is given a function that asks it."""
    words: list[str] = []

    def ask(value: Any) -> Any:
        words.append(why_not())
        return value

    assert why_not() == ""
    run(ask)
    assert why_not() == ""
    assert len(set(words)) == 1
    return words[0]


def test_backward() -> None:
    def run(ask: Any) -> None:
        weight = weights()
        weight.register_hook(ask)
        weight.sum().backward()

    assert told(run) == "the backward pass"


@pytest.mark.parametrize("transform", ["vmap", "grad"])
def test_transformations(transform: str) -> None:
    def run(ask: Any) -> None:
        getattr(torch.func, transform)(lambda x: ask(x).sum())(torch.ones(3))

    assert told(run) == "a torch.func transformation"


def test_tracing() -> None:
    def run(ask: Any) -> None:
        with warnings.catch_warnings(action="ignore"):  # newer versions deprecate it
            torch.jit.trace(ask, torch.ones(1), check_trace=False)

    assert told(run) == "torch.jit.trace"


def test_symbolic_trace() -> None:
    assert told(lambda ask: torch.fx.symbolic_trace(lambda x: ask(x))) == "a trace by torch.fx"


def test_forward_mode() -> None:
    def run(ask: Any) -> None:
        with forward_ad.dual_level():
            ask(0)

    assert told(run) == "forward-mode differentiation"


def test_fake_tensors() -> None:
    from torch._subclasses.fake_tensor import FakeTensorMode

    def run(ask: Any) -> None:
        with FakeTensorMode():
            ask(0)

    assert told(run) == "a trace over fake tensors"


def test_inside_an_override() -> None:
    def run(ask: Any) -> None:
        with torch._C.DisableTorchFunctionSubclass():
            ask(0)

    assert told(run) == "a torch function override"


def test_compiled() -> None:
    def run(ask: Any) -> None:
        before = torch._C._dynamo.eval_frame.set_eval_frame(False)
        ask(0)
        torch._C._dynamo.eval_frame.set_eval_frame(before)

    assert told(run) == "a function under torch.compile"


@pytest.mark.parametrize("kind", KINDS)
def test_regions_alone_are_no_reason(kind: str) -> None:
    def run(ask: Any) -> None:
        with KINDS[kind]():
            ask(0)

    assert told(run) == ""


# -- other versions of torch -------------------------------------------------------------


class Lacking:
    """A module without some of its names, as in a version that did not have them."""

    def __init__(self, module: Any, *missing: str, **instead: Any) -> None:
        vars(self).update(instead)
        self._module, self._missing = module, missing

    def __getattr__(self, name: str) -> Any:
        if name in self._missing:
            raise AttributeError(name)
        return getattr(self._module, name)


PRIVATE = [
    "_InferenceMode",
    "_autocast_supported_devices",
    "_autograd",
    "_current_graph_task_id",
    "_dynamo",
    "_functorch",
    "_get_dispatch_mode",
    "_is_view_replay_enabled",
    "_len_torch_dispatch_stack",
    "_push_on_torch_function_stack",
    "_set_fwd_grad_enabled",
    "_set_multithreading_enabled",
]


@pytest.mark.parametrize("missing", [[name] for name in PRIVATE] + [PRIVATE])
def test_what_torch_does_not_have_is_left_alone_and_nothing_else(missing: list[str]) -> None:
    lacking = Lacking(torch, _C=Lacking(torch._C, *missing))
    known = thread_modes._Known(lacking)
    with torch.no_grad(), KINDS["autocast"]():
        before = seen()
        back = known.put_aside(None)
        assert torch.is_grad_enabled()
        assert not torch.is_autocast_enabled("cpu")
        back()
        assert seen() == before
    assert not any(busy() for busy, _ in known.reasons)


def test_hooks_that_cannot_be_read_are_a_reason() -> None:
    autograd = torch._C._autograd
    older = Lacking(autograd, "_top_saved_tensors_default_hooks")
    hooked = hidden_hooks(Lacking(torch, _C=Lacking(torch._C, _autograd=older)))
    assert hooked is not None
    assert not hooked()
    with KINDS["hooks"]():
        before = seen()
        assert hooked()
        assert seen() == before
    with KINDS["no hooks"]():
        before = seen()
        assert not hooked()
        assert seen() == before


def test_parks_leave_no_guard_behind() -> None:
    known = thread_modes._known()
    assert known is not None
    before = len(known.guards)
    for kind in KINDS.values():
        trial = Trial(partial(body, kind))
        while not trial.over:
            trial.go_on()
    assert len(known.guards) == before

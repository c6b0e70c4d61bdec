"""Switches of the whole process, put back after every trial.

Grad mode, print options, warning filters, the working directory and their like
belong to no variable. A trial that leaves one changed would hand it to the next
trial and to the notebook.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from .layers import Layer


class Mode(NamedTuple):
    """One switch of a library.

    Attributes
    ----------
    library : the module that has it, left alone while it is not imported.
    read : gives the state from the module; equal states are equal by ``==``.
    put : sets the module to a state.
    """

    library: str
    read: Callable[[Any], Any]
    put: Callable[[Any, Any], object]


class Modes(Layer):
    """All modes: the trial's while it runs, the user's while it does not.

    Parameters
    ----------
    start : those that the trial starts with; None: the user's of that moment.
    """

    def __init__(self, start: Mapping[Mode, Any] | None = None) -> None:
        self._users: Mapping[Mode, Any] = {}
        self._trials: Mapping[Mode, Any] | None = None
        self._start = start or {}

    def enter(self) -> None:
        self._users = snapshot()
        if self._trials is None:
            restore(self._start)
            _part_decimal()
        else:
            restore(self._trials)

    def leave(self) -> None:
        self._trials = snapshot()
        self.end()

    def end(self) -> None:
        restore(self._users)


def snapshot() -> Mapping[Mode, Any]:
    """The modes of the libraries that are imported now; takes about 0.02 ms."""
    taken = {}
    for mode in _MODES:
        library = sys.modules.get(mode.library)
        if library is not None:
            with suppress(Exception):  # another version of the library, or half an import
                taken[mode] = mode.read(library)
    return taken


def restore(taken: Mapping[Mode, Any]) -> None:
    """Set what has changed since a snapshot back to it; what cannot be set stays as it is."""
    for mode, state in taken.items():
        with suppress(Exception):
            library = sys.modules[mode.library]
            if mode.read(library) != state:
                mode.put(library, state)


def _attribute(library: str, name: str) -> Mode:
    return Mode(library, lambda lib: getattr(lib, name), lambda lib, old: setattr(lib, name, old))


# -- os ----------------------------------------------------------------------------------


def _variables(lib: Any) -> dict[Any, Any]:
    # The table within: reading variables one by one decodes each, 20 times as long.
    return dict(getattr(lib.environ, "_data", lib.environ))


def _put_variables(lib: Any, old: dict[Any, Any]) -> None:
    now = _variables(lib)
    for key in now.keys() - old.keys():
        del lib.environ[os.fsdecode(key)]
    for key, value in old.items():
        if now.get(key) != value:
            lib.environ[os.fsdecode(key)] = os.fsdecode(value)


# -- warnings, decimal -------------------------------------------------------------------


def _filters(lib: Any) -> tuple[Any, ...]:
    # `catch_warnings` starts with a copy, which is another list that equals the first
    return id(lib.filters), lib.filters, tuple(lib.filters)


def _put_filters(lib: Any, old: tuple[Any, ...]) -> None:
    lib.filters = old[1]
    lib.resetwarnings()  # also makes modules forget what they decided by the filters of before
    lib.filters[:] = old[2]


def _part_decimal() -> None:
    """A context of the trial's own: what `localcontext` goes back to is an object, not a value."""
    lib = sys.modules.get("decimal")
    if lib is not None:
        lib.setcontext(lib.getcontext().copy())


_DECIMAL = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")


def _decimal(lib: Any) -> tuple[Any, ...]:
    context = lib.getcontext()
    scalars = [getattr(context, name) for name in _DECIMAL]
    return context, *scalars, dict(context.traps), dict(context.flags)


def _put_decimal(lib: Any, old: tuple[Any, ...]) -> None:
    # The user may hold the context itself, so that a copy of it would not do.
    lib.setcontext(old[0])
    for name, value in zip((*_DECIMAL, "traps", "flags"), old[1:], strict=True):
        setattr(old[0], name, value)


# -- pandas, matplotlib ------------------------------------------------------------------

_last_seen: dict[str, Any] = {}


def _copied(name: str, table: Any, copy: Callable[[Any], Any]) -> Any:
    """A copy of a library's table, made only when the last one is out of date."""
    last = _last_seen.get(name)
    if last is None or not dict.__eq__(table, last):
        last = _last_seen[name] = copy(table)
    return last


def _nested(table: dict[str, Any]) -> dict[str, Any]:
    return {key: _nested(each) if type(each) is dict else each for key, each in table.items()}


def _pandas(lib: Any) -> Any:
    return _copied("pandas", lib._global_config, _nested)


def _put_pandas(lib: Any, old: dict[str, Any]) -> None:
    options = dict(_leaves(old))
    for key, value in _leaves(lib._global_config):
        if key in options and options[key] != value:
            lib.set_option(key, options[key])


def _leaves(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in list(table.items()):
        if type(value) is dict:
            yield from _leaves(value, f"{path}{key}.")
        else:
            yield path + key, value


# Going to another backend opens and closes windows, and is more than an entry here.
_BACKEND = {"backend", "backend_fallback", "interactive"}


def _put_rc(lib: Any, old: dict[str, Any]) -> None:
    rc = lib.rcParams
    for key, value in old.items():
        if key not in _BACKEND and dict.get(rc, key) != value:
            dict.__setitem__(rc, key, value)  # it was checked when it was set first


# -- torch -------------------------------------------------------------------------------


def _device(lib: Any) -> Any:
    context = getattr(lib._GLOBAL_DEVICE_CONTEXT, "device_context", None)
    return None if context is None else context.device


def _deterministic(lib: Any) -> tuple[bool, bool]:
    return (
        lib.are_deterministic_algorithms_enabled(),
        lib.is_deterministic_algorithms_warn_only_enabled(),
    )


_MODES = (
    Mode("os", lambda lib: lib.getcwd(), lambda lib, old: lib.chdir(old)),
    Mode("os", _variables, _put_variables),
    Mode(
        "gc", lambda lib: lib.isenabled(), lambda lib, old: lib.enable() if old else lib.disable()
    ),
    Mode(
        "logging",
        lambda lib: lib.root.manager.disable,
        lambda lib, old: setattr(lib.root.manager, "disable", old),
    ),
    _attribute("sys", "displayhook"),
    _attribute("sys", "excepthook"),
    Mode("sys", lambda lib: lib.getrecursionlimit(), lambda lib, old: lib.setrecursionlimit(old)),
    Mode(
        "locale",
        lambda lib: lib.setlocale(lib.LC_ALL),
        lambda lib, old: lib.setlocale(lib.LC_ALL, old),
    ),
    Mode("decimal", _decimal, _put_decimal),
    Mode("numpy", lambda lib: lib.geterr(), lambda lib, old: lib.seterr(**old)),
    Mode("numpy", lambda lib: lib.geterrcall(), lambda lib, old: lib.seterrcall(old)),
    Mode(
        "numpy",
        lambda lib: lib.get_printoptions(),
        lambda lib, old: lib.set_printoptions(**old),
    ),
    Mode("pandas._config.config", _pandas, _put_pandas),
    Mode("matplotlib", lambda lib: _copied("matplotlib", lib.rcParams, dict), _put_rc),
    Mode("sklearn", lambda lib: lib.get_config(), lambda lib, old: lib.set_config(**old)),
    Mode("torch", lambda lib: lib.is_grad_enabled(), lambda lib, old: lib.set_grad_enabled(old)),
    Mode(
        "torch",
        lambda lib: lib.get_default_dtype(),
        lambda lib, old: lib.set_default_dtype(old),
    ),
    Mode("torch", _device, lambda lib, old: lib.set_default_device(old)),
    Mode(
        "torch",
        _deterministic,
        lambda lib, old: lib.use_deterministic_algorithms(old[0], warn_only=old[1]),
    ),
    Mode("torch", lambda lib: lib.get_num_threads(), lambda lib, old: lib.set_num_threads(old)),
    Mode(
        "torch",
        lambda lib: lib.get_float32_matmul_precision(),
        lambda lib, old: lib.set_float32_matmul_precision(old),
    ),
    Mode(
        "torch",
        lambda lib: (lib.is_anomaly_enabled(), lib.is_anomaly_check_nan_enabled()),
        lambda lib, old: lib.autograd.set_detect_anomaly(*old),
    ),
    _attribute("torch.backends.cudnn", "benchmark"),
    _attribute("torch.backends.cudnn", "deterministic"),
    _attribute("warnings", "showwarning"),
    _attribute("warnings", "_showwarnmsg_impl"),  # what `catch_warnings(record=True)` exchanges
    Mode("warnings", _filters, _put_filters),
)

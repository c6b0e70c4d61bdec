"""What a trial must leave as it found it, and what two runs of it must agree on."""

from __future__ import annotations

import contextvars
import decimal
import gc
import io
import locale
import os
import random
import signal
import struct
import sys
import types
import warnings
from asyncio import events
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import sklearn
import torch
from matplotlib import _pylab_helpers
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from jupyter_hpo.context import inside_trial


def users_state(names: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that belongs to the user between two slices of a trial, comparable by ``==``."""
    hooks = torch._C._autograd._top_saved_tensors_default_hooks(True)  # type: ignore[attr-defined]
    return {
        "names": {name: id(value) for name, value in names.items()},
        "streams": (id(sys.stdout), id(sys.stderr), id(sys.stdin)),
        "hooks of sys": (id(sys.displayhook), id(sys.excepthook), id(sys.unraisablehook)),
        "tracing": (sys.gettrace(), sys.getprofile()),
        "exception": sys.exc_info(),
        "running loop": events._get_running_loop(),
        "context": {v: id(value) for v, value in contextvars.copy_context().items()},
        "inside": inside_trial(),
        "filters": (id(warnings.filters), list(warnings.filters)),
        "warnings": (warnings.showwarning, warnings._showwarnmsg_impl),  # type: ignore[attr-defined]
        "python": random.getstate(),
        "numpy": digest(np.random.get_state(legacy=False)),
        "torch": torch.get_rng_state().numpy().tobytes(),
        "grad": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "autocast": (
            torch.is_autocast_enabled("cpu"),
            torch.get_autocast_dtype("cpu"),
            torch.is_autocast_cache_enabled(),
        ),
        "function modes": torch._C._len_torch_function_stack(),
        "dispatch modes": torch._C._len_torch_dispatch_stack(),
        "saved tensors": hooks,
        "deterministic": (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        ),
        "anomalies": torch.is_anomaly_enabled(),
        "threads": torch.get_num_threads(),
        "errors": (np.geterr(), np.geterrcall(), np.get_printoptions()),
        "decimal": (id(decimal.getcontext()), repr(decimal.getcontext())),
        "pandas": _leaves(pd._config.config._global_config),  # type: ignore[attr-defined]
        "matplotlib": {key: repr(value) for key, value in dict.items(mpl.rcParams)},
        "sklearn": sklearn.get_config(),
        "figures": [(n, id(m)) for n, m in _pylab_helpers.Gcf.figs.items()],
        "folder": os.getcwd(),
        "variables": dict(os.environ),
        "locale": locale.setlocale(locale.LC_ALL),
        "signals": [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGURG, signal.SIGALRM)],
        "timer": signal.getitimer(signal.ITIMER_REAL)[0] > 0,
        "recursion": sys.getrecursionlimit(),
        "collector": gc.isenabled(),
        "finders": [id(finder) for finder in sys.meta_path],
    }


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What differs, for a message."""
    found = {}
    for key, value in before.items():
        if value != after[key]:
            inner = isinstance(value, dict)
            found[key] = _entries(value, after[key]) if inner else (value, after[key])
    return found


def _entries(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> dict[Any, Any]:
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return {key: (before.get(key, "absent"), after.get(key, "absent")) for key in keys}


def _leaves(table: Any) -> Any:
    if isinstance(table, dict):
        return {key: _leaves(value) for key, value in table.items()}
    return repr(table)


@contextmanager
def undone(names: dict[str, Any]) -> Iterator[None]:
    """Whatever the user's cells set for good is put back, so that the next example starts alike."""
    initial = dict(names)
    python, numpy, pytorch = random.getstate(), np.random.get_state(), torch.get_rng_state()
    streams, folder, variables = (sys.stdout, sys.stderr), os.getcwd(), dict(os.environ)
    errors, shown = np.geterr(), np.get_printoptions()
    rc, config, rows = dict(mpl.rcParams), sklearn.get_config(), pd.get_option("display.max_rows")
    context = decimal.getcontext().copy()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
            yield
    finally:
        if "guard" in names:
            names["guard"].__exit__(None, None, None)
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
        sys.stdout, sys.stderr = streams
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(variables)
        np.seterr(**errors)
        np.set_printoptions(**shown)  # type: ignore[arg-type]
        dict.update(mpl.rcParams, rc)
        sklearn.set_config(**config)
        pd.set_option("display.max_rows", rows)
        decimal.setcontext(context)
        plt.close("all")
        names.clear()
        names.update(initial)
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(pytorch)


# -- bytes of any value --------------------------------------------------------------------


def digest(value: Any) -> Any:
    """A value as plain, comparable data: numbers and arrays by their bytes, never by identity."""
    return _digest(value, {})


def _digest(value: Any, met: dict[int, int]) -> Any:
    if value is None or isinstance(value, (bool, int, str, bytes, torch.dtype, torch.device)):
        return value
    if isinstance(value, float):
        return struct.pack("d", value)
    if id(value) in met:  # a cycle, or the same object again
        return ("met", met[id(value)])
    met[id(value)] = len(met)
    for kind, write in _KINDS:
        if isinstance(value, kind):
            return (type(value).__name__, write(value, met))
    inside = getattr(value, "__dict__", None)
    return (type(value).__name__, None if inside is None else _mapping(inside, met))


def _tensor(value: torch.Tensor, met: dict[int, int]) -> Any:
    data = value.detach()
    if data.device.type == "meta":
        return tuple(data.shape), data.dtype
    plain = data.cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes()
    grad = value.grad if value.is_leaf and not value.is_inference() else None
    kept = None if grad is None else _tensor(grad, met)
    return tuple(data.shape), data.dtype, value.requires_grad, value.is_inference(), plain, kept


def _array(value: np.ndarray[Any, Any], met: dict[int, int]) -> Any:
    if value.dtype == object:
        return value.shape, [_digest(each, met) for each in value.flat]
    return value.shape, value.dtype.str, value.tobytes()


def _mapping(value: Mapping[Any, Any], met: dict[int, int]) -> Any:
    return [(repr(_digest(k, met)), _digest(v, met)) for k, v in list(value.items())]


def _sequence(value: Any, met: dict[int, int]) -> Any:
    return [_digest(each, met) for each in value]


def _module(value: torch.nn.Module, met: dict[int, int]) -> Any:
    tensors = [*value.named_parameters(), *value.named_buffers()]
    return value.training, [(name, _tensor(each, met)) for name, each in tensors]


def _figure(value: Figure, met: dict[int, int]) -> Any:
    return [
        (
            axes.get_title(),
            axes.get_xlabel(),
            axes.axis(),
            [digest(line.get_xydata()) for line in axes.lines],
            [digest(np.asarray(each.get_offsets())) for each in axes.collections],
        )
        for axes in value.axes
    ]


def _frame(value: Any, met: dict[int, int]) -> Any:
    frame = getattr(value, "gi_frame", None) or getattr(value, "cr_frame", None)
    return None if frame is None else (frame.f_lineno, _mapping(frame.f_locals, met))


_KINDS: list[tuple[Any, Callable[[Any, dict[int, int]], Any]]] = [
    (torch.nn.Module, _module),
    (torch.Tensor, _tensor),
    (torch.Generator, lambda value, met: value.get_state().numpy().tobytes()),
    (torch.optim.Optimizer, lambda value, met: _mapping(value.state_dict(), met)),
    (np.ndarray, _array),
    (np.generic, lambda value, met: (value.dtype.str, value.tobytes())),
    (complex, lambda value, met: struct.pack("dd", value.real, value.imag)),
    (Figure, _figure),
    (Artist, lambda value, met: None),  # seen in its figure
    (decimal.Decimal, lambda value, met: str(value)),
    (BaseException, lambda value, met: (str(value), _sequence(value.args, met))),
    ((types.GeneratorType, types.CoroutineType), _frame),
    ((types.FunctionType, type, types.BuiltinFunctionType), lambda value, met: value.__qualname__),
    (types.ModuleType, lambda value, met: value.__name__),
    ((set, frozenset), lambda value, met: sorted(repr(_digest(each, met)) for each in value)),
    (Mapping, _mapping),
    ((list, tuple, types.MappingProxyType), _sequence),
]

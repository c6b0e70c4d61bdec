"""Which objects of a notebook a cell can reach through the names it reads."""

from __future__ import annotations

import dis
import functools
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .classes import among, extends, members, mro, of_notebook
from .watch import says_cache

_READS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
_INERT: tuple[type, ...] = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis))
_INERT += (range, slice, types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_INERT += (functools.partial, functools._lru_cache_wrapper)
# IPython's own; they grow by themselves.
_IPYTHON = {"In", "Out", "_", "__", "___", "_ih", "_oh", "_dh", "get_ipython", "exit", "quit"}
_FOLLOWED_AT_MOST = 10_000


def reach(names: Iterable[str], namespace: Mapping[str, Any]) -> dict[str, object]:
    """Objects that code reading these names can reach in a notebook.

    These are the named globals, and transitively the globals read by the
    functions and classes of the notebook among them, through decorators,
    partial functions, methods, closures and default arguments. Functions of
    imported modules are not followed. Functions, classes, modules and
    immutable scalars are not objects that a trial could change.

    Parameters
    ----------
    names : what the cell reads.
    namespace : the notebook's namespace.

    Returns
    -------
    Objects by name. What a function holds itself (in its closure, as a default
    or a bound argument) is named "what in function"; see `notebook_name`.
    """
    found: dict[str, object] = {}
    for name, value in _visit(names, namespace):
        if name not in found and not _inert(value):
            found[name] = value
    return found


def definitions(names: Iterable[str], namespace: Mapping[str, Any]) -> dict[str, object]:
    """Functions and classes of the notebook that code reading these names can reach.

    A trial can change what they hold in attributes of their own.

    Parameters
    ----------
    names : what the cell reads.
    namespace : the notebook's namespace.
    """
    found: dict[str, object] = {}
    for name, value in _visit(names, namespace):
        kind = type(value)
        if kind is types.FunctionType:
            if _of_notebook(value, namespace):
                found.setdefault(notebook_name(name), value)
            continue
        for base in mro(value if extends(kind, type) else kind):
            # Only those with a name by which `--shared` can accept them.
            called = type.__dict__["__name__"].__get__(base)
            if of_notebook(base) and namespace.get(called) is base:
                found.setdefault(called, base)
    return found


def global_writes(names: Iterable[str], namespace: Mapping[str, Any]) -> set[str]:
    """Names that the notebook's functions among these assign by ``global``, transitively.

    Parameters
    ----------
    names : what the cell reads.
    namespace : the notebook's namespace.
    """
    written: set[str] = set()
    for _, value in _visit(names, namespace):
        for function in _functions(value, namespace):
            written |= _mentions(function.__code__, frozenset({"STORE_GLOBAL"}))
    return written


def notebook_name(name: str) -> str:
    """The notebook's variable behind a name that `reach` gave."""
    return name.rpartition(" in ")[2]


def is_private(name: str) -> bool:
    """Whether what `reach` gave this name is known to a function alone."""
    return " in " in name and not name.startswith("argument ")


def _visit(names: Iterable[str], namespace: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Everything reached, each once under its first name; functions and classes too."""
    todo: list[tuple[str, Any]] = [
        (name, namespace[name]) for name in names if name in namespace and name not in _IPYTHON
    ]
    todo.reverse()
    seen: set[int] = set()
    while todo and len(seen) < _FOLLOWED_AT_MOST:
        name, value = todo.pop()
        if id(value) in seen:
            # A second name of the same object is one more name of it, not more to follow.
            yield name, value
            continue
        seen.add(id(value))
        yield name, value
        todo.extend(_held(name, value, namespace))
        for function in _functions(value, namespace):
            for read in sorted(_mentions(function.__code__, _READS)):
                if read in namespace and read not in _IPYTHON and id(namespace[read]) not in seen:
                    todo.append((read, namespace[read]))  # noqa: PERF401 - three conditions
            todo.extend(_closure(name, function))


def _functions(value: Any, namespace: Mapping[str, Any]) -> list[types.FunctionType]:
    """The notebook's functions that using this value may call directly."""
    kind = type(value)
    if kind is types.FunctionType:
        return [value] if _of_notebook(value, namespace) else []
    return [
        function
        for base in mro(value if extends(kind, type) else kind)
        if of_notebook(base)
        for member in list(members(base).values())
        for function in _unwrapped(member)
        if _of_notebook(function, namespace)
    ]


def _unwrapped(member: Any) -> list[types.FunctionType]:
    kind = type(member)
    if kind is types.FunctionType:
        return [member]
    if kind in (staticmethod, classmethod):
        return _unwrapped(member.__func__)
    if kind is property:
        return [f for part in (member.fget, member.fset, member.fdel) for f in _unwrapped(part)]
    if kind is functools.cached_property:
        return _unwrapped(member.func)
    return []


def _of_notebook(function: types.FunctionType, namespace: Mapping[str, Any]) -> bool:
    return function.__globals__ is namespace or function.__module__ == "__main__"


def _held(name: str, value: Any, namespace: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a callable wrapper holds: the function within, and the arguments bound to it."""
    kind = type(value)
    if kind is types.MethodType:
        yield name, value.__self__
        yield name, value.__func__
    elif kind is functools.partial:
        yield name, value.func
        bound = [*enumerate(value.args, 1), *value.keywords.items()]
        yield from ((f"argument {key} in {notebook_name(name)}", each) for key, each in bound)
    elif kind is types.FunctionType or kind is functools._lru_cache_wrapper:
        inner = vars(value).get("__wrapped__")
        if inner is not None:
            yield name, inner


def _closure(name: str, function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """What a function keeps in its closure and defaults; nothing if it is there to remember."""
    code = function.__code__
    if says_cache(code.co_qualname):
        return
    defaults = function.__defaults__ or ()
    arguments = code.co_varnames[: code.co_argcount]
    held = list(zip(arguments[len(arguments) - len(defaults) :], defaults, strict=False))
    held += (function.__kwdefaults__ or {}).items()
    for variable, cell in zip(code.co_freevars, function.__closure__ or (), strict=False):
        try:
            held.append((variable, cell.cell_contents))
        except ValueError:  # not assigned yet
            continue
    for variable, value in held:
        yield f"{variable} in {notebook_name(name)}", value


@functools.lru_cache(1024)
def _mentions(code: types.CodeType, operations: frozenset[str]) -> frozenset[str]:
    """Names these operations act on, in a code object and those nested in it."""
    # The bytecode and not co_names, which has the names of attributes as well.
    found = {str(step.argval) for step in dis.get_instructions(code) if step.opname in operations}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _mentions(constant, operations)
    return frozenset(found)


def _inert(value: Any) -> bool:
    kind = type(value)
    return extends(kind, type, types.ModuleType) or among(kind, _INERT)

"""Whether tensors may be why a trial has failed: then it is worth another run without them."""

from __future__ import annotations

import dis
import linecache
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final

from ...resources import is_out_of_memory
from ...tracebacks import is_users

if TYPE_CHECKING:
    from ...unrolled.places import Cut

_RAISE: Final = dis.opmap["RAISE_VARARGS"]
_OURS: Final = str(Path(__file__).parents[2])
# what torch says where gradients or double precision are the matter, and not shapes, say
_OF_TENSORS: Final = re.compile(
    "grad|in-?place|leaf|graph|backward|derivative|inference|deepcopy|dtype|scalar type|double",
    re.IGNORECASE,
)
_DEEP: Final = 3  # levels of containers and objects that are looked through


def blamed(error: BaseException) -> bool:
    """Whether `error` may be due to tensors in place of numbers, or to the graph that they keep.

    The cell's own ``raise`` is not, unless the code around it looks at types. What an operation
    of the cell's raises is, where its kind says so; what a library raises, where one of its
    functions was given a hyperparameter.
    """
    if is_out_of_memory(error):
        return True
    frames = list(_frames(error.__traceback__))
    if not frames:
        return False
    innermost, instruction = frames[-1]
    kinds = (TypeError, AttributeError, NotImplementedError)
    if _is_users(innermost):
        if innermost.f_code.co_code[instruction] == _RAISE:
            return not {"isinstance", "type"}.isdisjoint(innermost.f_code.co_names)
        return isinstance(error, kinds) or _says_so(error)
    following = "jupyter_hpo.unrolled" in str(innermost.f_globals.get("__name__"))
    if following and not _calls_torch(error):
        return True  # a mistake of ours
    if not following and innermost.f_code.co_filename.startswith(_OURS):
        return False  # the objective is no number, say
    inner = [frame for frame, _ in frames[_last_users(frames) + 1 :]]
    given = any(_holds(frame.f_locals.values(), _DEEP) for frame in inner)
    return _says_so(error) or (isinstance(error, (*kinds, ValueError, KeyError)) and given)


def named(error: BaseException) -> Cut:
    """The error in short, and the line of the cell it comes from."""
    from ...unrolled.places import Cut

    how = f"{type(error).__name__}: {error}".splitlines()[0]
    traces = [trace for trace in _traces(error.__traceback__) if _is_users(trace.tb_frame)]
    if not traces:
        return Cut(how)
    return Cut(how, traces[-1].tb_frame.f_code.co_filename, traces[-1].tb_lineno)


def _calls_torch(error: BaseException) -> bool:
    """Whether an error of what follows the cell comes from the function of torch that it calls."""
    last = list(_traces(error.__traceback__))[-1]
    line = linecache.getline(last.tb_frame.f_code.co_filename, last.tb_lineno)
    return "func(" in line


def _says_so(error: BaseException) -> bool:
    return isinstance(error, RuntimeError) and bool(_OF_TENSORS.search(str(error)))


def _traces(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    for each in _traces(trace):
        yield each.tb_frame, each.tb_lasti


def _last_users(frames: list[tuple[FrameType, int]]) -> int:
    return max((k for k, (frame, _) in enumerate(frames) if _is_users(frame)), default=-1)


def _is_users(frame: FrameType) -> bool:
    return is_users(frame.f_code.co_filename)


def _holds(values: Iterable[Any], deep: int) -> bool:
    """Whether a hyperparameter is among some values, or in containers or objects there."""
    from ...unrolled.known import Hyper

    for value in list(values):
        if type(value) is Hyper:
            return True
        if deep and isinstance(value, dict) and _holds(value.values(), deep - 1):
            return True
        if deep and type(value) in (list, tuple) and _holds(value, deep - 1):
            return True
        held = getattr(value, "__dict__", None)
        foreign = not isinstance(value, type | type(sys))
        if deep and foreign and isinstance(held, dict) and _holds(held.values(), 0):
            return True
    return False

"""Fresh copies of notebook objects for each trial (``--fresh``)."""

from __future__ import annotations

import copy
import difflib
import sys
import types
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import UsageError
from .classes import extends


def copies(
    names: Iterable[str], namespace: Mapping[str, Any], used: Iterable[str] = ()
) -> dict[str, Any]:
    """Deep copies of notebook objects, tied among themselves as the originals are.

    A copied optimizer trains the copied model, as they are copied together.

    Parameters
    ----------
    names : the variables to copy.
    namespace : the notebook's namespace.
    used : notebook variables the cell reads; an optimizer among them that would go on
        training the original of a copied model is refused.

    Returns
    -------
    The copies by name.

    Raises
    ------
    UsageError : there is no such variable, it is a function or class or cannot be
        copied, or an optimizer and its model would be parted.
    """
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in namespace:
            raise UsageError(f"--fresh {name}: {_unknown(name, namespace)}")
        if extends(type(namespace[name]), type, types.FunctionType):
            raise UsageError(
                f"--fresh {name}: functions and classes are not copied. "
                f"Define `{name}` in the cell, so that every trial makes its own."
            )
    _refuse_parted(wanted, namespace, used)
    memo: dict[int, Any] = {}
    made = {}
    for name in wanted:
        try:
            made[name] = copy.deepcopy(namespace[name], memo)
        except MemoryError:
            raise
        except Exception as error:
            reason = (str(error).splitlines() or [""])[0] or type(error).__name__
            raise UsageError(
                f"--fresh {name}: `{name}` cannot be copied ({reason}). "
                f"Create `{name}` in the cell, so that every trial makes its own."
            ) from error
    return made


def _unknown(name: str, namespace: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, [key for key in namespace if isinstance(key, str)], 1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    return f"the notebook has no variable `{name}`.{hint}"


def _refuse_parted(wanted: list[str], namespace: Mapping[str, Any], used: Iterable[str]) -> None:
    """Refuse to copy a model without its optimizer, or the other way round."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return

    def parameters(name: str, kind: Any) -> set[int]:
        value: Any = namespace.get(name)
        if kind not in type(value).__mro__:
            return set()
        if kind is torch.nn.Module:
            return {id(parameter) for parameter in value.parameters()}
        return {id(p) for group in value.param_groups for p in group["params"]}

    others = [name for name in namespace if isinstance(name, str) and name not in wanted]
    models = torch.nn.Module, [*others]
    optimizers = torch.optim.Optimizer, [name for name in dict.fromkeys(used) if name in others]
    for name in wanted:
        for kind, (other_kind, candidates) in (
            (torch.optim.Optimizer, models),
            (torch.nn.Module, optimizers),
        ):
            mine = parameters(name, kind)
            tied = [each for each in candidates if mine and mine & parameters(each, other_kind)]
            # The model may be copied under another of its names.
            if tied and not any(
                mine <= parameters(each, other_kind) for each in wanted if each != name
            ):
                raise UsageError(
                    f"--fresh {name}: `{name}` and `{tied[0]}` belong together, and a copy of one "
                    f"alone would train in vain. Write --fresh {','.join([*wanted, tied[0]])}"
                )

"""Where the walks have led, as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .joint import JointWalk
from .walk import Walk


def explanation(walks: Sequence[Walk | JointWalk]) -> dict[str, Any]:
    """The answer to any query, see `protocols.Explains`: there is no model, but a path.

    Returns
    -------
    ``{"none": sentence, "gradients": {name: slope}, "walks": [{"by": how, "path": [step]}]}``.
    The slopes are of the latest trial that has some, of the objective to be minimised, in
    natural units. A step has ``number``, ``params``, ``value`` and ``gradients`` of a trial, and
    where tensors go down ``norms``, the lengths of the gradients by them.
    """
    steps = [step for walk in walks for step in walk.path]
    latest = max((s for s in steps if s["gradients"]), key=lambda s: s["number"], default=None)
    return {
        "none": "gradient follows slopes and has no model of the objective",
        "gradients": dict(latest["gradients"]) if latest else {},
        "walks": [
            {
                "by": "pairs of trials" if walk.by_pairs else "gradients",
                "path": [dict(step) for step in walk.path],
            }
            for walk in walks
        ],
    }

"""No pruning."""

from __future__ import annotations

from ..curves import Curve, Curves


class Never:
    """Every trial runs to its end."""

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Never."""
        return ""

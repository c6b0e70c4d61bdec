"""One trial whose derivatives are carried forwards, in memory that its steps do not add to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import torch
from torch import Tensor

from .places import Cut, here
from .run import SHARE, Found, Run
from .tangents import carried, ends, known, mark, mark_node, slopes
from .tape import Joint, Piece, Tape, leaf_of

# Hyperparameters. By eight, a step took two to five times as long as one that is kept; what is
# let go of instead makes the gradient that of a short horizon.
FEW: Final = 8
BEHIND: Final = "weights changed in place while derivatives go forwards"


class Forward(Run):
    """Follows a trial, and carries the derivatives of weights along with them.

    Each step takes longer by every hyperparameter, and nothing of it is kept. By itself that is
    done only where memory runs short: the steps so far are then gone through and let go of, and
    each further one as it is made. The gradient is that of the whole training all the same. Of more
    than `FEW` hyperparameters it takes too long; old steps are let go of instead, as by `Run`.

    Parameters
    ----------
    values, share : see `Run`.
    always : whether to carry forwards from the first step on, however many they are.
    """

    tape: ForwardTape

    def __init__(
        self, values: Mapping[str, float], share: float = SHARE, *, always: bool = False
    ) -> None:
        super().__init__(values, None, share)
        with torch._C.DisableTorchFunction():
            self.tape = ForwardTape(list(self.leaves.values()), self._settle, always=always)

    def _settle(self) -> None:
        """What has been read becomes a number and its derivatives."""
        self.readings.settle(self.tape.number)

    def _changed(self, parameter: Tensor) -> None:
        super()._changed(parameter)
        if self.tape.carries:  # of earlier steps only what the cell keeps is known again
            cuts = self.following.cuts
            cuts["in place"] = replace(cuts["in place"], how=BEHIND)

    def _make_room(self) -> bool:
        tape = self.tape
        if tape.carries:
            self._settle()
            return False
        if tape.stuck is not None or len(self.leaves) > FEW:
            return super()._make_room()
        held = len(tape)
        return held > 0 if tape.carry() else super()._make_room()

    def _find(self, objective: Any, namespace: Mapping[str, Any]) -> Found:
        found = super()._find(objective, namespace)
        found.carried = self.tape.carried
        return found

    def _pull(self, tensor: Tensor, found: Found, namespace: Mapping[str, Any]) -> Cut | None:
        if self.tape.always and self.tape.stuck is not None:
            return self.tape.stuck
        return super()._pull(tensor, found, namespace)


class ForwardTape(Tape):
    """Steps that are kept until `carry` takes the tangents through them.

    Parameters
    ----------
    roots : the leaves of the hyperparameters.
    settle : called when steps have been carried through.
    always : whether to carry on from the first step.

    Attributes
    ----------
    carries : whether steps are carried through as they are made.
    carried : how many have been.
    stuck : where torch could not differentiate a step so often, if it could not.
    """

    def __init__(
        self, roots: Sequence[Tensor], settle: Callable[[], None], *, always: bool
    ) -> None:
        super().__init__()
        self._roots, self._settle, self.always = roots, settle, always
        self.carries, self.carried = always, 0
        self.stuck: Cut | None = None
        for k, root in enumerate(roots):
            mark(root, [torch.ones_like(root) if j == k else None for j in range(len(roots))])

    def _add(self, piece: Piece) -> None:
        super()._add(piece)
        if self.carries:
            self.carry()

    def carry(self) -> bool:
        """Take the tangents through all steps that are kept, and from now on through each.

        Returns
        -------
        Whether that could be done; `stuck` is why not.
        """
        self.carries = True
        # the cell may be without gradients where it changes weights by hand
        off = torch._C.DisableTorchFunction()
        with off, torch.inference_mode(False), torch.enable_grad():
            while self._pieces and self.stuck is None:
                try:
                    self._carry(self._pieces[0])
                except RuntimeError as error:
                    reason = str(error).splitlines()[0]
                    self.stuck = here(
                        f"torch cannot carry derivatives through this step ({reason})"
                    )
                    self.carries, self.forgotten, self.carried = self.always, self.carried, 0
                else:
                    step = self._pieces.popleft().step
                    self._kept -= step
                    self.carried += step
            if self.stuck is None:
                self._settle()
        if self.always and self.stuck is not None:
            self.forget(len(self))
        return self.stuck is None

    def _carry(self, piece: Piece) -> None:
        for joint in piece.options:
            self._through([joint])
            _shorten(joint)
        self._through([joint for joint in piece.made if joint.made.requires_grad])

    def _through(self, joints: list[Joint]) -> None:
        made = [joint.made for joint in joints]
        # steps of one training are alike, but that the first weights depend on nothing
        careful = self.carried < 2
        found = carried(made, ends(made), len(self._roots), careful=careful)
        for joint, tangents in zip(joints, found, strict=True):
            mark(joint.leaf, tangents)

    def number(self, tensor: Tensor) -> Tensor:
        """A leaf for a tensor of one element, with its tangents if it has any."""
        found = [
            slope if slope is None else slope.to(tensor).reshape(tensor.shape)
            for slope in slopes(tensor, ends([tensor]), len(self._roots))
        ]
        if any(tangent is not None for tangent in found):  # sums of such begin there
            mark_node(tensor.grad_fn, tensor.output_nr, found)
        leaf = leaf_of(tensor)
        mark(leaf, found)
        return leaf

    def pull(self, objective: Tensor, looks: Mapping[int, Callable[[], None]]) -> None:
        """Leave the gradient of `objective` in ``grad`` of the roots.

        Parameters
        ----------
        looks : see `Tape.pull`; what is carried forwards is of no horizon but the whole.
        """
        if not self.carries:
            super().pull(objective, looks)
            return
        for root, slope in zip(
            self._roots, slopes(objective, ends([objective]), len(self._roots)), strict=True
        ):
            root.grad = None if slope is None else slope.to(root)


def _shorten(option: Joint) -> None:
    """Ways to what an option of a step is calculated from end there in later steps.

    A schedule's chain of learning rates would otherwise be gone through once for each step.
    """
    tangents, node = known(option.leaf), option.made.grad_fn
    if tangents is not None and node is not None:
        for before, number in node.next_functions:  # the option is a copy of what was made there
            mark_node(before, number, tangents)

"""One trial whose derivatives are carried forwards, in memory that its steps do not add to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor

from .places import Cut, here
from .run import SHARE, Found, Run
from .tangents import carried, ends, known, mark, mark_node, slopes
from .tape import Joint, Tape, leaf_of

# Hyperparameters. By eight, a step took two to five times as long as one that is kept; what is
# let go of instead makes the gradient that of a short horizon.
FEW: Final = 8


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
            self.tape = ForwardTape(list(self.leaves.values()), always=always)

    def stepped(self, made: list[Joint], options: list[Joint]) -> None:
        """An optimizer has made a step."""
        super().stepped(made, options)
        if self.tape.carries:  # what has been read before becomes a number and its derivatives
            self.readings.settle(self.tape.number)

    def _make_room(self) -> bool:
        tape = self.tape
        if tape.carries:
            self.readings.settle(tape.number)
            return False
        if tape.stuck is not None or len(self.leaves) > FEW:
            return super()._make_room()
        held = len(tape)
        if not tape.carry():
            return super()._make_room()
        self.readings.settle(tape.number)
        return held > 0

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
    always : whether to carry on from the first step.

    Attributes
    ----------
    carries : whether steps are carried through as they are made.
    carried : how many have been.
    stuck : where torch could not differentiate a step so often, if it could not.
    """

    def __init__(self, roots: Sequence[Tensor], *, always: bool) -> None:
        super().__init__()
        self._roots, self.always = roots, always
        self.carries, self.carried = always, 0
        self.stuck: Cut | None = None
        for k, root in enumerate(roots):
            mark(root, [torch.ones_like(root) if j == k else None for j in range(len(roots))])

    def add(self, made: list[Joint], options: list[Joint]) -> None:
        """Note a step, or carry on through it."""
        super().add(made, options)
        if self.carries:
            self.carry()

    def carry(self) -> bool:
        """Take the tangents through all steps that are kept, and from now on through each.

        Returns
        -------
        Whether that could be done; `stuck` is why not.
        """
        self.carries = True
        while self._pieces and self.stuck is None:
            try:
                for joint in self._options[0]:
                    self._through([joint])
                    _shorten(joint)
                self._through([joint for joint in self._pieces[0] if joint.made.requires_grad])
            except RuntimeError as error:
                reason = str(error).splitlines()[0]
                self.stuck = here(f"torch cannot carry derivatives through this step ({reason})")
                self.carries, self.forgotten, self.carried = self.always, self.carried, 0
            else:
                self._pieces.popleft()
                self._options.popleft()
                self.carried += 1
        if self.always and self.stuck is not None:
            self.clear()
        return self.stuck is None

    def _through(self, joints: list[Joint]) -> None:
        made = [joint.made for joint in joints]
        # steps of one training are alike, but that the first weights depend on nothing
        careful = self.carried < 2
        found = carried(made, ends(made), len(self._roots), careful=careful)
        for joint, tangents in zip(joints, found, strict=True):
            mark(joint.leaf, tangents)

    def number(self, tensor: Tensor) -> Tensor | None:
        """A leaf for a tensor of one element, with its tangents; None if it has none."""
        found = [
            slope if slope is None else slope.to(tensor).reshape(tensor.shape)
            for slope in slopes(tensor, ends([tensor]), len(self._roots))
        ]
        if all(tangent is None for tangent in found):
            return None
        mark_node(tensor.grad_fn, tensor.output_nr, found)  # sums of such begin there
        leaf = leaf_of(tensor)
        mark(leaf, found)
        return leaf

    def pull(self, objective: Tensor) -> None:
        """Leave the gradient of `objective` in ``grad`` of the roots."""
        if not self.carries:
            super().pull(objective)
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

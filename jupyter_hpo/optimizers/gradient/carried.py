"""The arrays of a study's trials: what the next one begins with, and what is kept of the last."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ...blobs import Blob
from ...errors import StudyError
from ...trial import SLOPES, Trial, TrialState
from .joint import JointWalk
from .tensors import Tensors
from .vectors import TRAINED
from .walk import Walk, known

if TYPE_CHECKING:
    from torch import Tensor

WARM: Final = "warm_from"  # in a trial's origin: the trial whose trained weights it began with


class Carried:
    """What trials begin with beside their hyperparameters.

    Parameters
    ----------
    tensors : those of the notebook.
    warm : whether a step begins with the weights that the one before has trained.

    Attributes
    ----------
    start : the trained weights that the trial under way begins with, None for the cell's own.
    """

    def __init__(self, tensors: Tensors, *, warm: bool) -> None:
        self.tensors, self.warm = tensors, warm
        self.start: list[Tensor] | None = None
        self._told = False
        self._best: Trial | None = None
        self._trained: dict[int, list[Blob]] = {}  # of the trials that one may go on from
        self._spent: dict[int, Sequence[str]] = {}

    @property
    def warmth(self) -> str:
        """What is said of it before the study."""
        says = (
            " Each trial begins with the weights that the one before has trained (warm=True): it "
            "is another training than that of the cell by itself."
        )
        return says if self.warm else ""

    @property
    def first(self) -> dict[str, Any] | None:
        """What is tried where nothing is declared and no walk goes on: the notebook's own, once."""
        return None if self._told else {}

    def goes_down(self, trial: Trial, keys: Sequence[str]) -> bool:
        """Whether a trial has come with the derivatives by all tensors, or else by something."""
        if not len(self.tensors):
            return any(known(trial, key) for key in keys)
        return all(SLOPES + name in trial.arrays for name in self.tensors)

    def arrays(self, assignment: Mapping[str, Any], walk: JointWalk | None) -> dict[str, Blob]:
        """Those of a trial: the walk's if it is its next, else the best so far."""
        if walk is not None and walk.goes_to(assignment, walk.arrays):
            return dict(walk.arrays)
        best = self._best
        return {
            name: self.tensors.start[name] if best is None else best.arrays[name]
            for name in self.tensors
        }

    def tell(self, trial: Trial) -> None:
        """Note a trial, before the walk is told of it."""
        whole = set(self.tensors) <= trial.arrays.keys()
        if whole and not self._told:
            self._told = True
            self.tensors.restore(trial.arrays)
        complete = trial.state is TrialState.COMPLETE and trial.value is not None
        if complete and whole and (self._best is None or _lower(trial, self._best)):
            self._best = trial
        numbered = (f"{TRAINED}{k}" for k in itertools.count())
        if trained := list(itertools.takewhile(trial.arrays.__contains__, numbered)):
            self._trained[trial.number] = [trial.arrays[name] for name in trained]

    def follow(self, walk: Walk | JointWalk | None) -> None:
        """Keep the weights that the latest walk may go on from, and no others."""
        needed = {walk.source, walk.best} if isinstance(walk, JointWalk) else set()
        self._spent = {
            number: [f"{TRAINED}{k}" for k in range(len(blobs))]
            for number, blobs in self._trained.items()
            if number not in needed
        }
        for number in self._spent:
            del self._trained[number]

    def spent(self) -> dict[int, Sequence[str]]:
        """Names of arrays that are not needed any more, by trial."""
        return self._spent

    def origin(self, walk: JointWalk | None) -> dict[str, Any]:
        """What the trial that the walk has proposed goes on from."""
        there = walk is not None and not walk.over and walk.source in self._trained
        return {WARM: walk.source} if walk is not None and there else {}

    def lay(self, trial: Trial) -> None:
        """A run of a trial is about to begin.

        Raises
        ------
        StudyError
            If the weights that it began with are kept no longer.
        """
        import torch

        source = trial.origin.get(WARM)
        self.start = None
        if not self.warm or source is None:
            return
        if source not in self._trained:
            raise StudyError(
                f"trial {trial.number} began with the weights that trial {source} had trained "
                "(warm=True), which are kept no longer; it cannot be run again"
            )
        self.start = [torch.tensor(blob.array()) for blob in self._trained[source]]


def _lower(one: Trial, other: Trial) -> bool:
    return one.value is not None and other.value is not None and one.value < other.value

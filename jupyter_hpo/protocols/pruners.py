"""What a study asks of its pruner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from ..curves import Curve, Curves


@runtime_checkable
class Pruner(Protocol):
    """Says which running trials are not worth finishing.

    Its answers depend on what it is asked about alone, so that a resumed study gets the same.
    """

    def prune(self, trial: Curve, peers: Curves) -> str:
        """Why the trial is to end here, one sentence; empty if it is to go on.

        Asked after each report of every trial but the baseline, so it should take
        at most some 50 µs.

        Parameters
        ----------
        trial : what it has reported so far, at least once; to be minimised.
        peers : what the trials that have ended, complete or pruned, reported.
        """


@runtime_checkable
class Promotes(Protocol):
    """A pruner that sets trials aside on their way, and goes on with the most promising of them.

    A trial that is set aside stands still where it is, with its model, until it is chosen again
    or the study is over; it is then pruned. As a pruner's, the answers depend on what it is asked
    about alone. Trial 0 and the baseline are never set aside: they are the first to be complete.
    """

    def sets_aside(self, trial: Curve, peers: Curves, waiting: Sequence[Curve]) -> bool:
        """Whether the running trial is to be set aside here.

        Asked after each report that did not end it, in at most some 50 µs.

        Parameters
        ----------
        trial : what it has reported so far, at least once; to be minimised.
        peers : what the trials that have ended, complete or pruned, reported.
        waiting : what those that are set aside have reported, in the order they were.
        """

    def promote(self, waiting: Sequence[Curve], peers: Curves, fresh: int | None) -> int | None:
        """The number of the trial to go on with; None to begin a new one.

        Asked whenever no trial runs, and some are set aside.

        Parameters
        ----------
        waiting, peers : as above.
        fresh : how many trials can still be begun; None if there is no limit. Where it is 0,
            None prunes all that are set aside, and ends the study.
        """

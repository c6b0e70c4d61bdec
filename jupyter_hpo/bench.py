"""What the trials of a study are run with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .adviser import Adviser
from .budget import Meter
from .context import TrialContext
from .controls import Controls
from .journal import Journal
from .parking import Standing
from .pruning import Pruning
from .space import Space
from .trial import Report, Trial


@dataclass(frozen=True)
class Settings:
    """How a study runs, apart from what it searches.

    Attributes
    ----------
    keep : variables of the best trial to hold.
    retries : how often a failed trial is run again before it counts as failed.
    max_failures : failed trials that end the study; None: no limit.
    timeout : seconds a trial may take; None: no limit.
    baseline : whether trial 0 runs the defaults.
    device : what ``trial.device`` says; None: whatever torch has.
    directory : where trials get their folders; None: a temporary place.
    show_first : whether trial 0's output is shown.
    """

    keep: tuple[str, ...] = ()
    retries: int = 0
    max_failures: int | None = None
    timeout: float | None = None
    baseline: bool = True
    device: str | None = None
    directory: Path | None = None
    show_first: bool = True


@dataclass(frozen=True)
class Bench:
    """What the trials of a study are run with.

    Attributes
    ----------
    guard : called with every trial before it runs, and after with how it ended.
    make_room : moves what trials that wait hold on a device to the host's memory; whether
        there was anything to move.
    """

    journal: Journal
    adviser: Adviser
    pruning: Pruning
    parking: Standing
    settings: Settings
    guard: Callable[[Trial], None]
    make_room: Callable[[], bool]
    meter: Meter

    @property
    def controls(self) -> Controls:
        """What the study is asked to do."""
        return self.parking.controls

    @property
    def space(self) -> Space:
        """What the next trial is of."""
        assert self.journal.space is not None  # of a study that is only loaded
        return self.journal.space

    def context(
        self, trial: Trial, on_report: Callable[[Report], None], *, plain: bool = False
    ) -> TrialContext:
        """What a trial's code talks to.

        Parameters
        ----------
        plain : whether the optimizer stays outside, and files are kept apart from the trial's.
        """
        study, settings = self.journal.record.info, self.settings
        folder = settings.directory
        return TrialContext(
            trial.number,
            trial.assignment,
            seed=study.seed if trial.seed is None else trial.seed,
            device=settings.device,
            metric=study.metric,
            directory=folder / str(trial.number) if folder and not plain else None,
            on_report=on_report,
            point=self.parking.point,
            inside=None if plain else self.adviser.inside,
            laid=self.adviser.lay(trial),
        )

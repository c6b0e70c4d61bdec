"""The study as Optuna sees it: a function of the trials told, in the order told."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from ...trial import Trial, TrialState
from .values import Raw, Values

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler
    from optuna.storages import InMemoryStorage
    from optuna.trial import FrozenTrial
    from optuna.trial import Trial as Asked
    from optuna.trial import TrialState as State


class Proposal(NamedTuple):
    """What the sampler proposed: Optuna's trial, its values, and they as an assignment."""

    asked: Asked
    raw: Raw
    assignment: dict[str, Any]


class History:
    """Finished trials in a study of Optuna's, in memory.

    The sampler is made anew for each ask, so that what it keeps in itself counts for nothing.
    A trial that ends with the values it was asked for is finished where it stands. Anything
    else that an ask leaves behind is dropped by making the study anew (0.05 ms a trial) or,
    where asks are replayed and so leave the same behind each time, told to have failed:
    that is as good as deleted to Optuna's samplers.

    Parameters
    ----------
    values : of the search space.
    make : gives a sampler for a seed.
    replays : whether asks are replayed.
    """

    def __init__(
        self, values: Values, make: Callable[[int], BaseSampler], *, replays: bool
    ) -> None:
        self._values, self._make, self._replays = values, make, replays
        self._told: list[FrozenTrial] = []
        self._notes: dict[str, Any] = {}  # the sampler's own, in the study
        self._study: Study | None = None
        self._storage: InMemoryStorage | None = None
        self._stale = True  # the study holds more than was told
        self._alone = False  # nothing is running beside what was asked for
        self.proposals: list[Proposal] = []  # since `begin`

    def begin(self, running: Sequence[Raw] = ()) -> None:
        """Be ready to propose a trial."""
        from optuna.trial import TrialState as State
        from optuna.trial import create_trial

        study = self._as_told()
        self._stale, self._alone, self.proposals = True, not running, []
        for raw in running:
            known = self._values.distributions(raw)
            study.add_trial(create_trial(state=State.RUNNING, params=raw, distributions=known))

    def propose(self, seed: int) -> Proposal:
        """Ask the sampler; what it proposed since `begin` it takes to be running."""
        assert self._study is not None  # begun
        self._study.sampler = self._make(seed)
        asked = self._study.ask()
        self.proposals.append(Proposal(asked, *self._values.suggest(asked)))
        return self.proposals[-1]

    def tell(self, trial: Trial, raw: Raw, *, adopt: bool = False) -> None:
        """Take over a finished trial.

        Parameters
        ----------
        raw : its values, as far as the sampler is to know of them.
        adopt : whether what the sampler noted on its last proposal holds for the trial.
        """
        last = self.proposals[-1] if self.proposals else None
        as_asked = last is not None and self._alone and last.raw == raw
        frozen = _frozen(trial, raw, self._values, self._noted() if adopt else {})
        if self._replays:
            self._fail(self.proposals[:-1] if as_asked else self.proposals)
        elif self._stale and not (as_asked and len(self.proposals) == 1):
            self._told.append(frozen)
            return
        if as_asked and last is not None:
            self._finish(last.asked, trial)
        else:
            self._as_it_stands().add_trial(frozen)
        self._keep()

    def _noted(self) -> dict[str, Any]:
        assert self._study is not None and self.proposals
        return dict(self._study.get_trials(deepcopy=False)[-1].system_attrs)

    def _finish(self, asked: Asked, trial: Trial) -> None:
        assert self._study is not None
        state, value, reports = _outcome(trial)
        for step, reported in reports.items():
            asked.report(reported, step)
        with suppress(RuntimeError):  # a sampler that has tried everything stops study.optimize()
            self._study.tell(asked, value if state.name == "COMPLETE" else None, state)

    def _fail(self, proposals: Sequence[Proposal]) -> None:
        from optuna.trial import TrialState as State

        assert self._study is not None
        for each in proposals:
            with suppress(RuntimeError):  # as above
                self._study.tell(each.asked, state=State.FAIL)

    def _keep(self) -> None:
        """The study as it stands is what was told."""
        study = self._as_it_stands()
        self._told = study.get_trials(deepcopy=False)
        if self._replays and self._storage is not None:
            number = self._storage.get_study_id_from_name(study.study_name)
            self._notes = deepcopy(self._storage.get_study_system_attrs(number))
        self._stale, self._alone, self.proposals = False, False, []

    def _as_it_stands(self) -> Study:
        return self._as_told() if self._study is None else self._study

    def _as_told(self) -> Study:
        """The study with the trials told, and nothing else."""
        if self._study is None or self._stale:
            import optuna

            self._storage = optuna.storages.InMemoryStorage()
            self._study = optuna.create_study(storage=self._storage, sampler=self._make(0))
            number = self._storage.get_study_id_from_name(self._study.study_name)
            for key, note in self._notes.items():
                self._storage.set_study_system_attr(number, key, note)
            self._study.add_trials(self._told)
            self._stale = False
        return self._study


def _frozen(trial: Trial, raw: Raw, values: Values, notes: dict[str, Any]) -> FrozenTrial:
    from optuna.trial import create_trial

    state, value, reports = _outcome(trial)
    return create_trial(
        state=state,
        value=value,
        params=raw,
        distributions=values.distributions(raw),
        intermediate_values=reports,
        system_attrs=notes,
    )


def _outcome(trial: Trial) -> tuple[State, float | None, dict[int, float]]:
    """State, value and reports of a trial in Optuna's terms.

    Infinite values stay: its samplers bear them. Of the reports the last is all that they read.
    """
    from optuna.trial import TrialState as State

    if trial.state is TrialState.COMPLETE and trial.value is not None:
        if not math.isnan(trial.value):
            return State.COMPLETE, float(trial.value), {}
    elif trial.state in (TrialState.PRUNED, TrialState.SKIPPED):
        reports = {step: float(value) for step, value in trial.reports[-1:]}
        reached = [value for value in reports.values() if not math.isnan(value)]
        return State.PRUNED, reached[0] if reached else None, reports
    return State.FAIL, None, {}

"""Bayesian optimization: a Gaussian process of the objective says what is worth trying next."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np

from ...distinct import Distinct
from ...domains.base import short
from ...errors import UsageError
from ...merit import merit
from ...sequence import DIMENSIONS, Points
from ...space import Space
from ...trial import Trial, TrialState
from .acquisition import EI, POI, UCB, LogEI, Mixed, hedge
from .arrays import Array
from .coordinates import Coordinates
from .explaining import FEW, explanation
from .plateaus import Plateaus
from .surrogate import FIRST, Surrogate
from .threads import one_thread

Acquisition = Literal["logei", "ei", "ucb", "poi", "gphedge"]

INITIAL: Final = 5
KAPPA: Final = 2.576  # the default of bayesian-optimization: 99 % of a normal distribution
LARGEST: Final = 1_000_000
XI: Final = {"ei": 0.01, "poi": 0.1, "gphedge": 0.01}


class Bayes:
    """Bayesian optimization with the concepts of the package bayesian-optimization.

    The first trials spread evenly over the space, beginning with its centre, or where trial
    0 runs the user's own values, with these. From then on a Gaussian process is fitted to
    the trials (`surrogate`), and the trial with the largest acquisition function is next
    (`acquisition`); that of ``logei`` expects the best place inside the ranges and tries
    their edges later. The objective may have any scale and any noise. Failed trials count
    as the worst value seen, pruned and skipped ones as a poor one. No configuration of a
    finite space is tried twice; when all have been, the study ends. Where trials near each
    other came to exactly the same value, the objective is flat, and what is beside them is
    tried last (`plateaus`).

    Parameters
    ----------
    space : the search space.
    seed : of the study.
    acquisition : ``logei``, the logarithm of the expected improvement; ``ei``, ``ucb``,
        ``poi``: expected improvement, upper confidence bound and probability of
        improvement as bayesian-optimization defines them; ``gphedge``, by turns that of the
        last three which has paid off.
    kappa : of the confidence bound: standard deviations added to the mean.
    xi : improvement that is asked for, in standard deviations of the outcomes, at
        least 0; None: 0.1 for ``poi``, 0 for ``logei``, else 0.01.
    initial : trials that are spread evenly before the model decides, at least 1.

    Raises
    ------
    UsageError
        If a number is out of range.

    References
    ----------
    J. Snoek, H. Larochelle and R. P. Adams, "Practical Bayesian optimization of
    machine learning algorithms", NeurIPS 2012.
    """

    notice = ""

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        acquisition: Acquisition = "logei",
        kappa: float = KAPPA,
        xi: float | None = None,
        initial: int = INITIAL,
    ) -> None:
        options = (("kappa", kappa, 0), ("xi", xi or 0, 0), ("initial", initial, 1))
        for name, value, least in options:
            if not least <= value <= LARGEST:
                raise UsageError(
                    f"bayes: {name} must be from {least} to {LARGEST:,}, not {short(value)}"
                )
        self._space, self._seed, self._initial = space, seed, initial
        self._distinct, self._points = Distinct(space), Points(len(space), seed)
        self._coordinates = Coordinates(space)
        self._target = self._coordinates.target
        self._model = Surrogate(self._coordinates, min(initial, FIRST))
        self._plateaus = Plateaus(self._coordinates)
        step = XI.get(acquisition, 0.0) if xi is None else xi
        chosen = {"ei": EI(step), "ucb": UCB(kappa), "poi": POI(step)}.get(acquisition)
        self._acquisition: Mixed = (chosen or LogEI(step)).on(self._coordinates, self._plateaus)
        hedged = acquisition == "gphedge"
        self._hedge = hedge(self._coordinates, self._plateaus, kappa, step) if hedged else None
        self._nominated: list[Array] = []  # by the members of the hedge, the chosen one first
        self._informative = 0  # trials with a finite value
        self._examples: list[dict[str, Any]] = []  # the best of other studies
        self._watched: Sequence[Trial] = ()

    def tell(self, trial: Trial) -> None:
        """Register a finished trial."""
        self._distinct.tell(trial.assignment)
        if not self._space.parameters:
            return
        value = merit(trial, self._target.target)
        row = self._coordinates.row(trial.assignment)
        self._register(row, value)
        self._informative += math.isfinite(value)
        if trial.state is TrialState.COMPLETE and math.isfinite(value):
            self._plateaus.tell(row, -value)
        with one_thread():
            # here, not at the next ask: whoever looks at the model until then need not wait
            self._model.take_in(self._target.params, self._target.target)
            if self._hedge is not None and self._modelled(0):
                self._nominate()

    def _register(self, row: Array, value: float) -> None:
        row = row.copy()
        aside = 1.0 if row[0] < 0.5 else 0.0
        while row in self._target:  # that package takes a point once; with noise it may come again
            row[0] = np.nextafter(row[0], aside)
        self._target.register(row, value)

    def watch(self, trials: Sequence[Trial]) -> None:
        """Trials that are set aside count for what they are likely to come to."""
        self._watched = trials

    def prior(self, trials: Sequence[Trial]) -> None:
        """Learn from finished trials of another study of this objective; before any is told.

        Its values are to be minimised, and may be of another scale: what counts is
        which were better. What does not fit the space is left out.
        """
        fitting = [trial for trial in trials if self._space.fits(trial.assignment)]
        targets: list[float] = []
        for trial in fitting:
            targets.append(merit(trial, targets))
        if not any(map(np.isfinite, targets)):
            return
        rows = np.array([self._coordinates.row(trial.assignment) for trial in fitting])
        best = np.argsort(-np.array(targets), kind="stable")[:2].tolist()
        self._examples = [dict(fitting[k].assignment) for k in best if np.isfinite(targets[k])]
        with one_thread():
            self._model.lend(rows, np.array(targets))

    def ask(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any] | None:
        """The configuration with the largest acquisition function that is not told or running."""
        with one_thread():
            return self._distinct.choose(self._draws(number, rng, running), rng, running)

    def _draws(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        if self._space.parameters:
            yield from self._examples
            if self._modelled(len(running)):
                for row in self._ranked(rng, running):
                    yield self._coordinates.assignment(row)
            yield self._spread(number)
        while True:
            yield self._space.sample(rng)

    def _modelled(self, running: int) -> bool:
        """Whether there are trials enough to go by the model."""
        least = 1 if self._examples else self._initial  # another study's trials were enough
        return self._informative > 0 and self._informative + running >= least

    def _spread(self, number: int) -> dict[str, Any]:
        """Point `number` of a scrambled Sobol' sequence, after the centre."""
        d = len(self._space)
        if number == 0 or d > DIMENSIONS:
            return self._space.decode(np.full(d, 0.5))
        return self._space.decode(self._points[number - 1])

    def _ranked(
        self, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> Iterator[Array]:
        yield from self._nominated
        model = self._model.fit(self._target.params, self._target.target)
        rows = np.array([self._coordinates.row(one) for one in running])
        if self._watched and len(self._target) + len(running) >= FIRST:
            told = self._target.target
            likely = np.array([merit(trial, told) for trial in self._watched])
            model = model.seeing(self._target.params, told, rows, likely)
        elif not model.ready:  # most of the initial trials are running
            return
        elif running:
            model = model.expecting(rows)
        yield from self._acquisition.ranked(model, self._target, rng)

    def explain(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """What the model says along one hyperparameter or over two, see `protocols.Explains`.

        Mean and standard deviation are of the objective without noise; the acquisition
        function is the one that `ask` maximises (of ``gphedge``, ``logei``).
        """
        # On whatever thread, perhaps beside a running trial: the number of BLAS threads, which
        # would change its numbers, stays, and what is calculated here the model does not keep,
        # since with another number of threads it would not be the same after a resume.
        model = copy.copy(self._model).fit(self._target.params, self._target.target)
        if not model.ready or not self._informative:
            return {"none": FEW}
        acquisition = copy.copy(self._acquisition)
        acquisition.aim(model, self._target)
        return explanation(query, self._coordinates, model, acquisition)

    def _nominate(self) -> None:
        """Let the hedge choose, by chance that depends on the trials told alone."""
        assert self._hedge is not None
        model = self._model.fit(self._target.params, self._target.target)
        if model.ready:
            state = np.random.RandomState([self._seed % 2**32, len(self._target)])
            chosen = self._hedge.suggest(model, self._target, fit_gp=False, random_state=state)
            others: Any = self._hedge.previous_candidates
            self._nominated = [chosen, *others]

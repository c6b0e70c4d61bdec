"""An optimizer that asks a sampler of Optuna's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from ...distinct import Distinct
from ...domains import Categorical
from ...errors import SpaceError, StudyError, UsageError
from ...space import Parameter, Space
from ...trial import Trial
from .classes import Kind, quiet
from .history import History, Proposal
from .values import Raw, Values

if TYPE_CHECKING:
    import numpy as np
    from optuna.samplers import BaseSampler

EVEN: Final = ("Random", "QMC", "BruteForce")
TRIES: Final = 3  # proposals of the sampler that may be repeats; then chance takes over
GRIDDED: Final = 1_000  # values of a parameter that a sampler may make an array of at each ask
LISTED: Final = 10_000  # values of a parameter that BruteForce may be asked to go through


class Sampled:
    """Proposes what the sampler does, made anew for each trial from the trials told.

    What Optuna says of a sampler holds for it here, but for this:

    - No configuration is tried twice while a finite space has untried ones: the sampler
      is asked up to three times, then an untried one is drawn at random.
    - Parameters that a run did not show are not told.
    - CmaEs, the genetic ones and QMC learn only about parameters that every trial has.
    - CmaEs and the genetic ones learn also from trials that they did not propose, or
      proposed when fewer were told, unless these are the baseline or were enqueued. CmaEs
      with margin cannot: its trials have to run one after the other.
    - GP fits its model from the start each time. To it, and to CmaEs with margin, more
      than 1,000 whole numbers or steps are a continuum; they make arrays of all.

    CmaEs, the genetic ones, QMC and those of other packages note in the study, when
    they are asked, what they go on from. When a study is resumed they are asked again
    for each trial told.

    Parameters
    ----------
    space : the search space.
    kind : the sampler.
    seed : of the study.
    options : of the sampler's constructor.

    Attributes
    ----------
    even : whether it spreads trials over the space, whatever they find.
    notice : what the user should know of this sampler in this space.
    size : number of configurations after which it ends, which BruteForce alone does.

    Raises
    ------
    UsageError
        If the sampler refuses its options or cannot search the space.
    """

    def __init__(self, space: Space, kind: Kind, seed: int, options: Mapping[str, Any]) -> None:
        self._space, self._kind, self._seed, self._options = space, kind, seed, dict(options)
        margin = bool(options.get("with_margin"))  # of CmaEs
        gridded = margin or kind.short == "GP"
        self._values = Values(space, GRIDDED if gridded else math.inf)
        self._distinct = Distinct(space)
        self._history = History(self._values, self._sampler, replays=kind.replays)
        # with margin it notes a point of its own for each trial that it proposes
        self._adopts = kind.adopts and not margin
        self._asked_for: int | None = None  # number of the trial asked for last, with none running
        self._by_chance = False  # what was chosen then is not of the sampler
        if kind.short == "BruteForce":
            _refuse_endless(kind.name, space)
        try:
            with quiet():
                self._sampler(0)
        except Exception as error:
            raise UsageError(f"{kind.name}: {error}") from error
        self.notice = _notice(kind, space)
        self.even = kind.short in EVEN
        self.size = space.size if kind.short == "BruteForce" else None

    def ask(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any] | None:
        """What the sampler proposes, unless it is told or running."""
        with quiet():
            return self._choose(number, rng, running)

    def tell(self, trial: Trial) -> None:
        """Pass a trial on to the sampler."""
        raw = self._values.raw(trial.assignment)
        if raw is not None:
            with quiet():
                self._pass_on(trial, raw)
        self._distinct.tell(trial.assignment)
        self._asked_for = None

    def _pass_on(self, trial: Trial, raw: Raw) -> None:
        told = {key: value for key, value in raw.items() if self._is_learnt(key)}
        if not self._kind.replays:
            return self._history.tell(trial, told)
        if self._asked_for != trial.number:
            import numpy as np

            self._choose(trial.number, np.random.default_rng(0), ())
        last = self._history.proposals[-1]
        own = raw.items() <= last.raw.items()  # what the run did not show is missing
        given = self._by_chance or trial.info.get("baseline") or trial.info.get("enqueued")
        return self._history.tell(trial, told, adopt=own or (self._adopts and not given))

    def _choose(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any] | None:
        self._asked_for = None
        known = [self._values.raw(each) for each in running]
        self._history.begin([raw for raw in known if raw is not None])
        # of a sequence the trials that run have the next points
        skipped = len(running) if self._kind.short == "QMC" else 0
        draws = islice(self._draws(number, skipped, rng), skipped, None)
        chosen = self._distinct.choose(draws, rng, running)
        self._by_chance = chosen is not self._history.proposals[-1].assignment
        self._asked_for = None if running else number
        return chosen

    def _draws(
        self, number: int, skipped: int, rng: np.random.Generator
    ) -> Iterator[dict[str, Any]]:
        for attempt in range(skipped + TRIES):
            yield self._propose(number, attempt).assignment
        while True:
            yield self._space.sample(rng)

    def _propose(self, number: int, attempt: int) -> Proposal:
        try:
            return self._history.propose(_seed(self._seed, number, attempt))
        except SpaceError:
            raise  # a condition of the user's
        except Exception as error:
            raise StudyError(
                f"{self._kind.name} could not propose a trial: {type(error).__name__}: {error}"
            ) from error

    def _sampler(self, seed: int) -> BaseSampler:
        if self._kind.short != "QMC":
            return self._kind.make(seed=seed, **self._options)
        from optuna.samplers import RandomSampler

        # the seed of a sequence is that of its scrambling: one for all of its points
        chance = RandomSampler(seed=seed)
        return self._kind.make(seed=_seed(self._seed), independent_sampler=chance, **self._options)

    def _is_learnt(self, key: str) -> bool:
        return not self._kind.steady or _is_steady(self._space[key])


def _seed(*numbers: int) -> int:
    import numpy as np

    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _is_steady(parameter: Parameter) -> bool:
    """Whether every trial has the parameter."""
    return parameter.when is None and not parameter.dynamic


def _notice(kind: Kind, space: Space) -> str:
    """What it draws at random, or may forget."""
    if "." in kind.short:
        return (
            f"{kind.name} is made anew for each trial: it learns from what it keeps in Optuna's "
            "study, and forgets what it keeps in itself."
        )
    if not (kind.steady or kind.short == "GP"):
        return ""
    numbers_only = kind.short == "CmaEs"
    chance = [
        p.name
        for p in space
        if p.domain.size != 1
        and not (_is_steady(p) and not (numbers_only and isinstance(p.domain, Categorical)))
    ]
    if not chance:
        return ""
    what = "numbers" if numbers_only else "parameters"
    return (
        f"{kind.name} draws {', '.join(dict.fromkeys(chance))} at random: it learns about {what} "
        "that every trial has. optuna:TPE learns about all."
    )


def _refuse_endless(name: str, space: Space) -> None:
    for p in space:
        if p.dynamic:
            raise UsageError(
                f"{name} needs to know which parameters there are, and {p.name!r} shows in the "
                "run only; write grid"
            )
        if p.domain.size is None or p.domain.size > LISTED:
            many = "infinitely many" if p.domain.size is None else f"{p.domain.size:,}"
            raise UsageError(
                f"{name} goes through every value, and {p.name!r} has {many}; give it a step, "
                "or write grid(points=5)"
            )

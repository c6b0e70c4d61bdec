"""What evolutionary optimizers have in common: trials one at a time, and generations of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar, Final, TypeGuard

import numpy as np

from ...distinct import Distinct
from ...errors import UsageError
from ...merit import merit
from ...sequence import DIMENSIONS, Points
from ...space import Space
from ...trial import Trial
from .explaining import explanation
from .genome import Genes, Genome, numbers

LARGEST: Final = 100_000
TRIES: Final = 50  # proposals that may all repeat a trial; then the population has converged
USUAL: Final = 8  # members of a population
GENERATIONS: Final = 6  # that the trials should be enough for


@dataclass(frozen=True, eq=False)
class Individual:
    """A told trial as a member of the population.

    Attributes
    ----------
    number : of the trial.
    genes : shape (d,).
    cost : what is minimised; infinite for one that failed (see `merit`).
    generation : how many generations were complete when it was proposed.
    parents : numbers of the trials it was made from.
    member : place in the population it was made for, None if for none.
    velocity : shape (d,), of a particle, which it goes on with; else zero.
    """

    number: int
    genes: Genes
    cost: float
    generation: int
    parents: tuple[int, ...]
    member: int | None
    velocity: Genes


@dataclass(frozen=True, eq=False)
class Draw:
    """Genes that may be proposed, and what they were made from: see `Individual`."""

    genes: Genes
    parents: tuple[int, ...] = ()
    member: int | None = None
    velocity: Genes | None = None

    def notes(self) -> dict[str, Any]:
        """As they are stored with the trial: plain JSON."""
        noted: dict[str, Any] = {"genome": self.genes.tolist()}
        if self.parents:
            noted["parents"] = list(self.parents)
        if self.member is not None:
            noted["member"] = self.member
        if self.velocity is not None:
            noted["velocity"] = self.velocity.tolist()
        return noted


class Evolution(ABC):
    """An evolutionary optimizer that is asked for one trial at a time.

    A generation is complete as soon as as many trials as the population has members
    have been told since the last one was, whichever they are; so trials that run at the same
    time never wait for each other, and those of an earlier generation that end late count as
    well. The first generation is the baseline and points that are spread evenly, the centre
    of the space first.

    Failed trials rank last. Pruned and skipped ones count for the last value they reported, and
    at most for the median of the trials before (see `merit.merit`).

    Parameters
    ----------
    space : the search space.
    seed : of the study.
    trials : the study's total, None if it is not known.
    population : members; None: as many as suit the trials, or as told trials were made with: a
        study that is given more trials keeps its population.

    Attributes
    ----------
    members : of the population.
    notice : what the user should know: that the trials are not enough for a second generation.

    Raises
    ------
    UsageError
        If the population is too small or large.
    """

    name: ClassVar[str]
    fewest: ClassVar[int]  # members of a population

    def __init__(self, space: Space, seed: int, trials: int | None, population: int | None) -> None:
        if population is not None and not self.fewest <= population <= LARGEST:
            raise UsageError(
                f"{self.name}: population must be from {self.fewest} to {LARGEST:,}, "
                f"not {population}"
            )
        self.space, self.genome = space, Genome(space)
        self.members = population or max(self.fewest, self.suitable(trials))
        self._chosen = population is not None
        self.notice = _notice(self.name, self.members, trials, self.fewest)
        self._distinct, self._points, self._seed = Distinct(space), Points(len(space), seed), seed
        self._merits: list[float] = []
        self._latest = 0  # generation that a told trial was noted to be of
        self._notes: dict[str, Any] = {}
        self.told: list[Individual] = []

    def suitable(self, trials: int | None) -> int:
        """Members of a population that `trials` are to evolve, if the user does not say.

        Chosen on the tasks for development of ``tests/benchmarks/regret`` at 50, 100, 200 and
        400 trials in 2 to 10 dimensions.
        """
        if trials is None:
            return USUAL
        return min(max(USUAL, trials // 25), trials // GENERATIONS)

    def within(self, option: str, value: float, least: float = 0.0) -> float:
        """A number that has to be from `least` to 1."""
        if least <= value <= 1.0:
            return value
        raise UsageError(f"{self.name}: {option} must be from {least:g} to 1, not {value!r}")

    @abstractmethod
    def vary(self, rng: np.random.Generator, running: int) -> Iterator[Draw]:
        """Endless proposals from what was told, at least `fewest` trials.

        Parameters
        ----------
        running : how many trials have been started and not told.
        """

    @abstractmethod
    def select(self, individual: Individual) -> None:
        """Take in an individual, the last of `told`."""

    @property
    def generation(self) -> int:
        """How many generations are complete; it never falls, though an edit may drop trials."""
        return max(len(self.told) // self.members, self._latest)

    def ask(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any] | None:
        """A configuration of the next generation that is neither told nor running."""
        last: list[tuple[dict[str, Any], Draw]] = []

        def draws() -> Iterator[dict[str, Any]]:
            for draw in self._draws(number, rng, len(running)):
                last[:] = [(self.genome.express(draw.genes), draw)]
                yield last[0][0]

        chosen = self._distinct.choose(draws(), rng, running)
        self._notes = {"generation": self.generation, "population": self.members}
        if chosen is not None and last and chosen is last[0][0]:  # else one untried, by chance
            self._notes |= last[0][1].notes()
        return chosen

    def notes(self) -> dict[str, Any]:
        """What the last proposal was made from: see `Individual`."""
        return self._notes

    def _draws(self, number: int, rng: np.random.Generator, running: int) -> Iterator[Draw]:
        if len(self.space):
            if len(self.told) + running < self.members or len(self.told) < self.fewest:
                yield from self.first(number, rng)
            else:
                yield from islice(self.vary(rng, running), TRIES)
        while True:
            yield Draw(rng.random(len(self.space)))

    def first(self, number: int, rng: np.random.Generator) -> Iterator[Draw]:
        """Proposals for the first generation, which the baseline is of, too."""
        yield Draw(np.full(len(self.space), 0.5))
        for place in range(number, number + self.members):
            yield Draw(self.scattered(place))

    def scattered(self, place: int) -> Genes:
        """A point of a sequence that fills the space evenly."""
        d = len(self.space)
        if d > DIMENSIONS:
            return np.random.default_rng([self._seed, place]).random(d)
        return self._points[place]

    def tell(self, trial: Trial) -> None:
        """Take in a finished trial."""
        self._distinct.tell(trial.assignment)
        if not self.space.fits(trial.assignment):
            return
        made_for = trial.origin.get("population")
        if not self._chosen and type(made_for) is int and self.fewest <= made_for <= LARGEST:
            self.members, self._chosen = made_for, True
        self._merits.append(merit(trial, self._merits))
        self.told.append(self._individual(trial, -self._merits[-1]))
        self._latest = max(self._latest, self.told[-1].generation)
        self.select(self.told[-1])

    def _individual(self, trial: Trial, cost: float) -> Individual:
        """What is noted of it may be of another optimizer, or of a file from a stranger."""
        noted = trial.origin
        generation, member = noted.get("generation"), noted.get("member")
        same = noted.get("population") == self.members
        parents = noted.get("parents")
        velocity = numbers(noted.get("velocity"), len(self.space))
        return Individual(
            number=trial.number,
            genes=self.genome.of(trial.assignment, noted.get("genome")),
            cost=cost,
            generation=generation if self._is_count(generation) else self.generation,
            parents=tuple(n for n in parents if type(n) is int) if type(parents) is list else (),
            member=member if same and self._is_count(member) and member < self.members else None,
            velocity=np.zeros(len(self.space)) if velocity is None else velocity,
        )

    @staticmethod
    def _is_count(noted: Any) -> TypeGuard[int]:
        return type(noted) is int and 0 <= noted <= LARGEST

    def explain(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The population over one or two parameters, see `protocols.Explains`."""
        return explanation(query, self)

    def living(self) -> list[Individual]:
        """The individuals that the next ones are made from."""
        return self.told[-self.members :]

    def distribution(self) -> tuple[Genes, Genes] | None:
        """Mean, shape (d,), and covariance, shape (d, d), of what is drawn, if it is normal."""
        return None


def ranked(individuals: Sequence[Individual]) -> list[Individual]:
    """The best first; of equals, the younger one."""
    return sorted(individuals, key=lambda each: (each.cost, -each.number))


def _notice(name: str, size: int, trials: int | None, fewest: int) -> str:
    if trials is None or size < trials:
        return ""
    advice = max(trials // GENERATIONS, fewest)
    hint = f"; {name}(population={advice}) has several generations" if advice < trials else ""
    return (
        f"{name}: all trials belong to the first generation of {size}, in which nothing evolves "
        f"yet{hint}"
    )

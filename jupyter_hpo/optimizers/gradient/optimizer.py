"""The optimizer: walks downhill, and an outer optimizer that says where they start."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from ...blobs import Blob
from ...distinct import Distinct, Seen
from ...errors import UsageError
from ...layers import Layer
from ...sequence import DIMENSIONS
from ...space import Space
from ...trial import Trial, TrialState
from .. import create
from .adapting import Adapting, rate_of
from .carried import Carried
from .explaining import explanation
from .inside import Inside
from .joint import FIRST, JointWalk
from .refusals import Options, refuse
from .settings import ENDLESS, differentiated, plan_of
from .tensors import Tensors, named
from .trust import Trust
from .vectors import VectorInside
from .walk import Walk
from .ways import Mode, following
from .words import adapting, misled, plan, remarks

if TYPE_CHECKING:
    from ...unrolled.run import Run

RATE: Final = 0.5  # first step, in coordinates without bounds: a tenth of a range in its middle
TRIED: Final = 2  # trials that every walk may take, or of plain numbers before all are
RIVALS: Final = 1  # walks before that one is compared with


class Gradient:
    """Gradient descent over the hyperparameters, each step of which is one trial.

    While a trial runs, its Floats are floats that torch takes for tensors, and its training
    with SGD, Adam or AdamW is made differentiable (`unrolled`). The gradient of the metric by
    them takes the next trial downhill. A walk starts at the defaults; when it ends, the next
    one starts where the outer optimizer, which is told every trial, proposes. All that is no
    Float (or has steps, or reaches no metric) is proposed by it as well. Where a metric has no
    gradient, the walk goes by pairs of trials.

    Parameters
    ----------
    space : the search space.
    seed, trials : of the study.
    weights : names of notebook variables, tensors of floats of any shape, to be differentiated
        by, too: a text with commas, or a list; a million entries at most. Each trial finds its
        own under that name. Such a trial has a gradient, or fails.
    weights_rate : length of the first step of each of their entries, in their own units.
    warm : whether a step begins with the weights that the one before has trained, in place of
        those that the cell makes; needs ``inner_loss``. Such a trial is another training than
        that of the plain cell.
    differentiate : names of the hyperparameters that are to be differentiated by; by default
        every Float without step.
    horizon : steps of training that the gradient looks back; by default all, or as many as
        half of the free memory holds and `mode` cannot do without.
    mode : ``reverse`` keeps the graph of the training and goes back through it, ``forward`` takes
        the derivatives along with each step, in memory that does not grow with them and time
        that grows with the hyperparameters. ``auto`` goes back as long as the memory holds the
        graph, and from there on forwards if they are at most `unrolled.forward.FEW`.
    online : whether learning rates go downhill while a trial trains, instead of from trial to
        trial: before each step of SGD, Adam or AdamW by the gradient of the training loss that it
        is about to follow, and what the step before did (`unrolled.online`). A number is the
        share of its value by which a rate changes in one step at most; True is 0.05. What the
        signal sees is the loss of the next step alone, and that of training: where losses are
        noisy it favours small rates (Wu et al.), and a weight decay, which it adapts if named by
        `differentiate`, mostly shrinks. The outer optimizer proposes where each trial starts;
        the trial is recorded with its start, ``info["path_NAME"]`` is ``[step, value]`` at each
        report, ``info["online_NAME"]`` the last value.
    inner_loss : name of the training loss that the cell leaves behind, calculated once more at
        the trained weights, with its graph. The training is then not followed, goes by any
        optimizer of torch, and is differentiated as the minimum of that loss.
    solver, iterations : of the linear equations that this takes, see `unrolled.implicit`.
    strict : whether a trial whose code does not itself keep the graph of its metric is an
        error that names the line. Otherwise the graph is followed through ``no_grad()`` and
        ``.item()``, and where it ends the walk goes by pairs.
    check : whether one gradient of the study is compared with a finite difference. Where they do
        not agree, it looks back over fewer steps, or the study goes by pairs of trials; with
        `weights` it is told and no more, as tensors do not go by pairs.
    rate : length of a walk's first step, where a hyperparameter's range is 9.2 long.
    steps : trials of a walk at most; by default a half or a fifth of the study's.
    outer : the optimizer that proposes starting points; by default ``sobol``, which spreads them,
        or ``auto`` where there is more to propose than numbers to go down.

    Raises
    ------
    UsageError
        If an option is out of range, or what is to be differentiated has no derivative, or is no
        tensor of the notebook.

    References
    ----------
    D. Maclaurin, D. Duvenaud and R. P. Adams, "Gradient-based hyperparameter optimization
    through reversible learning", ICML 2015. L. Franceschi et al., "Forward and reverse
    gradient-based hyperparameter optimization", ICML 2017, sections 3.1 and 3.2 (both modes).
    Y. Wu et al., "Understanding short-horizon bias in stochastic meta-optimization", ICLR 2018.
    """

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        trials: int | None = None,
        variables: Mapping[str, Any] = {},
        weights: Sequence[str] | None = None,
        weights_rate: float = FIRST,
        warm: bool = False,
        differentiate: Sequence[str] | None = None,
        horizon: int | None = None,
        mode: Mode = "auto",
        online: bool | float = False,
        inner_loss: str | None = None,
        solver: Literal["cg", "neumann"] = "cg",
        iterations: int = 50,
        strict: bool = False,
        check: bool = True,
        rate: float = RATE,
        steps: int | None = None,
        outer: str | None = None,
    ) -> None:
        given = Options(
            weights,
            weights_rate,
            warm,
            horizon,
            mode,
            online,
            inner_loss,
            iterations,
            rate,
            steps,
            outer,
        )
        self._online, self._decay = rate_of(online), differentiate is not None
        refuse(given, RATE)
        self._space, self._seed, self._check = space, seed, check
        chosen = differentiated(space, differentiate)
        self._keys = [parameter.key for parameter in chosen]
        self._names = list(dict.fromkeys(parameter.name for parameter in chosen))
        others = [name for name in space.names if name not in self._names]
        tensors = Tensors(named(weights), variables, space)
        self._carried = Carried(tensors, warm=warm) if warm or weights is not None else None
        if strict and not weights and not self._keys and len(space):
            raise UsageError(
                "gradient(strict=True) needs a Float without step, and the space has none"
            )
        if self._online:  # there are no walks, the outer optimizer proposes all
            adapted, self._keys = self._keys, []
        spread = not others and self._keys and len(space) <= DIMENSIONS
        outer = outer or ("sobol" if spread else "auto")
        self._outer = create(outer, space, seed=seed, trials=trials)
        self.size: int | None = None
        if not self._keys and not len(tensors):
            self.size = getattr(self._outer, "size", None)
        if len(tensors) and not len(space):  # there is one walk, which ends by itself
            steps = steps or ENDLESS
        self._plan = plan_of(trials, rate, steps, shared=bool(others))

        def begin(values: Mapping[str, float]) -> Run:
            from ...unrolled.implicit import Implicit

            if inner_loss is None:
                return following(values, "reverse" if weights else mode, self._trust.horizon)
            start = self._carried.start if self._carried else None
            return Implicit(values, inner_loss, solver, iterations, start)

        self._trust = Trust(horizon, mixed=bool(others))
        self._inside: Inside | Adapting = (
            Adapting(space, adapted, self._online, decay=self._decay, strict=strict)
            if self._online
            else Inside(space, self._keys, begin, self._trust, strict=strict)
        )
        self._vectors: VectorInside | None = None
        if self._carried is not None:
            held = self._carried.tensors
            self._inside = self._vectors = VectorInside(
                space, self._keys, begin, self._trust, held, weights_rate, warm, strict=strict
            )
        self._weights_rate = weights_rate
        self._distinct, self._seen = Distinct(space), Seen(space)
        self._walk: Walk | JointWalk | None = None
        self._walks: list[Walk | JointWalk] = []
        self._missed = 0  # trials in a row that were not of the walk
        self._checked = False
        self._plainly = 0  # trials that took plain numbers
        self._said: set[str] = set()
        self.learned: list[str] = []
        self.notice = self._opening(others, outer)
        self.ended = "the descent has come to its end" if len(tensors) else ""

    def _opening(self, others: Sequence[str], outer: str) -> str:
        told = getattr(self._outer, "notice", "") if outer == "auto" else ""
        name = told.removeprefix("auto chose ").partition(":")[0] or outer.partition("(")[0]
        if self._online and self._names:
            return adapting(self._names, name, decay=self._decay)
        if self._carried is not None and len(self._carried.tensors):
            smooth = [*self._carried.tensors.words, *self._names]
            return plan(smooth, others, name if len(self._space) else "") + self._carried.warmth
        if not self._keys:
            return f"gradient: there is no Float without step to go down; {name} searches instead."
        return plan(self._names, others, name) + (self._carried.warmth if self._carried else "")

    # -- what a study asks of it ---------------------------------------------------------

    def ask(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any] | None:
        """The next place of the walk under way, else a place to start from."""
        if self._joint is not None:  # an assignment may come again, with other tensors
            return self._joint.proposals[0]
        if self._carried is not None and not len(self._space):
            return self._carried.first
        if not self._keys:
            return self._outer.ask(number, rng, running)
        return self._distinct.choose(self._draws(number, rng, running), rng, running)

    def _draws(
        self, number: int, rng: np.random.Generator, running: Sequence[Mapping[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        if self._walk is not None:
            yield from self._walk.proposals
        start = self._outer.ask(number, rng, running)
        if start is not None:
            yield dict(start)
        while True:
            yield self._space.sample(rng)

    def tell(self, trial: Trial) -> None:
        """Go on with the walk that the trial is of, or start one from it."""
        self._outer.tell(trial)
        self._distinct.tell(trial.assignment)
        self._seen.add(trial.assignment)
        self._listen(trial)
        if self._carried is not None:
            self._carried.tell(trial)
        if self._walk is None:
            self._start(trial)
        elif self._walk.tell(trial) or "enqueued" in trial.info:
            self._missed = 0
        else:
            self._missed += 1
        walk = self._walk
        if walk is not None and walk.deceived:
            self._say("walk", misled(trial, walk.path[0]["number"]))
        # a place that was tried already, at a corner say, would be waited for in vain
        if walk is not None and (walk.over or self._lags(walk) or self._repeats(walk)):
            self._walk = None
        if self._carried is not None:
            self._carried.follow(self._walks[-1] if self._walks else None)
        self._trust.aside = self._walk is not None and self._walk.deceived

    @property
    def _joint(self) -> JointWalk | None:
        return self._walk if isinstance(self._walk, JointWalk) else None

    def _repeats(self, walk: Walk | JointWalk) -> bool:
        """Whether what it proposes has been tried."""
        if isinstance(walk, JointWalk):  # not with these tensors, or has shown itself otherwise
            return self._missed >= TRIED
        return any(map(self._seen.covers, walk.proposals))

    def _lags(self, walk: Walk | JointWalk) -> bool:
        """Whether most walks had come lower by the same number of trials: it is given up."""
        length = len(walk.path)
        others = [each.best_of(length) for each in self._walks if each is not walk]
        lower = sum(value < walk.best_of(length) for value in others)
        return length > TRIED and len(others) >= RIVALS and lower > len(others) / 2

    def _start(self, trial: Trial) -> None:
        keys = [key for key in self._keys if key in trial.assignment]
        reached = trial.state is TrialState.COMPLETE and trial.value is not None
        if not reached or not math.isfinite(trial.value or 0.0):
            return
        if self._carried is not None and self._carried.goes_down(trial, keys):
            names = list(self._carried.tensors)
            self._walk = JointWalk(self._space, trial, keys, self._plan, names, self._weights_rate)
        elif keys and not (self._carried and len(self._carried.tensors)):
            seed = [self._seed, len(self._walks)]
            self._walk = Walk(self._space, trial, keys, self._plan, seed, pairs=self._trust.pairs)
        if self._walk is not None:
            self._walks.append(self._walk)
            self._missed = 0

    def _listen(self, trial: Trial) -> None:
        """Take in what trials have shown of the cell."""
        info = trial.info
        self._trust.tell(trial)
        self._checked = self._checked or "finite_difference_ratio" in info
        if isinstance(info.get("plain_numbers"), str):
            self._plainly += 1
            # one trial may have run out of memory, say; the next is tried with tensors again
            if trial.number == 0 or self._plainly >= TRIED:
                self._inside.plain = info["plain_numbers"]
        for subject, says in remarks(trial, self._names).items():
            self._say(subject, says)

    def _say(self, subject: str, says: str) -> None:
        if subject not in self._said:
            self._said.add(subject)
            self.learned += [says] if says else []

    def explain(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The gradients and the paths of the walks, see `explaining.explanation`."""
        return explanation(self._walks)

    # -- what happens inside trials ------------------------------------------------------

    def enter(self, assignment: Mapping[str, Any]) -> Mapping[str, Any]:
        """Floats that know their tensor, in place of the values that are differentiated by."""
        return self._inside.enter(assignment)

    def around(self) -> Layer:
        """What makes the trial differentiable while it runs."""
        return self._inside.around()

    def failed(self, error: Exception) -> bool:
        """Whether the trial is to be run again with plain numbers."""
        return self._inside.failed(error)

    def leave(self, namespace: Mapping[str, Any], objective: Any) -> dict[str, Any]:
        """The gradient of the objective, as ``gradient_NAME``, or why there is none."""
        return self._inside.leave(namespace, objective)

    def reported(self, step: int) -> None:
        """A trial inside has reported: where it is adapted, the path is noted."""
        if isinstance(self._inside, Adapting):
            self._inside.reported(step)

    def so_far(self) -> dict[str, Any]:
        """Of a trial that does not come to its end: the path it has adapted itself along."""
        return self._inside.so_far() if isinstance(self._inside, Adapting) else {}

    def verify(self, run: Callable[[Mapping[str, Any]], float | None]) -> dict[str, Any]:
        """Compare one gradient of the study with a finite difference."""
        warm = self._carried is not None and self._carried.start is not None
        # other runs begin with the cell's own weights
        return self._inside.verify(run) if self._check and not self._checked and not warm else {}

    # -- what trials carry beside their hyperparameters ----------------------------------

    @staticmethod
    def beside(options: Mapping[str, Any]) -> bool:
        """Whether there is something to search where no hyperparameter is declared."""
        return bool(options.get("weights"))

    def notes(self) -> Mapping[str, Any]:
        """Of a trial that is to begin with the weights of another: ``warm_from``."""
        return {} if self._carried is None else self._carried.origin(self._joint)

    def arrays(self, assignment: Mapping[str, Any]) -> Mapping[str, Blob]:
        """The tensors of a trial."""
        return {} if self._carried is None else self._carried.arrays(assignment, self._joint)

    def lay(self, trial: Trial) -> Mapping[str, Any]:
        """The tensors of a run of a trial, as variables."""
        if self._carried is None or self._vectors is None:
            return {}
        self._carried.lay(trial)
        return self._vectors.lay(trial)

    def found(self) -> Mapping[str, Blob]:
        """The derivatives by the tensors, and the weights that are to be gone on from."""
        return {} if self._vectors is None else self._vectors.arrays

    def spent(self) -> Mapping[int, Collection[str]]:
        """Weights that no trial will go on from."""
        return {} if self._carried is None else self._carried.spent()

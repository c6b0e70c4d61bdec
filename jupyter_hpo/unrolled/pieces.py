"""A training run in pieces: forwards without graph, and back one piece after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.func import functional_call

from .known import calculating
from .rules import Rule

Weights = dict[str, Tensor]
States = dict[str, dict[str, Tensor]]


@dataclass(frozen=True)
class Moment:
    """Where a run is: weights and states of the optimizer by name, and the number of steps.

    ``random`` and ``buffers`` are what a piece that is calculated again needs besides.
    """

    weights: Weights
    states: States
    step: int
    random: list[Tensor] = field(default_factory=list)
    buffers: Weights = field(default_factory=dict)

    @property
    def tensors(self) -> list[Tensor]:
        """All that the next step depends on, in a fixed order."""
        inner = [t for state in self.states.values() for n, t in state.items() if n != "step"]
        return [*self.weights.values(), *inner]

    def with_tensors(self, tensors: Sequence[Tensor]) -> Moment:
        """The same moment with other tensors, in that order."""
        rest = iter(tensors)
        weights = {name: next(rest) for name in self.weights}
        states = {
            name: {n: t if n == "step" else next(rest) for n, t in state.items()}
            for name, state in self.states.items()
        }
        return Moment(weights, states, self.step, self.random, self.buffers)


class Pieces:
    """The steps of one call of `train`.

    Attributes
    ----------
    losses : of the steps so far.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Callable[..., Tensor],
        batch: Callable[[int], Any],
        rule: Rule,
        options: Mapping[str, Any],
        leaves: Callable[[Sequence[Tensor]], list[Tensor]],
    ) -> None:
        self.model, self.loss, self.batch, self.rule = model, loss, batch, rule
        self.options, self._leaves = options, leaves
        self.losses: list[float] = []

    # -- steps ---------------------------------------------------------------------------

    def value(self, moment: Moment, buffers: Weights) -> Tensor:
        """The loss at a moment."""
        held = self.batch(moment.step)
        batch = held if isinstance(held, tuple | list) else (held,)

        def predict(*inputs: Any, **keywords: Any) -> Any:
            return functional_call(self.model, {**moment.weights, **buffers}, inputs, keywords)

        with calculating():
            return self.loss(predict, *batch)

    def step(
        self, moment: Moment, options: Mapping[str, Any], buffers: Weights, *, graph: bool
    ) -> Moment:
        """The next moment."""
        value = self.value(moment, buffers)
        names = [name for name, weights in moment.weights.items() if weights.requires_grad]
        wanted = [moment.weights[name] for name in names]
        found: Sequence[Tensor | None] = torch.autograd.grad(
            value, wanted, create_graph=graph, allow_unused=True
        )
        if len(self.losses) <= moment.step:
            self.losses.append(float(value.detach()))
        weights, states = dict(moment.weights), dict(moment.states)
        with torch.set_grad_enabled(graph):
            for name, gradient in zip(names, found, strict=True):
                if gradient is not None:
                    before = states.get(name, {})
                    weights[name], states[name] = self.rule(
                        weights[name], gradient, before, options
                    )
        return Moment(weights, states, moment.step + 1)

    def plainly(self, moment: Moment, steps: int) -> Moment:
        """So many steps on, without graph."""
        options = _detached(self.options)
        with torch.enable_grad():
            for _ in range(steps):
                moment = self.step(self.leafy(moment), options, self.buffers(), graph=False)
        return moment.with_tensors([tensor.detach() for tensor in moment.tensors])

    def leafy(self, moment: Moment) -> Moment:
        """The moment with leaves for the weights that train, which share their memory."""
        trains = {name: p.requires_grad for name, p in self.model.named_parameters()}
        weights = {n: w.detach().requires_grad_(trains[n]) for n, w in moment.weights.items()}
        return Moment(weights, moment.states, moment.step, moment.random, moment.buffers)

    def all_leaves(self, moment: Moment) -> Moment:
        """The same, with leaves for the states, too."""
        moment = self.leafy(moment)
        states = [t.detach().requires_grad_() for t in moment.tensors[len(moment.weights) :]]
        return moment.with_tensors([*moment.weights.values(), *states])

    def buffers(self) -> Weights:
        """The buffers of the model by name, themselves."""
        return dict(self.model.named_buffers())

    # -- with a graph ----------------------------------------------------------------------

    def sources(self, moment: Moment) -> tuple[list[Tensor], list[Tensor]]:
        """What the weights depend on: options with a gradient, and leaves inside the loss."""
        with torch.enable_grad():
            first = self.leafy(moment)
            with _random_kept():  # the same calculation comes again as the first step
                copies = {name: held.clone() for name, held in self.buffers().items()}
                ends = self._leaves([self.value(first, copies)])
        mine = {id(weights) for weights in first.weights.values()}
        outside = [each for each in _flat(self.options) if each.requires_grad]
        return outside, [leaf for leaf in ends if id(leaf) not in mine]

    def followed(
        self, moment: Moment, steps: int, size: int, outside: list[Tensor], inside: list[Tensor]
    ) -> Weights:
        """The weights so many steps on, with the way back to their `sources`."""
        names = list(moment.weights)
        made: tuple[Tensor, ...] = _Followed.apply(  # type: ignore[no-untyped-call]
            self, moment, steps, size, len(outside), *outside, *inside
        )
        return dict(zip(names, made, strict=True))

    def forwards(self, moment: Moment, steps: int, size: int) -> tuple[Moment, list[Moment]]:
        """The last moment, and those that pieces begin with."""
        begins: list[Moment] = []
        for done in range(0, steps, size):
            buffers = {name: held.clone() for name, held in self.buffers().items()}
            begin = Moment(moment.weights, moment.states, moment.step, random_state(), buffers)
            begins.append(begin)
            moment = self.plainly(moment, min(size, steps - done))
        return moment, begins

    def backwards(
        self,
        begin: Moment,
        steps: int,
        given: Sequence[Tensor],
        slopes: Sequence[Tensor | None],
        inside: Sequence[Tensor],
    ) -> tuple[list[Tensor | None], list[Tensor | None]]:
        """From the slopes by what a piece ends with to those by what it begins with.

        Parameters
        ----------
        given : leaves for the options that have gradients.
        slopes : in the order of `Moment.tensors`; fewer where the rest have none.
        inside : leaves that the loss is calculated with.

        Returns
        -------
        Slopes in the order of `Moment.tensors`, and by `given` and `inside`.
        """
        options = with_leaves(self.options, iter(given))
        buffers = {name: held.clone() for name, held in begin.buffers.items()}
        start = moment = self.all_leaves(begin)
        with _random_kept(begin.random):
            for _ in range(steps):
                moment = self.step(moment, options, buffers, graph=True)
        ends = [
            (made, slope)
            for made, slope in zip(moment.tensors, slopes, strict=False)
            if slope is not None and made.requires_grad
        ]
        wanted = [t for t in (*start.tensors, *given, *inside) if t.requires_grad]
        found: Sequence[Tensor | None] = torch.autograd.grad(
            [made for made, _ in ends],
            wanted,
            [slope for _, slope in ends],
            retain_graph=True,  # what the loss is calculated with may have a graph of its own
            allow_unused=True,
        )
        by = {id(tensor): slope for tensor, slope in zip(wanted, found, strict=True)}
        return (
            [by.get(id(tensor)) for tensor in start.tensors],
            [by.get(id(tensor)) for tensor in (*given, *inside)],
        )


class _Followed(torch.autograd.Function):
    """The steps as one operation: from hyperparameters to weights."""

    @staticmethod
    def forward(
        ctx: Any,
        pieces: Pieces,
        moment: Moment,
        steps: int,
        size: int,
        count: int,
        *tensors: Tensor,
    ) -> tuple[Tensor, ...]:
        last, ctx.begins = pieces.forwards(moment, steps, size)
        ctx.pieces, ctx.steps, ctx.size, ctx.count = pieces, steps, size, count
        ctx.tensors = tensors
        return tuple(weights.clone() for weights in last.weights.values())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor | None) -> tuple[Tensor | None, ...]:
        pieces: Pieces = ctx.pieces
        outside, inside = ctx.tensors[: ctx.count], ctx.tensors[ctx.count :]
        totals: list[Tensor | None] = [None] * len(ctx.tensors)
        current: Sequence[Tensor | None] = slopes
        left = ctx.steps - ctx.size * (len(ctx.begins) - 1)
        with torch._C.DisableTorchFunction(), torch.enable_grad():
            given = [each.detach().requires_grad_() for each in outside]
            for begin in reversed(ctx.begins):
                current, found = pieces.backwards(begin, left, given, current, inside)
                totals = [
                    one if new is None else new if one is None else one + new
                    for one, new in zip(totals, found, strict=True)
                ]
                left = ctx.size
        return (None, None, None, None, None, *totals)


# -- options, which may be pairs ------------------------------------------------------------


def _flat(options: Mapping[str, Any]) -> Iterator[Tensor]:
    for value in options.values():
        for each in value if isinstance(value, tuple | list) else (value,):
            if isinstance(each, Tensor):
                yield each


def with_leaves(options: Mapping[str, Any], leaves: Iterator[Tensor]) -> dict[str, Any]:
    """The options with leaves for those that have gradients, in order."""

    def put(value: Any) -> Any:
        if isinstance(value, tuple | list):
            return tuple(map(put, value))
        return next(leaves) if isinstance(value, Tensor) and value.requires_grad else value

    return {name: put(value) for name, value in options.items()}


def _detached(options: Mapping[str, Any]) -> dict[str, Any]:
    return with_leaves(options, (each.detach() for each in _flat(options) if each.requires_grad))


# -- random numbers -----------------------------------------------------------------------------


def random_state() -> list[Tensor]:
    """The state of torch's generators: of the CPU, and of CUDA devices that are in use."""
    cuda: bool = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]  # torch's
    return [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if cuda else ())]


def set_random_state(states: Sequence[Tensor]) -> None:
    """Go on from an earlier `random_state`."""
    torch.set_rng_state(states[0])
    if len(states) > 1:
        torch.cuda.set_rng_state_all(list(states[1:]))


@contextmanager
def _random_kept(start: Sequence[Tensor] = ()) -> Iterator[None]:
    """Draw the numbers of an earlier state, and then go on from the state of before."""
    before = random_state()
    if start:
        set_random_state(start)
    try:
        yield
    finally:
        set_random_state(before)

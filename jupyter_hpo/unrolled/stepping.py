"""Optimizers of torch whose steps are part of the graph, while a trial runs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from types import MethodType
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn.utils import clip_grad
from torch.optim import SGD, Adam, AdamW, Optimizer

from .known import Hyper, plain
from .rules import Rule, adam, adamw, sgd
from .tape import MARK, Joint, leaf_of, leaves
from .weights import Weight

if TYPE_CHECKING:
    from .run import Run

FOLLOWED: Final[dict[type, Rule]] = {SGD: sgd, Adam: adam, AdamW: adamw}

_SDP: Any = torch.backends.cuda  # the switches are those of CPUs, too
_KERNELS: Final[list[tuple[Callable[[], bool], Callable[[bool], object]]]] = [
    (getattr(_SDP, f"{name}_sdp_enabled"), getattr(_SDP, f"enable_{name}_sdp"))
    for name in ("flash", "mem_efficient", "cudnn")
    if hasattr(_SDP, f"enable_{name}_sdp")
]


class Stepping:
    """What stands in the place of torch's own functions while a trial runs.

    ``Optimizer.__init__`` is that of torch, and afterwards makes the new optimizer step as a
    function; ``torch.autograd.backward`` keeps the graph of the gradients, and
    ``Parameter.__deepcopy__`` that of the weights; ``clip_grad_norm_`` takes a hyperparameter for
    more than its number. ``torch.compile`` leaves things as they are:
    what is compiled cannot be followed.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._adopted: weakref.WeakSet[Optimizer] = weakref.WeakSet()
        self._plain: list[tuple[Any, str, Any]] = [
            (Optimizer, "__init__", Optimizer.__init__),
            (torch.autograd, "backward", torch.autograd.backward),
            (Parameter, "__deepcopy__", Parameter.__deepcopy__),
            (torch, "compile", torch.compile),
            (clip_grad, "float", float),  # by which it makes a number of `max_norm`
        ]
        made, backward, copy, *_ = (original for _, _, original in self._plain)
        self._kernels: list[bool] = []
        self._ours = [
            _making(made, self),
            _keeping(backward, run),
            _copying(copy, run),
            _uncompiled,
            _number,
        ]

    def enter(self) -> None:
        """Take their place; attention is calculated in a way that can be differentiated twice."""
        self._kernels = [read() for read, _ in _KERNELS]
        for _, write in _KERNELS:
            write(False)
        for (owner, name, _), ours in zip(self._plain, self._ours, strict=True):
            setattr(owner, name, ours)

    def leave(self) -> None:
        """Put torch's own back."""
        for (_, write), state in zip(_KERNELS, self._kernels, strict=True):
            write(state)
        for owner, name, original in self._plain:
            setattr(owner, name, original)

    def release(self) -> None:
        """Let go of the optimizers: those that outlive the trial step as torch's own."""
        for optimizer in self._adopted:
            vars(optimizer).pop("step", None)
            bare(optimizer)
            for state in optimizer.state.values():
                state.update({n: t.detach() for n, t in state.items() if isinstance(t, Tensor)})

    def adopt(self, optimizer: Optimizer) -> None:
        """Follow a new optimizer, or say why that cannot be done."""
        rule = FOLLOWED.get(type(optimizer)) if self._run.unrolls else None
        if rule is None:
            self._run.plain(optimizer)
            return
        for group in optimizer.param_groups:
            self._run.train(group["params"])
            for name, value in group.items():
                if isinstance(value, Tensor):  # schedulers fill it in place, which a leaf forbids
                    group[name] = value.clone()
        self._adopted.add(optimizer)
        method: Callable[..., Any] = _stepping(self._run, rule)
        optimizer.step = MethodType(method, optimizer)  # type: ignore[method-assign]


def bare(optimizer: Optimizer) -> None:
    """Give an optimizer plain numbers, where its options are tensors with gradients."""
    for options in (optimizer.defaults, *optimizer.param_groups):
        for name, value in options.items():
            if name != "params" and _has_gradient(value):
                options[name] = _bare(value)


def _number(value: Any) -> Any:
    return value if isinstance(value, Hyper) else float(value)


def _making(original: Callable[..., None], stepping: Stepping) -> Callable[..., None]:
    def init(self: Optimizer, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        with torch._C.DisableTorchFunction():
            stepping.adopt(self)

    return init


def _keeping(original: Callable[..., None], run: Run) -> Callable[..., None]:
    def backward(
        tensors: Any,
        grad_tensors: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        grad_variables: Any = None,
        inputs: Any = None,
    ) -> None:
        made = [tensors] if isinstance(tensors, Tensor) else list(tensors)
        seeds = [grad_tensors] if isinstance(grad_tensors, Tensor) else grad_tensors
        with torch._C.DisableTorchFunction(), torch.enable_grad():
            ends = leaves(made)
            if not run.optimized and run.unrolls:
                run.weights.by_hand(end for end in ends if not hasattr(end, MARK))
                run.tape.fresh = True
            by_leaf = run.weights.by_leaf()
            if inputs is not None or not any(id(leaf) in by_leaf for leaf in ends):
                original(tensors, grad_tensors, retain_graph, create_graph, inputs=inputs)
            else:
                _accumulate(run, made, seeds, ends, by_leaf)
            for tensor in made:
                run.readings.trained_on(tensor)

    return backward


def _copying(original: Callable[..., Any], run: Run) -> Callable[..., Any]:
    def copied(self: Parameter, memo: dict[int, Any]) -> Any:
        with torch._C.DisableTorchFunction():
            copy = original(self, memo)
            run.weights.copied(copy, self)
        return copy

    return copied


def _uncompiled(model: Any = None, **options: Any) -> Any:
    return (lambda function: function) if model is None else model


def _accumulate(
    run: Run,
    made: list[Tensor],
    seeds: Sequence[Tensor | None] | None,
    ends: list[Tensor],
    by_leaf: dict[int, Weight],
) -> None:
    """Add gradients to ``grad`` of all leaves, those of weights with their graph."""
    # neither hyperparameters nor the weights of earlier steps
    wanted = [end for end in ends if id(end) in by_leaf or not hasattr(end, MARK)]
    given = None if seeds is None else list(seeds)
    found: Sequence[Tensor | None] = torch.autograd.grad(
        made, wanted, given, create_graph=True, allow_unused=True
    )
    for end, gradient in zip(wanted, found, strict=True):
        if gradient is None:
            continue
        weight = by_leaf.get(id(end))
        if weight is not None:
            weight.add_gradient(gradient)
        else:
            new = gradient.detach().clone()
            end.grad = new if end.grad is None else end.grad + new


def _stepping(run: Run, rule: Rule) -> Callable[..., Any]:
    def step(self: Optimizer, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch._C.DisableTorchFunction(), torch.enable_grad():
            made: list[Joint] = []
            options: list[Joint] = []
            for group in self.param_groups:
                run.train(group["params"])
                used = {name: _used(value, options) for name, value in group.items()}
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        made += _moved(run, rule, parameter, self.state[parameter], used)
            run.stepped(made, options)
        return loss

    return step


def _used(value: Any, joints: list[Joint]) -> Any:
    """An option as this step uses it: one that has a gradient as a leaf of the step's own."""
    if isinstance(value, tuple):
        return tuple(_used(each, joints) for each in value)
    value = value.graph if isinstance(value, Hyper) else value
    if not (isinstance(value, Tensor) and value.requires_grad):
        return value
    now = value.clone()
    joint = Joint(now, leaf_of(now))
    joints.append(joint)
    return joint.leaf


def _moved(
    run: Run, rule: Rule, parameter: Tensor, state: dict[str, Any], options: dict[str, Any]
) -> list[Joint]:
    """Make the step of one parameter; what it made of the weights and of their state."""
    weight = run.weights.get(parameter)
    assert parameter.grad is not None
    new, changed = rule(weight.leaf, parameter.grad, state, options)
    joints = [Joint(new, leaf_of(new))]
    weight.put(joints[0].leaf)
    for name, tensor in changed.items():
        if tensor.requires_grad:
            joints.append(Joint(tensor, leaf_of(tensor)))
            tensor = joints[-1].leaf  # noqa: PLW2901  # what the state holds from now on
        state[name] = tensor
    return joints


def _has_gradient(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_has_gradient, value))
    return isinstance(value, Hyper) or (isinstance(value, Tensor) and value.requires_grad)


def _bare(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_bare, value))
    return value.item() if isinstance(value, Tensor) else plain(value)

"""What a page asks of a study, and the answers: plain JSON, or a TuneError for the user to read.

A question may come on any thread, while a trial runs: nothing here waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..domains import Categorical, Domain
from ..domains.edits import domain_from_json
from ..errors import SpaceError, StudyError, UsageError
from ..record import StudyState
from ..space import Parameter, Space
from ..study import Study
from . import words
from .kept import code, importance, mimebundle
from .wire import JSON, detail, real, scalar

POINTS = 80  # of a model's grid, along each side, at most


class Answers:
    """Answers for one study."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._table: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "pause": lambda _: study.pause(),
            "resume": lambda _: study.resume(),
            "skip": self._skip,
            "stop": lambda _: study.stop(),
            "try": self._try,
            "edit": self._edit,
            "use": self._use,
            "trial": self._trial,
            "importance": lambda _: importance(study.record),
            "model": self._model,
            "kept": lambda _: mimebundle(study),
        }

    def answer(self, question: Mapping[str, Any]) -> Any:
        """The answer to a question of `labextension/src/view/protocol.ts`.

        Raises
        ------
        TuneError
            If it cannot be met, or is none.
        """
        what = question.get("what")
        if not isinstance(what, str) or what not in self._table:
            raise UsageError(f"the view asked for {words.short(repr(what))}, which is unknown here")
        return self._table[what](question)

    @property
    def _space(self) -> Space:
        if self._study.space is None:
            raise StudyError("the study is only loaded; run its cell with --resume first")
        return self._study.space

    def _skip(self, question: Mapping[str, Any]) -> None:
        """Skip the trial that the page means: a second click may come when the next one runs."""
        running = self._study.sitting.controls.running
        if question.get("number") in (None, running):
            self._study.skip()

    def _try(self, question: Mapping[str, Any]) -> str:
        params = _mapping(question, "params")
        space = self._space
        values = {name: _chosen(space, name, label) for name, label in params.items()}
        if self._study.state not in (StudyState.RUNNING, StudyState.PAUSED):
            raise StudyError(f"the study is {self._study.state}; run its cell with --resume first")
        self._study.enqueue(values)
        paused = self._study.state == StudyState.PAUSED
        return "is tried next, when the study goes on" if paused else "is tried next"

    def _edit(self, question: Mapping[str, Any]) -> str:
        space = self._space
        changes: dict[str, Domain] = {}
        for key, change in _mapping(question, "changes").items():
            changes[key] = domain_from_json(_known(space, str(key)), change)
        self._study.edit_space(**changes)
        return "holds from the next trial on"

    def _use(self, question: Mapping[str, Any]) -> str:
        names = ", ".join(self._study.best_params)
        now = self._study.apply_soon()
        verb = "is" if len(self._study.best_params) == 1 else "are"
        return f"{names} {verb} set{'' if now else ' as soon as the cell has ended'}"

    def _trial(self, question: Mapping[str, Any]) -> JSON:
        number = question.get("number")
        trial = self._study.record.get(number) if type(number) is int else None
        if trial is None:
            raise StudyError(f"there is no trial {words.short(repr(number))}")
        runner = self._study.sitting.runner if self._study.live else None
        runs = runner is not None and runner.controls.running == trial.number
        output = runner.output() if runner is not None and runs else None
        return detail(trial, code(self._study.record, trial, self._study.space), output)

    def _model(self, question: Mapping[str, Any]) -> JSON:
        """The optimizer's model along `x` or over `x` and `y`, at the best trial's other values."""
        axes = ("x",) if question.get("y") is None else ("x", "y")
        keys = {axis: _text(question, axis) for axis in axes}
        record = self._study.record
        if not self._study.live:
            return {"none": "the study has ended, and its optimizer with it"}
        points = question.get("points")
        count = min(points, POINTS) if type(points) is int and points > 1 else POINTS // 2
        at = dict(record.best.assignment) if record.best else {}
        space = self._space
        domains = {axis: _known(space, key).domain for axis, key in keys.items()}
        adviser = self._study.sitting.runner.adviser
        model = adviser.explain({**keys, "points": count, "at": at})
        return _in_users_sign(model, domains, record.info.maximize)


def _in_users_sign(model: Mapping[str, Any], domains: Mapping[str, Domain], maximize: bool) -> JSON:
    """A model as the page gets it: larger is better where the user maximizes, choices by label.

    The acquisition function is larger where a trial comes sooner, whatever the user wants.
    """
    if "none" in model:
        return {"none": words.short(str(model["none"]), 300)}
    depth = len(domains)
    found = {
        "mean": _numbers(model["mean"], depth, -1.0 if maximize else 1.0),
        "std": _numbers(model["std"], depth),
    }
    if model.get("acquisition") is not None:
        found["acquisition"] = _numbers(model["acquisition"], depth)
    axes = {
        axis: [scalar(domain.dump(value)) for value in model[axis]]
        for axis, domain in domains.items()
    }
    return {"none": "", **axes, **found}


def _numbers(held: Iterable[Any], depth: int, sign: float = 1.0) -> list[Any]:
    """Numbers, or rows of them where `depth` is 2, as JSON."""
    if depth > 1:
        return [_numbers(row, depth - 1, sign) for row in held]
    return [real(sign * float(value)) for value in held]


def _text(question: Mapping[str, Any], name: str) -> str:
    held = question.get(name)
    if not isinstance(held, str):
        raise UsageError(f"the view sent no {name}")
    return held


def _known(space: Space, key: str) -> Parameter:
    if key not in space:
        raise SpaceError(f"there is no hyperparameter {words.short(key)}")
    return space[key]


def _mapping(question: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    held = question.get(name)
    if not isinstance(held, Mapping):
        raise UsageError(f"the view sent no {name}")
    return held


def _chosen(space: Space, name: str, label: Any) -> Any:
    """The value of a hyperparameter that the page has sent; choices go by their label."""
    domains = [each.domain for each in space if each.name == name]
    for domain in domains:
        if isinstance(domain, Categorical):
            try:
                return domain.load(label)
            except SpaceError:
                continue
    if domains and all(isinstance(domain, Categorical) for domain in domains):
        raise SpaceError(f"{name}: {words.short(repr(label))} is not one of its choices")
    return label

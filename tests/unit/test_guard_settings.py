"""Settings and counters of other cells: no offence, and put back after each trial."""

from __future__ import annotations

from typing import Any

import pytest
from guard_cases import MODEL, names_of, notebook

from jupyter_hpo.guard import Settings, changed, definitions, fingerprint, reach

RATE = 0.265  # the hyperparameter's value

BOX = """
import argparse, dataclasses, types
class Box: pass
box = Box()
box.lr = .1
@dataclasses.dataclass
class Config:
    lr: float = .1
    device: object = None
@dataclasses.dataclass(frozen=True)
class Frozen:
    lr: float = .1
class Slots:
    __slots__ = ("lr",)
class Known(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key, value); self.__dict__[key] = value
    __setattr__ = __setitem__
class Stepped:
    def __init__(self): self.lr = .1
    def decay(self): self.lr *= .5
args, space = argparse.Namespace(lr=.1), types.SimpleNamespace(lr=.1, inner={"lr": .1})
config, frozen, slots, known, stepped = Config(), Frozen(), Slots(), Known(), Stepped()
slots.lr = known.lr = .1
plain, ordered, sizes = {"lr": .1, "n": 3}, collections.OrderedDict(n=1), [.1, 5]
"""

# Cell, trial, and what is there at the end.
CASES = {
    "a namespace": (BOX, "args.lr = RATE", "vars(args)"),
    "a setting that was not there": (BOX, "args.new = 7", "vars(args)"),
    "an object that was not there": (BOX, "args.new = object(); args.lr = [1]", "vars(args)"),
    "a simple namespace": (BOX, "space.lr = .7", "vars(space)"),
    "within a namespace": (BOX, "space.inner['lr'] = RATE", "space.inner"),
    "an instance": (BOX, "box.lr = RATE; box.more = 'x'", "vars(box)"),
    "a dataclass": (BOX, "config.lr = RATE; config.device = object()", "vars(config)"),
    "a frozen dataclass": (BOX, "object.__setattr__(frozen, 'lr', RATE)", "vars(frozen)"),
    "slots": (BOX, "slots.lr = .9", "slots.lr"),
    "a dict": (BOX, "plain['lr'] = RATE; plain['n'] = 4", "plain"),
    "an entry that was not there": (BOX, "plain['rate'] = RATE", "plain"),
    "an ordered dict": (BOX, "ordered['rate'] = RATE; ordered['n'] = 2", "list(ordered.items())"),
    "a dict with attributes": (BOX, "known.lr = RATE", "known.lr, known['lr']"),
    "a list": (BOX, "sizes[0] = RATE", "sizes"),
    "what methods assign, by the cell": (BOX, "stepped.lr = RATE", "stepped.lr"),
    "a class": (BOX, "Config.lr = RATE", "Config.lr"),
    "a class that had none": (BOX, "Box.rate = RATE", "hasattr(Box, 'rate')"),
    "a counter of a class": (
        "class Counter: n = 0\ndef count(): Counter.n += 1",
        "count(); count()",
        "Counter.n",
    ),
    "a counter by an instance": (
        "class Node:\n    n = 0\n    def __init__(self): type(self).n += 1\nnode = Node()",
        "type(node)()",
        "Node.n",
    ),
    "a counter of a function": ("def f(): f.calls += 1\nf.calls = 0", "f()", "f.calls"),
    "a counter of a function, made when called": (
        "def f(): f.calls = getattr(f, 'calls', 0) + 1",
        "f()",
        "vars(f)",
    ),
    "a count in a default": ("def f(count={'n': 0}): count['n'] += 1", "f()", "f.__defaults__"),
    "an estimator's": (
        "from sklearn.linear_model import LogisticRegression\nclf = LogisticRegression(C=3.)",
        "clf.set_params(C=RATE, max_iter=7)",
        "clf.get_params()",
    ),
    "a mode of a model": (MODEL, "model.eval()", "model.training, model[1].training"),
    "a rate of dropout": ("drop = nn.Dropout(.5)", "drop.p = RATE", "drop.p"),
}

# The same, for what must stay as the trial left it.
LEFT = {
    "a cached property": (
        "class Data:\n    @functools.cached_property\n    def mean(self): return 3.5\n"
        "data = Data()",
        "data.mean",
        "vars(data)",
    ),
    "a flag for what is done once": (
        "class Data: ready = False\ndef f():\n    Data.ready = f.done = True",
        "f()",
        "Data.ready, vars(f)",
    ),
    "a table read once": (
        "class Data:\n    table = None\n    def get(self):\n"
        "        if self.table is None: self.table = [1]\n        return self.table\ndata = Data()",
        "data.get()",
        "data.table",
    ),
    "a meter": (
        "class Meter:\n    def __init__(self): self.reset()\n    def reset(self): self.n = 0\n"
        "    def add(self): self.n += 1\nmeter = Meter()",
        "meter.add()",
        "meter.n",
    ),
    "what an estimator has learnt": (
        "from sklearn.preprocessing import StandardScaler\n"
        "scaler, X = StandardScaler(), np.ones((3, 1))",
        "scaler.fit(X)",
        "sorted(vars(scaler))",
    ),
}


def study(before: str, trial: str, value: str) -> tuple[Any, Any, Any]:
    """What `value` is before the trials, after each of two, and at the end."""
    namespace = notebook(before) | {"RATE": RATE}
    names = sorted(names_of(trial))
    settings = Settings()
    at_first = repr(eval(value, namespace))
    for _ in range(3):
        settings.note()
        objects = definitions(names, namespace) | reach(names, namespace)
        taken = fingerprint(objects)
        exec(compile(trial, "<trial>", "exec"), namespace)
        assert changed(taken, objects, [RATE], settings) == []
        changed_to = repr(eval(value, namespace))
        settings.put_back()
    return at_first, changed_to, repr(eval(value, namespace))


@pytest.mark.parametrize("case", CASES)
def test_put_back(case: str) -> None:
    before, during, after = study(*CASES[case])
    assert before != during
    assert after == before


@pytest.mark.parametrize("case", LEFT)
def test_left(case: str) -> None:
    before, during, after = study(*LEFT[case])
    assert before != during
    assert after == during


def test_places_once_found_are_put_back_after_later_trials() -> None:
    namespace = notebook(BOX)
    args, settings = namespace["args"], Settings()
    before = fingerprint({"args": args})
    args.lr = 0.2
    assert changed(before, ["args"], [], settings) == []
    settings.put_back()
    args.lr = 0.7  # by the user, between two sittings
    settings.note()
    args.lr, args.other = 0.9, 3
    settings.put_back()
    assert vars(args) == {"lr": 0.7, "other": 3}


def test_a_first_trial_that_sets_what_was_there() -> None:
    namespace = notebook(BOX + "drop = nn.Dropout(.1)\ndef f(): pass\nf.lr = .1")
    names, settings = ["args", "plain", "drop", "Config", "f"], Settings()
    objects = definitions(names, namespace) | reach(names, namespace)
    assert changed(fingerprint(objects), objects, [0.1], settings) == []
    settings.note()
    code = "args.lr = plain['lr'] = drop.p = Config.lr = f.lr = .7; plain['n'] = [1]"
    exec(code, namespace)
    settings.put_back()
    held = "args.lr, plain, drop.p, Config.lr, f.lr"
    assert eval(held, namespace) == (0.1, {"lr": 0.1, "n": [1]}, 0.1, 0.1, 0.1)


def test_what_cannot_be_put_back_is_left() -> None:
    code = (
        "class Once:\n    def __init__(self): self.lr = .1\n"
        "    def __delattr__(self, name): raise TypeError\nonce = Once(); d = {}"
    )
    namespace = notebook(code)
    once, entries, settings = namespace["once"], namespace["d"], Settings()
    before = fingerprint({"once": once, "d": entries})
    once.rate = entries["rate"] = RATE
    assert changed(before, ["once", "d"], [RATE], settings) == []
    settings.put_back()
    assert (once.rate, entries) == (RATE, {})


def test_a_setting_and_an_offence_in_one_object() -> None:
    namespace = notebook(BOX + "args.rows = []; args.lr = .1")
    args, settings = namespace["args"], Settings()
    before = fingerprint({"args": args})
    args.rows.append(1)
    args.lr = 0.3
    assert [each.text for each in changed(before, ["args"], [], settings)] == [
        "`args.rows` grew from 0 to 1 entries"
    ]
    settings.put_back()
    assert args.lr == 0.1

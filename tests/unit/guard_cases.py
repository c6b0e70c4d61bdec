"""Cells and trials, and what the guard should say about them."""

from __future__ import annotations

import types
from typing import Any

from jupyter_hpo.guard import changed, definitions, fingerprint, reach

IMPORTS = """
import collections, functools, math, random
import numpy as np, pandas as pd, torch
from torch import nn
"""


def notebook(code: str) -> dict[str, Any]:
    """The namespace after a cell, as a kernel's: its classes say they are of `__main__`."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(IMPORTS + code, "<cell>", "exec"), namespace)
    return namespace


def names_of(code: str) -> set[str]:
    """What the code mentions; names that are not there do no harm."""
    parts = [compile(code, "<cell>", "exec")]
    found: set[str] = set()
    while parts:
        part = parts.pop()
        found |= set(part.co_names)
        parts += [each for each in part.co_consts if isinstance(each, types.CodeType)]
    return found


def guard(before: str, trial: str, expected: tuple[Any, ...] = ()) -> list[str]:
    """What the guard says about a trial's code, after another cell."""
    namespace = notebook(before)
    names = sorted(names_of(trial))
    objects = definitions(names, namespace) | reach(names, namespace)
    taken = fingerprint(objects)
    exec(compile(trial, "<trial>", "exec"), namespace)
    return [change.text for change in changed(taken, objects, expected)]


MODEL = """
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
X, y = torch.randn(32, 4), torch.randn(32, 1)
"""
STEP = """
loss = ((model(X) - y) ** 2).mean()
optimizer.zero_grad(); loss.backward(); optimizer.step()
"""
STOPPER = """
class EarlyStopping:
    def __init__(self):
        self.best, self.bad = None, 0
    def step(self, loss):
        if self.best is None or loss < self.best: self.best, self.bad = loss, 0
        else: self.bad += 1
stopper = EarlyStopping()
"""
FRAME = "df = pd.DataFrame({'a': [1., 2], 'b': ['x', 'y'], 'c': pd.Categorical(['u', 'v'])})\n"
CLASSIFIER = """
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.neural_network import MLPClassifier
X, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2
"""

CAUGHT = {
    "sgd": (
        MODEL,
        "optimizer = torch.optim.SGD(model.parameters(), lr=.1)" + STEP,
        ["`model` was trained"],
    ),
    "fused, which counts no version": (
        MODEL,
        "optimizer = torch.optim.Adam(model.parameters(), fused=True)" + STEP,
        ["`model` was trained"],
    ),
    "optimizer of another cell": (
        MODEL + "optimizer = torch.optim.Adam(model.parameters())",
        STEP,
        ["`model` was trained", "`optimizer` took training steps"],
    ),
    "through .data": (MODEL, "model[0].weight.data -= .1", ["`model` was trained"]),
    "through numpy": (MODEL, "X.numpy()[0] = 0", ["`X` was changed in place"]),
    "batch norm": (MODEL, "model(X)", ["`model` had the buffer `1.running_mean` updated"]),
    "in a list": (
        MODEL + "models = [model]",
        "models[0][0].bias.data.add_(1)",
        ["`models[0]` was trained"],
    ),
    "in a dict": (
        MODEL + "nets = {'a': model}",
        "nets['a'][0].bias.data.add_(1)",
        ["`nets['a']` was trained"],
    ),
    "through helpers": (
        MODEL
        + "def inner():\n    model[0].bias.data.add_(1)\n"
        + "class Trainer:\n    def run(self): return [inner() for _ in range(2)]\n",
        "Trainer().run()",
        ["`model` was trained"],
    ),
    "a leaf tensor": (
        "w = torch.zeros(3, requires_grad=True)",
        "with torch.no_grad(): w -= 1",
        ["`w` was trained"],
    ),
    "bfloat16": ("t = torch.zeros(3, dtype=torch.bfloat16)", "t.data[1] = 1", ["changed in place"]),
    "a longer model": (
        MODEL,
        "model.append(nn.Linear(1, 1))",
        ["`model` grew from 4 to 5 modules"],
    ),
    "a scheduler": (
        MODEL + "s = torch.optim.lr_scheduler.StepLR(torch.optim.SGD(model.parameters(), lr=1), 1)",
        "s.optimizer.step(); s.step()",
        ["`s` was stepped"],
    ),
    "an iterator over a loader": (
        MODEL
        + "from torch.utils.data import DataLoader\n"
        + "batches = iter(DataLoader(torch.arange(9), batch_size=3))",
        "next(batches)",
        ["`batches` was advanced"],
    ),
    "an array": ("a = np.arange(6.)", "a /= 255", ["`a` was changed in place"]),
    "a strided array": ("b = np.arange(12).reshape(3, 4)[:, ::2]", "b[1, 1] = 9", ["`b` was"]),
    "an array of objects": ("o = np.array([[1], {}], dtype=object)", "o[0] = 3", ["`o` was"]),
    "dates": ("d = np.array(['2020-01-01'], 'M8[D]')", "d += 1", ["`d` was changed in place"]),
    "a cell of a frame": (FRAME, "df.loc[0, 'a'] = 5", ["`df` was changed in place"]),
    "a text of a frame": (FRAME, "df.loc[0, 'b'] = 'z'", ["`df` was changed in place"]),
    "a category of a frame": (FRAME, "df.loc[0, 'c'] = 'v'", ["`df` was changed in place"]),
    "a column": (FRAME, "df['new'] = 1", ["`df` gained the column 'new'"]),
    "rows": (FRAME, "df.loc[2] = [3., 'z', 'u']", ["`df` went from 2 to 3 rows"]),
    "an index": (FRAME, "df.index = [5, 6]", ["`df` was changed in place"]),
    "a series": ("s = pd.Series([1, 2])", "s[0] = 3", ["`s` was changed in place"]),
    "a list": (
        "history = []",
        "for i in range(20): history.append(i)",
        ["`history` grew from 0 to 20 entries"],
    ),
    "a list of weights": ("w = [0.0, 1.0]", "w[0] -= 0.1", ["`w` had entries exchanged"]),
    "a dict of weights": ("p = {'w': 0.0}", "p['w'] -= 0.1", ["`p['w']` was replaced"]),
    "a dict": ("r = {}", "r[1] = 2", ["`r` grew from 0 to 1 entries"]),
    "a set": ("seen = {1}", "seen.clear()", ["`seen` shrank from 1 to 0 entries"]),
    "a full deque": (
        "last = collections.deque([1, 2], maxlen=2)",
        "last.append(3)",
        ["`last` had entries exchanged"],
    ),
    "a nested list": ("h = {'loss': []}", "h['loss'].append(1)", ["`h['loss']` grew from 0 to 1"]),
    "an iterator": ("it = iter([1, 2])", "next(it)", ["`it` was advanced"]),
    "a zip": ("z = zip([1, 2], 'ab')", "next(z)", ["`z` was advanced"]),
    "an enumerate": ("e = enumerate([1, 2])", "list(e)", ["`e` was advanced"]),
    "a generator": ("g = (i for i in range(9))", "next(g)", ["`g` was advanced"]),
    "a begun generator": ("g = (i for i in range(9)); next(g)", "next(g)", ["`g` was advanced"]),
    "an exhausted generator": ("g = (i for i in range(9)); next(g)", "list(g)", ["`g` was"]),
    "a numpy generator": ("rng = np.random.default_rng(0)", "rng.random()", ["`rng` was drawn"]),
    "a random state": ("rs = np.random.RandomState(0)", "rs.rand()", ["`rs` was drawn from"]),
    "a torch generator": ("g = torch.Generator()", "torch.rand(1, generator=g)", ["`g` was drawn"]),
    "python's generator": ("r = random.Random(0)", "r.random()", ["`r` was drawn from"]),
    "an early stopper": (STOPPER, "stopper.step(.5)", ["`stopper.best` changed from None to 0.5"]),
    "what an instance holds": (
        MODEL + "class Box: pass\nbox = Box(); box.inner = Box(); box.inner.net = model",
        "box.inner.net[0].bias.data.add_(1)",
        ["`box.inner.net` was trained"],
    ),
    "more than a cache of an instance": (
        "class Data:\n    def __init__(self): self.cache, self.seen = {}, []\ndata = Data()",
        "data.cache[1] = 1; data.seen.append(1)",
        ["`data.seen` grew from 0 to 1 entries"],
    ),
    "what a slot holds": (
        "class Box:\n    __slots__ = ('h',)\nbox = Box(); box.h = []",
        "box.h.append(1)",
        ["`box.h` grew from 0 to 1 entries"],
    ),
    "a bound method's object": (
        STOPPER + "step = stopper.step",
        "step(.5)",
        ["`step.best` changed from None to 0.5"],
    ),
    "what a partial function holds": (
        MODEL + "f = functools.partial(lambda m: m[0].bias.data.add_(1), model)",
        "f()",
        ["`argument 1 in f` was trained"],
    ),
    "what a closure holds": (
        MODEL
        + "def make():\n    net = nn.Linear(1, 1)\n    def f(): net.bias.data.add_(1)\n"
        + "    return f\nf = make()",
        "f()",
        ["`net in f` was trained"],
    ),
    "a list in a default": (
        "def f(x, acc=[]): acc.append(x)",
        "f(1)",
        ["`acc in f` grew from 0 to 1 entries"],
    ),
    "a list in a closure": (
        "def make():\n    seen = []\n    def f(x): seen.append(x)\n    return f\nf = make()",
        "f(1)",
        ["`seen in f` grew from 0 to 1 entries"],
    ),
    "a list of a function": (
        "def f(x): f.seen.append(x)\nf.seen = []",
        "f(1)",
        ["`f.seen` grew from 0 to 1 entries"],
    ),
    "a list of a class": (
        "class Log:\n    rows = []\n    def add(self, x): self.rows.append(x)\nlog = Log()",
        "log.add(1)",
        ["`Log.rows` grew from 0 to 1 entries"],
    ),
    "a list of a class extended": (
        "class Log:\n    rows = []\nclass Mine(Log):\n"
        "    @classmethod\n    def add(cls, x): cls.rows.append(x)",
        "Mine.add(1)",
        ["`Log.rows` grew from 0 to 1 entries"],
    ),
    "weights of a class": (
        "class Model:\n    w = np.zeros(3)\n    def step(self): self.w += 1",
        "Model().step()",
        ["`Model.w` was changed in place"],
    ),
    "warm start": (
        CLASSIFIER + "clf = MLPClassifier((4,), warm_start=True, max_iter=300, tol=.1)",
        "clf.fit(X, y)",
        ["`clf` was trained"],
    ),
    "partial_fit after a first one": (
        CLASSIFIER + "clf = SGDClassifier().partial_fit(X, y, classes=[0, 1])",
        "clf.partial_fit(X, y)",
        ["`clf` was trained"],
    ),
}

ALLOWED = {
    "evaluation": (MODEL, "model.eval()\nwith torch.no_grad(): model(X)\nmodel.train()"),
    "gradients": (
        MODEL + "head = nn.Linear(4, 1)",
        "head(X).sum().backward(); head.zero_grad(); head.requires_grad_(False)",
    ),
    "moving nothing": (MODEL, "model.to('cpu'); model.float(); X.to('cpu'); X.contiguous()"),
    "other precision": (MODEL, "model.double()"),
    "state dict": (MODEL, "copy = model.state_dict(); model.load_state_dict(copy)"),
    "same values": (MODEL, "with torch.no_grad(): X.copy_(X)"),
    "a frozen backbone under a new head": (
        MODEL,
        "model.eval(); model[3] = nn.Linear(8, 2)\nmodel(X).sum().backward()",
    ),
    "a model of the trial's own": (
        MODEL + "import copy",
        "net = copy.deepcopy(model); net.train(); net(X)\n"
        "optimizer = torch.optim.SGD(net.parameters(), lr=.1)\noptimizer.step()",
    ),
    "shared memory": (MODEL, "X.share_memory_(); model.share_memory()"),
    "sampling": (MODEL, "torch.randn(2); np.random.rand(); random.random()"),
    "loader": (
        MODEL
        + "from torch.utils.data import DataLoader, TensorDataset\n"
        + "loader = DataLoader(TensorDataset(X, y), batch_size=8, shuffle=True)",
        "for epoch in range(2):\n    for a, b in loader: a + b\nlen(loader)",
    ),
    "progress bar": (
        "from tqdm import tqdm\nimport io\nbar = tqdm([1, 2], file=io.StringIO())",
        "for i in bar: pass",
    ),
    "reading a frame": (
        FRAME,
        "df['a']; df.a.mean(); df.b.str.upper(); df.values; df.groupby('b').a.sum()\n"
        "df.sort_values('a'); df.loc[0]; df.T; hash(df.index[0]); df.index.get_loc(1)\n"
        "df.describe(); c = df.copy(); c['new'] = 1; df[df.a > 1]; df.memory_usage()",
    ),
    "reading arrays": ("a = np.arange(6.)", "a.sum(); a.reshape(2, 3).T @ np.ones((2, 2)); a + 1"),
    "NaN": (
        "a = np.array([np.nan]); l = [float('nan')]; d = {'x': np.float64('nan')}",
        "a; l[0] = float('nan'); d['x'] = np.float64('nan')",
    ),
    "an attribute bound anew": (
        "class Box: pass\nbox = Box(); box.h = []",
        "box.h.append(1); box.h = []",
    ),
    "reading containers": (
        "l, d, s, q = [1, []], {'a': 1}, {1}, collections.deque([1])",
        "list(l); d['a']; d.get('b'); 1 in s; q[0]; sorted(l[:1]); [*d.items()]",
    ),
    "settings": (
        "config = {'lr': .5, 'width': 1, 'act': 'relu', 'on': True}",
        "config['lr'] = .001; config['width'] = 32; config['act'] = 'tanh'; config['on'] = False",
    ),
    "settings that were not there": ("config = {}", "config['lr'] = .001"),
    "settings as attributes": (
        "import argparse, types, dataclasses\nargs = argparse.Namespace(lr=.5)\n"
        "ns = types.SimpleNamespace()\n"
        "@dataclasses.dataclass\nclass Config:\n    lr: float = .5\n    width: int = 3\n"
        "config = Config()",
        "args.lr = .3; ns.lr = .7; config.lr = .2; config.width = 9; args.new = 1",
    ),
    "a cache of a library's": (
        "@functools.lru_cache\ndef square(x): return x * x\n"
        "@functools.cache\ndef cube(x): return x ** 3",
        "square(2); cube(3)",
    ),
    "a cache by name": (
        "_cache = {}\nDATA_CACHE = {}\ndef load(k):\n    return _cache.setdefault(k, k * 2)",
        "load(3); DATA_CACHE['a'] = 1",
    ),
    "a cache in a closure or default": (
        "def memo(f):\n    known = {}\n    @functools.wraps(f)\n    def g(x):\n"
        "        return known.setdefault(x, f(x))\n    return g\n"
        "@memo\ndef f(x): return x\ndef h(x, done={}): done[x] = x\n"
        "def k(x, cache=[]): cache.append(x)\n"
        "def lru_cache(f):\n    order = []\n    def g(x):\n        order.append(x); return f(x)\n"
        "    return g\n@lru_cache\ndef j(x): return x",
        "f(1); h(1); k(1); j(1)",
    ),
    "a registry": (
        "class Base:\n    known, cache = {}, []\n"
        "    def __init_subclass__(cls): Base.known[cls.__name__] = cls; Base.cache.append(cls)",
        "class Mine(Base): pass",
    ),
    "a list that a function or class binds anew": (
        "class Box: rows = []\ndef f(): f.rows = [1]\nf.rows = []",
        "f(); Box.rows = [1]",
    ),
    "a counter of a class": (
        "class Node:\n    made = 0\n    def __init__(self): Node.made += 1",
        "Node(); Node()",
    ),
    "a data set that keeps what it has read, and draws": (
        "class Data:\n    def __init__(self):\n"
        "        self.cache, self.rng = {}, np.random.default_rng(0)\n"
        "    def __len__(self): return 4\n"
        "    def __getitem__(self, i):\n"
        "        return self.cache.setdefault(i, float(i)) + self.rng.random()\n"
        "data = Data()\nfrom torch.utils.data import DataLoader\nloader = DataLoader(data, 2)",
        "for batch in loader: batch.sum()\ndata[0]",
    ),
    "an attribute of a function": ("def f(): f.calls += 1\nf.calls = 0", "f()"),
    "a global that is assigned": ("n = 0\ndef f():\n    global n\n    n += 1", "f()"),
    "a meter that can be reset": (
        "class Meter:\n    def __init__(self): self.reset()\n    def reset(self): self.n = 0\n"
        "    def add(self): self.n += 1\nmeter = Meter()",
        "meter.reset(); meter.add()",
    ),
    "an estimator of one's own": (
        "class Mean:\n    def fit(self, x): self.mean, self.w = x.mean(), x * 1; return self\n"
        "mean = Mean(); x = np.arange(3.); mean.fit(x)",
        "mean.fit(x + 1)",
    ),
    "an estimator fitted anew": (
        CLASSIFIER
        + "from sklearn.ensemble import RandomForestClassifier\n"
        + "from sklearn.pipeline import make_pipeline\n"
        + "from sklearn.preprocessing import StandardScaler\n"
        + "clf, fresh = LogisticRegression().fit(X, y), SGDClassifier()\n"
        + "trees = RandomForestClassifier(3).fit(X, y)\n"
        + "pipe = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)",
        "clf.fit(X + 1, y); fresh.fit(X, y); pipe.fit(X * 2, y); pipe.predict(X)\n"
        "trees.fit(X + 1, y); clf.set_params(C=.3); clf.score(X, y)",
    ),
    "range, strings, modules": ("r, t, m = range(3), 'abc', math", "list(r); t.upper(); m.pi"),
    "iterables made new each time": ("r = {'a': 1}", "list(iter(r)); list(r.values())"),
    "a metric of the trial": (STOPPER, "EarlyStopping().step(.5)"),
}

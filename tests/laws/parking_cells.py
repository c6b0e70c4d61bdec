"""Training cells that are parked, and user's cells that run meanwhile. No test is in here."""

from __future__ import annotations

# Cells that ran before the study: what the tuned cell finds in the notebook.
OTHER_CELLS = (
    """
import asyncio, contextlib, copy, dataclasses, decimal, functools, gc, io, os, random, sys
import tempfile, threading, warnings
import matplotlib; matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sklearn
import sklearn.linear_model
import scipy.optimize
import torch
from torch import nn
torch.set_num_threads(1)
""",
    """
made = np.random.default_rng(7)
features = torch.tensor(made.normal(size=(24, 4)), dtype=torch.float32)
labels = (features.sum(1) > 0).long()
table = pd.DataFrame(features.numpy(), columns=list("abcd"))
elsewhere = tempfile.gettempdir()
""",
    """
def make_model(width):
    layers = [nn.Linear(4, width), nn.Tanh()]
    layers.append(nn.Dropout(0.1))
    layers.append(nn.Linear(width, 2))
    return nn.Sequential(*layers)

def train_one_epoch(model, optimizer, size=8):
    model.train()
    total = 0.0
    for start in range(0, len(features), size):
        optimizer.zero_grad()
        predicted = model(features[start:start + size])
        error = nn.functional.cross_entropy(predicted, labels[start:start + size])
        error.backward()
        optimizer.step()
        total += error.item()
    return total

def evaluate(model):
    model.eval()
    with torch.no_grad():
        predicted = model(features)
        error = nn.functional.cross_entropy(predicted, labels)
        assert not predicted.requires_grad
    return error.item()

@contextlib.contextmanager
def section(name):
    before = len(name)
    try:
        yield before
    finally:
        name = name.upper()
        print("leaving", name)
""",
)

TRIALS = {
    "plain loop": """
lr: LR = 0.01
w, b = 0.5, 0.0
for epoch in range(4):
    loss = 0.0
    for x in range(6):
        error = w * x + b - 3 * x
        w -= lr * error * x
        b -= lr * error
        loss += error ** 2
    print(f"epoch {epoch}: {loss!r}")
""",
    "helpers": """
lr: LR = 0.01
width: Int(2, 8) = 4
model = make_model(width)
optimizer = torch.optim.Adam(model.parameters(), lr)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
history = []
for epoch in range(2):
    train_one_epoch(model, optimizer)
    schedule.step()
    loss = evaluate(model)
    history.append(loss)
""",
    "no_grad": """
lr: LR = 0.01
model = make_model(3)
for epoch in range(2):
    with torch.no_grad():
        shadow = [p.clone() for p in model.parameters()]
        for p in model.parameters():
            p.mul_(0.9)
            q = p * 2
            assert not q.requires_grad
        with torch.enable_grad():
            value = model(features).pow(2).mean()
            assert value.requires_grad
    model.zero_grad()
    value.backward()
    grads = [p.grad.clone() for p in model.parameters()]
    loss = value.item()
assert torch.is_grad_enabled()
""",
    "autocast": """
lr: LR = 0.01
model = make_model(4)
optimizer = torch.optim.SGD(model.parameters(), lr)
for epoch in range(2):
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        first = model(features[:12])
        assert first.dtype == torch.bfloat16
        second = model(features[12:])
        with torch.autocast("cpu", enabled=False):
            third = model(features[:3])
            assert third.dtype == torch.float32
        fourth = model[0](features)
        predicted = torch.cat([first, second])
    error = nn.functional.cross_entropy(predicted.float(), labels) + fourth.float().mean()
    error.backward()
    optimizer.step()
    loss = error.item()
""",
    "autocast without cache": """
lr: LR = 0.01
model = make_model(4)
loss = 0.0
with torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False):
    for step in range(2):
        out = model(features)
        error = out.float().pow(2).mean()
        error.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        loss += error.item()
""",
    "dataloader": """
lr: LR = 0.01
data = torch.utils.data.TensorDataset(features, labels)
def together(batch):
    first = torch.stack([x for x, y in batch])
    return first, torch.stack([y for x, y in batch])
loader = torch.utils.data.DataLoader(data, batch_size=10, shuffle=True, collate_fn=together)
model = make_model(3)
optimizer = torch.optim.AdamW(model.parameters(), lr)
seen = []
for epoch in range(2):
    for x, y in loader:
        optimizer.zero_grad()
        error = nn.functional.cross_entropy(model(x), y)
        error.backward()
        optimizer.step()
        seen.append(y.tolist())
    loss = error.item()
""",
    "generators": """
lr: LR = 0.01
def batches(size):
    order = np.random.permutation(12)
    try:
        for k in range(0, 12, size):
            sent = yield order[k:k + size]
            if sent:
                yield -order[:sent]
    finally:
        print("closed")
def chain(*sizes):
    for size in sizes:
        yield from batches(size)
source = chain(5, 4)
loss = 0.0
for batch in source:
    loss += float(batch @ np.arange(len(batch)))
half = batches(3)
first = next(half)
second = half.send(2)
lazy = sum(random.random() * float(v) for v in first if v > 1)
loss += lazy
half.close()
""",
    "contexts": """
lr: LR = 0.01
was = os.getcwd()
spoken = io.StringIO()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("one")
    with np.errstate(divide="ignore", invalid="raise"):
        infinite = np.ones(2) / 0
        with decimal.localcontext() as context:
            context.prec = 5
            third = decimal.Decimal(1) / 3
            with pd.option_context("display.max_rows", 3, "display.precision", 2):
                text = repr(table)
                with plt.rc_context({"lines.linewidth": 7.0}):
                    thick = matplotlib.rcParams["lines.linewidth"]
                    with sklearn.config_context(assume_finite=True, transform_output="pandas"):
                        config = sklearn.get_config()
                        with contextlib.chdir(elsewhere):
                            there = os.getcwd()
                            with contextlib.redirect_stdout(spoken):
                                print("inside")
                                with torch.device("meta"):
                                    kind = torch.ones(2).device.type
                                    print(kind)
                                after = torch.ones(2).device.type
                            print("outside")
                        back = os.getcwd() == was
                    config_after = sklearn.get_config()
                text_after = repr(table)
            fourth = decimal.Decimal(1) / 3
        fifth = decimal.Decimal(1) / 3
    warnings.warn("two")
said = spoken.getvalue()
messages = [str(each.message) for each in caught]
loss = float(len(messages)) + thick
""",
    "settings for good": """
lr: LR = 0.01
torch.set_grad_enabled(False)
torch.set_default_dtype(torch.float64)
np.seterr(all="raise")
np.set_printoptions(precision=2)
warnings.simplefilter("ignore")
os.environ["PARKED_TRIAL"] = "yes"
os.chdir(elsewhere)
pd.set_option("display.max_rows", 5)
matplotlib.rcParams["font.size"] = 31
decimal.getcontext().prec = 9
torch.use_deterministic_algorithms(True, warn_only=True)
loss = 0.0
for k in range(4):
    made_here = torch.rand(2)
    assert made_here.dtype == torch.float64
    shown = str(np.array([1 / 3])) + repr(decimal.Decimal(1) / 7) + os.environ["PARKED_TRIAL"]
    shown += os.getcwd() + repr(pd.get_option("display.max_rows"))
    try:
        np.array([1.0]) / 0
    except FloatingPointError:
        loss += made_here.sum().item()
    warnings.warn("not seen")
""",
    "try and finally": """
lr: LR = 0.01
log = []
def risky(k):
    try:
        log.append(("try", k))
        if k % 3 == 1:
            raise ValueError(k)
        if k % 3 == 2:
            return k * 10
    except ValueError as error:
        log.append(("except", error.args))
        try:
            {}["missing"]
        except KeyError as inner:
            log.append(repr(inner.__context__))
        log.append(repr(sys.exc_info()[1]))
        raise RuntimeError("again") from error
    else:
        log.append("else")
    finally:
        log.append(("finally", k, repr(sys.exc_info()[1])))
    return k
loss = 0.0
for k in range(5):
    try:
        loss += risky(k)
    except RuntimeError as error:
        log.append(repr(error.__cause__))
        loss += 0.5
        continue
    else:
        log.append("fine")
    finally:
        log.append("out")
try:
    try:
        raise ExceptionGroup("group", [TypeError(1), OSError(2)])
    except* TypeError as group:
        log.append(len(group.exceptions))
    except* OSError as group:
        log.append(repr(group.exceptions[0]))
except Exception as never:
    log.append("never")
""",
    "figures": """
lr: LR = 0.01
figure, (left, right) = plt.subplots(1, 2)
loss = 0.0
for k in range(3):
    left.plot([0, k], [k, random.random()])
    plt.sca(right)
    plt.scatter([k], [2 * k])
    loss += len(plt.gca().collections)
    plt.title(f"at {k}")
second = plt.figure()
plt.plot([1, 2])
numbers = plt.get_fignums()
plt.figure(figure.number)
plt.xlabel("epoch")
plt.close(second)
left_open = plt.get_fignums()
""",
    "await": """
lr: LR = 0.01
order = []
async def worker(name, times):
    for k in range(times):
        order.append((name, k))
        await asyncio.sleep(0)
    return random.random()
async def numbers():
    for k in range(3):
        yield k
        await asyncio.sleep(0)
gate = asyncio.Event()
async def waits():
    await gate.wait()
    order.append("opened")
task = asyncio.create_task(waits())
results = await asyncio.gather(worker("a", 3), worker("b", 2))
loss = 0.0
async for k in numbers():
    loss += k
    await asyncio.sleep(0.001)
gate.set()
await task
running = asyncio.get_running_loop().is_running()
async with asyncio.timeout(60):
    loss += sum(results)
""",
    "recursion": """
lr: LR = 0.01
calls = 0
def depth(n):
    global calls
    calls += 1
    if n < 2:
        return 1
    left = depth(n - 1)
    right = depth(n - 2)
    return left + right
@functools.lru_cache(None)
def cached(n):
    return n if n < 2 else cached(n - 1) + cached(n - 2)
loss = float(depth(6) + cached(15))
""",
    "scikit-learn": """
lr: LR = 0.01
x, y = features.numpy(), labels.numpy()
shuffled = np.random.permutation(len(x))
model = sklearn.linear_model.SGDClassifier(alpha=lr, random_state=None)
for start in range(0, 24, 8):
    part = shuffled[start:start + 8]
    model.partial_fit(x[part], y[part], classes=[0, 1])
    loss = 1 - model.score(x, y)
other = sklearn.linear_model.LogisticRegression(C=1 / lr)
other.fit(x, y)
loss += 1 - other.score(x, y)
""",
    "chance": """
lr: LR = 0.01
draws = []
for k in range(3):
    draws.append(random.gauss(0, 1))
    draws.append(np.random.normal())
    draws.append(np.random.standard_normal(3))
    draws.append(torch.randn(3))
    draws.append(trial.rng.normal())
    draws.append(random.sample(range(100), 3))
torch.manual_seed(5)
random.seed("text")
np.random.seed(4)
with torch.random.fork_rng():
    torch.manual_seed(1)
    forked = torch.rand(1)
own = torch.Generator().manual_seed(3)
drawn = torch.randperm(9, generator=own)
loss = float(draws[0] + np.random.random() + torch.rand(1).item() + random.random())
""",
    "classes and closures": """
lr: LR = 0.01
def counter():
    count = 0
    def step(by=1):
        nonlocal count
        count += by
        return count
    return step
class Meta(type):
    def __new__(cls, name, bases, body):
        made = super().__new__(cls, name, bases, body)
        made.tag = name.lower()
        return made
class Model(metaclass=Meta):
    rates = [lr * k for k in range(3)]
    best = max(rates, key=lambda rate: -rate)
    def __init__(self, size):
        self.size = size
        self.weights = {k: v for k, v in zip("abc", range(size))}
    @property
    def total(self):
        total = sum(self.weights.values())
        return total
    def __eq__(self, other):
        same = self.size == other.size
        return same
    def __hash__(self):
        code = hash(self.size)
        return code
@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: float = 0.5
    def __post_init__(self):
        self.y += self.x
step = counter()
points = sorted([Point(k) for k in (3, 1, 2)], key=lambda p: (p.x % 2, step()))
models = {Model(k % 2): k for k in range(4)}
found = [(a, b) for a in range(3) for b in range(a) if step(a)]
copied = copy.deepcopy(points)
loss = float(step() + Model(3).total + sum(models.values())) + len(found)
match points:
    case [Point(x=2), *rest]:
        loss += len(rest)
    case _:
        loss -= 1
""",
    "inference mode": """
lr: LR = 0.01
model = make_model(3)
with torch.inference_mode():
    frozen = model(features)
    for k in range(2):
        frozen = frozen * 2
        assert frozen.is_inference()
    with torch.inference_mode(False):
        normal = torch.ones(2)
        assert not normal.is_inference()
    again = model(features)
@torch.inference_mode()
def predict(x):
    y = model(x)
    z = y + 1
    return z
loss = predict(features).abs().mean().item()
out = model(features).sum()
out.backward()
""",
    "saved tensors": """
lr: LR = 0.01
packed = []
def pack(tensor):
    packed.append(tuple(tensor.shape))
    return tensor.numpy().copy() if not tensor.requires_grad else tensor
def unpack(held):
    return torch.from_numpy(held) if isinstance(held, np.ndarray) else held
w = torch.linspace(0, 1, 4, requires_grad=True)
with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
    y = (features * w).tanh()
    z = y.pow(2)
    with torch.autograd.graph.save_on_cpu():
        u = z.exp()
    v = u.sigmoid()
total = v.sum()
total.backward()
grad = w.grad.clone()
loss = total.item()
""",
    "hooks in backward": """
lr: LR = 0.01
norms = []
class Double(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        y = x * 2
        return y
    @staticmethod
    def backward(context, grad):
        x, = context.saved_tensors
        g = grad * 2
        return g + 0 * x
model = make_model(3)
def note(grad):
    size = grad.norm().item()
    norms.append(size)
    return grad
for p in model.parameters():
    p.register_hook(note)
def shape(module, inputs, output):
    k = output.shape
    norms.append(k[0])
model[0].register_forward_hook(shape)
for epoch in range(2):
    model.zero_grad()
    error = Double.apply(model(features)).pow(2).mean()
    error.backward()
    loss = error.item()
""",
    "closure of an optimizer": """
lr: LR = 0.01
w = torch.zeros(4, requires_grad=True)
optimizer = torch.optim.LBFGS([w], lr=0.5, max_iter=3)
calls = 0
def closure():
    global calls
    optimizer.zero_grad()
    error = (features @ w - 1).pow(2).mean()
    error.backward()
    calls += 1
    return error
for epoch in range(2):
    loss = float(optimizer.step(closure))
""",
    "beneath C": """
lr: LR = 0.01
def cost(x):
    value = float(x - 0.3)
    return value * value * value + lr
root = scipy.optimize.brentq(cost, -2, 2)
def bowl(x):
    value = float((x ** 2).sum())
    return value
found = scipy.optimize.minimize(bowl, np.ones(2), method="L-BFGS-B", options={"maxiter": 2})
mapped = list(map(lambda k: k * 2, range(4)))
reduced = functools.reduce(lambda a, b: a * 3 + b, mapped)
ordered = sorted("parking", key=lambda letter: -ord(letter))
class Key:
    def __init__(self, k):
        self.k = k
    def __lt__(self, other):
        less = self.k < other.k
        return less
least = min(Key(k) for k in (3, 1, 2)).k
applied = table["a"].apply(lambda v: v + 1)
grouped = table.groupby(table["a"] > 0)["b"].agg(lambda s: s.sum())
vector = np.vectorize(lambda v: v + 1.0)(np.arange(3))
loss = float(root + found.fun + reduced + least + applied.sum() + grouped.sum() + vector.sum())
""",
    "transformations": """
lr: LR = 0.01
def energy(x):
    y = x.sin()
    z = (y * y).sum()
    return z
point = torch.linspace(0, 1, 3)
slope = torch.func.grad(energy)(point)
each = torch.vmap(lambda x: energy(x) + 1)(features)
with torch.autograd.forward_ad.dual_level():
    dual = torch.autograd.forward_ad.make_dual(point, torch.ones(3))
    tangent = torch.autograd.forward_ad.unpack_dual(energy(dual)).tangent
loss = (slope.sum() + each.sum() + tangent).item()
""",
    "a thread": """
lr: LR = 0.01
answers = []
def work(k):
    total = 0
    for j in range(50):
        total += j * k
    answers.append(total)
threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
answers.sort()
threads = thread = None
loss = float(sum(answers))
""",
    "managers of another cell": """
lr: LR = 0.01
loss = 0.0
with section("outer") as size:
    loss += size
    with section("inner"), contextlib.ExitStack() as stack:
        stack.callback(print, "last")
        stack.enter_context(torch.no_grad())
        for k in range(2):
            loss += k
            print("k =", k)
    with contextlib.suppress(ZeroDivisionError):
        1 / 0
print("end", file=sys.stderr)
trial.report(loss, step=3, extra=1)
loss += 1
""",
    "checkpointing": """
lr: LR = 0.01
import torch.utils.checkpoint
model = make_model(3)
def part(x):
    y = model(x)
    z = y.relu()
    return z
for epoch in range(2):
    model.zero_grad()
    out = torch.utils.checkpoint.checkpoint(part, features, use_reentrant=False)
    error = out.pow(2).mean()
    error.backward()
    loss = error.item()
""",
}

SLOW_TRIALS = {
    "workers": """
lr: LR = 0.01
data = torch.utils.data.TensorDataset(features, labels)
loader = torch.utils.data.DataLoader(data, batch_size=10, shuffle=True, num_workers=1)
seen = []
for epoch in range(2):
    for x, y in loader:
        seen.append(y.tolist())
        loss = float(x.sum())
""",
}

USERS = {
    "nothing": "",
    "draws": """
mine = random.random(), np.random.normal(), torch.rand(3), random.gauss(0, 1)
""",
    "seeds": """
random.seed(1); np.random.seed(2); torch.manual_seed(3)
""",
    "grad off and on": """
torch.set_grad_enabled(False)
assert not (torch.ones(1, requires_grad=True) * 2).requires_grad
torch.set_grad_enabled(True)
with torch.inference_mode(False):
    assert (torch.ones(1, requires_grad=True) * 2).requires_grad
""",
    "turns grad over": "torch.set_grad_enabled(not torch.is_grad_enabled())",
    "goes elsewhere and back": """
here = os.getcwd(); os.chdir("/"); os.chdir(here)
""",
    "goes elsewhere": "os.chdir('/')",
    "trains": """
with torch.inference_mode(False), torch.device("cpu"):
    mine = nn.Linear(4, 2)
    with torch.enable_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        mine(torch.ones(3, 4)).float().sum().backward()
    assert mine.weight.grad is not None
""",
    "figures": """
plt.figure(); plt.plot([1, 2, 3]); plt.title("mine")
""",
    "closes figures": "plt.close('all')",
    "filters": """
warnings.simplefilter("ignore"); warnings.warn("mine")
""",
    "warns": """
with warnings.catch_warnings():
    warnings.simplefilter("always")
    warnings.warn("mine")
warnings.simplefilter("always"); warnings.warn("also mine")
""",
    "resets filters": "warnings.resetwarnings()",
    "rebinds": """
loss = "mine"; model = None; optimizer = k = epoch = 0; x = y = w = total = log = order = []
step = error = width = lr = draws = calls = seen = spoken = history = figure = "mine"
""",
    "rebinds otherwise": """
loss = 1e9; model = optimizer = k = epoch = "other"; x = y = w = total = log = order = None
step = error = width = lr = draws = calls = seen = spoken = history = figure = -1
""",
    "deletes": """
for name in ("loss", "model", "k", "epoch", "x", "y", "w", "log", "lr", "mine"):
    globals().pop(name, None)
del name
""",
    "prints": "print('mine'); print('mine', file=sys.stderr)",
    "sets stdout aside": """
aside = io.StringIO()
with contextlib.redirect_stdout(aside):
    print("aside")
assert aside.getvalue() == "aside\\n"
""",
    "keeps stdout": "sys.stdout = io.StringIO()",
    "imports": "import json, colorsys",
    "runs a loop": """
async def little():
    await asyncio.sleep(0)
    return 3
if asyncio._get_running_loop() is None:
    assert asyncio.run(little()) == 3
else:
    task = little(); task.close()
""",
    "settings": """
pd.set_option("display.max_rows", 11); matplotlib.rcParams["lines.linewidth"] = 3
np.seterr(all="ignore"); sklearn.set_config(assume_finite=True)
decimal.getcontext().prec = 3; np.set_printoptions(precision=1)
""",
    "doubles": "torch.set_default_dtype(torch.float64)",
    "a default device": "torch.set_default_device('meta')",
    "inference": """
with torch.inference_mode():
    mine = torch.ones(2) * 2
assert mine.is_inference()
with torch.inference_mode(False):
    assert not torch.ones(2).is_inference()
""",
    "inference for good": """
if "guard" not in globals():
    guard = torch.inference_mode(True); guard.__enter__()
""",
    "saves tensors": """
kept = []
with torch.autograd.graph.saved_tensors_hooks(lambda t: (kept.append(1), t)[1], lambda t: t):
    mine = torch.ones(2, requires_grad=True).exp()
""",
    "raises": """
try:
    raise KeyError("mine")
except KeyError:
    assert sys.exc_info()[0] is KeyError
assert sys.exc_info() == (None, None, None)
""",
    "collects": "gc.collect()",
    "traces": """
events = []
def mine(frame, event, argument):
    events.append(event)
    return mine
def traced():
    a = 1
    return a
sys.settrace(mine)
traced()
sys.settrace(None)
assert events.count("line") >= 2, events
""",
    "variables": "os.environ['PARKED_TRIAL'] = 'mine'; os.environ['PARKED_USER'] = '1'",
    "calls helpers": """
mine = evaluate(make_model(2)) if torch.get_default_dtype() is torch.float32 \\
    and getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None) is None else None
""",
}

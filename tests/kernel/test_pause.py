"""Pause: the trial stands still where it is, the notebook is the user's, and it goes on."""

from __future__ import annotations

import pytest
from conftest import Starter
from kernels import Execution, Kernel

# HOLD keeps trial 1 on lines of the place where it stands until the user's cell lets it go on.
SETUP = """
import asyncio, contextlib, decimal, io, os, random, sys, threading, time, warnings
import matplotlib.pyplot as plt, numpy, pandas as pd, sklearn, torch
from torch.utils.data import DataLoader
torch.set_num_threads(1)
reached, held = threading.Event(), set()

def here():
    if not reached.is_set():
        reached.set()
        mark('here')

def wait_here():
    while trial.number in held: here()

def batches():
    for number in range(3):
        yield torch.rand(3)
        while trial.number in held: here()

def hash_of(*states):
    return hash(repr(states))

def modes():
    return (
        torch.is_grad_enabled(), torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled('cpu'), str(torch.get_default_device()), os.getcwd(),
        hash_of(warnings.filters), plt.rcParams['lines.linewidth'], plt.get_fignums(),
        pd.get_option('display.max_rows'), numpy.geterr(), sklearn.get_config()['assume_finite'],
        decimal.getcontext().prec, sys.gettrace(), sys.stdout.__class__, os.environ.get('MINE'),
        asyncio._get_running_loop() is not None,
    )

def rng():
    return hash_of(
        torch.get_rng_state().tolist(), numpy.random.get_state()[1].tolist(), random.getstate()
    )
"""
HOLD = "while trial.number in held: here()"
CELL = """%%tune {name} --minimize v -n 3 -o random --shared reached,held {options}
x: Float(0, 1) = 0.5
w = torch.zeros(3, requires_grad=True)
v = 0.0
for epoch in range(4):
    ((w - torch.rand(3)) ** 2).sum().backward()
    w.data -= x * w.grad + random.random() + numpy.random.random()
    if epoch == 1:
{place}
    v = v + float(w.detach().sum()) + random.random()
"""
RAN = "[(t.state.value, t.params, t.value, t.reports) for t in {name}.trials]"
# What the user does meanwhile: everything a trial could trip over.
MEANWHILE = """
torch.manual_seed(99); numpy.random.seed(99); random.seed(99)
v, w, epoch, x = 'mine', 'also', None, ()
warnings.simplefilter('ignore', UserWarning)
plt.figure(7); plt.rcParams['lines.linewidth'] = 4
pd.set_option('display.max_rows', 11)
os.environ['MINE'] = 'set'
print('from the user')
"""
UNDO = """
del v, w, epoch, x, os.environ['MINE']
"""


def cell(name: str, place: str = HOLD, options: str = "") -> str:
    lines = "\n".join(" " * 8 + line for line in place.splitlines())
    return CELL.format(name=name, place=lines, options=options)


@pytest.fixture(name="kernel")
def with_helpers(kernel: Kernel) -> Kernel:
    """The kernel of this file, the helpers above defined."""
    if kernel.value("'held' in globals()") == "False":
        kernel.run(SETUP)
    return kernel


def meanwhile(kernel: Kernel) -> None:
    """What the user does while the study is paused; noted in `seen` and `drawn`."""
    assert kernel.run(MEANWHILE).stdout == "from the user\n"
    kernel.run("seen, drawn = modes(), rng()")


def hold(kernel: Kernel, *numbers: int) -> None:
    """From now on these trials wait where they HOLD."""
    kernel.run(f"reached.clear(); held.clear(); held.update({list(numbers)})")


def paused(kernel: Kernel, text: str, by: str = "button") -> Execution:
    """A cell that was paused in trial 1, at HOLD."""
    name = text.split()[1]
    hold(kernel, 1)
    if by == "thread":
        kernel.run(
            f"def pausing():\n    reached.wait(); {name}.pause()\n"
            "threading.Thread(target=pausing, daemon=True).start()"
        )
    running = kernel.start(text, person=True)
    running.marked("here")
    if by == "button":
        kernel.interrupt()
    shown = running.finish()
    assert shown.error is not None and shown.error.ename == "StudyInterrupted", shown.told
    assert "trial 1 is parked at Cell In[" in shown.told and shown.stderr == ""
    return running


PLACES = {
    "loop": HOLD,
    "helper": "wait_here()",
    "nested": "for i in range(2):\n    for j in range(2):\n        " + HOLD,
    "no_grad": "with torch.no_grad():\n    " + HOLD + "\n    w += torch.rand(3)",
    "await": "while trial.number in held:\n    here(); await asyncio.sleep(0.001)\n"
    "await asyncio.sleep(0)",
    "tasks": "async def late():\n    await asyncio.sleep(0)\n    " + HOLD + "\n"
    "    return random.random()\nv = v + sum(await asyncio.gather(late(), late()))",
    "generator": "for batch in batches():\n    v = v + float(batch.sum())",
    "own generator": "v = v + sum(float(b.sum()) for b in batches() if not [i for i in range(2) "
    "if trial.number in held and here()])",
    "finally": f"try:\n    {HOLD}\nfinally:\n    v = v + random.random()",
    "in finally": f"try:\n    v = v + 1\nfinally:\n    {HOLD}\n    v = v + random.random()",
    "except": f"try:\n    1 / 0\nexcept ZeroDivisionError:\n    {HOLD}\n"
    "    v = v + len(repr(sys.exc_info()[0]))",
    "loader": "for batch in DataLoader(torch.rand(6, 1), batch_size=2, shuffle=True):\n    "
    + HOLD
    + "\n    v = v + float(batch[0])",
    "forked workers": "for batch in DataLoader(torch.rand(6, 1), batch_size=1, shuffle=True, "
    "num_workers=1, prefetch_factor=2, multiprocessing_context='fork'):\n    "
    + HOLD
    + "\n    v = v + float(batch[0])",
    "class": f"class Own:\n    {HOLD}\n    value = random.random()\nv = v + Own.value",
}


@pytest.mark.parametrize("by", ["thread", "button"])
@pytest.mark.parametrize("place", PLACES)
def test_paused_anywhere_equals_not_paused(kernel: Kernel, place: str, by: str) -> None:
    hold(kernel)
    assert kernel.run(cell("whole", PLACES[place])).error is None
    kernel.run("before, drawn = modes(), rng()")
    text = cell("parts", PLACES[place])
    paused(kernel, text, by)
    assert kernel.value("parts.state, parts.trials[-1].state.value") == "('paused', 'RUNNING')"
    # the notebook is the user's, as it was
    assert kernel.value(
        "[n for n in ('v', 'w', 'epoch', 'x', 'i', 'batch') if n in globals()]"
    ) == ("[]")
    assert kernel.value("[modes() == before, rng() == drawn]") == "[True, True]"
    meanwhile(kernel)
    kernel.run("held.clear()")
    shown = kernel.run(text.replace("-o random", "-o random --resume"))
    assert shown.error is None, shown.told
    assert kernel.value(RAN.format(name="parts")) == kernel.value(RAN.format(name="whole"))
    assert kernel.value("[modes() == seen, rng() == drawn]") == "[True, True]"
    assert kernel.value("(v, w, epoch, x)") == "('mine', 'also', None, ())"
    assert kernel.run(UNDO).error is None


CONTEXTS = [
    "torch.no_grad()",
    "torch.inference_mode()",
    "torch.autocast('cpu', dtype=torch.bfloat16)",
    "torch.device('meta')",
    "warnings.catch_warnings(action='error')",
    "plt.rc_context({'lines.linewidth': 9})",
    "pd.option_context('display.max_rows', 3)",
    "sklearn.config_context(assume_finite=True)",
    "numpy.errstate(all='raise')",
    "decimal.localcontext(prec=3)",
    "contextlib.chdir('..')",
    "contextlib.redirect_stdout(io.StringIO())",
]


@pytest.mark.parametrize("context", CONTEXTS)
def test_what_the_trial_has_switched_is_put_aside(kernel: Kernel, context: str) -> None:
    kernel.run("before = modes()")
    place = (
        f"outside = modes()\nwith {context}:\n    inside = modes()\n    {HOLD}\n"
        "    trial.log(same=modes() == inside, other=inside != outside)\n"
        "trial.log(back=modes() == outside)"
    )
    paused(kernel, cell("switched", place))
    assert kernel.value("modes() == before") == "True"
    meanwhile(kernel)
    kernel.run("held.clear()\nswitched.resume()\nswitched.wait()")
    assert kernel.value("switched.state, switched.trials[1].log") == (
        "('finished', {'same': True, 'other': True, 'back': True})"
    )
    assert kernel.value("modes() == seen") == "True"
    kernel.run(UNDO)


def test_half_drawn_figures_and_output_wait_for_their_trial(kernel: Kernel) -> None:
    place = (
        "plt.figure(3); plt.plot([1, 2]); print('before')\n"
        f"{HOLD}\n"
        "plt.plot([2, 1]); print('after')\n"
        "trial.log(lines=len(plt.gca().lines), figures=str(plt.get_fignums()))"
    )
    running = paused(kernel, cell("drawing", place))
    assert kernel.value("plt.get_fignums()") == "[]"
    kernel.run("plt.figure(3); plt.plot([5, 5, 5]); print('mine')")
    kernel.run("plt.close('all'); held.clear()\ndrawing.resume()\ndrawing.wait()")
    assert kernel.value("drawing.trials[1].log") == "{'lines': 2, 'figures': '[3]'}"
    assert kernel.value("drawing.trials[1].output.split()[:2]") == "['before', 'after']"
    # of trial 0 alone the output is shown
    assert running.shown.stdout == "before\nafter\n"


def test_queued_cells_are_aborted_by_a_pause_from_anywhere(kernel: Kernel) -> None:
    kernel.run(
        "ran = []; reached.clear(); held.clear(); held.add(1)\n"
        "def pausing():\n    reached.wait(); queue.pause()\n"
        "threading.Thread(target=pausing, daemon=True).start()"
    )
    # Run All
    cells = [
        kernel.start(text)
        for text in ("ran.append(1)", cell("queue"), "ran.append(2)", "ran.append(3)")
    ]
    assert [each.finish().status for each in cells] == ["ok", "error", "aborted", "aborted"]
    assert kernel.value("ran, queue.state") == "([1], 'paused')"
    kernel.run("held.clear()")
    cells = [kernel.start(text) for text in (cell("queue", options="--resume"), "ran.append(2)")]
    assert [each.finish().status for each in cells] == ["ok", "ok"]
    assert kernel.value("ran, queue.state, len(queue)") == "([1, 2], 'finished', 3)"


def test_a_trial_may_pause_its_own_study(kernel: Kernel) -> None:
    hold(kernel)
    shown = kernel.run(cell("own", "if trial.number == 1: own.pause()"))
    assert "trial 1 is parked at" in shown.told
    kernel.run("own.resume()\nown.wait()")
    assert kernel.value("own.state, len(own)") == "('finished', 3)"


def test_paused_between_two_trials(kernel: Kernel) -> None:
    kernel.run(
        "class Pausing:\n    def ask(self, number, rng, running):\n"
        "        if number == 2: between.pause()\n        return {'x': number / 10}\n"
        "    def tell(self, trial): pass\npausing = Pausing()"
    )
    hold(kernel)
    text = cell("between").replace("-o random", "-o pausing")
    shown = kernel.run(text)
    assert "paused after 2 of 3 trials: between two trials" in shown.told or (
        "trial 2 is parked" in shown.told
    )
    kernel.run("between.resume()\nbetween.wait()")
    assert kernel.value("between.state, [t.number for t in between.trials]") == (
        "('finished', [0, 1, 2])"
    )


def test_what_a_paused_study_says(kernel: Kernel) -> None:
    running = paused(kernel, cell("says", "ballast = bytearray(30 * 2**20)\n" + HOLD))
    view = running.shown.view
    assert view.startswith("says: paused, 1 of 3 trials") and "is parked at" in view
    assert "the kernel has grown by " in " ".join(view.split()) and " MB since" in view
    assert kernel.value("says.trials[1].state.value, len(says)") == "('RUNNING', 2)"
    assert "trial 1 of study 'says' is under way" in kernel.run("says.replay(0)").told
    assert kernel.run("says.enqueue(x=0.25)").error is None
    assert kernel.value("says.best_trial.number") == "0"
    kernel.run("held.clear()\nsays.resume()\nsays.wait()")
    assert kernel.value("says.trials[2].params, says.replay(0) == says.trials[0].value") == (
        "({'x': 0.25}, True)"
    )


def test_the_same_trial_is_paused_over_and_over(kernel: Kernel) -> None:
    hold(kernel)
    kernel.run(cell("once", "for i in range(50): v = v + random.random()"))
    place = "for i in range(50):\n    v = v + random.random()\n    if i % 5 == 4: often.pause()"
    shown = kernel.run(cell("often", place))
    assert shown.error is not None and "is parked at" in shown.told
    parks = 1
    while kernel.value("often.state") == "'paused'":
        parks += 1
        assert kernel.run("torch.rand(2)\noften.resume()\noften.wait()").error is None
    assert parks > 1  # how many, the pacer says: it takes some lines to notice
    assert kernel.value(RAN.format(name="often")) == kernel.value(RAN.format(name="once"))


TRACED = """
def traced(a):
    b = a + 1
    return b
events = []
def tracer(frame, event, argument):
    if frame.f_code.co_name == 'traced': events.append(event)
    return tracer
sys.settrace(tracer); traced(1); sys.settrace(None)
"""


def test_the_users_tracing_works_while_a_trial_is_parked(kernel: Kernel) -> None:
    hold(kernel)
    kernel.run(cell("untraced"))
    text = cell("traced_study")
    paused(kernel, text)
    assert kernel.run(TRACED).error is None
    assert kernel.value("events") == "['call', 'line', 'line', 'return']"
    assert kernel.value("sys.gettrace() is None") == "True"
    shown = kernel.run("import pdb; pdb.run('traced(2)')", answers=["s", "s", "n", "p b", "c"])
    assert shown.error is None and "3" in shown.stdout
    kernel.run("held.clear()\ntraced_study.resume()\ntraced_study.wait()")
    assert kernel.value(RAN.format(name="traced_study")) == kernel.value(
        RAN.format(name="untraced")
    )


def test_with_a_tracer_of_the_users_reports_are_where_trials_are_parked(kernel: Kernel) -> None:
    # as a debugger that is attached
    hold(kernel)
    kernel.run(cell("alone"))
    kernel.run("def mine(*ignored): return mine")
    shown = kernel.run(
        "sys.settrace(mine)\ntry:\n    get_ipython().run_cell_magic('tune', "
        + repr(
            "debugged --minimize v -n 3 -o random --shared reached,held",
        )
        + ", "
        + repr(cell("", "if trial.number == 1: debugged.pause()").partition("\n")[2])
        + ")\nfinally:\n    print(sys.gettrace() is mine); sys.settrace(None)"
    )
    assert shown.stdout == "True\n" and "trial 1 is parked at" in shown.told
    assert kernel.value("list(debugged.trials[1].reports)") == kernel.value(
        "list(alone.trials[1].reports)[:2]"
    )
    kernel.run("debugged.resume()\ndebugged.wait()")
    assert kernel.value(RAN.format(name="debugged")) == kernel.value(RAN.format(name="alone"))


@pytest.mark.parametrize("place", ["loop", "no_grad", "await", "generator", "loader"])
def test_without_tracing_trials_are_parked_at_their_reports(start: Starter, place: str) -> None:
    kernel = start(environment={"JUPYTER_HPO_TRACE": "0"})
    kernel.run(SETUP)
    hold(kernel)
    kernel.run(cell("whole", PLACES[place]))
    asking = "if trial.number == 1: parts.pause()\n" + PLACES[place]
    shown = kernel.run(cell("parts", asking))
    assert "trial 1 is parked at" in shown.told
    assert kernel.value("list(parts.trials[1].reports)") == (
        kernel.value("list(whole.trials[1].reports)[:2]")
    )
    meanwhile(kernel)
    kernel.run("parts.resume()\nparts.wait()")
    assert kernel.value(RAN.format(name="parts")) == kernel.value(RAN.format(name="whole"))
    assert kernel.value("modes() == seen, (v, w, epoch, x)") == (
        "(True, ('mine', 'also', None, ()))"
    )

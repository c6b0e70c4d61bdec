"""Trials that fail: the first one is the user's to debug, later ones are stored."""

from __future__ import annotations

import pytest
from kernels import Kernel

BAD_LATER = """%%tune {name} --minimize v -o random -n {total} {options}
x: Float(0, 1) = 0.5
v = x
if trial.number >= {first}:
    raise ValueError({message})
"""


def bad_later(
    name: str, message: str = "'no'", first: int = 1, total: int = 8, options: str = ""
) -> str:
    return BAD_LATER.format(name=name, message=message, first=first, total=total, options=options)


def test_the_first_failure_is_the_users_own_exception(kernel: Kernel) -> None:
    kernel.run(
        "class Mine(LookupError):\n    pass\n"
        "def deep(x):\n    if x:\n        raise Mine('the reason', x)\n"
        "def helper(x):\n    deep(x)"
    )
    shown = kernel.run("%%tune first --minimize v\nx: Float(0, 1) = 0.5\nv = helper(x)")
    assert shown.status == "error" and shown.error is not None
    assert shown.error.ename == "Mine" and shown.error.evalue == "('the reason', 0.5)"
    trace = shown.error.traceback
    assert "jupyter_hpo" not in trace and "IPython" not in trace
    assert trace.index("v = helper(x)") < trace.index("deep(x)") < trace.index("raise Mine")
    assert shown.view.startswith("first: failed")
    assert kernel.value("first.state, first.trials[0].state.value") == "('failed', 'FAIL')"
    caught = kernel.run(
        "try:\n    get_ipython().run_cell_magic('tune', 'first --minimize v', "
        "'x: Float(0, 1) = 0.5\\nv = helper(x)')\nexcept Mine as error:\n    print(error.args)"
    )
    assert caught.stdout == "('the reason', 0.5)\n"


def test_its_causes_are_shown_too(kernel: Kernel) -> None:
    shown = kernel.run(
        "%%tune chain --minimize v\nx: Float(0, 1) = 0.5\n"
        "try:\n    {}['key']\nexcept KeyError as error:\n"
        "    raise RuntimeError('later') from error\nv = x"
    )
    assert shown.error is not None and shown.error.ename == "RuntimeError"
    assert "{}['key']" in shown.error.traceback and "direct cause" in shown.error.traceback
    assert "jupyter_hpo" not in shown.error.traceback


def test_debug_sees_the_trials_variables(kernel: Kernel) -> None:
    kernel.run("def divide(numerator):\n    inner = 'inside'\n    return numerator / 0")
    kernel.run(
        "%%tune debugged --minimize v\nx: Float(0, 1) = 0.25\nown = 'of the trial'\nv = divide(x)"
    )
    shown = kernel.run("%debug", answers=["p inner", "up", "p own, x", "q"])
    assert len(shown.prompts) == 4
    assert "'inside'" in shown.stdout and "('of the trial', 0.25)" in shown.stdout
    assert "v = divide(x)" in shown.stdout
    # as after a plain cell that failed
    assert kernel.value("(own, x)") == "('of the trial', 0.25)"


def test_later_failures_are_kept_as_text_and_the_study_goes_on(kernel: Kernel) -> None:
    kernel.run("import gc, weakref\nclass Big: pass\nalive = weakref.WeakSet()")
    shown = kernel.run(
        "%%tune some --minimize v -n 9 -o random\nx: Float(0, 1) = 0.5\n"
        "def train(x):\n    held = Big(); alive.add(held)\n"
        "    if trial.number % 3 == 1: raise OSError(f'number {trial.number}')\n    return x\n"
        "v = train(x)"
    )
    assert shown.error is None, shown.told
    assert "3 trials failed" in shown.view
    assert kernel.value("[t.number for t in some.trials if t.state.value == 'FAIL']") == "[1, 4, 7]"
    assert kernel.value("some.state, len(some)") == "('finished', 9)"
    assert kernel.value("[t.reason for t in some.trials if t.error]") == (
        "['OSError: number 1', 'OSError: number 4', 'OSError: number 7']"
    )
    assert kernel.value("all(t.value is None for t in some.trials if t.error)") == "True"
    assert kernel.value("gc.collect() * 0, len(alive)") == "(0, 0)"


def test_replay_of_a_failed_trial_raises_and_can_be_debugged(kernel: Kernel) -> None:
    kernel.run(bad_later("rep", first=2, total=4, message="f'x is {x}'"))
    shown = kernel.run("rep.replay(2)")
    assert shown.error is not None and shown.error.ename == "ValueError"
    assert "raise ValueError" in shown.error.traceback
    debugged = kernel.run("%debug", answers=["p v == x, trial.number", "q"])
    assert "(True, " in debugged.stdout


def test_three_identical_failures_pause_where_a_person_sits(kernel: Kernel) -> None:
    shown = kernel.run(bad_later("three"), person=True)
    assert shown.error is not None and shown.error.ename == "StudyError"
    assert "paused" in shown.told and "ValueError: no" in shown.told and "Resume" in shown.told
    assert kernel.value("three.state, len(three)") == "('paused', 4)"
    again = kernel.run(bad_later("three", options="--resume"), person=True)
    assert "paused" in again.told
    assert kernel.value("three.state, len(three)") == "('paused', 7)"


def test_three_identical_failures_end_the_study_where_nobody_sits(kernel: Kernel) -> None:
    shown = kernel.run(bad_later("alone"), person=False)
    assert shown.error is not None and shown.error.ename == "StudyError"
    assert "failed" in shown.told and "ValueError: no" in shown.told
    assert kernel.value("alone.state, len(alone)") == "('failed', 4)"


def test_different_failures_do_not_end_it(kernel: Kernel) -> None:
    shown = kernel.run(bad_later("differ", message="f'number {trial.number}'"))
    assert shown.error is None, shown.told
    assert kernel.value("differ.state, len(differ)") == "('finished', 8)"


def test_max_failures(kernel: Kernel) -> None:
    shown = kernel.run(bad_later("limited", "trial.number", options="--max-failures 2"))
    assert "2 trials failed, as many as allowed" in shown.told
    assert kernel.value("limited.state, len(limited)") == "('failed', 3)"


def test_retries(kernel: Kernel) -> None:
    kernel.run("attempts = []")
    shown = kernel.run(
        "%%tune retry --minimize v -n 4 -o random --retries 2 --shared attempts\n"
        "x: Float(0, 1) = 0.5\nattempts.append(trial.number)\n"
        "if attempts.count(trial.number) <= trial.number: raise ValueError(len(attempts))\nv = x"
    )
    assert shown.error is None, shown.told
    assert kernel.value("attempts") == "[0, 1, 1, 2, 2, 2, 3, 3, 3]"
    assert kernel.value("[t.state.value for t in retry.trials]") == (
        "['COMPLETE', 'COMPLETE', 'COMPLETE', 'FAIL']"
    )


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("exits", "import sys; sys.exit(3)", "SystemExit: 3"),
        ("nan", "v = float('nan')", "`v` is NaN"),
        ("lists", "v = [1, 2]", "is a list of 2 values"),
        ("unset", "del v", "without assigning `v`"),
        ("base", "class Odd(BaseException): pass\n    raise Odd('odd')", "Odd: odd"),
        ("memory", "raise MemoryError", "MemoryError"),
        ("recursion", "f = lambda: f()\n    f()", "RecursionError"),
        ("silent", "class Bad(Exception):\n        def __str__(self): 1 / 0\n    raise Bad", "Bad"),
        ("slots", "class S(Exception): __slots__ = ()\n    raise S('s')", "S: s"),
        ("group", "raise ExceptionGroup('g', [ValueError('in')])", "ValueError: in"),
        ("generator", "raise StopIteration", "StopIteration"),
    ],
)
def test_whatever_a_trial_does_is_a_failed_trial(
    kernel: Kernel, name: str, code: str, reason: str
) -> None:
    shown = kernel.run(
        f"%%tune {name} --minimize v -n 4 -o random\nx: Float(0, 1) = 0.5\nv = x\n"
        f"if trial.number == 1:\n    {code}"
    )
    assert shown.error is None, shown.told
    states = kernel.value(f"[t.state.value for t in {name}.trials]")
    assert states == "['COMPLETE', 'FAIL', 'COMPLETE', 'COMPLETE']"
    assert reason in kernel.run(f"print({name}.trials[1].error)").stdout


@pytest.mark.parametrize("code", ["import sys; sys.exit(3)", "raise SystemExit"])
def test_exit_in_the_first_trial_ends_cell_and_study_but_not_the_kernel(
    kernel: Kernel, code: str
) -> None:
    kernel.run(f"%%tune leaving --minimize v -n 4 -o random\nx: Float(0, 1) = 0.5\n{code}\nv = x")
    assert kernel.value("leaving.state, len(leaving)") == "('failed', 1)"


def test_a_trial_that_swallows_everything(kernel: Kernel) -> None:
    shown = kernel.run(
        "%%tune swallow --minimize v -n 4 -o random\nx: Float(0, 1) = 0.5\n"
        "try:\n    raise SystemExit\nexcept BaseException:\n    v = x"
    )
    assert shown.error is None and kernel.value("swallow.state") == "'finished'"


def test_a_keyboard_interrupt_the_trial_raises_pauses_the_study(kernel: Kernel) -> None:
    shown = kernel.run(
        "%%tune kbd --minimize v -n 4 -o random\nx: Float(0, 1) = 0.5\n"
        "class Stop(KeyboardInterrupt): pass\nv = x\nif trial.number == 2: raise Stop"
    )
    assert shown.error is not None and shown.error.ename == "StudyInterrupted"
    assert kernel.value("kbd.state, [t.state.value for t in kbd.trials]") == (
        "('paused', ['COMPLETE', 'COMPLETE', 'INTERRUPTED'])"
    )


def test_a_broken_repr_of_a_parameter_breaks_nothing(kernel: Kernel) -> None:
    kernel.run("def relu(x): return x\nclass Tanh:\n    def __repr__(self): 1 / 0\ntanh = Tanh()")
    shown = kernel.run(
        "%%tune objects --minimize v -n 3 -o random\n"
        "act: Categorical(relu, abs) = relu\nother = tanh\nv = act(0.5)"
    )
    assert shown.error is None, shown.told
    assert kernel.value("objects.best_params['act'] in (relu, abs)") == "True"

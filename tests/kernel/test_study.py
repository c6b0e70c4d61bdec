"""A study from its cell to its result, and that it leaves the notebook as it was."""

from __future__ import annotations

import re

import pytest
from kernels import Kernel

QUADRATIC = """%%tune {name} --minimize loss -o random -n 8 {options}
x: Float(-4, 4) = 2.0
kind: Categorical("a", "b") = "a"
scratch = 7
for epoch in range(3):
    loss = (x - 1) ** 2 + epoch * 0
"""


def quadratic(name: str, options: str = "") -> str:
    return QUADRATIC.format(name=name, options=options)


def test_end_to_end(kernel: Kernel) -> None:
    kernel.run("x = 'mine'; loss = 'also mine'")
    before = kernel.value("sorted(n for n in globals() if not n.startswith('_'))")
    shown = kernel.run(quadratic("one"))
    assert shown.status == "ok" and shown.error is None and shown.stderr == ""
    assert len(shown.displays) == 1
    assert shown.view.startswith("one: finished, 8 of 8 trials")
    assert "jhpo" in shown.displays[0]["text/html"]
    assert kernel.value("one.trials[0].params") == "{'x': 2.0, 'kind': 'a'}"
    assert kernel.value("one.trials[0].value") == "1.0"
    assert kernel.value("one.best_value == min(t.value for t in one.trials)") == "True"
    assert kernel.value("one.best_value == (one.best_params['x'] - 1) ** 2") == "True"
    assert kernel.value("[r.step for r in one.trials[3].reports]") == "[0, 1, 2]"
    assert kernel.value("one.state, len(one), one.name") == "('finished', 8, 'one')"
    assert kernel.value("(x, loss)") == "('mine', 'also mine')"
    after = kernel.value("sorted(n for n in globals() if not n.startswith('_'))")
    assert sorted([*eval(before), "one"]) == eval(after)


def test_without_a_name_it_is_called_study(kernel: Kernel) -> None:
    shown = kernel.run("%%tune --maximize v -n 3 -o random\nx: Float(0, 1) = 0.5\nv = x")
    assert shown.view.startswith("study: finished")
    assert kernel.value("study.best_value == max(t.value for t in study.trials)") == "True"


def test_same_cell_same_study_other_seed_another(kernel: Kernel) -> None:
    for name, options in (("same1", ""), ("same2", ""), ("other", "--seed 5")):
        kernel.run(quadratic(name, options))
    assert kernel.value("[t.params for t in same1.trials] == [t.params for t in same2.trials]") == (
        "True"
    )
    assert kernel.value("[t.params for t in same1.trials] == [t.params for t in other.trials]") == (
        "False"
    )


def test_the_metric_of_another_cell_is_no_result(kernel: Kernel) -> None:
    kernel.run("score = 0.5")
    shown = kernel.run(
        "%%tune leak --maximize score -n 2 -o random\n"
        "x: Float(0, 1) = 0.5\nif x > 2:\n    score = x"
    )
    assert shown.error is not None and "without assigning `score`" in shown.error.traceback
    assert kernel.value("score") == "0.5"


def test_random_state_of_the_user_is_untouched(kernel: Kernel) -> None:
    kernel.run("import random, numpy as np, torch")
    seed = "random.seed(3); np.random.seed(3); torch.manual_seed(3);"
    kernel.run(f"{seed} random.gauss(0, 1); np.random.normal()")
    kernel.run("states = random.getstate(), np.random.get_state(), torch.get_rng_state()")
    kernel.run(
        "%%tune rng --minimize v -n 3 -o random\n"
        "x: Float(0, 1) = 0.5\n"
        "random.seed(99); np.random.seed(99); torch.manual_seed(99)\n"
        "v = random.random() + np.random.random() + float(torch.rand(1))"
    )
    assert kernel.value("rng.state") == "'finished'"
    same = (
        "(states[0] == random.getstate(), "
        "all(np.array_equal(a, b) for a, b in zip(states[1], np.random.get_state())), "
        "torch.equal(states[2], torch.get_rng_state()))"
    )
    assert kernel.value(same) == "(True, True, True)"


def test_trials_have_chance_of_their_own_and_the_same_each_time(kernel: Kernel) -> None:
    cell = (
        "%%tune {name} --minimize v -n 3 -o random\nimport random, numpy, torch\n"
        "x: Float(0, 1) = 0.5\n"
        "v = random.random() + numpy.random.random() + float(torch.rand(1)) + trial.rng.random()"
    )
    kernel.run(cell.format(name="chance1") + "\nx")
    kernel.run("import random; random.seed(77)")
    kernel.run(cell.format(name="chance2") + "\nx")
    assert kernel.value(
        "[t.value for t in chance1.trials] == [t.value for t in chance2.trials]"
    ) == ("True")
    assert kernel.value("len({t.value for t in chance1.trials})") == "3"


def test_functions_and_classes_of_other_cells_see_the_trials_variables(kernel: Kernel) -> None:
    kernel.run(
        "class Model:\n    def __init__(self, w): self.w = w\n"
        "    def total(self): return self.w + offset\n"
        "def evaluate(): return model.total()\n"
        "def assign():\n    global told\n    told = width\n"
        "model, offset, told = Model(-100), 1000, 'before'"
    )
    shown = kernel.run(
        "%%tune see --maximize value -n 4 -o random\nwidth: Int(1, 50) = 3\noffset = 0.5\n"
        "model = Model(width)\nassign()\nvalue = evaluate() + (told - width)"
    )
    assert shown.error is None, shown.told
    assert kernel.value("all(t.value == t.params['width'] + 0.5 for t in see.trials)") == "True"
    assert kernel.value("(model.w, offset, told)") == "(-100, 1000, 'before')"


def test_classes_of_the_notebook_and_of_the_trial_pickle(kernel: Kernel) -> None:
    kernel.run("import pickle, copy\nclass Net:\n    size = 3")
    shown = kernel.run(
        "%%tune pick --minimize v -n 3 -o random\nx: Float(0, 1) = 0.5\n"
        "class Local:\n    def __init__(self, x): self.x = x\n"
        "back = pickle.loads(pickle.dumps((Local(x), Net())))\n"
        "assert type(back[0]) is Local and type(back[1]) is Net\nv = back[0].x"
    )
    assert shown.error is None, shown.told
    assert kernel.value("(pick.state, [t.state.value for t in pick.trials])") == (
        "('finished', ['COMPLETE', 'COMPLETE', 'COMPLETE'])"
    )
    assert kernel.value("'Local' in globals()") == "False"


def test_keep_holds_variables_of_the_best_trial_only(kernel: Kernel) -> None:
    kernel.run(quadratic("kept", "--keep scratch,epoch,nothing"))
    assert kernel.value("kept.best_trial.namespace") == "{'scratch': 7, 'epoch': 2}"
    assert kernel.value("[t.number for t in kept.trials if t.namespace]") == (
        kernel.value("[kept.best_trial.number]")
    )
    assert kernel.value("[n for n in kept.record.info.notes if 'keep' in n]") == (
        "['--keep finds no `nothing` among the variables of a trial.']"
    )


def test_what_keep_holds_goes_along_on_resume_or_is_said_to_be_gone(kernel: Kernel) -> None:
    def resume(options: str) -> None:
        shown = kernel.run(quadratic("along", f"{options} --resume").replace("-n 8", "-n 9"))
        assert shown.error is None, shown.told

    said = "[n for n in along.record.info.notes if 'keep' in n]"
    kernel.run(quadratic("along", "--keep scratch --no-baseline"))
    kernel.run("along.enqueue(x=0.0)")  # a worse one
    resume("--keep scratch")
    assert kernel.value(f"along.best_trial.namespace, {said}") == "({'scratch': 7}, [])"
    resume("--keep scratch,epoch")
    assert "no `epoch` of trial" in kernel.value(said)
    kernel.restart()
    resume("--keep scratch")
    assert "no `scratch` of trial" in kernel.value(said)
    assert kernel.value("along.best_trial.namespace is None") == "True"


def test_apply_binds_the_best_values_and_code_shows_them(kernel: Kernel) -> None:
    kernel.run(quadratic("good"))
    kernel.run("x = 'mine'")
    assert kernel.value("good.apply() == good.best_params") == "True"
    assert kernel.value("(x, kind) == (good.best_params['x'], good.best_params['kind'])") == "True"
    kernel.run("exec(good.code())")
    assert kernel.value("(scratch, loss == good.best_value)") == "(7, True)"
    kernel.run("del x, kind, scratch, loss, epoch")


def test_enqueued_configurations_run_next(kernel: Kernel) -> None:
    kernel.run(quadratic("queue"))
    kernel.run("queue.enqueue(x=1.0)")
    kernel.run(quadratic("queue", "--resume").replace("-n 8", "-n 9"))
    assert kernel.value("(queue.trials[8].params, queue.best_value)") == (
        "({'x': 1.0, 'kind': 'a'}, 0.0)"
    )


def test_replay_shows_output_and_value_and_changes_nothing(kernel: Kernel) -> None:
    kernel.run(quadratic("again") + "print('loss is', loss)")
    shown = kernel.run("again.replay(5) == again.trials[5].value")
    assert shown.text == "True"
    assert shown.stdout.startswith("loss is ")
    assert kernel.value("len(again), 'loss' in globals(), 'scratch' in globals()") == (
        "(8, False, False)"
    )


def test_a_trial_can_stop_the_study(kernel: Kernel) -> None:
    shown = kernel.run(
        "%%tune halt --minimize v -n 9 -o random\nx: Float(0, 1) = 0.5\nv = x\n"
        "if trial.number == 3:\n    halt.stop()\n    while True: pass"
    )
    assert shown.error is None, shown.told
    ended = "halt: stopped, 3 of 9 trials.*1 interrupted"
    assert re.match(ended, shown.view, re.DOTALL), shown.view
    assert kernel.value("halt.state, len(halt)") == "('stopped', 4)"


def test_a_report_after_stop_ends_the_trial_at_once(kernel: Kernel) -> None:
    shown = kernel.run(
        "%%tune halted --minimize v -n 9 -o random\nx: Float(0, 1) = 0.5\n"
        "for i in range(50):\n    v = x\n    if trial.number == 2 and i == 3: halted.stop()"
    )
    assert shown.error is None, shown.told
    last = kernel.value("halted.state, halted.trials[-1].state.value")
    assert last == "('stopped', 'INTERRUPTED')"
    # at this report, or at a line before it
    assert kernel.value("len(halted.trials[-1].reports) in (3, 4)") == "True"


@pytest.mark.parametrize("inner", ["tune", "replay", "line"])
def test_no_study_inside_a_trial(kernel: Kernel, inner: str) -> None:
    code = {
        "tune": "get_ipython().run_cell_magic('tune', 'inner --minimize w', 'w = 1')",
        "replay": "nested.replay(0)",
        "line": "get_ipython().run_line_magic('tune', 'wait nested')",
    }[inner]
    shown = kernel.run(f"%%tune nested --minimize v -n 2\nx: Float(0, 1) = 0.5\n{code}\nv = x")
    assert shown.error is not None and shown.error.ename == "StudyError"
    assert "inside a trial" in shown.error.traceback

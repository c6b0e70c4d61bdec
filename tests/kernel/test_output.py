"""What trials print, display and draw: kept per trial, shown for the first one."""

from __future__ import annotations

import pytest
from kernels import Kernel

HEAD = "%%tune {name} --minimize v -n {n} -o random\nx: Float(0, 1) = 0.5\nv = x\n"


def cell(name: str, body: str, n: int = 3) -> str:
    return HEAD.format(name=name, n=n) + body


def test_output_is_kept_per_trial_and_shown_once_for_the_first(kernel: Kernel) -> None:
    kernel.run("import sys\nfrom IPython.display import display, HTML\nprinted = print")
    shown = kernel.run(
        cell(
            "kept",
            "printed('number', trial.number)\nprint('bad', file=sys.stderr)\n"
            "display(HTML(f'<b>{trial.number}</b>'))\n!echo shell $$x",
        )
    )
    assert shown.error is None, shown.told
    assert shown.stdout.count("number 0") == 1 and "number 1" not in shown.stdout
    assert shown.stderr == "bad\n"
    assert [d["text/html"] for d in shown.displays[1:]] == ["<b>0</b>"]
    for number in range(3):
        output = kernel.value(f"kept.trials[{number}].output")
        assert f"number {number}" in output and "bad" in output and "HTML object" in output
        assert "shell" in output
    assert kernel.run("print('back to normal')").stdout == "back to normal\n"


def test_threads_print_into_their_trial(kernel: Kernel) -> None:
    kernel.run("import threading, concurrent.futures")
    shown = kernel.run(
        cell(
            "threads",
            "def say():\n    for i in range(50): print('thread', trial.number)\n"
            "t = threading.Thread(target=say); t.start(); t.join()\n"
            "with concurrent.futures.ThreadPoolExecutor(4) as pool:\n"
            "    list(pool.map(lambda i: print('pool', i), range(20)))",
        )
    )
    assert shown.error is None, shown.told
    assert shown.stdout.count("thread 0") == 50 and "thread 1" not in shown.stdout
    assert kernel.value("threads.trials[2].output.count('thread 2')") == "50"
    assert kernel.value("threads.trials[2].output.count('pool')") == "20"


def test_a_thread_that_outlives_its_trial_breaks_nothing(kernel: Kernel) -> None:
    kernel.run("import threading\ngo, done = threading.Event(), threading.Event()")
    shown = kernel.run(
        cell(
            "outlive",
            "import sys\ndef late(out=sys.stdout):\n"
            "    go.wait(); out.write('late'); print('late'); out.flush(); done.set()\n"
            "if trial.number == 1: threading.Thread(target=late, daemon=True).start()",
        )
    )
    assert shown.error is None, shown.told
    assert kernel.value("go.set(), done.wait(30)") == "(None, True)"
    assert kernel.value("outlive.state, len(outlive)") == "('finished', 3)"


@pytest.mark.parametrize(
    "code",
    [
        "sys.stdout = io.StringIO()",
        "sys.stdout.close()",
        "sys.stderr = sys.stdout = None",
        "sys.stdout = open(os.devnull, 'w'); sys.stdout.close()",
        "contextlib.redirect_stdout(io.StringIO()).__enter__()",
        "sys.stdout.write = None",
        "del sys.stdout",
    ],
)
def test_a_trial_that_breaks_sys_stdout(kernel: Kernel, code: str) -> None:
    kernel.run("import contextlib, io, os, sys")
    shown = kernel.run(cell("broken", f"print('before')\nif trial.number < 2: {code}"))
    assert shown.error is None, shown.told
    assert shown.stdout == "before\n"
    assert kernel.value("[t.output for t in broken.trials]") == (
        "['before\\n', 'before\\n', 'before\\n']"
    )
    after = kernel.run("print('out'); print('err', file=sys.stderr)")
    assert (after.stdout, after.stderr) == ("out\n", "err\n")


def test_streams_do_what_libraries_ask_of_them(kernel: Kernel) -> None:
    shown = kernel.run(
        cell(
            "stream",
            "import sys\nfor s in (sys.stdout, sys.stderr):\n"
            "    s.writelines(['a', 'b']); s.flush(); s.isatty(); s.encoding; s.errors\n"
            "    assert s.writable() and not s.closed\n"
            "try: sys.stdout.write(3)\nexcept TypeError: print('!')\n"
            "import logging; logging.getLogger().warning('logged')\n"
            "import warnings; warnings.warn(f'careful {trial.number}')",
        )
    )
    assert shown.error is None, shown.told
    assert "ab" in shown.stdout and "!" in shown.stdout
    assert kernel.value("'careful 2' in stream.trials[2].output") == "True"


def test_clear_output_in_the_loop_does_not_clear_the_view(kernel: Kernel) -> None:
    kernel.run("from IPython.display import clear_output")
    shown = kernel.run(
        cell(
            "cleared",
            "for i in range(5):\n    clear_output(wait=i % 2 == 0)\n    print('epoch', i)",
        )
    )
    assert shown.error is None, shown.told
    assert shown.view.startswith("cleared: finished, 3 of 3")
    assert kernel.value("[t.output for t in cleared.trials]") == (
        "['epoch 4\\n', 'epoch 4\\n', 'epoch 4\\n']"
    )
    assert "epoch 4" in shown.stdout
    after = kernel.run("print('gone')\nclear_output()\nprint('there')")
    assert after.stdout == "there\n"


def test_tqdm(kernel: Kernel) -> None:
    shown = kernel.run(
        cell(
            "bars",
            "from tqdm import tqdm, trange\n"
            "for i in tqdm(range(30), desc='epochs', mininterval=0):\n    v = x + i",
        )
    )
    assert shown.error is None, shown.told
    assert "epochs: 100%" in shown.stderr and "30/30" in shown.stderr
    assert kernel.value("all('30/30' in t.output for t in bars.trials)") == "True"
    assert kernel.value("[len(t.reports) for t in bars.trials]") == "[30, 30, 30]"


def test_big_outputs_are_bounded(kernel: Kernel) -> None:
    shown = kernel.run(
        cell(
            "big",
            "if trial.number:\n    print('start')\n    for i in range(10): print('x' * 10**6)\n"
            "    print('the end')",
            n=2,
        )
    )
    assert shown.error is None, shown.told
    assert shown.stdout == ""
    output = "big.trials[1].output"
    assert int(kernel.value(f"len({output})")) < 200_000
    assert kernel.value(f"{output}.startswith('start'), {output}.endswith('the end\\n')") == (
        "(True, True)"
    )
    assert "characters left out" in kernel.run(f"print({output})").stdout


def test_figures(kernel: Kernel) -> None:
    kernel.run("%matplotlib inline\nimport matplotlib.pyplot as plt")
    # the inline backend closes a cell's figures at its end: these two are kept for later cells
    kernel.run("plt.show._draw_called = False\n%config InlineBackend.close_figures = False")
    kernel.run("mine = plt.figure('mine'); plt.plot([1, 2])")
    shown = kernel.run(
        cell(
            "drawn",
            "plt.plot([1, x])\nplt.title(f'trial {trial.number}')\n"
            "plt.figure('other')\nplt.plot([3])",
            n=4,
        )
    )
    assert shown.error is None, shown.told
    assert len([d for d in shown.displays[1:] if "image/png" in d]) == 2
    assert kernel.value("plt.get_figlabels(), plt.gcf() is mine, len(mine.axes)") == (
        "(['mine'], True, 1)"
    )
    assert kernel.value("'Figure size' in drawn.trials[3].output") == "True"
    kernel.run("%config InlineBackend.close_figures = True\nplt.close('all')")


def test_quiet_leaves_one_line(kernel: Kernel) -> None:
    shown = kernel.run(
        cell("hush", "print('first trial')").replace("-o random", "-o random --quiet")
    )
    assert shown.error is None and shown.displays == []
    assert shown.stdout.startswith("first trial\nhush: finished, 3 of 3 trials")
    assert shown.stdout.count("\n") == 2


def test_quiet_leaves_its_line_where_a_study_ends_behind_other_cells(kernel: Kernel) -> None:
    done = "hushed: finished, 3 of 3 trials"
    text = "%%tune hushed --minimize v -n 3 -o random --quiet {}\nx: Float(0, 1) = 0.5\nv = x"
    behind = kernel.start(text.format("-b"))
    behind.finish()
    assert behind.later(lambda shown: done in shown.stdout).stdout.count("\n") == 1
    paused = kernel.start(text.format("") + "\nif trial.number == 2:\n    hushed.pause()")
    assert paused.finish().stdout.startswith("hushed: paused, ")
    kernel.run("hushed.resume()")
    assert paused.later(lambda shown: done in shown.stdout).stdout.count("\n") == 2
    paused = kernel.start(text.format("") + "\nif trial.number == 2:\n    hushed.pause()")
    paused.finish()
    again = text.format("--resume") + "\nif trial.number == 2:\n    hushed.pause()"
    assert kernel.run(again).stdout.count(done) == 1


def test_displays_with_an_id_are_updated_for_the_first_trial_only(kernel: Kernel) -> None:
    kernel.run("from IPython.display import display, Markdown")
    shown = kernel.run(
        cell(
            "ids",
            "h = display(Markdown('step'), display_id=True)\n"
            "for i in range(3): h.update(Markdown(f'trial {trial.number} step {i}'))",
        )
    )
    assert shown.error is None, shown.told
    assert [d.get("text/markdown") for d in shown.displays[1:]] == ["trial 0 step 2"]


def test_the_study_displays_and_prints(kernel: Kernel) -> None:
    kernel.run(cell("seen", ""))
    shown = kernel.run("seen")
    assert shown.result is not None and "jhpo" in shown.result["text/html"]
    assert shown.text.startswith("seen: finished, 3 of 3 trials")
    assert kernel.run("print(seen)").stdout.startswith("seen: finished")

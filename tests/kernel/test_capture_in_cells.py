"""sys.stdout and sys.stderr in trials, for libraries that keep them or ask much of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kernels import Kernel

HEAD = "%%tune {name} --minimize v -n {n} -o random {options}\nx: Float(0, 1) = 0.5\nv = x\n"
LOGGING = """
import logging
logging.basicConfig(level=20, format='%(message)s')
log = logging.getLogger('t')
log.info('trial %d', trial.number)
if trial.number == stop_at:
    raise KeyboardInterrupt
"""


def cell(name: str, body: str, n: int = 3, options: str = "") -> str:
    return HEAD.format(name=name, n=n, options=options) + body


def test_logs_belong_to_the_trial_that_writes_them(start: Callable[..., Kernel]) -> None:
    kernel = start()
    kernel.run("stop_at = 2")
    shown = kernel.run(cell("logs", LOGGING, n=4))
    assert shown.stderr == "trial 0\n"
    assert kernel.value("[t.output.splitlines()[:1] for t in logs.trials]") == (
        "[['trial 0'], ['trial 1'], ['trial 2']]"
    )
    kernel.restart()
    kernel.run("stop_at = -1")
    shown = kernel.run(cell("logs", LOGGING, n=4, options="--resume"))
    assert shown.error is None, shown.told
    assert shown.stderr == ""
    assert kernel.value("[t.output for t in logs.trials[2:]]") == "['trial 2\\n', 'trial 3\\n']"
    later = kernel.run("import logging; logging.getLogger('t').warning('mine')")
    assert later.stderr == "mine\n"
    kernel.run("%reload_ext jupyter_hpo")
    assert kernel.run(cell("logs", LOGGING, n=2)).stderr == "trial 0\n"
    assert kernel.value("logs.trials[1].output") == "'trial 1\\n'"


ASK = """
import io, subprocess, sys
for stream in (sys.stdout, sys.stderr):
    asked.append((
        stream.name, stream.isatty(), stream.errors, stream.encoding, stream.fileno(),
        hasattr(stream, 'buffer'), stream.closed, isinstance(stream, io.TextIOBase),
    ))
asked.append(subprocess.run(['true'], stdout=sys.stdout, stderr=sys.stderr).returncode)
"""


def test_it_answers_as_in_a_plain_cell(
    start: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    # ipykernel has no file descriptors to offer where it believes itself under test
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    kernel = start()
    kernel.run("asked = []")
    assert kernel.run(ASK).error is None
    shown = kernel.run(cell("ask", ASK, options="--shared asked"))
    assert shown.error is None, shown.told
    assert kernel.value("len(asked), len(set(asked))") == "(12, 3)"


def test_after_the_study_it_is_the_object_it_was(kernel: Kernel) -> None:
    kernel.run("import io, sys\nsaved = sys.stdout, sys.stderr")
    kernel.run(cell("same", "sys.stdout = io.StringIO(); print('lost'); sys.stderr.close()"))
    assert kernel.value("saved[0] is sys.stdout, saved[1] is sys.stderr") == "(True, True)"
    kernel.run("class Mine(io.StringIO): pass\nsys.stdout = mine = Mine()")
    kernel.run(cell("same", "print('hello', trial.number)"))
    kernel.run("same_object = sys.stdout is mine\nsys.stdout = saved[0]")
    assert kernel.value("same_object, mine.getvalue()") == "(True, 'hello 0\\n')"


@pytest.mark.parametrize("late", ["print", "sys.stdout.write", "kept.write"])
def test_a_thread_prints_on_into_the_trial_that_runs(kernel: Kernel, late: str) -> None:
    kernel.run(
        "import sys, threading\n"
        "turns = [threading.Event() for _ in range(4)]\ndone = threading.Event()\n"
        "def follow(kept):\n"
        "    for number, turn in enumerate(turns):\n"
        f"        turn.wait(30); done.clear(); {late}(f'late {{number}}\\n'); done.set()\n"
    )
    shown = kernel.run(
        cell(
            "late",
            "if trial.number == 0:\n"
            "    threading.Thread(target=follow, args=(sys.stdout,), daemon=True).start()\n"
            "done.clear(); turns[trial.number].set()\nassert done.wait(30)",
            options="--shared turns,done,follow",
        )
    )
    assert shown.error is None, shown.told
    assert kernel.value("[t.output.strip() for t in late.trials]") == (
        "['late 0', 'late 1', 'late 2']"
    )
    # shown in this cell or, by an older ipykernel, in the one that started the thread
    assert kernel.value("done.clear(), turns[3].set(), done.wait(30)") == "(None, None, True)"
    assert kernel.value("[t.output.count('late') for t in late.trials]") == "[1, 1, 1]"


def test_a_progress_bar_kept_across_trials(kernel: Kernel) -> None:
    kernel.run("from tqdm import tqdm\nkept = []")
    shown = kernel.run(
        cell(
            "bar",
            "if not kept: kept.append(tqdm(total=3, mininterval=0, desc='all'))\n"
            "kept[0].update(); kept[0].write('noted')",
            options="--shared kept",
        )
    )
    assert shown.error is None, shown.told
    assert kernel.value("['all:' in t.output and 'noted' in t.output for t in bar.trials]") == (
        "[True, True, True]"
    )
    assert "2/3" not in shown.stderr and "3/3" in kernel.run("kept[0].close()").stderr

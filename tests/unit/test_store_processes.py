"""The store among processes: two kernels, kill -9, fork, a full disk."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from store_cases import INFO, finished, raw

from jupyter_hpo.errors import StoreError
from jupyter_hpo.store import Store
from jupyter_hpo.trial import TrialState

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9, fork and limits of POSIX")

START = """
import os, sys, time
from dataclasses import replace
from store_cases import INFO, finished, raw
from jupyter_hpo.errors import StoreError
from jupyter_hpo.store import Store
from jupyter_hpo.trial import TrialState

def say(*words):
    print(*words, flush=True)

store, study_id = Store(sys.argv[1]), int(sys.argv[2])
"""

HOLD = """
store.hold(study_id)
store.save(study_id, trials=[replace(finished(0), state=TrialState.RUNNING)])
say("held")
time.sleep(60)
"""

WRITE = """
store.hold(study_id)
start = len([t for t in store.load(study_id)[1] if t.state.finished])
for number in range(start, 10**9):
    trial = finished(number, 1.0 / (number + 1), *range(20))
    store.save(study_id, trials=[replace(trial, state=TrialState.RUNNING, value=None, reports=())])
    store.save(study_id, INFO, [trial])
    say(number)
"""

FORK = """
store.hold(study_id)
store.save(study_id, trials=[finished(0)])
child = os.fork()
if child == 0:
    for act in (store.load, store.hold, store.save):
        try:
            act(study_id)
        except StoreError as error:
            assert "was forked" in str(error)
        else:
            raise AssertionError("a connection of the parent was used")
    assert store.alive(study_id)
    store.release(study_id)
    assert store.alive(study_id)
    sys.exit(0)  # with the clean-up of the interpreter, as a careless worker would
assert os.waitpid(child, 0)[1] == 0
for number in range(1, 200):
    store.save(study_id, trials=[finished(number)])
child = os.fork()
if child == 0:
    time.sleep(60)
say(child)
time.sleep(60)
"""

FULL_DISK = """
import resource
store.hold(study_id)
store.save(study_id, trials=[finished(0)])
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
large = replace(finished(1), output="x" * 1_000_000)
for _ in range(2):
    try:
        store.save(study_id, replace(INFO, message="lost"), [finished(2), large])
    except StoreError as error:
        say(error)
assert store.load(study_id) == (INFO, [finished(0)])
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.save(study_id, trials=[large])
"""


@contextmanager
def process(script: str, store: Store, study_id: int) -> Iterator[subprocess.Popen[str]]:
    """Another kernel, killed with -9 at the end if it still runs."""
    paths = [str(Path(__file__).parent), *filter(None, sys.path)]
    running = subprocess.Popen(
        [sys.executable, "-c", START + script, str(store.path), str(study_id)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    with running:
        try:
            yield running
        finally:
            running.kill()


def line(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".jupyter_hpo" / "studies.db")


def assert_intact(store: Store) -> None:
    with raw(store) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_study_is_run_by_one_kernel_and_freed_by_its_death(store: Store) -> None:
    study_id, _ = store.create(INFO)
    running = replace(finished(0), state=TrialState.RUNNING)
    with process(HOLD, store, study_id) as kernel:
        assert line(kernel) == "held"
        assert store.alive(study_id)
        assert store.load(study_id) == (INFO, [running])
        with pytest.raises(StoreError, match="study 'study' is running in another kernel"):
            store.hold(study_id)
        with pytest.raises(StoreError, match="runs or is paused; stop it"):
            store.delete(study_id)
        kernel.kill()
        kernel.wait()
        assert not store.alive(study_id)
        assert store.load(study_id)[1][0].state is TrialState.INTERRUPTED
        store.hold(study_id)
    store.release(study_id)


def test_kill_at_random_moments_loses_no_trial_that_was_saved(store: Store) -> None:
    study_id, _ = store.create(INFO)
    chance = random.Random(0)
    saved = -1
    for _ in range(15):
        with process(WRITE, store, study_id) as kernel:
            said = [line(kernel)]
            time.sleep(chance.uniform(0, 0.05))
            kernel.kill()
            assert kernel.stdout is not None
            said += kernel.stdout.read().splitlines(keepends=True)
        # the last number may be cut short by the kill
        numbers = [int(word) for word in said if word is said[0] or word.endswith("\n")]
        assert numbers[0] > saved
        saved = numbers[-1]
        trials = store.load(study_id)[1]
        done = [trial for trial in trials if trial.state is TrialState.COMPLETE]
        assert len(done) > saved
        assert done == [finished(n, 1.0 / (n + 1), *range(20)) for n in range(len(done))]
        assert [trial.state for trial in trials[len(done) :]] in ([], [TrialState.INTERRUPTED])
        assert_intact(store)


def test_a_forked_worker_harms_neither_file_nor_lock(store: Store) -> None:
    study_id, _ = store.create(INFO)
    with process(FORK, store, study_id) as kernel:
        child = int(line(kernel))
        try:
            assert store.alive(study_id)
            assert store.load(study_id)[1] == [finished(number) for number in range(200)]
            kernel.kill()
            kernel.wait()
            os.kill(child, 0)  # the worker outlives the kernel and does not hold the study
            store.hold(study_id)
            store.release(study_id)
        finally:
            os.kill(child, signal.SIGKILL)
    assert_intact(store)


def test_a_full_disk_is_named_and_survived(store: Store) -> None:
    study_id, _ = store.create(INFO)
    with process(FULL_DISK, store, study_id) as kernel:
        said = [line(kernel), line(kernel)]
        assert kernel.wait() == 0
    assert all("the disk is full" in sentence for sentence in said)
    assert [trial.number for trial in store.load(study_id)[1]] == [0, 1]
    assert_intact(store)

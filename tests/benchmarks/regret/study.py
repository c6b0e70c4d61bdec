"""One optimizer on one task with one seed."""

from __future__ import annotations

import time
import zlib
from typing import Any

import numpy as np
import peers
from tasks import Assignment, Task

CHECKPOINTS = (10, 20, 50, 100)


def play(task: Task, optimizer: str, seed: int, trials: int) -> dict[str, Any]:
    """Run the trials; how good the incumbent truly was on the way.

    The optimizer is seeded by the seed and the task: else it would start with the same points
    on all tasks of the same search space, and one lucky start would count many times. An
    optimizer that raises is left there, and its incumbent counts to the end.

    Returns
    -------
    dict with ``at``, the numbers of trials after which ``regret`` is given (None while all
    trials have failed), ``cpu``, the seconds all ``ask`` and ``tell`` took, ``failed``, how
    many trials failed, and ``crash``, what the optimizer raised and when, or None.
    """
    task = task.at(seed)
    at = [n for n in CHECKPOINTS if n < trials] + [trials] if task.noisy else range(1, trials + 1)
    incumbent: Assignment | None = None
    lowest, failed = np.inf, 0
    regrets: list[float | None] = []
    sampler = _Guarded(optimizer, task, seed, trials)
    for number in range(trials):
        assignment = sampler.ask()
        if assignment is not None:
            value = task.objective(assignment, np.random.default_rng([seed, number, 1]))
            failed += not np.isfinite(value)
            if value < lowest:
                incumbent, lowest = assignment, value
            sampler.tell(assignment, value if np.isfinite(value) else None)
        if number + 1 in at:
            regrets.append(None if incumbent is None else task.regret(incumbent))
    spent = {"cpu": round(sampler.cpu, 4), "crash": sampler.crash}
    return {"at": list(at), "regret": regrets, "failed": failed, **spent}


class _Guarded:
    """An optimizer whose time is taken, and that is left alone once it has raised."""

    def __init__(self, name: str, task: Task, seed: int, trials: int) -> None:
        self.cpu, self.number = 0.0, 0
        self.crash: str | None = None
        self.over = False
        self.optimizer: Any = None
        own = zlib.crc32(f"{task.name}/{seed}".encode()) >> 1
        self._timed(lambda: setattr(self, "optimizer", peers.make(name, task.space, own, trials)))
        self.cpu = 0.0  # imports are not the optimizer's

    def ask(self) -> Assignment | None:
        asked = self._timed(lambda: self.optimizer.ask())
        self.over = self.over or asked is None
        return asked

    def tell(self, assignment: Assignment, value: float | None) -> None:
        self._timed(lambda: self.optimizer.tell(assignment, value))
        self.number += 1

    def _timed(self, act: Any) -> Any:
        if self.over:
            return None
        start = time.process_time()
        try:
            return act()
        except Exception as error:
            self.crash = f"trial {self.number}: {type(error).__name__}: {error}"[:300]
            self.over = True
        finally:
            self.cpu += time.process_time() - start

"""`trial`: reports of long loops, and chance that is the trial's own."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest

from jupyter_hpo.context import LONGEST_CURVE, TrialContext


@pytest.mark.parametrize("iterations", [1, 10, LONGEST_CURVE, LONGEST_CURVE + 1, 50_000])
def test_a_long_loop_leaves_a_curve_of_bounded_length(iterations: int) -> None:
    context = TrialContext(0, {})
    for step in range(iterations):
        context.automatic(float(step), step)
    steps = list(context.reports)
    assert len(steps) <= LONGEST_CURVE + 1
    assert steps == sorted(steps) and steps[0] == 0 and steps[-1] == iterations - 1
    assert all(context.reports[step] == step for step in steps)
    # evenly thinned, the latest apart
    assert len({b - a for a, b in itertools.pairwise(steps[:-1])}) <= 1


def test_reports_without_a_step_count_on() -> None:
    context = TrialContext(0, {})
    context.report(1.0)
    context.report(2.0, step=7)
    context.report(3.0)
    context.report(4.0, step=2)
    context.report(5.0)
    assert context.reports == {0: 1.0, 7: 2.0, 8: 3.0, 2: 4.0, 9: 5.0}


LATE_IMPORT = """
import sys
if sys.argv[1] == "before":
    import torch
from jupyter_hpo import Float, tune

def objective(params):
    import torch
    return torch.rand(1).item()

study = tune(objective, {"x": Float(0, 1, default=0.5)}, trials=2, optimizer="random")
print([trial.value for trial in study.trials])
"""


def test_trial_0_is_seeded_also_if_it_imports_torch_itself() -> None:
    values = {
        subprocess.run(
            [sys.executable, "-c", LATE_IMPORT, when], capture_output=True, text=True, check=True
        ).stdout
        for when in ("before", "inside")
    }
    assert len(values) == 1

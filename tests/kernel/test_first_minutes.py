"""The first five minutes: what a beginner does wrong, and the exact text they are shown.

A message fits on a screen, says what is wrong in the user's own names, and what to write.
"""

from __future__ import annotations

import textwrap
from typing import NamedTuple

import pytest
from conftest import Starter
from kernels import Kernel

LR = "lr: Float(1e-5, 1e-1, log=True) = 1e-3\n"
TUNE = "%%tune --minimize val_loss --trials 3\n"


class Mistake(NamedTuple):
    """A cell, and the whole text of the error it gives."""

    cell: str
    shown: str


MISTAKES = {
    "a comment above the magic": Mistake(
        "# my first study\n" + TUNE + LR + "val_loss = lr",
        """
        %%tune must stand on the first line of the cell: move what is above it, comments too, below it
        """,
    ),
    "the range assigned": Mistake(
        TUNE + "lr = Float(1e-5, 1e-1, log=True)\nval_loss = lr",
        """
        %%tune, line 2: `lr` would be the range itself, not a value from it: write a colon before the range, and the default after `=`
            lr = Float(1e-5, 1e-1, log=True)
        Write:
            lr: Float(1e-5, 1e-1, log=True) = 0.001
        """,
    ),
    "an ordinary annotation": Mistake(
        TUNE + "lr: float = 1e-3\nval_loss = lr",
        """
        %%tune, line 2: this cell declares no hyperparameter; `float` is an ordinary annotation, not a range
            lr: float = 1e-3
        Write:
            lr: Float(0.0001, 0.01, log=True) = 0.001
        """,
    ),
    "nothing declared": Mistake(
        TUNE + "width = 64\nval_loss = 1 / width",
        """
        %%tune, line 2: this cell declares no hyperparameter
            width = 64
        Write:
            width: Int(16, 256, log=True) = 64
        """,
    ),
    "no default": Mistake(
        TUNE + "lr: Float(1e-5, 1e-1, log=True)\nval_loss = lr",
        """
        %%tune, line 2: `lr` has no default, the value that trial 0 runs and all others are measured by
            lr: Float(1e-5, 1e-1, log=True)
        Write:
            lr: Float(1e-5, 1e-1, log=True) = 0.001
        """,
    ),
    "a default out of range": Mistake(
        TUNE + "lr: Float(1e-5, 1e-1, log=True) = 1.0\nval_loss = lr",
        """
        %%tune, line 2: the default of `lr` does not fit its range: 1.0 is outside [1e-05, 0.1]
            lr: Float(1e-5, 1e-1, log=True) = 1.0
        Write:
            lr: Float(1e-5, 1e-1, log=True) = 0.1
        """,
    ),
    "a range the wrong way round": Mistake(
        TUNE + "lr: Float(1e-1, 1e-5) = 1e-3\nval_loss = lr",
        """
        %%tune, line 2: empty range: low (0.1) is above high (1e-05); write Float(1e-05, 0.1)
            lr: Float(1e-1, 1e-5) = 1e-3
        """,
    ),
    "a misspelt type": Mistake(
        TUNE + "n: Itn(1, 8) = 2\nval_loss = n",
        """
        %%tune, line 2: `Itn` does not exist; did you mean Int?
            n: Itn(1, 8) = 2
        Write:
            n: Int(1, 8) = 2
        """,
    ),
    "no objective": Mistake(
        "%%tune\n" + LR + "train_loss = lr\nval_loss = 2 * lr",
        """
        say what to optimize: --minimize NAME or --maximize NAME. The cell assigns: val_loss, train_loss
        Write:
            %%tune --minimize val_loss
        """,
    ),
    "a misspelt objective": Mistake(
        TUNE + LR + "val_los = lr",
        """
        nothing in this cell assigns `val_loss`; it assigns val_los
        Write:
            --minimize val_los
        """,
    ),
    "an objective that is a list": Mistake(
        TUNE + LR + "val_loss = []\nfor epoch in range(3):\n    val_loss.append(lr)",
        """
        `val_loss` is a list of 3 values, not a number; the objective must be one: write val_loss = val_loss[-1], or val_loss = min(val_loss)
        """,
    ),
    "an objective that is a string": Mistake(
        TUNE + LR + 'val_loss = f"{lr:.3f}"',
        """
        `val_loss` is a string ('0.001'), not a number; write val_loss = float(val_loss)
        """,
    ),
    "a function that returns nothing": Mistake(
        TUNE + LR + "def evaluate():\n    lr * 2\nval_loss = evaluate()",
        """
        `val_loss` is None, not a number; does the function it comes from `return` its value?
        """,
    ),
    "a last line that prints": Mistake(
        "%%tune --minimize _\n" + LR + "print(lr)",
        """
        the cell's last expression gave None (as print(…) does), not a number; end the cell with the value itself
        """,
    ),
    "trials in words": Mistake(
        "%%tune --minimize val_loss --trials forty\n" + LR + "val_loss = lr",
        """
        --trials takes a whole number, say --trials 40, not 'forty'
        """,
    ),
    "a misspelt option": Mistake(
        "%%tune --minimise val_loss\n" + LR + "val_loss = lr",
        """
        there is no option --minimise; did you mean --minimize?
        """,
    ),
    "a model of another cell": Mistake(
        TUNE + LR + "optimizer = torch.optim.SGD(model.parameters(), lr)\n"
        "model(torch.ones(1, 2)).sum().backward()\noptimizer.step()\nval_loss = lr",
        """
        `model` was created outside this cell and this trial trained it, so every trial would start where the last one ended. Create it in the cell, or use `--fresh model`. `--shared model` accepts it.
        """,
    ),
    "a range inside a loop": Mistake(
        TUNE + "for epoch in range(3):\n    " + LR + "    val_loss = lr",
        """
        %%tune, line 3: a hyperparameter cannot be declared inside a loop (line 2), only at the cell's top level or in an `if` there
            lr: Float(1e-5, 1e-1, log=True) = 1e-3
        Write:
            lr: Float(1e-5, 1e-1, log=True) = 1e-3    # above line 2, unindented
        """,
    ),
    "a missing colon": Mistake(
        TUNE + LR + "for epoch in range(3)\n    val_loss = lr",
        """
        %%tune, line 3: expected ':' (SyntaxError)
            for epoch in range(3)
                                 ^
        """,
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_the_error_says_what_to_write(kernel: Kernel, name: str) -> None:
    kernel.run("import torch\nmodel = torch.nn.Linear(2, 1)")
    cell, expected = MISTAKES[name]
    shown = kernel.run(cell)
    assert shown.error is not None
    assert shown.error.traceback == textwrap.dedent(expected).strip("\n")
    assert len(shown.error.traceback.splitlines()) < 20


HINTS = {
    "accuracy minimized": Mistake(
        "%%tune --minimize accuracy --trials 2\n" + LR + "accuracy = 1 - lr",
        "Minimizing `accuracy`: usually more of it is better. Did you mean --maximize?",
    ),
    "a hyperparameter never read": Mistake(
        TUNE + LR + "width: Int(1, 8) = 2\nval_loss = lr",
        "`width` is declared but nothing in the cell reads it: tuning it is no use.",
    ),
    "a tensor with its graph": Mistake(
        TUNE + "import torch\n" + LR + "val_loss = torch.ones(1, requires_grad=True).sum() * lr",
        "`val_loss` holds the graph of its computation; write val_loss = val_loss.item() to free that memory.",
    ),
}


@pytest.mark.parametrize("name", HINTS)
def test_a_slip_that_is_no_error_runs_with_a_hint(kernel: Kernel, name: str) -> None:
    cell, expected = HINTS[name]
    shown = kernel.run(cell)
    assert shown.status == "ok", shown.told
    assert expected in " ".join(shown.view.split())
    assert "finished" in shown.view


def test_the_extension_not_loaded(start: Starter) -> None:
    """IPython's own words: nothing of ours runs before %load_ext."""
    shown = start(setup="").run(TUNE + LR + "val_loss = lr")
    assert "Cell magic `%%tune` not found" in shown.stderr


def test_a_cell_run_again_is_a_new_run(kernel: Kernel) -> None:
    cell = "%%tune again --minimize val_loss --trials 2\n" + LR + "val_loss = lr"
    kernel.run(cell)
    kernel.run(cell)
    listed = kernel.run("runs = %tune list again\nruns[['run', 'trials']].values.tolist()")
    assert listed.text == "[[2, 2], [1, 2]]"


def test_the_kernel_restarted(start: Starter) -> None:
    first = start()
    first.run("%%tune kept --minimize val_loss --trials 2\n" + LR + "val_loss = lr")
    was = first.run("kept.best_value, len(kept)").text
    first.restart()
    lost = first.run("kept.best_value")
    assert lost.error is not None and lost.error.ename == "NameError"
    assert first.run("kept = %tune show kept\nkept.best_value, len(kept)").text == was
    again = "%%tune kept --minimize val_loss --trials 4 --resume\n" + LR + "val_loss = lr"
    assert "4 of 4 trials" in first.run(again).view

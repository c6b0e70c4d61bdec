"""What the live view takes from training: ``python tests/benchmarks/view_throughput.py [ROUNDS]``.

In a real JupyterLab, its page open: the same study with the view and, alternately, with
``--quiet``. A step of training takes about a millisecond and every step is reported, so that each
of the view's looks finds something new. Printed are the seconds that trials took, quiet and shown,
in each round, and the median of the losses; the goal is 5 %. One thread for torch, so that on two
cores the browser has one of its own, as on a machine with a GPU.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

from conftest import CONNECTED, PLACES, TOKEN, Notebook, Server, launched, write

SETUP = """%load_ext jupyter_hpo
import torch
torch.set_num_threads(1)
X, y = torch.randn(256, 128), torch.randint(2, (256,))
"""
STUDY = """%%tune {name} {options} --minimize val_loss --trials 30 --store none -o random
lr: Float(1e-4, 1e-1, log=True) = 1e-3
width: Int(16, 256) = 128
model = torch.nn.Sequential(
    torch.nn.Linear(128, 128), torch.nn.ReLU(), torch.nn.Linear(128, 2)
)
optimizer = torch.optim.Adam(model.parameters(), lr)
for step in range(300):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(X), y)
    loss.backward()
    optimizer.step()
    val_loss = loss.item()
"""
TOOK = "print(*[sum(t.duration for t in s.trials[1:]) for s in (quiet, shown)])"


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    folder = Path(tempfile.mkdtemp())
    (folder / "notebooks").mkdir()
    (folder / "state").mkdir()
    server = Server("jupyterlab", folder / "notebooks", folder / "state")
    quiet = STUDY.format(name="quiet", options="--quiet")
    shown = STUDY.format(name="shown", options="")
    try:
        server.wait()
        with launched() as browser:
            path = folder / "notebooks/test.ipynb"
            write([SETUP, shown, quiet, TOOK], path)
            page = browser.new_page(viewport={"width": 1280, "height": 1200})
            page.set_default_timeout(300_000)
            page.goto(f"{server.url}/{PLACES['jupyterlab']}/test.ipynb?token={TOKEN}&reset")
            page.wait_for_function(f"window.jupyterapp && {CONNECTED}")
            notebook = Notebook(page, path, folder)
            notebook.run(0)
            losses = []
            for _ in range(rounds):
                notebook.run(2)
                notebook.run(1)
                assert notebook.output(1).get_by_role("grid").count() == 1  # it is in sight
                without, with_it = map(float, notebook.printed(3).split())
                losses.append(with_it / without - 1)
                print(f"quiet {without:6.2f} s   shown {with_it:6.2f} s   {losses[-1]:+.1%}")
            print(f"median {statistics.median(losses):+.1%}")
    finally:
        server.stop()


if __name__ == "__main__":
    main()

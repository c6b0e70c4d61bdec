"""Whether memory grows: MB resident after 10, 50, 100 and 200 trials that build a 50 MB model each.

Run ``python tests/benchmarks/memory.py``. It should be flat in every row. The second row is the
hard one: each trial's model is part of a reference cycle, and is freed by the collection between
trials only. In the third every other trial fails with the model in its frames.
"""

from __future__ import annotations

import json
import tempfile

from jupyter_client.manager import start_new_kernel

SHOWN = (10, 50, 100, 200)
SETUP = """
%load_ext jupyter_hpo
import json, torch

def resident():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(3620, 3620)  # 50 MB of float32

def check(fails):
    net = Net()
    if fails:
        raise ValueError("a failure of its own: %d" % id(net))

sizes = []
"""
CELLS = {
    "a model": "model = Net()\nval_loss = lr",
    "in a reference cycle": "model = Net()\nmodel.me = [model]\nval_loss = lr",
    "every other trial fails": "check(trial.number % 2)\nmodel = Net()\nval_loss = lr",
    "--keep model": "model = Net()\nval_loss = lr",
}


def cell(name: str, body: str) -> str:
    """The study of one row; the size is taken as a trial starts, so after the one before it."""
    keep = name if name.startswith("--") else ""
    # not auto: it would load scipy after trial 0
    line = f"--minimize val_loss --trials {SHOWN[-1] + 1} --shared sizes --quiet -o random {keep}"
    return f"%%tune {line}\nsizes.append(resident())\nlr: Float(0.0, 1.0) = 0.5\n{body}"


def sizes(code: str) -> list[float]:
    """Run a study in a kernel of its own; MB resident at the start of each trial."""
    printed: list[str] = []

    def hear(message: dict[str, dict[str, str]]) -> None:
        printed.append(message["content"].get("text", ""))

    with tempfile.TemporaryDirectory() as folder:
        manager, client = start_new_kernel(cwd=folder)
        try:
            for each in (SETUP, code, "print('\\n' + json.dumps(sizes))"):
                reply = client.execute_interactive(each, timeout=600, output_hook=hear)
                if reply["content"]["status"] != "ok":
                    raise SystemExit("\n".join(reply["content"]["traceback"]))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    found: list[float] = json.loads("".join(printed).splitlines()[-1])
    return found


def main() -> None:
    """Print the table."""
    print(f"{'MB resident':26}" + "".join(f"{f'after {n}':>11}" for n in (0, *SHOWN)))
    for name, body in CELLS.items():
        found = sizes(cell(name, body))
        print(f"{name:26}" + "".join(f"{found[n]:11.0f}" for n in (0, *SHOWN)), flush=True)


if __name__ == "__main__":
    main()

"""What importing costs beyond IPython: milliseconds in fresh processes.

Run ``python tests/benchmarks/import_time.py [ROUNDS]``. The goal is 150 ms from IPython alone to
``%load_ext jupyter_hpo``. Each figure is the median of processes run in turn; below it, the modules
that take longest themselves, without those they import.
"""

from __future__ import annotations

import re
import subprocess
import sys
from statistics import median

CLOCK = "import time; _start = time.perf_counter(); "
SAY = "; print((time.perf_counter() - _start) * 1e3)"
# what a kernel has imported and made before its first cell is none of our doing
SHELL = (
    "import ipykernel.ipkernel; from IPython.core.interactiveshell import InteractiveShell as S; "
    "s = S.instance(); "
)
CASES = {
    "import IPython": f"{CLOCK}import IPython{SAY}",
    "import jupyter_hpo, nothing else imported": f"{CLOCK}import jupyter_hpo{SAY}",
    "import jupyter_hpo, after IPython": f"import IPython; {CLOCK}import jupyter_hpo{SAY}",
    "%load_ext jupyter_hpo, in a kernel": (
        f"{SHELL}{CLOCK}s.run_line_magic('load_ext', 'jupyter_hpo'){SAY}"
    ),
    "the same with numpy imported": (
        f"import numpy; {SHELL}{CLOCK}s.run_line_magic('load_ext', 'jupyter_hpo'){SAY}"
    ),
}
LOAD = f"{SHELL}s.run_line_magic('load_ext', 'jupyter_hpo')"
_ROW = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)")


def milliseconds(code: str) -> float:
    """What a fresh process measures."""
    made = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(made.stdout.splitlines()[-1])


def own_times(code: str) -> dict[str, float]:
    """Milliseconds of each module imported, without what it imports."""
    made = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], check=True, capture_output=True, text=True
    )
    return {name: int(own) / 1e3 for own, _, name in _ROW.findall(made.stderr)}


def main() -> None:
    """Print both tables."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else 9
    taken: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(rounds):
        for name, code in CASES.items():
            taken[name].append(milliseconds(code))
    print(f"{'ms, median of ' + str(rounds):44} {'median':>8} {'fastest':>8}")
    for name, times in taken.items():
        print(f"{name:44} {median(times):8.1f} {min(times):8.1f}")
    before, after = own_times(SHELL), own_times(LOAD)
    added = {name: own for name, own in after.items() if name not in before}
    total = sum(added.values())
    print(f"\n%load_ext imports {len(added)} modules more, {total:.0f} ms; the longest")
    for name in sorted(added, key=lambda each: -added[each])[:15]:
        print(f"{added[name]:8.1f} ms  {name}")


if __name__ == "__main__":
    main()

"""One thread for all numerical libraries: import this before numpy.

Models this small gain nothing from more, and CPU seconds of an optimizer are
comparable only if none of them spins idle threads.
"""

import os

for _name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
    os.environ.setdefault(f"{_name}_NUM_THREADS", "1")

"""Lines per file of the package: median, longest, and the files above 300.

Run ``python tests/benchmarks/rooms.py``.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import median

PACKAGE = Path(__file__).parents[2] / "jupyter_hpo"
LONG = 300


def main() -> None:
    """Print the tables."""
    lines = {
        path.relative_to(PACKAGE): len(path.read_text().splitlines())
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    rooms: defaultdict[str, list[int]] = defaultdict(list)
    for path, count in lines.items():
        rooms[str(path.parent)].append(count)
    print(f"{'room':14} {'files':>6} {'lines':>7} {'median':>7} {'longest':>8}")
    for room, counts in [*rooms.items(), ("all", list(lines.values()))]:
        row = f"{len(counts):6} {sum(counts):7} {median(counts):7.0f} {max(counts):8}"
        print(f"{'(top)' if room == '.' else room:14} {row}")
    print(f"\nabove {LONG} lines")
    for path, count in sorted(lines.items(), key=lambda item: -item[1]):
        if count > LONG:
            print(f"{count:6}  {path}")


if __name__ == "__main__":
    main()

"""Importances of a stored study, printed as JSON: a process of the server's.

``python -m jupyter_hpo.server.importance FOLDER SHOWN ID``
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..errors import TuneError
from .shelf import Shelf


def main() -> int:
    """0, or 1 if a sentence is printed that says why there are none."""
    folder, shown, study_id = sys.argv[1:]
    try:
        told = Shelf(Path(folder), shown).importance(int(study_id))
    except TuneError as error:
        print(error, end="")
        return 1
    print(json.dumps(told, allow_nan=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""What every tier shares."""

from __future__ import annotations

from hypothesis import settings

# an example may wait for a busy machine; the same examples on every machine
settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")

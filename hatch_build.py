"""Builds the front end into the package when it is missing or older than its source."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NO_NODE = """\
jupyter_hpo's front end is not built yet and npm was not found.
Install Node.js 20.19 or newer (https://nodejs.org) and try again, or install
jupyter_hpo from a wheel or an sdist: those hold the built extension."""


class LabExtensionHook(BuildHookInterface[Any]):
    """Runs for sdist, wheel and editable installs alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build `labextension/` unless what it makes is there already."""
        root = Path(self.root)
        source, built = root / "labextension", root / "jupyter_hpo/labextension/package.json"
        there = built.is_file() and (root / "jupyter_hpo/view/assets/view.js").is_file()
        # an unpacked sdist has no meaningful file times, and holds what is built
        unpacked = (root / "PKG-INFO").is_file()
        if there and (unpacked or not _newer(_sources(source), built)):
            return
        npm = shutil.which("npm")
        if npm is None:
            if not there:
                raise RuntimeError(NO_NODE)
            self.app.display_warning("labextension/ has changed, but there is no npm to rebuild it")
            return
        if _newer([source / "package-lock.json"], source / "node_modules/.package-lock.json"):
            # peers are JupyterLab's own packages: half a gigabyte, needed for type checks only
            subprocess.run(
                [npm, "ci", "--omit=peer", "--no-audit", "--no-fund"], cwd=source, check=True
            )
        subprocess.run([npm, "run", "build"], cwd=source, check=True)


def _sources(folder: Path) -> list[Path]:
    return [
        *folder.glob("*.json"),
        *folder.glob("*.mjs"),
        *folder.glob("src/**/*.*"),
        *folder.glob("schema/*.json"),
        *folder.glob("style/*.*"),
    ]


def _newer(files: list[Path], than: Path) -> bool:
    """Whether one of `files` was changed after `than`, or `than` does not exist."""
    if not than.is_file():
        return True
    limit = than.stat().st_mtime
    return any(file.stat().st_mtime > limit for file in files)

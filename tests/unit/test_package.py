"""What is shipped: the built JupyterLab extension, in the sdist and in the wheel made from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = "share/jupyter/labextensions/jupyter-hpo/"


def build(source: Path, out: Path, what: str, path: str) -> subprocess.CompletedProcess[str]:
    # without isolation: the test needs no network, and PATH decides whether there is a Node
    return subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", what, "--outdir", str(out), str(source)],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked sdist of this checkout."""
    out = tmp_path_factory.mktemp("sdist")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    made = build(ROOT, out, "--sdist", path)
    assert made.returncode == 0, made.stdout + made.stderr
    with tarfile.open(next(out.glob("*.tar.gz"))) as archive:
        archive.extractall(out, filter="data")
    return next(folder for folder in out.iterdir() if folder.is_dir())


@pytest.fixture
def no_node(tmp_path: Path) -> str:
    (tmp_path / "bin").mkdir()
    return str(tmp_path / "bin")


def test_a_wheel_of_the_sdist_holds_the_extension_and_needs_no_node(
    sdist: Path, tmp_path: Path, no_node: str
) -> None:
    made = build(sdist, tmp_path, "--wheel", no_node)
    assert made.returncode == 0, made.stdout + made.stderr
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    shared = [name.split(SHARED)[1] for name in names if SHARED in name]
    assert {"install.json", "package.json", "schemas/jupyter-hpo/tune-cell.json"} <= set(shared)
    assert "schemas/jupyter-hpo/editor.json" in shared
    assert any(name.startswith("static/remoteEntry.") for name in shared)
    assert {"jupyter_hpo/py.typed", "jupyter_hpo/view/assets/view.js"} <= set(names)
    assert not [
        name for name in names if name.startswith(("jupyter_hpo/labext", "labext", "tests"))
    ]


@pytest.mark.parametrize("missing", ["labextension", "view/assets"])
def test_an_unbuilt_checkout_without_node_says_what_is_missing(
    sdist: Path, tmp_path: Path, no_node: str, missing: str
) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(sdist, bare)
    shutil.rmtree(bare / "jupyter_hpo" / missing)
    made = build(bare, tmp_path / "out", "--wheel", no_node)
    assert made.returncode != 0
    assert "npm was not found" in made.stdout + made.stderr
    assert "Install Node.js" in made.stdout + made.stderr

"""What is shipped: the built JupyterLab extension, in the sdist and in the wheel made from it."""

from __future__ import annotations

import os
import re
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
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # from 3.11.4 on
        archive.extractall(out, **safely)
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
    schemas = {f"schemas/jupyter-hpo/{name}.json" for name in ("tune-cell", "progress", "editor")}
    assert {"install.json", "package.json", "static/style.js", *schemas} <= set(shared)
    assert any(name.startswith("static/remoteEntry.") for name in shared)
    assert {"jupyter_hpo/py.typed", "jupyter_hpo/view/assets/view.js"} <= set(names)
    assert not [
        name for name in names if name.startswith(("jupyter_hpo/labext", "labext", "tests"))
    ]
    assert_both_halves_are_listed(next(tmp_path.glob("*.whl")), tmp_path)


def assert_both_halves_are_listed(wheel: Path, tmp_path: Path) -> None:
    """Jupyter finds both extensions of an installed wheel, and has nothing to say against them."""
    there = tmp_path / "there"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    where = ("--no-deps", "--no-index", "--target", str(there))
    subprocess.run([*pip, *where, str(wheel)], check=True)
    folders = {
        "PYTHONPATH": str(there),
        "JUPYTER_PATH": str(there / "share/jupyter"),
        "JUPYTER_CONFIG_DIR": str(there / "etc/jupyter"),
    }
    for command, what in {
        ("labextension",): r"jupyter-hpo v[\d.]+ enabled OK \(python, jupyter_hpo\)",
        ("server", "extension"): r"jupyter_hpo\.server enabled\s+- Validating jupyter_hpo\.server.*"
        r"\s+jupyter_hpo\.server +OK",
    }.items():
        listed = subprocess.run(
            [sys.executable, "-P", "-m", "jupyter", *command, "list"],
            env={**os.environ, **folders},
            capture_output=True,
            text=True,
        )
        told = re.sub(r"\x1b\[\d*m", "", listed.stdout + listed.stderr)
        assert re.search(what, told, re.DOTALL), told


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

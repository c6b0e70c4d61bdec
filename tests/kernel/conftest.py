"""One kernel for the tests of a file; they use studies and variables of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kernels import Kernel

Starter = Callable[..., Kernel]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.kernel)


@pytest.fixture(scope="session", autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No start-up files, kernels or Jupyter settings of the user's."""
    state = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            patch.setenv(name, str(state / name.lower()))
        patch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
        patch.delenv("JPY_SESSION_NAME", raising=False)
        patch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        yield


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """The kernel of this file."""
    running = Kernel(tmp_path_factory.mktemp("notebook"))
    yield running
    running.close()


@pytest.fixture
def kernel(notebook: Kernel) -> Kernel:
    """The kernel of this file, `mark` defined and the extension loaded."""
    # a test that failed may leave it dead or in a cell; the next is to fail on its own account
    if notebook.busy or not notebook.alive:
        notebook.restart()
    return notebook


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    """Starts more kernels, in an empty directory unless told otherwise."""
    running: list[Kernel] = []

    def starter(directory: Path = tmp_path, **arguments: object) -> Kernel:
        running.append(Kernel(directory, **arguments))  # type: ignore[arg-type]  # of `Kernel`
        return running[-1]

    yield starter
    for each in running:
        each.close()

"""A real JupyterLab (or Notebook 7) in Chromium, and what tests do with a notebook in it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect, sync_playwright

TOKEN = "browser-tests"
PATIENCE = 60_000  # ms, for a machine under load
START = 120  # s, for a server to come up on it

# Where each application opens a notebook.
PLACES = {"jupyterlab": "lab/tree", "notebook": "notebooks"}
# The application object is on the page because the servers run with --expose-app-in-browser.
NOTEBOOK = "jupyterapp.shell.currentWidget"
# Not `status === 'idle'`: a cell run before the websocket is up is silently lost.
CONNECTED = f"{NOTEBOOK}?.sessionContext?.session?.kernel?.connectionStatus === 'connected'"
SHOWN = f"{NOTEBOOK}?.content?.widgets?.length > 0"
EXTENSION = "jupyter-hpo"

Opener = Callable[..., "Notebook"]

expect.set_options(timeout=PATIENCE)  # five seconds otherwise


def outputs_of(index: int) -> str:
    """What a cell's outputs are in the document, in the page's language."""
    return f"{NOTEBOOK}.content.widgets[{index}].model.outputs.toJSON()"


class Server:
    """A Jupyter server of its own: no configuration, settings or kernels of the user's.

    `extension` says whether our own part of JupyterLab is there.
    """

    def __init__(
        self, application: str, root: Path, state: Path, *, extension: bool = True
    ) -> None:
        self.root, self.application = root, application
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.log = state / "server.log"
        folders = {
            name: str(state / name)
            for name in (
                "JUPYTER_CONFIG_DIR",
                "JUPYTER_DATA_DIR",
                "JUPYTER_RUNTIME_DIR",
                "IPYTHONDIR",
            )
        }
        quiet = state / "JUPYTER_CONFIG_DIR/lab/user-settings/@jupyterlab/apputils-extension"
        quiet.mkdir(parents=True)
        (quiet / "notification.jupyterlab-settings").write_text(
            '{"fetchNews": "false", "checkForUpdates": false}'  # a question over the page otherwise
        )
        if not extension:
            (state / "JUPYTER_CONFIG_DIR/labconfig").mkdir()
            (state / "JUPYTER_CONFIG_DIR/labconfig/page_config.json").write_text(
                json.dumps({"disabledExtensions": {EXTENSION: True}})
            )
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", application, "--no-browser", "--expose-app-in-browser"),
                    *("--allow-root", f"--ServerApp.port={self.url.rpartition(':')[2]}"),
                    *("--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
                    # A kernel that dies in its first ten seconds would come again at other
                    # ports, where JupyterLab, which connects again at once, may not find it.
                    "--KernelRestarter.random_ports_until_alive=False",
                    f"--ServerApp.root_dir={root}",
                ],
                env={**os.environ, **folders, "JUPYTER_PREFER_ENV_PATH": "1"},
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        deadline = time.monotonic() + START
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/api", timeout=5).close()
                return
            time.sleep(0.2)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        self.process.terminate()  # the server ends its kernels
        self.process.wait(30)


class Notebook:
    """A notebook open in the browser."""

    def __init__(self, page: Page, path: Path, pictures: Path) -> None:
        self.page, self.path, self.pictures = page, path, pictures
        self.errors: list[str] = []  # of scripts that nothing has caught
        self.dialogs: list[str] = []  # `alert` and its like
        page.on("pageerror", lambda error: self.errors.append(f"{error}\n{error.stack}"))
        page.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":  # whether to leave what is not saved
            dialog.accept()
            return
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def go(self, url: str, *, kernel: bool = True) -> None:
        """Open it on the page and wait until it is there, with its kernel if it is to have one."""
        self.page.goto(url)
        self.page.wait_for_function(f"window.jupyterapp && {CONNECTED if kernel else SHOWN}")

    def reload(self) -> None:
        """Load the page anew; the kernel goes on."""
        self.page.reload()
        self.page.wait_for_function(f"window.jupyterapp && {CONNECTED} && {SHOWN}")

    def save(self) -> nbformat.NotebookNode:
        """Save it; what is in the file."""
        self.execute("docmanager:save")
        return nbformat.read(self.path, 4)

    def cell(self, index: int) -> Locator:
        """The cell on the page."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def source(self, index: int) -> str:
        """The cell's text, from the document rather than the page."""
        return str(
            self.page.evaluate(
                f"index => {NOTEBOOK}.content.widgets[index].model.sharedModel.getSource()", index
            )
        )

    def select(self, index: int) -> None:
        """Click into the cell's editor, as a user does."""
        self.cell(index).locator(".cm-content").click()

    def execute(self, command: str, arguments: dict[str, Any] | None = None) -> None:
        """Run a command of the application and wait until it is done."""
        self.page.evaluate(
            "async ([command, args]) => { await jupyterapp.commands.execute(command, args); }",
            [command, arguments or {}],
        )

    def enabled(self, command: str) -> bool:
        """Whether the application offers the command now."""
        return bool(
            self.page.evaluate("command => jupyterapp.commands.isEnabled(command)", command)
        )

    def run(self, index: int) -> None:
        """Run one cell to its end."""
        self.select(index)
        self.execute("notebook:run-cell")

    def start(self, index: int) -> None:
        """Run one cell and return at once."""
        self.select(index)
        self.page.evaluate("void jupyterapp.commands.execute('notebook:run-cell')")

    def busy(self, index: int) -> bool:
        """Whether the cell runs or waits to be run, by its prompt."""
        return "*" in self.cell(index).locator(".jp-InputPrompt").inner_text()

    def printed(self, index: int) -> str:
        """Run a cell to its end; what it has printed."""
        self.run(index)
        # from the document: the page may show it a little later
        printed = self.page.evaluate(
            f"{outputs_of(index)}.map(each => [each.text ?? each.evalue ?? ''].flat()).flat()"
        )
        return "".join(printed).strip()

    def comes_to(self, read: Callable[[], Any], wanted: Any) -> None:
        """Wait until what is read of the page, which may still be moving, is this."""
        deadline = time.monotonic() + PATIENCE / 1000
        while (found := read()) != wanted and time.monotonic() < deadline:
            self.page.wait_for_timeout(50)
        assert found == wanted

    def run_all(self) -> None:
        """Run all cells to the end."""
        self.execute("notebook:run-all-cells")

    def output(self, index: int) -> Locator:
        """What the cell has shown."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def menu(self, index: int, item: str) -> None:
        """Choose an item of the cell's context menu."""
        self.cell(index).click(button="right")
        self.page.get_by_role("menuitem", name=item).click()

    def picture(self, name: str, *, dark: bool = False) -> Path:
        """A screenshot in the light or the dark theme."""
        theme = "JupyterLab Dark" if dark else "JupyterLab Light"
        self.execute("apputils:change-theme", {"theme": theme})
        self.page.wait_for_function(f"document.body.dataset.jpThemeName === '{theme}'")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        path = self.pictures / f"{name}-{'dark' if dark else 'light'}.png"
        self.page.screenshot(path=path)
        return path


def write(cells: list[str], path: Path) -> None:
    """Write a notebook of code cells."""
    code = [nbformat.v4.new_code_cell(source) for source in cells]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": kernel}), path)


@contextlib.contextmanager
def serving(
    application: str, factory: pytest.TempPathFactory, *, extension: bool = True
) -> Iterator[Server]:
    """A server that runs."""
    folders = factory.mktemp("notebooks"), factory.mktemp("state")
    server = Server(application, *folders, extension=extension)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("jupyterlab", tmp_path_factory) as server:
        yield server


@pytest.fixture(scope="session")
def notebook_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("notebook", tmp_path_factory) as server:
        yield server


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """Chromium, without a window."""
    chromium = shutil.which("chromium")
    assert chromium, "no chromium on PATH; on Debian: apt install chromium"
    with sync_playwright() as playwright:
        # no sandbox, no /dev/shm: both are missing in containers
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: the folder named by PICTURES, else one that pytest forgets."""
    folder = Path(os.environ.get("PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def opening(browser: Browser, pictures: Path) -> Iterator[Opener]:
    """Opens a notebook of the given code cells, a copy of a file, or (None) one that is there."""
    opened: list[Notebook] = []

    def opener(
        server: Server,
        cells: list[str] | Path | None,
        name: str = "test.ipynb",
        *,
        kernel: bool = True,
    ) -> Notebook:
        target = server.root / name
        if isinstance(cells, Path):
            shutil.copy(cells, target)
        elif cells is not None:
            write(cells, target)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.set_default_timeout(PATIENCE)
        notebook = Notebook(page, target, pictures)
        opened.append(notebook)
        # reset: JupyterLab would open the notebooks of earlier tests beside it
        place = f"{server.url}/{PLACES[server.application]}/{quote(name)}"
        notebook.go(f"{place}?token={TOKEN}&reset", kernel=kernel)
        return notebook

    try:
        yield opener
    finally:
        for page in (each.page for each in opened if not each.page.is_closed()):
            # else the server keeps the kernel until it ends
            page.evaluate(f"{NOTEBOOK}.sessionContext.shutdown().catch(() => null)")
            page.context.close()
    # JupyterLab has some of its own, where kernels die
    assert [error for each in opened for error in each.errors if EXTENSION in error] == []


@pytest.fixture
def open_notebook(browser: Browser, pictures: Path) -> Iterator[Opener]:
    """Opens notebooks for one test."""
    with opening(browser, pictures) as opener:
        yield opener

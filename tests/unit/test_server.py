"""The server extension, in a real server: what it tells, and what it does not."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from store_cases import INFO, finished, raw

from jupyter_hpo.server.shelf import LISTED
from jupyter_hpo.store import Store
from jupyter_hpo.trial import Trial, TrialState

TOKEN = "the token"
CONFIG = f"""
from jupyter_server.auth import Authorizer
class Careful(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return (action, resource) != ("read", handler.request.headers.get("X-Denied"))
c.ServerApp.authorizer_class = Careful
c.IdentityProvider.token = {TOKEN!r}
c.ServerApp.jpserver_extensions = {{"jupyter_hpo.server": True}}
"""


class Server:
    """A Jupyter server without anything else."""

    def __init__(self, root: Path, state: Path) -> None:
        self.root, self._log = root, state / "log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}/base/"
        names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        (state / "jupyter_server_config.py").write_text(CONFIG)
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "jupyter_server", "--allow-root"),
                    *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
                    *(f"--ServerApp.root_dir={root}", "--ServerApp.base_url=/base/"),
                ],
                env={
                    **os.environ,
                    **dict.fromkeys(names, str(state)),
                    "JUPYTER_NO_CONFIG": "",
                    "PYTHONPATH": str(Path(__file__).parents[2]),
                },
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        until = time.monotonic() + 120
        while self.process.poll() is None and time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self._url}api", timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(self._log.read_text())

    def get(
        self, what: str, *, token: str | None = TOKEN, denied: str = "", **asked: Any
    ) -> tuple[int, Any]:
        """The status, and what the answer holds."""
        headers = {"X-Denied": denied} | ({"Authorization": f"token {token}"} if token else {})
        url = f"{self._url}jupyter-hpo/api/{what}?{urlencode(asked)}"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or "null")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("served"), tmp_path_factory.mktemp("state"))
    try:
        running.wait()
        yield running
    finally:
        running.process.terminate()
        running.process.wait(30)


def filled(folder: Path, *trials: Trial, **info: Any) -> Store:
    """A store beside the notebooks of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(folder / ".jupyter_hpo" / "studies.db")
    space = [{**INFO.space[0], "line": 2, "log": False, "step": None, "default": 0.5}]
    made = replace(INFO, space=space, created=1.5e9 + len(store.list()), **info)
    study_id, _ = store.create(made)
    store.save(study_id, trials=trials)
    return store


def files(folder: Path) -> dict[str, tuple[int, int]]:
    found = [each for each in folder.rglob("*") if each.is_file()]
    return {str(each): (each.stat().st_size, each.stat().st_mtime_ns) for each in found}


def test_studies_of_a_folder_are_listed_and_read_and_nothing_is_written(server: Server) -> None:
    folder = server.root / "projects" / "näh"
    failed = Trial(
        3, TrialState.FAIL, {"lr": 0.2}, error="Traceback\nValueError: no <b>", output="printed"
    )
    values = (0.5, 0.7, 0.4)
    store = filled(folder, *(finished(n, v, v + 1, v) for n, v in enumerate(values)), failed)
    filled(folder, finished(0, float("inf")), finished(1, 3.0), name="up", maximize=True)
    before = files(folder)

    status, told = server.get("studies", path="projects/näh/")
    assert (status, told["more"]) == (200, False)
    up, study = told["studies"]
    assert (up["name"], up["best"], up["leaders"]) == ("up", "inf", [[0], ["inf"]])
    assert study | {"id": 1, "run": 1, "done": 4, "aim": 10, "alive": False} == study
    assert study["leaders"] == [[0, 2], [0.5, 0.4]]
    assert study["state"] == "paused"  # whoever ran it is gone

    status, saved = server.get("study", path="projects/näh", id=1)
    assert status == 200, saved
    assert (saved["format"], saved["info"]["uid"]) == (1, study["uid"])
    assert [trial["n"] for trial in saved["trials"]] == [0, 1, 2, 3]
    assert saved["trials"][0]["r"] == [[0, 1], [1.5, 0.5]]
    status, trial = server.get("trial", path="projects/näh", id=1, number=3)
    assert (status, trial["output"], trial["code"]) == (200, "printed", "lr = 0.2")
    status, weights = server.get("importance", path="projects/näh", id=1)
    assert status == 200 and set(weights) == {"method", "trials", "values", "note"}
    assert files(folder) == before

    # while a kernel holds one and writes
    store.hold(1)
    store.save(1, trials=[finished(4, 0.1)])
    study = server.get("studies", path="projects/näh")[1]["studies"][1]
    assert (study["state"], study["alive"], study["best"]) == ("running", True, 0.1)
    store.release(1)
    for what, asked in {"study": {}, "trial": {"number": 0}, "importance": {}}.items():
        status, told = server.get(what, path="projects/näh", id=9, **asked)
        assert status == 422 and told["message"].startswith(
            "there is no study 9 in projects/näh/.j"
        )
    assert server.get("trial", path="projects/näh", id=1, number=9)[0] == 422


def test_a_folder_without_a_store_has_no_studies(server: Server) -> None:
    (server.root / "bare").mkdir()
    assert server.get("studies", path="bare") == (200, {"studies": [], "more": False})
    assert not (server.root / "bare" / ".jupyter_hpo").exists()


@pytest.mark.parametrize("what", ["studies", "study", "trial", "importance"])
def test_who_may_not_read_files_may_not_read_studies(server: Server, what: str) -> None:
    filled(server.root / "secret", finished(0))
    asked = {"path": "secret", "id": 1, "number": 0}
    for token in (None, "another"):
        assert server.get(what, token=token, **asked)[0] == 403
    assert server.get(what, denied="contents", **asked)[0] == 403
    assert server.get(what, denied="kernels", **asked)[0] == 200


@pytest.mark.parametrize(
    "path",
    ["..", "../outside", "projects/../../outside", "/../outside", "{outside}", "%2e%2e/outside"],
)
def test_nothing_outside_the_servers_root_is_told(server: Server, path: str) -> None:
    outside = server.root.parent / "outside"
    if not outside.exists():
        filled(outside, finished(0))
    asked = path.format(outside=outside)
    status, told = server.get("studies", path=asked)
    assert status == 404 and str(outside) not in json.dumps(told)
    assert server.get("study", path=asked, id=1)[0] == 404


def test_what_is_hidden_or_a_link_is_not_told(server: Server) -> None:
    away = server.root.parent / "away"
    store = filled(away, finished(0))
    filled(server.root / ".hidden", finished(0))
    assert server.get("studies", path=".hidden")[0] == 404
    folder, file = server.root / "linked", server.root / "file"
    folder.mkdir()
    (folder / ".jupyter_hpo").symlink_to(store.path.parent)
    (file / ".jupyter_hpo").mkdir(parents=True)
    (file / ".jupyter_hpo" / "studies.db").symlink_to(store.path)
    for path in ("linked", "file"):
        status, told = server.get("studies", path=path)
        assert status == 422 and str(server.root.parent) not in told["message"]


def test_a_damaged_store_is_reported(server: Server) -> None:
    folder = server.root / "broken"
    store = filled(folder, finished(0))
    filled(folder, name="whole")
    with raw(store) as db:
        db.execute("UPDATE studies SET space = 'no JSON', maximize = 7 WHERE id = 1")
    whole, broken = server.get("studies", path="broken")[1]["studies"]
    assert (whole["name"], whole["broken"], broken["broken"]) == ("whole", False, True)
    assert "in broken/.jupyter_hpo/studies.db is damaged" in broken["message"]
    assert server.get("study", path="broken", id=1)[0] == 422
    with raw(store) as db:  # it can be read, and makes no sense
        db.execute('UPDATE studies SET maximize = 0, space = \'[{"key": "k", "name": "n"}]\'')
        db.execute("UPDATE studies SET cell = ?", ("%%tune\n" + "[" * 9_000,))
    status, told = server.get("study", path="broken", id=1)
    assert status == 422 and "is damaged" in told["message"]
    store.path.write_bytes(b"garbage" * 1000)
    status, told = server.get("studies", path="broken")
    assert status == 422
    assert told["message"].startswith("broken/.jupyter_hpo/studies.db is not a file of studies")
    store.path.unlink()
    os.mkfifo(store.path)  # which nobody writes to
    assert server.get("studies", path="broken")[0] == 422


def test_numbers_are_numbers(server: Server) -> None:
    for told in ("-1", "1; DROP", "²", "9" * 40, ""):
        assert server.get("study", path="", id=told)[0] == 400


def test_of_many_studies_the_newest_are_listed(server: Server) -> None:
    folder = server.root / "large"
    store = filled(folder, finished(0))
    with raw(store) as db:
        db.executemany(
            "INSERT INTO studies SELECT ?, notebook, name, ?, metric, maximize, optimizer, seed,"
            " total, space, source, cell, created + ?, state, message, notes, queue, elapsed,"
            " edits, pruner, even, budget FROM studies WHERE id = 1",
            [(n, n, n) for n in range(2, 2 * LISTED + 1)],
        )
        db.execute(
            "WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 40)"
            " INSERT INTO trials SELECT studies.id, k, 'COMPLETE', 1.0 / k, '{}', 0.0, 1.0, 1,"
            " NULL, NULL, '{}', '{}', hex(zeroblob(2000)) FROM studies, n"
        )
    status, told = server.get("studies", path="large")
    assert (status, told["more"], len(told["studies"])) == (200, True, LISTED)
    first = told["studies"][0]
    assert (first["run"], first["done"], first["best"]) == (2 * LISTED, 40, 1 / 40)
    assert first["leaders"][0][-1] == 40 and len(first["leaders"][0]) <= 40
    status, told = server.get("studies", path="large", count=2 * LISTED)
    assert (status, told["more"], len(told["studies"])) == (200, False, 2 * LISTED)
    assert server.get("studies", path="large", count="-1")[0] == 400

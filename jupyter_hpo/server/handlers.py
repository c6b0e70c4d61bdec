"""What pages may ask the server: GET requests, answered in JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.services.contents.fileio import FileManagerMixin
from jupyter_server.utils import ApiPath, ensure_async, to_os_path, url_path_join
from tornado import web

from ..errors import StoreError
from .shelf import LISTED, Shelf

JSON = dict[str, Any]
PREFIX: Final = "jupyter-hpo/api"
PATIENCE: Final = 120.0  # s that importances may take


def handlers(base_url: str) -> list[tuple[str, type[APIHandler]]]:
    """The server's new addresses; see `labextension/src/lab/studies/server.ts`."""
    found = {
        "studies": StudiesHandler,
        "study": StudyHandler,
        "trial": TrialHandler,
        "importance": ImportanceHandler,
    }
    return [(url_path_join(base_url, PREFIX, name), each) for name, each in found.items()]


def _is_on_disk(contents: object) -> bool:
    return isinstance(contents, FileManagerMixin)


class _Handler(APIHandler):
    """Answers for folders that the contents manager serves."""

    auth_resource = "contents"  # who may not read files may not read studies

    async def folder(self) -> Path:
        """The folder that is asked about, on the disk; 404 if the server does not serve it."""
        path = self.get_query_argument("path", "").strip("/")
        contents: Any = self.contents_manager
        if not _is_on_disk(contents):
            raise web.HTTPError(501, reason="This server's notebooks are on no disk of its own")
        # both raise 404 outside its root; the same rules as for a file of that folder
        hidden = not contents.allow_hidden and await ensure_async(contents.is_hidden(path))
        if hidden or not await ensure_async(contents.dir_exists(path)):
            raise web.HTTPError(404, reason="There is no such folder")
        return Path(to_os_path(ApiPath(path), contents.root_dir))

    def shelf(self, folder: Path) -> Shelf:
        return Shelf(folder, self.get_query_argument("path", "").strip("/"))

    def number(self, name: str) -> int:
        """A whole number that is given with the request."""
        told = self.get_query_argument(name)
        if not (told.isascii() and told.isdigit() and len(told) < 19):
            raise web.HTTPError(400, reason=f"{name} is a whole number")
        return int(told)

    async def tell(self, look: Callable[[Shelf], JSON]) -> None:
        """Answer with what is read, on a thread: the server goes on with other things."""
        shelf = self.shelf(await self.folder())
        try:
            told = await asyncio.get_running_loop().run_in_executor(None, look, shelf)
        except StoreError as error:
            self.refuse(str(error))
        else:
            self.set_header("Cache-Control", "no-store")
            await self.finish(json.dumps(told, allow_nan=False))

    def refuse(self, sentence: str) -> None:
        """Say why not, in a sentence for the user."""
        self.set_status(422)
        self.finish(json.dumps({"message": sentence}))


class StudiesHandler(_Handler):
    """``studies?path=FOLDER&count=COUNT``: a line for each of the newest that are stored there."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer."""
        count = self.number("count") if "count" in self.request.query_arguments else LISTED
        await self.tell(partial(Shelf.list, count=count))


class StudyHandler(_Handler):
    """``study?path=FOLDER&id=ID``: all of a study, as notebooks keep it."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer."""
        await self.tell(partial(Shelf.study, study_id=self.number("id")))


class TrialHandler(_Handler):
    """``trial?path=FOLDER&id=ID&number=NUMBER``: output, traceback and the like."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer."""
        study_id, number = self.number("id"), self.number("number")
        await self.tell(partial(Shelf.trial, study_id=study_id, number=number))


class ImportanceHandler(_Handler):
    """``importance?path=FOLDER&id=ID``: how much each hyperparameter matters."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer; in a process of its own, for what it imports is large and its work long."""
        study_id, folder = self.number("id"), await self.folder()
        shown = self.get_query_argument("path", "").strip("/")
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "jupyter_hpo.server.importance"),
            *(str(folder), shown, str(study_id)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, _ = await asyncio.wait_for(worker.communicate(), PATIENCE)
        except TimeoutError:
            worker.kill()
            await worker.wait()
            self.refuse("that takes too long")
            return
        if worker.returncode:
            self.refuse(out.decode(errors="replace") or "that could not be worked out")
            return
        self.set_header("Cache-Control", "no-store")
        await self.finish(out)

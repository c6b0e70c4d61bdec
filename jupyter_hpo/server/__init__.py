"""Jupyter server extension: stored studies for pages, without a kernel.

It only reads, and nothing that the server's contents manager would refuse:
stores beside notebooks in folders that it serves, for users who may read them.
All that is private to jupyter_server is in this room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyter_hpo.server"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    from .handlers import handlers

    app: Any = server.web_app
    app.add_handlers(".*$", handlers(app.settings["base_url"]))

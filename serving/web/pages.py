"""Pages for a browser, from files of this machine alone: /docs (Swagger UI over our OpenAPI document) and /data-docs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from serving.web.problems import UNKNOWN_ROUTE, ProblemError

DOCS_PATH = "/docs"
FILES_PATH = f"{DOCS_PATH}/files"
START_PATH = f"{DOCS_PATH}/start.js"
# Swagger UI sets styles on elements; scripts run from our files only.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_INDEX = (".", "index.html")
# Addresses are relative, so that the page also works below a path of a proxy.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Foretick API</title>
<link rel="icon" href="docs/files/favicon.png">
<link rel="stylesheet" href="docs/files/swagger-ui.css">
</head>
<body>
<main id="page"><noscript>This page needs JavaScript; openapi.json describes the same for programs.</noscript></main>
<script src="docs/files/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
# Without validatorUrl the document would be sent to a server of Swagger's.
_START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  validatorUrl: null,
  deepLinking: true,
  displayRequestDuration: true,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout"
});
"""
# In the frame of the pages that take its place.
_NOTHING_VALIDATED = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Validations</title>
<style>
:root { color-scheme: light dark }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto }
</style>
</head>
<body>
<h1>Validations</h1>
<p>Nothing was validated in this workspace yet, so there are no pages.</p>
<p><code>foretick validate</code> checks what is stored and writes them; so do the flows <code>validate-candles</code> (daily while
<code>foretick up</code> runs), <code>train-horizon</code> and <code>main-job</code>.</p>
</body>
</html>
"""
_NO_PAGE = "there is no such page: the pages of the last runs alone are kept, and /data-docs/ lists them"


class ValidationPages(StaticFiles):
    """What was validated, as pages in a folder; before there are any, a page that says so and what writes them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self.config_checked = True  # a folder that is not there is one without pages, not a fault

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a page."""
        try:
            return await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404:
                raise
            if path not in _INDEX:
                raise ProblemError(UNKNOWN_ROUTE, _NO_PAGE) from error
            return HTMLResponse(_NOTHING_VALIDATED)


def add_docs(app: FastAPI) -> None:
    """Serve the page and its files."""
    app.add_route(DOCS_PATH, _page, include_in_schema=False)
    app.add_route(START_PATH, _start, include_in_schema=False)
    app.mount(FILES_PATH, StaticFiles(directory=swagger_folder()), name="docs files")


def swagger_folder() -> Path:
    """Folder of Swagger UI's files: of fastapi-offline, which is not imported for that."""
    package = find_spec("fastapi_offline")
    if package is None or not package.submodule_search_locations:
        raise ImportError("fastapi_offline is not installed: make setup installs what is locked")
    return Path(package.submodule_search_locations[0]) / "static"


async def _page(_: Request) -> Response:
    return HTMLResponse(_PAGE)


async def _start(_: Request) -> Response:
    return Response(_START, media_type="text/javascript")

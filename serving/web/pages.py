"""The page of /docs: Swagger UI over our OpenAPI document, from files of this machine alone."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

DOCS_PATH = "/docs"
FILES_PATH = f"{DOCS_PATH}/files"
START_PATH = f"{DOCS_PATH}/start.js"
# Swagger UI sets styles on elements; scripts run from our files only.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
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

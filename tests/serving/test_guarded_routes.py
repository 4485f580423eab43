"""Walks all routes of the app: a new one that forgets whom it obeys fails here."""

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import iter_route_contexts

from forecasting.settings import load_settings
from serving.app import create_app
from serving.web.access import OPEN_PATHS, SAFE_METHODS, Admin, needs_admin, needs_read

ONLY_READS = {("/api/forecast", "POST")}
# Questions that only the gate guards: what FastAPI does not make has no dependencies.
NO_DEPENDENCIES = {"/openapi.json", "/docs", "/docs/start.js"}


def calls(dependant):
    """All dependencies of a route, those of dependencies included."""
    return {dependant.call}.union(*map(calls, dependant.dependencies))


def routes_of(app):
    """Every method of every route that FastAPI made, with what its calls depend on."""
    for each in iter_route_contexts(app.routes):
        dependant = getattr(each, "dependant", None)
        for method in each.methods or ():
            yield method, each.path, calls(dependant) if dependant else set()


def unguarded(app):
    """Routes that obey whom they should not, as method and path."""
    found = []
    for method, path, needed in routes_of(app):
        reads = method in SAFE_METHODS or (path, method) in ONLY_READS
        wanted = {needs_read, needs_admin} if reads else {needs_admin}
        if path not in OPEN_PATHS | NO_DEPENDENCIES and not wanted & needed:
            found.append(f"{method} {path}")
    return sorted(found)


@pytest.fixture(scope="module")
def app():
    return create_app(load_settings(mlflow_tracking_uri="sqlite:////nowhere/mlflow.db"))


def test_every_route_knows_whom_it_obeys(app):
    assert unguarded(app) == []


def test_the_walk_sees_the_routes(app):
    paths = {path for _, path, _ in routes_of(app)}
    assert {"/api/forecast", "/api/forecast/coherent", "/livez", "/readyz"} <= paths


def test_a_route_that_forgets_is_found():
    app, router = FastAPI(docs_url=None, redoc_url=None), APIRouter()

    @router.get("/api/open")
    @router.put("/api/open")
    @router.delete("/api/open")
    def forgets() -> None: ...

    @router.put("/api/guarded")
    def guarded(caller: Admin) -> None: ...

    app.include_router(router)
    assert unguarded(app) == ["DELETE /api/open", "GET /api/open", "PUT /api/open"]


def test_a_change_that_only_needs_a_reader_is_found():
    app, router = FastAPI(docs_url=None, redoc_url=None), APIRouter()

    @router.get("/api/thing")
    @router.post("/api/thing")
    def thing() -> None: ...

    app.include_router(router, dependencies=[Depends(needs_read)])
    assert unguarded(app) == ["POST /api/thing"]

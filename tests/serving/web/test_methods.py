"""A path that several routes share names the methods of all of them."""

import pytest
from fastapi import APIRouter, FastAPI

from serving.web.problems import install_problem_handlers


@pytest.fixture
def client(client_of):
    app, router = FastAPI(), APIRouter(prefix="/api")
    install_problem_handlers(app)

    @router.get("/things/{name}")
    @router.put("/things/{name}")
    def thing(name: str) -> str:
        return name

    @router.post("/things")
    def make() -> None: ...

    app.include_router(router)
    return client_of(app)


def test_a_method_that_no_route_takes_is_told_those_that_some_do(client):
    response = client.delete("/api/things/a")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, PUT")


def test_another_path_has_methods_of_its_own(client):
    response = client.get("/api/things")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


def test_what_a_route_takes_is_answered_still(client):
    assert client.put("/api/things/a").json() == "a"

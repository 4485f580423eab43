"""What a page of another site may send and read, asked as browsers ask it."""

import pytest

from forecasting.settings import load_settings
from serving.app import create_app

PAGES, EVIL = "https://pages.example", "https://evil.example"
KINDS = "urn:foretick:problem:"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(home=tmp_path_factory.mktemp("home"), mongo_uri="", cors_origins=PAGES))


@pytest.fixture(scope="module")
def operations(app):
    paths = app.openapi()["paths"]
    return [(path, method, each) for path, found in paths.items() for method, each in found.items()]


@pytest.fixture(scope="module")
def ask(app, client_of):
    """What a browser is told before a page sends its request."""

    def preflight(path="/api/forecast", method="POST", headers=(), origin=PAGES):
        wanted = {"Origin": origin, "Access-Control-Request-Method": method}
        named = {"Access-Control-Request-Headers": ",".join(headers)} if headers else {}
        return client_of(app).options(path, headers=wanted | named)

    return preflight


def headers_of(operation, schemes):
    """All request headers that the OpenAPI document names for an operation."""
    found = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"}
    found |= {"content-type"} if "requestBody" in operation else set()
    for name in {name for each in operation.get("security", ()) for name in each}:
        found.add(schemes[name].get("name", "authorization").lower())
    return sorted(found)


def test_a_page_may_send_every_method_and_header_that_the_document_names(app, operations, ask):
    schemes, seen = app.openapi()["components"]["securitySchemes"], set()
    for path, method, operation in operations:
        headers = headers_of(operation, schemes)
        seen.update(headers)
        response = ask(path, method.upper(), headers)
        assert response.status_code == 200, (method, path, headers, response.text)
    assert {"if-match", "cache-control", "idempotency-key", "x-api-key", "authorization"} <= seen


def test_a_page_may_read_every_header_that_the_document_names(app, operations, client_of):
    answer = client_of(app).get("/livez", headers={"Origin": PAGES})
    exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
    named = {
        name.lower()
        for _, _, operation in operations
        for response in operation["responses"].values()
        for name in response.get("headers", ())
    }
    assert "etag" in named
    assert named | {"retry-after"} <= set(exposed)


def test_what_a_page_may_not_send_is_refused_with_a_problem_that_names_what_it_may(ask):
    for wanted in ({"headers": ["x-other"]}, {"method": "DELETE"}):
        response = ask(**wanted)
        assert (response.status_code, response.json()["type"]) == (400, f"{KINDS}unusual-request")
        assert response.headers["content-type"] == "application/problem+json"
        assert "If-Match" in response.headers["access-control-allow-headers"]
        assert response.headers["access-control-allow-methods"] == "GET, POST, PUT"


def test_a_page_of_another_origin_is_refused_with_a_problem_and_told_nothing_more(ask):
    response = ask(origin=EVIL)
    assert (response.status_code, response.json()["type"]) == (403, f"{KINDS}foreign-origin")
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["content-length"]) == len(response.content)
    assert "access-control-allow-origin" not in response.headers
    assert EVIL not in response.text

import pytest
from fastapi import FastAPI, Response

from serving.web.headers import NOTHING, SafeHeaders
from serving.web.problems import install_problem_handlers
from tests.serving.conftest import TestClient


@pytest.fixture(scope="module")
def client():
    app = FastAPI()
    install_problem_handlers(app)
    app.get("/api/thing")(lambda: 1)
    app.get("/pages/one")(lambda: 1)
    app.get("/pagesbeside")(lambda: 1)
    app.get("/kept")(lambda: Response("x", headers={"Cache-Control": "max-age=60"}))
    app.get("/broken")(lambda: 1 / 0)
    app.add_middleware(SafeHeaders, policies={"/pages": "default-src 'self'"})
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("path", ["/api/thing", "/nowhere"])
def test_every_answer_tells_the_browser_to_keep_show_and_load_nothing(client, path):
    headers = client.get(path).headers
    assert headers["content-security-policy"] == NOTHING
    assert "frame-ancestors 'none'" in NOTHING
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "policy"), [("/pages/one", "default-src 'self'"), ("/pagesbeside", NOTHING)]
)
def test_pages_below_a_path_have_a_policy_of_their_own(client, path, policy):
    assert client.get(path).headers.get_list("content-security-policy") == [policy]


def test_what_an_answer_says_by_itself_stays(client):
    assert client.get("/kept").headers.get_list("cache-control") == ["max-age=60"]

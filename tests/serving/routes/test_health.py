"""Health as supervisors ask for it; what is told of it is tested where it comes from."""

import pytest

from forecasting.settings import load_settings
from serving.app import create_app
from serving.web.access import OPEN_PATHS

HEALTH = sorted(OPEN_PATHS)


@pytest.fixture(scope="module")
def client(client_of, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    settings = load_settings(home=home, mongo_uri="", api_key="a key of twenty letters")
    with client_of(create_app(settings)) as client:
        yield client


@pytest.mark.parametrize("path", HEALTH)
def test_head_is_answered_as_get_is_and_without_a_key(client, path):
    asked, looked = client.get(path), client.head(path)
    assert (asked.status_code, looked.status_code) == (200, 200)
    assert looked.headers["content-type"] == asked.headers["content-type"]
    assert looked.content == b""


@pytest.mark.parametrize("path", HEALTH)
@pytest.mark.parametrize("method", ["POST", "TRACE", "DELETE"])
def test_other_methods_are_told_those_that_health_takes(client, path, method):
    response = client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


def test_the_document_tells_of_health_once(client):
    paths = client.app.openapi()["paths"]
    assert [list(paths[each]) for each in HEALTH] == [["get"], ["get"]]

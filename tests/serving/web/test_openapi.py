import pytest
from pydantic import SecretStr

from forecasting.settings import load_settings
from serving.app import create_app
from serving.schemas.forecasts import Problem
from serving.web.openapi import SCHEMES
from serving.web.problems import MEDIA_TYPE

KEY = "a key of twenty letters"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    return create_app(load_settings(home=home, mongo_uri="", api_key=SecretStr(KEY)))


@pytest.fixture(scope="module")
def paths(app):
    return app.openapi()["paths"]


def operations(paths):
    return [(path, method, operation) for path, found in paths.items() for method, operation in found.items()]


def test_every_operation_names_its_scope_but_those_of_health(paths):
    for path, method, operation in operations(paths):
        if path in ("/livez", "/readyz"):
            assert "security" not in operation
            continue
        scope = "read" if method == "get" or path == "/api/forecast" else "admin"
        assert operation["security"] == [*({name: [scope]} for name in SCHEMES), {}]


def test_the_refusals_of_the_shell_are_described(paths):
    for path, _, operation in operations(paths):
        wanted = {"400"} if path in ("/livez", "/readyz") else {"400", "401", "403", "429", "503"}
        wanted |= {"408", "413", "415"} if "requestBody" in operation else set()
        assert wanted <= set(operation["responses"])


def test_no_get_asks_for_a_body_and_no_post_lacks_its_media_type(paths):
    for _, method, operation in operations(paths):
        if "requestBody" in operation:
            assert method != "get"
            assert list(operation["requestBody"]["content"]) == ["application/json"]


def refusals(operation):
    return {int(status): each for status, each in operation["responses"].items() if int(status) >= 400}


def test_every_refusal_has_an_example_of_its_own(paths):
    for path, method, operation in operations(paths):
        for status, response in refusals(operation).items():
            example = Problem.model_validate(response["content"][MEDIA_TYPE]["example"])
            assert (example.status, example.title) == (status, response["description"]), (method, path)


def test_the_example_of_a_malformed_request_names_the_field_that_its_detail_names(paths):
    for path, method, operation in operations(paths):
        if 422 in refusals(operation):
            example = refusals(operation)[422]["content"][MEDIA_TYPE]["example"]
            (error,) = example["errors"]
            assert f"{error['field']} {error['message']}" == example["detail"], (method, path)


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (400, {"headers": {"Host": "evil.example"}}),
        (401, {}),
        (413, {"headers": {"X-API-Key": KEY}, "content": b" " * 70_000}),
        (415, {"headers": {"X-API-Key": KEY, "Content-Type": "text/plain"}, "content": b"{}"}),
    ],
)
def test_an_example_is_what_is_answered(app, paths, client_of, status, asked):
    example = refusals(paths["/api/forecast"]["post"])[status]["content"][MEDIA_TYPE]["example"]
    answer = client_of(app).post("/api/forecast", **asked).json()
    assert {**answer, "instance": None} == {**example, "instance": None}

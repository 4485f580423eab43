import pytest

from forecasting.settings import load_settings
from serving.app import create_app
from serving.web.openapi import SCHEMES


@pytest.fixture(scope="module")
def paths():
    return create_app(load_settings(mlflow_tracking_uri="sqlite:////nowhere/mlflow.db")).openapi()["paths"]


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

import math

import pytest

from forecasting.settings import load_settings
from serving.app import create_app
from serving.schemas.coherent import CoherentAnswer
from tests.serving.coherent import ASKED, ask


def problem(client, **changes):
    response = ask(client, **changes)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == response.status_code
    return response.json()


@pytest.mark.parametrize("steps", ["1d", "7d", "2h", "1m "])
def test_pairs_without_sense_are_422_and_those_with_sense_are_named(in_production, steps):
    refused = problem(in_production, steps=steps)
    assert (refused["status"], refused["errors"][0]["field"]) == (422, "steps")
    assert "1h in 1m, 1d in 1m or 1h, 7d in 1h or 1d, 30d in 1h or 1d" in refused["detail"]


@pytest.mark.parametrize(
    ("changes", "status", "kind"),
    [
        ({"symbol": "NOPE/USDT"}, 404, "unknown-symbol"),
        ({"horizon": "2h"}, 404, "unknown-horizon"),
        ({"steps": "1m"}, 409, "not-enough-history"),
        ({"timestamp": "2015-01-01T00:00:00Z"}, 409, "not-enough-history"),
        ({"timestamp": "2100-01-01T00:00:00Z"}, 422, "malformed-request"),
        ({"timestamp": "yesterday"}, 422, "malformed-request"),
        ({"symbol": None}, 422, "malformed-request"),
        ({"steps": None}, 422, "malformed-request"),
        ({"symbol": ""}, 422, "malformed-request"),
        ({"symbol": "A" * 65}, 422, "malformed-request"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(in_production, changes, status, kind):
    refused = problem(in_production, **changes)
    assert (refused["status"], refused["type"]) == (status, f"urn:foretick:problem:{kind}")


def test_a_parameter_that_is_not_known_is_refused_without_its_name(in_production):
    refused = problem(in_production, evil="x")
    assert refused["detail"].startswith("query has a field that this route does not know")
    assert "evil" not in str(refused)


def test_the_route_takes_no_other_method(in_production):
    refused = in_production.post("/api/forecast/coherent", json=ASKED)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")


@pytest.fixture(scope="session")
def document():
    return create_app(load_settings(mlflow_tracking_uri="sqlite:////nowhere/mlflow.db")).openapi()


def test_the_document_describes_each_parameter(document):
    parameters = document["paths"]["/api/forecast/coherent"]["get"]["parameters"]
    assert [each["name"] for each in parameters] == ["symbol", "horizon", "timestamp", "steps"]
    assert all("description" in each for each in parameters)


def test_the_example_of_the_document_is_an_answer(document):
    for example in document["components"]["schemas"]["CoherentAnswer"]["examples"]:
        assert CoherentAnswer.model_validate(example).model_dump(mode="json") == example


def test_the_steps_of_the_example_agree(document):
    (example,) = document["components"]["schemas"]["CoherentAnswer"]["examples"]
    growth = math.prod(1 + step["reconciled_return"] for step in example["steps"])
    assert growth - 1 == pytest.approx(example["reconciled_return"])


def test_every_field_of_an_answer_is_described(document):
    schemas = document["components"]["schemas"]
    for name in ("CoherentAnswer", "CoherentStep"):
        assert all("description" in field for field in schemas[name]["properties"].values())

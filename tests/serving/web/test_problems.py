import logging
from typing import Annotated, Literal

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field

from forecasting.errors import (
    DamagedBundle,
    InvalidCandles,
    LoadInterrupted,
    NotEnoughHistory,
    RegistryUnavailable,
    StoreUnavailable,
    UnknownHorizon,
    UnknownSymbol,
)
from serving.web.problems import MEDIA_TYPE, NO_KEY, ProblemError, field_error, install_problem_handlers


class Part(BaseModel, extra="forbid"):
    size: int


class Asked(BaseModel, extra="forbid"):
    name: Annotated[str, Field(min_length=1, max_length=5)]
    count: Annotated[int, Field(ge=0, le=9)] = 0
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    kind: Literal["one", "other"] = "one"
    code: Annotated[str, Field(pattern="^a*$")] = ""
    parts: Annotated[list[Part], Field(max_length=2)] = []


def asking(error=None):
    app = FastAPI()
    install_problem_handlers(app)

    @app.post("/ask")
    def ask(asked: Asked) -> str:
        if error is not None:
            raise error
        return asked.name

    return app


def problem(response):
    assert response.headers["content-type"] == MEDIA_TYPE
    document = response.json()
    assert list(document) == ["type", "title", "status", "detail", "instance", "errors"]
    assert document["status"] == response.status_code
    return document


@pytest.fixture
def raised(client_of):
    return lambda error: client_of(asking(error)).post("/ask", json={"name": "a"})


@pytest.fixture
def client(client_of):
    return client_of(asking())


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (UnknownSymbol("m"), 404, "unknown-symbol"),
        (UnknownHorizon("m"), 404, "unknown-horizon"),
        (NotEnoughHistory("m"), 409, "not-enough-history"),
        (field_error("timestamp", "m"), 422, "malformed-request"),
        (StoreUnavailable("m"), 503, "store-unavailable"),
        (RegistryUnavailable("m"), 503, "registry-unavailable"),
        (LoadInterrupted("m"), 503, "registry-unavailable"),
        (ProblemError(NO_KEY, "m"), 403, "no-key"),
        (InvalidCandles("m"), 500, "internal"),
        (DamagedBundle("m"), 500, "internal"),
        (ZeroDivisionError("m"), 500, "internal"),
    ],
)
def test_each_error_has_its_status_and_kind(raised, error, status, kind):
    document = problem(raised(error))
    assert (document["status"], document["type"]) == (status, f"urn:foretick:problem:{kind}")


def test_what_the_caller_can_change_is_told_in_the_errors_own_words(raised):
    assert problem(raised(NotEnoughHistory("31 candles are needed, 12 were given")))["detail"] == (
        "31 candles are needed, 12 were given"
    )


@pytest.mark.parametrize(
    "error",
    [StoreUnavailable("mongodb://user:secret@host"), RuntimeError("secret"), InvalidCandles("secret")],
)
def test_what_broke_inside_is_never_told(raised, error):
    assert "secret" not in raised(error).text


def test_the_log_has_what_broke_under_the_name_that_the_caller_got(raised, caplog):
    with caplog.at_level(logging.ERROR):
        instance = problem(raised(RuntimeError("the cause")))["instance"]
    assert any(
        instance in record.message and "the cause" in str(record.exc_info) for record in caplog.records
    )


def test_an_outage_is_logged_in_one_line_with_its_cause(raised, caplog):
    with caplog.at_level(logging.ERROR):
        instance = problem(raised(StoreUnavailable("the disk is full")))["instance"]
    (record,) = caplog.records
    assert record.getMessage() == f"{instance} store-unavailable: the disk is full"
    assert record.exc_info is None


def test_two_occurrences_have_two_names(raised):
    assert problem(raised(UnknownSymbol("m")))["instance"] != problem(raised(UnknownSymbol("m")))["instance"]


@pytest.mark.parametrize("error", [StoreUnavailable("m"), RegistryUnavailable("m")])
def test_an_outage_says_when_to_ask_again(raised, error):
    assert raised(error).headers["retry-after"] == "2"


def test_an_unknown_route_is_a_problem(client):
    assert problem(client.get("/nowhere"))["type"].endswith("unknown-route")


def test_a_wrong_method_is_a_problem_that_names_the_right_one(client):
    response = client.get("/ask")
    assert problem(response)["type"].endswith("method-not-allowed")
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "name", "is needed"),
        ({"name": 5}, "name", "must be a text"),
        ({"name": ""}, "name", "must not be empty"),
        ({"name": "secret"}, "name", "is too long"),
        ({"name": "a", "code": "secret"}, "code", "has a value that cannot be used"),
        ({"name": "a", "count": "secret"}, "count", "must be a whole number"),
        ({"name": "a", "count": -1}, "count", "must be 0 or more"),
        ({"name": "a", "count": 10}, "count", "must be 9 or less"),
        ({"name": "a", "share": 0}, "share", "must be more than 0"),
        ({"name": "a", "share": 1}, "share", "must be less than 1"),
        ({"name": "a", "share": "secret"}, "share", "must be a number"),
        ({"name": "a", "kind": "secret"}, "kind", "must be 'one' or 'other'"),
        ({"name": "a", "parts": "secret"}, "parts", "must be a list"),
        ({"name": "a", "parts": [{"size": 1}] * 3}, "parts", "must have at most 2 entries"),
        ({"name": "a", "parts": [{"size": 1}, {}]}, "parts[1].size", "is needed"),
        (
            {"name": "a", "parts": [{"size": 1, "secret": 1}]},
            "parts[0]",
            "has a field that this route does not know",
        ),
        ({"name": "a", "secret": 1}, "body", "has a field that this route does not know"),
        (["secret"], "body", "must be a JSON object"),
        (None, "body", "is needed"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_sent_is_not_repeated(client, body, field, message):
    response = client.post("/ask", json=body)
    error = problem(response)["errors"][0]
    assert (response.status_code, error["field"]) == (422, field)
    assert error["message"].startswith(message)
    assert "secret" not in response.text


def test_a_body_that_is_not_declared_as_json_is_told_how_to_declare_it(client):
    response = client.post("/ask", content='{"name": "a"}', headers={"content-type": "text/plain"})
    assert "Content-Type: application/json" in problem(response)["detail"]

import asyncio

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.web.limits import BodyLimit, StrictJsonRoute
from serving.web.problems import install_problem_handlers


def echoing(limit_bytes=64):
    app = FastAPI()
    app.router.route_class = StrictJsonRoute
    app.add_middleware(BodyLimit, limit_bytes=limit_bytes)
    install_problem_handlers(app)

    @app.post("/echo")
    def echo(asked: dict[str, float | str]) -> int:
        return len(asked)

    @app.get("/size")
    def size() -> int:
        return 0

    return app


@pytest.fixture(scope="module")
def posted(client_of):
    clients = {limit: client_of(echoing(limit)) for limit in (64, 64 * 1024)}

    def post(content, limit_bytes=64, **headers):
        declared = {"content-type": "application/json"} | headers
        return clients[limit_bytes].post("/echo", content=content, headers=declared)

    return post


def body_of(size):
    return b'{"a":"' + b"x" * (size - 8) + b'"}'


def test_a_body_of_exactly_the_limit_passes(posted):
    assert posted(body_of(64)).status_code == 200


def test_a_body_of_one_byte_more_is_413(posted):
    response = posted(body_of(65))
    assert (response.status_code, response.json()["type"]) == (413, "urn:foretick:problem:too-large")


def test_a_streamed_body_without_a_length_is_counted(posted):
    assert posted(iter([b'{"a":"', b"x" * 100, b'"}'])).status_code == 413


def test_a_streamed_body_within_the_limit_arrives_whole(posted):
    assert posted(iter([b'{"a":', b"1,", b'"b":2}'])).json() == 2


def test_a_false_length_does_not_help(posted):
    assert posted(iter([body_of(65)]), **{"content-length": "3"}).status_code == 413


@pytest.mark.parametrize("length", ["99999999999999999999", "65"])
def test_a_length_over_the_limit_is_refused_before_the_body_is_read(posted, length):
    assert posted(b"", **{"content-length": length}).status_code == 413


@pytest.mark.parametrize("length", ["-1", "abc", "²"])
def test_a_length_that_is_no_number_is_left_to_the_count(posted, length):
    assert posted(b"{}", **{"content-length": length.encode()}).status_code == 200


@pytest.mark.parametrize(
    ("query", "status"), [("a=1&a=2", 422), ("a=1&%61=2", 422), ("a=1&b=1", 200), ("", 200)]
)
def test_a_parameter_that_is_given_twice_is_refused(client_of, query, status):
    response = client_of(echoing()).get(f"/size?{query}")
    assert response.status_code == status
    assert status == 200 or response.json()["errors"][0]["field"] == "query"


def test_a_request_without_a_body_passes(client_of):
    assert client_of(echoing()).get("/size").json() == 0


HOSTILE = {
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "overflow": b'{"a": 1e999}',
    "lone surrogate": b'{"a": "\\ud800"}',
    "lone surrogate as key": b'{"\\udfff": 1}',
    "long integer": b'{"a": ' + b"9" * 5000 + b"}",
    "deep nesting": b'{"a": ' + b"[" * 50_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "not utf-8": b'{"a": "\xff"}',
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "half": b'{"a": ',
    "two documents": b"{}{}",
    "null byte": b"\x00",
    "bare word": b"yes",
    "a name twice": b'{"a": 1, "a": 2}',
    "a name twice, escaped": b'{"a": 1, "\\u0061": 2}',
    "a name twice, deep": b'{"b": [{"a": 1, "a": 1}]}',
    "1,000 deep": b'{"a": ' + b"[" * 1_000 + b"]" * 1_000 + b"}",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_not_strict_json_is_422_in_few_bytes(posted, body):
    response = posted(body, limit_bytes=64 * 1024)
    assert response.status_code == 422
    assert len(response.content) < 4096


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_at_all_make_the_server_fail(posted, body):
    assert posted(body, limit_bytes=64 * 1024).status_code in (200, 422)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": ""},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json; charset=no-such"},
        {"content-type": "application/jsonx"},
        {"content-encoding": "gzip"},
        {"content-encoding": "identity, gzip"},
    ],
)
def test_a_body_that_is_not_declared_as_plain_json_is_415(posted, headers):
    response = posted(b'{"a": 1}', **headers)
    assert (response.status_code, response.json()["type"]) == (415, "urn:foretick:problem:not-json")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=UTF-8",
        "Application/JSON;charset=utf-8",
        "application/problem+json",
    ],
)
def test_a_body_that_is_declared_as_json_passes(posted, content_type):
    assert posted(b'{"a": 1}', **{"content-type": content_type}).status_code == 200


def test_numbers_of_every_size_are_read_as_before(posted):
    assert posted(b'{"a": 1e10, "b": -0.5, "c": 123456789012345678901234567890}').json() == 3


def test_a_body_that_never_ends_is_408():
    async def ask():
        sent = []

        async def receive():
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/echo", "headers": []}
        await BodyLimit(echoing(), body_seconds=0.01)(scope, receive, send)
        return sent[0]["status"]

    assert asyncio.run(ask()) == 408

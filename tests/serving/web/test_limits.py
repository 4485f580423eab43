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

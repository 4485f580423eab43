import pytest
from fastapi import FastAPI

from serving.web.hosts import KnownHosts
from tests.serving.conftest import TestClient


def asked(host, hosts=(), address="http://192.0.2.5", more=()):
    app = FastAPI()
    app.get("/")(lambda: "answered")
    app.add_middleware(KnownHosts, hosts=hosts)
    return TestClient(app, base_url=address).get("/", headers=[("Host", each) for each in (host, *more)])


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost", "LocalHost:81", "[::1]:8000", "192.0.2.5:8000"]
)
def test_loopback_and_the_address_it_came_in_on_are_known(host):
    assert asked(host).status_code == 200


@pytest.mark.parametrize("host", ["Forecasts.Example", "forecasts.example:8443"])
def test_a_host_that_was_named_is_known(host):
    assert asked(host, ["forecasts.example"]).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "192.0.2.6", "localhost.evil.example", "forecasts.example.evil", "127.0.0.1:x", "", "@localhost",
     "localhost:80@evil.example", "127.0.0.1.evil.example", "[::1.evil", "[evil]:80"],
)  # fmt: skip
def test_any_other_host_is_refused_and_not_repeated(host):
    response = asked(host, ["forecasts.example"])
    assert response.status_code == 400
    assert response.json()["type"] == "urn:foretick:problem:unknown-host"
    assert "evil" not in response.text


@pytest.mark.parametrize(
    "two", [("localhost", "evil.example"), ("evil.example", "localhost"), ("localhost", "localhost")]
)
def test_a_request_with_two_hosts_is_refused(two):
    response = asked(two[0], more=two[1:])
    assert response.status_code == 400
    assert response.json()["detail"] == "the request has more than one Host header: send one"

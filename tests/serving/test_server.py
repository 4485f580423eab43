import asyncio
import contextlib
import json
import logging
import signal
import socket
import threading
import time

import httpx
import pytest
import uvicorn

from deployments.local.services import LOOPBACK, free_port
from serving import server

SECONDS = 30.0


@pytest.fixture
def configured(monkeypatch):
    """What the server would be started with."""
    seen = {}

    class Started:
        started = True

        def __init__(self, config):
            seen["config"] = config

        def run(self):
            raise KeyboardInterrupt

    monkeypatch.setattr(server, "Server", Started)
    # The configuration sets up the log of this process.
    for name in ("", "uvicorn"):
        monkeypatch.setattr(logging.getLogger(name), "handlers", [])
    monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", True)
    return seen


@pytest.fixture
def far_east(monkeypatch):
    """A machine whose clock on the wall is nine hours ahead."""
    monkeypatch.setenv("TZ", "JST-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_without_words_it_listens_on_loopback(configured):
    server.main([])
    assert (configured["config"].host, configured["config"].port) == ("127.0.0.1", 8000)


def test_requests_are_never_logged_and_the_server_is_not_named(configured):
    server.main(["--host", "::1", "--port", "81"])
    config = configured["config"]
    assert (config.host, config.port) == ("::1", 81)
    assert (config.access_log, config.server_header) == (False, False)


@pytest.mark.usefixtures("configured", "far_east")
@pytest.mark.parametrize("name", ["serving.answers.breakers", "uvicorn.error"])
def test_each_line_of_the_log_begins_with_its_moment_in_utc(capsys, name):
    server.main([])
    facts = {
        "name": name,
        "levelno": logging.WARNING,
        "levelname": "WARNING",
        "msg": "it is open",
        "created": 0,
    }
    logging.getLogger(name).handle(logging.makeLogRecord(facts))
    assert capsys.readouterr().err == "1970-01-01T00:00:00Z WARNING it is open\n"


def test_a_server_that_could_not_start_ends_with_code_1(configured):
    server.Server.started = False
    with pytest.raises(SystemExit, match="1"):
        server.main([])


class Slow:
    """An app whose answers to /slow wait until they are let go."""

    def __init__(self):
        self.entered, self.let_go = threading.Event(), threading.Event()

    async def __call__(self, scope, _receive, send):
        if scope["path"] == "/slow":
            self.entered.set()
            await asyncio.to_thread(self.let_go.wait, SECONDS)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@contextlib.contextmanager
def running(app, farewell_seconds):
    config = uvicorn.Config(
        app,
        port=free_port(),
        log_level="critical",
        lifespan="off",
        http=server.Protocol,
        ws="none",
        timeout_graceful_shutdown=20,
    )
    started = server.Server(config, farewell_seconds)
    thread = threading.Thread(target=started.run)
    thread.start()
    address = f"http://{LOOPBACK}:{config.port}"
    while not started.started:
        threading.Event().wait(0.01)
    with httpx.Client(base_url=address, timeout=SECONDS) as client:
        client.get("/")
        yield started, thread, client
    thread.join(SECONDS)
    assert not thread.is_alive()


def refuses_strangers(address):
    """Whether, sooner or later, nobody new is taken in."""
    with httpx.Client(base_url=address) as stranger, contextlib.suppress(httpx.ConnectError):
        while stranger.get("/").is_success:
            pass
        return False
    return True


def test_a_request_in_flight_is_answered_before_the_end():
    app, answers = Slow(), []
    with running(app, 0.05) as (started, _, client):
        asking = threading.Thread(target=lambda: answers.append(client.get("/slow").status_code))
        asking.start()
        assert app.entered.wait(SECONDS)
        started.handle_exit(signal.SIGTERM, None)
        while not started.should_exit:
            threading.Event().wait(0.01)
        app.let_go.set()
        asking.join(SECONDS)
    assert answers == [200]


def test_those_who_are_connected_are_answered_once_more_and_nobody_is_taken_in():
    with running(Slow(), SECONDS) as (started, _, client):
        assert "connection" not in client.get("/").headers
        started.handle_exit(signal.SIGTERM, None)
        assert refuses_strangers(client.base_url)
        answer = client.get("/")
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")


def test_who_is_connected_and_silent_does_not_keep_it_from_ending():
    with running(Slow(), 0.1) as (started, thread, _):
        started.handle_exit(signal.SIGTERM, None)
        thread.join(SECONDS)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    "sent",
    [
        b"hostilemarker\r\n\r\n",
        b"GET / hostilemarker\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_as_everything_else_is(sent):
    with running(Slow(), 0.0) as (started, _, client):
        with socket.create_connection((LOOPBACK, client.base_url.port), SECONDS) as line:
            line.sendall(sent)
            head, _, body = line.makefile("rb").read().partition(b"\r\n\r\n")
        started.handle_exit(signal.SIGTERM, None)
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head
    assert b"nosniff" in head
    assert json.loads(body)["type"] == "urn:foretick:problem:not-http"
    assert b"hostilemarker" not in body

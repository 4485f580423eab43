"""The server process around the app: `python -m serving.server --host 127.0.0.1 --port 8000`.

Requests are never written to a log, for an address may hold what its sender keeps secret. SIGTERM and SIGINT end the process
in steps: nobody is taken in any more; those who are connected are answered for up to a second, and told that their connection
closes; then it ends when the requests that it took are answered.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from serving.web.headers import EVERYWHERE
from serving.web.problems import NOT_HTTP, problem_response

LOOPBACK = "127.0.0.1"
GRACE_SECONDS = 20
FAREWELL_SECONDS = 1.0
LOOK_SECONDS = 0.02
# How long a thread beside the answers, such as the log's writer, may keep the interpreter from a request.
SWITCH_SECONDS = 0.0005


class DatedLine(logging.Formatter):
    """A line of the log behind its moment in UTC and its level: not every supervisor stamps what it collects."""

    converter = staticmethod(time.gmtime)


LOG: Mapping[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "dated": {
            "()": DatedLine,
            "fmt": "%(asctime)s %(levelname)s %(message)s",
            "datefmt": "%Y-%m-%dT%H:%M:%SZ",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "dated"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}


class Protocol(HttpToolsProtocol):
    """Uvicorn's protocol, which answers what is no HTTP request as everything else is answered."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - it names nothing that helps
        """Refuse what cannot be read as a request, and close the connection."""
        detail = "what was sent is no HTTP request, or its address has more than 65535 bytes"
        refusal = problem_response(NOT_HTTP, detail, headers={**EVERYWHERE, "connection": "close"})
        told = [*self.server_state.default_headers, *refusal.raw_headers]
        lines = [name + b": " + value + b"\r\n" for name, value in told]
        self.transport.write(b"".join([STATUS_LINE[400], *lines, b"\r\n", bytes(refusal.body)]))
        self.transport.close()


class Server(uvicorn.Server):
    """Uvicorn's server, but one that says farewell before it closes connections that are kept alive.

    Uvicorn closes them at once, also where the next request is on its way.
    """

    def __init__(self, config: uvicorn.Config, farewell_seconds: float = FAREWELL_SECONDS) -> None:
        super().__init__(config)
        self._farewell_seconds = farewell_seconds

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen on a socket of one's own, so that its door can be emptied before it is closed."""
        super().run(sockets or [self.config.bind_socket()])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take in who is at the door and nobody after, answer all once more, then end when what was begun is answered."""
        close = (b"connection", b"close")
        self.server_state.default_headers = [*self.server_state.default_headers, close]
        waiting = [each for listening in sockets or () for each in _at_the_door(listening)]
        for each in (*self.servers, *(sockets or ())):
            each.close()
        for each in waiting:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, each)
        until = time.monotonic() + self._farewell_seconds
        while self.server_state.connections and not self.force_exit and time.monotonic() < until:
            await asyncio.sleep(LOOK_SECONDS)
        await super().shutdown(sockets)

    def _protocol(self) -> Protocol:
        return Protocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=None
        )


def _at_the_door(listening: socket.socket) -> Iterator[socket.socket]:
    """Accept what the system accepted already: closing the listening socket would break those connections off."""
    listening.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            yield listening.accept()[0]


def serve(host: str, port: int) -> None:
    """Answer until SIGTERM or SIGINT."""
    sys.setswitchinterval(SWITCH_SECONDS)
    config = uvicorn.Config(
        "serving.app:create_app",
        factory=True,
        host=host,
        port=port,
        http=Protocol,
        ws="none",
        access_log=False,
        server_header=False,
        log_config=dict(LOG),
        log_level="warning",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the address and serve on it."""
    parser = argparse.ArgumentParser(prog="python -m serving.server", description="The forecast API.")
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--port", type=int, default=8000)
    named = parser.parse_args(arguments)
    serve(named.host, named.port)


if __name__ == "__main__":
    main()

"""The server process around the app: `python -m serving.server --host 127.0.0.1 --port 8000`.

Requests are never written to a log, for an address may hold what its sender keeps secret. SIGTERM and SIGINT end the process
in two steps: for a second it answers on and asks each caller to connect anew, elsewhere; then it takes nobody in, and ends
when the requests that it took are answered.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Sequence
from types import FrameType

import uvicorn

LOOPBACK = "127.0.0.1"
GRACE_SECONDS = 20
FAREWELL_SECONDS = 1.0
# How long a thread beside the answers, such as the log's writer, may keep the interpreter from a request.
SWITCH_SECONDS = 0.0005


class Server(uvicorn.Server):
    """Uvicorn's server, but one that asks callers to go before it closes their connections.

    It would close a connection that is kept alive at the very moment when its caller sends the next request.
    """

    def __init__(self, config: uvicorn.Config, farewell_seconds: float = FAREWELL_SECONDS) -> None:
        super().__init__(config)
        self._farewell_seconds = farewell_seconds
        self._leaving: tuple[float, int] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to say farewell; a second signal, or nobody there, ends it at once."""
        if self._leaving is not None or not self.server_state.connections:
            super().handle_exit(sig, frame)
            return
        self._leaving = (time.monotonic() + self._farewell_seconds, sig)
        close = (b"connection", b"close")
        self.config.encoded_headers = [*self.config.encoded_headers, close]
        self.server_state.default_headers = [*self.server_state.default_headers, close]

    async def on_tick(self, counter: int) -> bool:
        """End once farewell was said."""
        if self._leaving is not None and not self.should_exit:
            until, sig = self._leaving
            if time.monotonic() >= until or not self.server_state.connections:
                super().handle_exit(sig, None)
        return await super().on_tick(counter)


def serve(host: str, port: int) -> None:
    """Answer until SIGTERM or SIGINT."""
    sys.setswitchinterval(SWITCH_SECONDS)
    config = uvicorn.Config(
        "serving.app:create_app",
        factory=True,
        host=host,
        port=port,
        ws="none",
        access_log=False,
        server_header=False,
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

"""The server process around the app: `python -m serving.server --host 127.0.0.1 --port 8000`.

Requests are never written to a log, for an address may hold what its sender keeps secret. SIGTERM and SIGINT end it when the
requests that it took are answered.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import uvicorn

LOOPBACK = "127.0.0.1"
GRACE_SECONDS = 20


def serve(host: str, port: int) -> None:
    """Answer until interrupted."""
    uvicorn.run(
        "serving.app:create_app",
        factory=True,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the address and serve on it."""
    parser = argparse.ArgumentParser(prog="python -m serving.server", description="The forecast API.")
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--port", type=int, default=8000)
    named = parser.parse_args(arguments)
    serve(named.host, named.port)


if __name__ == "__main__":
    main()

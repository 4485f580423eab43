"""Which Prefect server a command's flows report to: one that is named, one that runs here, or one for the moment."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator

from deployments.local.addresses import read_address
from deployments.local.services import LOOPBACK, answers, free_port, running
from deployments.local.stack import prefect_server
from forecasting.settings import Settings

PREFECT_API_URL = "PREFECT_API_URL"
DRAIN_SECONDS = 5.0


def running_prefect(settings: Settings) -> str | None:
    """Return the API address of the Prefect server that `foretick up` runs, None when there is none that answers."""
    url = read_address(settings, "prefect_api")
    return url if url is not None and answers(f"{url}/health") else None


def send_what_waits() -> None:
    """Send queued logs and events to the server before it stops; Prefect would try after it is gone."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=DRAIN_SECONDS)


@contextlib.contextmanager
def prefect_api(settings: Settings, while_starting: Callable[[], object] | None = None) -> Iterator[str]:
    """Point this process at a Prefect server for the length of a block; flows are imported inside it.

    A server named by PREFECT_API_URL is used, else the one that `foretick up` runs, else one is started on a free
    loopback port and stopped at the end. `while_starting` is work to do until it answers.
    """
    named = os.environ.get(PREFECT_API_URL) or running_prefect(settings)
    if named:
        os.environ[PREFECT_API_URL] = named
        if while_starting is not None:
            while_starting()
        yield named
        return
    port = free_port()
    url = f"http://{LOOPBACK}:{port}/api"
    os.environ[PREFECT_API_URL] = url
    try:
        with running(prefect_server(settings, port), while_starting):
            try:
                yield url
            finally:
                send_what_waits()
    finally:
        os.environ.pop(PREFECT_API_URL, None)

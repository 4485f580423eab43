"""Where the running stack answers: written for other commands to find, and only one stack at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from forecasting.errors import ServiceFailed
from forecasting.settings import Settings


@dataclass(frozen=True, slots=True)
class Addresses:
    """What `foretick up` runs, and where.

    Attributes
    ----------
    workspace
        Whose candles and models the worker and the API use.
    prefect_ui, prefect_api
        Pages and API of Prefect.
    mlflow_ui
        Pages and tracking API of MLflow.
    api, openapi
        The forecast API, and the description of what it answers.
    logs
        Folder of the services' logs.
    """

    workspace: str
    prefect_ui: str
    prefect_api: str
    mlflow_ui: str
    api: str
    openapi: str
    logs: str


def addresses_file(settings: Settings) -> Path:
    """Where `foretick up` writes the addresses of what it runs."""
    return settings.home / "up.json"


def read_address(settings: Settings, name: str) -> str | None:
    """One address of the stack that runs, or ran last; None when none is written."""
    try:
        return str(orjson.loads(addresses_file(settings).read_bytes())[name])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextlib.contextmanager
def published(settings: Settings, addresses: Addresses) -> Iterator[None]:
    """Let other commands find the stack for the length of a block."""
    file = addresses_file(settings)
    new = file.with_suffix(".new")
    new.write_bytes(orjson.dumps({"pid": os.getpid(), **asdict(addresses)}, option=orjson.OPT_INDENT_2))
    new.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


@contextlib.contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the home folder's lock for the length of a block; the system frees it however the holder ends.

    Raises
    ------
    ServiceFailed
        Another `foretick up` holds it.
    """
    with (settings.home / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServiceFailed(_beside(settings)) from None
        yield


def _beside(settings: Settings) -> str:
    where = read_address(settings, "prefect_ui")
    found = f"at {where}" if where else "and is just starting or stopping"
    return (
        f"foretick up runs already {found}: use it, stop it with Ctrl-C where it runs, "
        "or name another folder in FORETICK_HOME"
    )

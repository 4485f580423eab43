"""Where the API may listen: on loopback always, elsewhere only where a key keeps strangers out."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer

from commands.options import workspace_words
from forecasting.adapters.store import open_store
from forecasting.adapters.store.api_keys import ApiKeyBook
from forecasting.errors import InvalidSettings
from forecasting.settings import Settings

Host = Annotated[
    str, typer.Option(help="Address to listen on; another than loopback needs an API key, see foretick keys.")
]


def require_key_beyond_loopback(settings: Settings, host: str) -> None:
    """Refuse to listen where others reach the API while no key exists.

    Raises
    ------
    InvalidSettings
        The host is not loopback, and there is no key.
    StoreUnavailable
        Nobody can tell whether there is one.
    """
    from serving.web.access import is_loopback

    if is_loopback(host) or settings.api_key is not None:
        return
    mongo_uri = settings.mongo_uri.get_secret_value() if settings.mongo_uri else None
    with contextlib.closing(open_store(mongo_uri, settings.store_path, settings.database)) as store:
        if ApiKeyBook(store).valid():
            return
    raise InvalidSettings(
        f"--host {host} lets other machines reach the API, and no API key exists: make one with "
        f"foretick keys create NAME{workspace_words(settings.workspace)}, or set FORETICK_API_KEY, or leave --host out"
    )


def reach_line(host: str) -> str:
    """Say that others reach the API; empty where only this machine does."""
    from serving.web.access import is_loopback

    return "" if is_loopback(host) else f"It listens on {host}: other machines reach it with an API key."

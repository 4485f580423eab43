"""An API over a store of its own with nothing in it, for the routes that only read."""

from types import SimpleNamespace

import pytest

from forecasting.adapters.store import open_store
from forecasting.settings import load_settings
from forecasting.types import DAY_MS
from serving.app import create_app

NOW_MS = 20_000 * DAY_MS


@pytest.fixture
def reading(tmp_path, client_of):
    """The running API, and the store that it reads."""
    settings = load_settings(home=tmp_path, mlflow_tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}")
    store = open_store(None, settings.store_path, "unused")
    with client_of(create_app(settings, clock=lambda: NOW_MS, poll_seconds=60)) as client:
        yield SimpleNamespace(store=store, settings=settings, client=client, get=client.get)
    store.close()


@pytest.fixture
def told(reading):
    """What a route answers, or which problem; an answer keeps to the OpenAPI document's own word on it."""

    def ask(path, **query):
        response = reading.get(path, params=query or None)
        if response.status_code == 200:
            return response.json()
        assert response.headers["content-type"] == "application/problem+json"
        return response.json()["type"].rpartition(":")[2]

    return ask

"""Forecasts that were served, and their replay."""

import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.horizons import load_horizons
from serving.replay.replay import Replayer
from tests.serving.replay.replaying import ASKED, SECONDS


@pytest.fixture
def store(installation):
    opened = open_store(None, installation.settings.store_path, "unused")
    yield opened
    opened.close()


@pytest.fixture
def served(serve):
    """Ask for a forecast and wait until it is logged; its id."""
    clients = []

    def ask(**changes):
        clients[:] = clients or [serve()]
        # What a test stored just before must not wait for the thread that looks for it.
        clients[0].app.state.service.held.look()
        response = clients[0].post("/api/forecast", json=ASKED | changes)
        assert response.status_code == 200, response.text
        assert clients[0].app.state.service.writer.flush(SECONDS)
        return response.json()["forecast_id"]

    return ask


@pytest.fixture
def replayed(store, source):
    def replay(forecast_id, horizons=None):
        known = load_horizons() if horizons is None else horizons
        replayer = Replayer(CandleStore(store), EventStore(store), source, known)
        return replayer.replay(ForecastLog(store).get(forecast_id))

    return replay

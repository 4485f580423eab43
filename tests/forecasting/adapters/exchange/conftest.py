"""A workspace, and an exchange that answers on this machine."""

import pytest

from forecasting.adapters.exchange.downloading import ingest_exchange
from tests.forecasting.adapters.exchange.downloads import BINANCE, NOW, START, opened, rows, rules_in, served


@pytest.fixture
def workspace(tmp_path):
    with opened(tmp_path) as workspace:
        yield workspace


@pytest.fixture
def market(monkeypatch):
    with served(monkeypatch) as server:
        server.rows = rows()
        yield server


@pytest.fixture
def ingest(workspace, tmp_path):
    """Download from Binance unless told otherwise."""

    def ingest(since=START, now=NOW, where=BINANCE, **options):
        return ingest_exchange(workspace, *where, "1h", since, rules_in(tmp_path, now), **options)

    return ingest

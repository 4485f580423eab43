"""A workspace with versions to be judged."""

import pytest

from forecasting.adapters.simulator import simulate_market
from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings
from tests.forecasting.adapters.judged.registered import CUT, HOURS, SYMBOLS


@pytest.fixture(scope="package")
def market():
    return simulate_market(3, hours=HOURS, symbols=SYMBOLS)


@pytest.fixture
def workspace(tmp_path, market):
    """Two markets whose last 200 hours have not come yet."""
    settings = load_settings(
        home=tmp_path / "home", mlruns=tmp_path / "mlruns", mongo_uri="", mlflow_tracking_uri=""
    )
    with open_workspace(settings) as opened:
        for candles in market.candles.values():
            opened.candles.write(candles.take(slice(0, CUT)))
        yield opened

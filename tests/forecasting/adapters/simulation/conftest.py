"""One market walked forward, shared by the tests of the simulation."""

import pytest

from forecasting.adapters.simulation.market import walk_market
from forecasting.types import DAY_MS
from tests.forecasting.adapters.simulation.markets import quick_horizon, walk_rows


@pytest.fixture(scope="session")
def given():
    return walk_rows(quick_horizon())


@pytest.fixture(scope="session")
def market(given):
    return walk_market(given, quick_horizon(), refits=3, every_ms=8 * DAY_MS)

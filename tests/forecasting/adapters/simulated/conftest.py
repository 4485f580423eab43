"""Simulated markets."""

import pytest

from forecasting.adapters.simulated_process import HOURS_A_YEAR, MarketProcess
from forecasting.adapters.simulator import simulate_market


@pytest.fixture(scope="package")
def market():
    return simulate_market(7)


@pytest.fixture(scope="package")
def unbroken():
    return simulate_market(11, process=MarketProcess(outages_a_year=0.0))


@pytest.fixture(scope="package")
def many():
    return [simulate_market(seed, hours=2 * HOURS_A_YEAR) for seed in range(12)]

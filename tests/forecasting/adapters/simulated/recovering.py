"""What can be recovered from simulated candles."""

import numpy as np

from forecasting.adapters.simulated_process import HOURS_A_YEAR, MarketProcess
from forecasting.adapters.simulator import SYMBOLS

LAW = MarketProcess()


def log_returns(candles):
    return np.log(candles.close / candles.open)


def recovered(candles, process=LAW):
    """Standardised shocks and expected volatility, from prices, by the textbook recursions of GARCH(1,1)."""
    long_run = process.annual_volatility[SYMBOLS.index(candles.symbol) // 3] ** 2 / HOURS_A_YEAR
    variance, expected, rows = long_run, 0.0, []
    for value in log_returns(candles):
        surprise, volatility = value - expected, np.sqrt(variance)
        rows.append((surprise / volatility, volatility))
        expected = process.continuation * value * (abs(value) > process.threshold * volatility)
        base = long_run * (1 - process.arch - process.garch)
        variance = base + process.arch * surprise**2 + process.garch * variance
    return np.array(rows).T

"""A recipe that is refitted every day: ridge on features of its own, purged by the horizon, all past bars."""

from __future__ import annotations

import numpy as np

from forecasting.features.compilation import compiled
from forecasting.types import FloatArray

DAY_BARS = 24
LEAST_ROWS = 500
SHRINKAGE = 100.0
FEATURES = 5


def features_of(signal: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Join the signal and four features of noise, (bars, symbols, 5)."""
    noise = rng.standard_normal((*signal.shape, FEATURES - 1))
    return np.concatenate([signal[:, :, None], noise], axis=2)


@compiled
def refitted_daily(features: FloatArray, returns: FloatArray, horizon_bars: int) -> FloatArray:
    """Forecasts (bars, symbols) of the next h bars, each by the fit of its day; NaN before the first fit."""
    bars, symbols, count = features.shape
    squares, products = np.zeros((count, count)), np.zeros(count)
    weights, fitted = np.zeros(count), False
    said = np.full((bars, symbols), np.nan)
    ahead = np.zeros((bars + 1, symbols))
    for bar in range(bars):
        ahead[bar + 1] = ahead[bar] + returns[bar]
    for bar in range(bars):
        old = bar - horizon_bars  # its label closes at this bar, so no label of training is still open
        if old >= 0:
            for symbol in range(symbols):
                label = ahead[bar + 1, symbol] - ahead[old + 1, symbol]
                for first in range(count):
                    products[first] += features[old, symbol, first] * label
                    for second in range(count):
                        squares[first, second] += features[old, symbol, first] * features[old, symbol, second]
        if bar >= LEAST_ROWS and bar % DAY_BARS == 0:
            weights[:] = np.linalg.solve(squares + SHRINKAGE * np.eye(count), products)
            fitted = True
        if fitted:
            for symbol in range(symbols):
                forecast = 0.0
                for first in range(count):
                    forecast += weights[first] * features[bar, symbol, first]
                said[bar, symbol] = forecast
    return said

"""Markets for the gate's operating characteristics: GARCH(1,1) with Student-t5 shocks, drift, skew, correlation, planted IC."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.features.compilation import compiled
from forecasting.types import FloatArray

YEAR_BARS = 8_760
MOVE = 0.006  # standard deviation of a bar
ALPHA, BETA = 0.08, 0.90
DEGREES = 5.0
MEAN_OF_ABSOLUTE_T5 = 0.7351051938957226  # E|t5| over its standard deviation


@dataclass(frozen=True, slots=True)
class Market:
    """How a year looks.

    Attributes
    ----------
    symbols, correlation
        Series, and the correlation of their shocks.
    sharpe
        Drift of a year over the standard deviation of a year.
    skew
        Ratio of the sizes of positive and negative shocks (Fernandez and Steel); 1 is symmetric.
    skill
        Information coefficient of the signal for the next bar.
    """

    symbols: int = 1
    correlation: float = 0.0
    sharpe: float = 0.0
    skew: float = 1.0
    skill: float = 0.0


def simulate(market: Market, bars: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Simulate returns and the signal issued at each bar for the next one, both (bars, symbols)."""
    shared = _shocks(market.skew, (bars, 1), rng)
    own = _shocks(market.skew, (bars, market.symbols), rng)
    shocks = math.sqrt(market.correlation) * shared + math.sqrt(1.0 - market.correlation) * own
    signal = rng.standard_normal((bars, market.symbols))
    if market.skill:
        shocks *= math.sqrt(1.0 - market.skill**2)
        shocks[1:] += market.skill * signal[:-1]
    return garch(shocks) + market.sharpe * MOVE / math.sqrt(YEAR_BARS), signal


@compiled
def persistent(noise: FloatArray, memory: float) -> FloatArray:
    """AR(1) of unit variance along the first axis, in place of the noise given."""
    fresh = math.sqrt(1.0 - memory * memory)
    for bar in range(1, len(noise)):
        noise[bar] = memory * noise[bar - 1] + fresh * noise[bar]
    return noise


def _shocks(skew: float, shape: tuple[int, int], rng: np.random.Generator) -> FloatArray:
    shocks: FloatArray = rng.standard_t(DEGREES, shape) / math.sqrt(DEGREES / (DEGREES - 2.0))
    if skew == 1.0:
        return shocks
    up = rng.random(shape) < skew**2 / (1.0 + skew**2)
    sizes = np.abs(shocks)
    mean = MEAN_OF_ABSOLUTE_T5 * (skew - 1.0 / skew)
    square = (skew**3 + skew**-3) / (skew + 1.0 / skew)
    skewed: FloatArray = (np.where(up, sizes * skew, -sizes / skew) - mean) / math.sqrt(square - mean**2)
    return skewed


@compiled
def garch(shocks: FloatArray) -> FloatArray:
    """Shocks of unit variance times a volatility that clusters."""
    returns = np.empty_like(shocks)
    for symbol in range(shocks.shape[1]):
        variance = MOVE * MOVE
        for bar in range(len(shocks)):
            value = math.sqrt(variance) * shocks[bar, symbol]
            returns[bar, symbol] = value
            variance = MOVE * MOVE * (1.0 - ALPHA - BETA) + ALPHA * value * value + BETA * variance
    return returns

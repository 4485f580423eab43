"""One pass over bars, compiled: differences, weights, scaled surprises, bets.

The state is four arrays, changed in place, so that rows that come later are one pass with those before:

- `symbols` (m, 6): recent mean square of returns, returns seen, mean square of differences, differences seen,
  baseline's forecast of the next bar, mean square of all returns
- `differences`, `issued` (h, m): the last h differences of forecasts, and whether there was a forecast
- `pooled` (8,): see the constants below
- `wealth` (k,): logarithm of each better's wealth
"""

from __future__ import annotations

import math

import numpy as np

from forecasting.features.compilation import compiled
from forecasting.types import FloatArray

VARIANCE, RETURNS, SQUARE, DIFFERENCES, NEXT, USUAL = range(6)
BARS, SCALE, FLOOR, BETS, SUM, SUM_OF_SQUARES, DEVELOPED, BEST = range(8)
LARGEST_WEIGHT = 3.0
STAKED = 0.9
USUAL_SHARE = 0.1  # of all returns in the variance: a still market must not outweigh all others


@compiled
def advance(
    returns: FloatArray,
    forecasts: FloatArray,
    baseline: FloatArray,
    next_bar: FloatArray,
    symbols: FloatArray,
    differences: FloatArray,
    issued: FloatArray,
    pooled: FloatArray,
    wealth: FloatArray,
    fractions: FloatArray,
    decays: FloatArray,
    betting: bool,
) -> FloatArray:
    """Take up rows (n, m), oldest first; the answer (n, 2) is the scaled bet of each bar (NaN: none) and log E."""
    told = np.empty((len(returns), 2))
    for row in range(len(returns)):
        slot = int(pooled[BARS]) % len(differences)
        bet = pooled_bet(returns[row], symbols, differences, issued, decays[2])
        told[row, 0] = settle(bet, pooled, wealth, fractions, decays[1], betting)
        told[row, 1] = evidence(wealth)
        pooled[BEST] = max(pooled[BEST], told[row, 1])
        for each in range(returns.shape[1]):
            learn_return(returns[row, each], symbols[each], decays[0])
            difference = forecasts[row, each] - baseline[row, each]
            issued[slot, each] = 1.0 if math.isfinite(difference) else 0.0
            differences[slot, each] = difference if math.isfinite(difference) else 0.0
            symbols[each, NEXT] = next_bar[row, each] if math.isfinite(next_bar[row, each]) else 0.0
        pooled[BARS] += 1.0
    return told


@compiled
def pooled_bet(
    returns: FloatArray, symbols: FloatArray, differences: FloatArray, issued: FloatArray, warm: float
) -> float:
    """Sum over symbols of weight times scaled surprise; NaN where nobody may bet. Learns differences on the way."""
    total, bettors = 0.0, 0
    for each in range(len(returns)):
        g, forecasts = 0.0, 0.0
        for slot in range(len(differences)):
            g += differences[slot, each]
            forecasts += issued[slot, each]
        state = symbols[each]
        variance = known_variance(state)
        ready = min(state[RETURNS], state[DIFFERENCES]) >= warm and variance > 0.0
        if forecasts > 0.0 and ready and state[SQUARE] > 0.0 and math.isfinite(returns[each]):
            weight = min(max(g / math.sqrt(state[SQUARE]), -LARGEST_WEIGHT), LARGEST_WEIGHT)
            total += weight * (returns[each] - state[NEXT]) / math.sqrt(variance)
            bettors += 1
        if forecasts > 0.0:  # only now: a weight must not know the difference that it scales
            state[DIFFERENCES] += 1.0
            state[SQUARE] += (g * g - state[SQUARE]) / state[DIFFERENCES]
    return total if bettors > 0 else np.nan


@compiled
def learn_return(value: float, state: FloatArray, decay: float) -> None:
    """Move the mean squares of a symbol's returns; the recent one is a plain mean until the decay suffices."""
    if math.isfinite(value):
        state[RETURNS] += 1.0
        state[VARIANCE] += max(1.0 / state[RETURNS], 1.0 - decay) * (value * value - state[VARIANCE])
        state[USUAL] += (value * value - state[USUAL]) / state[RETURNS]


@compiled
def known_variance(state: FloatArray) -> float:
    """Variance of a symbol's next return: mostly that of recent ones, drawn to that of all."""
    return float((1.0 - USUAL_SHARE) * state[VARIANCE] + USUAL_SHARE * state[USUAL])


@compiled
def settle(
    bet: float, pooled: FloatArray, wealth: FloatArray, fractions: FloatArray, decay: float, betting: bool
) -> float:
    """Let every better win or lose the bar, then learn how large bets are."""
    if not math.isfinite(bet):
        return np.nan
    if not betting:
        pooled[DEVELOPED] += 1.0
        pooled[SCALE] += (bet * bet - pooled[SCALE]) / pooled[DEVELOPED]
        return np.nan
    if pooled[FLOOR] <= 0.0:  # on development rows the recipe never differed from its baseline
        return np.nan
    scaled = bet / math.sqrt(max(pooled[SCALE], pooled[FLOOR]))
    for each in range(len(fractions)):
        most = STAKED / fractions[each]
        wealth[each] += math.log1p(fractions[each] * min(max(scaled, -most), most))
    pooled[SCALE] += (1.0 - decay) * (bet * bet - pooled[SCALE])
    pooled[BETS] += 1.0
    pooled[SUM] += scaled
    pooled[SUM_OF_SQUARES] += scaled * scaled
    return scaled


@compiled
def evidence(wealth: FloatArray) -> float:
    """Logarithm of the betters' mean wealth."""
    largest, total = wealth.max(), 0.0
    for each in wealth:
        total += math.exp(each - largest)
    return float(largest + math.log(total / len(wealth)))

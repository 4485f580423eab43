"""The e-process as the design writes it, slowly and without state: the oracle of the compiled pass."""

from __future__ import annotations

import math

import numpy as np

from forecasting.licence.rows import Rows
from forecasting.licence.stakes import HOURLY
from forecasting.types import FloatArray


def oracle(rows: Rows, horizon_bars: int, development: int) -> FloatArray:
    """Logarithm of E after each bar that follows development."""
    pooled = pooled_bets(rows, horizon_bars)
    early = pooled[:development][np.isfinite(pooled[:development])]
    square = floor = float(np.mean(early**2))
    wealth = np.ones(len(HOURLY.fractions))
    told = []
    for bet in pooled[development:]:
        if math.isfinite(bet):
            x = bet / max(math.sqrt(square), math.sqrt(floor) / 2)
            for each, stake in enumerate(HOURLY.fractions):
                wealth[each] *= 1 + stake * np.clip(x, -0.9 / stake, 0.9 / stake)
            square = HOURLY.scale_decay * square + (1 - HOURLY.scale_decay) * bet**2
        told.append(math.log(wealth.mean()))
    return np.array(told)


def pooled_bets(rows: Rows, horizon_bars: int) -> FloatArray:
    """Sum of weight times scaled surprise of each bar, from whole histories."""
    total = np.full(len(rows), np.nan)
    for symbol in range(rows.returns.shape[1]):
        returns, bars = rows.returns[:, symbol], np.arange(len(rows))
        difference = (rows.forecasts - rows.baseline)[:, symbol]
        known = np.array([np.isfinite(difference[max(0, t - horizon_bars) : t]).any() for t in bars])
        sums = np.array([np.nansum(difference[max(0, t - horizon_bars) : t]) for t in bars])
        for t in bars:
            earlier, past = sums[:t][known[:t]], returns[:t][np.isfinite(returns[:t])]
            if known[t] and min(len(earlier), len(past)) >= HOURLY.warm_bars and np.isfinite(returns[t]):
                weight = np.clip(sums[t] / math.sqrt(np.mean(earlier**2)), -3, 3)
                m = np.nan_to_num(rows.next_bar[t - 1, symbol])
                term = weight * (returns[t] - m) / math.sqrt(known_variance(past))
                total[t] = term if np.isnan(total[t]) else total[t] + term
    return total


def known_variance(past: FloatArray) -> float:
    """Nine parts of the recent mean square and one of that of all returns."""
    recent = 0.0
    for count, value in enumerate(past, start=1):
        share = max(1 / count, 1 - HOURLY.volatility_decay)
        recent = (1 - share) * recent + share * value**2
    return 0.9 * recent + 0.1 * float(np.mean(past**2))

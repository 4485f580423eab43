"""Contenders that anybody has in ten lines of pandas: the historical mean, and the exponentially weighted mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks.peers.judged import LEVEL, Floats, Fold, Rows, Told

DECAY = 0.94


def naive(rows: Rows, fold: Fold) -> Told:
    """Mean, share of rises and quantiles of each symbol's training labels."""
    train = pd.DataFrame({"symbol": rows.symbol[fold.train], "y": rows.y[fold.train]})
    by_symbol = train.groupby("symbol")["y"]
    moved = train[train["y"] != 0]
    tail = (1 - LEVEL) / 2
    facts = pd.DataFrame(
        {
            "mean": by_symbol.mean(),
            "rises": (moved["y"] > 0).groupby(moved["symbol"]).mean(),
            "low": by_symbol.quantile(tail),
            "high": by_symbol.quantile(1 - tail),
        }
    ).loc[rows.symbol[fold.test]]
    return Told(*(facts[name].to_numpy() for name in ("mean", "rises", "low", "high")))


def ewma(rows: Rows, fold: Fold) -> Told:
    """Weighted mean and deviation of the bars' returns, carried over the look-ahead as a random walk."""
    mean, deviation = np.empty(len(fold.test)), np.empty(len(fold.test))
    for number, name in enumerate(rows.symbols):
        own = rows.symbol[fold.test] == number
        market = rows.markets[name]
        weighted = pd.Series(market.log_returns()).ewm(alpha=1 - DECAY)
        places = market.place(rows.as_of_ms[fold.test[own]])
        mean[own] = weighted.mean().to_numpy()[places] * rows.bars
        deviation[own] = weighted.std().to_numpy()[places] * np.sqrt(rows.bars)
    return gaussian(mean, np.maximum(deviation, 1e-9))


def gaussian(mean: Floats, deviation: Floats) -> Told:
    """Answer of a normal distribution of log returns."""
    reach = norm.ppf((1 + LEVEL) / 2) * deviation
    return Told(np.expm1(mean), norm.cdf(mean / deviation), np.expm1(mean - reach), np.expm1(mean + reach))

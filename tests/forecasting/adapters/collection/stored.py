"""Candles as a collection of somebody else holds them."""

import numpy as np

from forecasting.types import parse_utc

START = parse_utc("2025-01-01")


MINUTES = 300


SHORT = ("time=ts", "open=o", "high=h", "low=l", "close=c", "volume=v")


def bars(count=MINUTES, step_ms=60_000, seed=1):
    """Rows of time, open, high, low, close, volume."""
    close = 100 * np.exp(np.cumsum(0.002 * np.random.default_rng(seed).standard_normal(count)))
    opened = np.concatenate([[100.0], close[:-1]])
    times = START + step_ms * np.arange(count)
    low, high = np.minimum(opened, close) * 0.999, np.maximum(opened, close) * 1.001
    return [
        (int(time), *map(float, values))
        for time, *values in zip(times, opened, high, low, close, 1 + np.arange(count), strict=True)
    ]


def documents(names=("ts", "o", "h", "l", "c", "v"), rows=None, **same):
    return [{**dict(zip(names, row, strict=True)), **same} for row in rows or bars()]

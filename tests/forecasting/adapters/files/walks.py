"""Made-up candles and the ways that vendors write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.types import HOUR_MS, parse_utc

START_MS = parse_utc("2021-03-01")
NAMES = ("time", "open", "high", "low", "close", "volume")


def made_up_rows(
    count: int = 60, *, step_ms: int = HOUR_MS, start_ms: int = START_MS, seed: int = 3
) -> pd.DataFrame:
    """Rows of a random walk around 100 that opens near its last close, with the columns of `NAMES`."""
    generator = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(generator.normal(scale=0.01, size=count)))
    opened = np.r_[100.0, close[:-1]] * (1 + generator.normal(scale=1e-4, size=count))
    spread = 1 + np.abs(generator.normal(scale=0.004, size=(2, count))) + 1e-4
    high, low = np.maximum(opened, close) * spread[0], np.minimum(opened, close) / spread[1]
    volume = generator.lognormal(mean=1.0, sigma=0.5, size=count)
    times = start_ms + step_ms * np.arange(count, dtype=np.int64)
    prices = {"open": opened, "high": high, "low": low, "close": close}
    return pd.DataFrame(
        {"time": times, **{name: each.round(6) for name, each in prices.items()}, "volume": volume}
    )


def write_text(
    path: Path,
    rows: pd.DataFrame,
    *,
    header: Sequence[str] | None = None,
    separator: str = ",",
    before: str = "",
) -> Path:
    """Write rows as delimited text, with the header given or none."""
    body = rows.to_csv(index=False, header=False, sep=separator, lineterminator="\n")
    top = "" if header is None else separator.join(header) + "\n"
    path.write_text(before + top + body)
    return path


def public_klines(rows: pd.DataFrame, step_ms: int = HOUR_MS) -> pd.DataFrame:
    """The twelve columns of Binance's public files."""
    quote = rows["volume"] * (rows["high"] + rows["low"]) / 2
    return pd.DataFrame(
        {
            **{name: rows[name] for name in NAMES},
            "close_time": rows["time"] + step_ms - 1,
            "quote_volume": quote,
            "count": np.arange(len(rows)) + 1,
            "taker_buy_volume": rows["volume"] * 0.4,
            "taker_buy_quote_volume": quote * 0.4,
            "ignore": 0,
        }
    )

"""Flow: bring candles from a folder, an exchange or the simulator into the store."""

from __future__ import annotations

import time
from pathlib import Path

from prefect import flow

from forecasting.adapters.ingestion import IngestedSeries
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import InvalidSettings
from forecasting.settings import load_settings
from forecasting.types import DAY_MS, parse_symbol
from tasks.ingestion import ingest_exchange, ingest_folder, ingest_simulated

DEFAULT_DAYS = 365


@flow(name="ingest-candles", flow_run_name="ingest {folder}{exchange}")
def ingest_candles(
    folder: str | None = None,
    exchange: str | None = None,
    symbols: list[str] | None = None,
    intervals: list[str] | None = None,
    days: int = DEFAULT_DAYS,
    simulated: bool = False,
) -> list[IngestedSeries]:
    """Store candles; what is there already is not asked for again.

    Args:
        folder: Folder of candle files (feather, parquet, csv, json).
        exchange: A ccxt exchange to download from, as in binance.
        symbols: Markets to download, as in BTC/USDT; needed with an exchange.
        intervals: Candle intervals to download, as in 1h.
        days: How many days back the first download of a series begins.
        simulated: Store the simulated market instead.
    """
    settings = load_settings()
    now_ms = int(time.time() * 1000)
    with open_workspace(settings) as workspace:
        if simulated:
            return ingest_simulated(workspace, settings.seed)
        if folder is not None:
            return ingest_folder(workspace, Path(folder))
        if exchange is None or not symbols:
            raise InvalidSettings("nothing to ingest: name a folder, or an exchange with symbols")
        since_ms = now_ms - days * DAY_MS
        return [
            ingest_exchange(workspace, exchange, parse_symbol(symbol), interval, since_ms, now_ms)
            for symbol in symbols
            for interval in intervals or ["1h"]
        ]

"""Files of candles as people have them, read and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecasting.adapters.files import ImportReport, read_candles_file
from forecasting.candles import PRICE_COLUMNS
from forecasting.errors import (
    InputError,
)
from forecasting.quality.raw import RawCandles
from forecasting.quality.settling import settle
from forecasting.types import utc_iso
from tests.forecasting.adapters.files.walks import (
    NAMES,
)


def read(path: Path, **options: Any) -> ImportReport:
    (report,) = read_candles_file(path, **options)
    return report


def assert_holds(found: RawCandles, rows: pd.DataFrame) -> None:
    candles = settle(found).rows.to_candles()
    assert candles.open_time_ms.tolist() == rows["time"].tolist()
    for name in (*PRICE_COLUMNS, "volume"):
        np.testing.assert_allclose(getattr(candles, name), rows[name], rtol=1e-12)


def refusal(path: Path, **options: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path, **options)
    assert "\n" not in str(caught.value)
    return caught.value


# The formats that people have.


def dated(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as freqtrade keeps them: a UTC timestamp named `date`."""
    dates = pd.to_datetime(rows["time"], unit="ms", utc=True)
    return rows.drop(columns="time").assign(date=dates)[["date", *NAMES[1:]]]


def download_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as CryptoDataDownload writes them: newest first, epochs in s and ms mixed."""
    table = pd.DataFrame({"unix": rows["time"].astype(object)})
    table.loc[::2, "unix"] = (rows["time"][::2] / 1000).astype(object)
    table["date"] = [utc_iso(int(each)).rstrip("Z").replace("T", " ") for each in rows["time"]]
    table["symbol"] = "ETH/USDT"
    table[list(PRICE_COLUMNS)] = rows[list(PRICE_COLUMNS)]
    table["Volume ETH"], table["Volume USDT"] = rows["volume"], rows["volume"] * rows["close"]
    return table.iloc[::-1]

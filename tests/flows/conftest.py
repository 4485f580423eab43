"""A small market on disk, and an installation of its own for each test."""

import numpy as np
import pandas as pd
import pytest

from forecasting.settings import load_settings
from forecasting.types import HOUR_MS, parse_utc

HOURS = 1_200
FIRST_MS = parse_utc("2025-01-01")
HORIZONS = """
horizons:
  1h:
    look_ahead_minutes: 60
    base_interval: 1h
    train_window_days: 365
    retrain_cron: "30 3 * * *"
    threshold: 0.0
    accuracy_margin: 0.002
    too_good_ic: 0.9
    longer_periods: []
"""


@pytest.fixture
def settings(tmp_path, monkeypatch, prefect_url):
    """Settings of an empty installation, as flows will read them from the environment."""
    horizons = tmp_path / "horizons.yaml"
    horizons.write_text(HORIZONS)
    for name, value in {
        "FORETICK_HOME": tmp_path / "home",
        "FORETICK_MLRUNS": tmp_path / "mlruns",
        "FORETICK_HORIZONS": horizons,
        # These markets are too short to prove anything on; what strict asks has tests of its own.
        "FORETICK_GATE_POLICY": "classic",
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("MONGO_URI", raising=False)
    return load_settings()


def hourly_market(memory, symbols=("AAA/USDT", "BBB/USDT", "CCC/USDT"), seed=5):
    """Hourly candles of several symbols whose next return repeats `memory` of the last one."""
    generator = np.random.default_rng(seed)
    tables = {}
    for symbol in symbols:
        returns = 0.004 * generator.standard_normal(HOURS)
        for row in range(1, HOURS):
            returns[row] += memory * returns[row - 1]
        close = 100 * np.exp(np.cumsum(returns))
        opened = np.concatenate([[100.0], close[:-1]])
        tables[symbol] = pd.DataFrame(
            {
                "timestamp": FIRST_MS + HOUR_MS * np.arange(HOURS),
                "open": opened,
                "high": np.maximum(opened, close) * 1.001,
                "low": np.minimum(opened, close) * 0.999,
                "close": close,
                "volume": 1 + generator.random(HOURS),
            }
        )
    return tables


@pytest.fixture
def folder_of(tmp_path):
    """Write tables of candles as the files that the importer reads."""

    def write(tables):
        folder = tmp_path / "candles"
        folder.mkdir(exist_ok=True)
        for symbol, table in tables.items():
            table.to_csv(folder / f"{symbol.replace('/', '_')}-1h.csv", index=False)
        return str(folder)

    return write

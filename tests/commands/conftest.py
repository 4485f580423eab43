"""The command line as a user has it: words in, printed lines and an exit code out."""

import json
import os
import signal
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from commands.app import main
from forecasting.adapters.ingestion import ingest_folder
from forecasting.adapters.intake import intake_rules
from forecasting.adapters.source import Source
from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings
from forecasting.types import HOUR_MS, parse_utc

HOURS = 900
FIRST_MS = parse_utc("2025-01-01")
NOW_MS = parse_utc("2025-09-20")


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line that explains a failure."""
        (line,) = [line for line in self.err.splitlines() if line.startswith("foretick: ")]
        return line

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


@pytest.fixture
def installation(tmp_path, monkeypatch, prefect_url):
    """An empty installation in a folder of its own; what commands do to this process is undone."""
    handler = signal.getsignal(signal.SIGINT)
    with mock.patch.dict(os.environ):
        yield _empty(tmp_path, monkeypatch)
    signal.signal(signal.SIGINT, handler)


def _empty(tmp_path, monkeypatch):
    monkeypatch.setenv("FORETICK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FORETICK_MLRUNS", str(tmp_path / "mlruns"))
    monkeypatch.setenv("FORETICK_WORKSPACE", "default")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("MONGO_URI", raising=False)
    return tmp_path


@pytest.fixture
def foretick(installation, capfd):
    """Run the command line in this process."""

    def run(*words):
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    return run


def hours(seed=1, rows=HOURS):
    """Hourly candles as a table with the usual column names."""
    generator = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(0.004 * generator.standard_normal(rows)))
    opened = np.concatenate([[100.0], close[:-1]])
    return pd.DataFrame(
        {
            "timestamp": FIRST_MS + HOUR_MS * np.arange(rows),
            "open": opened,
            "high": np.maximum(opened, close) * 1.001,
            "low": np.minimum(opened, close) * 0.999,
            "close": close,
            "volume": 1 + generator.random(rows),
        }
    )


@pytest.fixture
def folder(installation):
    """A folder with the hours of two markets."""
    path = installation / "candles"
    path.mkdir()
    for seed, name in enumerate(("AAA_USDT", "BBB_USDT")):
        hours(seed).to_csv(path / f"{name}-1h.csv", index=False)
    return path


@pytest.fixture
def stored(folder):
    """The candles of two markets in the store, brought there without a flow."""
    settings = load_settings()
    rules = intake_rules(settings.expectations_folder, NOW_MS)
    with open_workspace(settings) as workspace:
        ingest_folder(workspace, Source(folder=str(folder)), rules)

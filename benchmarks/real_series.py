"""Real candles for measurements: the folders of the data set, each series settled as ingestion would."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from forecasting.adapters.files import read_candles_folder
from forecasting.candles import Candles
from forecasting.quality.settling import settle

PROJECT = Path(__file__).parents[1]

Series = Mapping[str, Candles]


def data_folder() -> Path:
    """Name the folder that FORETICK_TEST_DATA names, or the one that lies beside the project."""
    return Path(os.environ.get("FORETICK_TEST_DATA", PROJECT / ".." / "shared" / "data"))


def series_of(folder: Path) -> Series:
    """By symbol: the candles of a folder, rows without values left out."""
    reports = read_candles_folder(folder)
    return {report.symbol: settle(report.rows, "first").rows.to_candles() for report in reports}

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.faults import CLEAN, SUITE
from benchmarks.limits import Limit, read_limits
from benchmarks.real_series import Series, data_folder, series_of


@pytest.fixture(scope="session")
def data() -> Path:
    folder = data_folder()
    if not folder.is_dir():
        pytest.skip(f"the market data folder {folder} is absent: name one in FORETICK_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def folders(data: Path) -> Mapping[str, Series]:
    """By name: each folder of real candles."""
    return {name: series_of(data / "candles" / name) for name in CLEAN}


@pytest.fixture(scope="session")
def limits() -> tuple[Limit, ...]:
    """What the suite of the project demands."""
    return read_limits(SUITE)

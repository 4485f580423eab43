"""Rows of a folder of files for a walk forward."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecasting.adapters.walk_rows import walk_rows_of_folder
from forecasting.candles import Candles
from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.horizons import load_horizons
from tests.forecasting.studies.market import daily_walks

DAY = load_horizons()["1d"]


@pytest.fixture
def walks(tmp_path: Path) -> dict[str, Candles]:
    """Three daily series, written to files; XMR ends long before the others."""
    walks = daily_walks(400, first_day=20_000)
    walks["XMR/USD"] = walks["XMR/USD"].between(None, int(walks["XMR/USD"].open_time_ms[200]))
    for symbol, candles in walks.items():
        frame = candles.to_frame().rename(columns={"open_time_ms": "timestamp"})
        frame.to_csv(tmp_path / f"{symbol.replace('/', '_')}-1d.csv", index=False)
    return walks


def test_rows_are_those_that_the_candles_give(walks: dict[str, Candles], tmp_path: Path) -> None:
    found = walk_rows_of_folder(tmp_path, DAY, ["BTC/USD", "ETH/USD"])
    own = {symbol: walks[symbol] for symbol in ("BTC/USD", "ETH/USD")}
    expected = build_dataset(markets_of(own), DAY, found.spec)
    assert found.rows.fingerprint() == expected.fingerprint()
    assert sorted(found.candles) == ["BTC/USD", "ETH/USD"]


@pytest.mark.usefixtures("walks")
def test_a_market_that_ended_before_the_judged_rows_is_left_out(tmp_path: Path) -> None:
    assert walk_rows_of_folder(tmp_path, DAY).rows.symbols == ("BTC/USD", "ETH/USD")


@pytest.mark.usefixtures("walks")
def test_a_market_that_no_file_has_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownSymbol, match="any of BTC/USD, ETH/USD, XMR/USD is needed"):
        walk_rows_of_folder(tmp_path, DAY, ["ADA/USD"])


@pytest.mark.usefixtures("walks")
def test_a_folder_of_coarser_candles_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughHistory, match="no candles of 1h or finer are in"):
        walk_rows_of_folder(tmp_path, load_horizons()["1h"])

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecasting.adapters.files import ImportReport, read_candles_file, read_candles_folder
from forecasting.candles import find_gaps
from forecasting.errors import AmbiguousInput
from forecasting.quality.settling import Settled, settle
from forecasting.types import parse_utc, utc_iso

pytestmark = pytest.mark.real_data

PROJECT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def data() -> Path:
    folder = Path(os.environ.get("FORETICK_TEST_DATA", PROJECT / ".." / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the market data folder {folder} is absent: name one in FORETICK_TEST_DATA")
    return folder


def folder_of(data: Path, name: str) -> dict[str, ImportReport]:
    return {each.symbol: each for each in read_candles_folder(data / "candles" / name)}


def settled(report: ImportReport, on_conflict: Any = "error") -> Settled:
    return settle(report.rows, on_conflict)


@pytest.mark.parametrize(
    ("name", "interval", "markets", "fewest", "most"),
    [
        ("minute-2025", "1m", 2, 130_708, 130_708),
        ("minute-outage-2021", "1m", 2, 43_079, 43_079),
        ("minute-perp-2025", "1m", 2, 43_199, 43_200),
        ("hour-2020-2025", "1h", 6, 43_217, 43_803),
        ("day-2020-2025", "1d", 5, 1_825, 1_825),
        ("day-yahoo-2014-2023", "1d", 8, 1_180, 3_212),
        ("day-yahoo-2021", "1d", 25, 19, 2_451),
    ],
)
def test_every_folder_is_read_whole(
    data: Path, name: str, interval: str, markets: int, fewest: int, most: int
) -> None:
    reports = folder_of(data, name)
    sizes = [len(settled(each).rows) for each in reports.values()]
    assert {each.interval for each in reports.values()} == {interval}
    assert (len(reports), min(sizes), max(sizes)) == (markets, fewest, most)


def test_the_outage_of_september_2021_is_a_gap_of_two_hours(data: Path) -> None:
    for report in folder_of(data, "minute-outage-2021").values():
        assert [
            (utc_iso(gap.start_ms), gap.bars) for gap in find_gaps(settled(report).rows.to_candles())
        ] == [("2021-09-29T07:00:00Z", 120)]


def test_perpetuals_keep_their_settlement(data: Path) -> None:
    assert set(folder_of(data, "minute-perp-2025")) == {"SOL/USDT:USDT", "XMR/USDT:USDT"}


def test_null_rows_of_the_vendor_are_kept_out_one_by_one(data: Path) -> None:
    faults = {symbol: settled(each).faults for symbol, each in folder_of(data, "day-yahoo-2021").items()}
    assert (len(faults["BTC/USD"]), len(faults["HEX/USD"])) == (5, 184)
    assert all(faults.values())
    assert {each.reason for own in faults.values() for each in own} == {"no price and no volume"}


def test_clean_files_need_no_decision(data: Path) -> None:
    for name in ("day-2020-2025", "minute-2025", "minute-perp-2025"):
        assert all(each.notes == () for each in folder_of(data, name).values())


def test_disagreeing_duplicates_of_the_dirty_file_are_refused(data: Path) -> None:
    (report,) = read_candles_file(data / "dirty" / "Binance_ETHUSDT_1h.csv")
    with pytest.raises(AmbiguousInput) as caught:
        settled(report)
    assert "2,648 candle(s) are given more than once with different values" in str(caught.value)
    assert "line 10127, and Binance_ETHUSDT_1h.csv, line 10128: volume 34081.85798 and 34081.86" in str(
        caught.value
    )


@pytest.mark.parametrize(("on_conflict", "close"), [("first", 491.47), ("last", 488.78)])
def test_the_dirty_file_is_read_once_somebody_decides(data: Path, on_conflict: Any, close: float) -> None:
    (report,) = read_candles_file(data / "dirty" / "Binance_ETHUSDT_1h.csv")
    rows, faults, notes = (
        getattr(settled(report, on_conflict), name) for name in ("rows", "faults", "notes")
    )
    assert (report.symbol, report.interval, len(rows), len(faults)) == ("ETH/USDT", "1h", 33_413, 2_648)
    row = np.searchsorted(rows.open_time_ms, parse_utc("2020-11-20T07:00:00Z"))
    assert rows.to_candles().close[row] == close
    assert report.notes == (
        "epochs of column 'unix' are mixed: 28,584 in s and 7,478 in ms",
        "column 'date' differs from column 'unix' in 91 row(s), first line 35093 by -4 h: "
        "column 'unix' was used",
    )
    assert notes == (
        "rows were newest first and were sorted",
        "1 exact duplicate(s) removed",
        "2,648 candle(s) given more than once with different values (prices differ by up to 0.55%): "
        f"the {on_conflict} of each was kept",
    )


def test_the_minutes_with_gaps_are_read(data: Path) -> None:
    (report,) = read_candles_file(data / "dirty" / "UNITTEST_BTC-1m.feather")
    assert (report.symbol, len(report.rows), len(find_gaps(settled(report).rows.to_candles()))) == (
        "UNITTEST/BTC",
        13_681,
        538,
    )


def test_a_large_feather_file_is_read_in_a_fraction_of_a_second(data: Path) -> None:
    path = data / "candles" / "minute-2025" / "BTC_USDT-1m.feather"
    spans = []
    for _ in range(3):
        begin = time.perf_counter()
        read_candles_file(path)
        spans.append(time.perf_counter() - begin)
    # About 0.05 s on two cores; the rest is room for a busy machine.
    assert min(spans) < 0.5

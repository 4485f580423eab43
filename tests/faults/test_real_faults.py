"""Faults that real files came with, and what must come out of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.limits import Limit, broken_by_column
from benchmarks.real_series import Series
from forecasting.adapters.files import read_candles_file
from forecasting.candles import VALUE_COLUMNS
from forecasting.quality.evidence import candle_evidence
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.quality.settling import settle
from forecasting.types import parse_utc, utc_iso

pytestmark = pytest.mark.real_data

NOW_MS = parse_utc("2025-11-01")


def rows_of(path: Path) -> RawCandles:
    (report,) = read_candles_file(path)
    return report.rows


def broken(raw: RawCandles, limits: tuple[Limit, ...], references: Series | None = None) -> dict[str, int]:
    """By column: how many rows break its limits."""
    table = candle_evidence(raw, now_ms=NOW_MS, references=references or {})
    counts = {name: int(rows.sum()) for name, rows in broken_by_column(table, limits).items()}
    return {name: count for name, count in counts.items() if count}


def test_the_dirty_hours_are_newest_first_and_given_twice(data: Path, limits: tuple[Limit, ...]) -> None:
    rows = rows_of(data / "dirty" / "Binance_ETHUSDT_1h.csv")
    assert len(rows) == 36_062
    # 2,649 moments stand twice, of which one has the same values.
    assert broken(rows, limits) == {
        "behind_ms": 36_061,
        "same_time_rows": 2 * 2_649,
        "conflicting_rows": 2 * 2_648,
        "absent_candles_before": 8,
        "flat_run_surprise": 33,
        "spike_sigmas": 1,
    }


def test_the_dirty_hours_hold_an_outage_that_the_exchange_filled_in(data: Path) -> None:
    rows = settle(rows_of(data / "dirty" / "Binance_ETHUSDT_1h.csv"), "first").rows
    table = candle_evidence(rows, now_ms=NOW_MS)
    filled = table[table["flat_run_surprise"] > 3]
    assert [utc_iso(int(filled["open_time_ms"].iloc[place])) for place in (0, -1)] == [
        "2018-02-08T01:00:00Z",
        "2018-02-09T09:00:00Z",
    ]
    assert (filled["volume"] == 0).all()


def test_the_dirty_hours_carry_the_stamps_of_the_exchange(
    data: Path, folders: Mapping[str, Series], limits: tuple[Limit, ...]
) -> None:
    rows = settle(rows_of(data / "dirty" / "Binance_ETHUSDT_1h.csv"), "first").rows
    found = broken(rows, limits, folders["hour-2020-2025"])
    assert "stamp_shift_bars" not in found
    # Of the hours that both files have, 6 were told with other values later.
    assert found["revision_size"] == 6


def test_the_minutes_with_538_gaps(data: Path, limits: tuple[Limit, ...]) -> None:
    rows = rows_of(data / "dirty" / "UNITTEST_BTC-1m.feather")
    table = candle_evidence(rows, now_ms=NOW_MS)
    assert broken(rows, limits) == {"absent_candles_before": 538}
    assert table["absent_candles_before"].sum() == 717
    assert table["absent_share"].iloc[0] == pytest.approx(717 / (13_681 + 717))


@pytest.mark.parametrize(("name", "missing"), [("BTC", 5), ("HEX", 184), ("MATIC", 184)])
def test_null_rows_are_missing_values_and_no_gap(
    name: str, missing: int, data: Path, limits: tuple[Limit, ...]
) -> None:
    rows = rows_of(data / "candles" / "day-yahoo-2021" / f"{name}-USD.csv")
    found = broken(rows, limits)
    assert [found[column] for column in VALUE_COLUMNS] == [missing] * 5
    assert "absent_candles_before" not in found
    settled = settle(rows)
    assert len(settled.faults) == missing
    table = candle_evidence(settled.rows, now_ms=NOW_MS)
    assert table["absent_candles_before"].sum() == missing - at_the_ends(rows)


def at_the_ends(rows: RawCandles) -> int:
    """Null rows before the first or behind the last row with values: no gap lies between."""
    complete = np.flatnonzero(~np.isnan(rows.values).any(axis=1))
    return int(complete[0] + len(rows) - 1 - complete[-1])


def test_an_impossible_day_of_the_vendor_is_named(data: Path) -> None:
    """TRX was traded between 0.001 and 0.004 in those days; the vendor has highs of 0.018 and 0.023."""
    rows = settle(rows_of(data / "candles" / "day-yahoo-2021" / "TRX-USD.csv")).rows
    table = candle_evidence(rows, now_ms=NOW_MS)
    named = table[table["spike_ratio"] > np.sqrt(10)]
    assert pd.to_datetime(named["open_time_ms"], unit="ms").dt.strftime("%F").tolist() == [
        "2017-09-16",
        "2017-09-19",
    ]


def test_the_outage_of_september_2021_is_the_only_fault_of_its_month(
    folders: Mapping[str, Series], limits: tuple[Limit, ...]
) -> None:
    for candles in folders["minute-outage-2021"].values():
        raw = RawCandles.of(candles, SourceFile("outage"))
        assert broken(raw, limits, folders["minute-outage-2021"]) == {"absent_candles_before": 1}
        table = candle_evidence(raw, now_ms=NOW_MS).query("absent_candles_before > 0")
        assert table["absent_candles_before"].tolist() == [120]
        # 07:00 to 08:59 are absent, so the row behind them opens at 09:00.
        assert utc_iso(int(table["open_time_ms"].iloc[0])) == "2021-09-29T09:00:00Z"

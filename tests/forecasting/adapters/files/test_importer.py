from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecasting.candles import PRICE_COLUMNS
from forecasting.types import DAY_MS, HOUR_MS, utc_iso
from tests.forecasting.adapters.files.importing import assert_holds, dated, download_rows, read, refusal
from tests.forecasting.adapters.files.walks import (
    NAMES,
    made_up_rows,
    public_klines,
    write_text,
)


@pytest.mark.parametrize("kind", ["feather", "parquet"])
def test_freqtrade_columns_are_read(tmp_path: Path, kind: str) -> None:
    rows, path = made_up_rows(), tmp_path / f"SOL_USDT_USDT-1h-futures.{kind}"
    getattr(dated(rows), f"to_{kind}")(path)
    report = read(path)
    assert (report.symbol, report.interval, report.source, report.notes) == (
        "SOL/USDT:USDT",
        "1h",
        path.name,
        (),
    )
    assert_holds(report.rows, rows)


def test_a_parquet_file_with_an_index_of_times_is_read(tmp_path: Path) -> None:
    rows = made_up_rows()
    dated(rows).set_index("date").rename_axis(None).to_parquet(tmp_path / "BTC-USD.parquet")
    assert_holds(read(tmp_path / "BTC-USD.parquet").rows, rows)


def test_freqtrade_json_is_read_and_the_proven_order_is_noted(tmp_path: Path) -> None:
    rows, path = made_up_rows(), tmp_path / "BTC_USDT-1h.json"
    path.write_text(json.dumps(rows.astype(object).to_numpy().tolist()))
    report = read(path)
    assert_holds(report.rows, rows)
    assert report.notes == ("no header; the values prove the order time,open,high,low,close,volume",)


@pytest.mark.parametrize("orient", ["records", "dict", "list"])
def test_json_of_records_and_of_columns_is_read(tmp_path: Path, orient: Any) -> None:
    rows, path = made_up_rows(), tmp_path / "BTC_USDT-1h.json"
    path.write_text(json.dumps(rows.to_dict(orient=orient)))
    assert_holds(read(path).rows, rows)


@pytest.mark.parametrize(
    "header",
    [
        None,
        [
            "open_time",
            *NAMES[1:],
            "close_time",
            "quote_volume",
            "count",
            "taker_buy_volume",
            "taker_buy_quote_volume",
            "ignore",
        ],
    ],
)
@pytest.mark.parametrize("scale", [1, 1000])
def test_binance_public_files_are_read_in_ms_and_us(
    tmp_path: Path, header: Sequence[str] | None, scale: int
) -> None:
    rows = made_up_rows()
    table = public_klines(rows).astype({"open": str, "volume": str})
    table["time"] *= scale
    table["close_time"] = (table["close_time"] + 1) * scale - 1
    report = read(write_text(tmp_path / "BTCUSDT-1h-2021-03.csv", table, header=header))
    assert (report.symbol, report.interval) == ("BTC/USDT", "1h")
    assert_holds(report.rows, rows)


def test_a_zip_is_named_by_itself_or_by_what_it_holds(tmp_path: Path) -> None:
    inside = write_text(tmp_path / "BTCUSDT-1h-2021-03.csv", public_klines(made_up_rows()))
    for name in ("BTCUSDT-1h-2021-03.zip", "download.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.write(inside, inside.name)
        report = read(tmp_path / name)
        assert (report.symbol, report.interval, report.source) == ("BTC/USDT", "1h", name)


def test_a_day_of_one_row_from_binance_is_read(tmp_path: Path) -> None:
    table = public_klines(made_up_rows(1, step_ms=DAY_MS), DAY_MS)
    assert len(read(write_text(tmp_path / "BTCUSDT-1d-2021-03-01.csv", table)).rows) == 1


def test_crypto_data_download_files_are_read(tmp_path: Path) -> None:
    rows = made_up_rows()
    path = tmp_path / "Binance_ETHUSDT_1h.csv"
    table = download_rows(rows)
    write_text(path, table, header=list(table.columns), before="https://www.example.org\n")
    report = read(path)
    assert (report.symbol, report.interval) == ("ETH/USDT", "1h")
    assert_holds(report.rows, rows)
    assert report.notes == (
        "line 'https://www.example.org' before the table was skipped",
        "epochs of column 'unix' are mixed: 30 in s and 30 in ms",
    )


def test_two_time_columns_that_differ_are_noted_and_the_epoch_is_believed(tmp_path: Path) -> None:
    rows = made_up_rows()
    table = download_rows(rows)
    table.loc[[3, 4, 5, 6, 7], "date"] = "2021-03-01 00:00:00"
    path = write_text(tmp_path / "Binance_ETHUSDT_1h.csv", table, header=list(table.columns))
    report = read(path)
    assert_holds(report.rows, rows)
    assert (
        "column 'date' differs from column 'unix' in 5 row(s), first line 54 by -7 h: column 'unix' was used"
        in report.notes
    )


def test_a_volume_in_the_quote_only_is_noted(tmp_path: Path) -> None:
    table = download_rows(made_up_rows()).drop(columns="Volume ETH")
    report = read(write_text(tmp_path / "ETHUSDT_1h.csv", table, header=list(table.columns)))
    assert "volume is counted in USDT, not in ETH" in report.notes


def test_volumes_in_foreign_currencies_are_refused(tmp_path: Path) -> None:
    table = download_rows(made_up_rows()).rename(columns={"Volume ETH": "Volume EUR"})
    error = refusal(write_text(tmp_path / "ETHUSDT_1h.csv", table, header=list(table.columns)))
    assert "volumes in EUR, USDT but none in ETH: say which with --columns" in str(error)


def yahoo_rows(count: int = 40) -> pd.DataFrame:
    rows = made_up_rows(count, step_ms=DAY_MS)
    table = pd.DataFrame({"Date": [utc_iso(int(each))[:10] for each in rows["time"]]})
    table[["Open", "High", "Low", "Close"]] = rows[list(PRICE_COLUMNS)]
    return table.assign(**{"Adj Close": rows["close"] / 2, "Volume": rows["volume"]})


def test_yahoo_files_are_daily_and_their_null_rows_have_no_values(tmp_path: Path) -> None:
    table = yahoo_rows().astype(object)
    table.iloc[[4, 39], 1:] = "null"
    report = read(write_text(tmp_path / "BTC-USD.csv", table, header=list(table.columns)))
    assert (report.symbol, report.interval, len(report.rows)) == ("BTC/USD", "1d", 40)
    assert np.flatnonzero(np.isnan(report.rows.values).all(axis=1)).tolist() == [4, 39]
    assert report.notes == ("times carry no zone and were read as UTC",)


def test_a_row_with_one_value_missing_is_kept_as_it_is(tmp_path: Path) -> None:
    table = yahoo_rows().astype(object)
    table.iloc[4, 6] = ""
    report = read(write_text(tmp_path / "BTC-USD.csv", table, header=list(table.columns)))
    assert np.argwhere(np.isnan(report.rows.values)).tolist() == [[4, 4]]
    assert report.rows.place(4) == "BTC-USD.csv, line 6"


def test_the_adjusted_close_alone_is_no_close(tmp_path: Path) -> None:
    table = yahoo_rows().drop(columns="Close")
    error = refusal(write_text(tmp_path / "BTC-USD.csv", table, header=list(table.columns)))
    assert str(error).startswith(
        "BTC-USD.csv: no column for close among Date, Open, High, Low, Adj Close, Volume:"
    )


@pytest.mark.parametrize(
    "header",
    [
        ["Open Time", "Open", "High", "Low", "Close", "Volume"],
        ["timestamp", "1. open", "2. high", "3. low", "4. close", "5. volume"],
        ["openTime", "openPrice", "highPrice", "lowPrice", "closePrice", "baseVolume"],
        ["t", "o", "h", "l", "c", "v"],
        ["date (UTC)", "open_usd", "high_usd", "low_usd", "close_usd", "volumefrom"],
        ["", "open", "high", "low", "close", "volume"],
    ],
)
def test_the_usual_names_of_columns_are_known(tmp_path: Path, header: list[str]) -> None:
    rows = made_up_rows()
    assert_holds(read(write_text(tmp_path / "BTC_USD-1h.csv", rows, header=header)).rows, rows)


def test_a_date_and_a_clock_column_are_read_as_one(tmp_path: Path) -> None:
    rows = made_up_rows()
    table = rows.drop(columns="time")
    table.insert(0, "date", [utc_iso(int(each))[:10].replace("-", ".") for each in rows["time"]])
    table.insert(1, "time", [utc_iso(int(each))[11:16] for each in rows["time"]])
    assert_holds(read(write_text(tmp_path / "BTC_USD-1h.csv", table, header=list(table.columns))).rows, rows)


def test_a_column_named_utc_needs_no_zone(tmp_path: Path) -> None:
    table = yahoo_rows().rename(columns={"Date": "Date UTC"})
    path = write_text(tmp_path / "BTC-USD.csv", table, header=list(table.columns))
    assert read(path, time_zone="Asia/Tokyo").notes == ()


def test_a_time_zone_moves_the_candles(tmp_path: Path) -> None:
    rows = made_up_rows()
    table = rows.assign(time=[utc_iso(int(each) + 9 * HOUR_MS).rstrip("Z") for each in rows["time"]])
    path = write_text(tmp_path / "BTC_USD-1h.csv", table, header=NAMES)
    assert_holds(read(path, time_zone="Asia/Tokyo").rows, rows)

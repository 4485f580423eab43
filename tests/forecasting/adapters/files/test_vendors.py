"""Files as each tool and vendor of this field writes them, whole, from the path to the rows."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.adapters.files import ImportReport, read_candles_file, read_candles_folder
from forecasting.types import DAY_MS, parse_utc, utc_iso
from tests.forecasting.adapters.files.walks import NAMES, made_up_rows, public_klines, write_text

COINBASE = ("time", "low", "high", "open", "close", "volume")
BITFINEX = ("time", "open", "close", "high", "low", "volume")


def assert_holds(report: ImportReport, rows: pd.DataFrame, *, newest_first: bool = False) -> None:
    """The report has these rows, in the order of the file."""
    expected = rows.iloc[::-1] if newest_first else rows
    assert report.rows.open_time_ms.tolist() == expected["time"].tolist()
    assert np.array_equal(report.rows.values, expected[list(NAMES[1:])].to_numpy())


def plain(rows: pd.DataFrame) -> list[list[float]]:
    return [list(row) for row in rows.astype(object).itertuples(index=False)]


def proven(order: Sequence[str]) -> str:
    return f"no header; the values prove the order {','.join(order)}"


@pytest.mark.parametrize("packed", [False, True])
def test_freqtrade_json(tmp_path: Path, packed: bool) -> None:
    rows = made_up_rows()
    text = json.dumps(plain(rows)).encode()
    path = tmp_path / f"BTC_USDT-1h.json{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(text) if packed else text)
    (report,) = read_candles_file(path)
    assert (report.symbol, report.interval) == ("BTC/USDT", "1h")
    assert_holds(report, rows)


def test_freqtrade_feather(tmp_path: Path) -> None:
    rows = made_up_rows()
    dates = pd.to_datetime(rows["time"], unit="ms", utc=True)
    rows.drop(columns="time").assign(date=dates)[["date", *NAMES[1:]]].to_feather(
        tmp_path / "BTC_USDT-1h.feather"
    )
    (report,) = read_candles_file(tmp_path / "BTC_USDT-1h.feather")
    assert_holds(report, rows)
    assert report.facts[-1] == "the times of column 'date' are dates with their zone"


def test_binance_public_months_before_and_after_their_change_to_microseconds(tmp_path: Path) -> None:
    rows = made_up_rows(60, start_ms=parse_utc("2024-12-30T12:00:00"))
    table = public_klines(rows)
    new_year = rows["time"] >= parse_utc("2025-01-01")
    later = table[new_year].copy()
    later["time"] *= 1000
    later["close_time"] = (later["close_time"] + 1) * 1000 - 1
    write_text(tmp_path / "BTCUSDT-1h-2024-12.csv", table[~new_year])
    write_text(tmp_path / "BTCUSDT-1h-2025-01.csv", later)
    (report,) = read_candles_folder(tmp_path)
    assert_holds(report, rows)
    assert [fact for fact in report.facts if "epochs" in fact] == [
        "BTCUSDT-1h-2024-12.csv: the times of column 1 are epochs in ms",
        "BTCUSDT-1h-2025-01.csv: the times of column 1 are epochs in us",
    ]


def test_coinbase_rows(tmp_path: Path) -> None:
    rows = made_up_rows()
    table = rows[list(COINBASE)].iloc[::-1].copy()
    table["time"] //= 1000
    (tmp_path / "BTC-USD_1h.json").write_text(json.dumps(plain(table)))
    (report,) = read_candles_file(tmp_path / "BTC-USD_1h.json")
    assert (report.symbol, report.interval, report.notes) == ("BTC/USD", "1h", (proven(COINBASE),))
    assert_holds(report, rows, newest_first=True)
    assert report.facts == ("the times of column 1 are epochs in s",)


def test_coinbase_records(tmp_path: Path) -> None:
    rows = made_up_rows()
    texts = rows[list(COINBASE)].assign(time=rows["time"] // 1000).astype(object).map(str)
    records = texts.rename(columns={"time": "start"}).iloc[::-1].to_dict("records")
    (tmp_path / "BTC-USD_1h.json").write_text(json.dumps({"candles": records}))
    (report,) = read_candles_file(tmp_path / "BTC-USD_1h.json")
    assert_holds(report, rows, newest_first=True)


def test_bitfinex_rows(tmp_path: Path) -> None:
    rows = made_up_rows()
    write_text(tmp_path / "BTC-USD-1h.csv", rows[list(BITFINEX)].iloc[::-1])
    (report,) = read_candles_file(tmp_path / "BTC-USD-1h.csv")
    assert report.notes == (proven(BITFINEX),)
    assert_holds(report, rows, newest_first=True)


@pytest.mark.parametrize("written", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %I-%p"])
def test_crypto_data_download_with_dates_alone(tmp_path: Path, written: str) -> None:
    rows = made_up_rows()
    dates = pd.to_datetime(rows["time"], unit="ms").dt.strftime(written)
    table = pd.DataFrame(
        {"Date": dates, "Symbol": "BTCUSD", **{name.title(): rows[name] for name in NAMES[1:5]}}
    )
    table["Volume BTC"], table["Volume USD"] = rows["volume"], rows["volume"] * rows["close"]
    path = write_text(
        tmp_path / "Gemini_BTCUSD_1h.csv",
        table.iloc[::-1],
        header=list(table.columns),
        before="https://www.example.org\n",
    )
    (report,) = read_candles_file(path)
    assert (report.symbol, report.interval) == ("BTC/USD", "1h")
    assert_holds(report, rows, newest_first=True)


def test_crypto_data_download_with_a_trade_count(tmp_path: Path) -> None:
    rows = made_up_rows()
    table = pd.DataFrame(
        {"Unix": rows["time"], "Date": [utc_iso(each) for each in rows["time"]], "Symbol": "BTCUSDT"}
    )
    table[[name.title() for name in NAMES[1:5]]] = rows[list(NAMES[1:5])]
    table["Volume BTC"], table["Volume USDT"], table["tradecount"] = rows["volume"], rows["volume"] * 9, 7
    (report,) = read_candles_file(
        write_text(tmp_path / "Binance_BTCUSDT_1h.csv", table, header=list(table.columns))
    )
    assert_holds(report, rows)


def test_yahoo(tmp_path: Path) -> None:
    rows = made_up_rows(step_ms=DAY_MS)
    table = pd.DataFrame({"Date": [utc_iso(each)[:10] for each in rows["time"]]})
    for name in NAMES[1:5]:
        table[name.title()] = rows[name]
    table = table.assign(**{"Adj Close": rows["close"] / 2, "Volume": rows["volume"]})
    (report,) = read_candles_file(write_text(tmp_path / "BTC-USD.csv", table, header=list(table.columns)))
    assert (report.symbol, report.interval) == ("BTC/USD", "1d")
    assert_holds(report, rows)


def test_a_first_day_without_values_is_a_row_and_no_header(tmp_path: Path) -> None:
    lines = ["Date,Open,High,Low,Close,Volume", "2021-03-01,,,,,"]
    lines += [f"2021-03-{day:02},5,7,4,6,{day}" for day in range(2, 12)]
    (tmp_path / "BTC-USD.csv").write_text("\n".join(lines))
    (report,) = read_candles_file(tmp_path / "BTC-USD.csv")
    assert (len(report.rows), report.rows.incomplete[0]) == (11, True)


def test_yahoo_with_a_line_for_the_ticker(tmp_path: Path) -> None:
    rows = made_up_rows(step_ms=DAY_MS)
    table = pd.DataFrame({"Price": [utc_iso(each)[:10] for each in rows["time"]]})
    order = ["close", "high", "low", "open", "volume"]
    table[[name.title() for name in order]] = rows[order]
    text = table.to_csv(index=False).splitlines()
    between = [f"Ticker{',BTC-USD' * 5}", f"Date{',' * 5}"]
    (tmp_path / "BTC-USD.csv").write_text("\n".join([text[0], *between, *text[1:]]))
    (report,) = read_candles_file(tmp_path / "BTC-USD.csv")
    assert_holds(report, rows)
    assert report.rows.place(0) == "BTC-USD.csv, line 4"
    assert f"line '{between[0]}' before the table was skipped" in report.notes

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecasting.adapters.files import ImportReport, read_candles_file, read_candles_folder
from forecasting.candles import PRICE_COLUMNS
from forecasting.errors import (
    AmbiguousInput,
    InputError,
    InvalidSettings,
    UnknownInterval,
    UnreadableFile,
)
from forecasting.quality.raw import RawCandles
from forecasting.quality.settling import settle
from forecasting.types import DAY_MS, HOUR_MS, MINUTE_MS, utc_iso
from tests.forecasting.adapters.files.walks import (
    NAMES,
    made_up_rows,
    public_klines,
    write_text,
)


def read(path: Path, **options: Any) -> ImportReport:
    (report,) = read_candles_file(path, **options)
    return report


def read_all(folder: Path, **options: Any) -> list[ImportReport]:
    return read_candles_folder(folder, **options)


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


def download_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as CryptoDataDownload writes them: newest first, epochs in s and ms mixed."""
    table = pd.DataFrame({"unix": rows["time"].astype(object)})
    table.loc[::2, "unix"] = (rows["time"][::2] / 1000).astype(object)
    table["date"] = [utc_iso(int(each)).rstrip("Z").replace("T", " ") for each in rows["time"]]
    table["symbol"] = "ETH/USDT"
    table[list(PRICE_COLUMNS)] = rows[list(PRICE_COLUMNS)]
    table["Volume ETH"], table["Volume USDT"] = rows["volume"], rows["volume"] * rows["close"]
    return table.iloc[::-1]


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


# Market, interval and columns by option.


def test_an_option_says_what_neither_name_nor_column_does(tmp_path: Path) -> None:
    path = write_text(tmp_path / "mine.csv", made_up_rows(), header=NAMES)
    assert "neither the name nor a column says the market: give --symbol" in str(refusal(path))
    assert read(path, symbol="btc-usdt").symbol == "BTC/USDT"


def test_an_ambiguous_name_shows_its_readings(tmp_path: Path) -> None:
    path = write_text(tmp_path / "BTCBUSD-1h.csv", made_up_rows(), header=NAMES)
    assert "may be BTC/BUSD or BTCB/USD: give --symbol" in str(refusal(path))


def test_a_column_may_decide_an_ambiguous_name(tmp_path: Path) -> None:
    path = write_text(
        tmp_path / "BTCBUSD-1h.csv", made_up_rows().assign(pair="BTC/BUSD"), header=[*NAMES, "pair"]
    )
    assert read(path).symbol == "BTC/BUSD"


def test_name_and_column_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    path = write_text(
        tmp_path / "BTC_USDT-1h.csv", made_up_rows().assign(pair="ETHUSDT"), header=[*NAMES, "pair"]
    )
    assert "the name says BTC/USDT, the rows say ETH/USDT: give --symbol" in str(refusal(path))
    assert read(path, symbol="ETH/USDT").notes == (
        "taken as ETH/USDT by option, though the file says BTC/USDT",
    )


def test_a_column_of_base_currencies_leaves_the_market_to_the_name(tmp_path: Path) -> None:
    path = write_text(
        tmp_path / "BTC_USDT-1h.csv", made_up_rows().assign(ticker="BTC"), header=[*NAMES, "ticker"]
    )
    assert read(path).symbol == "BTC/USDT"


def two_markets(folder: Path) -> Path:
    rows = pd.concat([made_up_rows().assign(pair="BTC/USDT"), made_up_rows(seed=9).assign(pair="ETH/USDT")])
    return write_text(folder / "all.csv", rows, header=[*NAMES, "pair"])


def test_several_markets_in_one_file_are_told_apart_by_their_column(tmp_path: Path) -> None:
    reports = read_candles_file(two_markets(tmp_path))
    assert [(each.symbol, each.interval, len(each.rows)) for each in reports] == [
        ("BTC/USDT", "1h", 60),
        ("ETH/USDT", "1h", 60),
    ]
    assert_holds(reports[1].rows, made_up_rows(seed=9))


def test_the_symbol_option_chooses_one_of_several_markets(tmp_path: Path) -> None:
    assert read(two_markets(tmp_path), symbol="ETH/USDT").symbol == "ETH/USDT"
    assert "XRP/USDT is none of the 2 markets" in str(refusal(two_markets(tmp_path), symbol="XRP/USDT"))


@pytest.mark.parametrize(
    ("step_ms", "interval"), [(MINUTE_MS, "1m"), (HOUR_MS, "1h"), (8 * HOUR_MS, "8h"), (DAY_MS, "1d")]
)
def test_the_spacing_proves_the_interval(tmp_path: Path, step_ms: int, interval: str) -> None:
    rows = made_up_rows(step_ms=step_ms).drop(index=[5, 6, 30])
    assert read(write_text(tmp_path / "BTC-USD.csv", rows, header=NAMES)).interval == interval


def test_few_rows_prove_no_interval(tmp_path: Path) -> None:
    path = write_text(tmp_path / "BTC-USD.csv", made_up_rows(3), header=NAMES)
    assert "3 row(s) and a name without an interval prove none: give --interval" in str(refusal(path))
    assert read(path, interval="1h").interval == "1h"


def test_uneven_spacing_proves_no_interval(tmp_path: Path) -> None:
    rows = made_up_rows(step_ms=MINUTE_MS).iloc[[0, 1, 3, 5, 7, 9, 11]]
    path = write_text(tmp_path / "BTC-USD.csv", rows, header=NAMES)
    assert "rows lie 1 min and more often 2 min apart, which proves no interval" in str(refusal(path))
    assert read(path, interval="1m").interval == "1m"


def test_a_spacing_that_is_no_interval_is_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path / "BTC-USD.csv", made_up_rows(step_ms=7 * DAY_MS), header=NAMES)
    error = refusal(path)
    assert isinstance(error, UnknownInterval)
    assert "rows lie 7 d apart: one of 1m, 3m" in str(error)


def test_a_name_that_contradicts_the_spacing_is_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path / "BTC_USD-1h.csv", made_up_rows(step_ms=DAY_MS), header=NAMES)
    assert "the name says 1h, but most rows lie 1 d apart: name the interval with --interval" in str(
        refusal(path)
    )


def test_an_option_that_contradicts_the_spacing_is_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path / "BTC_USD-1h.csv", made_up_rows(), header=NAMES)
    assert "--interval says 1d, but rows lie 1 h apart" in str(refusal(path, interval="1d"))


@pytest.mark.parametrize("options", [{"interval": "1w"}, {}])
def test_an_unknown_interval_is_refused(tmp_path: Path, options: dict[str, str]) -> None:
    error = refusal(write_text(tmp_path / "BTC_USD-1w.csv", made_up_rows(), header=NAMES), **options)
    assert isinstance(error, UnknownInterval)
    assert "interval '1w' is unknown: one of 1m" in str(error)


def test_the_columns_option_says_what_the_data_do_not_prove(tmp_path: Path) -> None:
    rows = made_up_rows(5).assign(trades=3)
    path = write_text(tmp_path / "BTC_USD-1h.csv", rows)
    assert isinstance(refusal(path), AmbiguousInput)
    assert_holds(read(path, columns=[*NAMES, "-"]).rows, rows)


def test_the_columns_option_is_believed_over_the_header(tmp_path: Path) -> None:
    rows = made_up_rows()
    path = write_text(tmp_path / "BTC_USD-1h.csv", rows, header=["a", "b", "c", "d", "e", "f"])
    assert_holds(read(path, columns=NAMES).rows, rows)


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (("time", "open"), "'high' is needed exactly once"),
        ((*NAMES, "open"), "'open' is needed exactly once"),
        ((*NAMES, "price"), "'price' is no column"),
        ((*NAMES, "-", "-"), "8 words"),
        ((*NAMES, "symbol", "symbol"), "'symbol' is needed exactly once"),
    ],
)
def test_a_columns_option_that_cannot_be_is_refused(
    tmp_path: Path, columns: tuple[str, ...], found: str
) -> None:
    error = refusal(write_text(tmp_path / "BTC_USD-1h.csv", made_up_rows(), header=NAMES), columns=columns)
    assert isinstance(error, InvalidSettings)
    assert found in str(error)


# What is wrong is refused, in one line that names the file.


def test_text_in_a_number_is_refused_with_its_line(tmp_path: Path) -> None:
    rows = made_up_rows().astype({"high": object})
    rows.loc[7, "high"] = "1,234.5"
    path = tmp_path / "BTC_USD-1h.csv"
    rows.to_csv(path, index=False)
    assert str(refusal(path)) == (
        "BTC_USD-1h.csv, line 9: column 'high' is '1,234.5', a number such as 1234.5 is needed: "
        "correct the file"
    )


def test_a_decimal_comma_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "BTC_USD-1h.csv"
    made_up_rows().to_csv(path, index=False, sep=";", decimal=",")
    assert "a number such as 1234.5 is needed" in str(refusal(path))


def test_prices_without_a_time_are_refused(tmp_path: Path) -> None:
    rows = made_up_rows().astype({"time": object})
    rows.loc[[7, 9], "time"] = ""
    error = refusal(write_text(tmp_path / "BTC_USD-1h.csv", rows, header=NAMES))
    assert "BTC_USD-1h.csv, line 9: prices without a time (2 such rows)" in str(error)


def test_open_and_close_under_each_others_names_are_refused(tmp_path: Path) -> None:
    header = ["time", "close", "high", "low", "open", "volume"]
    path = write_text(tmp_path / "BTC_USD-1h.csv", made_up_rows(), header=header)
    assert "open and close look exchanged: say with --columns which is which" in str(refusal(path))
    words = ("time", "close", "high", "low", "open", "volume")
    assert len(read(path, columns=words).rows) == 60


def test_two_columns_of_one_meaning_are_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path / "BTC_USD-1h.csv", made_up_rows().assign(vol=1.0), header=[*NAMES, "vol"])
    assert "column 'volume' and column 'vol' could both be volume" in str(refusal(path))


def test_a_header_of_many_unknown_names_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "BTC_USD-1h.json"
    path.write_text(json.dumps({f"2021-03-{day:02}": [1, 2] for day in range(1, 31)}))
    assert "and 15 more" in str(refusal(path))


def test_rows_without_any_price_are_refused(tmp_path: Path) -> None:
    rows = made_up_rows().astype(object)
    rows[list(NAMES[1:])] = "null"
    assert "no row of BTC/USD has prices" in str(
        refusal(write_text(tmp_path / "BTC_USD-1h.csv", rows, header=NAMES))
    )


def test_a_file_of_funding_rates_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "BTC_USDT_USDT-8h-funding_rate.feather"
    dated(made_up_rows(step_ms=8 * HOUR_MS)).to_feather(path)
    assert "the name says funding rates: traded candles are needed" in str(refusal(path))


# Folders.


def monthly_files(folder: Path) -> pd.DataFrame:
    rows = made_up_rows(90)
    for month, part in enumerate((rows[:30], rows[30:60], rows[59:]), start=1):
        write_text(folder / f"BTCUSDT-1h-2021-{month:02}.csv", public_klines(part))
    return rows


def test_monthly_files_are_joined_into_one_report(tmp_path: Path) -> None:
    rows = monthly_files(tmp_path)
    (report,) = read_all(tmp_path)
    assert report.source == "BTCUSDT-1h-2021-01.csv to BTCUSDT-1h-2021-03.csv (3 files)"
    assert_holds(report.rows.take(np.r_[0:60, 61:91]), rows)
    assert report.rows.place(60) == "BTCUSDT-1h-2021-03.csv, line 1"
    assert report.notes == (
        "no header; the values prove the order time,open,high,low,close,volume (3 of 3 files)",
    )


def test_a_note_of_one_of_several_files_names_it(tmp_path: Path) -> None:
    rows = made_up_rows(90)
    write_text(tmp_path / "BTC_USD-1h-1.csv", rows[:40], header=NAMES)
    write_text(
        tmp_path / "BTC_USD-1h-2.csv",
        rows[40:].astype(object).assign(time=pd.to_datetime(rows["time"][40:], unit="ms").astype(str)),
        header=NAMES,
    )
    (report,) = read_all(tmp_path)
    assert report.notes == ("BTC_USD-1h-2.csv: times carry no zone and were read as UTC",)


def test_reports_of_a_folder_follow_the_names_of_its_files(tmp_path: Path) -> None:
    for name in ("ETH_USD-1h.csv", "BTC_USD-1d.csv", "BTC_USD-1h.csv"):
        step_ms = DAY_MS if "1d" in name else HOUR_MS
        write_text(tmp_path / name, made_up_rows(step_ms=step_ms), header=NAMES)
    found = [(report.symbol, report.interval) for report in read_all(tmp_path)]
    assert found == [("BTC/USD", "1d"), ("BTC/USD", "1h"), ("ETH/USD", "1h")]


def test_other_files_and_folders_are_left_out_with_a_note(tmp_path: Path) -> None:
    write_text(tmp_path / "BTC_USD-1h.csv", made_up_rows(), header=NAMES)
    for name in ("README.md", "BTC_USD-trades.feather", ".hidden.csv"):
        (tmp_path / name).write_text("about")
    (tmp_path / "futures").mkdir()
    (report,) = read_all(tmp_path)
    assert report.notes == ("not candle files, left out: BTC_USD-trades.feather, README.md, futures/",)


def test_a_data_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    write_text(tmp_path / "BTC_USD-1h.csv", made_up_rows(), header=NAMES)
    (tmp_path / "settings.json").write_text('{"theme": "dark"}')
    with pytest.raises(UnreadableFile, match=r"settings\.json: "):
        read_all(tmp_path)


def test_a_broken_link_to_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "BTC_USD-1h.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(UnreadableFile, match="there is no such file"):
        read_all(tmp_path)


def test_rows_of_files_that_disagree_are_named_by_file(tmp_path: Path) -> None:
    write_text(tmp_path / "BTC_USD-1h.csv", made_up_rows(), header=NAMES)
    dated(made_up_rows(seed=9)).to_feather(tmp_path / "BTC_USD-1h.feather")
    (report,) = read_all(tmp_path)
    with pytest.raises(AmbiguousInput, match=r"1h\.csv, line 2, and BTC_USD-1h\.feather, row 1: open"):
        settle(report.rows)
    assert settle(report.rows, "last").rows.values[:, 0].tolist() == made_up_rows(seed=9)["open"].tolist()


@pytest.mark.parametrize("options", [{"symbol": "ETH/USD"}, {"interval": "1d"}])
def test_an_option_for_a_folder_may_not_contradict_a_name(tmp_path: Path, options: dict[str, str]) -> None:
    write_text(tmp_path / "BTC_USD-1h.csv", made_up_rows(), header=NAMES)
    with pytest.raises(AmbiguousInput, match="import this file alone"):
        read_all(tmp_path, **options)


def test_an_option_for_a_folder_names_files_that_do_not(tmp_path: Path) -> None:
    rows = made_up_rows()
    write_text(tmp_path / "2021-03.csv", rows[:30], header=NAMES)
    write_text(tmp_path / "2021-04.csv", rows[30:], header=NAMES)
    (report,) = read_all(tmp_path, symbol="BTC/USD")
    assert_holds(report.rows, rows)


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([], "no candle file among 0 file(s) and 0 folder(s)"),
        (["a.md", "b/", "c/"], "no candle file among 1 file(s) and 2 folder(s) (the first is b)"),
    ],
)
def test_a_folder_without_candles_is_refused(tmp_path: Path, entries: list[str], found: str) -> None:
    for entry in entries:
        (tmp_path / entry).mkdir() if entry.endswith("/") else (tmp_path / entry).write_text("about")
    with pytest.raises(UnreadableFile) as caught:
        read_all(tmp_path)
    assert found in str(caught.value)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableFile, match=r"no readable folder \(No such file or directory\): check the path"
    ):
        read_all(tmp_path / "gone")


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path / "BTC_USD-1h.csv", made_up_rows(), header=NAMES)
    with pytest.raises(UnreadableFile, match="Not a directory"):
        read_all(path)


@pytest.mark.parametrize(
    "options",
    [{"time_zone": "Mars/Base"}, {"symbol": "BTC"}, {"interval": "tomorrow"}],
)
def test_an_option_that_cannot_be_is_refused_before_any_file_is_read(
    tmp_path: Path, options: dict[str, str]
) -> None:
    with pytest.raises(InputError, match="|".join(options.values())):
        read(tmp_path / "gone.csv", **options)


def test_the_same_file_gives_the_same_candles(tmp_path: Path) -> None:
    monthly_files(tmp_path)
    assert (
        read_all(tmp_path)[0].rows.to_candles().fingerprint()
        == read_all(tmp_path)[0].rows.to_candles().fingerprint()
    )


# Columns that are almost what they are named.


def test_an_index_that_is_no_time_is_passed_over(tmp_path: Path) -> None:
    rows = made_up_rows()
    table = rows.assign(index=np.arange(60))[["index", *NAMES]]
    report = read(write_text(tmp_path / "BTC_USD-1h.csv", table, header=["", *NAMES]))
    assert report.notes == ()
    assert_holds(report.rows, rows)


def test_a_second_time_column_that_breaks_later_is_noted(tmp_path: Path) -> None:
    table = download_rows(made_up_rows())
    table.loc[5, "date"] = "soon"
    report = read(write_text(tmp_path / "ETHUSDT_1h.csv", table, header=list(table.columns)))
    assert any(
        note.startswith("column 'date' was not used: ETHUSDT_1h.csv, line 56: ") for note in report.notes
    )


def test_the_believed_time_column_must_hold_times_throughout(tmp_path: Path) -> None:
    table = download_rows(made_up_rows())
    table.loc[5, "unix"] = "soon"
    error = refusal(write_text(tmp_path / "ETHUSDT_1h.csv", table, header=list(table.columns)))
    assert "ETHUSDT_1h.csv, line 56: column 'unix' is 'soon'" in str(error)


def test_a_market_column_with_two_readings_is_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path / "all-1h.csv", made_up_rows().assign(pair="DOTUSD"), header=[*NAMES, "pair"])
    assert "market 'DOTUSD' may be DO/TUSD or DOT/USD: give --symbol or write the slash" in str(refusal(path))
    assert read(path, symbol="DOT/USD").notes == ()


def test_several_words_that_are_no_markets_are_refused(tmp_path: Path) -> None:
    rows = pd.concat([made_up_rows().assign(pair="BTC"), made_up_rows().assign(pair="ETH")])
    error = refusal(write_text(tmp_path / "all-1h.csv", rows, header=[*NAMES, "pair"]))
    assert "column 'pair' holds 2 markets, of which 'BTC' is not of the form BASE/QUOTE" in str(error)


def test_a_symbol_column_of_numbers_says_no_market(tmp_path: Path) -> None:
    dated(made_up_rows()).assign(symbol=7).to_feather(tmp_path / "BTC_USD-1h.feather")
    assert read(tmp_path / "BTC_USD-1h.feather").symbol == "BTC/USD"


def test_truth_values_are_no_prices(tmp_path: Path) -> None:
    dated(made_up_rows()).assign(open=True).to_feather(tmp_path / "BTC_USD-1h.feather")
    error = refusal(tmp_path / "BTC_USD-1h.feather")
    assert str(error) == "BTC_USD-1h.feather: column 'open' holds bool: numbers are needed"


def test_rows_closer_than_a_second_are_no_candles(tmp_path: Path) -> None:
    path = write_text(tmp_path / "BTC-USD.csv", made_up_rows(step_ms=500), header=NAMES)
    assert "rows lie 500 ms apart" in str(refusal(path))


def test_an_epoch_is_believed_over_a_local_date_that_is_named_first(tmp_path: Path) -> None:
    rows = made_up_rows()
    table = rows.rename(columns={"time": "t"})
    table.insert(0, "datetime", [utc_iso(int(each) + 9 * HOUR_MS).rstrip("Z") for each in rows["time"]])
    report = read(write_text(tmp_path / "BTC_USD-1h.csv", table, header=list(table.columns)))
    assert_holds(report.rows, rows)
    assert report.notes == (
        "column 'datetime' differs from column 't' in 60 row(s), first line 2 by +9 h: column 't' was used",
    )

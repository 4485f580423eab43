from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from forecasting.adapters.files import read_candles_file
from forecasting.errors import (
    AmbiguousInput,
    InvalidSettings,
    UnknownInterval,
)
from forecasting.types import DAY_MS, HOUR_MS, MINUTE_MS
from tests.forecasting.adapters.files.importing import assert_holds, read, refusal
from tests.forecasting.adapters.files.walks import (
    NAMES,
    made_up_rows,
    write_text,
)

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

from __future__ import annotations

import json
from pathlib import Path

from forecasting.types import HOUR_MS
from tests.forecasting.adapters.files.importing import dated, read, refusal
from tests.forecasting.adapters.files.walks import (
    NAMES,
    made_up_rows,
    write_text,
)

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


def test_truth_values_are_no_prices(tmp_path: Path) -> None:
    dated(made_up_rows()).assign(open=True).to_feather(tmp_path / "BTC_USD-1h.feather")
    error = refusal(tmp_path / "BTC_USD-1h.feather")
    assert str(error) == "BTC_USD-1h.feather: column 'open' holds bool: numbers are needed"


def test_rows_closer_than_a_second_are_no_candles(tmp_path: Path) -> None:
    path = write_text(tmp_path / "BTC-USD.csv", made_up_rows(step_ms=500), header=NAMES)
    assert "rows lie 500 ms apart" in str(refusal(path))

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.types import HOUR_MS, utc_iso
from tests.forecasting.adapters.files.importing import assert_holds, dated, download_rows, read, refusal
from tests.forecasting.adapters.files.walks import (
    NAMES,
    made_up_rows,
    write_text,
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


def test_an_epoch_is_believed_over_a_local_date_that_is_named_first(tmp_path: Path) -> None:
    rows = made_up_rows()
    table = rows.rename(columns={"time": "t"})
    table.insert(0, "datetime", [utc_iso(int(each) + 9 * HOUR_MS).rstrip("Z") for each in rows["time"]])
    report = read(write_text(tmp_path / "BTC_USD-1h.csv", table, header=list(table.columns)))
    assert_holds(report.rows, rows)
    assert report.notes == (
        "column 'datetime' differs from column 't' in 60 row(s), first line 2 by +9 h: column 't' was used",
    )

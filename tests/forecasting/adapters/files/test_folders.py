from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecasting.adapters.files import ImportReport, read_candles_folder
from forecasting.errors import (
    AmbiguousInput,
    InputError,
    UnreadableFile,
)
from forecasting.quality.settling import settle
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.adapters.files.importing import assert_holds, dated, read
from tests.forecasting.adapters.files.walks import (
    NAMES,
    made_up_rows,
    public_klines,
    write_text,
)


def read_all(folder: Path, **options: Any) -> list[ImportReport]:
    return read_candles_folder(folder, **options)


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

"""Whether a file's times are opens or closes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecasting.adapters.files import read_candles_file
from forecasting.adapters.files.stamping import check_stamp
from forecasting.errors import InvalidSettings
from forecasting.types import HOUR_MS
from tests.forecasting.adapters.files.walks import NAMES, made_up_rows, write_text

ROWS = made_up_rows(40)
OPENS = ROWS["time"].to_numpy()


def read(
    folder: Path, moved_ms: int, name: str = "time", **options: Any
) -> tuple[list[int], tuple[str, ...]]:
    table = ROWS.assign(time=ROWS["time"] + moved_ms)
    path = write_text(folder / "BTC_USD-1h.csv", table, header=[name, *NAMES[1:]])
    (report,) = read_candles_file(path, **options)
    return (report.rows.open_time_ms - OPENS).tolist(), report.notes


def test_times_on_the_grid_are_opens(tmp_path: Path) -> None:
    assert read(tmp_path, 0) == ([0] * 40, ())


@pytest.mark.parametrize("early_ms", [1, 1000])
def test_times_just_before_the_grid_prove_closes(tmp_path: Path, early_ms: int) -> None:
    moved, notes = read(tmp_path, HOUR_MS - early_ms)
    assert moved == [0] * 40
    assert notes == ("times mark the close of a candle, as the times prove",)


def test_one_time_on_the_grid_proves_nothing(tmp_path: Path) -> None:
    moved = np.full(40, HOUR_MS - 1)
    moved[39] = 0
    table = ROWS.assign(time=OPENS + moved)
    (report,) = read_candles_file(write_text(tmp_path / "BTC_USD-1h.csv", table, header=NAMES), interval="1h")
    assert report.rows.open_time_ms.tolist() == (OPENS + moved).tolist()


def test_a_stray_row_off_the_grid_does_not_hide_the_interval(tmp_path: Path) -> None:
    moved = np.zeros(40, dtype=np.int64)
    moved[39] = 60_000
    table = ROWS.assign(time=OPENS + moved)
    (report,) = read_candles_file(write_text(tmp_path / "BTC_USD-1h.csv", table, header=NAMES))
    assert (report.interval, report.rows.open_time_ms[39] - OPENS[39]) == ("1h", 60_000)


@pytest.mark.parametrize("name", ["close_time", "Close time", "candle_end_time"])
def test_a_column_that_is_called_the_close_holds_closes(tmp_path: Path, name: str) -> None:
    moved, notes = read(tmp_path, HOUR_MS, name)
    assert moved == [0] * 40
    assert notes == ("times mark the close of a candle, as the column's name says",)


@pytest.mark.parametrize("moved_ms", [HOUR_MS, HOUR_MS - 1])
def test_the_option_says_closes(tmp_path: Path, moved_ms: int) -> None:
    moved, notes = read(tmp_path, moved_ms, stamped="close")
    assert moved == [0] * 40
    assert notes == ("times mark the close of a candle, as --stamped says",)


def test_the_option_says_opens_of_a_column_that_is_called_the_close(tmp_path: Path) -> None:
    assert read(tmp_path, 0, "close_time", stamped="open") == ([0] * 40, ())


def test_another_word_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="--stamped 'middle' is unknown: open or close is needed"):
        check_stamp("middle")

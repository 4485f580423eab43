from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.adapters.files.series import OnConflict, Series, check_on_conflict, join_series
from forecasting.candles import Candles
from forecasting.errors import AmbiguousInput, InvalidCandles, InvalidSettings, UnreadableFile
from forecasting.types import HOUR_MS
from tests.forecasting.adapters.files.walks import NOW_MS, START_MS, made_up_rows


def series(
    hours: list[int], *, source: str = "a.csv", volume: float | None = None, notes: tuple[str, ...] = ()
) -> Series:
    """Rows of these hours; equal hours have equal values unless the volume is given."""
    rows = made_up_rows(60).iloc[hours].copy()
    values = rows[["open", "high", "low", "close", "volume"]].to_numpy(copy=True)
    if volume is not None:
        values[:, 4] = volume
    return Series(
        source, "BTC/USDT", "1h", rows["time"].to_numpy(), values, np.arange(len(hours)) + 2, True, notes
    )


def join(
    *parts: Series, on_conflict: OnConflict = "error", now_ms: int = NOW_MS
) -> tuple[Candles, tuple[str, ...]]:
    return join_series(parts, "the files", on_conflict, now_ms)


def hours_of(candles: Candles) -> list[int]:
    return ((candles.open_time_ms - START_MS) // HOUR_MS).tolist()


def test_rows_in_order_are_taken_without_a_note() -> None:
    candles, notes = join(series([0, 1, 2]))
    assert (hours_of(candles), notes) == ([0, 1, 2], ())


@pytest.mark.parametrize(
    ("hours", "how"), [([2, 1, 0], "newest first"), ([0, 2, 1], "not in the order of time")]
)
def test_rows_out_of_order_are_sorted_with_a_note(hours: list[int], how: str) -> None:
    candles, notes = join(series(hours))
    assert (hours_of(candles), notes) == ([0, 1, 2], (f"rows were {how} and were sorted",))


@given(hours=st.lists(st.integers(0, 20), min_size=1, max_size=40), cut=st.integers(0, 40))
@settings(max_examples=80)
def test_every_hour_of_the_files_is_there_once(hours: list[int], cut: int) -> None:
    parts = [series(part) for part in (hours[:cut], hours[cut:]) if part]
    candles, notes = join(*parts)
    removed = len(hours) - len(set(hours))
    assert hours_of(candles) == sorted(set(hours))
    assert any(note == f"{removed:,} exact duplicate(s) removed" for note in notes) is (removed > 0)


def test_rows_that_disagree_are_refused_with_both_places_and_values() -> None:
    with pytest.raises(AmbiguousInput) as caught:
        join(series([0, 1, 2]), series([1, 2, 3], source="b.csv", volume=5.0))
    message = str(caught.value)
    assert message.startswith("the files: 2 candle(s) are given more than once with different values")
    assert "a.csv, line 3, and b.csv, line 2: volume" in message
    assert "and 5; prices differ by up to 0.00%" in message
    assert message.endswith("say which stays with --on-conflict first or last")


@pytest.mark.parametrize(("on_conflict", "kept"), [("first", "a"), ("last", "b")])
def test_the_policy_says_which_of_two_rows_stays(on_conflict: Any, kept: str) -> None:
    parts = {"a": series([0, 1], volume=1.0), "b": series([1, 2], source="b.csv", volume=5.0)}
    candles, notes = join(*parts.values(), on_conflict=on_conflict)
    assert candles.volume.tolist() == [1.0, {"a": 1.0, "b": 5.0}[kept], 5.0]
    assert notes[-1] == (
        "1 candle(s) given more than once with different values (prices differ by up to 0.00%): "
        f"the {on_conflict} of each was kept"
    )


def test_the_first_of_a_newest_first_file_is_the_upper_row() -> None:
    part = series([1, 1, 0])
    part.values[0, 4], part.values[1, 4] = 7.0, 8.0
    candles, _ = join(part, on_conflict="first")
    assert candles.volume[1] == 7.0


def test_exact_and_disagreeing_duplicates_are_counted_apart() -> None:
    part = series([0, 0, 1, 1, 1])
    part.values[4, 4] = 9.0
    _, notes = join(part, on_conflict="last")
    assert notes[0] == "1 exact duplicate(s) removed"
    assert notes[1].startswith("1 candle(s) given more than once with different values")


def test_a_candle_that_is_still_open_is_left_out_with_a_note() -> None:
    candles, notes = join(series([0, 1, 2]), now_ms=START_MS + 3 * HOUR_MS - 1)
    assert (hours_of(candles), notes) == (
        [0, 1],
        ("1 candle(s) not closed by 2021-03-01T02:59:59.999Z left out",),
    )


def test_a_candle_that_closes_now_is_closed() -> None:
    candles, notes = join(series([0, 1, 2]), now_ms=START_MS + 3 * HOUR_MS)
    assert (hours_of(candles), notes) == ([0, 1, 2], ())


def test_only_open_candles_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="no candle is closed by"):
        join(series([0]), now_ms=START_MS)


@pytest.mark.parametrize(
    ("column", "value", "how"),
    [
        (0, -1.0, "has a open that is not a positive number"),
        (1, 1.0, "has open or close outside low..high"),
        (3, float("inf"), "has a close that is not a positive number"),
        (4, -1.0, "has a volume that is not zero or more"),
    ],
)
def test_an_impossible_candle_is_refused_with_its_file_and_line(column: int, value: float, how: str) -> None:
    part = series(list(range(30))[::-1], source="b.csv")
    part.values[[6, 20], column] = value
    with pytest.raises(InvalidCandles) as caught:
        join(series([40]), part)
    # Row 20 of the newest-first file is the older of the two and stands on line 22.
    assert str(caught.value).startswith(
        "b.csv, line 22: BTC/USDT 1h: the candle of 2021-03-01T09:00:00Z (row 9) "
    )
    assert how in str(caught.value)


def test_a_candle_off_the_grid_is_refused() -> None:
    part = series([0, 1, 2])
    part = replace(part, open_time_ms=part.open_time_ms + np.array([0, 60_000, 0]))
    with pytest.raises(InvalidCandles, match=r"a\.csv, line 3: .* is not on the UTC grid of 1h"):
        join(part)


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="--on-conflict 'newest' is unknown"):
        check_on_conflict("newest")

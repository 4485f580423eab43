from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.adapters.files.raw_table import RawTable
from forecasting.adapters.files.times import EARLIEST_MS, LATEST_MS, Times, check_time_zone, read_times
from forecasting.errors import AmbiguousInput, InvalidSettings, UnreadableFile
from forecasting.types import parse_utc

MOMENT = parse_utc("2021-06-10T15:30:00")
MOMENTS = st.integers(EARLIEST_MS, LATEST_MS - 1)


def read(values: list[Any], kind: pa.DataType | None = None, zone: str = "UTC") -> Times:
    return read_times(RawTable("x.csv", (pa.array(values, kind),), ("when",), (), 2), 0, zone)


@pytest.mark.parametrize(
    "text",
    [
        "2021-06-10 15:30:00",
        "2021-06-10T15:30",
        "2021-06-10T15:30:00.000Z",
        "2021-06-10 15:30:00 UTC",
        "2021-06-10T17:30:00+02:00",
        "2021-06-10 10:30:00-0500",
        "2021-06-10 03:30-PM",
        "2021-06-10 3:30 pm",
        "2021/6/10 15:30",
        "2021.06.10 15:30",
        "20210610 153000",
        "13/06/2021",
        "06/13/2021",
        "13.06.2021 00:00:00.000",
        "20210613",
    ],
)
def test_a_date_text_is_read(text: str) -> None:
    expected = parse_utc("2021-06-13") if "13" in text[:8] else MOMENT
    assert read([text]).moment_ms.tolist() == [expected]


@pytest.mark.parametrize(("text", "hour"), [("12-AM", 0), ("01-AM", 1), ("12-PM", 12), ("11-PM", 23)])
def test_midnight_and_noon_of_the_twelve_hour_clock(text: str, hour: int) -> None:
    assert read([f"2021-06-10 {text}"]).moment_ms[0] == parse_utc(f"2021-06-10T{hour:02}:00")


@given(moment_ms=MOMENTS, scale=st.sampled_from([1, 1000, 1_000_000]))
def test_epochs_of_any_unit_are_the_same_moment(moment_ms: int, scale: int) -> None:
    assert read([moment_ms / 1000]).moment_ms.tolist() == [moment_ms]
    moment_ms -= moment_ms % 1000
    assert read([moment_ms * scale]).moment_ms.tolist() == [moment_ms]
    assert read([moment_ms // 1000]).moment_ms.tolist() == [moment_ms]


@given(moments=st.lists(MOMENTS, min_size=1, max_size=30))
@settings(max_examples=50)
def test_iso_texts_are_read_as_the_standard_library_reads_them(moments: list[int]) -> None:
    texts = [
        datetime.fromtimestamp(each / 1000, tz=UTC).isoformat(timespec="milliseconds") for each in moments
    ]
    assert read(texts).moment_ms.tolist() == [parse_utc(text) for text in texts]


def test_epochs_of_mixed_units_in_one_column_are_read_and_counted() -> None:
    times = read(["1502942400.0", "1623283200000", "1735689599999999"])
    assert times.moment_ms.tolist() == [1502942400000, 1623283200000, 1735689599999]
    assert times.notes == ("epochs of column 'when' are mixed: 1 in s and 1 in ms and 1 in us",)


@pytest.mark.parametrize("value", [0, 5, 44000, 20210610, 1e11, 5e18, -1623283200000])
def test_a_number_that_is_no_epoch_since_2000_is_refused(value: float) -> None:
    with pytest.raises(UnreadableFile, match=r"x.csv, line 2: column 'when' is .* between 2000 and 2100"):
        read([value])


@pytest.mark.parametrize(
    "text", ["2021-02-30", "2021-13-01", "2021-06-10 25:00", "yesterday", "2021-06-10 13-PM"]
)
def test_a_text_that_is_no_moment_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(UnreadableFile, match="line 3: column 'when' is"):
        read(["2021-06-10", text])


def test_dates_that_prove_no_order_of_day_and_month_are_refused() -> None:
    with pytest.raises(AmbiguousInput, match="write them as YYYY-MM-DD"):
        read(["01/02/2021", "02/02/2021"])


def test_one_day_past_twelve_proves_the_order_for_all() -> None:
    assert read(["01/02/2021", "13/02/2021"]).moment_ms[0] == parse_utc("2021-02-01")


def test_a_date_without_a_zone_is_utc_and_noted() -> None:
    times = read(["2021-06-10 15:30"])
    assert (times.zoned, times.notes) == (False, ("times carry no zone and were read as UTC",))


def test_a_named_zone_moves_dates_without_one() -> None:
    times = read(["2021-06-10 17:30"], zone="Europe/Berlin")
    assert times.moment_ms.tolist() == [MOMENT]
    assert times.notes == ("times carry no zone and were read as Europe/Berlin",)


def test_a_named_zone_leaves_dates_with_their_own_alone() -> None:
    times = read(["2021-06-10T15:30Z"], zone="Europe/Berlin")
    assert (times.moment_ms.tolist(), times.zoned, times.notes) == ([MOMENT], True, ())


@pytest.mark.parametrize("text", ["2021-10-31 02:30", "2021-03-28 02:30"])
def test_a_local_time_that_happens_twice_or_never_is_refused(text: str) -> None:
    with pytest.raises(AmbiguousInput, match="write the times in UTC"):
        read([text], zone="Europe/Berlin")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamps_of_arrow_are_read_in_every_unit(unit: str) -> None:
    column = pa.array([datetime(2021, 6, 10, 15, 30, tzinfo=UTC)], pa.timestamp(unit, "UTC"))
    assert read_times(RawTable("x", (column,)), 0).moment_ms.tolist() == [MOMENT]


def test_timestamps_without_a_zone_are_noted() -> None:
    times = read([datetime(2021, 6, 10, 15, 30)], pa.timestamp("ns"))  # noqa: DTZ001
    assert times.moment_ms.tolist() == [MOMENT]
    assert times.notes == ("times carry no zone and were read as UTC",)


def test_missing_times_are_known_to_be_missing() -> None:
    assert read(["2021-06-10", "null", ""]).known.tolist() == [True, False, False]


def test_dictionary_encoded_texts_are_read() -> None:
    column = pa.array(["2021-06-10 15:30Z"] * 2).dictionary_encode()
    assert read_times(RawTable("x", (column,)), 0).moment_ms.tolist() == [MOMENT, MOMENT]


def test_truth_values_are_no_times() -> None:
    with pytest.raises(UnreadableFile, match="holds bool"):
        read([True])


def test_a_clock_alone_is_no_time() -> None:
    with pytest.raises(UnreadableFile, match="holds time64"):
        read([datetime(2021, 6, 10, 15, 30).time()])  # noqa: DTZ001


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidSettings, match="is unknown: a name such as UTC"):
        check_time_zone(name)

"""When news became public: every way to write it is read, and what proves nothing is not guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.adapters.news.times import check_date_order, read_event_times
from forecasting.errors import AmbiguousInput, InvalidSettings
from forecasting.types import DAY_MS, parse_utc, utc_iso


def read(*cells, zone="UTC", order=None):
    return read_event_times("news.csv", cells, zone, order)


def moments(*cells, **options):
    times = read(*cells, **options)
    assert times.faults == {}
    return [utc_iso(moment) for moment in times.moment_ms.tolist()]


MOMENT = "2022-07-15T04:24:00Z"


@pytest.mark.parametrize(
    "cell",
    [
        "15-7-2022 04:24",
        "15/07/2022 4:24",
        "15.07.2022 04:24:00",
        "7/15/2022 04:24 AM",
        "2022-07-15 04:24",
        "2022-07-15T04:24:00.000Z",
        "2022-07-15T06:24:00+02:00",
        "20220715T042400",
        "20220715T042400Z",
        "20220715042400",
        "Fri, 15 Jul 2022 04:24:00 GMT",
        "Fri, 15 Jul 2022 00:24:00 -0400",
        "15 Jul 2022 04:24:00 +0000",
        "1657859040",
        "1657859040.0",
        "1657859040000",
        "1657859040000000",
        "1657859040000000000",
    ],
)
def test_a_moment_is_read_in_every_way_it_is_written(cell):
    assert moments(cell) == [MOMENT]


def test_epochs_and_dates_may_be_mixed():
    assert moments("1657859040", "2022-07-15 04:24", "1657859040000") == [MOMENT] * 3


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("5-7-2022 04:24", "13-7-2022 00:00"), "2022-07-05T04:24:00Z"),
        (("5-7-2022 04:24", "7-13-2022 00:00"), "2022-05-07T04:24:00Z"),
    ],
)
def test_one_date_proves_the_order_of_all(cells, expected):
    assert moments(*cells)[0] == expected


def test_dates_that_prove_no_order_are_refused_and_the_option_is_named():
    with pytest.raises(AmbiguousInput, match=r"'5-7-2022 04:24' do not prove .*--date-order day-first"):
        read("5-7-2022 04:24", "6-7-2022 04:24")


def test_dates_that_prove_both_orders_are_refused_and_both_are_named():
    with pytest.raises(
        AmbiguousInput, match=r"'13-7-2022 00:00' has the day first and '7-14-2022 00:00' the month"
    ):
        read("13-7-2022 00:00", "7-14-2022 00:00")


@pytest.mark.parametrize(
    ("order", "expected"), [("day-first", "2022-07-05T04:24:00Z"), ("month-first", "2022-05-07T04:24:00Z")]
)
def test_the_order_that_is_said_is_believed(order, expected):
    assert moments("5-7-2022 04:24", order=order) == [expected]


def test_a_date_that_contradicts_the_order_that_was_said_is_faulty():
    times = read("5-7-2022 04:24", "13-7-2022 00:00", order="month-first")
    assert list(times.faults) == [1]


def test_an_unknown_order_is_refused():
    assert check_date_order(None) is None
    with pytest.raises(InvalidSettings, match="one of day-first, month-first is needed"):
        check_date_order("DMY")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (None, "no time"),
        ("", "no time"),
        ("null", "'null' is no epoch and no date"),
        ("yesterday", "'yesterday' is no epoch"),
        ("31-2-2022 04:24", "no date between 2000 and 2100"),
        ("1999-12-31 23:59", "no date between 2000 and 2100"),
        ("2022-07-15 25:00", "is no epoch"),
        ("165785904", "is no epoch"),
        ("Fri, 15 Foo 2022 04:24:00 GMT", "is no epoch"),
    ],
)
def test_a_time_that_cannot_be_read_spoils_its_own_row_only(cell, reason):
    times = read("2022-07-15 04:24", cell, "2022-07-15 04:25")
    assert list(times.faults) == [1]
    assert reason in times.faults[1]
    assert times.moment_ms.tolist()[::2] == [parse_utc("2022-07-15 04:24"), parse_utc("2022-07-15 04:25")]
    assert times.moment_ms[1] == 0


def test_a_date_without_a_clock_stands_for_the_end_of_its_day():
    times = read("2022-07-15", "2022-07-15 00:00", "20220715", "2022-07-15 04")
    assert [utc_iso(each)[:13] for each in times.moment_ms.tolist()] == [
        "2022-07-16T00", "2022-07-15T00", "2022-07-16T00", "2022-07-16T04",
    ]  # fmt: skip
    assert "3 date(s) without a clock were put at the end of their day" in times.notes


def test_dates_without_a_zone_are_read_in_the_one_that_is_said():
    assert moments("2022-07-15 06:24", "2022-01-15T05:24:00Z", zone="Europe/Berlin") == [
        MOMENT,
        "2022-01-15T05:24:00Z",
    ]
    assert read("2022-07-15 06:24").notes == ("times carry no zone and were read as UTC",)
    assert read("2022-07-15 06:24Z", "1657859040").notes == ()


@pytest.mark.parametrize("cell", ["2022-10-30 02:30", "2022-03-27 02:30"])
def test_a_local_time_that_happens_twice_or_never_is_faulty(cell):
    times = read("2022-07-15 04:24", cell, zone="Europe/Berlin")
    assert "happens twice or never in Europe/Berlin" in times.faults[1]


@given(st.integers(parse_utc("2001-10-01") // 60_000, parse_utc("2099-12-01") // 60_000))
def test_no_writing_of_a_minute_is_read_as_an_earlier_one(minutes):
    moment = 60_000 * minutes
    iso = utc_iso(moment)
    day, month, year = iso[8:10], iso[5:7], iso[:4]
    cells = (
        iso,
        iso[:10],
        f"{day}-{month}-{year} {iso[11:16]}",
        str(moment // 1000),
        str(moment),
        f"{day}.{month}.{year}",
    )
    read_at = read(*cells, order="day-first").moment_ms
    assert set((read_at - moment)[[0, 2, 3, 4]].tolist()) == {0}
    assert all(0 < late <= DAY_MS for late in (read_at - moment)[[1, 5]].tolist())

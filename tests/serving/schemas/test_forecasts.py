from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from serving.schemas.forecasts import parse_moment


@given(st.datetimes(min_value=datetime(1970, 1, 3), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_a_moment_survives_the_way_to_text_and_back(moment):
    assert parse_moment(moment.isoformat()) == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        milliseconds=1
    )


@given(
    st.datetimes(min_value=datetime(1970, 1, 3), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_the_same_moment_in_another_zone_is_the_same_moment(moment, offset):
    elsewhere = moment.astimezone(timezone(timedelta(minutes=offset)))
    assert parse_moment(elsewhere.isoformat()) == parse_moment(moment.isoformat())


@pytest.mark.parametrize(
    "text", ["2025-09-19T22:00:00Z", "2025-09-19t22:00z", "2025-09-19 22:00:00.000999999+00:00"]
)
def test_usual_spellings_of_a_utc_moment_are_read(text):
    assert parse_moment(text) == 1_758_319_200_000


@pytest.mark.parametrize("text", ["2025-09-19", "2025-09-19T22:00:00", "2025-09-19 22:00"])
def test_a_moment_without_a_zone_is_told_to_send_one(text):
    with pytest.raises(PydanticCustomError, match="send UTC with a Z"):
        parse_moment(text)


@pytest.mark.parametrize(
    "value", [1_758_319_200, 1.5, True, "", "now", "1758319200", "2025-W38-5", "٢٠٢٥-09-19T22:00:00Z", []]
)
def test_what_is_no_iso_text_is_refused(value):
    with pytest.raises(PydanticCustomError, match="must be an ISO 8601 text"):
        parse_moment(value)


@pytest.mark.parametrize(
    "text",
    ["2025-02-30T00:00:00Z", "2025-01-01T25:00:00Z", "0000-01-01T00:00:00Z", "2025-01-01T00:00:00+99:00"],
)
def test_a_moment_that_no_calendar_has_is_refused(text):
    with pytest.raises(PydanticCustomError, match="no moment of the calendar"):
        parse_moment(text)


@pytest.mark.parametrize("text", ["1969-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59"])
def test_a_moment_before_the_epoch_is_refused(text):
    with pytest.raises(PydanticCustomError, match="1970"):
        parse_moment(text)


def test_the_last_moment_of_the_calendar_is_read_in_any_zone():
    assert parse_moment("9999-12-31T23:59:59-23:59") > parse_moment("9999-12-31T23:59:59Z")

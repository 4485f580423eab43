"""The moments of training."""

import pytest

from forecasting.adapters.live.schedule import scheduled_moments
from forecasting.errors import InvalidSettings
from forecasting.types import DAY_MS, parse_utc, utc_iso

NIGHTLY = "30 3 * * *"


def moments(cron, first, last, every_ms=None):
    return [utc_iso(each) for each in scheduled_moments(cron, parse_utc(first), parse_utc(last), every_ms)]


def test_a_schedule_names_its_moments_in_utc():
    assert moments("0 4 * * 1", "2025-01-01", "2025-01-20") == [
        "2025-01-06T04:00:00Z",
        "2025-01-13T04:00:00Z",
    ]


def test_the_first_moment_belongs_to_the_days_and_the_last_does_not():
    assert moments(NIGHTLY, "2025-01-01T03:30:00Z", "2025-01-02T03:30:00Z") == ["2025-01-01T03:30:00Z"]


def test_a_cadence_in_days_counts_from_the_first_scheduled_moment():
    found = moments(NIGHTLY, "2025-01-01", "2025-01-16", 7 * DAY_MS)
    assert found == ["2025-01-01T03:30:00Z", "2025-01-08T03:30:00Z", "2025-01-15T03:30:00Z"]


def test_days_without_a_scheduled_moment_are_refused():
    with pytest.raises(InvalidSettings, match="trains at no moment from 2025-01-02T00:00:00Z"):
        moments("0 5 1 * *", "2025-01-02", "2025-01-20")
    with pytest.raises(InvalidSettings, match="trains at no moment"):
        moments("0 5 1 * *", "2025-01-02", "2025-01-20", DAY_MS)


def test_what_is_no_schedule_is_refused():
    with pytest.raises(InvalidSettings, match=r"retrain_cron '99 3 \* \* \*' is no schedule"):
        moments("99 3 * * *", "2025-01-01", "2025-01-02")

"""A schedule that is accepted means the same to all who read it: the live simulation, and the scheduler."""

from datetime import UTC, datetime
from itertools import islice

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.cron import checked_cron
from forecasting.horizons import load_horizons

WORDS = (
    "*",
    "0",
    "5",
    "07",
    "12",
    "31",
    "59",
    "60",
    "*/2",
    "*/100",
    "1-5",
    "5-1",
    "1-1",
    "01-1",
    "1,2",
    "*,3",
    "0/5",
)
WORDS += (
    "1-9/3",
    "MON",
    "jan",
    "fri-7",
    "SAT-SUN",
    "MON#1",
    "L",
    "5L",
    "LW",
    "W",
    "",
    "-",
    "/",
    "1-2#3",
    "R",
    "?",
)
FIELDS = (
    st.just("*") | st.sampled_from(WORDS) | st.from_regex(r"[0-9]{1,2}([-,/][0-9]{1,2})?", fullmatch=True)
)


@pytest.fixture(scope="module")
def reader():
    """What the scheduler reads schedules by."""
    from prefect._vendor.croniter import croniter

    return croniter


@given(fields=st.lists(FIELDS, min_size=5, max_size=5))
@settings(max_examples=400, deadline=None)
def test_what_is_accepted_runs_at_the_same_moments_for_all_readers(reader, fields):
    cron = " ".join(fields)
    try:
        checked_cron(cron)
    except ValueError:
        return
    start = datetime(2026, 11, 21, tzinfo=UTC)
    theirs = reader(cron, start)
    assert list(islice(CronSim(cron, start), 3)) == [theirs.get_next(datetime) for _ in range(3)]


@pytest.mark.parametrize("name", load_horizons())
def test_every_shipped_schedule_is_accepted(name):
    cron = load_horizons()[name].retrain_cron
    assert checked_cron(cron) == cron


@pytest.mark.parametrize(
    "cron", ["*/15 * * * *", "0 5 L * *", "0 3 * * mon-fri", "0 0 29 2 *", "0 0 1,15 * 5"]
)
def test_the_plain_language_is_accepted(cron):
    assert checked_cron(cron) == cron


@pytest.mark.parametrize(
    "cron",
    [
        *("", "daily", "@daily", "0 3 * *", "0 3 * * * *", "0  3 * * *", " 0 3 * * *", "0 3 * * *\n"),
        *("60 3 * * *", "0 24 * * *", "0 3 30 2 *", "0 3 0 * *", "0 3 * * 8"),
        *("0 3 * 1-1 *", "0 3 * * 5L", "0 3 LW * *", "0 3 * * mon#1", "0 3 */2 * mon", "٣ 3 * * *"),
    ],
)
def test_what_is_none_or_means_different_things_is_refused(cron):
    with pytest.raises(ValueError, match="no schedule"):
        checked_cron(cron)

"""Events against the real suite through the real Great Expectations."""

from dataclasses import replace

import pytest

from forecasting.adapters.expectations.events import check_events
from forecasting.events import EventRecord
from forecasting.types import HOUR_MS, parse_utc
from tests.forecasting.adapters.expectations.suite_faults import (
    SUITES,
    demand_columns,
    expected_rows,
    failed,
    names,
    run,
    severities,
    with_faults,
)

SUITE = SUITES / "events.json"
FIRST_MS = parse_utc("2022-01-01")
NOW_MS = FIRST_MS + 50 * HOUR_MS
ROW_FAULTS = {
    "not_from_the_future": ("future_ms", 1),
    "since_there_are_markets": ("timestamp_ms", 1_640_995_200),
    "source_named": ("source", " "),
    "symbols_known": ("symbols", "btc"),
    "told_once": ("twins", 1),
    "title_there": ("title", None),
    "url_there": ("url", None),
}
SCHEMA = {"columns_in_order", "timestamp_ms_is_a_number", "ai_related_is_yes_or_no"}


def told(count: int = 20) -> list[EventRecord]:
    return [
        EventRecord(
            FIRST_MS + number * HOUR_MS,
            "wire",
            f"headline {number}",
            f"https://example.org/news/{number}",
            ("BTC", "ETH/USDT") if number % 2 else (),
            number % 3 == 0,
            "markets",
        )
        for number in range(count)
    ]


def failing(records) -> dict[str, list[int]]:
    return failed(check_events(records, SUITE, NOW_MS).run)


@pytest.fixture(scope="module")
def table():
    return check_events(told(), SUITE, NOW_MS).table


def test_sound_events_pass():
    report = check_events(told(), SUITE, NOW_MS).report
    assert (report.success, report.failed("warn"), report.rows, report.subject) == (True, (), 20, "events")


def test_each_check_of_the_suite_has_a_planted_fault():
    assert set(ROW_FAULTS) | SCHEMA == names("events")


def test_each_check_finds_its_own_row_and_no_other(table):
    assert failed(run("events", with_faults(table, ROW_FAULTS))) == expected_rows(ROW_FAULTS)


def test_the_suite_and_the_table_agree_on_the_columns(table):
    demand_columns("events", table)


def test_columns_of_another_kind_are_found(table):
    text = table.astype({"timestamp_ms": "str", "ai_related": "str"})[table.columns[::-1]]
    assert set(failed(run("events", text))) >= SCHEMA


def test_what_is_missing_or_told_twice_is_a_warning_and_the_rest_takes_the_event_out():
    warnings = {name for name, severity in severities("events").items() if severity == "warning"}
    assert warnings == {"told_once", "title_there", "url_there"}
    assert names("events", "row") == set(ROW_FAULTS)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"timestamp_ms": NOW_MS + 1}, "not_from_the_future"),
        ({"timestamp_ms": FIRST_MS // 1000}, "since_there_are_markets"),
        ({"source": ""}, "source_named"),
        ({"symbols": ("BTC", "eth")}, "symbols_known"),
        ({"symbols": ("BTC-USD",)}, "symbols_known"),
        ({"title": ""}, "title_there"),
        ({"url": "  "}, "url_there"),
        ({"url": "https://www.example.org/news/3"}, "told_once"),
    ],
)
def test_a_fault_is_found_in_its_event(change, check):
    records = told()
    records[7] = replace(records[7], **change)
    assert failing(records) == {check: [3, 7] if check == "told_once" else [7]}


def test_an_event_published_now_is_not_from_the_future():
    assert failing([replace(told()[0], timestamp_ms=NOW_MS)]) == {}


def test_a_derivative_is_a_market_that_an_event_may_concern():
    assert failing([replace(told()[0], symbols=("BTC/USDT:USDT",))]) == {}


def test_no_events_at_all_are_no_fault():
    assert failing([]) == {}


def test_an_event_is_named_by_its_moment_and_quoted():
    records = [replace(told()[0], source="")]
    (check,) = check_events(records, SUITE, NOW_MS).report.failed("stop")
    assert check.explanation == "2022-01-01T00:00:00Z (row 0): source , title headline 0"


def test_equal_events_have_equal_fingerprints_at_any_moment():
    prints = [
        check_events(told(count), SUITE, moment).report.fingerprint
        for count, moment in ((20, NOW_MS), (20, NOW_MS - 40 * HOUR_MS), (19, NOW_MS))
    ]
    assert prints[0] == prints[1] != prints[2]
